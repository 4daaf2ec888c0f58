"""The built-in invisible mark: 64 bits in a picture's luma, read back without the original.

Survives ordinary processing (lossy files, resizing, cropping, tilting, mirroring); it is not
tamper-proof, and repainting by an image model removes it, as it removes any such mark. How it
works, what it survives and how often it errs: docs/watermark.md. No download, NumPy and OpenCV
only. Knows nothing about files, metadata or what the 64 bits name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.backends import _spread_code as code
from contentfab.backends import _spread_plane as planes
from contentfab.backends import _spread_tile as tiles
from contentfab.backends._spread_find import SEARCHED, Find, find_as_made, finds, measured
from contentfab.errors import LabelError
from contentfab.records.labels import LayerReading
from contentfab.rules.labels import payload as payloads
from contentfab.rules.labels.marks import (
    checked_strength,
    key_suffix,
    require_embeddable,
    sealing_key,
)
from contentfab.rules.labels.project_keys import SEAL_VARIABLE

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

MIN_SIDE = 512  # pixels; below it too few tiles are left after a crop or a resize

_READ_SIDE = 128  # pixels; below it there is nothing to read
_FLOOR, _CEILING = 0.8, 1.95  # amplitude in grey levels on flat ground, and in busy texture
_PER_ACTIVITY = 0.4
# A grey level is a larger share of the light in the dark, and is seen sooner there (Weber's law).
_DARK, _LIGHT, _IN_DARK = 50.0, 140.0, 0.7  # luma, luma, amplitude at `_DARK` of that at `_LIGHT`
_CLIP = 3.0  # standard deviations
# Dense texture drowns the mark: what flat ground may not show is raised there, until it reads well.
_IN_TEXTURE = (1.0, 1.6, 2.5, 4.0)
_WELL = 15.0  # z; posters read at 18 to 19 as made


class SpreadWatermark:
    """Spread-spectrum mark on a tile of 192 pixels. `strength` 1 is about 48 dB PSNR; `key` (or
    the project's, when none is given) seals the payload, so that only its holder can make marks
    that read as valid, and chooses the phases of the mark."""

    parallel = True
    alg = "io.github.contentfab.spread.2"

    def __init__(self, strength: float = 1.0, key: str | bytes | None = None) -> None:
        self.strength = checked_strength(strength)
        self._key = sealing_key(key)
        self._family = tiles.family_of(self._key)
        self.id = f"spread/2@{strength:g}{key_suffix(self._key)}"

    def embed(self, pixels: Picture, payload: bytes) -> Picture:
        """A marked copy of `pixels` (H × W × 3, uint8). A watermark with a key puts its own seal
        into the payload's last 20 bits. LabelError under MIN_SIDE pixels."""
        height, width = _size(pixels)
        require_embeddable(payload, width, height, MIN_SIDE)
        payload = self.sealed(payload)
        tile = np.clip(tiles.draw(code.encode(payload), self._family), -_CLIP, _CLIP)
        repeats = (-(-height // tiles.SIDE), -(-width // tiles.SIDE))
        pattern = np.tile(tile, repeats)[:height, :width]
        amplitude = _amplitude(pixels)
        marked = pixels
        for raised in _IN_TEXTURE:
            busy = np.maximum(amplitude - _FLOOR, 0.0)
            marked = self._added(pixels, pattern * (amplitude + busy * (raised - 1.0)))
            z = self._read_as_made(marked, payload)
            if z >= (SEARCHED.read + 1 if raised == 1.0 else _WELL):
                break
        return marked

    def _added(self, pixels: Picture, wanted: NDArray[np.floating]) -> Picture:
        """`pixels` and the pattern, in grey levels at strength 1."""
        delta = np.rint(wanted * self.strength).astype(np.int8)
        # Saturated white and black are pulled in a little, or half of the mark would be cut off.
        room = max(1, round(self.strength))
        base = np.clip(pixels, room, 255 - room)
        up, down = np.maximum(delta, 0).astype(np.uint8), np.maximum(-delta, 0).astype(np.uint8)
        marked = cv2.subtract(cv2.add(base, cv2.merge([up] * 3)), cv2.merge([down] * 3))
        return np.asarray(marked, np.uint8)

    def _read_as_made(self, marked: Picture, payload: bytes) -> float:
        """z of the mark where it was put; 0 when it does not read as `payload`."""
        found = find_as_made(marked, self._family)
        return found.z if found.payload == payload else 0.0

    def sealed(self, payload: bytes) -> bytes:
        """The payload as `embed` writes it."""
        return payloads.reseal(payload, self._key) if self._key else payload

    def detect(self, pixels: Picture) -> LayerReading:
        """Reads the mark. valid: checksum and seal hold; untrusted: sealed with a key that is not
        set here; invalid: a mark is there but damaged, or its seal is false or not this key's;
        absent otherwise. `id` is the payload in hex."""
        height, width = _size(pixels)
        if min(height, width) < _READ_SIDE:
            detail = f"{width} x {height} pixels are too few to read a mark from"
            return LayerReading("watermark", "absent", detail)
        best: Find | None = None
        for find in finds(pixels, self._family):
            if find.second:
                told = f"a second invisible mark, {find.second.hex()}, lies over the first"
                payload = find.payload.hex()
                return LayerReading("watermark", "invalid", told, payload, measured(find))
            if find.payload:
                return self._reading(find.payload, measured(find))
            if best is None or (find.damaged, find.z) > (best.damaged, best.z):
                best = find
        values = measured(best) if best else {}
        if best and best.damaged:
            detail = "an invisible mark is there, but too damaged to read"
            return LayerReading("watermark", "invalid", detail, values=values)
        return LayerReading("watermark", "absent", "no invisible mark found", values=values)

    def _reading(self, payload: bytes, values: dict[str, float]) -> LayerReading:
        if payloads.seal_holds(payload, self._key):
            state, detail = "valid", "checksum and seal hold"
        elif payloads.version_of(payload) == payloads.KEYED and not self._key:
            state, detail = (
                "untrusted",
                f"sealed; the seal cannot be checked without the project key ({SEAL_VARIABLE})",
            )
        elif payloads.seal_holds(payload):
            state, detail = "invalid", "the mark is not sealed with this project's key"
        else:
            state, detail = "invalid", "the mark's seal is false"
        return LayerReading("watermark", state, detail, payload.hex(), values)


def _size(pixels: Picture) -> tuple[int, int]:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
        raise LabelError(
            f"the watermark takes RGB pictures of 8 bits, not shape {pixels.shape} {pixels.dtype}",
            hint="convert the picture to RGB first",
        )
    return pixels.shape[0], pixels.shape[1]


def _amplitude(pixels: Picture) -> NDArray[np.float32]:
    """Grey levels that the mark may use at each pixel: more in texture, least on flat dark ground.

    Activity is measured at half size, and eroded, so that flat ground beside a hard edge (type on
    a plate) counts as flat and no halo shows."""
    height, width = pixels.shape[:2]
    half = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    plane = planes.luma(np.asarray(half, np.uint8))
    high = plane - cv2.GaussianBlur(plane, (0, 0), 1.5)
    activity = np.sqrt(cv2.GaussianBlur(high * high, (0, 0), 0.8))
    activity = cv2.erode(activity, np.ones((11, 11), np.uint8))
    activity = cv2.GaussianBlur(activity, (0, 0), 2.5)
    amplitude = np.clip(_FLOOR + _PER_ACTIVITY * activity, _FLOOR, _CEILING)
    ground = cv2.GaussianBlur(plane, (0, 0), 2.0)
    amplitude *= np.interp(ground, [_DARK, _LIGHT], [_IN_DARK, 1.0])
    return np.asarray(cv2.resize(amplitude, (width, height)), np.float32)
