"""Which layers a file must have, and whether it has them.

Asked for by the file itself (its packet names the layers that it was given), by a manifest, by
the jurisdictions it must meet, and by what contentfab gives everything that it labels. A layer that
is needed and could not be checked is a fault: a gate that guesses is none.
"""

from __future__ import annotations

from collections.abc import Mapping

from contentfab.delivery._verify_result import LAYERS, WHOLE, Expected, FileResult
from contentfab.records.labels import LayerReading
from contentfab.rules.labels.drawn_label import parse_drawn
from contentfab.rules.labels.words import (
    asks_for_signature,
    metadata_needed,
    too_small_for_mark,
    wording_faults,
)
from contentfab.rules.wording.text_tokens import VERY_SHORT, about_tokens

_GONE = "the file says that it had this layer when it was labelled, and now it has not"


def demand(result: FileResult, read: Mapping[str, LayerReading], expected: Expected) -> None:
    """Adds a fault for every layer of a labelled picture that is needed and not whole."""
    declared = str(read["metadata"].values.get("label_layers", "")).split()
    for layer in LAYERS:
        reading = read[layer]
        if reading.state in WHOLE:
            continue
        if layer == "watermark" and _goes_unmarked(read, declared, result.size):
            result.notes.append(f"watermark: {too_small_for_mark(*result.size)}")
            continue
        who = _who_asks(layer, declared, expected)
        if reading.state == "invalid":
            result.fault(layer, reading.detail)
        elif who:
            result.fault(layer, f"{reading.detail or reading.state}; {who}")
    _contents(result, read, expected)


def _goes_unmarked(
    read: Mapping[str, LayerReading], declared: list[str], size: tuple[int, int]
) -> bool:
    """Whether a picture of `size` rightly has no invisible mark: it was made smaller than a mark
    can be, which its packet says and its pixels show, and every other layer is whole."""
    drawn = parse_drawn(str(read["metadata"].values.get("visible_label", "")))
    if drawn is None or (drawn.width, drawn.height) != size or not too_small_for_mark(*size):
        return False
    others = all(read[name].state in WHOLE for name in LAYERS if name != "watermark")
    bound = read["c2pa"].values.get("soft_binding")
    absent = read["watermark"].state == "absent" and "watermark" not in declared
    return others and absent and not bound


def demand_signature(result: FileResult, reading: LayerReading, text: str, told: Expected) -> None:
    """The same for the signature of a copy file, which lies beside it. The EU's Code of Practice
    leaves out very short text."""
    if reading.state == "invalid":
        result.fault("c2pa", reading.detail)
    elif reading.state not in WHOLE:
        names = asks_for_signature(told.jurisdictions) if about_tokens(text) >= VERY_SHORT else []
        if told.signed:
            result.fault("c2pa", f"{reading.detail}; the manifest says that the file was signed")
        elif names:
            result.fault("c2pa", f"{reading.detail}; {', '.join(names)} asks for signed metadata")


def _who_asks(layer: str, declared: list[str], expected: Expected) -> str:
    """Why a layer is needed, as the end of a sentence; "" when it is not."""
    if layer in declared:
        return _GONE
    if layer == "c2pa":
        if expected.signed:
            return "the manifest says that the file was signed"
        names = asks_for_signature(expected.jurisdictions)
        return f"{', '.join(names)} asks for signed metadata" if names else ""
    if layer == "visible":
        if expected.visible:
            return "the manifest says that the picture has one"
        names = list(expected.jurisdictions)
        return f"{', '.join(names)} asks for a visible label" if names else ""
    return "everything that contentfab labels has it"


def _contents(result: FileResult, read: Mapping[str, LayerReading], expected: Expected) -> None:
    metadata, visible = read["metadata"], read["visible"]
    needed = metadata_needed(expected.jurisdictions)
    if read["watermark"].id:
        needed = sorted({*needed, "aigc"})  # both are written together, or not at all
    if metadata.state == "valid":
        for name in needed:
            if not metadata.values.get(name):
                result.fault("metadata", f"the {name} record is missing")
    text = visible.values.get("text") or expected.visible
    if text:
        for fault in wording_faults(str(text), expected.jurisdictions, person=expected.person):
            result.fault("visible", fault)
