"""Product cut-outs: load, crop to what is visible, scale without touching anything else.

Layout and inspection scale with the same function, so that "the product's pixels are unchanged"
is an equality and not a tolerance. A photo on a plain background becomes a cut-out here
(`matte.py`); any other picture without transparency stays whole. Knows nothing about scenes
or shadows.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError

from contentfab.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cutout = NDArray[np.uint8]

VERSION = "2"  # of everything that turns a product's picture into a cut-out and scales it
VISIBLE = 8
"""Alpha from which a pixel counts as part of the product."""
MAY_OVERHANG = 0.72
"""Share of a slanting base that must lie on the stand."""
ROUND = 0.97
"""Share of a round base that must lie on the stand: its outline turns away from the eye."""

PITCH = 0.14
"""Sine of the angle under which product pictures, and the studio sets, look down."""
FLAT, FLAT_WIDE, BOXED = 0.42, 0.34, 0.6
"""Depth to width of a base that shows no depth, of one of a wide product (a shoe), and of a box
that stands at an angle."""


def load_cutout(path: Path) -> Cutout:
    """Straight-alpha RGBA of shape (height, width, 4), cropped to the visible product. A picture
    without transparency loses its background when that is plain, and comes back whole when not.
    Raises InputError when it is no picture or empty."""
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
    if int(rgba[..., 3].min()) == 255:
        rgba = _without_background(rgba)
    rows = np.flatnonzero((rgba[..., 3] >= VISIBLE).any(axis=1))
    columns = np.flatnonzero((rgba[..., 3] >= VISIBLE).any(axis=0))
    if not len(rows):
        raise InputError(
            f"product picture {path.name} is fully transparent", hint="Give a cut-out."
        )
    cropped = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    cropped.setflags(write=False)
    return cropped


def _without_background(rgba: Cutout) -> Cutout:
    # OpenCV takes a while to load, and most products come as cut-outs.
    from contentfab.rules.product.matte import NotPlain, cut_out

    try:
        return cut_out(np.ascontiguousarray(rgba[..., :3])).rgba
    except NotPlain:
        return rgba


@lru_cache(maxsize=16)
def _digest(path: Path, stamp: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def file_sha256(path: Path) -> str:
    """Hash of a product's picture as it lies on disk."""
    return _digest(path, path.stat().st_mtime_ns)


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


def base_depth(cutout: Cutout) -> tuple[float, float]:
    """Half the width and half the depth of the base, as fractions of the product's width. A round
    base seen from above bends down in the middle; one that does not is taken for a flatter one."""
    height, width = cutout.shape[:2]
    low = contour(cutout[..., 3])
    base = np.flatnonzero(low <= 0.08 * min(height, width))
    if not len(base):
        return 0.25, 0.1
    half = max(1.0, (base[-1] - base[0] + 1) / 2)
    bent = float(low[base[[0, -1]]].min() - low[base].min()) / (PITCH * half)
    flat = FLAT_WIDE if width > 1.4 * height else FLAT
    round_ = abs(base_lean(cutout)) < 0.15
    ratio = float(np.clip(bent, flat, 1.0)) if round_ else BOXED
    return float(half / width), float(ratio * half / width)


def base_lean(cutout: Cutout) -> float:
    """How much nearer to the eye the base comes from left to right, per length: a box that stands
    at an angle shows it by one end of its base being lower. 0 for round and for wide products."""
    height, width = cutout.shape[:2]
    low = contour(cutout[..., 3])
    base = np.flatnonzero(low <= 0.14 * min(height, width))
    if len(base) < 12 or width > 1.4 * height:
        return 0.0
    third = len(base) // 3
    left, right = float(np.median(low[base[:third]])), float(np.median(low[base[-third:]]))
    across = float(np.median(base[-third:]) - np.median(base[:third]))
    return float(np.clip((left - right) / (PITCH * across), -0.8, 0.8))


def sunk(cutout: Cutout) -> float:
    """How far the lowest row lies under the middle of the base, as a fraction of the product's
    width: the base's front is nearer to the eye, and the eye looks down."""
    return PITCH * base_depth(cutout)[1]


def _extent(mask: NDArray[np.bool_]) -> int:
    columns = np.flatnonzero(mask)
    return int(columns[-1] + 1 - columns[0]) if len(columns) else 0
