"""Copy jobs as the ledger and the run folder keep them: accepted copy, and every refused attempt.

Asks the copywriter in portions when a budget is set, so that the run stops before it is passed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from contentfab.protocols import Copywriter
from contentfab.records.brief import Brief
from contentfab.records.copy import (
    Author,
    CopyDraft,
    CopyOutcome,
    CopyRequest,
    Usage,
    Violation,
)
from contentfab.records.plan import CopyJob
from contentfab.rules.contract import measures
from contentfab.rules.keys import line_id
from contentfab.rules.labels import label_text
from contentfab.stages.label import copy_file, copy_id
from contentfab.store import Entry

PORTION = 8  # cells asked at once under a budget; small, since what is asked is also spent

Stage = Callable[[Sequence[CopyRequest], Copywriter], Iterator[CopyOutcome]]


def make(
    jobs: Sequence[CopyJob],
    *,
    stage: Stage,
    writer: Copywriter,
    to_do: set[str],
    budget: float | None,
) -> Iterator[CopyOutcome]:
    """Outcomes for the variants that are to do. Under a budget, portions are asked only while
    what the dearest portion so far cost still fits; the rest fails as retryable."""
    requests = [_missing(job, to_do) for job in jobs]
    portion = PORTION if budget is not None else max(1, len(requests))
    spent = dearest = 0.0
    for start in range(0, len(requests), portion):
        batch = requests[start : start + portion]
        if budget is not None and (spent + dearest > budget or (spent and spent >= budget)):
            for request in batch:
                yield _over_budget(request, budget)
            continue
        cost = 0.0
        for outcome in stage(batch, writer):
            cost += outcome.usage.cost_usd or 0.0
            yield outcome
        spent, dearest = spent + cost, max(dearest, cost)


def files(
    job: CopyJob, outcome: CopyOutcome, *, brief: Brief, writer: Copywriter
) -> list[tuple[Entry, dict[str, bytes]]]:
    """Ledger entry and files of each variant that the request asked for."""
    share = _share(outcome.usage, len(outcome.request.variants))
    made = []
    for draft in outcome.accepted:
        made.append(_accepted(job, outcome, draft, brief, writer, share))
    for variant, reason in outcome.failures.items():
        made.append(_failed(job, outcome, variant, reason, share))
    return made


def _missing(job: CopyJob, to_do: set[str]) -> CopyRequest:
    asks = tuple(ask for ask in job.request.variants if job.keys[ask.id] in to_do)
    return replace(job.request, variants=asks)


def _accepted(
    job: CopyJob,
    outcome: CopyOutcome,
    draft: CopyDraft,
    brief: Brief,
    writer: Copywriter,
    share: float | None,
) -> tuple[Entry, dict[str, bytes]]:
    request, label = outcome.request, brief.campaign.label
    author = outcome.author or Author(writer.id, bool(getattr(writer, "uses_ai", True)))
    uses_ai = author.uses_ai
    warnings = [asdict(v) for v in outcome.warnings if v.variant == draft.variant]
    if author.remark:
        warnings.append(asdict(Violation(draft.variant, "", "copy.author", author.remark)))
    name, _, revision = author.id.partition("/")
    content = {
        "variant": draft.variant,
        "locale": request.cell.locale,
        "channel": request.cell.channel,
        "angle": draft.angle,
        "fields": dict(draft.fields),
        "provenance": {
            "digital_source_type": "trainedAlgorithmicMedia" if uses_ai else "algorithmicMedia",
            "uses_ai": uses_ai,
            "engine": name,
            "model": author.id,
            "model_revision": revision,
            "seed": request.seed,
            "human_edited": author.human_edited,
        },
    }
    identity = copy_id(content)
    data = copy_file(
        identity,
        content,
        locale=request.cell.locale,
        producer=label.producer,
        jurisdictions=label.jurisdictions,
        uses_ai=uses_ai,
        labelled=uses_ai or label.policy == "always",
    )
    path = f"assets/{identity[:2]}/{identity}.json"
    asset = {
        "id": identity,
        "kind": "copy",
        "path": path,
        "media_type": "application/json",
        "bytes": len(data),
        "digest": {"sha256": _sha256(data)},
        "locale": request.cell.locale,
        "angle": draft.angle,
        "line": line_id(draft.variant),
        "fields": dict(draft.fields),
        "measures": measures(draft, request.channel),
        "provenance": content["provenance"],
        "label": _copy_label(request, brief, uses_ai),
        "checks": [
            {
                "rule": w["rule"],
                "level": "warn",
                "message": w["message"],
                "measure": w["measure"],
                "limit": w["limit"],
            }
            for w in warnings
        ],
    }
    result = {
        "asset": asset,
        "path": path,
        "bytes": len(data),
        "cost_usd": share,
        "uses_ai": uses_ai,
        "recipe": dict(outcome.recipe),
    }
    key = job.keys[draft.variant]
    entry = Entry(key, "copy", draft.variant, "done", result=result, cost_usd=share)
    return entry, {path: data}


def _copy_label(request: CopyRequest, brief: Brief, uses_ai: bool) -> dict[str, Any]:
    label = brief.campaign.label
    marked = uses_ai or label.policy == "always"
    text = label_text(request.cell.locale, label.jurisdictions) if marked else ""
    return {
        "visible": {"text": text, "state": "valid" if marked else "not_checked", "box": None},
        "metadata": {"state": "valid" if marked else "absent", "id": ""},
        "watermark": None,
        "c2pa": None,
    }


def _failed(
    job: CopyJob, outcome: CopyOutcome, variant: str, reason: str, share: float | None
) -> tuple[Entry, dict[str, bytes]]:
    attempts = [
        {
            "fields": dict(rejected.draft.fields),
            "angle": rejected.draft.angle,
            "violations": [asdict(violation) for violation in rejected.violations],
        }
        for rejected in outcome.rejected
        if rejected.draft.variant == variant
    ]
    result: dict[str, Any] = {"exit_code": 7}
    kept = {}
    if attempts:
        document = {"job": variant, "stage": "copywriting", "reason": reason, "attempts": attempts}
        data = (json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()
        path = f"rejects/{variant}.json"
        result |= {"path": path, "bytes": len(data)}
        kept = {path: data}
    key = job.keys[variant]
    return Entry(
        key, "copy", variant, "failed", reason, outcome.retryable, result, cost_usd=share
    ), kept


def _over_budget(request: CopyRequest, budget: float) -> CopyOutcome:
    reason = f"not asked: the budget of {budget:g} USD would be passed"
    failures = {ask.id: reason for ask in request.variants}
    return CopyOutcome(request, (), (), (), failures, True, Usage())


def _share(usage: Usage, variants: int) -> float | None:
    """What one variant cost: a request's cost is shared by the variants it asked for."""
    return None if usage.cost_usd is None else usage.cost_usd / max(1, variants)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
