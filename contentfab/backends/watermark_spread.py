"""The built-in invisible mark: 64 bits in a picture's luma, read back without the original.

Survives ordinary processing (JPEG, WebP, resizing, cropping, blur, a degree of tilt); it is not
tamper-proof, and repainting by an image model removes it, as it removes any such mark. No
download, NumPy and OpenCV only. Knows nothing about files, metadata or what the 64 bits name.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.backends import _spread_code as code
from contentfab.backends import _spread_search as search
from contentfab.backends import _spread_tile as tiles
from contentfab.errors import InputError, LabelError
from contentfab.records.labels import LayerReading
from contentfab.rules import payload as payloads

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

MIN_SIDE = 512  # pixels; below it too few tiles are left after a crop or a resize
MIN_Z = 7.0  # unmarked pictures stay under 6
KEY_VARIABLE = "CONTENTFAB_SEAL_KEY"
_READ_SIDE = 128  # pixels; below it there is nothing to correlate
_MOST_SIDE = 4096  # pixels; the middle of a larger picture holds tiles enough
_FLOOR, _CEILING = 0.8, 1.95  # amplitude in grey levels on flat ground, and in busy texture
_PER_ACTIVITY = 0.18


class SpreadWatermark:
    """Spread-spectrum mark on a tile of 256 pixels. `strength` 1 is about 48 dB PSNR; `key` (or
    the environment's CONTENTFAB_SEAL_KEY) seals the payload, so that only its holder can make
    marks that read as valid."""

    parallel = True

    def __init__(self, strength: float = 1.0, key: str | bytes | None = None) -> None:
        if not 0.3 <= strength <= 3.0:
            raise InputError(
                f"watermark strength {strength:g} is out of range",
                hint="use a number from 0.3 to 3, such as --set watermark.strength=1",
            )
        self.strength = strength
        key = key or os.environ.get(KEY_VARIABLE)
        self._key = key.encode() if isinstance(key, str) else key or None
        self.id = f"spread/1@{strength:g}"
        if self._key:
            self.id += "+key-" + hmac.new(self._key, b"name", hashlib.sha256).hexdigest()[:8]

    def embed(self, pixels: Picture, payload: bytes) -> Picture:
        """A marked copy of `pixels` (H × W × 3, uint8). A watermark with a key puts its own seal
        into the payload's last 20 bits. LabelError under MIN_SIDE pixels."""
        height, width = _size(pixels)
        if len(payload) != payloads.SIZE:
            raise LabelError(f"a payload has {payloads.SIZE} bytes, not {len(payload)}")
        if min(height, width) < MIN_SIDE:
            raise LabelError(
                f"a picture of {width} x {height} pixels is too small for the invisible mark:"
                f" the shortest side must be at least {MIN_SIDE}",
                hint="use a larger placement",
            )
        if self._key:
            payload = payloads.reseal(payload, self._key)
        tile = np.clip(tiles.draw(code.encode(payload)), -3.0, 3.0)
        repeats = (-(-height // tiles.SIDE), -(-width // tiles.SIDE))
        amplitude = _amplitude(pixels) * np.float32(self.strength)
        delta = np.rint(np.tile(tile, repeats)[:height, :width] * amplitude).astype(np.int8)
        # Saturated white and black are pulled in a little, or half of the mark would be cut off.
        room = max(1, round(self.strength))
        base = np.clip(pixels, room, 255 - room)
        up, down = np.maximum(delta, 0).astype(np.uint8), np.maximum(-delta, 0).astype(np.uint8)
        marked = cv2.subtract(cv2.add(base, cv2.merge([up] * 3)), cv2.merge([down] * 3))
        return np.asarray(marked, np.uint8)

    def detect(self, pixels: Picture) -> LayerReading:
        """Reads the mark. valid: checksum and seal hold; untrusted: sealed with a key that is not
        set here; invalid: a mark is there but damaged, or its seal is false or not this key's;
        absent otherwise. `id` is the payload in hex."""
        height, width = _size(pixels)
        if min(height, width) < _READ_SIDE:
            detail = f"{width} x {height} pixels are too few to read a mark from"
            return LayerReading("watermark", "absent", detail)
        plane = search.luma(search.centre(pixels, _MOST_SIDE))
        best = (0.0, 1.0, 0.0)
        for folded, scale, angle in _attempts(plane):
            z, soft = tiles.read(folded)
            if z >= MIN_Z:
                payload, intact = code.decode(soft)
                if intact:
                    return self._reading(payload, _values(z, scale, angle))
            best = max(best, (z, scale, angle))
        if best[0] >= MIN_Z:
            detail = "an invisible mark is there, but too damaged to read"
            return LayerReading("watermark", "invalid", detail, values=_values(*best))
        return LayerReading("watermark", "absent", "no invisible mark found", values=_values(*best))

    def _reading(self, payload: bytes, values: dict[str, float]) -> LayerReading:
        if payloads.seal_holds(payload, self._key):
            state, detail = "valid", "checksum and seal hold"
        elif payloads.version_of(payload) == payloads.KEYED and not self._key:
            state, detail = "untrusted", f"the mark is sealed; set {KEY_VARIABLE} to check the seal"
        elif payloads.seal_holds(payload):
            state, detail = "invalid", "the mark is not sealed with this project's key"
        else:
            state, detail = "invalid", "the mark's seal is false"
        return LayerReading("watermark", state, detail, payload.hex(), values)


def _attempts(plane: search.Plane) -> Iterator[tuple[tiles.Floats, float, float]]:
    """Folded tiles to try, with their scale and angle, cheapest and likeliest first: as made, then
    the best of the lattice search, then those mirrored and in quarter turns."""
    folded = [(search.fold(plane), 1.0, 0.0)]
    yield folded[0]
    for scale, angle in search.candidates(plane):
        folded.append((search.fold(plane, scale, angle), scale, angle))
        yield folded[-1]
    for tile, scale, angle in folded[:4]:
        for mirrored, turns in itertools.product((False, True), range(4)):
            if mirrored or turns:
                yield np.rot90(tile.T if mirrored else tile, turns), scale, angle


def _values(z: float, scale: float, angle: float) -> dict[str, float]:
    return {
        "z": round(z, 2),
        "scale": round(scale, 4),
        "angle": round(float(np.rad2deg(angle)), 3),
    }


def _size(pixels: Picture) -> tuple[int, int]:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise LabelError(
            f"the watermark takes RGB pictures of 8 bits, not shape {pixels.shape} {pixels.dtype}",
            hint="convert the picture to RGB first",
        )
    return pixels.shape[0], pixels.shape[1]


def _amplitude(pixels: Picture) -> NDArray[np.float32]:
    """Grey levels that the mark may use at each pixel: more in texture, least on flat ground.

    Activity is measured at half size, and eroded, so that flat ground beside a hard edge (type on
    a plate) counts as flat and no halo shows."""
    height, width = pixels.shape[:2]
    half = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    plane = search.luma(np.asarray(half, np.uint8))
    high = plane - cv2.GaussianBlur(plane, (0, 0), 1.5)
    activity = np.sqrt(cv2.GaussianBlur(high * high, (0, 0), 0.8))
    activity = cv2.erode(activity, np.ones((11, 11), np.uint8))
    activity = cv2.GaussianBlur(activity, (0, 0), 2.5)
    amplitude = np.clip(_FLOOR + _PER_ACTIVITY * activity, _FLOOR, _CEILING)
    return np.asarray(cv2.resize(amplitude, (width, height)), np.float32)
