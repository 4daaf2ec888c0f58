"""Results as the ledger and the manifest keep them: plain data, rounded, in a fixed shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contentfab.records.labels import LayerReading
from contentfab.records.pictures import Poster
from contentfab.records.places import Box
from contentfab.records.scores import ScoreCard
from contentfab.rules.product.cutout import file_sha256
from contentfab.rules.product.lock import check


@dataclass(frozen=True, slots=True)
class Failure:
    """What is left of a job that did not make it; plain data, so that it can be sent. `files` are
    kept in the run folder by name, `kept` is what the ledger says of them."""

    reason: str
    retryable: bool = False
    exit_code: int = 7
    files: Mapping[str, bytes] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """A job's state after its call, with the seconds that each stage took."""

    state: Any
    seconds: dict[str, float] = field(default_factory=dict)


def score_records(card: ScoreCard) -> list[dict[str, Any]]:
    """A score card as `scores[]` of the manifest: the two totals, then each criterion."""
    how = {"model": card.model, "uses_clip": card.uses_clip}
    of_brand = card.brand_calibration_id or card.calibration_id
    appeal: dict[str, Any] = {
        "name": "appeal",
        "value": rounded(card.appeal),
        "explanation": card.note,
        "calibration_id": card.calibration_id,
        "percentile": rounded(card.appeal_percentile),
        "z": rounded(card.appeal_z),
        "spread": rounded(card.appeal_spread),
        "confidence": rounded(card.appeal_confidence),
        "failed_gates": list(card.failed_gates),
        "text_inflation": rounded(card.text_inflation),
        "review": list(card.review),
        "content": card.content,
    }
    brand_fit: dict[str, Any] = {
        "name": "brand_fit",
        "value": rounded(card.brand_fit),
        "explanation": card.note,
        "calibration_id": of_brand,
        "failed_gates": list(card.failed_gates),
    }
    parts: list[dict[str, Any]] = [
        {
            "name": c.name,
            "value": rounded(c.value),
            "explanation": c.explanation,
            "calibration_id": c.calibration_id or card.calibration_id,
            "percentile": rounded(c.percentile),
            "raw": rounded(c.raw),
            "informative": c.informative,
        }
        for c in card.criteria
    ]
    return [{**record, **how} for record in (appeal, brand_fit, *parts)]


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
        if layer and layer.state == "absent":
            record[name]["note"] = layer.detail
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


def product_record(cutout: Path | None, poster: Poster) -> dict[str, Any] | None:
    """The product as `product` of the manifest, measured on the poster as it is now; None when it
    shows none."""
    if cutout is None or poster.product_box is None:
        return None
    lock = check(poster.pixels, cutout, poster.product_box)
    return {
        "file": cutout.name,
        "file_sha256": file_sha256(cutout),
        "mask_sha256": lock.mask_sha256,
        "box": list(poster.product_box),
        "scale": rounded(lock.scale),
        "max_difference": lock.difference,
    }


def rounded(value: float | None) -> float | None:
    """Four decimals are enough for any score or measure, and stable to print."""
    return None if value is None else round(float(value), 4)
