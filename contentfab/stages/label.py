"""Stage `label`: invisible mark, metadata, and every layer read back from the final bytes.

The visible label is already in the layout when a poster comes here. Order: mark the pixels, encode
with one XMP packet, sign if there is a signer, decode, read all layers, compare their ids. A layer
that does not read back is a LabelError; nothing leaves unlabelled. Never removes a label. Knows no
disk, no clock and no backend's inside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from contentfab import __version__
from contentfab.errors import InputError, LabelError
from contentfab.protocols import Signer, Watermark
from contentfab.records.labels import LabelledFile, LabelRequest, LayerReading
from contentfab.records.places import Box
from contentfab.rules import xmp, xmp_merge
from contentfab.rules.aigc import aigc_record
from contentfab.rules.drawn_label import DrawnLabel
from contentfab.rules.keys import canonical
from contentfab.rules.labels import label_text
from contentfab.rules.payload import payload_for, payload_matches
from contentfab.rules.picture_files import decode, encode, steps
from contentfab.rules.project_keys import INIT
from contentfab.rules.signed_claim import picture_claim
from contentfab.rules.visible_label import visible_fault

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

VERSION = "1"
UNSIGNED = f"not signed: the project has no keys ({INIT} makes them)"
COPY_FORMAT = "contentfab-copy/1"
COPY_ADDED = ("AIGC", "ai_generated", "format", "id", "label")


def label(
    requests: Sequence[LabelRequest],
    watermark: Watermark,
    signer: Signer | None = None,
    *,
    foreign: bool = False,
) -> list[LabelledFile]:
    """Final bytes of each picture, in order. LabelError names the picture and the layer.

    `foreign` says that the pictures were not composed here: each is then searched for an older
    mark first (about half a second per megapixel), and refused if it has one."""
    if foreign:
        for request in requests:
            _refuse_marked(request, watermark)
    return [_label(request, watermark, signer) for request in requests]


def asset_id(pixels: Picture, metadata: Mapping[str, Any]) -> str:
    """Id of a picture: 32 hex digits of sha256 over shape, pixels before marking, and metadata."""
    digest = hashlib.sha256(f"{pixels.shape}\n{canonical(metadata)}\n".encode())
    digest.update(pixels.tobytes())
    return digest.hexdigest()[:32]


def copy_id(record: Mapping[str, Any]) -> str:
    """Id of copy: 32 hex digits of sha256 over its canonical JSON."""
    return hashlib.sha256(canonical(record).encode()).hexdigest()[:32]


def copy_file(
    asset_id: str,
    record: Mapping[str, Any],
    *,
    locale: str,
    producer: str = "contentfab",
    jurisdictions: Iterable[str] = ("default",),
    uses_ai: bool = True,
    labelled: bool = True,
) -> bytes:
    """A copy asset as canonical JSON: `record` plus id, format, locale and `ai_generated` (whether
    a model wrote it), and, when `labelled`, the visible `label` and the `AIGC` record. Text is
    left as it is: no invisible characters are put in."""
    document = {
        **record,
        "ai_generated": uses_ai,
        "format": COPY_FORMAT,
        "id": asset_id,
        "locale": locale,
    }
    if labelled:
        document["label"] = label_text(locale, jurisdictions)
        document["AIGC"] = aigc_record(producer, asset_id)
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode()


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


def _label(request: LabelRequest, watermark: Watermark, signer: Signer | None) -> LabelledFile:
    labelled = request.provenance.uses_ai or bool(request.visible)
    if labelled and not (request.visible and request.visible_box):
        raise LabelError(
            f"{request.key}: the visible label is missing from the layout",
            hint="the layout must draw the label text and report its box",
        )
    keys = signer if signer and getattr(signer, "can_sign", True) else None
    pixels = request.pixels
    if labelled:
        pixels = watermark.embed(pixels, payload_for(request.asset_id))
    claims, origin = _claims(request, labelled, signed=keys is not None), request.origin
    if origin and origin.signed and not keys:
        raise LabelError(
            f"{request.key}: the picture is signed with C2PA, which would be lost without keys",
            hint=f"{INIT} makes them; then its history is kept",
        )
    packet = xmp_merge.merge(origin.xmp, claims, origin.aigc) if origin else xmp.build(claims)
    data = _encode(request, pixels, packet)
    if keys:
        claim = picture_claim(request, watermark if labelled else None)
        data = keys.sign(data, request.media_type, claim)
    layers = read_layers(
        data,
        watermark if labelled else None,
        keys,
        visible=request.visible,
        visible_box=request.visible_box,
        min_height=request.visible_min_height,
    )
    if signer and not keys:
        layers = (*layers[:-1], LayerReading("c2pa", "absent", UNSIGNED))
    _check(request, layers, labelled, signed=keys is not None)
    height, width = pixels.shape[:2]
    return LabelledFile(
        request.key, request.asset_id, data, request.media_type, width, height, layers
    )


def _check(
    request: LabelRequest, layers: tuple[LayerReading, ...], labelled: bool, signed: bool
) -> None:
    required = ("visible", "metadata", "watermark") if labelled else ("metadata",)
    for layer in layers:
        # A signature is whole even where its signer is not known: it is still the signer's own.
        trusted = ("valid", "untrusted") if layer.layer == "c2pa" else ("valid",)
        needed = layer.layer in required or (layer.layer == "c2pa" and signed)
        if needed and layer.state not in trusted:
            raise LabelError(
                f"{request.key}: label layer {layer.layer} does not read back"
                f" ({layer.state}): {layer.detail}",
                hint=_HINTS.get(layer.layer, ""),
            )
    faults = disagreements(layers, request.asset_id)
    if faults:
        raise LabelError(f"{request.key}: {faults[0]}", hint="report this as a bug")


def _refuse_marked(request: LabelRequest, watermark: Watermark) -> None:
    """Two marks in one picture spoil each other."""
    before = watermark.detect(request.pixels)
    if before.state != "absent":
        raise LabelError(
            f"{request.key}: the picture already carries the invisible mark {before.id or '?'}",
            hint="it is labelled already; contentfab verify shows its label",
        )


_HINTS = {
    "visible": "give the label more contrast or size in the layout",
    "watermark": "raise --set watermark.strength=1.3, or the placement's max_bytes",
    "metadata": "report this as a bug, with the campaign's label section",
    "c2pa": "contentfab keys show tells what the certificate is",
}


def _claims(request: LabelRequest, labelled: bool, signed: bool) -> xmp.Claims:
    made = request.provenance
    height, width = request.pixels.shape[:2]
    layers = ["visible", "metadata", "watermark"] if labelled else ["metadata"]
    box = request.visible_box
    drawn = DrawnLabel(request.visible, box, width, height).stored() if box and labelled else ""
    return xmp.Claims(
        asset_id=request.asset_id,
        digital_source_type=made.digital_source_type,
        create_date=request.created,
        creator_tool=f"contentfab {__version__}",
        ai_system=made.model,
        ai_system_version=made.model_revision,
        producer=request.producer if labelled else "",
        visible_label=drawn,
        label_layers=" ".join([*layers, "c2pa"] if signed else layers),
    )


def _encode(request: LabelRequest, pixels: Picture, packet: str) -> bytes:
    """The best encoding that fits into `max_bytes` (0 means no limit)."""
    form, limit = request.media_type, request.max_bytes
    try:
        last = steps(form) - 1
    except InputError as error:
        raise LabelError(f"{request.key}: {error}", hint=error.hint) from None
    write = partial(encode, pixels, form, packet, origin=request.origin)
    data = write()
    if not limit or len(data) <= limit:
        return data
    data, low = write(step=last), 1
    if len(data) > limit:
        other = "" if form == "image/jpeg" else ", or write it as JPEG (format: jpeg)"
        raise LabelError(
            f"{request.key}: the smallest {form} has {len(data):,} bytes,"
            f" the placement allows {limit:,}",
            hint=f"raise the placement's max_bytes{other}",
        )
    while low < last:  # sizes fall with each step; `data` is always the encoding of `last`
        middle = (low + last) // 2
        tried = write(step=middle)
        if len(tried) <= limit:
            data, last = tried, middle
        else:
            low = middle + 1
    return data


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
