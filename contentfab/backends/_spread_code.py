"""The channel code of the invisible mark: 64 bits + CRC-16 in a convolutional code, 258 bits out.

CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF) and the rate 1/3, constraint length 7 code
with generators 133, 171, 165 (octal), zero-tailed, decoded by soft Viterbi: textbook parts, see
Lin and Costello, *Error Control Coding*, ch. 12. Knows nothing about pictures.
"""

from __future__ import annotations

import binascii

import numpy as np
from numpy.typing import NDArray

PAYLOAD_BITS, CRC_BITS, TAIL = 64, 16, 6
INFO_BITS = PAYLOAD_BITS + CRC_BITS
GENERATORS = (0o133, 0o171, 0o165)
CODED_BITS = len(GENERATORS) * (INFO_BITS + TAIL)


def _parity(values: NDArray[np.int64]) -> NDArray[np.int64]:
    for shift in (4, 2, 1):
        values = values ^ (values >> shift)
    return values & 1


# A register holds the newest bit lowest. State = the newest six bits, so the newest bit of state s
# is s & 1, and s is reached from s >> 1 and from s >> 1 | 32.
_REGISTERS = np.arange(128)
_SIGNS = 1.0 - 2.0 * np.stack([_parity(_REGISTERS & g) for g in GENERATORS], axis=1)
_STATES = np.arange(64)
_FROM = np.stack([_STATES >> 1, _STATES >> 1 | 32])
_BRANCH = _SIGNS[np.stack([_STATES, _STATES | 64])]


def encode(payload: bytes) -> NDArray[np.float64]:
    """Eight bytes to CODED_BITS signs: +1 for a 0, -1 for a 1."""
    framed = payload + binascii.crc_hqx(payload, 0xFFFF).to_bytes(2, "big")
    bits = np.concatenate(
        [np.unpackbits(np.frombuffer(framed, np.uint8)), np.zeros(TAIL, np.uint8)]
    )
    padded = np.concatenate([np.zeros(TAIL, np.int64), bits.astype(np.int64)])
    registers = sum(padded[TAIL - back : len(padded) - back] << back for back in range(TAIL + 1))
    return np.asarray(_SIGNS[registers], np.float64).reshape(-1)


def decode(soft: NDArray[np.float64]) -> tuple[bytes, bool]:
    """CODED_BITS soft values (positive = 0) to the likeliest payload, and whether its CRC holds."""
    steps = soft.reshape(-1, len(GENERATORS))
    gains = np.einsum("kso,to->tks", _BRANCH, steps)
    metric = np.full(64, -np.inf)
    metric[0] = 0.0
    choices = np.empty((len(steps), 64), np.int64)
    for t, gain in enumerate(gains):
        both = metric[_FROM] + gain
        upper = both[1] > both[0]
        metric = np.where(upper, both[1], both[0])
        choices[t] = np.where(upper, _FROM[1], _FROM[0])
    state, bits = 0, np.empty(len(steps), np.uint8)
    for t in range(len(steps) - 1, -1, -1):
        bits[t] = state & 1
        state = int(choices[t, state])
    framed = np.packbits(bits[:INFO_BITS]).tobytes()
    payload, crc = framed[:8], int.from_bytes(framed[8:], "big")
    return payload, binascii.crc_hqx(payload, 0xFFFF) == crc
