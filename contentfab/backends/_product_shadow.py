"""Puts a product cut-out into a picture: shadows on the ground, then its own pixels, untouched.

Three shadows, as a table lamp and a bright room would make them: an occlusion line right under
the base, a soft contact pool, and a cast shadow that is the silhouette sheared along the light,
softer and fainter with distance. They darken the ground in linear light and keep its hue. What
the shadow falls on is taken to be flat: a wall behind the product is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.places import Box
from contentfab.rules.colour import srgb_to_linear
from contentfab.rules.cutout import contour

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

CAST, POOL, LINE = 0.42, 0.36, 0.50
"""Share of the light that each shadow takes at its darkest."""
FLATTEST = 0.02
"""Least height of a cast shadow, in product heights."""

_TO_LINEAR = srgb_to_linear(np.arange(256, dtype=np.uint8)).astype(np.float32)
_STEPS = np.linspace(0, 1, 4096)
_TO_SRGB = np.rint(
    255 * np.where(_STEPS <= 0.0031308, _STEPS * 12.92, 1.055 * _STEPS ** (1 / 2.4) - 0.055)
).astype(np.uint8)


def place_product(
    scene: Pixels,
    cutout: Pixels,
    box: Box,
    *,
    direction: tuple[float, float],
    floats: bool = False,
    clip: Box | None = None,
) -> None:
    """Draws shadow and product into `scene` (uint8 RGB, changed in place). `cutout` is RGBA of the
    size of `box`; `direction` is where the shadow of the top lies, per unit of product height;
    `clip` is where the ground is."""
    if min(box.width, box.height) >= 8:
        _shade(scene, cutout[..., 3], box, direction, floats, clip)
    blend(scene, cutout, box)


def blend(scene: Pixels, layer: Pixels, box: Box) -> None:
    """Straight-alpha composite; where the layer is opaque its pixels are copied exactly."""
    area = scene[box.y0 : box.y1, box.x0 : box.x1]
    alpha = layer[..., 3:4].astype(np.uint16)
    mixed = (layer[..., :3] * alpha + area * (255 - alpha) + 127) // 255
    area[...] = mixed.astype(np.uint8)


def _shade(
    scene: Pixels,
    alpha: Pixels,
    box: Box,
    direction: tuple[float, float],
    floats: bool,
    clip: Box | None,
) -> None:
    height, width = scene.shape[:2]
    reach_x = abs(direction[0]) * box.height + 0.25 * box.width
    reach_y = max(abs(direction[1]) * box.height, 0.12 * box.width) + 0.06 * box.height
    limit = clip or Box(0, 0, width, height)
    area = Box(
        max(limit.x0, int(box.x0 - reach_x)),
        max(limit.y0, int(box.y1 - box.height * max(-direction[1], 0) - reach_y)),
        min(limit.x1, int(box.x1 + reach_x)),
        min(limit.y1, int(box.y1 + reach_y + box.height * max(direction[1], 0))),
    )
    if area.width < 2 or area.height < 2:
        return
    light = 1 - CAST * _cast(alpha, box, area, direction)
    if floats:
        light *= 1 - 0.6 * POOL * _pool(alpha, box, area, spread=1.0, squash=0.09)
    else:
        light *= 1 - POOL * _pool(alpha, box, area, spread=1.0, squash=0.06)
        light *= 1 - LINE * _pool(alpha, box, area, spread=0.98, squash=0.014)
    ground = _TO_LINEAR[scene[area.y0 : area.y1, area.x0 : area.x1]]
    # Shadows keep a little of the ground's own colour: the light that is left is bounced light.
    tint = ground / np.maximum(ground.max(axis=2, keepdims=True), 1e-4)
    shade = light[..., None]
    lit = ground * shade * (1 - 0.25 * (1 - shade) * (1 - tint))
    scene[area.y0 : area.y1, area.x0 : area.x1] = _TO_SRGB[(lit * 4095 + 0.5).astype(np.uint16)]


def _cast(alpha: Pixels, box: Box, area: Box, direction: tuple[float, float]) -> Floats:
    """Silhouette sheared onto the ground: (x, h above base) goes to base + h·direction."""
    shear_x, shear_y = direction
    if abs(shear_y) < FLATTEST:
        shear_y = -FLATTEST  # a shadow of no height could not be mapped back
    # A silhouette has no depth; a product has. Its base gives the shadow a little body.
    matrix = np.array(
        [
            [1, -shear_x, box.x0 - area.x0 + shear_x * box.height],
            [0, -shear_y, box.y1 - area.y0 + shear_y * box.height],
        ],
        np.float32,
    )
    size = (area.width, area.height)
    source = np.asarray(alpha / 255, np.float32)
    fade = np.linspace(0.35, 1, box.height, dtype=np.float32)[:, None]
    sharp = _warp(source * fade, matrix, size)
    depth = max(1, int(0.05 * box.width))
    grown = cv2.dilate(sharp, np.ones((depth, 1), np.uint8), anchor=(0, depth // 2))
    sharp = np.asarray(grown, np.float32)
    near = _blur(sharp, 0.006 * box.height + 0.6)
    far = _blur(sharp, 0.035 * box.height + 1.0)
    climb = np.linspace(1, 0, box.height, dtype=np.float32)[:, None]
    rise = _warp(np.broadcast_to(climb, source.shape), matrix, size)
    rise = _blur(np.where(sharp > 0, rise, 1.0).astype(np.float32), 0.03 * box.height + 1.0)
    mix = np.clip(rise * 1.6, 0, 1)
    return np.asarray(near * (1 - mix) + far * mix, np.float32)


def _warp(source: Floats, matrix: NDArray[np.float32], size: tuple[int, int]) -> Floats:
    return np.asarray(cv2.warpAffine(np.ascontiguousarray(source), matrix, size), np.float32)


def _pool(alpha: Pixels, box: Box, area: Box, *, spread: float, squash: float) -> Floats:
    """The base's own lower outline, as a soft band on the ground that fades at its ends."""
    low = contour(alpha)
    columns = np.flatnonzero(low <= min(0.22 * box.height, 0.2 * box.width))
    canvas = np.zeros((area.height, area.width), np.float32)
    if len(columns) < 2:
        return canvas
    left, right = int(columns[0]), int(columns[-1])
    middle, half = (left + right) / 2, max(2.0, (right - left) / 2)
    x = (middle + (columns - middle) * spread + box.x0 - area.x0)[:: max(1, len(columns) // 96)]
    y = (box.y1 - area.y0 - low[columns] - 0.3 * squash * box.width)[:: max(1, len(columns) // 96)]
    line = np.rint(np.stack([x, y], axis=1) * 16).astype(np.int32)
    thick = max(1, round(1.6 * squash * half * 2))
    cv2.polylines(canvas, [line], False, 1.0, thick, cv2.LINE_AA, 4)
    ends = np.abs(np.arange(area.width) - (middle + box.x0 - area.x0)) / half
    canvas *= np.clip((1.06 - ends) / 0.3, 0, 1).astype(np.float32)[None, :]
    return _blur(canvas, 0.5 * squash * box.width + 1.0)


def _blur(mask: Floats, sigma: float) -> Floats:
    """Gaussian; a wide one is made on a quarter of the pixels."""
    if sigma < 6:
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.float32)
    height, width = mask.shape
    small = cv2.resize(
        mask, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), sigma / 4)
    return np.asarray(
        cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )
