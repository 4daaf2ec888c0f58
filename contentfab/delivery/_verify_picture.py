"""Verifies one picture: reads its four layers and says which is wrong, how, and whether they agree.

The visible label's place comes from a manifest or from the picture's own packet
(`rules/labels/drawn_label.py`); without either it is not guessed but said to be not checked.
"""

from __future__ import annotations

from collections.abc import Mapping

from contentfab.delivery._verify_expect import demand
from contentfab.delivery._verify_result import WHOLE, Expected, FileResult, Readers
from contentfab.errors import InputError
from contentfab.records.labels import LayerReading
from contentfab.records.places import Box
from contentfab.rules.labels import xmp
from contentfab.rules.labels.aigc_copies import other_copies
from contentfab.rules.labels.drawn_label import DrawnLabel, parse_drawn
from contentfab.rules.labels.layers import disagreements, read_layers
from contentfab.rules.labels.words import is_label, min_height_fraction, too_small_for_mark
from contentfab.rules.pixels.picture_files import size_of

_AI_SOURCES = (
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "compositeSynthetic",
)
_NOT_MADE = (
    "digitalCapture", "computationalCapture", "multiFrameComputationalCapture", "negativeFilm",
    "positiveFilm", "print", "screenCapture", "humanEdits", "minorHumanEdits", "digitalArt",
    "compositeCapture",
)  # fmt: skip


def verify_picture(
    result: FileResult, data: bytes, media_type: str, readers: Readers, expected: Expected
) -> None:
    """Adds to `result` what the picture in `data` says and what is wrong with it."""
    packet = xmp.read(data)
    metadata = LayerReading(
        "metadata", packet.state, packet.detail, packet.identifier, packet.values
    )
    try:
        result.size = size_of(data)
        text, box, moved = _place(data, packet.values, expected)
        layers = read_layers(
            data,
            readers.watermark,
            readers.signer,
            visible=text,
            visible_box=box,
            min_height=_least_height(expected),
        )
    except InputError as error:
        result.fault("file", str(error))
        result.show(metadata, *_signature_alone(result, data, media_type, readers))
        return
    read = {layer.layer: layer for layer in layers}
    if moved:
        read["visible"] = LayerReading("visible", "invalid", moved, values={"text": text})
    read["metadata"] = _one_record(read["metadata"], data)
    result.show(*read.values())
    _judge(result, read, expected)
    _compare(result, read, expected)


def _signature_alone(
    result: FileResult, data: bytes, media_type: str, readers: Readers
) -> list[LayerReading]:
    """What the signature says of a file whose pixels cannot be read: that it was changed, say."""
    if readers.signer is None:
        return []
    reading = readers.signer.verify(data, media_type)
    if reading.state == "invalid":
        result.fault("c2pa", reading.detail)
    return [reading]


def _place(
    data: bytes, values: Mapping[str, object], expected: Expected
) -> tuple[str, Box | None, str]:
    """Words and box of the visible label, and why it cannot be where it was drawn."""
    stored = str(values.get("visible_label", ""))
    drawn = parse_drawn(stored) if stored else None
    if expected.visible:
        return expected.visible, expected.visible_box, _moved(drawn, expected)
    if not stored:
        return "", None, ""
    if drawn is None or not is_label(drawn.text):
        return stored[:80], None, "what the metadata says of the visible label is no label of ours"
    width, height = size_of(data)
    box = drawn.scaled(width, height)
    if box is None:
        size = f"{drawn.width} x {drawn.height}", f"{width} x {height}"
        return (
            drawn.text,
            None,
            f"it was drawn on {size[0]}; the picture was cut to {size[1]} since",
        )
    return drawn.text, box, ""


def _moved(drawn: DrawnLabel | None, expected: Expected) -> str:
    """Whether manifest and packet tell of two labels."""
    box = expected.visible_box
    if drawn is None or box is None or (drawn.text, drawn.box) == (expected.visible, box):
        return ""
    told = f"the manifest says {expected.visible!r} at {tuple(box)}"
    return f"{told}, the file {drawn.text!r} at {tuple(drawn.box)}"


def _least_height(expected: Expected) -> float:
    if expected.min_height or not expected.jurisdictions:
        return expected.min_height
    return min_height_fraction(expected.jurisdictions)


def _one_record(metadata: LayerReading, data: bytes) -> LayerReading:
    """The metadata, invalid when the AIGC record stands in the file more than once."""
    places = other_copies(data)
    inside = 1 if "aigc" in metadata.values else 0
    if metadata.state == "invalid" or not places:
        return metadata
    values = metadata.values
    if inside + len(places) == 1:
        detail = f"{metadata.detail}; its AIGC record stands in {places[0]}, not in the XMP packet"
        return LayerReading("metadata", "invalid", detail, metadata.id, values)
    where = [*(["the XMP packet"] if inside else []), *places]
    detail = f"the AIGC record is there {len(where)} times ({', '.join(where)}), not once"
    return LayerReading("metadata", "invalid", detail, metadata.id, values)


def _judge(result: FileResult, read: dict[str, LayerReading], expected: Expected) -> None:
    metadata, mark, signature = read["metadata"], read["watermark"], read["c2pa"]
    labelled = _is_labelled(read, expected)
    bare = all(layer.state in ("absent", "not_checked") for layer in (metadata, mark, signature))
    if bare:
        result.fault(
            "file", "the file carries no AI label: no metadata, invisible mark or signature"
        )
        if not expected.labelled:
            return
    if labelled:
        demand(result, read, expected)
    else:
        for layer in (metadata, mark, signature):
            if layer.state == "invalid" or (layer is metadata and layer.state != "valid"):
                result.fault(layer.layer, layer.detail)
    if metadata.state == "absent" and (mark.id or signature.state in WHOLE):
        left = f"the invisible mark {mark.id}" if mark.id else "the C2PA signature"
        result.fault("metadata", f"the metadata was stripped, but {left} is still there")
    source = _source(metadata)
    if mark.state in WHOLE and source in _NOT_MADE:
        result.fault("metadata", f"it says {source}, but the picture carries an AI mark")
    for layer in read.values():
        if layer.state == "untrusted" or layer.values.get("note"):
            note = layer.values.get("note") or layer.detail
            result.notes.append(f"{layer.layer}: {note}")
    if read["visible"].state == "not_checked":
        result.notes.append(f"visible: not checked, {read['visible'].detail}")


def _compare(result: FileResult, read: dict[str, LayerReading], expected: Expected) -> None:
    """Whether the layers name one asset and tell one story."""
    metadata, mark, signature = read["metadata"], read["watermark"], read["c2pa"]
    asset = expected.asset_id or metadata.id or signature.id
    faults = disagreements(tuple(read.values()), asset) if asset else []
    signed = str(signature.values.get("digital_source_type", ""))
    stated = str(metadata.values.get("digital_source_type", ""))
    if signed and stated and signed != stated:
        faults.append(f"the metadata says {_short(stated)}, the C2PA signature {_short(signed)}")
    if expected.source_type and stated and _short(stated) != expected.source_type:
        faults.append(f"the metadata says {_short(stated)}, the manifest {expected.source_type}")
    for sentence in faults:
        result.fault("agree", sentence)
    marked = _is_labelled(read, expected) and not too_small_for_mark(*result.size)
    needed = (metadata, mark) if marked else (metadata,)
    result.agree = not faults and all(layer.id for layer in needed)


def _is_labelled(read: Mapping[str, LayerReading], expected: Expected) -> bool:
    """Whether the file must have the whole label: it says so, its mark or signature does, or it
    lost the metadata that would say; never less because somebody took a layer out."""
    metadata = read["metadata"]
    return bool(
        expected.labelled
        or metadata.state != "valid"
        or "aigc" in metadata.values
        or "watermark" in str(metadata.values.get("label_layers", ""))
        or bool(read["watermark"].id)
        or _source(metadata) in _AI_SOURCES
        or _source(read["c2pa"]) in _AI_SOURCES
    )


def _source(layer: LayerReading) -> str:
    return _short(str(layer.values.get("digital_source_type", "")))


def _short(source: str) -> str:
    return source.removeprefix(xmp.SOURCE_TYPE_BASE)
