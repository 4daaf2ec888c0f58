"""The built-in invisible mark: 64 bits in a picture's luma, read back without the original.

Survives ordinary processing (lossy files, resizing, cropping, tilting, mirroring); it is not
tamper-proof, and repainting by an image model removes it, as it removes any such mark. How it
works, what it survives and how often it errs: docs/watermark.md. No download, NumPy and OpenCV
only. Knows nothing about files, metadata or what the 64 bits name.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.backends import _spread_code as code
from contentfab.backends import _spread_plane as planes
from contentfab.backends import _spread_search as search
from contentfab.backends import _spread_tile as tiles
from contentfab.errors import InputError, LabelError
from contentfab.records.labels import LayerReading
from contentfab.rules.labels import payload as payloads
from contentfab.rules.labels.project_keys import SEAL_VARIABLE, find_keys

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

MIN_SIDE = 512  # pixels; below it too few tiles are left after a crop or a resize
FALSE_POSITIVES = 1e-6  # per unmarked picture, at most

_READ_SIDE = 128  # pixels; below it there is nothing to read
_FLOOR, _CEILING = 0.8, 1.95  # amplitude in grey levels on flat ground, and in busy texture
_PER_ACTIVITY = 0.4
# A grey level is a larger share of the light in the dark, and is seen sooner there (Weber's law).
_DARK, _LIGHT, _IN_DARK = 50.0, 140.0, 0.7  # luma, luma, amplitude at `_DARK` of that at `_LIGHT`
_CLIP = 3.0  # standard deviations
# Dense texture drowns the mark: what flat ground may not show is raised there, until it reads well.
_IN_TEXTURE = (1.0, 1.6, 2.5, 4.0)
_WELL = 15.0  # z; posters read at 18 to 19 as made
_KNOWN_GATE, _ANY_GATE = 4.4, 5.6  # sync z worth a decoding; chance reaches them now and then
_ASKED = 4  # best geometries that are searched for the phases of every project
_CLEAR = 0.6  # this much above its gate, a sync is worth adjusting the geometry for
_STEPS = (0.004, 0.002, 0.001)  # of scale and of tilt in radians, when a geometry is adjusted


@dataclass(frozen=True, slots=True)
class _Bars:
    """Heights that an unmarked picture reaches at any of the hypotheses with a probability of
    FALSE_POSITIVES / 6 at most: by a codeword that reads, by any codeword, by the sync alone."""

    read: float
    damaged: float
    present: float

    @classmethod
    def over(cls, geometries: int) -> _Bars:
        """The bars for `geometries`, each tried at every shift, orientation and family."""
        tried = geometries * tiles.SIDE**2 * len(tiles.ORIENTATIONS) * tiles.FAMILIES
        words = (2.0**61, 2.0**code.INFO_BITS, 1.0)  # two versions with a right CRC; all; one
        return cls(*(math.sqrt(2 * math.log(6 * w * tried / FALSE_POSITIVES)) for w in words))


_SEARCHED = _Bars.over(1 + search.MOST)
# An adjusted geometry depends on the phases: all that could be reached count, not all visited.
_ADJUSTED = _Bars.over((1 + search.MOST) * (2 * round(sum(_STEPS) / _STEPS[-1]) + 1) ** 3)


@dataclass(frozen=True, slots=True)
class _Fold:
    spectrum: tiles.Spectrum
    geometry: planes.Geometry


@dataclass(frozen=True, slots=True)
class _Find:
    """What one fold says: the payload, or none when it is only a sync (`damaged` when that one is
    too good for chance); `second` is that of another mark with the same phases."""

    z: float
    sync: tiles.Sync
    geometry: planes.Geometry
    payload: bytes = b""
    damaged: bool = False
    second: bytes = b""


class SpreadWatermark:
    """Spread-spectrum mark on a tile of 192 pixels. `strength` 1 is about 48 dB PSNR; `key` (or
    the project's, when none is given) seals the payload, so that only its holder can make marks
    that read as valid, and chooses the phases of the mark."""

    parallel = True
    alg = "io.github.contentfab.spread.2"

    def __init__(self, strength: float = 1.0, key: str | bytes | None = None) -> None:
        if not 0.3 <= strength <= 3.0:
            raise InputError(
                f"watermark strength {strength:g} is out of range",
                hint="use a number from 0.3 to 3, such as --set watermark.strength=1",
            )
        self.strength = strength
        key = key or find_keys().seal
        self._key = key.encode() if isinstance(key, str) else key or None
        self._family = tiles.family_of(self._key)
        self.id = f"spread/2@{strength:g}"
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
            if z >= (_SEARCHED.read + 1 if raised == 1.0 else _WELL):
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
        fold = _fold(planes.Pyramid(marked), planes.Geometry())
        found = _find(fold, [self._family], _KNOWN_GATE, _SEARCHED)
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
        best: _Find | None = None
        for find in self._finds(planes.Pyramid(pixels)):
            if find.second:
                told = f"a second invisible mark, {find.second.hex()}, lies over the first"
                return LayerReading("watermark", "invalid", told, find.payload.hex(), _values(find))
            if find.payload:
                return self._reading(find.payload, _values(find))
            if best is None or (find.damaged, find.z) > (best.damaged, best.z):
                best = find
        values = _values(best) if best else {}
        if best and best.damaged:
            detail = "an invisible mark is there, but too damaged to read"
            return LayerReading("watermark", "invalid", detail, values=values)
        return LayerReading("watermark", "absent", "no invisible mark found", values=values)

    def _finds(self, pyramid: planes.Pyramid) -> Iterator[_Find]:
        """What there is to find, cheapest and likeliest first: the picture as made, then the best
        of the lattice search, first with known phases, then with those of any project, and last
        the best of these with the geometry adjusted."""
        known = sorted({self._family, 0}, reverse=True)
        others = [family for family in range(tiles.FAMILIES) if family not in known]
        promising = []
        folds = [_fold(pyramid, planes.Geometry())]
        for families, gate in ((known, _KNOWN_GATE), (others, _ANY_GATE)):
            yield (found := _find(folds[0], families, gate, _SEARCHED))
            promising += [found] if found.z > gate + _CLEAR else []
        for candidate in search.candidates(pyramid):
            folds.append(_fold(pyramid, candidate.geometry))
            yield (found := _find(folds[-1], known, _KNOWN_GATE, _SEARCHED))
            promising += [found] if found.z > _KNOWN_GATE + _CLEAR else []
        for fold in folds[1 : 1 + _ASKED]:
            yield (found := _find(fold, others, _ANY_GATE, _SEARCHED))
            promising += [found] if found.z > _ANY_GATE + _CLEAR else []
        for found in sorted(promising, key=lambda found: -found.z)[:2]:
            yield from _adjusted(pyramid, found)

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


def _fold(pyramid: planes.Pyramid, geometry: planes.Geometry) -> _Fold:
    return _Fold(tiles.Spectrum(pyramid.fold(geometry)), geometry)


def _find(fold: _Fold, families: list[int], gate: float, bars: _Bars) -> _Find:
    """The best that the fold holds of `families`: a payload if one can be read."""
    syncs = fold.spectrum.syncs(families, 2)
    for sync in syncs:
        if sync.z < gate:
            break
        soft = fold.spectrum.bits(sync)
        payload, intact = code.decode(soft)
        z = fold.spectrum.agreement(sync, code.encode(payload))
        known = payloads.version_of(payload) in (payloads.UNKEYED, payloads.KEYED)
        if intact and known and z >= bars.read:
            second = _second(fold, sync, soft, payload, bars)
            return _Find(z, sync, fold.geometry, payload, second=second)
        if z >= bars.damaged:
            return _Find(sync.z, sync, fold.geometry, damaged=True)
    best = syncs[0]
    return _Find(best.z, best, fold.geometry, damaged=best.z >= bars.present)


def _second(fold: _Fold, sync: tiles.Sync, soft: code.Floats, payload: bytes, bars: _Bars) -> bytes:
    """Payload of a mark that lies under or over the one that was read, b"" when there is none:
    what is left of the soft values without the first codeword is then another's."""
    word = code.encode(payload)
    other, intact = code.decode(soft - word * float(np.mean(soft * word)))
    z = fold.spectrum.agreement(sync, code.encode(other)) if intact else 0.0
    return other if z >= bars.read and other != payload else b""


def _adjusted(pyramid: planes.Pyramid, find: _Find) -> Iterator[_Find]:
    """Climbs to the geometry at which the sync of `find` is strongest, reading on the way."""
    here, z = find.geometry, find.z
    for step in _STEPS:
        for across, down, angle in ((1, 1, 0), (0, 0, 1), (1, -1, 0)):
            for sign in (1, -1):
                there = planes.Geometry(
                    here.across * (1 + sign * step * across),
                    here.down * (1 + sign * step * down),
                    here.angle + sign * step * angle,
                )
                found = _find(_fold(pyramid, there), [find.sync.family], _KNOWN_GATE, _ADJUSTED)
                yield found
                if found.z > z:
                    here, z = there, found.z
                    break


def _values(find: _Find) -> dict[str, float]:
    mirrored, turns = tiles.ORIENTATIONS[find.sync.orientation]
    return {
        "z": round(find.z, 2),
        "least": round(_SEARCHED.read, 2),
        "sync_z": round(find.sync.z, 2),
        "scale": round(math.sqrt(find.geometry.across * find.geometry.down), 4),
        "scale_x": round(find.geometry.across, 4),
        "scale_y": round(find.geometry.down, 4),
        "angle": round(math.degrees(find.geometry.angle), 3),
        "mirrored": int(mirrored),
        "turned": 90 * turns,
        "family": find.sync.family,
    }


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
