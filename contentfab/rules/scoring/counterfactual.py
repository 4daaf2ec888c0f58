"""How far a score differs between groups of pictures that differ in one depicted thing only.

Give scores in z of one background set (`ScoreCard.appeal_z`), so that the gap has a unit: robust
standard deviations between pictures as they are. With pairs (the same picture in every group) the
differences within pairs are compared, which needs far fewer pictures. It knows numbers and names of
groups; whether the pictures differ in nothing else is for whoever made them to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

LIMIT = 0.2
"""Largest gap in z that a release may have: a fifth of the usual spread between pictures."""
DRAWS = 2000
LEAST = 5
"""Pictures per group under which an interval says nothing."""


@dataclass(frozen=True, slots=True)
class GroupGap:
    """The largest difference of means between two groups, and what can be said of it. `low` and
    `high` are the 95 % interval of its size; `verdict` is within, above or unknown (also when the
    interval reaches over the limit); `means` are by group."""

    gap: float
    groups: tuple[str, str]
    low: float
    high: float
    verdict: str
    means: Mapping[str, float]
    n: Mapping[str, int]
    limit: float
    paired: bool

    def __str__(self) -> str:
        first, second = self.groups
        text = f"{first} − {second}: {self.gap:.3f} z [{self.low:.3f}, {self.high:.3f}]"
        why = {
            "within": f"within {self.limit:g}",
            "above": f"above {self.limit:g}",
            "unknown": f"cannot tell whether it is within {self.limit:g} from so few pictures",
        }
        return f"{text}, {why[self.verdict]}"


def group_gap(
    scores_by_group: Mapping[str, Sequence[float]],
    *,
    paired: bool = False,
    limit: float = LIMIT,
    seed: int = 0,
) -> GroupGap:
    """The largest gap between groups, with a percentile bootstrap interval (Efron 1979) over
    pictures, or over pairs when `paired` (then all groups have the same pictures in the same
    order). The pair of groups is chosen anew in every draw, so that choosing the largest of many
    is part of the interval. Raises ValueError for fewer than two groups, an empty one, a number
    that is not finite, or groups of unequal length when paired."""
    names = list(scores_by_group)
    values = [np.asarray(scores_by_group[name], np.float64) for name in names]
    if len(names) < 2 or any(not len(v) or not np.isfinite(v).all() for v in values):
        raise ValueError("a gap needs two groups or more, each with finite scores")
    if paired and len({len(v) for v in values}) > 1:
        raise ValueError("paired groups must have the same pictures in the same order")
    means = np.array([v.mean() for v in values])
    high, low = int(means.argmax()), int(means.argmin())
    gap = float(means[high] - means[low])
    draws = _draws(values, paired, np.random.default_rng(seed))
    pairs = list(combinations(range(len(names)), 2))
    # A largest difference cannot be negative, so its draws are biased upwards where there is none:
    # the lower end is that of the pair that was found, with its sign.
    largest = np.max([np.abs(draws[:, i] - draws[:, j]) for i, j in pairs], axis=0)
    signed = draws[:, high] - draws[:, low]
    least = max(0.0, float(np.quantile(signed, 0.025)))
    most = float(np.quantile(largest, 0.975))
    enough = min(len(v) for v in values) >= LEAST
    verdict = "unknown"
    if enough and most <= limit:
        verdict = "within"
    elif enough and least > limit:
        verdict = "above"
    return GroupGap(
        gap=round(gap, 4),
        groups=(names[high], names[low]),
        low=round(least, 4),
        high=round(most, 4),
        verdict=verdict,
        means={name: round(float(mean), 4) for name, mean in zip(names, means, strict=True)},
        n={name: len(v) for name, v in zip(names, values, strict=True)},
        limit=limit,
        paired=paired,
    )


def _draws(
    values: Sequence[NDArray[np.float64]], paired: bool, random: np.random.Generator
) -> NDArray[np.float64]:
    """Means by group, shape (DRAWS, groups), of samples drawn with replacement."""
    if paired:
        size = len(values[0])
        at = random.integers(0, size, (DRAWS, size))
        return np.stack([v[at].mean(axis=1) for v in values], axis=1)
    return np.stack(
        [v[random.integers(0, len(v), (DRAWS, len(v)))].mean(axis=1) for v in values], axis=1
    )
