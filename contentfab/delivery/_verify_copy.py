"""Verifies one copy file: its label, its AIGC record, and that the text is the one labelled."""

from __future__ import annotations

from typing import Any

from contentfab.delivery._verify_result import Expected, FileResult, layer_json, load_json
from contentfab.errors import InputError
from contentfab.records.labels import LayerReading
from contentfab.rules import xmp
from contentfab.rules.aigc import aigc_fault
from contentfab.rules.labels import wording_faults
from contentfab.stages.label import COPY_ADDED, COPY_FORMAT, copy_id

MAX_JSON = 16 * 1024 * 1024


def verify_copy(result: FileResult, data: bytes, expected: Expected) -> None:
    """Adds to `result` what the copy file in `data` says and what is wrong with it."""
    try:
        if len(data) > MAX_JSON:
            raise InputError(f"a copy file has at most {MAX_JSON:,} bytes")
        document = load_json(data)
    except InputError as error:
        result.findings.append(str(error))
        return
    if not isinstance(document, dict) or document.get("format") != COPY_FORMAT:
        result.findings.append(f"the file is JSON, but no copy file ({COPY_FORMAT})")
        return
    visible, metadata = _copy_layers(document)
    result.layers = {layer.layer: layer_json(layer) for layer in (visible, metadata)}
    labelled = document.get("ai_generated") is not False or bool(expected.labelled)
    for layer in (visible, metadata):
        if layer.state == "invalid" or (labelled and layer.state != "valid"):
            result.findings.append(f"{layer.layer}: {layer.detail}")
    if labelled and visible.state == "valid":
        result.findings += wording_faults(document["label"], expected.jurisdictions)
    own = document.get("id")
    content = {name: value for name, value in document.items() if name not in COPY_ADDED}
    bare = {name: value for name, value in content.items() if name != "locale"}
    faults = []
    if own not in (copy_id(content), copy_id(bare)):
        faults.append("the text was changed after it was labelled: it does not give the file's id")
    if metadata.id and metadata.id != own:
        faults.append(f"the AIGC label names asset {metadata.id}, the file asset {own}")
    if expected.asset_id and own != expected.asset_id:
        faults.append(f"the file is asset {own}, not {expected.asset_id}")
    result.findings += faults
    result.agree = not faults and (bool(metadata.id) or not labelled)


def _copy_layers(document: dict[str, Any]) -> tuple[LayerReading, LayerReading]:
    label, record = document.get("label"), document.get("AIGC")
    visible = LayerReading("visible", "absent", "the copy has no visible label")
    if isinstance(label, str) and label.strip():
        visible = LayerReading(
            "visible", "valid", "the copy carries its label", "", {"text": label}
        )
    elif label is not None:
        visible = LayerReading("visible", "invalid", "the copy's label is no text")
    metadata = LayerReading("metadata", "absent", "the copy has no AIGC record")
    if record is not None:
        fault = aigc_fault(record)
        asset = "" if fault else str(record["ProduceID"])
        metadata = LayerReading(
            "metadata",
            "invalid" if fault else "valid",
            fault or "the AIGC record is complete",
            asset,
            {"aigc": record},
        )
    made = document.get("provenance")
    if isinstance(made, dict) and isinstance(made.get("digital_source_type"), str):
        source = xmp.SOURCE_TYPE_BASE + made["digital_source_type"]
        values = {**metadata.values, "digital_source_type": source}
        metadata = LayerReading("metadata", metadata.state, metadata.detail, metadata.id, values)
    return visible, metadata
