"""Which of two scored pictures is better, or that the scores cannot tell.

A difference that is smaller than what other views or other prompts of the same pictures would make
of it is a tie. Numbers of different calibration ids are never compared. Knows nothing of how a
score was made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from contentfab.errors import InputError
from contentfab.rules.scoring.picks import probability

SURE_Z = 1.64
"""Standard deviations of the difference that it must exceed: 95 % one-sided."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A score with its standard deviation over views and prompts, in the same unit; `spread` is
    None when it was not measured, and then nothing can be told apart."""

    value: float
    spread: float | None
    calibration_id: str


@dataclass(frozen=True, slots=True)
class Preference:
    """`better` is 0 for the first picture, 1 for the second, None for a tie; `probability` that a
    person picks the first, None without a fitted pair temperature; `reason` in one sentence."""

    better: int | None
    probability: float | None
    reason: str

    @property
    def tie(self) -> bool:
        return self.better is None


def preferred(one: Measured, other: Measured, temperature: float | None = None) -> Preference:
    """The better of two pictures: only when the scores differ by more than 1.64 standard
    deviations of their difference (spreads taken as independent, which errs towards ties).
    `temperature` is the pair temperature of this score, fitted to a team's picks. Raises InputError
    for different calibration ids."""
    _same_scale(one, other)
    apart = one.value - other.value
    chance = probability(one.value, other.value, temperature) if temperature else None
    if one.spread is None or other.spread is None:
        return Preference(None, chance, "tie: the spread of the scores is not known")
    least = SURE_Z * math.hypot(one.spread, other.spread)
    if abs(apart) <= least or apart == 0:
        reason = f"tie: they differ by {abs(apart):.3g}, and views alone by up to {least:.3g}"
        return Preference(None, chance, reason)
    name = "first" if apart > 0 else "second"
    reason = f"the {name} is better by {abs(apart):.3g}, more than views differ ({least:.3g})"
    return Preference(0 if apart > 0 else 1, chance, reason)


def ranks(measured: Sequence[Measured]) -> list[int]:
    """For each picture 1 plus the number of pictures that are clearly better; ties share a rank.
    Compares every pair. Raises InputError for different calibration ids."""
    for one in measured[1:]:
        _same_scale(measured[0], one)
    values = np.array([one.value for one in measured], float)
    spreads = np.array([math.inf if one.spread is None else one.spread for one in measured])
    least = SURE_Z * np.hypot(spreads[:, None], spreads[None, :])
    better = values[:, None] - values[None, :] > least  # row better than column
    return [1 + int(count) for count in better.sum(axis=0)]


def _same_scale(one: Measured, other: Measured) -> None:
    if one.calibration_id != other.calibration_id:
        raise InputError(
            f"scores of different calibration ids cannot be compared: {one.calibration_id} "
            f"and {other.calibration_id}",
            hint="score both pictures with the same model, prompts and background set",
        )
