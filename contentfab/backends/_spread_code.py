"""The channel code of the invisible mark: 64 bits and their CRC-16 in 240 coded bits.

CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF), then the rate 1/3 convolutional code of
constraint length 11 with generators 2353, 2671, 3175 (octal; free distance 22, Larsen, IEEE Trans.
Information Theory 19 (1973)), tail-biting: the register starts as it will end, so no bits are spent
on a tail. Decoded by the wrap-around soft Viterbi algorithm. Knows nothing about pictures.
"""

from __future__ import annotations

import binascii

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

PAYLOAD_BITS, CRC_BITS = 64, 16
INFO_BITS = PAYLOAD_BITS + CRC_BITS
GENERATORS = (0o2353, 0o2671, 0o3175)
CODED_BITS = len(GENERATORS) * INFO_BITS

_MEMORY = 10
_COUNT = 1 << _MEMORY


def _parity(values: NDArray[np.int64]) -> NDArray[np.int64]:
    for shift in (8, 4, 2, 1):
        values = values ^ (values >> shift)
    return values & 1


# A register holds the newest bit lowest; a state is its newest ten bits. So the newest bit of
# state s is s & 1, and s is reached from s >> 1 and from s >> 1 | 512.
_REGISTERS = np.arange(2 * _COUNT)
_SIGNS = 1.0 - 2.0 * np.stack([_parity(_REGISTERS & g) for g in GENERATORS], axis=1)


def encode(payload: bytes) -> Floats:
    """Eight bytes to CODED_BITS signs: +1 for a 0, -1 for a 1."""
    framed = payload + binascii.crc_hqx(payload, 0xFFFF).to_bytes(2, "big")
    bits = np.unpackbits(np.frombuffer(framed, np.uint8)).astype(np.int64)
    registers = np.zeros(INFO_BITS, np.int64)
    for back in range(_MEMORY + 1):
        registers += np.roll(bits, back) << back
    return np.asarray(_SIGNS[registers], np.float64).reshape(-1)


def decode(soft: Floats) -> tuple[bytes, bool]:
    """CODED_BITS soft values (positive = 0) to the likeliest payload, and whether its CRC holds."""
    steps = soft.reshape(INFO_BITS, len(GENERATORS)).astype(np.float32)
    # Three passes round the circle: one to find the state at the seam, one to keep, one to close.
    gains = np.tile(steps @ _SIGNS.T.astype(np.float32), (3, 1))
    metric = np.zeros(_COUNT, np.float32)
    choices = np.empty((len(gains), _COUNT), bool)
    for t, gain in enumerate(gains):
        # Row 0: from states whose oldest bit is 0; row 1: from those whose oldest bit is 1.
        both = np.repeat(metric.reshape(2, -1), 2, axis=1) + gain.reshape(2, -1)
        np.greater(both[1], both[0], out=choices[t])
        metric = both.max(axis=0)
    state = int(metric.argmax())
    bits = np.empty(len(gains), np.uint8)
    for t in range(len(gains) - 1, -1, -1):
        bits[t] = state & 1
        state = state >> 1 | int(choices[t, state]) << (_MEMORY - 1)
    framed = np.packbits(bits[INFO_BITS : 2 * INFO_BITS]).tobytes()
    payload, crc = framed[:8], int.from_bytes(framed[8:], "big")
    return payload, binascii.crc_hqx(payload, 0xFFFF) == crc
