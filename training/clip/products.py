"""Invented packs, drawn and lit from a side: bottles, jars, tins, tubes, boxes, bags.

Crude on purpose: a picture model of this size needs the silhouette, the colour and the light, not
a brand. Nothing here is a real product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

KINDS = {
    "bottle": (0.34, ((0.0, 0.0), (0.02, 0.96), (0.62, 1.0), (0.74, 0.42), (0.8, 0.36), (1, 0.38))),
    "pump bottle": (
        0.4,
        ((0.0, 1.0), (0.66, 1.0), (0.7, 0.3), (0.86, 0.28), (0.88, 0.6), (1, 0.6)),
    ),
    "jar": (1.15, ((0.0, 0.94), (0.05, 1.0), (0.62, 1.0), (0.64, 0.94), (1.0, 0.94))),
    "tin": (0.82, ((0.0, 1.0), (0.9, 1.0), (0.92, 0.96), (1.0, 0.95))),
    "tube": (0.36, ((0.0, 0.6), (0.12, 0.62), (0.14, 0.86), (0.97, 1.0), (1.0, 1.0))),
    "box": (0.72, ((0.0, 1.0), (1.0, 1.0))),
    "carton": (1.5, ((0.0, 1.0), (1.0, 1.0))),
    "bag": (0.66, ((0.0, 0.95), (0.05, 1.0), (0.9, 0.96), (0.93, 0.92), (1.0, 0.97))),
}
"""Width to height, and half-widths by height from the foot (0) to the top (1)."""
FLAT = frozenset(("box", "carton", "bag"))


def pack(kind: str, colour: tuple[int, int, int], light: str, seed: int, height: int) -> Pixels:
    """RGBA of a pack, `height` pixels high, in a body `colour`, lit from `light` (left, right,
    front)."""
    dice = np.random.default_rng(seed)
    ratio, profile = KINDS[kind]
    width = max(6, round(height * ratio * dice.uniform(0.88, 1.14)))
    up = 1 - (np.arange(height) + 0.5) / height
    half = np.interp(up, *zip(*profile, strict=True)) * width / 2
    x = np.arange(width) + 0.5 - width / 2
    across = x[None] / np.maximum(half[:, None], 1e-3)
    alpha = np.clip((half[:, None] - np.abs(x)[None]) + 0.5, 0, 1)
    body = np.broadcast_to(np.array(colour, np.float32), (height, width, 3)).copy()
    _decorate(body, up, across, dice)
    shade = _shade(across, light, kind in FLAT)
    lit = np.clip(body * shade[..., None] + 18 * np.maximum(shade - 1, 0)[..., None], 0, 255)
    return np.dstack([lit, alpha * 255]).astype(np.uint8)


def stand(picture: Pixels, product: Pixels, foot: tuple[float, float], shadow: float) -> None:
    """Puts a pack on its foot (pixels) with a soft pool of shadow, in place."""
    height, width = product.shape[:2]
    x, y = round(foot[0] - width / 2), round(foot[1] - height)
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]]
    away = ((columns - foot[0] - shadow * width) / (0.75 * width)) ** 2
    away = away + ((rows - foot[1]) / (0.16 * width)) ** 2
    picture[...] = (picture * (1 - 0.5 * np.exp(-2 * away))[..., None]).astype(np.uint8)
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(picture.shape[1], x + width), min(picture.shape[0], y + height)
    if x1 <= x0 or y1 <= y0:
        return
    part = product[y0 - y : y1 - y, x0 - x : x1 - x].astype(np.float32)
    alpha = part[..., 3:] / 255
    area = picture[y0:y1, x0:x1]
    area[...] = (part[..., :3] * alpha + area * (1 - alpha)).astype(np.uint8)


def _decorate(
    body: NDArray[np.float32],
    up: NDArray[np.float64],
    across: NDArray[np.float64],
    dice: np.random.Generator,
) -> None:
    """A cap, a label and lines that look like print."""
    if dice.random() < 0.7:
        body[up > dice.uniform(0.78, 0.9)] = dice.integers(10, 245, 3)
    low = dice.uniform(0.14, 0.34)
    high = low + dice.uniform(0.2, 0.4)
    label = (up > low) & (up < high)
    paper = np.clip(dice.integers(150, 256, 3) if dice.random() < 0.7 else body[0, 0] * 0.6, 0, 255)
    body[label[:, None] & (np.abs(across) < dice.uniform(0.6, 1.1))] = paper
    ink = np.array([30, 30, 34]) if paper.mean() > 110 else np.array([240, 240, 236])
    for _ in range(int(dice.integers(1, 5))):
        line = dice.uniform(low, high)
        rows = np.abs(up - line) < dice.uniform(0.008, 0.025)
        body[rows[:, None] & (np.abs(across) < dice.uniform(0.2, 0.5))] = ink


def _shade(across: NDArray[np.float64], light: str, flat: bool) -> NDArray[np.float64]:
    side = {"left": -0.55, "right": 0.55, "front": 0.0}[light]
    if flat:
        # A box seen slightly from the side: one face is lit less.
        edge = 0.55 if side <= 0 else -0.55
        dark = across > edge if side <= 0 else across < edge
        return np.where(dark, 0.66 if side else 0.86, 1.04)
    normal = np.clip(across, -1, 1)
    round_ = 1 - 0.55 * np.clip(np.abs(normal - side), 0, 2) ** 1.5
    spot = 0.35 * np.exp(-(((normal - 0.75 * side) / 0.12) ** 2))
    return np.clip(round_ + spot, 0.3, 1.5)


def resized(picture: Pixels, height: int) -> Pixels:
    """A cut-out at another height."""
    width = max(2, round(picture.shape[1] * height / picture.shape[0]))
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
