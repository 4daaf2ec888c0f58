"""Stage `score`: scores posters, or any pictures, and keeps the scorer to its contract.

Gates are judged by the pipeline; here scores only have to be complete, in range, explained and in
order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from contentfab import registry
from contentfab.errors import BadOutput
from contentfab.protocols import Scorer
from contentfab.records.scores import ScoreCard, ScoreRequest
from contentfab.rules.safety.checked import Checked, told
from contentfab.settings import Settings

VERSION = "2"


def score(requests: Sequence[ScoreRequest], scorer: Scorer) -> list[ScoreCard]:
    """One card per request, in order. Raises BadOutput when the scorer breaks its contract:
    cards missing or out of order, a number out of its range, without an explanation, or under no
    calibration id. A card whose scorer looked at no content says so."""
    cards = scorer.score(requests) if requests else []
    asked, got = [r.key for r in requests], [c.key for c in cards]
    if asked != got:
        raise BadOutput(
            f"scorer {scorer.id} answered {len(got)} of {len(asked)} pictures, or out of order",
            hint="Report this to the scorer's author, or choose another score.backend.",
        )
    for card in cards:
        _check(card, scorer.id)
    return [told(card) for card in cards]


def open_scorer(settings: Settings, **context: Any) -> Scorer:
    """The scorer of the section `score`, with the safety scorer of its option `safety` beside it
    where that is set: a folder of a safety model, or the name of a scorer that is installed."""
    options = settings.section("score")
    scorer: Scorer = registry.build("score", options, **context)
    wanted = settings.option("score", "safety")
    if not wanted:
        return scorer
    if wanted in registry.names("scorers"):
        beside: dict[str, Any] = {"backend": wanted}
    else:
        beside = {"backend": "safety", "model": str(wanted)}
        beside |= {"device": options["device"]} if "device" in options else {}
    return Checked(scorer, registry.build("score", beside, **context))


def _check(card: ScoreCard, scorer_id: str) -> None:
    """Every number finite and in its range, every number explained and under a calibration id."""
    shares = [("appeal", card.appeal), ("brand_fit", card.brand_fit)]
    shares += [(criterion.name, criterion.value) for criterion in card.criteria]
    shares += [("appeal_confidence", card.appeal_confidence)]
    places = [("appeal_percentile", card.appeal_percentile)]
    places += [
        (f"{criterion.name}.percentile", criterion.percentile) for criterion in card.criteria
    ]
    free = [("appeal_z", card.appeal_z), ("text_inflation", card.text_inflation)]
    free += [(f"{criterion.name}.raw", criterion.raw) for criterion in card.criteria]
    spread = [("appeal_spread", card.appeal_spread)]
    ranges = ((shares, 0.0, 1.0), (places, 0.0, 100.0), (free, -math.inf, math.inf))
    for named, least, most in (*ranges, (spread, 0.0, math.inf)):
        for name, value in named:
            if value is not None and not (math.isfinite(value) and least <= value <= most):
                limits = f"not in [{least:g}, {most:g}]" if math.isfinite(most) else "no number"
                raise _broken(scorer_id, f"{name} of {card.key} is {value}, {limits}")
    if not card.calibration_id:
        raise _broken(scorer_id, f"the scores of {card.key} have no calibration id")
    for criterion in card.criteria:
        if not criterion.explanation:
            raise _broken(scorer_id, f"{criterion.name} of {card.key} has no explanation")


def _broken(scorer_id: str, what: str) -> BadOutput:
    hint = "Report this to the scorer's author, or choose another score.backend."
    return BadOutput(f"scorer {scorer_id}: {what}", hint=hint)
