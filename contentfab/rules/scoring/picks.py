"""A team's own choices between pairs of pictures, and what a score is worth against them.

P(A is picked over B) = 1 / (1 + exp(-(score A - score B) / T)), a Bradley-Terry model with one free
parameter, the pair temperature T. Knows numbers only; nothing of files or models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TELLS_APART = 0.60
"""Share of agreement that a calibration must be able to tell from a coin."""
SIGNIFICANCE_Z, POWER_Z = 1.959964, 0.841621
"""Normal quantiles of a two-sided test at 5 % and of a power of 80 %."""
STEEPEST = 1e3
"""Largest 1/T: picks that a score explains without exception have no finite best T."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well a score agrees with picks. `auc` is the share of pairs in which the picked picture
    scores higher, ties half; `low` and `high` bound it with 95 % confidence; `temperature` is in
    units of the score."""

    pairs: int
    auc: float
    low: float
    high: float
    temperature: float
    calibration_error: float

    @property
    def tells(self) -> bool:
        """Whether the score is better than a coin, by the interval."""
        return self.low > 0.5


def pairs_needed(share: float = TELLS_APART) -> int:
    """Pairs that tell agreement of `share` from 0.5 (two-sided 5 %, power 80 %): 194 for 0.60.

    Normal approximation of the one-sample test of a proportion (Fleiss, Levin, Paik 2003, 2.3).
    Raises ValueError for a share outside (0.5, 1)."""
    if not 0.5 < share < 1:
        raise ValueError("share must lie between 0.5 and 1")
    spread = SIGNIFICANCE_Z * 0.5 + POWER_Z * math.sqrt(share * (1 - share))
    return math.ceil((spread / (share - 0.5)) ** 2)


def agreement(picked: Sequence[float], other: Sequence[float]) -> Agreement:
    """Agreement of scores with picks: `picked[i]` scored the picture that was chosen over the one
    that `other[i]` scored. Raises ValueError without pairs, or for lists of different length."""
    if len(picked) != len(other) or not len(picked):
        raise ValueError("picked and other must be of one length, and not empty")
    apart = np.asarray(picked, float) - np.asarray(other, float)
    share = float(((apart > 0) + 0.5 * (apart == 0)).mean())
    low, high = wilson(share, len(apart))
    steep = _steepness(apart)
    return Agreement(
        pairs=len(apart),
        auc=share,
        low=low,
        high=high,
        temperature=1 / steep if steep > 0 else math.inf,
        calibration_error=_calibration_error(apart, steep),
    )


def probability(one: float, other: float, temperature: float) -> float:
    """Probability that the first of two scored pictures is picked."""
    if math.isinf(temperature):
        return 0.5
    return float(1 / (1 + math.exp(min(700.0, max(-700.0, (other - one) / temperature)))))


def wilson(share: float, count: int) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson 1927)."""
    z2 = SIGNIFICANCE_Z**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = SIGNIFICANCE_Z * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    half /= 1 + z2 / count
    return max(0.0, middle - half), min(1.0, middle + half)


def _steepness(apart: np.ndarray) -> float:
    """1/T of highest likelihood, by Newton's method on a concave function; 0 when the score does
    not explain the picks at all."""
    scale = float(np.abs(apart).max())
    if scale == 0 or float(apart.sum()) <= 0:
        return 0.0
    apart, steep = apart / scale, 0.0
    for _ in range(100):
        missed = 1 / (1 + np.exp(np.clip(steep * apart, -500, 500)))
        slope = float((apart * missed).sum())
        bend = float((apart**2 * missed * (1 - missed)).sum())
        step = min(4.0, max(-4.0, slope / max(bend, 1e-12)))
        steep = min(STEEPEST, max(0.0, steep + step))
        if abs(step) < 1e-9 or steep in (0.0, STEEPEST):
            break
    return steep / scale


def _calibration_error(apart: np.ndarray, steep: float, bins: int = 5) -> float:
    """Expected calibration error (Naeini et al. 2015) of the probability that the higher score is
    picked: mean distance between what is promised and what happened, in bins of equal size."""
    promised = 1 / (1 + np.exp(-np.clip(steep * np.abs(apart), 0, 500)))
    happened = (apart > 0) + 0.5 * (apart == 0)
    order = np.argsort(promised, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    far = [abs(float(promised[p].mean() - happened[p].mean())) * len(p) for p in parts]
    return sum(far) / len(apart)
