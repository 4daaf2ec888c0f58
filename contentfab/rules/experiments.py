"""Numbers an experiment is planned with. Pure; later stages read results, this one only plans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist


def n_per_arm(
    baseline: float, mde_relative: float, alpha: float, power: float, comparisons: int = 1
) -> int:
    """Units per arm to tell `baseline` from `baseline * (1 + mde_relative)`, two-sided.

    Pooled normal approximation (Fleiss, Statistical Methods for Rates and Proportions, ch. 4, no
    continuity correction), alpha shared by Bonferroni over `comparisons` with the control."""
    other = min(baseline * (1 + mde_relative), 1 - 1e-9)
    pooled = (baseline + other) / 2
    z_alpha = NormalDist().inv_cdf(1 - alpha / max(1, comparisons) / 2)
    z_power = NormalDist().inv_cdf(power)
    spread = z_alpha * math.sqrt(2 * pooled * (1 - pooled)) + z_power * math.sqrt(
        baseline * (1 - baseline) + other * (1 - other)
    )
    return math.ceil((spread / (other - baseline)) ** 2)


def weights_bp(shares: Sequence[float] | None, count: int) -> list[int]:
    """Percentages of `count` arms (None: equal ones) in basis points that sum to 10000, by largest
    remainder, so that no bucket edge drifts."""
    exact = [share * 100 for share in shares or [100 / count] * count]
    whole = [int(value) for value in exact]
    by_remainder = sorted(range(count), key=lambda i: (whole[i] - exact[i], i))
    for i in by_remainder[: 10000 - sum(whole)]:
        whole[i] += 1
    return whole
