"""The product on the poster: there, whole, unchanged, and neither a speck nor the whole page.

Whether its pixels are those of its picture is measured by `rules/product/lock.py`; here the answer
becomes a finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.pictures import Finding
from contentfab.records.places import Box
from contentfab.rules.inspection.subject import View, clipped, cut
from contentfab.rules.product import lock as product_lock

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

SMALL, LARGE = 0.012, 0.62
"""Least and most share of the page that is the product's own pixels; good posters have 0.03 to
0.42. House rule."""
ALIKE = 0.5
"""Correlation of grey levels with the cut-out under which something else stands in its place."""
RULES = {"cut off": "poster.product-cut", "blurred": "poster.product-blurred"}
"""Rules by the fault that `product_lock` names; every other one is `poster.product-locked`."""


def there(view: View) -> Iterator[Finding]:
    """The product is on the poster, at a size at which it is the hero."""
    box, cutout = view.of.product_box, view.cutout
    if box is None or cutout is None:
        yield Finding("poster.product-missing", "error", "the product is not on the poster")
        return
    if _correlation(view, cutout, box) < ALIKE:
        message = "what stands in the product's place is not the product"
        yield Finding("poster.product-missing", "error", message, box=box)
        return
    share = float((cutout[..., 3] >= 128).sum()) / (view.width * view.height)
    wrong = "small" if share < SMALL else "large" if share > LARGE else ""
    yield Finding(
        "poster.product-size",
        "error" if wrong else "pass",
        f"the product covers {share:.1%} of the page" + (f": too {wrong}" if wrong else ""),
        round(share, 4),
        LARGE if wrong == "large" else SMALL,
        box,
    )


def locked(view: View) -> Iterator[Finding]:
    """Where the product is opaque, the poster shows exactly its scaled pixels: nothing covers
    them, no model or filter has touched them."""
    box, path = view.of.product_box, view.of.product
    if box is None or path is None:
        return
    check = product_lock.check_marked if view.of.marked else product_lock.check
    found = check(view.of.pixels, path, box)
    rule = RULES.get(found.fault, "poster.product-locked")
    yield Finding(
        rule,
        "pass" if found.holds else "error",
        found.message,
        float(found.difference),
        0.0,
        box,
    )
    if cut_side := ("" if found.holds or found.fault == "cut off" else _cut_side(view, box)):
        yield Finding(
            "poster.product-cut", "error", f"the product is cut off at its {cut_side}", box=box
        )
    if soft := product_lock.enlarged(path, box):
        yield Finding("poster.product-soft", "warn", soft, box=box)


def _cut_side(view: View, box: Box) -> str:
    """The side from which a straight strip of the product is gone while the rest is as it was."""
    cutout = view.cutout
    if cutout is None or clipped(box, view.page) != box:
        return ""
    solid = cutout[..., 3] == 255
    off = np.abs(cut(view.of.pixels, box).astype(np.int16) - cutout[..., :3]).max(axis=2) > 24
    for axis, sides in ((1, ("top", "bottom")), (0, ("left", "right"))):
        count = solid.sum(axis=axis)
        gone = np.where(count > 0, (off & solid).sum(axis=axis) / np.maximum(count, 1), 0.0)
        lines = np.flatnonzero(count > 0)
        if not len(lines):
            return ""
        bad = gone[lines] > 0.6
        for side, part in zip(sides, (bad, bad[::-1]), strict=True):
            run = int(np.argmin(part)) if not part.all() else len(part)
            if run >= 0.03 * len(part) and run < len(part) and not part[run + 1 :].any():
                return side
    return ""


def _correlation(view: View, cutout: Pixels, box: Box) -> float:
    """Of the grey levels of the solid product with those that the picture shows there; 1 for a
    product of one tone when the picture shows that tone."""
    part = clipped(box, view.page)
    if part.width < 4 or part.height < 4:
        return 0.0
    y, x = part.y0 - box.y0, part.x0 - box.x0
    own = cutout[y : y + part.height, x : x + part.width]
    solid = own[..., 3] == 255
    if int(solid.sum()) < 64:
        return 1.0
    grey = cv2.cvtColor(np.ascontiguousarray(own[..., :3]), cv2.COLOR_RGB2GRAY)
    seen = cv2.cvtColor(np.ascontiguousarray(cut(view.of.pixels, part)), cv2.COLOR_RGB2GRAY)
    one, other = grey[solid].astype(np.float32), seen[solid].astype(np.float32)
    spread = float(one.std() * other.std())
    if float(one.std()) < 3.0:
        return 1.0 if abs(float(one.mean() - other.mean())) < 12 else 0.0
    return float(((one - one.mean()) * (other - other.mean())).mean()) / max(spread, 1e-6)
