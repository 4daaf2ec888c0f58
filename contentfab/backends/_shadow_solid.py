"""The product as a solid, and how much of sun, lamp and sky it hides from points around it.

Its sections are ellipses and its outline is the cut-out's: round where its base looks round,
flatter where it is wide. Seen from the sun such a solid is the same outline made narrower or
wider, so that three slices of it across the sun's azimuth tell whether the sun is hidden. Lengths
are in picture heights at the foot's distance; x right, y up, z to the eye; the foot is the origin.
It knows nothing of the scene.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.places import Box
from contentfab.rules.product.cutout import PITCH, base_depth, base_lean

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

SUN_SIZE, LAMP_SIZE = 0.02, 0.16
"""Half-width of the light at unit distance, as a Gaussian's sigma."""
SLICES = (-0.62, 0.0, 0.62)
"""Where the solid is cut, in half-depths along the light."""
LEVELS = (0.0, 0.02, 0.06, 0.16)
"""Softness of the outlines that are kept, in units; between two of them is interpolated."""
TEXTURE = 200
"""Height of the outline as sampled, in pixels."""
COARSEST = 0.04
"""Most softness for the sake of ground seen from low, in units."""
FAR = 3.0
"""Distance from product to shadow, in product heights, at which it has faded away."""


@dataclass(frozen=True, slots=True)
class Solid:
    """The product as a solid: `unit` is page pixels per unit, `half` and `depth` its base's half
    width and half depth, `tall` its height, `middle` the base's middle (z), in units;
    `lean` is how much z grows with x along the base."""

    alpha: Pixels
    unit: float
    half: float
    depth: float
    tall: float
    middle: float
    lean: float = 0.0


def solid_of(cutout: Pixels, box: Box, unit: float, foot: float) -> Solid:
    """The solid of a cut-out (RGBA of the size of `box`); a unit is `unit` pixels of the page, and
    the foot in its row `foot`."""
    half, depth = (share * box.width / unit for share in base_depth(cutout))
    # A box that reaches under the foot stands nearer: its lowest row is the front of its base.
    under = box.y1 - foot
    middle = under / (PITCH * unit) - depth
    return Solid(cutout[..., 3], unit, half, depth, box.height / unit, middle, base_lean(cutout))


def hidden(solid: Solid, outline: Floats, points: Floats, to_sun: Floats) -> tuple[Floats, Floats]:
    """How much of the sun, and of the lamp beside it, the product hides from each point."""
    down = cv2.Sobel(points, cv2.CV_32F, 0, 1, ksize=1) / 2
    # On ground seen from low, neighbouring rows lie far apart: no edge is sharper than that.
    least = np.clip(cv2.blur(most(np.abs(down)), (3, 3)), 0, COARSEST).astype(np.float32)
    level = float(np.hypot(to_sun[0], to_sun[2]))
    if level < 0.05:
        nothing = np.zeros(points.shape[:2], np.float32)
        return nothing, nothing
    toward = np.array([to_sun[0], 0, to_sun[2]], np.float32) / level
    beside = np.array([toward[2], 0, -toward[0]], np.float32)
    if beside[0] < 0:
        beside = -beside
    # Half width across the light and half depth along it, of the base's ellipse.
    wide = float(np.hypot(beside[0] * solid.half, beside[2] * solid.depth))
    deep = float(np.hypot(toward[0] * solid.half, toward[2] * solid.depth))
    from_middle = points - np.array([0, 0, solid.middle], np.float32)
    along = np.asarray(from_middle @ beside * np.float32(solid.half / wide), np.float32)
    reach = np.asarray(-(from_middle @ toward) / np.float32(level), np.float32)
    sun = np.zeros(points.shape[:2], np.float32)
    lamp = np.zeros(points.shape[:2], np.float32)
    for cut in SLICES:
        way = reach + np.float32(cut * deep / level)
        height = points[..., 1] + way * np.float32(to_sun[1])
        narrow = np.float32(np.sqrt(1 - cut * cut))
        seen = _sampled(solid, outline, along / narrow, height)
        fade = np.clip((way > 0) * (1 - way / np.float32(FAR * solid.tall)), 0, 1)
        dark = fade * _softened(seen, np.maximum(way * np.float32(SUN_SIZE), least))
        sun = np.maximum(sun, dark.astype(np.float32))
        if cut == 0:
            lamp += (fade * _softened(seen, way * np.float32(LAMP_SIZE))).astype(np.float32)
    return sun, lamp


def outlines(solid: Solid) -> Floats:
    """The outline at each softness, stacked; half of the texture on each side is empty, so that
    soft outlines have room. Shape (2·height, 2·width, levels)."""
    height, width = solid.alpha.shape
    scale = min(1.0, TEXTURE / max(height, width))
    size = (max(4, round(width * scale)), max(4, round(height * scale)))
    small = cv2.resize(solid.alpha, size, interpolation=cv2.INTER_AREA)
    rows, columns = size[1] // 2, size[0] // 2
    wide = cv2.copyMakeBorder(small, rows, rows, columns, columns, cv2.BORDER_CONSTANT, value=0)
    mask = np.asarray(wide / 255, np.float32)
    per_unit = solid.unit * size[1] / height
    stack = [_blurred(mask, level * per_unit) if level else mask for level in LEVELS]
    return np.asarray(np.dstack(stack), np.float32)


def _blurred(mask: Floats, sigma: float) -> Floats:
    """Gaussian; a wide one is made on fewer pixels."""
    step = max(1, int(sigma / 3))
    if step == 1:
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(sigma, 0.3)), np.float32)
    height, width = mask.shape
    size = (max(1, width // step), max(1, height // step))
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return np.asarray(cv2.resize(small, (width, height)), np.float32)


def _sampled(solid: Solid, outline: Floats, along: Floats, height: Floats) -> Floats:
    """The outlines beside the foot's middle and over the ground, shape (h, w, levels)."""
    rows, columns = outline.shape[0], outline.shape[1]
    inner = outline.shape[0] - 2 * (outline.shape[0] // 4)
    per_unit = np.float32(inner / solid.tall)
    x = along * per_unit + np.float32(columns / 2 - 0.5)
    y = np.float32((rows + inner) / 2 - 0.5) - height * per_unit
    seen = cv2.remap(outline, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(seen, np.float32)


def most(values: Floats) -> Floats:
    """The largest of three channels; several times as fast as a reduction over the last axis."""
    return np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2])


def _softened(seen: Floats, softness: Floats) -> Floats:
    """Between the outlines of the two nearest softnesses, point by point."""
    found = np.zeros(softness.shape, np.float32)
    for i, level in enumerate(LEVELS):
        below = LEVELS[i - 1] if i else -1.0
        above = LEVELS[i + 1] if i + 1 < len(LEVELS) else 1e9
        rising = np.clip((softness - below) / (level - below), 0, 1) if i else np.float32(1)
        falling = np.clip((above - softness) / (above - level), 0, 1)
        found += np.minimum(rising, falling).astype(np.float32) * seen[..., i]
    return found


def sky_hidden(solid: Solid, points: Floats) -> Floats:
    """How much of the sky the product hides from what is near its base."""
    x, y, z = points[..., 0] / solid.half, points[..., 1], points[..., 2] - solid.middle
    around = np.sqrt(x * x + (z / solid.depth) ** 2)
    away = np.maximum(around - 1, 0) * np.float32(min(solid.half, solid.depth))
    size = np.float32(min(solid.half, 0.5 * solid.tall))
    near = 0.62 * np.exp(-away / (0.10 * size)) + 0.34 * np.exp(-away / (0.55 * size))
    # What lies under or over the base's level sees past it.
    return np.asarray(near * np.exp(-np.abs(y) / (0.35 * size)), np.float32)
