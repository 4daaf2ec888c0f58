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
from contentfab.errors import LabelError
from contentfab.protocols import Signer, Watermark
from contentfab.records.labels import LabelledFile, LabelRequest, LayerReading
from contentfab.rules.keys import canonical
from contentfab.rules.labels import xmp, xmp_merge
from contentfab.rules.labels.aigc import aigc_record
from contentfab.rules.labels.drawn_label import DrawnLabel
from contentfab.rules.labels.layers import disagreements, read_layers
from contentfab.rules.labels.payload import payload_for
from contentfab.rules.labels.project_keys import INIT
from contentfab.rules.labels.signed_claim import picture_claim
from contentfab.rules.labels.words import label_text, too_small_for_mark
from contentfab.rules.pixels.encoding import within
from contentfab.rules.pixels.picture_files import encode

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

VERSION = "2"
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


def _label(request: LabelRequest, watermark: Watermark, signer: Signer | None) -> LabelledFile:
    labelled = request.provenance.uses_ai or bool(request.visible)
    if labelled and not (request.visible and request.visible_box):
        raise LabelError(
            f"{request.key}: the visible label is missing from the layout",
            hint="the layout must draw the label text and report its box",
        )
    keys = signer if getattr(signer, "can_sign", True) else None
    unmarked = _unmarked(request, signed=keys is not None) if labelled else ""
    mark = watermark if labelled and not unmarked else None
    pixels = mark.embed(request.pixels, payload_for(request.asset_id)) if mark else request.pixels
    needed = ["visible", "metadata", "watermark"] if labelled else ["metadata"]
    needed = [name for name in needed if mark or name != "watermark"]
    packet = _packet(request, [*needed, "c2pa"] if keys else needed, labelled)
    finish = partial(keys.sign, claim=picture_claim(request, mark)) if keys else _as_it_is

    def write(media_type: str, setting: int) -> bytes:
        return encode(pixels, media_type, packet, setting, request.origin)

    refused: LabelError | None = None
    smallest: dict[str, int] = {}
    kinds = (request.media_type, *request.formats)
    for data, media_type in within(write, finish, kinds, request.max_bytes, smallest):
        layers = _read_back(request, data, mark, keys)
        if unmarked:
            layers = _instead(layers, LayerReading("watermark", "absent", unmarked))
        if signer and not keys:
            layers = _instead(layers, LayerReading("c2pa", "absent", UNSIGNED))
        refused = _fault(request, layers, needed, signed=keys is not None)
        if refused is None:
            height, width = pixels.shape[:2]
            return LabelledFile(
                request.key, request.asset_id, data, media_type, width, height, layers
            )
    raise refused or _too_large(request, smallest)


def _unmarked(request: LabelRequest, signed: bool) -> str:
    """Why a picture that was composed here goes without the invisible mark; "" when it does not."""
    height, width = request.pixels.shape[:2]
    reason = too_small_for_mark(width, height) if request.origin is None else ""
    if reason and not signed:
        raise LabelError(
            f"{request.key}: {reason}, so it must be signed, and this project has no keys",
            hint=f"{INIT} makes them; or use a larger placement",
        )
    return reason


def _packet(request: LabelRequest, layers: list[str], labelled: bool) -> str:
    claims, origin = _claims(request, layers, labelled), request.origin
    if origin and origin.signed and "c2pa" not in layers:
        raise LabelError(
            f"{request.key}: the picture is signed with C2PA, which would be lost without keys",
            hint=f"{INIT} makes them; then its history is kept",
        )
    return xmp_merge.merge(origin.xmp, claims, origin.aigc) if origin else xmp.build(claims)


def _as_it_is(data: bytes, _: str) -> bytes:
    return data


def _read_back(
    request: LabelRequest, data: bytes, mark: Watermark | None, keys: Signer | None
) -> tuple[LayerReading, ...]:
    return read_layers(
        data,
        mark,
        keys,
        visible=request.visible,
        visible_box=request.visible_box,
        min_height=request.visible_min_height,
    )


def _instead(layers: tuple[LayerReading, ...], reading: LayerReading) -> tuple[LayerReading, ...]:
    return tuple(reading if layer.layer == reading.layer else layer for layer in layers)


def _fault(
    request: LabelRequest, layers: tuple[LayerReading, ...], required: Sequence[str], signed: bool
) -> LabelError | None:
    """What does not read back as it should."""
    for layer in layers:
        # A signature is whole even where its signer is not known: it is still the signer's own.
        trusted = ("valid", "untrusted") if layer.layer == "c2pa" else ("valid",)
        needed = layer.layer in required or (layer.layer == "c2pa" and signed)
        if needed and layer.state not in trusted:
            return LabelError(
                f"{request.key}: label layer {layer.layer} does not read back"
                f" ({layer.state}): {layer.detail}",
                hint=_HINTS.get(layer.layer, ""),
            )
    faults = disagreements(layers, request.asset_id)
    if faults:
        return LabelError(f"{request.key}: {faults[0]}", hint="report this as a bug")
    return None


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


def _claims(request: LabelRequest, layers: list[str], labelled: bool) -> xmp.Claims:
    made = request.provenance
    height, width = request.pixels.shape[:2]
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
        label_layers=" ".join(layers),
    )


def _too_large(request: LabelRequest, smallest: Mapping[str, int]) -> LabelError:
    sizes = ", ".join(f"{kind} has {size:,} bytes" for kind, size in smallest.items())
    other = "" if "image/jpeg" in smallest else ", or write it as JPEG (format: jpeg)"
    return LabelError(
        f"{request.key}: the smallest {sizes}, the placement allows {request.max_bytes:,}",
        hint=f"raise the placement's max_bytes{other}",
    )
