"""What scoring is asked and answers. Frozen, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contentfab.records.brand import Brand
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
    """One part of a score, in [0, 1], with a sentence that explains the number. `value` is None
    when nothing could be measured; `informative` is false when something was measured and it tells
    nothing apart, so that it counts for nothing. `raw` is the number before calibration (a margin,
    a cosine), `percentile` (0 to 100) its place in the background set. `calibration_id` is empty
    where the card's own holds."""

    name: str
    value: float | None
    explanation: str
    raw: float | None = None
    percentile: float | None = None
    informative: bool = True
    calibration_id: str = ""


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """Scores of one picture, in [0, 1]; None when the scorer cannot say.

    `calibration_id` names model, preprocessing, prompts and background set: numbers with different
    ids must not be compared; brand fit has one of its own where it depends on the brand's words and
    exemplars (`brand_calibration_id`, else empty). `appeal_percentile` is in 0 to 100, `appeal_z`
    and `appeal_spread` are in robust standard deviations of the background set, the spread being
    that over views and prompts. `failed_gates` name why a score is capped; `text_inflation` is the
    z with the poster's words less that without, and never counts. `review` are reasons why a person
    must look; `content` says what of the picture's content was checked, empty when nobody asked.
    `note` is what a reader must know first."""

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
    appeal_z: float | None = None
    appeal_spread: float | None = None
    failed_gates: tuple[str, ...] = ()
    text_inflation: float | None = None
    review: tuple[str, ...] = ()
    content: str = ""
    brand_calibration_id: str = ""
