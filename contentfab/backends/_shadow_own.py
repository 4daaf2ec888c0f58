"""Where a set already lies in its own shadow, so that a product's shadow is not laid over it.

Rays go from each point towards the sun over the points that are seen (in screen space: Ritschel
et al., "Approximating Dynamic Global Illumination in Image Space", 2009). What hides behind other
things, or outside the picture, casts no shadow here; gobos, which no picture shows, neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WAYS = np.geomspace(0.012, 1.1, 26).astype(np.float32)
"""How far along a ray is looked, in units."""
CLEAR, THICK = 0.008, 0.45
"""How far behind what is seen a ray counts as hidden, and how thick things are taken to be, in
relative distances from the eye (1 is the foot's)."""


def sun_seen(points: Floats, to_sun: Floats) -> Floats:
    """Share of the sun that reaches each point past the rest of the scene, 0 or 1 but for soft
    edges. `points` are world points (height, width, 3), NaN where nothing is."""
    height, width = points.shape[:2]
    known = np.isfinite(points[..., 0])
    if int(known.sum()) < 100:
        return np.ones((height, width), np.float32)
    solid = np.where(known[..., None], points, np.float32(0))
    camera = _camera(solid, known)
    far = solid @ camera[2, :3] + camera[2, 3]
    far = np.where(known, far, np.float32(1e3)).astype(np.float32)
    hidden = np.zeros((height, width), bool)
    for way in WAYS:
        spot = solid + to_sun * way
        away = spot @ camera[2, :3] + camera[2, 3]
        away = np.where(np.abs(away) < 1e-6, np.float32(1e-6), away)
        x = (spot @ camera[0, :3] + camera[0, 3]) / away
        y = (spot @ camera[1, :3] + camera[1, 3]) / away
        seen = cv2.remap(
            far, x.astype(np.float32), y.astype(np.float32), cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT, borderValue=1e3,
        )  # fmt: skip
        behind = away - seen
        hidden |= (behind > CLEAR + 0.02 * way) & (behind < THICK)
    hidden &= known
    mask = cv2.morphologyEx(hidden.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return np.asarray(1 - cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.6), np.float32)


def _camera(points: Floats, known: NDArray[np.bool_]) -> Floats:
    """The projection (3 × 4) that gives pixels from points, by linear least squares; its last row
    is the distance along the axis, 1 at the foot."""
    rows, columns = np.nonzero(known)
    step = max(1, len(rows) // 600)
    rows, columns = rows[::step], columns[::step]
    world = points[rows, columns].astype(np.float64)
    one, none = np.ones((len(world), 1)), np.zeros((len(world), 4))
    left = np.hstack([np.hstack([world, one]), none, -columns[:, None] * world])
    right = np.hstack([none, np.hstack([world, one]), -rows[:, None] * world])
    wanted = np.concatenate([columns, rows]).astype(np.float64)
    found, *_ = np.linalg.lstsq(np.vstack([left, right]), wanted, rcond=None)
    return np.asarray(np.vstack([found[:4], found[4:8], np.append(found[8:], 1.0)]), np.float32)
