"""The label layers of a picture file as they read back, and whether they name the same asset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from contentfab.protocols import Signer, Watermark
from contentfab.records.labels import LayerReading
from contentfab.records.places import Box
from contentfab.rules.labels import xmp
from contentfab.rules.labels.payload import payload_matches
from contentfab.rules.labels.visible_label import visible_fault
from contentfab.rules.pixels.picture_files import decode

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture


def read_layers(
    data: bytes,
    watermark: Watermark | None,
    signer: Signer | None = None,
    *,
    visible: str = "",
    visible_box: Box | None = None,
    min_height: float = 0.0,
) -> tuple[LayerReading, ...]:
    """What each layer of a picture file says: visible, metadata, watermark, c2pa. A layer whose
    box, watermark or signer is not given is not_checked. InputError when `data` is no picture."""
    pixels, media_type = decode(data)
    packet = xmp.read(data)
    return (
        _visible(pixels, visible, visible_box, min_height),
        LayerReading("metadata", packet.state, packet.detail, packet.identifier, packet.values),
        watermark.detect(pixels)
        if watermark
        else LayerReading("watermark", "not_checked", "no invisible mark was asked for"),
        signer.verify(data, media_type)
        if signer
        else LayerReading("c2pa", "not_checked", "no signature was asked for"),
    )


def disagreements(layers: Sequence[LayerReading], asset_id: str) -> list[str]:
    """One sentence for each layer that names another asset than `asset_id`."""
    faults = []
    for layer in layers:
        if layer.layer == "watermark" and layer.id:
            if not payload_matches(bytes.fromhex(layer.id), asset_id):
                faults.append(f"the invisible mark {layer.id} does not belong to asset {asset_id}")
        elif layer.layer == "metadata" and layer.id and layer.id != asset_id:
            faults.append(f"the metadata names asset {layer.id}, not {asset_id}")
        elif layer.layer == "c2pa" and layer.id and layer.id != asset_id:
            faults.append(f"the C2PA signature names asset {layer.id}, not {asset_id}")
    return [*faults, *_unbound(layers)]


def _unbound(layers: Sequence[LayerReading]) -> list[str]:
    """Whether signature and invisible mark belong together: the soft binding is the payload."""
    read = {layer.layer: layer for layer in layers}
    bound = read["c2pa"].values.get("soft_binding") if "c2pa" in read else ""
    mark = read["watermark"].id if "watermark" in read else ""
    if bound and mark and bound != mark:
        return [f"the C2PA signature is bound to the mark {bound}, but the picture carries {mark}"]
    return []


def _visible(pixels: Picture, text: str, box: Box | None, min_height: float) -> LayerReading:
    if not text:
        return LayerReading("visible", "not_checked", "nothing says where the label should be")
    if box is None:
        return LayerReading("visible", "not_checked", "the label's place is not known")
    fault = visible_fault(pixels, text, box, min_height)
    values = {"text": text, "box": list(box), "min_height": min_height}
    if fault:
        return LayerReading("visible", "invalid", fault, values=values)
    return LayerReading("visible", "valid", "text of the right height stands there", values=values)
