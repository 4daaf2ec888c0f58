"""How a shown product lies against its picture: shift, size, colour and sharpness, fitted.

Shift and size are found by Gauss-Newton on the image gradient (Lucas and Kanade 1981; Baker and
Matthews, "Lucas-Kanade 20 Years On", 2004) from the best whole-pixel start. It measures and does
not judge; `rules/product/faults.py` gives what it finds a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.places import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

REACH = 12
"""Pixels of shift that are searched for in each direction."""
MOST_SAMPLES = 40_000
TILE = 12
"""Side of the parts that are looked at one by one in a marked picture, in pixels."""
TILE_LEVELS = 26.0
"""Mean difference of such a part, in levels, that no watermark or good encoding makes."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How the shown product differs from its picture: mean change of colour (levels per channel),
    shift in pixels, change of width and height (0.01 is 1 % larger), and sharpness (below 0
    blurred, above sharpened; -1 loses all fine detail)."""

    colour: tuple[float, float, float]
    shift: tuple[float, float]
    squeeze: tuple[float, float]
    sharpness: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The shown product and its picture, float32 RGB, over the box grown by `pad`; `inner` are
    the pixels to compare, far enough from transparent ones."""

    shown: Floats
    own: Floats
    inner: NDArray[np.bool_]
    pad: int


def fit(pixels: Pixels, scaled: Pixels, box: Box) -> Fit:
    """Everything at once, for a picture that was watermarked and encoded. The place is fitted on
    the picture as shown, the rest at the place found."""
    pair = laid_over(pixels, scaled, box)
    motion = best_motion(pair, resize=True)
    own = warped(pair, motion)
    moved = Pair(pair.shown, own, pair.inner, pair.pad)
    height, width = scaled.shape[:2]
    colour = colour_change(moved)
    return Fit(
        colour=colour,
        shift=(float(motion[0]), float(motion[1])),
        squeeze=(float(motion[2]) * 2 / max(width, 1), float(motion[3]) * 2 / max(height, 1)),
        sharpness=_sharper(moved),
    )


def covered(pixels: Pixels, scaled: Pixels, box: Box) -> tuple[int, int] | None:
    """Centre, in the box, of the part that differs most by more than a mark or an encoder makes;
    None when no part does."""
    pair = laid_over(pixels, scaled, box)
    weight = pair.inner.astype(np.float32)
    off = (pair.shown - pair.own) * weight[..., None]
    size = (TILE, TILE)
    share = cv2.blur(weight, size)
    mean = np.abs(cv2.blur(off, size)).max(axis=2) / np.maximum(share, 0.5)
    mean[share < 0.5] = 0
    if not mean.size or float(mean.max()) < TILE_LEVELS:
        return None
    y, x = np.unravel_index(int(mean.argmax()), mean.shape)
    return int(x) - pair.pad, int(y) - pair.pad


def laid_over(pixels: Pixels, scaled: Pixels, box: Box) -> Pair:
    pad = REACH + 2
    height, width = pixels.shape[:2]
    whole = cv2.copyMakeBorder(
        pixels[max(0, box.y0 - pad) : box.y1 + pad, max(0, box.x0 - pad) : box.x1 + pad],
        max(0, pad - box.y0),
        max(0, box.y1 + pad - height),
        max(0, pad - box.x0),
        max(0, box.x1 + pad - width),
        cv2.BORDER_REPLICATE,
    )
    own = cv2.copyMakeBorder(
        np.ascontiguousarray(scaled), pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0, 0, 0, 0)
    )
    solid = (own[..., 3] == 255).astype(np.uint8)
    inner = cv2.erode(solid, np.ones((5, 5), np.uint8), borderValue=0) > 0
    if int(inner.sum()) < 64:
        inner = solid > 0
    return Pair(np.asarray(whole, np.float32), np.asarray(own[..., :3], np.float32), inner, pad)


def left_over(shown: Floats, own: Floats, inner: NDArray[np.bool_]) -> float:
    """Mean absolute difference in levels."""
    off = np.abs(shown - own)[inner]
    return float(off.mean()) if off.size else 0.0


def colour_change(pair: Pair) -> tuple[float, float, float]:
    """Change of each channel in levels, over the pixels that are not at either end."""
    found = []
    for c in range(3):
        own, shown = pair.own[..., c][pair.inner], pair.shown[..., c][pair.inner]
        free = (own > 6) & (own < 249)
        off = (shown - own)[free] if free.sum() > 64 else shown - own
        found.append(float(off.mean()) if off.size else 0.0)
    return found[0], found[1], found[2]


def best_motion(pair: Pair, *, resize: bool) -> NDArray[np.float64]:
    """(dx, dy, growth of half the width, of half the height) in pixels, by Gauss-Newton from the
    best whole-pixel shift."""
    motion = np.array([*_whole_shift(pair), 0.0, 0.0])
    rows, columns = np.nonzero(pair.inner)
    if not len(rows):
        return motion
    step = max(1, len(rows) // MOST_SAMPLES)
    rows, columns = rows[::step], columns[::step]
    height, width = pair.inner.shape
    x = (columns - (width - 1) / 2) / max(width / 2 - pair.pad, 1)
    y = (rows - (height - 1) / 2) / max(height / 2 - pair.pad, 1)
    for _ in range(8):
        own = warped(pair, motion)
        across = cv2.Sobel(own, cv2.CV_32F, 1, 0, scale=1 / 8)[rows, columns].mean(axis=1)
        down = cv2.Sobel(own, cv2.CV_32F, 0, 1, scale=1 / 8)[rows, columns].mean(axis=1)
        off = (own - pair.shown)[rows, columns].mean(axis=1)
        parts = [across, down, across * x, down * y] if resize else [across, down]
        design = np.stack([*parts, np.ones_like(across)], axis=1).astype(np.float64)
        # What lies over the product must not pull at it: large differences count for less.
        weight = 1 / np.maximum(1.0, np.abs(off) / (2.0 * float(np.median(np.abs(off))) + 1.0))
        normal = design.T @ (design * weight[:, None]) + 1e-6 * len(rows) * np.eye(design.shape[1])
        found = np.linalg.solve(normal, design.T @ (off * weight))[: len(parts)]
        motion[: len(found)] += np.clip(found, -3, 3)
        if float(np.abs(found).max()) < 0.003:
            break
    return motion


def _whole_shift(pair: Pair) -> tuple[float, float]:
    """Whole pixels by which the picture's edges fit the shown ones best. Edges, so that a change
    of colour does not matter."""
    shown, own = _edges(pair.shown), _edges(pair.own) * pair.inner
    template = own[REACH:-REACH, REACH:-REACH]
    mask = pair.inner[REACH:-REACH, REACH:-REACH].astype(np.float32)
    match = cv2.matchTemplate(shown, template, cv2.TM_SQDIFF, mask=mask)
    y, x = np.unravel_index(int(match.argmin()), match.shape)
    if match[y, x] > 0.6 * match[REACH, REACH]:
        return 0.0, 0.0
    return float(x - REACH), float(y - REACH)


def _edges(picture: Floats) -> Floats:
    grey = picture.mean(axis=2)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(across, down), np.float32)


def warped(pair: Pair, motion: NDArray[np.float64]) -> Floats:
    """The picture moved and resized about its middle."""
    height, width = pair.inner.shape
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    half = np.array([max(width / 2 - pair.pad, 1), max(height / 2 - pair.pad, 1)])
    grow = 1 + motion[2:] / half
    matrix = np.array([[grow[0], 0, 0], [0, grow[1], 0]], np.float64)
    matrix[:, 2] = middle + motion[:2] - grow * middle
    warped = cv2.warpAffine(
        pair.own, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.float32)


def _sharper(pair: Pair) -> float:
    """Share of the fine detail of the luma that was added; encoders save on that of the colour."""
    own = cv2.cvtColor(pair.own, cv2.COLOR_RGB2GRAY)
    shown = cv2.cvtColor(pair.shown, cv2.COLOR_RGB2GRAY)
    detail = own - cv2.GaussianBlur(own, (0, 0), 1.0)
    fine, off = detail[pair.inner], (shown - own)[pair.inner]
    energy = float((fine * fine).sum())
    return float((fine * off).sum()) / energy if energy > 1.0 * max(fine.size, 1) else 0.0
