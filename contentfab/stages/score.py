"""Stage `score`: scores posters, or any pictures, and keeps the scorer to its contract.

Gates are judged by the pipeline; here a score only has to be complete, in range and in order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from contentfab.errors import BadOutput
from contentfab.protocols import Scorer
from contentfab.records.scores import ScoreCard, ScoreRequest

VERSION = "1"


def score(requests: Sequence[ScoreRequest], scorer: Scorer) -> list[ScoreCard]:
    """One card per request, in order. Raises BadOutput when the scorer breaks its contract:
    cards missing or out of order, or a number that is not in [0, 1]."""
    cards = scorer.score(requests) if requests else []
    asked, got = [r.key for r in requests], [c.key for c in cards]
    if asked != got:
        raise BadOutput(
            f"scorer {scorer.id} answered {len(got)} of {len(asked)} pictures, or out of order",
            hint="Report this to the scorer's author, or choose another score.backend.",
        )
    for card in cards:
        _check(card, scorer.id)
    return cards


def _check(card: ScoreCard, scorer_id: str) -> None:
    named = [("appeal", card.appeal), ("brand_fit", card.brand_fit)]
    named += [(criterion.name, criterion.value) for criterion in card.criteria]
    for name, value in named:
        if value is not None and not (math.isfinite(value) and 0.0 <= value <= 1.0):
            raise BadOutput(
                f"scorer {scorer_id}: {name} of {card.key} is {value}, not in [0, 1]",
                hint="Report this to the scorer's author, or choose another score.backend.",
            )
