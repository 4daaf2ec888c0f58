"""Attacks on the selector: pictures driven uphill, bit by bit or with one strong move.

A climber changes patches of a picture and keeps what the selector prefers. Used by tests and by
`make bench-attacks`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.rules.scoring.selection import choose, rate

if TYPE_CHECKING:
    from contentfab.records.brief import ArtDirection
    from contentfab.records.pictures import Picture


@dataclass(frozen=True, slots=True)
class Climb:
    """A picture before and after, what the selector made of it, and the changes that it took."""

    before: Picture
    after: Picture
    scores: tuple[float, float]
    accepted: int


def climb(
    pixels: Picture, art: ArtDirection, steps: int, seed: int, *, exact: bool = False
) -> Climb:
    """Random changes of random patches, hard or soft at their border (tint, noise, saturation,
    sharpness, contrast), each kept when the selector prefers the changed picture; with `exact` when
    its number before rounding rises, by however little, which nobody chooses by."""
    rng = np.random.default_rng(seed)

    def rated(picture: Picture) -> float:
        rating = rate(picture, art)
        return rating.exact if exact else rating.score

    current, best = pixels, rated(pixels)
    first, accepted = best, 0
    for _ in range(steps):
        if best >= 1:  # nothing is better than the best
            break
        changed = _changed(current, rng)
        score = rated(changed)
        if score > best if exact else choose([best, score]) == 1:
            current, best, accepted = changed, score, accepted + 1
    return Climb(pixels, current, (first, best), accepted)


def _changed(pixels: Picture, rng: np.random.Generator) -> Picture:
    height, width = pixels.shape[:2]
    side = max(4, width // 24) * int(rng.integers(1, 9))
    y, x = int(rng.integers(max(1, height - side))), int(rng.integers(max(1, width - side)))
    before = pixels[y : y + side, x : x + side].astype(np.float32)
    grey = before.mean(axis=2, keepdims=True)
    kind, by = int(rng.integers(5)), float(rng.normal())
    if kind == 0:
        part = before + rng.normal(0, 14, 3)
    elif kind == 1:
        part = before + rng.normal(0, 10, before.shape)
    elif kind == 2:
        part = grey + (1 + 0.5 * by) * (before - grey)
    elif kind == 3:
        part = before + 1.3 * by * (before - cv2.GaussianBlur(before, (0, 0), 1.5))
    else:
        part = grey.mean() + (1 + 0.35 * by) * (before - grey.mean())
    if rng.integers(2):
        tall, wide = (np.sqrt(np.hanning(count + 2)[1:-1]) for count in before.shape[:2])
        part = before + np.outer(tall, wide)[..., None] * (part - before)
    changed = pixels.copy()
    changed[y : y + side, x : x + side] = _levels(part)
    return changed


def _sharpened(pixels: Picture, by: float, sigma: float = 1.5) -> Picture:
    soft = cv2.GaussianBlur(pixels, (0, 0), sigma).astype(np.float32)
    return _levels(pixels + by * (pixels - soft))


def _saturated(pixels: Picture, by: float) -> Picture:
    grey = pixels.mean(axis=2, keepdims=True)
    return _levels(grey + by * (pixels - grey))


def _contrasted(pixels: Picture, by: float) -> Picture:
    return _levels(128 + by * (pixels.astype(np.float32) - 128))


def _encoded(pixels: Picture, quality: int) -> Picture:
    found, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(pixels[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    assert found
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])


def _levels(values: np.ndarray) -> Picture:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


MOVES: dict[str, Callable[[Picture], Picture]] = {
    "sharpened 50 %": lambda p: _sharpened(p, 0.5),
    "sharpened 100 %": lambda p: _sharpened(p, 1.0),
    "sharpened 200 %": lambda p: _sharpened(p, 2.0),
    "sharpened 300 %, 3 px": lambda p: _sharpened(p, 3.0, 3.0),
    "saturation × 1.4": lambda p: _saturated(p, 1.4),
    "saturation × 2": lambda p: _saturated(p, 2.0),
    "saturation × 3": lambda p: _saturated(p, 3.0),
    "contrast × 1.3": lambda p: _contrasted(p, 1.3),
    "contrast × 1.8": lambda p: _contrasted(p, 1.8),
    "brighter by a third": lambda p: _levels(p * 1.33),
    "JPEG at 30": lambda p: _encoded(p, 30),
    "JPEG at 8": lambda p: _encoded(p, 8),
    "posterised": lambda p: np.asarray(p // 24 * 24 + 12, np.uint8),
    "blurred 2 px": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 2.0), np.uint8),
}
"""The strongest moves of a whole picture. None of them makes a picture better that was sound."""


def dulled(pixels: Picture) -> Picture:
    """A picture with room to climb: softer, greyer, flatter."""
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.8)
    return _contrasted(_saturated(np.asarray(soft, np.uint8), 0.7), 0.9)
