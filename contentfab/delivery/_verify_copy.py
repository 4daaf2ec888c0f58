"""Verifies one copy file: its label, its AIGC record, its signature, and that the text is the one
labelled. JSON, CSV, Markdown and plain text; the signature lies beside it in a `.c2pa` sidecar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contentfab.delivery._verify_expect import demand_signature
from contentfab.delivery._verify_result import WHOLE, Expected, FileResult, Readers, load_json
from contentfab.errors import InputError
from contentfab.records.labels import LayerReading
from contentfab.rules.labels import copy_forms, xmp
from contentfab.rules.labels.aigc import aigc_fault
from contentfab.rules.labels.words import is_label, wording_faults
from contentfab.rules.wording.hidden_text import hidden_characters
from contentfab.stages.label import COPY_ADDED, COPY_FORMAT, copy_id

MAX_TEXT = 4 * 1024 * 1024
TEXT_READERS: Mapping[str, Callable[[str], Any]] = {
    "text/csv": copy_forms.read_csv,
    "text/markdown": copy_forms.read_markdown,
    "text/plain": lambda text: [copy_forms.read_text(text)],
}
_MANY = 5  # rows with faults that are named one by one


def verify_copy(
    result: FileResult,
    data: bytes,
    media_type: str,
    sidecar: bytes | None,
    readers: Readers,
    expected: Expected,
) -> None:
    """Adds to `result` what the copy file in `data` says and what is wrong with it."""
    try:
        if len(data) > MAX_TEXT:
            raise InputError(f"a copy file has at most {MAX_TEXT:,} bytes")
        rows = _rows(data, media_type)
    except InputError as error:
        result.fault("file", str(error))
        return
    except UnicodeError:  # bytes that are no UTF-8, or escapes of half a character
        result.fault("file", "the file is not UTF-8 text")
        return
    readings = [_read_row(row, media_type) for row in rows]
    visible, metadata = (_together(list(layers)) for layers in zip(*readings, strict=True))
    signature = _signature(data, media_type, sidecar, readers)
    result.show(visible, metadata, signature)
    for number, (row, layers) in enumerate(zip(rows, readings, strict=True), 1):
        where = f"row {number}: " if len(rows) > 1 else ""
        for part, sentence in _row_faults(row, layers, expected):
            if number <= _MANY or len(result.faults) < _MANY:
                result.fault(part, where + sentence)
    texts = "\n".join(text for row in rows for text in copy_forms.texts_of(row).values())
    if hidden := hidden_characters(texts):
        result.fault("file", f"the text holds characters that nobody sees: {', '.join(hidden[:5])}")
    demand_signature(result, signature, texts, expected)
    own = rows[0].get("asset") if len(rows) == 1 else None
    if own and signature.id and signature.state in WHOLE and own != signature.id:
        result.fault("agree", f"the C2PA signature names asset {signature.id}, not {own}")
    if signature.state == "untrusted":
        result.notes.append(f"c2pa: {signature.detail}")
    result.agree = all(part in ("visible", "c2pa") for part, _ in result.faults)


def _rows(data: bytes, media_type: str) -> list[dict[str, Any]]:
    """The copy in a file, as rows of `rules/labels/copy_forms.py`; at least one."""
    if media_type == "application/json":
        return [_json_row(load_json(data))]
    rows: list[dict[str, Any]] = TEXT_READERS[media_type](data.decode("utf-8"))
    if not rows:
        raise InputError("the table has a heading, but no copy")
    if media_type == "text/plain":
        return rows
    return [{**row, "whole": row["sha256"] == copy_forms.text_digest(row)} for row in rows]


def _json_row(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict) or document.get("format") != COPY_FORMAT:
        raise InputError(f"the file is JSON, but no copy file ({COPY_FORMAT})")
    content = {name: value for name, value in document.items() if name not in COPY_ADDED}
    bare = {name: value for name, value in content.items() if name != "locale"}
    fields = document.get("fields")
    return {
        **{name: document.get(name) for name in ("label", "AIGC", "provenance")},
        "asset": document.get("id"),
        "fields": _texts(fields) if isinstance(fields, dict) else {},
        "ai_generated": document.get("ai_generated") is not False,
        "whole": document.get("id") in (copy_id(content), copy_id(bare)),
    }


def _texts(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a foreign file that are text, or lists of it."""
    return {
        name: value
        for name, value in fields.items()
        if isinstance(value, str)
        or (isinstance(value, list) and all(isinstance(text, str) for text in value))
    }


def _read_row(row: Mapping[str, Any], media_type: str) -> tuple[LayerReading, LayerReading]:
    return _visible(row.get("label")), _metadata(row, media_type)


def _visible(label: object) -> LayerReading:
    if not isinstance(label, str):
        if label is None:
            return LayerReading("visible", "absent", "the copy has no visible label")
        return LayerReading("visible", "invalid", "the copy's label is no text")
    if not label.strip():
        return LayerReading("visible", "absent", "the copy has no visible label")
    if not is_label(label):
        shown = label[:60]
        return LayerReading("visible", "invalid", f"{shown!r} is no label of ours", "", {})
    return LayerReading("visible", "valid", "the copy carries its label", "", {"text": label})


def _metadata(row: Mapping[str, Any], media_type: str) -> LayerReading:
    if media_type == "text/plain":
        return LayerReading("metadata", "not_checked", "plain text has no place for metadata")
    record, values = row.get("AIGC"), {}
    made = row.get("provenance")
    if isinstance(made, dict) and isinstance(made.get("digital_source_type"), str):
        values["digital_source_type"] = xmp.SOURCE_TYPE_BASE + made["digital_source_type"]
    if record is None:
        return LayerReading("metadata", "absent", "the copy has no AIGC record", "", values)
    fault = aigc_fault(record)
    asset = "" if fault else str(record["ProduceID"])
    state = "invalid" if fault else "valid"
    detail = fault or "the AIGC record is complete"
    return LayerReading("metadata", state, detail, asset, {**values, "aigc": record})


def _together(readings: list[LayerReading]) -> LayerReading:
    """The reading of a layer of a whole table: that of its worst row."""
    order = ("invalid", "absent", "not_checked", "untrusted", "valid")
    worst = min(readings, key=lambda reading: order.index(reading.state))
    if len(readings) == 1:
        return worst
    count = sum(reading.state == worst.state for reading in readings)
    detail = f"{worst.detail} ({count} of {len(readings)} rows)"
    return LayerReading(worst.layer, worst.state, detail, "", worst.values)


def _row_faults(
    row: Mapping[str, Any], layers: tuple[LayerReading, LayerReading], expected: Expected
) -> Iterator[tuple[str, str]]:
    visible, metadata = layers
    labelled = row.get("ai_generated") is not False or bool(expected.labelled)
    for layer in layers:
        if layer.state == "invalid" or (labelled and layer.state == "absent"):
            yield layer.layer, layer.detail
    if labelled and visible.state == "valid":
        for fault in wording_faults(visible.values["text"], expected.jurisdictions):
            yield "visible", fault
    own = row.get("asset")
    if row.get("whole") is False:
        gives = "its sha256" if "sha256" in row else "the file's id"
        yield "agree", f"the text was changed after it was labelled: it does not give {gives}"
    if metadata.id and metadata.id != own:
        yield "agree", f"the AIGC label names asset {metadata.id}, the file asset {own}"
    if expected.asset_id and own != expected.asset_id:
        yield "agree", f"the file is asset {own}, not {expected.asset_id}"
    if expected.fields is not None and dict(row["fields"]) != dict(expected.fields):
        yield "manifest", "the texts in the manifest are not those of the file"
    if expected.label and visible.state == "valid" and visible.values["text"] != expected.label:
        yield "manifest", f"the manifest says that the label is {expected.label!r}"


def _signature(
    data: bytes, media_type: str, sidecar: bytes | None, readers: Readers
) -> LayerReading:
    verify = getattr(readers.signer, "verify_sidecar", None)
    if verify is None:
        return LayerReading("c2pa", "not_checked", "there is no signer that reads sidecars")
    if sidecar is None:
        return LayerReading("c2pa", "absent", "no .c2pa sidecar lies beside the file")
    reading: LayerReading = verify(data, sidecar, media_type)
    return reading
