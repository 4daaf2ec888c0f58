"""Rejects: jobs that failed, and posters below the campaign's gates, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contentfab.records.assets import Asset, Score
from contentfab.records.brief import Brief
from contentfab.records.manifest import Reject
from contentfab.records.plan import Plan, PosterJob
from contentfab.rules.safety.checked import CRITERION

Results = Mapping[str, Mapping[str, Any]]
"""What the ledger holds, by job key."""
Failures = Mapping[str, tuple[str, bool]]
"""Why jobs failed, and whether trying again may help, by job key."""


def below_gate(brief: Brief, scores: Sequence[Score]) -> str:
    """Why a poster misses the campaign's gates, or was flagged; "" when it does not."""
    gates = {"brand_fit": brief.campaign.gates.brand_fit, "appeal": brief.campaign.gates.appeal}
    for score in scores:
        if score.name == CRITERION and score.value == 0:
            return f"the picture's content: {score.explanation}"
        limit = gates.get(score.name)
        if limit is None:
            continue
        if score.value is None:
            return f"gate {score.name} asks for {limit}, but the scorer gave no number"
        if score.value < limit:
            return f"{score.name} {score.value} is below the gate {limit}"
    return ""


def failed(plan: Plan, results: Results, failures: Failures) -> list[Reject]:
    """A reject for each job of the plan that failed."""
    rejects = []
    for job in plan.copies:
        for variant, key in job.keys.items():
            rejects += _rejected(variant, "copywriting", key, results, failures)
    for picture in plan.pictures:
        rejects += _rejected(picture.key, "picture", picture.key, results, failures)
    for poster in plan.posters:
        name = f"{poster.variant.id}--{poster.placement.id}"
        rejects += _rejected(name, "poster", poster.key, results, failures)
    return rejects


def below_gates(
    posters: Sequence[tuple[PosterJob, Asset]], below: Mapping[str, str]
) -> list[Reject]:
    """A reject for each poster that is `below` a gate: the reasons by job key."""
    return [
        Reject(
            job=f"{job.variant.id}--{job.placement.id}",
            stage="score",
            reason=below[job.key],
            path=asset.path,
        )
        for job, asset in posters
        if job.key in below
    ]


def _rejected(job: str, stage: str, key: str, results: Results, failures: Failures) -> list[Reject]:
    if key not in failures:
        return []
    reason, retryable = failures[key]
    kept = results.get(f"reject:{key}", {})
    return [
        Reject(
            job=job,
            stage=stage,
            reason=reason,
            retryable=retryable,
            path=kept.get("path", ""),
            picture=kept.get("picture", ""),
            findings=kept.get("findings", []),
        )
    ]
