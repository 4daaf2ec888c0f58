"""Puts a product cut-out into a picture: shadows on the scene, then its own pixels, untouched.

Where the scene's geometry is known the shadow falls as it asks (`_shadow_scene.py`). Elsewhere the
ground is taken to be flat, with two shadows as a lamp and a bright room make them: a soft contact
pool, and a cast shadow that is the silhouette sheared along the light, softer and fainter with
distance. Both get a fine dark line where the base touches. Shadows darken the ground in linear
light and keep its hue.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.backends import _draw_log as log
from contentfab.backends._shadow_scene import Ground, light_left
from contentfab.records.pictures import KeyVisual
from contentfab.records.places import Box
from contentfab.rules.pixels.colour import srgb_to_linear
from contentfab.rules.pixels.scene_depth import world_points
from contentfab.rules.product.cutout import contour

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

CAST, POOL, LINE = 0.42, 0.36, 0.50
"""Share of the light that each shadow takes at its darkest."""
DEFAULT_LIGHT = (0.35, -0.08)
"""Where the shadow of the top lies when nobody knows, per unit of product height."""
FLATTEST = 0.02
"""Least height of a cast shadow, in product heights."""

_TO_LINEAR = srgb_to_linear(np.arange(256, dtype=np.uint8)).astype(np.float32)
_STEPS = np.linspace(0, 1, 4096)
_TO_SRGB = np.rint(
    255 * np.where(_STEPS <= 0.0031308, _STEPS * 12.92, 1.055 * _STEPS ** (1 / 2.4) - 0.055)
).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Shade:
    """The part of the page that a product darkens, and the share of light left there (1 is all),
    shape (height, width)."""

    area: Box
    left: Floats


def shade_in(
    visual: KeyVisual, cutout: Pixels, box: Box, clip: Box, lies: tuple[float, float, float]
) -> Shade | None:
    """The shadows of a product in a key visual that lies on the page at page = picture · scale +
    (dx, dy), `lies` being (scale, dx, dy). None in a picture that was made around the product."""
    stand, geometry = visual.stand, visual.geometry
    if stand is None:
        return shade_of(cutout, box, clip, direction=DEFAULT_LIGHT)
    if stand.fixed is not None:
        return None
    ground = None
    if geometry is not None:
        points = partial(world_points, geometry)
        ground = Ground(points, geometry.to_sun, visual.pixels, *lies, stand.foot)
    return shade_of(cutout, box, clip, direction=stand.shadow, floats=stand.floats, ground=ground)


def shade_of(
    cutout: Pixels,
    box: Box,
    clip: Box,
    *,
    direction: tuple[float, float],
    floats: bool = False,
    ground: Ground | None = None,
) -> Shade | None:
    """The shadows of a product (RGBA of the size of `box`) inside `clip`, or None. `direction`
    is where the shadow of the top lies on flat ground, per unit of product height; `ground` is
    the scene, where its geometry is known."""
    if min(box.width, box.height) < 8:
        return None
    alpha = cutout[..., 3]
    found = light_left(ground, cutout, box) if ground is not None and not floats else None
    shade = Shade(*found) if found else _flat(alpha, box, clip, direction, floats)
    shade = _cut(shade, clip) if shade else None
    if shade is None or floats:
        return shade
    line = _pool(alpha, box, shade.area, spread=0.98, squash=0.014)
    return Shade(shade.area, shade.left * (1 - LINE * line))


def place_product(scene: Pixels, cutout: Pixels, box: Box, shade: Shade | None) -> None:
    """Draws shadow and product into `scene` (uint8 RGB, changed in place). `cutout` is RGBA of the
    size of `box`."""
    if shade is not None:
        _darken(scene, shade)
    blend(scene, cutout, box)


def blend(scene: Pixels, layer: Pixels, box: Box) -> None:
    """Straight-alpha composite; where the layer is opaque its pixels are copied exactly."""
    log.image(scene, box, layer)
    area = scene[box.y0 : box.y1, box.x0 : box.x1]
    alpha = layer[..., 3:4].astype(np.uint16)
    mixed = (layer[..., :3] * alpha + area * (255 - alpha) + 127) // 255
    area[...] = mixed.astype(np.uint8)


def _cut(shade: Shade, clip: Box) -> Shade | None:
    """The part of a shade that lies in `clip`."""
    area = shade.area
    inside = Box(
        max(area.x0, clip.x0), max(area.y0, clip.y0), min(area.x1, clip.x1), min(area.y1, clip.y1)
    )
    if inside.width < 2 or inside.height < 2:
        return None
    rows = slice(inside.y0 - area.y0, inside.y1 - area.y0)
    return Shade(inside, shade.left[rows, inside.x0 - area.x0 : inside.x1 - area.x0])


def _darken(scene: Pixels, shade: Shade) -> None:
    area = shade.area
    ground = _TO_LINEAR[scene[area.y0 : area.y1, area.x0 : area.x1]]
    # Shadows keep a little of the ground's own colour: the light that is left is bounced light.
    tint = ground / np.maximum(ground.max(axis=2, keepdims=True), 1e-4)
    left = shade.left[..., None]
    lit = ground * left * (1 - 0.25 * (1 - left) * (1 - tint))
    scene[area.y0 : area.y1, area.x0 : area.x1] = _TO_SRGB[(lit * 4095 + 0.5).astype(np.uint16)]


def _flat(
    alpha: Pixels, box: Box, limit: Box, direction: tuple[float, float], floats: bool
) -> Shade | None:
    """Shadows on ground of which only the light's direction is known."""
    reach_x = abs(direction[0]) * box.height + 0.25 * box.width
    reach_y = max(abs(direction[1]) * box.height, 0.12 * box.width) + 0.06 * box.height
    area = Box(
        max(limit.x0, int(box.x0 - reach_x)),
        max(limit.y0, int(box.y1 - box.height * max(-direction[1], 0) - reach_y)),
        min(limit.x1, int(box.x1 + reach_x)),
        min(limit.y1, int(box.y1 + reach_y + box.height * max(direction[1], 0))),
    )
    if area.width < 2 or area.height < 2:
        return None
    left = 1 - CAST * _cast(alpha, box, area, direction)
    strength, squash = (0.6 * POOL, 0.09) if floats else (POOL, 0.06)
    left *= 1 - strength * _pool(alpha, box, area, spread=1.0, squash=squash)
    return Shade(area, left)


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
