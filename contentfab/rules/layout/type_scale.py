"""How small type may be on a placement, by role: one scale that layouts keep and inspection checks.

On posters the least sizes are fractions of the shortest side, since posters are seen scaled down
to a phone. Banners are shown pixel for pixel, so there the floors are absolute: what can be read on
a screen at arm's length. Sizes are font sizes in pixels unless said otherwise.
"""

from __future__ import annotations

import math

BANNER_SIDE, BANNER_LONG = 400, 1000
"""A banner's shortest side is at most the first, and its longest at most the second. Anything
larger is a poster, which platforms scale to the screen."""

LEAST_SHARE = {"headline": 0.04, "subline": 0.022, "cta": 0.022, "price": 0.022}
LEAST_PRINT_SHARE = 0.018
"""Least sizes on posters by role, in shortest sides; other roles may be as small as print."""

LEAST_PIXELS = {"headline": 13.0, "subline": 11.0, "cta": 10.0, "price": 11.0}
LEAST_PRINT_PIXELS = 8.0
"""Least sizes on banners."""

LARGE_SHARE = 48 / 1080
LARGE_PIXELS = 24.0
"""Type from this size is large, for which less contrast is enough: on banners WCAG's own 24 px
(18 pt), on posters more, since they are seen scaled down."""

LABEL_SHARE = 0.05
"""Least height of the visible AI label's glyphs, in shortest sides (GB 45438-2025, 5.2)."""
LABEL_PIXELS = 9
"""Least height of those glyphs in pixels, so that the label of a banner can be read."""


def is_banner(width: int, height: int) -> bool:
    """Whether a placement is shown pixel for pixel, as display banners are."""
    return min(width, height) <= BANNER_SIDE and max(width, height) <= BANNER_LONG


def least_size(role: str, width: int, height: int) -> float:
    """Least font size of a text with `role` on a placement."""
    if is_banner(width, height):
        return LEAST_PIXELS.get(role, LEAST_PRINT_PIXELS)
    return LEAST_SHARE.get(role, LEAST_PRINT_SHARE) * min(width, height)


def large_size(width: int, height: int) -> float:
    """Font size from which type counts as large (WCAG 2.2, 1.4.3)."""
    return LARGE_PIXELS if is_banner(width, height) else LARGE_SHARE * min(width, height)


def least_label(width: int, height: int, share: float = LABEL_SHARE) -> int:
    """Least height in pixels of the visible AI label's glyphs; `share` is the jurisdiction's."""
    return max(math.ceil(share * min(width, height)), LABEL_PIXELS)
