"""Copy angles: from which side a variant approaches the reader.

An angle may need something of the product: `proof` an approved claim or a fact, `offer` a price.
Planning asks `angles_for` so that no variant is planned that cannot be written. Knows no texts.
"""

from __future__ import annotations

from contentfab.records.brief import ProductView

ANGLES: dict[str, str] = {
    "benefit": "what the reader gains",
    "problem-solution": "a bother the reader knows, and the way out",
    "story": "a moment in which the product has its place",
    "curiosity": "a question or a half-told thing",
    "proof": "an approved claim or a fact, plainly told",
    "offer": "the price and what it buys",
}


def angles_for(product: ProductView) -> tuple[str, ...]:
    """Angles that this product's text in this locale can carry, most general first."""
    return tuple(angle for angle in ANGLES if not lacking(angle, product))


def lacking(angle: str, product: ProductView) -> str:
    """What the product lacks for an angle, in words, or "" when it has it all."""
    if angle == "proof" and not (product.claims or usable_facts(product)):
        return "an approved claim or a fact"
    if angle == "offer" and not product.price:
        return "a price"
    return ""


def usable_facts(product: ProductView) -> dict[str, str]:
    """Facts that say something by themselves; flags such as `vegan: true` are left out."""
    flags = {"", "true", "false", "yes", "no", "none"}
    return {k: v for k, v in product.facts.items() if v.strip().casefold() not in flags}
