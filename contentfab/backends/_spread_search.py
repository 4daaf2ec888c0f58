"""Finds the scale and angle at which a marked picture's tiles repeat, and folds it to one tile.

The mark is periodic, so the autocorrelation of the whitened picture has peaks on a square lattice;
its pitch is the scale, its tilt the angle. Blind: nothing of the original is needed.
Knows nothing about what the tile means.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.backends._spread_tile import SIDE

Plane = NDArray[np.float32]
Floats = NDArray[np.float64]

SCALES = np.exp(np.arange(np.log(0.3), np.log(2.2), 0.006))
ANGLES = np.deg2rad(np.arange(-4.0, 4.01, 0.33))
_SEARCH_SIDE = 1408  # autocorrelation of a larger picture uses its middle
_FOLD_SIDE = 3072
_LAGS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (2, 1), (1, 2), (2, -1), (1, -2))
_LINE_CAP = 2.5  # stripes and checks of the host are lines in the spectrum; cut them
_RINGS = 400


def luma(pixels: NDArray[np.uint8]) -> Plane:
    """Luma (BT.601 weights) as float32 in [0, 255]; finer than one grey level, as the mark is."""
    weights = np.array([[0.299, 0.587, 0.114]], np.float32)
    plane: Plane = np.asarray(cv2.transform(pixels.astype(np.float32), weights), np.float32)
    return plane.reshape(pixels.shape[:2])


def centre(plane: NDArray[Any], side: int) -> NDArray[Any]:
    """The middle of a plane or picture, at most `side` pixels either way."""
    y0, x0 = (max(0, (length - side) // 2) for length in plane.shape[:2])
    return plane[y0 : y0 + side, x0 : x0 + side]


def whiten(plane: Plane) -> Plane:
    """High-pass, then divided by local deviation: host edges shrink to the size of the mark."""
    high = plane - _blur(plane, 5.0)
    deviation = np.sqrt(np.maximum(_blur(high * high, 7.0), 0.0))
    return np.asarray(high / (deviation + np.float32(0.7)), np.float32)


def _blur(plane: Plane, sigma: float) -> Plane:
    """Gaussian blur for large `sigma`, worked at a quarter of the size: ten times faster."""
    height, width = plane.shape
    small = (max(width // 4, 1), max(height // 4, 1))
    quarter = cv2.resize(plane, small, interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(quarter, (0, 0), sigma / 4)
    return np.asarray(cv2.resize(blurred, (width, height)), np.float32)


def fold(plane: Plane, scale: float = 1.0, angle: float = 0.0) -> Floats:
    """Undoes `scale` and `angle` (radians), whitens, and sums all tiles into one SIDE × SIDE."""
    plane = centre(plane, int(_FOLD_SIDE * scale))
    if scale != 1.0 or angle != 0.0:
        plane = _straighten(plane, scale, angle)
    white = whiten(centre(plane, _FOLD_SIDE))
    height, width = white.shape
    rows, columns = -(-height // SIDE), -(-width // SIDE)
    padded = np.zeros((rows * SIDE, columns * SIDE), np.float32)
    padded[:height, :width] = white
    tiles = padded.reshape(rows, SIDE, columns, SIDE)
    return np.asarray(tiles.sum((0, 2), dtype=np.float64), np.float64)


def candidates(plane: Plane, count: int = 6) -> list[tuple[float, float]]:
    """The `count` likeliest (scale, angle in radians), best first."""
    white = whiten(centre(plane, _SEARCH_SIDE))
    height, width = white.shape
    surface = _autocorrelation(white)
    coarse = _lattice(surface, height, width, SCALES, ANGLES, 25.0)
    found = []
    for _ in range(count):
        i, j = (int(k) for k in np.unravel_index(int(coarse.argmax()), coarse.shape))
        scales = SCALES[i] * np.exp(np.linspace(-0.006, 0.006, 25))
        angles = ANGLES[j] + np.deg2rad(np.linspace(-0.33, 0.33, 23))
        fine = _lattice(surface, height, width, scales, angles, np.inf)
        p, q = (int(k) for k in np.unravel_index(int(fine.argmax()), fine.shape))
        found.append((float(scales[p]), float(angles[q])))
        coarse[max(0, i - 3) : i + 4, max(0, j - 2) : j + 3] = -np.inf
    return found


def _straighten(plane: Plane, scale: float, angle: float) -> Plane:
    height, width = plane.shape
    new_height, new_width = max(int(height / scale), 1), max(int(width / scale), 1)
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    matrix = np.array(
        [
            [c, s, (width - c * new_width - s * new_height) / 2],
            [-s, c, (height + s * new_width - c * new_height) / 2],
        ]
    )
    if scale > 1.2:
        plane = np.asarray(cv2.GaussianBlur(plane, (0, 0), 0.4 * scale), np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    out = cv2.warpAffine(
        plane, matrix, (new_width, new_height), flags=flags, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(out, np.float32)


def _autocorrelation(white: Plane) -> Floats:
    """Linear autocorrelation of a radially flattened spectrum, in units of its expected noise."""
    height, width = white.shape
    full = (cv2.getOptimalDFTSize(2 * height), cv2.getOptimalDFTSize(2 * width))
    magnitude = np.abs(np.fft.rfft2(white, full))
    radius = np.hypot(np.fft.fftfreq(full[0])[:, None], np.fft.rfftfreq(full[1])[None])
    ring = np.minimum((radius * _RINGS).astype(np.int64), _RINGS - 1)
    total = np.bincount(ring.ravel(), magnitude.ravel(), _RINGS)
    mean = total / np.maximum(np.bincount(ring.ravel(), minlength=_RINGS), 1)
    power = np.minimum(magnitude / (mean[ring] + 1e-9), _LINE_CAP) ** 2
    power *= (radius > 0.012) & (radius < 0.46)
    surface = np.fft.irfft2(power, full)
    lag_y, lag_x = (np.minimum(np.arange(n), n - np.arange(n)) for n in full)
    pairs = np.outer(np.maximum(height - lag_y, 1), np.maximum(width - lag_x, 1))
    peak = surface[0, 0] + 1e-12
    return np.asarray(surface / peak * (height * width) / np.sqrt(pairs), np.float64)


def _lattice(
    surface: Floats, height: int, width: int, scales: Floats, angles: Floats, top: float
) -> Floats:
    """Sum of the autocorrelation over ten lattice lags, for every scale and angle."""
    scale, angle = np.meshgrid(scales, angles, indexing="ij")
    sine, cosine = SIDE * scale * np.sin(angle), SIDE * scale * np.cos(angle)
    score = np.zeros(scale.shape)
    for m, n in _LAGS:
        y, x = m * cosine - n * sine, n * cosine + m * sine
        inside = (np.abs(y) < 0.8 * height) & (np.abs(x) < 0.8 * width)
        score += np.where(inside, np.clip(_bilinear(surface, y, x), -3.0, top), 0.0)
    return score


def _bilinear(surface: Floats, y: Floats, x: Floats) -> Floats:
    height, width = surface.shape
    y0, x0 = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    fy, fx = y - y0, x - x0
    top, bottom, left, right = y0 % height, (y0 + 1) % height, x0 % width, (x0 + 1) % width
    upper = surface[top, left] * (1 - fx) + surface[top, right] * fx
    lower = surface[bottom, left] * (1 - fx) + surface[bottom, right] * fx
    return np.asarray(upper * (1 - fy) + lower * fy, np.float64)
