"""One score out of several criteria. Knows neither pictures nor brands."""

from __future__ import annotations

import math
from collections.abc import Mapping

from contentfab.records.scores import Criterion

FLOOR = 0.02
"""Least value that a criterion counts with: a failed one weighs heavily but does not erase all."""


def weighted_geometric_mean(
    criteria: Mapping[str, Criterion], weights: Mapping[str, float]
) -> float | None:
    """Mean in [0, 1] of the criteria that `weights` names and that could be measured and tell
    something, rounded to four places; None when none could. Geometric, because in a sum a strong
    criterion hides a failed one."""
    used = {
        name: (weight, value)
        for name, weight in weights.items()
        if weight > 0
        and name in criteria
        and criteria[name].informative
        and (value := criteria[name].value) is not None
    }
    if not used:
        return None
    logs = sum(weight * math.log(max(FLOOR, value)) for weight, value in used.values())
    return round(math.exp(logs / sum(weight for weight, _ in used.values())), 4)
