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
    """Mean in [0, 1] of the criteria that `weights` names and that could be measured, rounded to
    four places; None when none could. Geometric, because in a sum a strong criterion hides a
    failed one."""
    used = {name: weight for name, weight in weights.items() if name in criteria and weight > 0}
    if not used:
        return None
    logs = sum(w * math.log(max(FLOOR, criteria[name].value)) for name, w in used.items())
    return round(math.exp(logs / sum(used.values())), 4)
