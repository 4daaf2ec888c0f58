"""Results as the ledger and the manifest keep them: plain data, rounded, in a fixed shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from contentfab.records.labels import LayerReading
from contentfab.records.places import Box
from contentfab.records.scores import ScoreCard


@dataclass(frozen=True, slots=True)
class Failure:
    """What is left of a job that did not make it; plain data, so that it can be sent."""

    reason: str
    retryable: bool = False
    exit_code: int = 7


@dataclass(frozen=True, slots=True)
class Done:
    """A job's state after its call, with the seconds that each stage took."""

    state: Any
    seconds: dict[str, float] = field(default_factory=dict)


def score_records(card: ScoreCard) -> list[dict[str, Any]]:
    """A score card as `scores[]` of the manifest: the two totals, then each criterion."""
    how = {
        "calibration_id": card.calibration_id,
        "model": card.model,
        "uses_clip": card.uses_clip,
    }
    totals = [("appeal", card.appeal, card.note), ("brand_fit", card.brand_fit, card.note)]
    parts = [(c.name, c.value, c.explanation) for c in card.criteria]
    return [
        {"name": name, "value": rounded(value), "explanation": explanation, **how}
        for name, value, explanation in [*totals, *parts]
    ]


def label_record(visible: str, box: Box | None, layers: Sequence[LayerReading]) -> dict[str, Any]:
    """The label layers as `label` of the manifest."""
    read = {layer.layer: layer for layer in layers}
    record: dict[str, Any] = {
        "visible": {
            "text": visible,
            "box": list(box) if box else None,
            "state": read["visible"].state if "visible" in read else "not_checked",
        }
    }
    for name in ("metadata", "watermark"):
        layer = read.get(name)
        record[name] = (
            {"state": layer.state, "id": layer.id} if layer else {"state": "absent", "id": ""}
        )
    return record | {"c2pa": signature_record(read.get("c2pa"))}


def signature_record(layer: LayerReading | None) -> dict[str, Any] | None:
    """The C2PA layer as in the manifest, where it is the same whenever the same keys sign; the time
    of a time stamp is in the file alone."""
    if layer is None or layer.state == "not_checked":
        return None
    if layer.state == "absent":
        return {"state": layer.state, "note": layer.detail}
    record = {
        "state": layer.state,
        "id": layer.id,
        "signer": layer.values.get("signer", ""),
        "soft_binding": layer.values.get("soft_binding", ""),
        "time_stamp": bool(layer.values.get("time_stamp")),
    }
    note = layer.values.get("note", "")
    return record | {"note": note} if note else record


def rounded(value: float | None) -> float | None:
    """Four decimals are enough for any score or measure, and stable to print."""
    return None if value is None else round(float(value), 4)
