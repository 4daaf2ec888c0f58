"""Copy scores: every criterion of `copy_criteria` on every draft, and one number out of them.

Gates come first: a number that nothing supports or a banned word caps the score. Then a weighted
geometric mean, with the weights of the brand guide (`scores: copy:`). Scores compare copies of one
language and channel under the same rules and weights; they predict no clicks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from contentfab.records.assets import Asset, ClaimRecord, Score
from contentfab.records.copy import CopyDraft, CopyRequest
from contentfab.records.plan import Plan
from contentfab.records.score_weights import CopyWeights
from contentfab.records.scores import Criterion
from contentfab.rules.locales import language
from contentfab.rules.scoring import copy_criteria as criteria
from contentfab.rules.scoring.fusion import FLOOR, weighted_geometric_mean
from contentfab.rules.scoring.gates import CAP
from contentfab.rules.wording.compliance import LEXICONS
from contentfab.rules.wording.contract import claim_records
from contentfab.rules.wording.diversity import Near, distances

RULES = "copy-rules/1"
"""Raise the number with any change of a criterion: it keeps old scores apart from new."""
_LEXICONS = (("contentfab.rules.scoring", "cta.yaml"), *LEXICONS)


@dataclass(frozen=True, slots=True)
class CopyCard:
    """Scores of one copy. `value` is the fused score in [0, 1], None when nothing could be
    measured; `failed_gates` say why it is capped. Numbers with different calibration ids must not
    be compared."""

    variant: str
    value: float | None
    criteria: tuple[Criterion, ...]
    calibration_id: str
    failed_gates: tuple[str, ...] = ()

    @property
    def explanation(self) -> str:
        """Why the score is what it is: failed gates, else its weakest parts."""
        if self.failed_gates:
            return f"at most {CAP:g}: {'; '.join(self.failed_gates)}"
        rated = [(c.value, c.name) for c in self.criteria if c.value is not None]
        weak = [f"{name} {value:.2f}" for value, name in sorted(rated)[:2] if value < 1]
        return f"weakest: {', '.join(weak)}" if weak else "every criterion is met"


def copy_cards(
    entries: Iterable[tuple[CopyRequest, CopyDraft]],
    weights: CopyWeights | None = None,
    claims: Mapping[str, Sequence[ClaimRecord]] | None = None,
) -> dict[str, CopyCard]:
    """A card for each draft by its variant's id. Drafts are compared with each other: give all of
    a campaign's at once, so that a card does not depend on the order in which they were made.
    `claims` are those of each variant where they are known; finding them is most of the work."""
    known = list(entries)
    weights = weights or CopyWeights()
    claims = claims or {}
    near = distances(known)
    cells: dict[str, list[CopyDraft]] = {}
    for request, draft in known:
        cells.setdefault(request.cell.id, []).append(draft)
    repeated: dict[str, Criterion] = {}
    found = {}
    for request, draft in known:
        cell = request.cell.id
        if cell not in repeated:
            repeated[cell] = criteria.distinct_2(cells[cell], request)
        made = claims.get(draft.variant)
        if made is None:
            made = [ClaimRecord(**record) for record in claim_records(draft, request)]
        grounded = criteria.grounding(draft, made)
        found[draft.variant] = _card(
            draft, request, weights, grounded, near.get(draft.variant), repeated[cell]
        )
    return found


def with_scores(plan: Plan, copies: Mapping[str, Asset], weights: CopyWeights) -> dict[str, Asset]:
    """Copy with its scores, measured over all of it at the end, so that they are the same for a
    run in one go, in shards, or resumed."""
    jobs = {name: job.request for job in plan.copies for name in job.keys}
    drafts = [
        (jobs[name], CopyDraft(name, asset.angle or "", asset.fields or {}))
        for name, asset in copies.items()
        if name in jobs
    ]
    claims = {name: asset.claims for name, asset in copies.items()}
    cards = copy_cards(drafts, weights, claims)
    found = {copies[name].id: score_records(card) for name, card in cards.items()}
    return {
        name: asset.model_copy(update={"scores": found.get(asset.id, [])})
        for name, asset in copies.items()
    }


def score_records(card: CopyCard) -> list[Score]:
    """A card as `scores[]` of the manifest: the fused score, then each criterion."""
    named = [("copy", card.value, card.explanation)]
    named += [(c.name, c.value, c.explanation) for c in card.criteria]
    return [
        Score(
            name=name,
            value=value,
            explanation=explanation,
            calibration_id=card.calibration_id,
            model=RULES,
            uses_clip=False,
        )
        for name, value, explanation in named
    ]


def calibration_id(locale: str, channel: str, weights: CopyWeights) -> str:
    """Names all that a number depends on besides the copy: formulas, bands, lexicons, the weights,
    and the language and channel within which it may be compared."""
    fixed = [
        (FLOOR, CAP, criteria.SHORT, criteria.READABLE, criteria.HARD, criteria.SAME),
        (criteria.APART, sorted(criteria.BY_TONE.items()), sorted(criteria.LOUD.items())),
        (language(locale), channel, _lexicons()),
        sorted(weights.model_dump().items(), key=lambda item: item[0]),
    ]
    return f"{RULES}@{hashlib.sha256(repr(fixed).encode()).hexdigest()[:12]}"


def _card(
    draft: CopyDraft,
    request: CopyRequest,
    weights: CopyWeights,
    grounding: tuple[Criterion, str],
    near: Near | None,
    repeated: Criterion,
) -> CopyCard:
    grounded, loose = grounding
    worded, banned = criteria.wording(draft, request)
    found: Sequence[Criterion] = (
        criteria.length_fit(draft, request),
        criteria.readability(draft, request, weights.reading_ease),
        criteria.call_to_action(draft, request),
        grounded,
        criteria.diversity(near),
        repeated,
        worded,
    )
    failed = tuple(gate for gate in (loose, banned) if gate)
    by_name = {criterion.name: criterion for criterion in found}
    value = weighted_geometric_mean(by_name, _of(weights))
    if value is not None and failed:
        value = min(value, CAP)
    return CopyCard(
        variant=draft.variant,
        value=value,
        criteria=tuple(found),
        calibration_id=calibration_id(request.cell.locale, request.cell.channel, weights),
        failed_gates=failed,
    )


def _of(weights: CopyWeights) -> Mapping[str, float]:
    values: dict[str, Any] = weights.model_dump(exclude={"reading_ease"})
    return values


@cache
def _lexicons() -> str:
    data = b"".join((files(package) / name).read_bytes() for package, name in _LEXICONS)
    return hashlib.sha256(data).hexdigest()[:12]
