"""Which creatives a person must review before they are served, and how that is told.

Joins what the product, the audience and the copy say; `topics.py` finds it. Also what
`contentfab check` says of it before anything is made. Decides nothing: a review does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from contentfab.errors import Problem
from contentfab.records.assets import Asset, Check
from contentfab.records.brief import Brief, Variant
from contentfab.records.inputs import Product, Segment
from contentfab.records.manifest import Review
from contentfab.rules.files.located import Located
from contentfab.rules.safety.topics import (
    Evidence,
    lexicon,
    of_copy,
    of_product,
    of_segment,
    review_reasons,
    unread,
)
from contentfab.rules.views import product_view

HINT = "its creatives start as `required` in review; a person must approve them"


def reviews(
    brief: Brief, variants: Iterable[Variant], copies: Mapping[str, Asset]
) -> dict[str, Review]:
    """By variant, the review of those creatives that need one, with the reasons. `copies` are by
    variant, too."""
    locales = brief.campaign.locales
    about = {product.id: of_product(product, locales) for product in brief.products}
    to_whom = {segment.id: of_segment(segment, locales) for segment in brief.segments}
    products = {product.id: product for product in brief.products}
    found = {}
    for variant in variants:
        cell, copy = variant.cell, copies.get(variant.id)
        said: Sequence[Evidence] = ()
        if copy is not None and copy.fields:
            view = product_view(products[cell.product], cell.locale, locales[0])
            said = of_copy(copy.fields, cell.locale, view.disclaimers)
        evidence = (*about[cell.product], *to_whom.get(cell.segment, ()), *said)
        reasons = [*review_reasons(evidence), *_unread((cell.locale,))]
        if evidence:
            found[variant.id] = Review(state="required", reasons=reasons)
    return found


def with_scorers(
    found: Mapping[str, Review], posters: Iterable[tuple[str, Asset]]
) -> dict[str, Review]:
    """The reviews by variant, with what a scorer saw in its posters that a person must look at."""
    joined = dict(found)
    for variant, asset in posters:
        before = joined[variant].reasons if variant in joined else []
        seen = [f"picture: {reason}" for score in asset.scores for reason in score.review]
        reasons = list(dict.fromkeys((*before, *seen)))
        if len(reasons) > len(before):
            joined[variant] = Review(state="required", reasons=reasons)
    return joined


def with_checks(asset: Asset, review: Review | None) -> Asset:
    """The asset with a finding for each reason why its creative must be reviewed."""
    if review is None:
        return asset
    checks = [
        Check(rule="review.required", level="warn", message=f"needs a person's review: {reason}")
        for reason in review.reasons
    ]
    return asset.model_copy(update={"checks": [*asset.checks, *checks]})


def check_product(product: Product, entry: Located, locales: Sequence[str]) -> Iterator[Problem]:
    """A warning for each regulated topic of a product, at its entry."""
    yield from _problems(of_product(product, locales), entry)


def check_segment(segment: Segment, entry: Located, locales: Sequence[str]) -> Iterator[Problem]:
    """A warning for each regulated topic of an audience, at its entry."""
    yield from _problems(of_segment(segment, locales), entry)


def check_locales(campaign: Located, locales: Sequence[str]) -> Iterator[Problem]:
    """A warning for languages in which nobody looks for regulated topics."""
    for message in _unread(locales):
        yield campaign.problem(
            ("locales",), "safety.unread", message, "have a person read that copy", "warn"
        )


def _problems(evidence: Iterable[Evidence], entry: Located) -> Iterator[Problem]:
    for each in evidence:
        message = f"{each}; {lexicon()[each.topic]['review']}"
        yield entry.problem(("id",), f"safety.{each.topic}", message, HINT, "warn")


def _unread(locales: Iterable[str]) -> list[str]:
    tongues = unread(locales)
    return [f"regulated topics are not looked for in {', '.join(tongues)}"] if tongues else []
