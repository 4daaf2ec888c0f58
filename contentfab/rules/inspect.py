"""What a finished poster must show, measured on its pixels and boxes.

Each rule is a pure function from a poster (and what was asked for) to findings; `inspect` runs
them all. Nothing here trusts what a layout says about itself where pixels can be measured:
contrast is read from the picture before and after the text was set, the label's height from its
ink, the product by comparing with the scaled cut-out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from contentfab.records.inputs import Placement
from contentfab.records.pictures import Finding, Poster, PosterText
from contentfab.records.places import Box
from contentfab.rules.colour import hex_to_rgb, worst_contrast
from contentfab.rules.cutout import scale_cutout
from contentfab.rules.visible_label import measure

LABEL_SHARE = 0.05
"""Least height of the visible AI label's glyphs, in shortest sides (GB 45438-2025, 5.2)."""
SMALL_CONTRAST, LARGE_CONTRAST = 4.5, 3.0
"""WCAG 2.2, 1.4.3."""
LARGE_TYPE = 48 / 1080
"""Type from this size, in shortest sides, counts as large; stricter than WCAG's 24 px, since
posters are seen scaled down."""
SMALLEST = {"headline": 0.04, "subline": 0.022, "cta": 0.022, "price": 0.022}
SMALLEST_PRINT = 0.018
"""Least font size by role, in shortest sides; small print may be as small as this."""
SOLID = 255
BLANK_SPREAD = 4.0
"""Levels between the 1st and 99th percentile of the luma under which a picture is blank."""
REQUIRED = ("headline", "subline", "cta", "price", "disclaimer", "label", "ad")


def inspect(
    poster: Poster, placement: Placement, text: PosterText, product: Path | None
) -> tuple[Finding, ...]:
    """Every finding, errors first. `product` is the cut-out file that the poster shows."""
    found = [
        *size(poster, placement),
        *blank(poster),
        *complete(poster, text),
        *inside(poster, placement),
        *overlap(poster),
        *legible(poster),
        *contrast(poster),
        *label(poster, text),
        *product_locked(poster, product),
    ]
    return tuple(sorted(found, key=lambda finding: finding.level != "error"))


def size(poster: Poster, placement: Placement) -> Iterator[Finding]:
    """The picture has the placement's size."""
    height, width = poster.pixels.shape[:2]
    if (width, height) != (placement.width, placement.height):
        yield Finding(
            "poster.size",
            "error",
            f"is {width}×{height}, {placement.id} needs {placement.width}×{placement.height}",
        )


def blank(poster: Poster) -> Iterator[Finding]:
    """The ground is a picture: not black, not one colour."""
    ground = poster.pixels if poster.background is None else poster.background
    low, high = np.percentile(ground[::4, ::4].mean(axis=2), (1, 99))
    if high - low < BLANK_SPREAD:
        yield Finding(
            "poster.blank",
            "error",
            f"the picture is nearly one colour (its levels span {high - low:.1f})",
            float(high - low),
            BLANK_SPREAD,
        )


def complete(poster: Poster, text: PosterText) -> Iterator[Finding]:
    """Every text that was asked for is there."""
    there = {box.role for box in poster.texts}
    for role in REQUIRED:
        if getattr(text, role).strip() and role not in there:
            yield Finding("poster.text-missing", "error", f"{role} is not on the poster")


def inside(poster: Poster, placement: Placement) -> Iterator[Finding]:
    """Text and logo keep inside the page and inside what the platform leaves uncovered."""
    height, width = poster.pixels.shape[:2]
    top, right, bottom, left = placement.safe
    safe = Box(
        round(left * width),
        round(top * height),
        round(width - right * width),
        round(height - bottom * height),
    )
    named = [(text.role, text.box) for text in poster.texts]
    if poster.logo_box is not None:
        named.append(("logo", poster.logo_box))
    for name, box in named:
        over = max(safe.x0 - box.x0, safe.y0 - box.y0, box.x1 - safe.x1, box.y1 - safe.y1)
        if over > 0:
            yield Finding(
                "poster.safe-area",
                "error",
                f"{name} reaches {over} px out of the safe area of {placement.id}",
                float(over),
                0.0,
                box,
            )


def overlap(poster: Poster) -> Iterator[Finding]:
    """No text stands on another, on the logo or on the product."""
    boxes = [(text.role, text.box) for text in poster.texts]
    if poster.logo_box is not None and "wordmark" not in dict(boxes):
        boxes.append(("logo", poster.logo_box))
    for i, (name, box) in enumerate(boxes):
        for other, second in boxes[i + 1 :]:
            if _meet(box, second):
                yield Finding("poster.overlap", "error", f"{name} overlaps {other}", box=box)
        if poster.product_box is not None and _meet(box, poster.product_box):
            yield Finding("poster.product-covered", "error", f"{name} covers the product", box=box)


def legible(poster: Poster) -> Iterator[Finding]:
    """No text is smaller than its role allows."""
    shortest = min(poster.pixels.shape[:2])
    for text in poster.texts:
        least = SMALLEST.get(text.role, SMALLEST_PRINT) * shortest
        if text.size < least - 0.05:
            yield Finding(
                "poster.text-small",
                "error",
                f"{text.role} is set at {text.size:.0f} px and needs {least:.0f}: shorten it",
                text.size,
                least,
                text.box,
            )


def contrast(poster: Poster) -> Iterator[Finding]:
    """Every text reads on the pixels that it stands on (worst 5 % of its box)."""
    if poster.background is None:
        yield Finding("poster.contrast", "warn", "no picture without text was kept to measure on")
        return
    shortest = min(poster.pixels.shape[:2])
    for text in poster.texts:
        ground = poster.background[text.box.y0 : text.box.y1, text.box.x0 : text.box.x1]
        ratio = worst_contrast(hex_to_rgb(text.ink), ground)
        need = LARGE_CONTRAST if text.size >= LARGE_TYPE * shortest else SMALL_CONTRAST
        need = SMALL_CONTRAST if text.role == "label" else need
        yield Finding(
            "poster.contrast",
            "pass" if ratio >= need else "error",
            f"{text.role} has {ratio:.1f}:1 on its ground, needs {need:g}:1",
            round(ratio, 2),
            need,
            text.box,
        )


def label(poster: Poster, text: PosterText) -> Iterator[Finding]:
    """The visible AI label is there, and its glyphs are tall enough on the raster."""
    if not text.label.strip():
        return
    box = next((item for item in poster.texts if item.role == "label"), None)
    if box is None:
        yield Finding("poster.label", "error", "the AI label is not on the poster")
        return
    need = int(np.ceil(LABEL_SHARE * min(poster.pixels.shape[:2])))
    found = measure(poster.pixels, text.label, box.box)
    tall = found.height if found else 0
    yield Finding(
        "poster.label",
        "pass" if tall >= need else "error",
        f"the AI label is {tall} px tall, needs {need}",
        float(tall),
        float(need),
        box.box,
    )


def product_locked(poster: Poster, product: Path | None) -> Iterator[Finding]:
    """Where the product is opaque, the poster shows exactly its scaled pixels: nothing covers
    them, no model or filter has touched them."""
    if product is None:
        return
    if poster.product_box is None:
        yield Finding("poster.product-missing", "error", "the product is not on the poster")
        return
    box = poster.product_box
    scaled = scale_cutout(product, box.width, box.height)
    shown = poster.pixels[box.y0 : box.y1, box.x0 : box.x1]
    if shown.shape[:2] != scaled.shape[:2]:
        yield Finding("poster.product-cut", "error", "the product is cut off", box=box)
        return
    solid = scaled[..., 3] == SOLID
    off = np.abs(shown.astype(np.int16) - scaled[..., :3]).max(axis=2)[solid]
    most = int(off.max()) if off.size else 0
    yield Finding(
        "poster.product-locked",
        "pass" if most == 0 else "error",
        f"the product's pixels differ by up to {most} levels from its picture",
        float(most),
        0.0,
        box,
    )


def _meet(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1
