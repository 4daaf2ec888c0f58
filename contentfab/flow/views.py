"""Read-only views for people and programs: status, what a run will do, the copy that is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from contentfab.errors import InputError
from contentfab.flow.calls import backend_for
from contentfab.flow.line import Line
from contentfab.flow.publish import counts, read_json
from contentfab.records.assets import ClaimRecord
from contentfab.records.copy import CopyDraft
from contentfab.records.plan import Plan
from contentfab.records.score_weights import CopyWeights
from contentfab.rules.keys import line_id
from contentfab.rules.labels.aigc import aigc_record
from contentfab.rules.scoring.copy_scores import CopyCard, copy_cards, score_records
from contentfab.rules.scoring.summary import Summary, summarise
from contentfab.rules.wording.contract import rules_for
from contentfab.store import MANIFEST, RUN, Entry, read_entries


def status(folder: Path) -> dict[str, Any]:
    """`status --json` of a run folder: done, failed with reasons, to do, cost so far."""
    if not (folder / RUN).is_file():
        raise InputError(f"{folder} is no run folder", hint="a run folder holds run.json")
    entries = sorted(read_entries(folder).values(), key=lambda e: (e.stage, e.job))
    done: dict[str, int] = {}
    for entry in entries:
        if entry.state == "done":
            done[entry.stage] = done.get(entry.stage, 0) + 1
    planned = read_json(folder / RUN) or {}
    jobs: dict[str, int] = planned.get("jobs", {})
    known = [entry.cost_usd for entry in entries if entry.cost_usd is not None]
    return {
        "campaign": planned.get("campaign", ""),
        "complete": (folder / MANIFEST).is_file(),
        "done": done,
        "failed": [
            {
                "job": entry.job,
                "stage": entry.stage,
                "reason": entry.reason,
                "retryable": entry.retryable,
            }
            for entry in entries
            if entry.state == "failed"
        ],
        "todo": {stage: max(0, total - done.get(stage, 0)) for stage, total in jobs.items()},
        "cost": {
            "currency": "USD",
            "amount": round(sum(known), 6),
            "unknown": len(entries) - len(known),
        },
        "scores": [summary.as_json() for summary in scores(entries)],
        "last_run": planned.get("last_run", {}),
    }


def scores(entries: Iterable[Entry]) -> list[Summary]:
    """Appeal and brand fit of the posters that are done."""
    done = (e.result["asset"] for e in entries if e.state == "done" and e.stage == "poster")
    return summarise(asset["scores"] for asset in done)


def overview(line: Line) -> dict[str, Any]:
    """`plan --json`: cells, variants, jobs, what is cached, cost of the rest."""
    done = {key for key, entry in read_entries(line.folder).items() if entry.state == "done"}
    keys = line.plan.keys()
    return {
        "campaign": line.brief.campaign.name,
        "cells": len(line.plan.cells),
        "variants": len(line.plan.variants),
        "jobs": counts(line.plan, keys),
        "cached": counts(line.plan, keys & done),
        "generations": sum(job.candidates for job in line.plan.pictures if job.key not in done),
        "cost": _cost(line, keys - done),
    }


def copy_rows(
    plan: Plan,
    folder: Path,
    producer: str,
    *,
    weights: CopyWeights | None = None,
    among: Plan | None = None,
) -> list[dict[str, Any]]:
    """`copy --format json`: the copy that is done, in the order of the plan. `id` is the line's,
    which outlives edits; `asset` is the id of its present content; `label` and `AIGC` are the
    label that goes with it, by `producer`; `scores` are those of its copy by the brand's
    `weights`, told from all copy of `among` (default: the same plan)."""
    entries = read_entries(folder)
    cards = _cards(among or plan, entries, weights)
    order = {
        views.cell.id: [rule.name for rule in rules_for(views.channel)] for views in plan.cells
    }
    rows = []
    for variant in plan.variants:
        entry = entries.get(variant.copy_key)
        if variant.shares_copy_of or entry is None or entry.state != "done":
            continue
        asset = entry.result["asset"]
        label = asset["label"]["visible"]["text"]
        rows.append(
            {
                "id": line_id(variant.id),
                "asset": asset["id"],
                "product": variant.cell.product,
                "segment": variant.cell.segment,
                "channel": variant.cell.channel,
                "locale": variant.cell.locale,
                "variant": variant.id,
                "angle": asset["angle"],
                "backend": asset["provenance"]["model"],
                "uses_ai": asset["provenance"]["uses_ai"],
                "human_edited": asset["provenance"].get("human_edited", False),
                "fields": {
                    name: asset["fields"][name]
                    for name in order[variant.cell.id]
                    if name in asset["fields"]
                },
                "measures": asset["measures"],
                "scores": [score.model_dump() for score in score_records(cards[variant.id])],
                "warnings": [check["message"] for check in asset["checks"]],
                "ai_generated": asset["provenance"]["uses_ai"],
                "label": label,
                "AIGC": aigc_record(producer, asset["id"]) if label else None,
            }
        )
    return rows


def _cards(
    plan: Plan, entries: Mapping[str, Entry], weights: CopyWeights | None
) -> dict[str, CopyCard]:
    """Scores of the copy that is done, by variant."""
    drafts, claims = [], {}
    for job in plan.copies:
        for variant, key in job.keys.items():
            entry = entries.get(key)
            if entry is not None and entry.state == "done":
                asset = entry.result["asset"]
                drafts.append((job.request, CopyDraft(variant, asset["angle"], asset["fields"])))
                claims[variant] = [ClaimRecord(**record) for record in asset["claims"]]
    return copy_cards(drafts, weights, claims)


def _cost(line: Line, to_do: set[str]) -> dict[str, Any]:
    """What the copy that is to do will cost: USD low and high, and how many jobs have no price."""
    writer = backend_for("copy", line.settings)
    requests = [job.request for job in line.plan.copies if to_do & {*job.keys.values()}]
    estimate = getattr(writer, "estimate", None)
    found = estimate(requests) if estimate and requests else None
    if found is not None:
        return {"currency": "USD", "low": found[0], "high": found[1], "unknown": 0}
    free = line.settings.backend("copy") == "offline"
    return {"currency": "USD", "low": 0, "high": 0, "unknown": 0 if free else len(requests)}
