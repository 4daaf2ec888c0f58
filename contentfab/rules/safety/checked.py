"""A scorer with a safety scorer beside it: the same cards, with what was found in the pictures.

Flags cost no beauty points: they are a gate of their own, which makes a poster a reject. Without a
safety scorer every card says that nobody looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contentfab.protocols import Scorer
from contentfab.records.scores import ScoreCard, ScoreRequest

NOT_CHECKED = "image content not checked"
CRITERION = "safety"
"""The criterion of a safety scorer: 0 for a flagged picture."""


class Checked:
    """Both scorers as one; parallel and batched as the first of them is."""

    def __init__(self, scorer: Scorer, safety: Scorer) -> None:
        self._scorer, self._safety = scorer, safety
        self.id = f"{scorer.id}+{safety.id}"
        self.parallel = bool(getattr(scorer, "parallel", False)) and bool(
            getattr(safety, "parallel", False)
        )
        self.batch_size = int(getattr(scorer, "batch_size", 16))

    @property
    def alone(self) -> Scorer:
        """The first of them, for whoever asks about scores only."""
        return self._scorer

    def score(self, requests: Sequence[ScoreRequest]) -> list[ScoreCard]:
        """One card per request, in order."""
        cards, looks = self._scorer.score(requests), self._safety.score(requests)
        return [with_safety(card, look) for card, look in zip(cards, looks, strict=True)]


def with_safety(card: ScoreCard, look: ScoreCard) -> ScoreCard:
    """A card with the findings of a safety scorer's card."""
    return replace(
        card,
        criteria=(*card.criteria, *look.criteria),
        failed_gates=(*card.failed_gates, *look.failed_gates),
        review=(*card.review, *look.review),
        content=look.content or NOT_CHECKED,
    )


def told(card: ScoreCard) -> ScoreCard:
    """A card that says so when nobody looked at the picture's content."""
    return card if card.content else replace(card, content=NOT_CHECKED)
