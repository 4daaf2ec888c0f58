"""What stands around a quantity: its direction, its role, and what it counts."""

from __future__ import annotations

from dataclasses import replace

import regex

from contentfab.rules.claims.nouns import nouns_after, word_before
from contentfab.rules.claims.quantity import Quantity
from contentfab.rules.claims.vocabulary import Words


def finished(text: str, quantity: Quantity, words: Words) -> Quantity:
    """With direction, role and nouns, which stand around it."""
    head, start, end = text[: quantity.start], quantity.start, quantity.end
    bound = quantity.bound
    for name, pattern in words.hedges if not bound else ():
        hit = pattern.search(head, max(0, len(head) - 24))
        if hit and hit[0].strip():
            bound, start = name, hit.start()
            break
    if not bound:
        for name, pattern in words.hedges_after:
            hit = pattern.match(text, end)
            if hit:
                bound, end = name, hit.end()
                break
    role = quantity.role
    if quantity.dimension in ("percent", "price") and role in ("", "half"):
        around = text[max(0, quantity.start - 24) : quantity.start]
        after = _clause(text[end : end + 24])
        if (
            words.discount.search(after)
            or words.discount.search(_clause_back(around))
            or regex.search(r"(?<![\d\w])-\s?$", around)
        ):
            role = "off"
    return replace(
        quantity,
        start=start,
        end=end,
        bound=bound,
        role=role,
        nouns=nouns_after(text, end, words),
        before=word_before(text, quantity.start, words),
    )


def _clause(text: str) -> str:
    return regex.split(r"[,.;:!?，。；：！？、]", text)[0]


def _clause_back(text: str) -> str:
    return regex.split(r"[,.;:!?，。；：！？、]", text)[-1]
