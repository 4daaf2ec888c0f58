"""Where a product keeps the light from the scene that it stands in, by the scene's geometry.

`_shadow_solid.py` tells how much of each light the product hides from a point: on the podium, over
its edge, on the floor, up the wall. The share of the sun that is hidden grows softer with the
distance between product and shadow; a broad lamp beside the sun gives a second, much softer one,
and the sky is hidden around the base. What each light gives to a surface follows from the
surface's own direction.

Lengths are in picture heights at the foot's distance; x right, y up, z to the eye; the foot is the
origin. Where the set lies in its own shadow (`_shadow_own.py`) the product takes no sun away; it
does not know of shadows from outside the picture (leaves, panes): there it darkens once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.backends._shadow_own import sun_seen
from contentfab.backends._shadow_solid import Solid, hidden, most, outlines, sky_hidden, solid_of
from contentfab.records.places import Box, Point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

COARSE, MIDDLE, FINE = 10, 6, 3
"""Page pixels per point: where any shadow falls is found on coarse points, its shape on fine ones,
and the set's own shadows on those between."""
SUN, LAMP, SKY = 2.4, 1.1, 2.0
"""What each light gives to a surface that faces it; the sky's includes light that walls return."""
SMOOTH, GRAIN = 2.6, 0.02
"""Points are smoothed with this sigma where they differ by no more than the grain, in units."""
TORN = 0.035
"""Bend between neighbouring points, in units, that only the edge of a thing makes."""
REACH, ALIKE = 4, 14.0
"""How far a torn point looks for others, in points, and how unlike they may look, in levels."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The scene as it lies on the page: a key visual drawn at page = picture · scale + (dx, dy),
    with its `foot` (fractions of the picture). `points` gives the world points of the whole picture
    at a size, as `scene_depth.world_points` does; `to_sun` is the unit vector to the light;
    `picture` is what is seen (uint8 RGB): shadows keep to its edges where the points are coarse."""

    points: Callable[[int, int], Floats]
    to_sun: tuple[float, float, float]
    picture: Pixels
    scale: float
    dx: float
    dy: float
    foot: Point

    @property
    def width(self) -> int:
        return int(self.picture.shape[1])

    @property
    def height(self) -> int:
        return int(self.picture.shape[0])


def light_left(ground: Ground, cutout: Pixels, box: Box) -> tuple[Box, Floats] | None:
    """The part of the page that the product darkens, and the share of its light that is left
    there (1 is all), shape (height, width). `cutout` is RGBA of the size of `box`. None when no
    shadow falls anywhere."""
    unit = ground.height * ground.scale
    solid = solid_of(cutout, box, unit, ground.foot.y * unit + ground.dy)
    outline = outlines(solid)
    coarse = _points(ground, box, COARSE)
    all_lit = np.ones(coarse.shape[:2], np.float32)
    rows, columns = np.nonzero(_left(ground, solid, outline, coarse, all_lit) < 0.985)
    if not len(rows):
        return None
    fine = _points(ground, box, FINE)
    ratio = fine.shape[0] / coarse.shape[0], fine.shape[1] / coarse.shape[1]
    y0, y1 = int((rows.min() - 2) * ratio[0]), int((rows.max() + 3) * ratio[0])
    x0, x1 = int((columns.min() - 2) * ratio[1]), int((columns.max() + 3) * ratio[1])
    y0, x0 = max(0, y0), max(0, x0)
    part = fine[y0:y1, x0:x1]
    size = (fine.shape[1], fine.shape[0])
    own = sun_seen(_points(ground, box, MIDDLE), np.array(ground.to_sun, np.float32))
    lit = np.asarray(cv2.resize(own, size, interpolation=cv2.INTER_LINEAR), np.float32)
    guide = np.asarray(cv2.resize(ground.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    left = _left(ground, solid, outline, part, lit[y0:y1, x0:x1])
    left = _kept_to_edges(left, part, guide[y0:y1, x0:x1])
    return _on_page(ground, fine.shape, left, (x0, y0))


def _points(ground: Ground, box: Box, step: int) -> Floats:
    """World points on a grid of `step` page pixels over the whole picture, with the product's
    foot as the origin."""
    width = max(2, round(ground.width * ground.scale / step))
    height = max(2, round(ground.height * ground.scale / step))
    points = _smooth(np.asarray(ground.points(width, height), np.float32))
    middle = (box.x0 + box.x1) / 2 - (ground.foot.x * ground.width * ground.scale + ground.dx)
    aside = middle / (ground.height * ground.scale)
    return np.asarray(points - np.array([aside, 0, 0], np.float32), np.float32)


def _smooth(points: Floats) -> Floats:
    """Points without the grain of coarse depth, which on a floor seen from low makes ragged edges;
    where one thing ends and another begins they stay as they are."""
    known = np.where(np.isfinite(points), points, np.float32(0))
    calm = cv2.GaussianBlur(known, (0, 0), SMOOTH)
    off = cv2.GaussianBlur(most(np.abs(calm - known)), (0, 0), 1.0)
    share = np.clip(2 - off / np.float32(GRAIN), 0, 1)[..., None]
    return np.asarray(points + share * (calm - points), np.float32)


def _left(ground: Ground, solid: Solid, outline: Floats, points: Floats, sunlit: Floats) -> Floats:
    """Share of light left at each point; `sunlit` is how much of the sun the set lets through."""
    known = np.isfinite(points[..., 0])
    points = np.where(known[..., None], points, np.float32(1e3))
    to_sun = np.array(ground.to_sun, np.float32)
    facing = _facing(points, to_sun)
    # Rays stay straight when all is sheared, and the base then stands square to the eye.
    square = points - np.array([0, 0, solid.lean], np.float32) * points[..., :1]
    ray = to_sun - np.array([0, 0, solid.lean], np.float32) * to_sun[0]
    sun, lamp = hidden(solid, outline, square, ray)
    sky = sky_hidden(solid, square)
    # What faces away from the sun, or lies in the set's own shadow, has nothing of it to lose.
    lit = SUN * np.maximum(facing, 0) * sunlit
    soft = LAMP * np.clip(0.5 * facing + 0.4, 0, 1) * (0.35 + 0.65 * sunlit)
    lost = (lit * sun + soft * lamp + SKY * sky) / (lit + soft + SKY)
    return np.asarray(np.where(known, 1 - np.clip(lost, 0, 0.96), 1), np.float32)


def _kept_to_edges(left: Floats, points: Floats, guide: Pixels) -> Floats:
    """Where one thing ends and another begins, points between them are nowhere: there, each pixel
    takes the light of the pixels near it that look alike and lie on one thing or the other."""
    bent = most(np.abs(cv2.Laplacian(np.nan_to_num(points), cv2.CV_32F)))
    torn = cv2.dilate((bent > TORN).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    size = (2 * REACH + 1,) * 2
    varies = cv2.dilate(left, np.ones(size, np.uint8)) - cv2.erode(left, np.ones(size, np.uint8))
    rows, columns = np.nonzero(torn & (varies > 0.03))
    if not len(rows):
        return left
    height, width = left.shape
    step = np.arange(-REACH, REACH + 1)
    near_rows = np.clip(rows[:, None] + np.repeat(step, len(step)), 0, height - 1)
    near_columns = np.clip(columns[:, None] + np.tile(step, len(step)), 0, width - 1)
    seen = guide.astype(np.float32)
    apart = seen[near_rows, near_columns] - seen[rows, columns][:, None]
    unlike = np.einsum("ijk,ijk->ij", apart, apart)
    weight = np.exp(unlike / (-2 * ALIKE**2)) * ~torn[near_rows, near_columns]
    total = weight.sum(axis=1)
    found = (weight * left[near_rows, near_columns]).sum(axis=1) / np.maximum(total, 1e-6)
    mended = left.copy()
    mended[rows, columns] = np.where(total > 0.2, found, left[rows, columns])
    return mended


def _facing(points: Floats, to_sun: Floats) -> Floats:
    """Cosine between each surface and the sun, from the neighbouring points; smoothed, since
    depth comes in steps."""
    across = cv2.Sobel(points, cv2.CV_32F, 1, 0, ksize=5)
    down = cv2.Sobel(points, cv2.CV_32F, 0, 1, ksize=5)
    # Rows run down the picture: down × across points to the eye.
    ax, ay, az = cv2.split(down)
    bx, by, bz = cv2.split(across)
    x, y, z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    length = cv2.sqrt(x * x + y * y + z * z)
    cosine = (x * to_sun[0] + y * to_sun[1] + z * to_sun[2]) / np.maximum(length, 1e-12)
    return np.asarray(cv2.medianBlur(np.asarray(cosine, np.float32), 5), np.float32)


def _on_page(
    ground: Ground, grid: tuple[int, ...], left: Floats, corner: tuple[int, int]
) -> tuple[Box, Floats]:
    """The map of a part of the grid, at the page's resolution."""
    across = ground.width * ground.scale / grid[1]
    down = ground.height * ground.scale / grid[0]
    x0, y0 = ground.dx + corner[0] * across, ground.dy + corner[1] * down
    height, width = left.shape
    box = Box(
        int(np.floor(x0)), int(np.floor(y0)),
        int(np.ceil(x0 + width * across)), int(np.ceil(y0 + height * down)),
    )  # fmt: skip
    matrix = np.array(
        [
            [across, 0, x0 - box.x0 + 0.5 * across - 0.5],
            [0, down, y0 - box.y0 + 0.5 * down - 0.5],
        ],
        np.float64,
    )
    full = cv2.warpAffine(
        left, matrix, (box.width, box.height), flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return box, np.asarray(full, np.float32)
