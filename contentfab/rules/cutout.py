"""Product cut-outs: load, crop to what is visible, scale without touching anything else.

Layout and inspection scale with the same function, so that "the product's pixels are unchanged"
is an equality and not a tolerance. Knows nothing about scenes or shadows.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError

from contentfab.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cutout = NDArray[np.uint8]

VISIBLE = 8
"""Alpha from which a pixel counts as part of the product."""
MAY_OVERHANG = 0.72
"""Share of a slanting base that must lie on the stand."""
ROUND = 0.97
"""Share of a round base that must lie on the stand: its outline turns away from the eye."""


def load_cutout(path: Path) -> Cutout:
    """Straight-alpha RGBA of shape (height, width, 4), cropped to the visible product. A picture
    without transparency comes back whole. Raises InputError when it is no picture or empty."""
    try:
        stamp = path.stat().st_mtime_ns
        return _load(path, stamp)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise InputError(
            f"product picture {path.name} cannot be read: {error}",
            hint="Give a PNG or WebP cut-out.",
        ) from error


@lru_cache(maxsize=16)
def _load(path: Path, stamp: int) -> Cutout:
    with Image.open(path) as picture:
        rgba = np.asarray(picture.convert("RGBA"))
    rows = np.flatnonzero((rgba[..., 3] >= VISIBLE).any(axis=1))
    columns = np.flatnonzero((rgba[..., 3] >= VISIBLE).any(axis=0))
    if not len(rows):
        raise InputError(
            f"product picture {path.name} is fully transparent", hint="Give a cut-out."
        )
    cropped = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    cropped.setflags(write=False)
    return cropped


@lru_cache(maxsize=8)
def _scaled(path: Path, stamp: int, width: int, height: int) -> Cutout:
    # Premultiplied, so that colours of invisible pixels do not bleed into the edge.
    picture = Image.fromarray(_load(path, stamp)).convert("RGBa")
    resized = picture.resize((width, height), Image.Resampling.LANCZOS).convert("RGBA")
    scaled = np.array(resized)
    scaled.setflags(write=False)
    return scaled


def scale_cutout(path: Path, width: int, height: int) -> Cutout:
    """The visible product at exactly `width` × `height` pixels (Lanczos, premultiplied alpha)."""
    load_cutout(path)
    return _scaled(path, path.stat().st_mtime_ns, width, height)


def contour(alpha: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Lowest visible row of every column, in rows from the bottom (0 is the last row); infinite
    where a column has none. Shape (width,)."""
    seen = alpha[::-1] >= 128
    return np.where(seen.any(axis=0), seen.argmax(axis=0), np.inf)


def base_width(cutout: Cutout) -> float:
    """Width of what has to stand on something, as a fraction of the product's width. A flat base
    counts whole and a round one seen from above nearly; of one that is seen at an angle (a shoe),
    the ends may hang over."""
    height, width = cutout.shape[:2]
    low = contour(cutout[..., 3])
    flat, curved, seen = (_extent(low <= share * height) / width for share in (0.06, 0.1, 0.22))
    return float(max(flat, ROUND * curved, MAY_OVERHANG * seen, 0.05))


def _extent(mask: NDArray[np.bool_]) -> int:
    columns = np.flatnonzero(mask)
    return int(columns[-1] + 1 - columns[0]) if len(columns) else 0
