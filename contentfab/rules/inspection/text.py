"""Type by its boxes: what is missing, too small, over the edge or on top of something.

Trusts the boxes that a layout told; `glyphs.py` checks on the pixels that the ink is in them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from contentfab.records.pictures import Finding, TextBox
from contentfab.records.places import Box
from contentfab.rules.inspection.subject import View, clipped, cut, meet, rows_of
from contentfab.rules.layout.type_scale import least_size

REQUIRED = ("headline", "subline", "cta", "price", "disclaimer", "label", "ad")
MAY_GO = ("subline",)
"""What a small placement may leave out: nothing that the law or the click needs."""
TOUCHES = 8
"""Alpha of a product's pixel under type from which the type covers it."""


def complete(view: View) -> Iterator[Finding]:
    """Every text that was asked for is there, and says what was asked."""
    assert view.of.text is not None
    there = {box.role: box for box in view.of.texts}
    for role in REQUIRED:
        wanted = str(getattr(view.of.text, role)).strip()
        if not wanted:
            continue
        if role not in there:
            level = "warn" if role in MAY_GO else "error"
            yield Finding("poster.text-missing", level, f"{role} is not on the poster")
        elif there[role].text and there[role].text.strip() != wanted:
            said = f"{role} says {there[role].text!r}, not {wanted!r}"
            yield Finding("poster.text-missing", "error", said, box=there[role].box)


def safe_area(view: View) -> Iterator[Finding]:
    """Text and logo keep inside the page and inside what the platform leaves uncovered."""
    assert view.of.placement is not None
    top, right, bottom, left = view.of.placement.safe
    safe = Box(
        round(left * view.width),
        round(top * view.height),
        round(view.width - right * view.width),
        round(view.height - bottom * view.height),
    )
    for name, box in _named(view):
        over = max(safe.x0 - box.x0, safe.y0 - box.y0, box.x1 - safe.x1, box.y1 - safe.y1)
        if over > 0:
            yield Finding(
                "poster.safe-area",
                "error",
                f"{name} reaches {over} px out of the safe area of {view.of.placement.id}",
                float(over),
                0.0,
                box,
            )


def page_edge(view: View) -> Iterator[Finding]:
    """No text runs out of the page: its ink does not even touch the edge."""
    for text in view.of.texts:
        box = text.box
        room = min(box.x0, box.y0, view.width - box.x1, view.height - box.y1)
        if room < 1:
            yield Finding(
                "poster.text-overflow",
                "error",
                f"{text.role} runs into the edge of the page",
                float(room),
                1.0,
                box,
            )


def overlap(view: View) -> Iterator[Finding]:
    """No text stands on another, on the logo or on the product."""
    texts = view.of.texts
    for one, other in itertools.combinations(texts, 2):
        if one.role != other.role and _rows_meet(one, other):
            yield Finding(
                "poster.overlap", "error", f"{one.role} overlaps {other.role}", box=one.box
            )
    logo = view.of.logo_box
    for text in texts:
        if logo is not None and text.role != "wordmark" and _on(text, logo):
            yield Finding("poster.overlap", "error", f"{text.role} overlaps the logo", box=text.box)
        if _covers_product(view, text):
            message = f"{text.role} covers the product"
            yield Finding("poster.product-covered", "error", message, box=text.box)


def legible(view: View) -> Iterator[Finding]:
    """No text is smaller than its role allows on this placement."""
    for text in view.of.texts:
        least = least_size(text.role, view.width, view.height)
        if text.size < least - 0.05:
            yield Finding(
                "poster.text-small",
                "error",
                f"{text.role} is set at {text.size:.0f} px and needs {least:.0f}: shorten it",
                text.size,
                round(least, 2),
                text.box,
            )


def _named(view: View) -> list[tuple[str, Box]]:
    named = [(text.role, text.box) for text in view.of.texts]
    if view.of.logo_box is not None and "wordmark" not in dict(named):
        named.append(("logo", view.of.logo_box))
    return named


def _rows_meet(one: TextBox, other: TextBox) -> bool:
    return meet(one.box, other.box) and any(
        meet(first, second) for first in rows_of(one) for second in rows_of(other)
    )


def _on(text: TextBox, box: Box) -> bool:
    return any(meet(row, box) for row in rows_of(text))


def _covers_product(view: View, text: TextBox) -> bool:
    """Whether the type stands on what is seen of the product, not only on its box's empty corner;
    on the box where the cut-out is not at hand."""
    box = view.of.product_box
    if box is None or not _on(text, box):
        return False
    if view.cutout is None:
        return True
    for row in rows_of(text):
        part = clipped(row, box)
        inner = Box(part.x0 - box.x0, part.y0 - box.y0, part.x1 - box.x0, part.y1 - box.y0)
        if bool((cut(view.cutout, inner)[..., 3] >= TOUCHES).any()):
            return True
    return False
