"""manifest: everything a finished run publishes, as one canonical JSON document.

Pure: results in, manifest out. It decides what counts as rejected (failed jobs, and posters below
the campaign's gates) and which cells make an experiment. Knows no disk and no clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from contentfab import __version__
from contentfab.records.assets import Asset, Digest, Score
from contentfab.records.brief import Brief, Variant
from contentfab.records.inputs import Segment
from contentfab.records.manifest import (
    Arm,
    Audience,
    Creative,
    CreativeAssets,
    ExperimentRecord,
    Hash,
    KeyVisualFile,
    Manifest,
    MetricRecord,
    ProductRecord,
    Reject,
    Review,
    SamplePlan,
    Totals,
)
from contentfab.records.plan import Plan, PosterJob
from contentfab.rules.experiments import n_per_arm
from contentfab.rules.keys import canonical
from contentfab.rules.locales import resolve
from contentfab.rules.safety.checked import CRITERION
from contentfab.rules.safety.reviews import reviews, with_checks, with_scorers
from contentfab.rules.scoring.copy_scores import with_scores
from contentfab.rules.wording.achieved import with_distances

Results = Mapping[str, Mapping[str, Any]]
Failures = Mapping[str, tuple[str, bool]]


def manifest(
    brief: Brief, plan: Plan, results: Results, failures: Failures, created: str, profile: str
) -> Manifest:
    """The manifest of a whole plan. `results` maps job keys to what the ledger holds, `failures`
    job keys to (reason, retryable); every job of the plan is in one of them."""
    copies = {
        v.id: Asset.model_validate(results[v.copy_key]["asset"])
        for v in plan.variants
        if v.copy_key in results
    }
    copies = with_scores(plan, with_distances(plan, copies), brief.brand.scores.copy_)
    to_review = reviews(brief, plan.variants, copies)
    copies = {name: with_checks(copy, to_review.get(name)) for name, copy in copies.items()}
    posters = [
        (job, with_checks(_asset(results, job), to_review.get(job.variant.id)))
        for job in plan.posters
        if job.key in results
    ]
    below = {
        job.key: reason for job, asset in posters if (reason := below_gate(brief, asset.scores))
    }
    to_review = with_scorers(to_review, ((job.variant.id, asset) for job, asset in posters))
    creatives, complete = _creatives(brief, plan, copies, posters, below, to_review)
    rejects = [*_failed(plan, results, failures), *_rejected(posters, below)]
    assets = {a.id: a for a in (*copies.values(), *(a for _, a in posters))}
    return Manifest(
        created=created,
        generator={"name": "contentfab", "version": __version__, "profile": profile},
        campaign=_campaign(brief),
        products=[_product(brief, p.id) for p in brief.products],
        audiences=[_audience(brief, s) for s in brief.segments],
        key_visuals=_key_visuals(plan, results),
        assets=sorted(assets.values(), key=lambda a: a.id),
        creatives=sorted(creatives.values(), key=lambda c: c.id),
        experiments=_experiments(brief, plan, creatives, complete),
        rejects=sorted(rejects, key=lambda r: (r.job, r.stage)),
        totals=_totals(plan, results, failures, below),
    )


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


def creative_id(variant: Variant) -> str:
    """ASCII, short enough for URL tags and stable while the variant keeps its place."""
    return "crt-" + hashlib.sha256(variant.id.encode()).hexdigest()[:12]


def _creatives(
    brief: Brief,
    plan: Plan,
    copies: Mapping[str, Asset],
    posters: Sequence[tuple[PosterJob, Asset]],
    below: Mapping[str, str],
    to_review: Mapping[str, Review],
) -> tuple[dict[str, Creative], set[str]]:
    """Creatives by variant, and the variants that have everything that the plan wants."""
    wanted: dict[str, int] = {}
    for job in plan.posters:
        wanted[job.variant.id] = wanted.get(job.variant.id, 0) + 1
    images: dict[str, dict[str, str]] = {}
    for job, asset in posters:
        if job.key not in below:
            images.setdefault(job.variant.id, {})[job.placement.id] = asset.id
    creatives, complete = {}, set()
    for variant in plan.variants:
        found = images.get(variant.id, {})
        if variant.id not in copies or (wanted.get(variant.id) and not found):
            continue
        if len(found) == wanted.get(variant.id, 0):
            complete.add(variant.id)
        review = to_review.get(variant.id, Review())
        creatives[variant.id] = _creative(brief, variant, copies[variant.id], found, review)
    return creatives, complete


def _asset(results: Results, job: PosterJob) -> Asset:
    return Asset.model_validate(results[job.key]["asset"])


def _creative(
    brief: Brief, variant: Variant, copy: Asset, images: dict[str, str], review: Review
) -> Creative:
    name = creative_id(variant)
    source = variant.cell.channel.split(".")[0]
    tags = (
        f"utm_source={source}&utm_medium=paid&utm_campaign={brief.campaign.name}&utm_content={name}"
    )
    product = next(p for p in brief.products if p.id == variant.cell.product)
    return Creative(
        id=name,
        variant=variant.id,
        product=variant.cell.product,
        channel=variant.cell.channel,
        locale=variant.cell.locale,
        audience=variant.cell.segment,
        layout=variant.layout,
        angle=copy.angle or variant.angle,  # a spare that stood in brought its own
        assets=CreativeAssets(text=copy.id, images=dict(sorted(images.items()))),
        landing_url=product.url or brief.campaign.landing_url or "",
        url_tags=tags,
        review=review,
    )


def _experiments(
    brief: Brief, plan: Plan, creatives: Mapping[str, Creative], complete: set[str]
) -> list[ExperimentRecord]:
    """One experiment per cell in which every arm is there and shows something of its own: a cell
    with a missing arm has none, nor has a text-only channel in a test of pictures."""
    test = brief.campaign.experiment
    arms_of: dict[str, list[Variant]] = {}
    for variant in plan.variants:
        arms_of.setdefault(variant.cell.id, []).append(variant)
    records = []
    for name, arms in sorted(arms_of.items()):
        if len(arms) < 2 or any(arm.id not in complete for arm in arms):
            continue
        if len({repr(creatives[arm.id].assets) for arm in arms}) < len(arms):
            continue
        comparisons = len(arms) - 1
        size = (
            n_per_arm(
                test.metric.baseline, test.metric.mde_relative, test.alpha, test.power, comparisons
            )
            if test.metric.type == "proportion"
            else None
        )
        segment = next((s for s in brief.segments if s.id == arms[0].cell.segment), None)
        records.append(
            ExperimentRecord(
                key=name,
                hypothesis=test.hypothesis,
                factor=test.factor,
                unit="user",
                audience=arms[0].cell.segment,
                condition=dict(segment.condition) if segment else {},
                hash=Hash(seed=name),
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
                plan=SamplePlan(
                    alpha=test.alpha,
                    power=test.power,
                    correction="bonferroni" if comparisons > 1 else "none",
                    comparisons=comparisons,
                    n_per_arm=size,
                    method="fleiss-pooled" if size else "not planned: the metric is a mean",
                ),
            )
        )
    return records


def _failed(plan: Plan, results: Results, failures: Failures) -> list[Reject]:
    rejects = []
    for job in plan.copies:
        for variant, key in job.keys.items():
            rejects += _reject(variant, "copywriting", key, results, failures)
    for picture in plan.pictures:
        rejects += _reject(picture.key, "picture", picture.key, results, failures)
    for poster in plan.posters:
        name = f"{poster.variant.id}--{poster.placement.id}"
        rejects += _reject(name, "poster", poster.key, results, failures)
    return rejects


def _reject(job: str, stage: str, key: str, results: Results, failures: Failures) -> list[Reject]:
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


def _rejected(posters: Sequence[tuple[PosterJob, Asset]], below: Mapping[str, str]) -> list[Reject]:
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


def _key_visuals(plan: Plan, results: Results) -> list[KeyVisualFile]:
    files = {}
    for job in plan.pictures:
        if job.key in results:
            file = results[job.key]
            files[file["id"]] = KeyVisualFile(
                id=file["id"],
                path=file["path"],
                bytes=file["bytes"],
                digest=Digest(sha256=file["sha256"]),
                width=file["width"],
                height=file["height"],
                selection=file.get("selection"),
            )
    return sorted(files.values(), key=lambda f: f.id)


def _totals(plan: Plan, results: Results, failures: Failures, below: Mapping[str, str]) -> Totals:
    copies = [key for job in plan.copies for key in job.keys.values()]
    costs = [results[key].get("cost_usd") for key in copies if key in results]
    known = [cost for cost in costs if cost is not None]
    return Totals(
        jobs={"copy": len(copies), "picture": len(plan.pictures), "poster": len(plan.posters)},
        failed=len(plan.keys() & failures.keys()),
        below_gates=len(below),
        cost={
            "currency": "USD",
            "amount": round(sum(known), 6),
            "unknown": len(costs) - len(known),
        },
    )


def _campaign(brief: Brief) -> dict[str, Any]:
    campaign = brief.campaign
    return {
        "name": campaign.name,
        "brand": brief.brand.id,
        "locales": list(campaign.locales),
        "channels": list(campaign.channels),
        "variants": campaign.variants,
        "jurisdictions": list(campaign.label.jurisdictions),
        "depicts_synthetic_person": campaign.label.depicts_synthetic_person,
        "spec_sha256": hashlib.sha256(canonical(campaign).encode()).hexdigest(),
    }


def _product(brief: Brief, name: str) -> ProductRecord:
    product = next(p for p in brief.products if p.id == name)
    first = brief.campaign.locales[0]
    text = resolve(product.name, first, product.locale or first, any_locale=True) or name
    digest = hashlib.sha256(canonical(product).encode()).hexdigest()
    return ProductRecord(id=name, name=text, spec_sha256=digest)


def _audience(brief: Brief, segment: Segment) -> Audience:
    first = brief.campaign.locales[0]
    text = resolve(segment.name, first, segment.locale or first, any_locale=True) or segment.id
    return Audience(id=segment.id, name=text, condition=dict(segment.condition))
