"""Copy angles: from which side a variant approaches the reader.

An angle may need something of the product: `proof` an approved claim or a fact, `offer` a price,
`social-proof` a rating or reviews among the facts, `urgency` an end date there.
Planning asks `angles_for` so that no variant is planned that cannot be written. Knows no texts.
"""

from __future__ import annotations

import re

from contentfab.records.brief import ProductView

ANGLES: dict[str, str] = {
    "benefit": "what the reader gains",
    "problem-solution": "a bother the reader knows, and the way out",
    "story": "a moment in which the product has its place",
    "curiosity": "a question or a half-told thing",
    "proof": "an approved claim or a fact, plainly told",
    "offer": "the price and what it buys",
}

# Written by models only: few products have what they need, and phrase frames cannot weigh it.
MODEL_ANGLES: dict[str, str] = {
    "social-proof": "the rating, reviews or award in the product data, told as they stand",
    "urgency": "the day on which the offer ends, as the product data gives it",
}
_DAY = re.compile(r"\d{1,4}[-./年月]\s?\d{1,2}|\d{1,2}\.?\s\w{3,}|\w{3,}\s\d{1,2}")
_SOCIAL = ("rating", "reviews", "award", "awards", "customers")
_ENDS = ("offer_ends", "offer ends", "valid_until", "valid until", "available_until")


def angles_for(product: ProductView, by_model: bool = False) -> tuple[str, ...]:
    """Angles that this product's text in this locale can carry, most general first."""
    known = [*ANGLES, *MODEL_ANGLES] if by_model else ANGLES
    return tuple(angle for angle in known if not lacking(angle, product))


def about(angle: str) -> str:
    """What an angle is, in words for a writer."""
    return ANGLES.get(angle) or MODEL_ANGLES.get(angle, "")


def lacking(angle: str, product: ProductView) -> str:
    """What the product lacks for an angle, in words, or "" when it has it all."""
    if angle == "proof" and not (product.claims or usable_facts(product)):
        return "an approved claim or a fact"
    if angle == "offer" and not product.price:
        return "a price"
    if angle == "social-proof" and not any(product.facts.get(name) for name in _SOCIAL):
        return f"one of the facts {', '.join(_SOCIAL)}"
    if angle == "urgency" and not any(_DAY.search(product.facts.get(n, "")) for n in _ENDS):
        return f"a date in one of the facts {', '.join(_ENDS)}"
    return ""


def usable_facts(product: ProductView) -> dict[str, str]:
    """Facts that say something by themselves; flags such as `vegan: true` are left out."""
    flags = {"", "true", "false", "yes", "no", "none"}
    return {k: v for k, v in product.facts.items() if v.strip().casefold() not in flags}
