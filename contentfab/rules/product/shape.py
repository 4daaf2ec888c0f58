"""What a picture must know of a product before it is made: silhouette, and where its light is.

Two measures of the light must agree, since neither is sure: the rims of the cut-out (left and
right ends of each row) and the slope of lightness across areas of one colour. A pattern that is
lighter on one side moves one of them, seldom both. Only an outline that is much the same on both
sides is judged: the toe and the heel of a shoe are not lit differently but made differently. It
knows nothing of highlights or of backlight; when unsure it says `front`, which fits any scene.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.pictures import ProductShape
from contentfab.rules.product.cutout import load_cutout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

TALL, WIDE = 0.7, 1.4
"""Width to height of the visible product below which it is tall, above which it is wide."""
SIDE = 160
"""Longest side at which light is measured, in pixels."""
RIM = (0.03, 0.16)
"""Where a rim begins and ends, in widths of the row."""
LEAST_RIM, LEAST_SLOPE = 3.0, 3.0
"""CIELAB lightness by which the sides must differ."""
ALIKE = 0.85
"""Share of the outline that must lie on its own mirror image."""
_known: dict[str, ProductShape] = {}


def shape_of(path: Path) -> ProductShape:
    """Silhouette and light of a product's picture; one measurement per file content. Raises
    InputError when it cannot be read."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest not in _known:
        cutout = load_cutout(path)
        _known[digest] = ProductShape(_silhouette(cutout), _light(cutout))
    return _known[digest]


def _silhouette(cutout: NDArray[np.uint8]) -> str:
    aspect = cutout.shape[1] / cutout.shape[0]
    return "tall" if aspect < TALL else "wide" if aspect > WIDE else "square"


def _light(cutout: NDArray[np.uint8]) -> str:
    height, width = cutout.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(cutout, size, interpolation=cv2.INTER_AREA)
    srgb = np.asarray(small[..., :3] / 255, np.float32)
    lab = np.asarray(cv2.cvtColor(srgb, cv2.COLOR_RGB2LAB), np.float32)
    solid = cv2.erode((small[..., 3] > 250).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    alike = float((solid & solid[:, ::-1]).sum()) / max(1.0, float((solid | solid[:, ::-1]).sum()))
    if int(solid.sum()) < 100 or alike < ALIKE:
        return "front"
    rim, slope = _rims(lab[..., 0], solid), _slope(lab, solid)
    if rim > LEAST_RIM and slope > LEAST_SLOPE:
        return "left"
    if rim < -LEAST_RIM and slope < -LEAST_SLOPE:
        return "right"
    return "front"


def _rims(light: Floats, solid: NDArray[np.bool_]) -> float:
    """Median over the rows of how much lighter the left rim is than the right one; 0 when the
    rows do not agree."""
    found = []
    for row, inside in zip(light, solid, strict=True):
        columns = np.flatnonzero(inside)
        if len(columns) < 12:
            continue
        start, end = (max(1, round(share * len(columns))) for share in RIM)
        left, right = columns[start : end + 1], columns[-end - 1 : -start]
        found.append(float(np.median(row[left]) - np.median(row[right])))
    if len(found) < 8:
        return 0.0
    middle = float(np.median(found))
    agree = float((np.sign(found) == np.sign(middle)).mean())
    return middle if agree > 0.62 else 0.0


def _slope(lab: Floats, solid: NDArray[np.bool_]) -> float:
    """How much lighter the left end is than the right one within areas of one colour: lightness
    is fitted as a level per colour plus one slope for all."""
    rows, columns = np.nonzero(solid)
    light, tones = lab[rows, columns, 0], lab[rows, columns, 1:]
    across = (columns - columns.min()) / max(1, np.ptp(columns)) - 0.5
    # Shading changes lightness and hardly the hue: bins are of hue and chroma, and coarse.
    bins = np.floor((tones + 128) / 14).astype(np.int64)
    names = bins[:, 0] * 64 + bins[:, 1]
    top = bottom = 0.0
    for name in np.unique(names):
        part = names == name
        spread = np.ptp(across[part])
        if part.sum() < 40 or spread < 0.3:
            continue
        x = across[part] - across[part].mean()
        y = light[part] - light[part].mean()
        top += float((x * y).sum())
        bottom += float((x * x).sum())
    return -top / bottom if bottom else 0.0
