"""What scoring is asked and answers. Frozen, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contentfab.records.inputs import Brand
    from contentfab.records.pictures import Picture, Poster


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """A picture to score for a brand. `poster` brings geometry when the picture is our own;
    `exemplars` and `counter_exemplars` are picture files of the brand."""

    key: str
    pixels: Picture
    brand: Brand
    text: str = ""
    poster: Poster | None = None
    exemplars: tuple[Path, ...] = ()
    counter_exemplars: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One part of a score, in [0, 1], with a sentence that explains the number."""

    name: str
    value: float
    explanation: str


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """Scores of one picture, in [0, 1]; None when the scorer cannot say. `calibration_id` names
    model, preprocessing and prompts: numbers with different ids must not be compared; `note` is
    what a reader must know first."""

    key: str
    appeal: float | None
    brand_fit: float | None
    criteria: tuple[Criterion, ...]
    calibration_id: str
    model: str
    uses_clip: bool
    appeal_percentile: float | None = None
    appeal_confidence: float | None = None
    note: str = ""
