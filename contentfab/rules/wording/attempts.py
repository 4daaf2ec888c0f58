"""The attempts at the copy of one cell: what was accepted, what was refused and why, what to ask.

Pure: replies go in, repair requests and at last an outcome come out. A draft is accepted when it
keeps the contract and says something else than the others of its cell; `settle` then holds it
against the rest of the campaign. A spare stands in for a variant that has no valid draft, and its
angle with it. Knows no copywriter and no order of cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from contentfab.records.copy import (
    CopyDraft,
    CopyOutcome,
    CopyReply,
    CopyRequest,
    Rejected,
    Unusable,
    Usage,
    Violation,
)
from contentfab.rules.art_choices import check_art
from contentfab.rules.wording.contract import check, check_variants
from contentfab.rules.wording.diversity import OTHER_CELL, Near, Seen

NEAR = "copy.near-duplicate"


class Attempts:
    """One request under way, which may be asked again `repairs` times."""

    def __init__(self, request: CopyRequest, repairs: int) -> None:
        self.request = request
        self._left = 1 + repairs
        self._made = 0
        own = {ask.id for ask in request.variants}
        self._mates = [draft for draft in request.previous if draft.variant not in own]
        self._filled: dict[str, CopyDraft] = {}
        self._spares: list[CopyDraft] = []
        self._too_near: dict[str, tuple[Near, CopyDraft]] = {}
        self._refused: dict[str, Rejected] = {}
        self._faults: dict[str, tuple[Violation, ...]] = {}
        self._rejected: list[Rejected] = []
        self._unusable: list[Unusable] = []
        self._warnings: dict[str, tuple[Violation, ...]] = {}
        self._similar: dict[str, Near] = {}
        self._error, self._retryable = "", False
        self._usage = Usage()
        self._recipe: Mapping[str, Any] = {}

    def take(self, reply: CopyReply) -> CopyRequest | None:
        """Sort a reply's drafts. What to ask next, None when nothing more is to be asked."""
        self._made += 1
        self._left -= 1
        self._recipe = reply.recipe
        self._usage = _sum(self._usage, reply.usage)
        self._error, self._retryable = reply.error, reply.retryable
        if reply.error:
            answer = str(reply.recipe.get("answer", ""))
            self._unusable.append(Unusable(reply.error, answer, self._made))
            self._left = 0
        places = {ask.id: n for n, ask in enumerate((*self.request.variants, *self.request.spares))}
        drafts = {d.variant: d for d in reply.drafts if d.variant in places}
        for draft in sorted(drafts.values(), key=lambda d: places[d.variant]):
            if draft.variant not in self._filled:
                self._judge(draft)
        self._fill()
        return self._ask([name for name in self._names() if name not in self._filled])

    def give_up(self, reason: str) -> None:
        """Nothing is asked any more; `reason` says why there was no answer, if there was none."""
        self._left, self._error = 0, reason or self._error
        self._fill()

    def settle(self, others: Seen) -> CopyRequest | None:
        """Hold what is valid against the rest of the campaign. What to ask anew, None when the
        choice stands; then it is part of `others`."""
        near = {}
        for name in [name for name in self._names() if name in self._filled]:
            if violation := self._compare(name, others):
                near[name] = violation
        if near and self._left > 0:
            for name, violation in near.items():
                draft = self._filled.pop(name)
                self._too_near[name] = (self._similar[name], draft)
                self._refuse(draft, (violation,))
            return self._ask(list(near))
        for name, violation in near.items():
            self._warnings[name] = (*self._warnings[name], replace(violation, level="warn"))
        for draft in self._filled.values():
            others.add(draft, self.request)
        return None

    def outcome(self) -> CopyOutcome:
        """What became of the request."""
        done = [name for name in self._names() if name in self._filled]
        return CopyOutcome(
            request=self.request,
            accepted=tuple(self._filled[name] for name in done),
            warnings=tuple(v for name in done for v in self._warnings[name]),
            rejected=tuple(self._rejected),
            failures={
                name: self._error or self._last_reason(name)
                for name in self._names()
                if name not in done
            },
            retryable=self._retryable,
            usage=self._usage,
            recipe=self._recipe,
            unusable=tuple(self._unusable),
            attempts=self._made,
        )

    def _names(self) -> list[str]:
        return [ask.id for ask in self.request.variants]

    def _judge(self, draft: CopyDraft) -> None:
        said = [*self._mates, *self._filled.values(), *self._spares, draft]
        violations = (
            *check(draft, self.request),
            *check_art(draft, self.request),
            *check_variants(said, self.request),
        )
        errors = tuple(v for v in violations if v.level == "error")
        if errors:
            self._refuse(draft, errors)
            self._faults[draft.variant] = violations  # what is asked anew may mend warnings too
            return
        self._warnings[draft.variant] = violations
        if draft.variant in self._names():
            self._filled[draft.variant] = draft
        else:
            self._spares.append(draft)

    def _refuse(self, draft: CopyDraft, errors: tuple[Violation, ...]) -> None:
        self._refused[draft.variant] = Rejected(draft, errors, self._made)
        self._faults[draft.variant] = errors
        self._rejected.append(self._refused[draft.variant])

    def _fill(self) -> None:
        """Spares stand in for variants without a draft, the one with the fewest warnings first; at
        the end so does a valid draft that was only too near to other copy."""
        self._spares.sort(key=lambda spare: len(self._warnings[spare.variant]))
        for name in self._names():
            if name not in self._filled and self._spares:
                self._stand_in(name, self._spares.pop(0))
            if name not in self._filled and self._left <= 0 and name in self._too_near:
                earlier = self._too_near[name][1]
                said = [*self._mates, *self._filled.values(), earlier]
                if not check_variants(said, self.request):
                    self._filled[name] = earlier

    def _stand_in(self, name: str, spare: CopyDraft) -> None:
        self._filled[name] = replace(spare, variant=name)
        self._warnings[name] = tuple(
            replace(violation, variant=name) for violation in self._warnings[spare.variant]
        )

    def _compare(self, name: str, others: Seen) -> Violation | None:
        """Measure one draft, and what could take its place where it is too near to other copy."""
        near = self._near(self._filled[name], others)
        for spare in list(self._spares) if near.similarity >= OTHER_CELL else ():
            other = self._near(spare, others)
            if other.similarity < OTHER_CELL:
                self._spares.remove(spare)
                self._stand_in(name, spare)
                near = other
                break
        earlier = self._too_near.get(name)
        if earlier is not None and earlier[0].similarity < near.similarity:
            near, self._filled[name] = earlier
        self._similar[name] = near
        if near.similarity < OTHER_CELL:
            return None
        hint = f"the copy reads like that of {near.variant}; take another idea and other words"
        return Violation(name, "", NEAR, hint, round(near.similarity, 3), OTHER_CELL)

    def _near(self, draft: CopyDraft, others: Seen) -> Near:
        return others.nearest(draft, self.request) or Near("", 0.0)

    def _ask(self, missing: list[str]) -> CopyRequest | None:
        """The request for variants that have no draft, with their last faults."""
        if not missing or self._left <= 0:
            return None
        refused = [self._refused[name] for name in missing if name in self._refused]
        return replace(
            self.request,
            variants=tuple(ask for ask in self.request.variants if ask.id in missing),
            spares=(),
            feedback=tuple(v for r in refused for v in self._faults[r.draft.variant]),
            previous=(*(r.draft for r in refused), *self._mates, *self._filled.values()),
        )

    def _last_reason(self, name: str) -> str:
        rejected = self._refused.get(name)
        if rejected is None:
            return "the copywriter left this variant out"
        return "; ".join(v.message for v in rejected.violations)


def _sum(one: Usage, two: Usage) -> Usage:
    known = one.cost_usd is not None and two.cost_usd is not None
    return Usage(
        one.calls + two.calls,
        one.input_tokens + two.input_tokens,
        one.output_tokens + two.output_tokens,
        (one.cost_usd or 0) + (two.cost_usd or 0) if known else None,
    )
