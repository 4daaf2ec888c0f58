"""copywriting: ask, check against the contract, send violations back, accept what holds.

A variant that cannot be made valid ends as a failure with its reason and every refused draft; it
is never dropped silently. Knows no endpoint, no disk and no picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from contentfab.protocols import Copywriter
from contentfab.records.copy import (
    CopyDraft,
    CopyOutcome,
    CopyReply,
    CopyRequest,
    Rejected,
    Usage,
    Violation,
)
from contentfab.rules.contract import check, check_variants

REPAIRS = 2


@dataclass(slots=True)
class _Work:
    """One request under way: what was accepted, refused and spent so far."""

    request: CopyRequest
    accepted: dict[str, CopyDraft] = field(default_factory=dict)
    warnings: list[Violation] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    error: str = ""
    retryable: bool = False
    usage: Usage = field(default_factory=Usage)
    reply: CopyReply | None = None


def copywriting(
    requests: Sequence[CopyRequest], writer: Copywriter, repairs: int = REPAIRS
) -> Iterator[CopyOutcome]:
    """One outcome per request, in the order in which they become final."""
    open_work = {request.key: _Work(request) for request in requests}
    asks = list(requests)
    for last in [*[False] * repairs, True]:
        again = []
        for reply in writer.write(asks):
            work = open_work[reply.key]
            follow_up = _take(work, reply)
            if follow_up is None or last:
                yield _outcome(open_work.pop(reply.key))
            else:
                again.append(follow_up)
        asks = again
        if not asks:
            break
    for work in open_work.values():  # a writer that left requests unanswered
        work.error = work.error or "the copywriter gave no answer"
        yield _outcome(work)


def _take(work: _Work, reply: CopyReply) -> CopyRequest | None:
    """Sort a reply's drafts; the repair request for what is still missing, or None."""
    work.reply = reply
    work.usage = _add(work.usage, reply.usage)
    work.error, work.retryable = reply.error, reply.retryable
    if reply.error:
        return None
    feedback: list[Violation] = []
    refused: list[CopyDraft] = []
    wanted = {ask.id for ask in work.request.variants}
    for draft in reply.drafts:
        if draft.variant not in wanted or draft.variant in work.accepted:
            continue
        twins = check_variants([*work.accepted.values(), draft], work.request)
        violations = [*check(draft, work.request), *twins]
        errors = tuple(v for v in violations if v.level == "error")
        if errors:
            work.rejected.append(Rejected(draft, errors))
            feedback.extend(errors)
            refused.append(draft)
        else:
            work.accepted[draft.variant] = draft
            work.warnings.extend(violations)
    missing = tuple(ask for ask in work.request.variants if ask.id not in work.accepted)
    if not missing:
        return None
    return replace(
        work.request, variants=missing, feedback=tuple(feedback), previous=tuple(refused)
    )


def _outcome(work: _Work) -> CopyOutcome:
    failures = {}
    for ask in work.request.variants:
        if ask.id not in work.accepted:
            failures[ask.id] = work.error or _last_reason(work, ask.id)
    return CopyOutcome(
        request=work.request,
        accepted=tuple(work.accepted.values()),
        warnings=tuple(work.warnings),
        rejected=tuple(work.rejected),
        failures=failures,
        retryable=work.retryable,
        usage=work.usage,
        recipe=work.reply.recipe if work.reply else {},
    )


def _last_reason(work: _Work, variant: str) -> str:
    for rejected in reversed(work.rejected):
        if rejected.draft.variant == variant:
            return "; ".join(f"{v.field}: {v.message}" for v in rejected.violations)
    return "the copywriter left this variant out"


def _add(one: Usage, two: Usage) -> Usage:
    known = one.cost_usd is not None and two.cost_usd is not None
    return Usage(
        one.calls + two.calls,
        one.input_tokens + two.input_tokens,
        one.output_tokens + two.output_tokens,
        (one.cost_usd or 0) + (two.cost_usd or 0) if known else None,
    )
