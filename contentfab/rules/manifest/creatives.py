"""Creatives: the copy and the posters of a variant as they are served, and which are complete."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from contentfab.records.assets import Asset
from contentfab.records.brief import Brief, Variant
from contentfab.records.manifest import Creative, CreativeAssets, Review
from contentfab.records.plan import Plan, PosterJob


def creatives(
    brief: Brief,
    plan: Plan,
    copies: Mapping[str, Asset],
    posters: Sequence[tuple[PosterJob, Asset]],
    below: Mapping[str, str],
    to_review: Mapping[str, Review],
) -> tuple[dict[str, Creative], set[str]]:
    """Creatives by variant, and the variants that have everything that the plan wants. Posters
    `below` a gate are not shown; `to_review` are the reviews that some variants need."""
    wanted: dict[str, int] = {}
    for job in plan.posters:
        wanted[job.variant.id] = wanted.get(job.variant.id, 0) + 1
    images: dict[str, dict[str, str]] = {}
    for job, asset in posters:
        if job.key not in below:
            images.setdefault(job.variant.id, {})[job.placement.id] = asset.id
    found, complete = {}, set()
    for variant in plan.variants:
        shown = images.get(variant.id, {})
        if variant.id not in copies or (wanted.get(variant.id) and not shown):
            continue
        if len(shown) == wanted.get(variant.id, 0):
            complete.add(variant.id)
        review = to_review.get(variant.id, Review())
        found[variant.id] = _creative(brief, variant, copies[variant.id], shown, review)
    return found, complete


def creative_id(variant: Variant) -> str:
    """ASCII, short enough for URL tags and stable while the variant keeps its place."""
    return "crt-" + hashlib.sha256(variant.id.encode()).hexdigest()[:12]


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
