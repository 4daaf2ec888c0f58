"""Copy jobs as the ledger and the run folder keep them: accepted copy, and every refused attempt.

A budget is the copywriter's to keep, request by request; here it is handed over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from contentfab.errors import InputError
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
from contentfab.records.plan import CopyJob, CopyOptions, Plan
from contentfab.rules.keys import line_id
from contentfab.rules.labels.words import label_text
from contentfab.rules.wording.contract import claim_records, measures
from contentfab.settings import Settings
from contentfab.stages.label import copy_file, copy_id
from contentfab.store import Entry

Stage = Callable[[Sequence[CopyRequest], Copywriter], Iterator[CopyOutcome]]


def options(settings: Settings, writer: Copywriter) -> CopyOptions:
    """How copy is asked for, from the section `copy`. Raises InputError for what it cannot be."""
    return CopyOptions(
        surplus=_count(settings, "surplus", None, 3),
        art_direction=_flag(settings, "art_direction"),
        by_model=bool(getattr(writer, "uses_ai", True)),
    )


def repairs(settings: Settings, default: int) -> int:
    """How often a cell is asked again at most."""
    found = _count(settings, "repairs", default, 10)
    return default if found is None else found


def known(plan: Plan, entries: Mapping[str, Entry]) -> dict[str, tuple[CopyRequest, CopyDraft]]:
    """The copy that the run folder has already, by variant."""
    found = {}
    for job in plan.copies:
        for variant, key in job.keys.items():
            entry = entries.get(key)
            if entry is not None and entry.state == "done":
                asset = entry.result["asset"]
                draft = CopyDraft(variant, asset["angle"], asset["fields"])
                found[variant] = (job.request, draft)
    return found


def make(
    jobs: Sequence[CopyJob],
    *,
    stage: Stage,
    writer: Copywriter,
    to_do: set[str],
    budget: float | None,
    done: Mapping[str, tuple[CopyRequest, CopyDraft]],
    campaign: str = "",
    spent: float = 0.0,
) -> Iterator[CopyOutcome]:
    """Outcomes for the variants that are to do; `done` is the copy that there is already. `budget`
    and what is `spent` of it are in USD. A copywriter that can `begin` a run keeps the budget
    request by request; any other is asked cell by cell, while what the dearest cell so far cost
    still fits."""
    requests = [_missing(job, to_do, done) for job in jobs]
    left = None if budget is None else max(0.0, budget - spent)
    if begin := getattr(writer, "begin", None):
        begin(campaign, left)
        left = None
    if left is None:
        yield from map(_whole, stage(requests, writer))
        return
    dearest = 0.0
    for request in requests:
        if dearest > left or left <= 0:
            yield _over_budget(request, budget)
            continue
        cost = 0.0
        for outcome in stage([request], writer):
            cost += outcome.usage.cost_usd or 0.0
            yield outcome
        left, dearest = left - cost, max(dearest, cost)


def spent(entries: Iterable[Entry]) -> float:
    """USD that a run folder has cost so far, as far as it is known."""
    return sum(entry.cost_usd or 0.0 for entry in entries)


def check_budget(writer: Copywriter, budget: float | None) -> None:
    """Raises InputError when a budget cannot be kept, since nobody said what a request costs."""
    if budget is not None and not getattr(writer, "priced", True):
        raise InputError(
            f"a budget of {budget:g} USD cannot be kept: the price of {writer.id} is unknown",
            hint="Add --set copy.price=IN,OUT (USD per million tokens; 0,0 for a server of your "
            "own), or leave the budget out.",
        )


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


def _whole(outcome: CopyOutcome) -> CopyOutcome:
    """An outcome whose answer is still to come (`pending` in its recipe) is kept back as a whole:
    asked again in the same words, it finds every answer that it got so far."""
    if not outcome.recipe.get("pending"):
        return outcome
    reason = next(iter(outcome.failures.values()), "")
    failures = {ask.id: reason for ask in outcome.request.variants}
    return CopyOutcome(outcome.request, (), (), (), failures, True, Usage())


def _missing(
    job: CopyJob, to_do: set[str], done: Mapping[str, tuple[CopyRequest, CopyDraft]]
) -> CopyRequest:
    asks = tuple(ask for ask in job.request.variants if job.keys[ask.id] in to_do)
    mates = (done[name][1] for name, key in job.keys.items() if key not in to_do and name in done)
    return replace(job.request, variants=asks, previous=tuple(mates))


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
    content: dict[str, Any] = {
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
    if draft.art:
        content["provenance"] |= {"art_direction": dict(draft.art)}
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
        "claims": claim_records(draft, request),
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
    names = {variant, *(spare.id for spare in job.request.spares)}
    attempts: list[dict[str, Any]] = [
        {
            "attempt": rejected.attempt,
            "fields": dict(rejected.draft.fields),
            "angle": rejected.draft.angle,
            "violations": [asdict(violation) for violation in rejected.violations],
        }
        for rejected in outcome.rejected
        if rejected.draft.variant in names
    ]
    attempts += [asdict(answer) for answer in outcome.unusable if answer.answer]
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


def _over_budget(request: CopyRequest, budget: float | None) -> CopyOutcome:
    reason = f"not asked: the budget of {budget:g} USD would be passed"
    failures = {ask.id: reason for ask in request.variants}
    return CopyOutcome(request, (), (), (), failures, True, Usage())


def _share(usage: Usage, variants: int) -> float | None:
    """What one variant cost: a request's cost is shared by the variants it asked for."""
    return None if usage.cost_usd is None else usage.cost_usd / max(1, variants)


def _count(settings: Settings, name: str, default: int | None, most: int) -> int | None:
    value = settings.option("copy", name, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        hint = f"for example --set copy.{name}=1"
        raise InputError(f"copy.{name} must be a number from 0 to {most}, not {value!r}", hint=hint)
    return value


def _flag(settings: Settings, name: str) -> bool:
    value = settings.option("copy", name, False)
    if not isinstance(value, bool):
        hint = f"--set copy.{name}=true"
        raise InputError(f"copy.{name} must be true or false, not {value!r}", hint=hint)
    return value


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
