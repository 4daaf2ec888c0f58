"""Copy as the ledger and the run folder keep it: what was accepted, and every refused attempt."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
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
from contentfab.rules.keys import line_id
from contentfab.rules.labels.words import label_text
from contentfab.rules.wording.contract import claim_records, measures
from contentfab.stages.label import copy_file, copy_id
from contentfab.store import Entry


def files(
    job: CopyJob, outcome: CopyOutcome, *, brief: Brief, writer: Copywriter
) -> list[tuple[Entry, dict[str, bytes]]]:
    """Ledger entry and files of each variant that the request asked for."""
    share = _share(outcome.usage, len(outcome.request.variants))
    author = outcome.author or Author(writer.id, bool(getattr(writer, "uses_ai", True)))
    made = []
    for draft in outcome.accepted:
        made.append(_accepted(job, outcome, draft, brief, author, share))
    for variant, reason in outcome.failures.items():
        made.append(_failed(job, outcome, variant, reason, share))
    return made


def _accepted(
    job: CopyJob,
    outcome: CopyOutcome,
    draft: CopyDraft,
    brief: Brief,
    author: Author,
    share: float | None,
) -> tuple[Entry, dict[str, bytes]]:
    label = brief.campaign.label
    content = _content(outcome.request, draft, author)
    identity = copy_id(content)
    data = copy_file(
        identity,
        content,
        locale=outcome.request.cell.locale,
        producer=label.producer,
        jurisdictions=label.jurisdictions,
        uses_ai=author.uses_ai,
        labelled=author.uses_ai or label.policy == "always",
    )
    path = f"assets/{identity[:2]}/{identity}.json"
    asset = {
        "id": identity,
        "kind": "copy",
        "path": path,
        "media_type": "application/json",
        "bytes": len(data),
        "digest": {"sha256": hashlib.sha256(data).hexdigest()},
        "locale": outcome.request.cell.locale,
        "angle": draft.angle,
        "line": line_id(draft.variant),
        "fields": dict(draft.fields),
        "measures": measures(draft, outcome.request.channel),
        "claims": claim_records(draft, outcome.request),
        "provenance": content["provenance"],
        "label": _copy_label(outcome.request, brief, author.uses_ai),
        "checks": _checks(outcome, draft, author),
    }
    result = {
        "asset": asset,
        "path": path,
        "bytes": len(data),
        "cost_usd": share,
        "uses_ai": author.uses_ai,
        "recipe": dict(outcome.recipe),
    }
    key = job.keys[draft.variant]
    entry = Entry(key, "copy", draft.variant, "done", result=result, cost_usd=share)
    return entry, {path: data}


def _content(request: CopyRequest, draft: CopyDraft, author: Author) -> dict[str, Any]:
    """What the id of a copy is the hash of: its words, where they run and who wrote them."""
    name, _, revision = author.id.partition("/")
    provenance: dict[str, Any] = {
        "digital_source_type": "trainedAlgorithmicMedia" if author.uses_ai else "algorithmicMedia",
        "uses_ai": author.uses_ai,
        "engine": name,
        "model": author.id,
        "model_revision": revision,
        "seed": request.seed,
        "human_edited": author.human_edited,
    }
    if draft.art:
        provenance["art_direction"] = dict(draft.art)
    return {
        "variant": draft.variant,
        "locale": request.cell.locale,
        "channel": request.cell.channel,
        "angle": draft.angle,
        "fields": dict(draft.fields),
        "provenance": provenance,
    }


def _checks(outcome: CopyOutcome, draft: CopyDraft, author: Author) -> list[dict[str, Any]]:
    """Warnings about a draft, and what its author has to say, as `checks` of the manifest."""
    warnings = [v for v in outcome.warnings if v.variant == draft.variant]
    if author.remark:
        warnings.append(Violation(draft.variant, "", "copy.author", author.remark))
    return [
        {
            "rule": w.rule,
            "level": "warn",
            "message": w.message,
            "measure": w.measure,
            "limit": w.limit,
        }
        for w in warnings
    ]


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


def _share(usage: Usage, variants: int) -> float | None:
    """What one variant cost: a request's cost is shared by the variants it asked for."""
    return None if usage.cost_usd is None else usage.cost_usd / max(1, variants)
