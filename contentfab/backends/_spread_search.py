"""Finds how a marked picture's tiles lie: scale across and down, and tilt.

The mark is periodic, so the autocorrelation of the whitened picture has peaks on a lattice. Blind:
neither the original nor the mark's phases are needed, so what is found here says nothing yet about
whose mark it is. Each of three sizes of the picture is searched for the same range of relative
scale; together they cover 0.28 to 2.24.

Knows nothing about what the tile means.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.backends._spread_plane import Geometry, Plane, Pyramid, centre, whiten
from contentfab.backends._spread_tile import HIGH, LOW, SIDE

Floats = NDArray[np.float64]

_STEPS = (1, 2, 4)  # pixels per sample
_EACH = 3
MOST = _EACH * len(_STEPS)
_SCALES = np.exp(np.arange(np.log(0.275), np.log(0.57), 0.007))  # samples per pixel of the tile
_RATIOS = np.exp(np.linspace(-0.077, 0.077, 23))  # across over down
_ANGLES = np.deg2rad(np.arange(-5.2, 5.21, 0.4))
_NEAR = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (2, 1), (1, 2), (2, -1), (1, -2))
_FAR = tuple((m, n) for m in range(6) for n in range(-5, 6) if m > 0 or n > 0)
_BAND = LOW / _SCALES[-1], HIGH / _SCALES[0]
_WINDOW = 0.8  # of the windows for folding: the middle of the relative scales
_SIDE = 1024  # samples searched at most
_LEAST = 96  # samples; a smaller plane has no room for a lattice
_LINE_CAP = 2.5  # stripes and checks of the host are lines in the spectrum; cut them
_RINGS = 256
_REACH = 0.8  # of the plane's sides: beyond it too few pairs are left
_FLOOR, _TOP = -3.0, 12.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A geometry and how far its lattice stands out, in standard deviations of one hypothesis."""

    score: float
    geometry: Geometry


def candidates(pyramid: Pyramid) -> list[Candidate]:
    """The likeliest geometries, best first; MOST of them at most."""
    found = []
    for step in _STEPS:
        plane = np.asarray(centre(pyramid.at(step), _SIDE, _SIDE), np.float32)
        if min(plane.shape) >= _LEAST:
            surface = _Surface(whiten(plane, _WINDOW))
            found += [_in_pixels(one, step) for one in _best(surface, _EACH)]
    return sorted(found, key=lambda candidate: -candidate.score)


def _in_pixels(candidate: Candidate, step: int) -> Candidate:
    there = candidate.geometry
    geometry = replace(there, across=there.across * step, down=there.down * step)
    return replace(candidate, geometry=geometry)


class _Surface:
    """The autocorrelation of a whitened plane, in standard deviations of its noise."""

    def __init__(self, white: Plane) -> None:
        self.height, self.width = white.shape
        # Lags up to six tiles; the rest may wrap round.
        self._full = tuple(cv2.getOptimalDFTSize(int(1.6 * length)) for length in white.shape)
        padded = np.zeros(self._full, np.float32)
        padded[: self.height, : self.width] = white
        spectrum = np.fft.rfft2(padded)
        magnitude = np.abs(spectrum)
        down, across = np.fft.fftfreq(self._full[0]), np.fft.rfftfreq(self._full[1])
        radius = np.hypot(down[:, None], across[None])
        ring = np.minimum((radius * 2 * _RINGS).astype(np.int32), _RINGS - 1).ravel()
        total = np.bincount(ring, magnitude.ravel(), _RINGS)
        mean = total / np.maximum(np.bincount(ring, minlength=_RINGS), 1)
        flat = magnitude / (mean[ring].reshape(radius.shape) + 1e-9)
        power = np.minimum(flat, _LINE_CAP) ** 2 * ((radius > _BAND[0]) & (radius < _BAND[1]))
        surface = np.fft.irfft2(power, self._full).astype(np.float32)
        self._surface = surface / (surface.std() + 1e-12)

    def score(self, across: Floats, down: Floats, angle: Floats, far: bool) -> Floats:
        """Sum over the lattice's lags, for arrays of geometries of one shape."""
        c, s = np.cos(angle) * SIDE, np.sin(angle) * SIDE
        ax, ay, dx, dy = c * across, s * across, -s * down, c * down
        total, count = np.zeros(ax.shape), np.zeros(ax.shape)
        for m, n in _FAR if far else _NEAR:
            x, y = n * ax + m * dx, n * ay + m * dy
            share = (1 - np.abs(x) / self.width) * (1 - np.abs(y) / self.height)
            inside = (np.abs(x) < _REACH * self.width) & (np.abs(y) < _REACH * self.height)
            inside &= (np.abs(x) < 0.8 * self._full[1]) & (np.abs(y) < 0.8 * self._full[0])
            # Fewer pairs, less signal at equal noise: weighted as a matched filter weights.
            weight = np.where(inside, np.maximum(share, 0.0), 0.0)
            if weight.any():
                total += weight * np.clip(self._at(y, x), _FLOOR, np.inf if far else _TOP)
                count += weight * weight
        return total / np.sqrt(count + 1e-9)

    def _at(self, y: Floats, x: Floats) -> Floats:
        y0, x0 = np.floor(y).astype(np.int32), np.floor(x).astype(np.int32)
        fy, fx = y - y0, x - x0
        rows, columns = self._full
        up, below, left, right = y0 % rows, (y0 + 1) % rows, x0 % columns, (x0 + 1) % columns
        s = self._surface
        upper = s[up, left] * (1 - fx) + s[up, right] * fx
        lower = s[below, left] * (1 - fx) + s[below, right] * fx
        return np.asarray(upper * (1 - fy) + lower * fy, np.float64)


def _best(surface: _Surface, count: int) -> list[Candidate]:
    """The `count` best geometries of one plane, in samples."""
    scale, ratio, angle = np.meshgrid(_SCALES, np.sqrt(_RATIOS), _ANGLES, indexing="ij")
    scores = surface.score(scale * ratio, scale / ratio, angle, far=False)
    found = []
    for _ in range(count):
        i, j, k = (int(n) for n in np.unravel_index(int(scores.argmax()), scores.shape))
        found.append(_refined(surface, float(_SCALES[i]), float(_RATIOS[j]), float(_ANGLES[k])))
        scores[max(0, i - 4) : i + 5, max(0, j - 4) : j + 5, max(0, k - 3) : k + 4] = -np.inf
    return found


def _refined(surface: _Surface, scale: float, ratio: float, angle: float) -> Candidate:
    """The best geometry near the one given; lags of many tiles tell it to a thousandth."""
    across, down = scale * np.sqrt(ratio), scale / np.sqrt(ratio)
    for reach in (0.006, 0.0015):
        near = np.linspace(-reach, reach, 7)
        grid = np.meshgrid(across * (1 + near), down * (1 + near), angle + near, indexing="ij")
        scores = surface.score(grid[0], grid[1], grid[2], far=True)
        best = int(scores.argmax())
        across, down, angle = (float(axis.flat[best]) for axis in grid)
    return Candidate(float(scores.flat[best]), Geometry(across, down, angle))
