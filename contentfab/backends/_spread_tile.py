"""The tile of the invisible mark: 192 × 192 pixels, built and read in its Fourier domain.

The mark lives on periods of about 17 to 57 pixels, where encoders keep it: a block coder rounds
weak middle frequencies of flat ground to nothing, the means of its blocks it keeps. The bins of
that ring are dealt out: some are sync bins of known phase, which give presence, shift, mirroring
and quarter turns; each of the others carries two coded bits in its quadrant. Deal and phases come
from a family number, 0 to 255, by SHAKE-256, so they are the same on every machine, and one
family's pattern taken from another's picture leaves most of that mark standing. A spread-spectrum
mark in the manner of Cox et al., IEEE Trans. Image Processing 6 (1997), made periodic so that its
geometry shows in the autocorrelation (Kutter, SPIE 3528, 1998).

Knows nothing about whole pictures, scale or angle.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from contentfab.backends._spread_code import CODED_BITS

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

SIDE = 192  # pixels of the tile as made
GRID = SIDE // 2  # samples of a folded tile: two pixels each
LOW, HIGH = 0.0175, 0.0600  # cycles per pixel
FAMILIES = 256
ORIENTATIONS = tuple(itertools.product((False, True), range(4)))  # mirrored, quarter turns

_SYNC_SHARE = 0.24
_SEED = b"contentfab.spread.2"
_COARSE = 32  # shifts tried in each direction, then one pixel each around the best
_LIMIT = 0.5


def _ring() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Signed cycles per tile, down and across, of all bins of one half plane."""
    reach = int(SIDE * HIGH) + 1
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    radius = np.hypot(down, across) / SIDE
    inside = (radius >= LOW) & (radius <= HIGH) & ((across > 0) | ((across == 0) & (down > 0)))
    return down[inside], across[inside]


def _stream(name: bytes, count: int) -> NDArray[np.uint32]:
    digest = hashlib.shake_256(_SEED + b"/" + name).digest(4 * count)
    return np.frombuffer(digest, ">u4").astype(np.uint32)


_DOWN, _ACROSS = _ring()
BINS = len(_DOWN)
SYNC_BINS = int(BINS * _SYNC_SHARE)
_BIT = np.arange(2 * (BINS - SYNC_BINS)) % CODED_BITS


@cache
def _carriers() -> Complexes:
    """FAMILIES × BINS unit phasors."""
    phases = [_stream(b"family-%d" % family, BINS) for family in range(FAMILIES)]
    return np.asarray(np.exp(np.stack(phases) * (2j * np.pi / 2**32)), np.complex128)


@cache
def _orders() -> NDArray[np.int64]:
    """FAMILIES × BINS: every family's deal of the bins, sync bins first."""
    streams = [_stream(b"deal-%d" % family, BINS) for family in range(FAMILIES)]
    return np.argsort(np.stack(streams), axis=1, kind="stable")


@cache
def _sync_carriers() -> Complexes:
    """FAMILIES × BINS: the carriers of the sync bins, 0 in the others."""
    carriers = np.zeros_like(_carriers())
    mine = _orders()[:, :SYNC_BINS]
    np.put_along_axis(carriers, mine, np.take_along_axis(_carriers(), mine, 1), 1)
    return carriers


def family_of(key: bytes | None) -> int:
    """The public family number of a project key: 0 without a key, else 1 to 255."""
    if not key:
        return 0
    return 1 + hashlib.sha256(_SEED + b"/family/" + key).digest()[0] % (FAMILIES - 1)


def draw(coded: Floats, family: int) -> NDArray[np.float32]:
    """CODED_BITS signs to a tile of mean 0 and standard deviation 1."""
    pairs = coded[_BIT].reshape(-1, 2) * np.sqrt(0.5)
    values = _carriers()[family].copy()
    values[_orders()[family, SYNC_BINS:]] *= pairs[:, 0] + 1j * pairs[:, 1]
    spectrum = np.zeros((SIDE, SIDE), np.complex128)
    spectrum[_DOWN, _ACROSS] = values
    spectrum[-_DOWN, -_ACROSS] = values.conj()
    tile = np.fft.ifft2(spectrum).real
    return np.asarray(tile / tile.std(), np.float32)


@dataclass(frozen=True, slots=True)
class Sync:
    """Where the sync bins agree best: `z` in standard deviations, the family, the orientation (an
    index into ORIENTATIONS) and the shift in pixels of the tile."""

    z: float
    family: int
    orientation: int
    shift: tuple[float, float]


class Spectrum:
    """The bins of a picture folded to one GRID × GRID tile, in all eight orientations."""

    def __init__(self, folded: Floats) -> None:
        whole = np.fft.fft2(folded)
        rows, columns = [], []
        for mirrored, turns in ORIENTATIONS:
            down, across = (_DOWN, -_ACROSS) if mirrored else (_DOWN, _ACROSS)
            for _ in range(turns):
                down, across = across, -down
            rows.append(down)
            columns.append(across)
        values = whole[np.stack(rows) % GRID, np.stack(columns) % GRID]
        magnitude = np.abs(values)
        # A bin in which the host has a line must not outvote the others.
        floor = _LIMIT * np.median(magnitude, axis=1, keepdims=True) + 1e-12
        self._values = values / (magnitude + floor)

    def syncs(self, families: Sequence[int], count: int = 1) -> list[Sync]:
        """The `count` best of all families, orientations and shifts, best first."""
        carriers = _sync_carriers()[np.asarray(families)]
        mixed = (self._values[None] * carriers.conj()[:, None]).reshape(-1, BINS)
        mixed /= np.sqrt((np.abs(mixed) ** 2).sum(1, keepdims=True) / 2) + 1e-12
        grid = np.zeros((len(mixed), _COARSE, _COARSE), np.complex64)
        grid[:, _DOWN, _ACROSS] = mixed
        heights = np.fft.ifft2(grid, norm="forward").real.reshape(len(mixed), -1)
        peaks, best = heights.max(1), heights.argmax(1)
        found = []
        for index in np.argsort(peaks)[::-1][:count]:
            family, orientation = divmod(int(index), len(ORIENTATIONS))
            z, shift = _sharpen(mixed[index], divmod(int(best[index]), _COARSE))
            found.append(Sync(z, families[family], orientation, shift))
        return sorted(found, key=lambda sync: -sync.z)

    def bits(self, sync: Sync) -> Floats:
        """CODED_BITS soft values at `sync`; positive means 0."""
        turned = self._turned(sync)[SYNC_BINS:]
        pairs = np.stack([turned.real, turned.imag], axis=1).reshape(-1)
        return np.asarray(np.bincount(_BIT, pairs, CODED_BITS), np.float64)

    def agreement(self, sync: Sync, coded: Floats) -> float:
        """How well all bins agree with a codeword, in standard deviations.

        Each bin adds a weight times the cosine of an angle that is uniform when the picture does
        not know the phases; such a sum is sub-Gaussian: P(agreement > t) <= exp(-t²/2)."""
        turned = self._turned(sync)
        pairs = coded[_BIT].reshape(-1, 2)
        turned[SYNC_BINS:] *= pairs[:, 0] - 1j * pairs[:, 1]
        variance = (np.abs(turned) ** 2).sum() / 2
        return float(turned.real.sum() / np.sqrt(variance + 1e-12))

    def _turned(self, sync: Sync) -> Complexes:
        """The bins of one orientation in dealt order, with shift and carriers taken out."""
        down, across = sync.shift
        undo = np.exp(2j * np.pi / SIDE * (_DOWN * down + _ACROSS * across))
        values = self._values[sync.orientation] * _carriers()[sync.family].conj()
        return np.asarray((values * undo)[_orders()[sync.family]], np.complex128)


def _sharpen(mixed: Complexes, at: tuple[int, int]) -> tuple[float, tuple[float, float]]:
    """Best shift within half a coarse step of `at`, to a pixel, and its z."""
    step = SIDE / _COARSE
    offsets = np.arange(-4.0, 5.0)
    down, across = at[0] * step + offsets, at[1] * step + offsets
    rows = np.exp(2j * np.pi / SIDE * np.outer(down, _DOWN))
    columns = np.exp(2j * np.pi / SIDE * np.outer(across, _ACROSS))
    heights = np.einsum("ib,jb,b->ij", rows, columns, mixed).real
    i, j = divmod(int(heights.argmax()), len(offsets))
    return float(heights[i, j]), (float(down[i]), float(across[j]))
