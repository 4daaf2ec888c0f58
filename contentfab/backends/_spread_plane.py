"""The luma of a picture, whitened, straightened and folded to one tile of the invisible mark.

Whitening is what makes the mark readable: everything but the mark is noise to it, so a slow
background is taken out and every place is weighted by the inverse of its local variance (the weight
that adds samples of unequal noise best); type and edges then count for next to nothing.
Knows nothing about phases or bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.backends._spread_tile import GRID, SIDE

Plane = NDArray[np.float32]
Floats = NDArray[np.float64]

STEP = SIDE // GRID  # pixels per sample of a folded tile
_MOST = 16 * GRID  # samples; a larger picture's middle holds tiles enough
_BACKGROUND, _LOCAL = 4.0, 3.0  # standard deviations in samples
_QUIET = 1.0  # grey levels²: variance below which ground is as good as flat


@dataclass(frozen=True, slots=True)
class Geometry:
    """How the tile lies in a picture: pixels per pixel across and down, and tilt in radians."""

    across: float = 1.0
    down: float = 1.0
    angle: float = 0.0

    def basis(self) -> Floats:
        """2 × 2: columns are the tile's across and down unit steps, as (x, y) in pixels."""
        c, s = np.cos(self.angle), np.sin(self.angle)
        return np.array([[c * self.across, -s * self.down], [s * self.across, c * self.down]])


def luma(pixels: NDArray[np.uint8]) -> Plane:
    """Luma (BT.601 weights) as float32 in [0, 255]; finer than one grey level, as the mark is."""
    weights = np.array([[0.299, 0.587, 0.114]], np.float32)
    plane = np.asarray(cv2.transform(pixels.astype(np.float32), weights), np.float32)
    return plane.reshape(pixels.shape[:2])


def centre(plane: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """The middle of a plane or picture, at most `height` × `width`."""
    y0, x0 = max(0, (plane.shape[0] - height) // 2), max(0, (plane.shape[1] - width) // 2)
    return plane[y0 : y0 + height, x0 : x0 + width]


def shrink(plane: Plane, step: int) -> Plane:
    """Means of `step` × `step` pixels; what is left over at the right and the bottom is cut."""
    if step == 1:
        return plane
    height, width = (length // step for length in plane.shape)
    whole = plane[: height * step, : width * step]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def whiten(plane: Plane, factor: float = 1.0) -> Plane:
    """Background out, then divided by local variance. `factor` scales the windows."""
    high = plane - cv2.GaussianBlur(plane, (0, 0), _BACKGROUND * factor)
    variance = cv2.GaussianBlur(high * high, (0, 0), _LOCAL * factor)
    return np.asarray(high / (np.maximum(variance, 0.0) + np.float32(_QUIET)), np.float32)


def folded(white: Plane) -> Floats:
    """All tiles of a straight, white plane summed into one GRID × GRID."""
    height, width = white.shape
    rows, columns = -(-height // GRID), -(-width // GRID)
    padded = np.zeros((rows * GRID, columns * GRID), np.float32)
    padded[:height, :width] = white
    tiles = padded.reshape(rows, GRID, columns, GRID)
    return np.asarray(tiles.sum((0, 2), dtype=np.float64), np.float64)


class Pyramid:
    """A picture's luma at full, half and quarter size, each made when it is first asked for."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        most = 2 * STEP * _MOST
        self._planes = {1: luma(centre(pixels, most, most))}

    def at(self, step: int) -> Plane:
        """The luma with `step` (1, 2 or 4) pixels per sample."""
        if step not in self._planes:
            self._planes[step] = shrink(self._planes[1], step)
        return self._planes[step]

    def fold(self, geometry: Geometry) -> Floats:
        """Undoes `geometry`, whitens, and sums all tiles into one GRID × GRID."""
        return folded(whiten(self._straight(geometry)))

    def _straight(self, geometry: Geometry) -> Plane:
        scale = np.sqrt(geometry.across * geometry.down)
        step = 4 if scale > 1.3 else 2 if scale > 0.65 else 1
        plane = self.at(step)
        matrix = geometry.basis() * (STEP / step)
        if np.array_equal(matrix, np.eye(2)):
            return np.asarray(centre(plane, _MOST, _MOST), np.float32)
        height, width = plane.shape
        # The straightened canvas is what the picture would be without scale; corners are cut.
        new_width = min(int(width / matrix[0, 0]), _MOST)
        new_height = min(int(height / matrix[1, 1]), _MOST)
        middle = np.array([(width - 1) / 2, (height - 1) / 2])
        offset = middle - matrix @ np.array([(new_width - 1) / 2, (new_height - 1) / 2])
        out = cv2.warpAffine(
            plane,
            np.column_stack([matrix, offset]),
            (max(new_width, 1), max(new_height, 1)),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        )
        return np.asarray(out, np.float32)
