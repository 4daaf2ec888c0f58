"""What size of key visual a placement asks for, and where its text will want to stand.

Banners are too small and too long for a picture of their own: theirs is made larger, in a ratio
that picture models and studio plates know, and shown in part. Knows nothing about channels.
"""

from __future__ import annotations

from contentfab.records.channel import Placement
from contentfab.rules.layout.type_scale import is_banner

LONGEST = 2.0
"""Longest key visual, as the ratio of its sides."""
LEAST_SIDE = 512
"""Shortest side of a banner's key visual: below it models draw nothing of use."""
WIDE, BOX_WIDE = 1.3, 1.1
"""Ratio of the sides from which a page, and a banner, is wide."""
STEP = 8
"""Sides are multiples of this, as diffusion models want them."""


def picture_size(placement: Placement) -> tuple[int, int]:
    """Width and height of the key visual for a placement: its own size, but for banners."""
    width, height = placement.width, placement.height
    if not is_banner(width, height):
        return width, height
    ratio = min(LONGEST, max(1 / LONGEST, width / height))
    if ratio >= 1:
        return round(LEAST_SIDE * ratio / STEP) * STEP, LEAST_SIDE
    return LEAST_SIDE, round(LEAST_SIDE / ratio / STEP) * STEP


def copy_space(placement: Placement) -> str:
    """The side on which text will stand: beside the product on a wide page, else above it. On a
    small box there is no height to stack them."""
    width, height = placement.width, placement.height
    wide = BOX_WIDE if is_banner(width, height) else WIDE
    return "left" if width > wide * height else "top"
