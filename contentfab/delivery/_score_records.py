"""What became of one picture that was scored, and the same as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contentfab.records.scores import Criterion, ScoreCard

DIGITS = 4


@dataclass(slots=True)
class Scored:
    """One picture. `card` is None when it could not be read, then `error` and `hint` say why.
    `path` is as it was given; `unseen` says what of the file was not judged (further frames, what
    is transparent); `brand` is "" without one, and `no_brand_fit` says why there is no
    brand fit; `below` has a sentence for each gate that it misses; `of_run` says that its layout
    was known; `rank` is 1 for what nothing is clearly better than, `tied` that others share it."""

    path: str
    card: ScoreCard | None = None
    unseen: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""
    width: int = 0
    height: int = 0
    brand: str = ""
    no_brand_fit: str = ""
    of_run: bool = False
    below: list[str] = field(default_factory=list)
    rank: int | None = None
    tied: bool = False

    def as_json(self) -> dict[str, Any]:
        """An entry of `images`, or of `failed` for a picture that could not be read."""
        card = self.card
        if card is None:
            return {"path": self.path, "error": self.error, "hint": self.hint}
        return {
            "path": self.path,
            "width": self.width,
            "height": self.height,
            "brand": self.brand or None,
            "of_run": self.of_run,
            "rank": self.rank,
            "tied": self.tied,
            "appeal": {
                "value": _rounded(card.appeal),
                "percentile": _rounded(card.appeal_percentile),
                "confidence": _rounded(card.appeal_confidence),
                "z": _rounded(card.appeal_z),
                "spread": _rounded(card.appeal_spread),
            },
            "brand_fit": {
                "value": _rounded(card.brand_fit),
                "reason": self.why_no_brand_fit,
                "calibration_id": card.brand_calibration_id or card.calibration_id,
            },
            "criteria": [criterion_json(criterion) for criterion in card.criteria],
            "gates": list(card.failed_gates),
            "below": list(self.below),
            "text_inflation": _rounded(card.text_inflation),
            "review": list(card.review),
            "content": card.content,
            "note": card.note,
            "calibration_id": card.calibration_id,
            "model": card.model,
            "uses_clip": card.uses_clip,
        }

    @property
    def why_no_brand_fit(self) -> str:
        """ "" when there is one."""
        if self.card is None or self.card.brand_fit is not None:
            return ""
        return self.no_brand_fit or self.card.note or "the scorer gave no number"


def criterion_json(criterion: Criterion) -> dict[str, Any]:
    """A criterion as plain data; `raw` and `percentile` only where it has them."""
    more = {"raw": _rounded(criterion.raw), "percentile": _rounded(criterion.percentile)}
    return {
        "name": criterion.name,
        "value": _rounded(criterion.value),
        "explanation": criterion.explanation,
        "informative": criterion.informative,
        **{name: number for name, number in more.items() if number is not None},
    }


def telling(card: ScoreCard, most: int = 3) -> list[Criterion]:
    """The criteria that say most about a picture: failed gates, then what lies farthest from the
    middle, the weakest always among them. A geometric mean is pulled most by its lowest parts."""
    rated = [c for c in card.criteria if c.informative and c.value is not None]
    if not rated:
        return []
    weakest = min(rated, key=_value)
    failed = {gate.partition(":")[0] for gate in card.failed_gates}
    gates = [c for c in rated if c.name in failed]
    far = sorted(rated, key=lambda c: -abs(_value(c) - 0.5))
    return list({c.name: c for c in (*gates, weakest, *far)}.values())[:most]


def _value(criterion: Criterion) -> float:
    return 0.0 if criterion.value is None else criterion.value


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), DIGITS)
