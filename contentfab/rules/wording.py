"""What one text may say: brand words, the compliance lexicon, numbers that the spec has.

Part of the copy contract; `contract.py` knows fields and limits, this module only words.
"""

from __future__ import annotations

import re

from contentfab.records.copy import CopyRequest, Violation
from contentfab.rules.claims import unsupported_numbers
from contentfab.rules.compliance import contains, matches


def check_words(variant: str, name: str, text: str, request: CopyRequest) -> list[Violation]:
    """Brand words that `text` must not use, and names that it spells wrongly."""
    brand = request.brand
    found = [
        violation(variant, name, "brand.banned", f"uses “{word}”, which the brand bans; replace it")
        for word in brand.banned
        if contains(text, word)
    ]
    for wrong, right in brand.spelling.items():
        if _spelled(text, wrong):
            hint = f"writes “{wrong}”; the brand writes “{right}”"
            found.append(violation(variant, name, "brand.spelling", hint))
    return found


def check_claims(variant: str, name: str, text: str, request: CopyRequest) -> list[Violation]:
    """Breaks of the compliance lexicon, and numbers that the spec does not have."""
    product, brand = request.product, request.brand
    proof = (*product.claims, *product.facts.values())
    own = (*proof, *evidence(request))
    found = [
        violation(
            variant,
            name,
            match.rule.id,
            f"uses “{match.found}”, which {match.rule.message}",
            level=match.rule.level,
        )
        for match in matches(
            text,
            request.cell.locale,
            names=(product.name, brand.name),
            claims=proof,
            product=own,
        )
    ]
    for number in unsupported_numbers(text, own):
        hint = f"says “{number}”, a number that the product spec does not have; remove it"
        found.append(violation(variant, name, "claims.number", hint))
    return found


def evidence(request: CopyRequest) -> tuple[str, ...]:
    """Everything that the spec itself says: copy may repeat it, and only it, in numbers."""
    product, brand = request.product, request.brand
    return (
        product.name, product.category, product.description, product.price, product.url,
        *product.selling_points, *product.facts.keys(), *product.facts.values(),
        *product.claims, *product.disclaimers, brand.name, brand.tagline, *brand.required,
        *brand.cta,
    )  # fmt: skip


def _spelled(text: str, wrong: str) -> bool:
    """Case counts here, unlike for banned words: `iphone` is wrong where `iPhone` is right."""
    if not wrong.isascii():
        return wrong in text
    return re.search(rf"(?<!\w){re.escape(wrong)}(?!\w)", text, re.ASCII) is not None


def violation(
    variant: str,
    field: str,
    rule: str,
    hint: str,
    measure: float | None = None,
    limit: float | None = None,
    level: str = "error",
) -> Violation:
    """One break; `hint` continues the field's name to a sentence."""
    subject = field or "the copy"
    return Violation(
        variant=variant,
        field=field,
        rule=rule,
        message=f"{subject} {hint}",
        measure=measure,
        limit=limit,
        level=level,
    )
