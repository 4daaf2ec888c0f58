"""The tile of the invisible mark: 256 × 256 pixels, built and read in its Fourier domain.

Bins of an annulus (periods of about 7 to 33 pixels, which survive JPEG and halving) are dealt out
once: 30 % are sync bins with known phases, which give presence and shift; the rest carry the
coded bits in their signs. The deal comes from SHAKE-256, so it is the same on every machine and
NumPy. A spread-spectrum mark in the manner of Cox et al., IEEE Trans. Image Processing 6 (1997),
made periodic so that scale and angle show in its autocorrelation (Kutter, SPIE 3528, 1998).

Knows nothing about whole pictures, scale or angle.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from contentfab.backends._spread_code import CODED_BITS

Floats = NDArray[np.float64]

SIDE = 256
LOW, HIGH = 0.030, 0.135  # cycles per pixel
_SYNC_SHARE = 0.30
_SEED = b"contentfab.spread.1"


def _deal() -> tuple[NDArray[np.int_], NDArray[np.int_], Floats]:
    """Rows, columns and phases of all bins of one half plane, in dealt order."""
    frequency = np.fft.fftfreq(SIDE)
    fy, fx = frequency[:, None], frequency[None]
    radius = np.hypot(fy, fx)
    half = (fx > 0) | ((fx == 0) & (fy > 0))
    rows, columns = np.nonzero((radius >= LOW) & (radius <= HIGH) & half)
    count = len(rows)
    stream = np.frombuffer(hashlib.shake_256(_SEED).digest(8 * count), ">u4").astype(np.int64)
    order = np.argsort(stream[:count], kind="stable")
    phases = stream[count:].astype(np.float64) * (2 * np.pi / 2**32)
    return rows[order], columns[order], phases


_ROWS, _COLUMNS, _PHASES = _deal()
_COUNT = len(_ROWS)
_SYNC = int(_COUNT * _SYNC_SHARE)
_BIT = np.arange(_COUNT - _SYNC) % CODED_BITS
_CARRIER = np.exp(1j * _PHASES)
_RADIUS = np.hypot(np.fft.fftfreq(SIDE)[_ROWS], np.fft.fftfreq(SIDE)[_COLUMNS])
# High frequencies a little weaker: compression takes them first, the eye sees them no less.
_GAIN = np.interp(_RADIUS, [0.06, HIGH], [1.0, 0.8])


def draw(coded: Floats) -> NDArray[np.float32]:
    """CODED_BITS signs to a tile of mean 0 and standard deviation 1."""
    signs = np.concatenate([np.ones(_SYNC), coded[_BIT]])
    spectrum = np.zeros((SIDE, SIDE), np.complex128)
    values = signs * _GAIN * _CARRIER
    spectrum[_ROWS, _COLUMNS] = values
    spectrum[-_ROWS % SIDE, -_COLUMNS % SIDE] = values.conj()
    tile = np.fft.ifft2(spectrum).real
    return np.asarray(tile / tile.std(), np.float32)


def read(folded: Floats) -> tuple[float, Floats]:
    """A picture folded to one tile, at any shift: sync z-score and CODED_BITS soft values.

    z is the height of the best sync correlation over all 65,536 shifts, in standard deviations of
    that correlation: 4 to 5 without a mark."""
    values = np.fft.fft2(folded)[_ROWS, _COLUMNS]
    magnitude = np.abs(values)
    values = values / (magnitude + 0.5 * np.median(magnitude) + 1e-9) * _CARRIER.conj()
    sync = np.zeros((SIDE, SIDE), np.complex128)
    sync[_ROWS[:_SYNC], _COLUMNS[:_SYNC]] = values[:_SYNC]
    correlation = np.fft.ifft2(sync).real
    peak = int(correlation.argmax())
    deviation = float(correlation.std())
    if deviation <= 0:
        return 0.0, np.zeros(CODED_BITS)
    z = float((correlation.flat[peak] - correlation.mean()) / deviation)
    dy, dx = divmod(peak, SIDE)
    turned = values * np.exp(2j * np.pi * (_ROWS * dy + _COLUMNS * dx) / SIDE)
    soft = np.bincount(_BIT, turned.real[_SYNC:] * _GAIN[_SYNC:], CODED_BITS)
    return z, np.asarray(soft, np.float64)
