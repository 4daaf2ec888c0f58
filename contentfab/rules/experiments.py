"""Numbers an experiment is planned with. Pure; later stages read results, this one only plans."""

from __future__ import annotations

import math
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
