"""What a campaign was when its manifest was made: itself, its products and its audiences."""

from __future__ import annotations

import hashlib
from typing import Any

from contentfab.records.brief import Brief
from contentfab.records.inputs import Segment
from contentfab.records.manifest import Audience, ProductRecord
from contentfab.rules.keys import canonical
from contentfab.rules.locales import resolve


def campaign_record(brief: Brief) -> dict[str, Any]:
    """The campaign in short, with the hash of all of it."""
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


def product_record(brief: Brief, name: str) -> ProductRecord:
    """The product named `name`, in the campaign's first locale."""
    product = next(p for p in brief.products if p.id == name)
    first = brief.campaign.locales[0]
    text = resolve(product.name, first, product.locale or first, any_locale=True) or name
    digest = hashlib.sha256(canonical(product).encode()).hexdigest()
    return ProductRecord(id=name, name=text, spec_sha256=digest)


def audience_record(brief: Brief, segment: Segment) -> Audience:
    """A segment, in the campaign's first locale."""
    first = brief.campaign.locales[0]
    text = resolve(segment.name, first, segment.locale or first, any_locale=True) or segment.id
    return Audience(id=segment.id, name=text, condition=dict(segment.condition))
