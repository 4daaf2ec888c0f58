"""What a finished campaign achieved in diversity: each copy's distance from its nearest other."""

from __future__ import annotations

from collections.abc import Mapping

from contentfab.records.assets import Asset
from contentfab.records.copy import CopyDraft
from contentfab.records.plan import Plan
from contentfab.rules.wording.diversity import distances


def with_distances(plan: Plan, copies: Mapping[str, Asset]) -> dict[str, Asset]:
    """Copy with its distance from the nearest other copy. Measured over all of it at the end, so
    that it is the same for a run in one go, in shards, or resumed."""
    jobs = {name: job.request for job in plan.copies for name in job.keys}
    near = distances(
        (jobs[name], CopyDraft(name, asset.angle or "", asset.fields or {}))
        for name, asset in copies.items()
        if name in jobs
    )
    found = {
        copies[name].id: {
            "nearest": copies[other.variant].id,
            "distance": round(1 - other.similarity, 3),
        }
        for name, other in near.items()
    }
    return {
        name: asset.model_copy(update={"diversity": found.get(asset.id)})
        for name, asset in copies.items()
    }
