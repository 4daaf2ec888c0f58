"""How far a score differs between groups of pictures that differ in one depicted thing only.

Give scores in z of one background set (`ScoreCard.appeal_z`), so that a gap has a unit: robust
standard deviations between pictures as they are. In sets (the same picture once for every group)
the differences within sets are compared, which needs far fewer pictures. It knows numbers and
names; whether pictures of a set differ in nothing else is for whoever made them to know.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # type: ignore[import-untyped]

LIMIT = 0.2
"""Largest gap in z that a release may have: a fifth of the usual spread between pictures."""
LEAST = 10
"""Sets, or pictures of a group, under which there is no verdict: Student's interval leans on
differences being roughly normal, and so few cannot show that they are not."""
MISSED = 0.05
"""Share of reports in which some interval may miss its true gap."""
MOST_NEEDED = 100_000
"""Beyond this the true gap may well lie at the limit itself, and no number of sets would tell."""

Verdict = Literal["within", "above", "unknown"]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two groups, of which the first scores higher: `mean` >= 0, in z. `low` to `high` is
    its interval, None where there are too few to have one. `n` are sets that have both, or pictures
    of the smaller group. `largest` is the greatest difference in one set, which is `largest_set`,
    with the sign of first − second; None without sets. `needed` is about how many sets, or pictures
    of each group, would tell, where these do not; None also where none would. Of fewer than LEAST
    it is LEAST: too few to say more."""

    groups: tuple[str, str]
    n: int
    mean: float
    low: float | None
    high: float | None
    largest: float | None
    largest_set: str
    verdict: Verdict
    needed: int | None

    @property
    def shows_none(self) -> bool:
        """Whether the interval contains 0: the gap cannot be told from none."""
        return self.low is None or self.low <= 0

    def __str__(self) -> str:
        first, second = self.groups
        between = "" if self.low is None else f" [{self.low:+.2f}, {self.high:+.2f}]"
        return f"{first} − {second}: {self.mean:+.2f} z{between}"


@dataclass(frozen=True, slots=True)
class GapReport:
    """The gap of every two groups, the largest first; `means` and `n` are by group."""

    gaps: tuple[Gap, ...]
    means: Mapping[str, float]
    n: Mapping[str, int]
    limit: float
    in_sets: bool

    @property
    def verdict(self) -> Verdict:
        """`above` when a gap is, `within` when all are, else `unknown`."""
        found = {gap.verdict for gap in self.gaps}
        if "above" in found:
            return "above"
        return "unknown" if "unknown" in found else "within"

    @property
    def deciding(self) -> Gap:
        """The gap that the verdict hangs on: the largest of those with that verdict."""
        return next(gap for gap in self.gaps if gap.verdict == self.verdict)


def group_gaps(
    scores: Mapping[str, Mapping[str, float]], *, in_sets: bool = True, limit: float = LIMIT
) -> GapReport:
    """The gaps between groups. `scores` are by group, then by set; without `in_sets` the names of
    sets mean nothing, and groups are compared as wholes.

    Intervals are Student's, of the differences within sets, or Welch's (1947) of two groups; they
    hold for all pairs together with 95 % (Bonferroni, after Dunn 1961), so that the largest of
    many may be picked. A gap is `within` or `above` only when its whole interval is. Raises
    ValueError for fewer than two groups, an empty one, a number that is not finite, or two groups
    that share no set."""
    if len(scores) < 2 or any(
        not by_set or not np.isfinite(list(by_set.values())).all() for by_set in scores.values()
    ):
        raise ValueError("a gap needs two groups or more, each with finite scores")
    pairs = list(combinations(scores, 2))
    chance = 1 - MISSED / (2 * len(pairs))
    compared = _in_sets if in_sets else _as_wholes
    gaps = [compared(pair, scores, chance, limit) for pair in pairs]
    return GapReport(
        gaps=tuple(sorted(gaps, key=lambda gap: -gap.mean)),
        means={name: float(np.mean(list(by_set.values()))) for name, by_set in scores.items()},
        n={name: len(by_set) for name, by_set in scores.items()},
        limit=limit,
        in_sets=in_sets,
    )


def _in_sets(
    pair: tuple[str, str], scores: Mapping[str, Mapping[str, float]], chance: float, limit: float
) -> Gap:
    one, other = (scores[name] for name in pair)
    shared = [name for name in one if name in other]
    if not shared:
        raise ValueError(f"no set has pictures of both {pair[0]} and {pair[1]}")
    differences = np.array([one[name] - other[name] for name in shared])
    if differences.mean() < 0:
        pair, differences = (pair[1], pair[0]), -differences
    n = len(shared)
    error = float(differences.std(ddof=1)) / math.sqrt(n) if n > 1 else None
    at = int(np.abs(differences).argmax())
    largest = (float(differences[at]), shared[at])
    return _gap(pair, n, float(differences.mean()), error, n - 1, chance, limit, largest)


def _as_wholes(
    pair: tuple[str, str], scores: Mapping[str, Mapping[str, float]], chance: float, limit: float
) -> Gap:
    one, other = (np.array(list(scores[name].values())) for name in pair)
    if one.mean() < other.mean():
        pair, one, other = (pair[1], pair[0]), other, one
    mean, n = float(one.mean() - other.mean()), min(len(one), len(other))
    if n < 2:
        return _gap(pair, n, mean, None, 0, chance, limit, None)
    error, freedom = _welch((one, other))
    return _gap(pair, n, mean, error, freedom, chance, limit, None)


def _welch(groups: Sequence[Values]) -> tuple[float, float]:
    """Standard error of a difference of means, and its degrees of freedom."""
    parts = [float(group.var(ddof=1)) / len(group) for group in groups]
    total = sum(parts)
    spread = sum(part**2 / (len(group) - 1) for part, group in zip(parts, groups, strict=True))
    return math.sqrt(total), total**2 / spread if spread else float(len(groups[0]) - 1)


def _gap(
    pair: tuple[str, str],
    n: int,
    mean: float,
    error: float | None,
    freedom: float,
    chance: float,
    limit: float,
    largest: tuple[float, str] | None,
) -> Gap:
    low = high = needed = None
    verdict: Verdict = "unknown"
    if error is None or n < LEAST:
        needed = LEAST
    if error is not None:
        reach = float(stdtrit(freedom, chance)) * error
        low, high = mean - reach, mean + reach
        if n >= LEAST and low > limit:
            verdict = "above"
        elif n >= LEAST and high <= limit and low >= -limit:
            verdict = "within"
        elif n >= LEAST:
            needed = _needed(n, reach, abs(limit - mean))
    value, name = largest or (None, "")
    return Gap(pair, n, mean, low, high, value, name, verdict, needed)


def _needed(n: int, reach: float, room: float) -> int | None:
    """How many would make the interval reach no farther than from the mean to the limit, were mean
    and spread to stay, to two digits. None when far too many to be asked for."""
    wanted = n * (reach / room) ** 2 if room > 0 else math.inf
    if wanted > MOST_NEEDED:
        return None
    step = 10 ** max(0, math.ceil(math.log10(wanted)) - 2)
    return int(math.ceil(wanted / step) * step)
