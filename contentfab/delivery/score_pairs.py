"""Which of a few scored pictures is better, pair by pair, and how likely a team is to pick it.

By appeal's robust z, among pictures of one calibration id. The chance is given where the background
set holds a pair temperature that was fitted under that very id (`contentfab calibrate --picks`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from contentfab.delivery._score_records import Scored
from contentfab.protocols import Scorer
from contentfab.rules.scoring.ties import Measured, Preference, preferred

MOST_PAIRED = 8
"""Pictures whose pairs are listed; of more than that there are ranks alone."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures, by path, and which one is better."""

    first: str
    second: str
    preference: Preference

    def as_json(self) -> dict[str, Any]:
        """An entry of `pairs`: `better` is a path, None for a tie."""
        found = self.preference
        chance = found.probability
        return {
            "first": self.first,
            "second": self.second,
            "better": None if found.better is None else (self.first, self.second)[found.better],
            "tie": found.tie,
            "probability": None if chance is None else round(chance, 4),
            "reason": found.reason,
        }

    def __str__(self) -> str:
        chance = self.preference.probability
        picked = "" if chance is None else f"; your team picks the first in {chance:.0%}"
        return f"{self.first} and {self.second}: {self.preference.reason}{picked}"


def measured(scored: Scored) -> Measured | None:
    """Appeal with its spread, in z; None where the scorer could not tell."""
    card = scored.card
    if card is None or card.appeal_z is None or card.appeal_spread is None:
        return None
    return Measured(card.appeal_z, card.appeal_spread, card.calibration_id)


def pairs(scored: Sequence[Scored], scorer: Scorer) -> list[Pair]:
    """Every pair of pictures that may be compared, in order; none of more than MOST_PAIRED."""
    if len(scored) > MOST_PAIRED:
        return []
    known = [(one.path, value) for one in scored if (value := measured(one)) is not None]
    temperature = getattr(scorer, "pair_temperature", lambda _: None)
    return [
        Pair(first, second, preferred(one, other, temperature(one.calibration_id)))
        for (first, one), (second, other) in combinations(known, 2)
        if one.calibration_id == other.calibration_id
    ]
