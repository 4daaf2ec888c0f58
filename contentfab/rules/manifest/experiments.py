"""Experiments: which cells make one, its arms, and how many people it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contentfab.records.brief import Brief, Variant
from contentfab.records.inputs import Experiment
from contentfab.records.manifest import (
    Arm,
    Creative,
    ExperimentRecord,
    Hash,
    MetricRecord,
    SamplePlan,
)
from contentfab.records.plan import Plan
from contentfab.rules.experiments import n_per_arm


def experiments(
    brief: Brief, plan: Plan, creatives: Mapping[str, Creative], complete: set[str]
) -> list[ExperimentRecord]:
    """One experiment per cell in which every arm is there and shows something of its own: a cell
    with a missing arm has none, nor has a text-only channel in a test of pictures."""
    arms_of: dict[str, list[Variant]] = {}
    for variant in plan.variants:
        arms_of.setdefault(variant.cell.id, []).append(variant)
    records = []
    for cell, arms in sorted(arms_of.items()):
        if len(arms) < 2 or any(arm.id not in complete for arm in arms):
            continue
        if len({repr(creatives[arm.id].assets) for arm in arms}) == len(arms):
            records.append(_experiment(brief, cell, arms, creatives))
    return records


def _experiment(
    brief: Brief, cell: str, arms: Sequence[Variant], creatives: Mapping[str, Creative]
) -> ExperimentRecord:
    test, audience = brief.campaign.experiment, arms[0].cell.segment
    segment = next((s for s in brief.segments if s.id == audience), None)
    return ExperimentRecord(
        key=cell,
        hypothesis=test.hypothesis,
        factor=test.factor,
        unit="user",
        audience=audience,
        condition=dict(segment.condition) if segment else {},
        hash=Hash(seed=cell),
        arms=[
            Arm(
                key="control" if arm.control else f"v-{arm.letter}",
                creative=creatives[arm.id].id,
                weight_bp=arm.weight_bp,
                control=arm.control,
            )
            for arm in arms
        ],
        metric=MetricRecord(**test.metric.model_dump()),
        plan=_sample(test, comparisons=len(arms) - 1),
    )


def _sample(test: Experiment, comparisons: int) -> SamplePlan:
    """How many people each arm needs; for a metric that is no proportion nobody can say yet."""
    metric, size = test.metric, None
    if metric.type == "proportion":
        size = n_per_arm(metric.baseline, metric.mde_relative, test.alpha, test.power, comparisons)
    return SamplePlan(
        alpha=test.alpha,
        power=test.power,
        correction="bonferroni" if comparisons > 1 else "none",
        comparisons=comparisons,
        n_per_arm=size,
        method="fleiss-pooled" if size else "not planned: the metric is a mean",
    )
