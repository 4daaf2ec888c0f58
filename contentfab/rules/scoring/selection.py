"""Best of N key visuals: which of several pictures of one request goes on.

The choice is made by measured criteria with guard-rails, never by the model whose scores are
reported: the best of N by a score has a score that is too good. Differences that mean nothing are
ties, and a tie goes to the first seed. Knows pixels and what was asked for; nothing of taste.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contentfab.errors import InputError
from contentfab.records.brand import Brand, Palette
from contentfab.records.scores import Criterion
from contentfab.rules.scoring import criteria
from contentfab.rules.scoring.fusion import weighted_geometric_mean
from contentfab.rules.scoring.guard_rails import guard_rails

if TYPE_CHECKING:
    from contentfab.records.brief import ArtDirection
    from contentfab.records.pictures import Picture

FAMILY = "design-criteria"
SELECTOR = "key-visual-criteria/2"
"""Raise the number with any change of a criterion, a rail or a weight: it is part of keys."""
MOST = 16
"""Candidates at most: beyond, a choice finds what its measures are blind to."""
STEP = 0.05
"""Ratings are given in steps: finer differences mean nothing. A harmless change (a few pixels of
shift, mirrored, 3 % smaller or larger, 2 % brighter, 5 % paler, saved once more) moves a rating
before rounding by up to 0.03 in nine cases of ten. Pictures of one step are a tie, and who
changes one bit by bit is paid for no bit."""
TIE = STEP / 2
"""Ratings nearer than this are one step."""
WEIGHTS = {"calm": 1.5, "sharpness": 1.0, "palette": 1.5, "balance": 0.5}
ENOUGH = {"calm": 1.0, "sharpness": 0.7, "palette": 0.9, "balance": 0.6}
"""What is good enough of each, and counts in full: who is paid for more of a good thing gets halos,
driven colours and emptiness. Sound plates reach it."""


@dataclass(frozen=True, slots=True)
class Rating:
    """How good a picture is as a key visual, in [0, 1] and in steps of STEP, with its criteria and
    rails; `exact` is the same before rounding, to look into and never to choose by."""

    score: float
    parts: Mapping[str, float]
    exact: float


def rate(pixels: Picture, art: ArtDirection) -> Rating:
    """The selector's rating of one picture, about 0.15 s for 1080 × 1350."""
    found = [criteria.calm(pixels, ()), criteria.sharpness(pixels), criteria.balance(pixels)]
    palette = _palette(pixels, art.palette)
    parts = {
        c.name: replace(c, value=min(1.0, c.value / ENOUGH[c.name]))
        for c in (*found, palette)
        if c is not None and c.value is not None
    }
    score = weighted_geometric_mean(parts, WEIGHTS) or 0.0
    rails = guard_rails(pixels, art.palette)
    for worth in rails.values():
        score *= worth
    named = {name: part.value or 0.0 for name, part in parts.items()} | rails
    steps = round(round(score / STEP) * STEP, 4)
    return Rating(steps, {name: round(value, 4) for name, value in named.items()}, round(score, 4))


def choose(scores: Sequence[float | None]) -> int:
    """Index of the candidate that goes on: of those within TIE of the best, the first. None is a
    candidate that failed. Raises ValueError when all have."""
    made = [score for score in scores if score is not None]
    if not made:
        raise ValueError("there is nothing to choose from")
    return next(i for i, s in enumerate(scores) if s is not None and s >= max(made) - TIE)


def seeds(seed: int, count: int) -> tuple[int, ...]:
    """The candidates' seeds: the request's own, and the numbers after it. So a tie goes to the
    picture that would have been made alone, in every size of a creative."""
    return tuple((seed + i) % 2**32 for i in range(count))


def record(
    scores: Sequence[float | None], ids: Sequence[str], of: Sequence[int], chosen: int
) -> dict[str, Any]:
    """The choice as the ledger and the manifest keep it: all N, also those that failed."""
    return {
        "selector": SELECTOR,
        "chosen": chosen,
        "candidates": [
            {"id": name, "seed": seed, "score": score}
            for name, seed, score in zip(ids, of, scores, strict=True)
        ],
    }


def count(value: Any) -> int:
    """The option image.candidates as a number. Raises InputError."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST:
        raise InputError(
            f"image.candidates: {value!r} is no whole number from 1 to {MOST}",
            hint="1 makes one picture a request; 4 makes four and keeps the best",
        )
    return value


def check_reporter(candidates: int, scorer_id: str) -> None:
    """Refuses a scorer that reports the very criteria by which a picture was chosen. Raises
    InputError."""
    name = scorer_id.partition("/")[0]
    if candidates > 1 and name in (FAMILY, SELECTOR.partition("/")[0]):
        raise InputError(
            f"image.candidates={candidates} chooses pictures by the design criteria, which "
            f"score.backend reports too ({scorer_id}): its numbers would be too good",
            hint="set score.backend=openclip, or image.candidates=1",
        )


def _palette(pixels: Picture, asked: Mapping[str, str]) -> Criterion | None:
    """The picture's colours against those that the art direction asked for."""
    colours = list(asked.values())
    if not colours:
        return None
    first = dict.fromkeys(("primary", "background", "text", "accent"), colours[0])
    wanted = Palette(**first, extra=colours[1:])
    return criteria.palette(pixels, Brand(id="asked", name="", palette=wanted), ())
