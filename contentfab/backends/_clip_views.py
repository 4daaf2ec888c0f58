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
RESAMPLING = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
}


def views(pixels: Picture, side: int, interpolation: str) -> list[tuple[float, Picture]]:
    """Weighted views of `side` × `side` pixels; the weights sum to 1."""
    resampling = RESAMPLING.get(interpolation, Image.Resampling.BICUBIC)
    image = Image.fromarray(pixels)
    squashed = np.asarray(image.resize((side, side), resampling), np.uint8)
    width, height = image.size
    short, long = min(width, height), max(width, height)
    if long <= short * 1.02:
        return [(1.0, squashed)]
    found = [
        (LETTERBOX, _letterbox(image, pixels, side, resampling)),
        (SQUASHED, squashed),
    ]
    count = min(MOST_TILES, math.ceil(long / short))
    for n in range(count):
        start = round(n * (long - short) / (count - 1))
        left, top = (start, 0) if width > height else (0, start)
        tile = image.resize((side, side), resampling, (left, top, left + short, top + short))
        found.append((TILED / count, np.asarray(tile, np.uint8)))
    return found


def _letterbox(
    image: Image.Image, pixels: Picture, side: int, resampling: Image.Resampling
) -> Picture:
    """The whole picture, with bars in the mean colour of its border."""
    scale = side / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    mean = border.mean(axis=0).round().astype(int)
    canvas = Image.new("RGB", (side, side), tuple(int(level) for level in mean))
    small = image.resize(size, resampling)
    canvas.paste(small, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(canvas, np.uint8)
