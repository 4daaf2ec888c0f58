"""manifest: everything a finished run publishes, as one canonical JSON document.

Pure: results in, manifest out. What counts as rejected and which cells make an experiment is in
`rules/manifest/`. Knows no disk and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping

from contentfab import __version__
from contentfab.records.assets import Asset, Digest
from contentfab.records.brief import Brief
from contentfab.records.manifest import KeyVisualFile, Manifest, Totals
from contentfab.records.plan import Plan, PosterJob
from contentfab.rules.manifest.campaign import audience_record, campaign_record, product_record
from contentfab.rules.manifest.creatives import creatives
from contentfab.rules.manifest.experiments import experiments
from contentfab.rules.manifest.rejects import Failures, Results, below_gate, below_gates, failed
from contentfab.rules.safety.reviews import reviews, with_checks, with_scorers
from contentfab.rules.scoring.copy_scores import with_scores
from contentfab.rules.wording.achieved import with_distances


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
    served, complete = creatives(brief, plan, copies, posters, below, to_review)
    rejects = [*failed(plan, results, failures), *below_gates(posters, below)]
    assets = {a.id: a for a in (*copies.values(), *(a for _, a in posters))}
    return Manifest(
        created=created,
        generator={"name": "contentfab", "version": __version__, "profile": profile},
        campaign=campaign_record(brief),
        products=[product_record(brief, p.id) for p in brief.products],
        audiences=[audience_record(brief, s) for s in brief.segments],
        key_visuals=_key_visuals(plan, results),
        assets=sorted(assets.values(), key=lambda a: a.id),
        creatives=sorted(served.values(), key=lambda c: c.id),
        experiments=experiments(brief, plan, served, complete),
        rejects=sorted(rejects, key=lambda r: (r.job, r.stage)),
        totals=_totals(plan, results, failures, below),
    )


def _asset(results: Results, job: PosterJob) -> Asset:
    return Asset.model_validate(results[job.key]["asset"])


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
