"""Square views of a picture of any shape, so that a square vision tower sees all of it.

The usual centre crop keeps 56 % of a 16:9 picture and 12 % of a banner. Knows no model.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

LETTERBOX, SQUASHED, TILED = 0.5, 0.25, 0.25
"""Weights of the whole picture with borders, the whole picture squeezed, and its parts."""

MOST_TILES = 6
SQUARE = 1.02
"""Up to this ratio of its sides a picture is taken for a square: one view shows all of it."""

GAP = 2
"""A large picture is first averaged over whole blocks, once for all views, to no less than so many
times the view's side. The proper filter on 1080 × 1350 pixels, once per view, would take longer
than a small tower; what is left out moves a view by about one level (Pillow's `reducing_gap`)."""

RESAMPLING = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
}
VIEWS = (
    f"letterbox {LETTERBOX}, squash {SQUASHED}, up to {MOST_TILES} tiles {TILED}; "
    f"square up to {SQUARE}; block mean to {GAP} sides"
)
"""Names all of this: part of a score's calibration id."""


def views(pixels: Picture, side: int, interpolation: str) -> list[tuple[float, Picture]]:
    """Weighted views of `side` × `side` pixels; the weights sum to 1."""
    height, width = pixels.shape[:2]
    short, long = min(width, height), max(width, height)
    small = _Small(pixels, max(1, short // (GAP * side)), interpolation)
    squashed = small.part((side, side), (0, 0, width, height))
    if long <= short * SQUARE:
        return [(1.0, np.asarray(squashed, np.uint8))]
    found = [
        (LETTERBOX, _letterbox(small, pixels, side)),
        (SQUASHED, np.asarray(squashed, np.uint8)),
    ]
    count = min(MOST_TILES, math.ceil(long / short))
    for n in range(count):
        start = round(n * (long - short) / (count - 1))
        left, top = (start, 0) if width > height else (0, start)
        tile = small.part((side, side), (left, top, left + short, top + short))
        found.append((TILED / count, np.asarray(tile, np.uint8)))
    return found


class _Small:
    """A picture averaged over `factor` × `factor` blocks, cut in the picture's own coordinates."""

    def __init__(self, pixels: Picture, factor: int, interpolation: str) -> None:
        image = Image.fromarray(pixels)
        self._image = image.reduce(factor) if factor > 1 else image
        self._factor = factor
        self._resampling = RESAMPLING.get(interpolation, Image.Resampling.BICUBIC)

    def part(self, size: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
        left, top, right, bottom = (edge / self._factor for edge in box)
        return self._image.resize(size, self._resampling, (left, top, right, bottom))


def _letterbox(small: _Small, pixels: Picture, side: int) -> Picture:
    """The whole picture, with bars in the mean colour of its border."""
    height, width = pixels.shape[:2]
    scale = side / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    mean = border.mean(axis=0).round().astype(int)
    canvas = Image.new("RGB", (side, side), tuple(int(level) for level in mean))
    inner = small.part(size, (0, 0, width, height))
    canvas.paste(inner, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(canvas, np.uint8)
