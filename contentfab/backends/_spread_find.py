"""What a picture says of the spread mark: a payload, a sync without one, or less than chance does.

Reads folds of the picture, at the geometries that `_spread_search.py` finds, against bars that an
unmarked picture reaches once in a million. Knows neither seals nor the states of a label.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contentfab.backends import _spread_code as code
from contentfab.backends import _spread_plane as planes
from contentfab.backends import _spread_search as search
from contentfab.backends import _spread_tile as tiles
from contentfab.rules.labels import payload as payloads

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

FALSE_POSITIVES = 1e-6  # per unmarked picture, at most

_KNOWN_GATE, _ANY_GATE = 4.4, 5.6  # sync z worth a decoding; chance reaches them now and then
_ASKED = 4  # best geometries that are searched for the phases of every project
_CLEAR = 0.6  # this much above its gate, a sync is worth adjusting the geometry for
_STEPS = (0.004, 0.002, 0.001)  # of scale and of tilt in radians, when a geometry is adjusted


@dataclass(frozen=True, slots=True)
class Bars:
    """Heights that an unmarked picture reaches at any of the hypotheses with a probability of
    FALSE_POSITIVES / 6 at most: by a codeword that reads, by any codeword, by the sync alone."""

    read: float
    damaged: float
    present: float

    @classmethod
    def over(cls, geometries: int) -> Bars:
        """The bars for `geometries`, each tried at every shift, orientation and family."""
        tried = geometries * tiles.SIDE**2 * len(tiles.ORIENTATIONS) * tiles.FAMILIES
        words = (2.0**61, 2.0**code.INFO_BITS, 1.0)  # two versions with a right CRC; all; one
        return cls(*(math.sqrt(2 * math.log(6 * w * tried / FALSE_POSITIVES)) for w in words))


SEARCHED = Bars.over(1 + search.MOST)
# An adjusted geometry depends on the phases: all that could be reached count, not all visited.
_ADJUSTED = Bars.over((1 + search.MOST) * (2 * round(sum(_STEPS) / _STEPS[-1]) + 1) ** 3)


@dataclass(frozen=True, slots=True)
class _Fold:
    spectrum: tiles.Spectrum
    geometry: planes.Geometry


@dataclass(frozen=True, slots=True)
class Find:
    """What one fold says: the payload, or none when it is only a sync (`damaged` when that one is
    too good for chance); `second` is that of another mark with the same phases."""

    z: float
    sync: tiles.Sync
    geometry: planes.Geometry
    payload: bytes = b""
    damaged: bool = False
    second: bytes = b""


def find_as_made(picture: Picture, family: int) -> Find:
    """What stands where a mark of `family` is put."""
    return _find(_fold(planes.Pyramid(picture), planes.Geometry()), [family], _KNOWN_GATE, SEARCHED)


def finds(picture: Picture, family: int) -> Iterator[Find]:
    """What there is to find, cheapest and likeliest first: the picture as made, then the best
    of the lattice search, first with known phases, then with those of any project, and last
    the best of these with the geometry adjusted. `family` is that of the project's phases."""
    pyramid = planes.Pyramid(picture)
    known = sorted({family, 0}, reverse=True)
    others = [other for other in range(tiles.FAMILIES) if other not in known]
    promising = []
    folds = [_fold(pyramid, planes.Geometry())]
    for families, gate in ((known, _KNOWN_GATE), (others, _ANY_GATE)):
        yield (found := _find(folds[0], families, gate, SEARCHED))
        promising += [found] if found.z > gate + _CLEAR else []
    for candidate in search.candidates(pyramid):
        folds.append(_fold(pyramid, candidate.geometry))
        yield (found := _find(folds[-1], known, _KNOWN_GATE, SEARCHED))
        promising += [found] if found.z > _KNOWN_GATE + _CLEAR else []
    for fold in folds[1 : 1 + _ASKED]:
        yield (found := _find(fold, others, _ANY_GATE, SEARCHED))
        promising += [found] if found.z > _ANY_GATE + _CLEAR else []
    for found in sorted(promising, key=lambda found: -found.z)[:2]:
        yield from _adjusted(pyramid, found)


def measured(find: Find) -> dict[str, float]:
    """What was measured, for readers: heights in z, the geometry, whose phases."""
    mirrored, turns = tiles.ORIENTATIONS[find.sync.orientation]
    return {
        "z": round(find.z, 2),
        "least": round(SEARCHED.read, 2),
        "sync_z": round(find.sync.z, 2),
        "scale": round(math.sqrt(find.geometry.across * find.geometry.down), 4),
        "scale_x": round(find.geometry.across, 4),
        "scale_y": round(find.geometry.down, 4),
        "angle": round(math.degrees(find.geometry.angle), 3),
        "mirrored": int(mirrored),
        "turned": 90 * turns,
        "family": find.sync.family,
    }


def _fold(pyramid: planes.Pyramid, geometry: planes.Geometry) -> _Fold:
    return _Fold(tiles.Spectrum(pyramid.fold(geometry)), geometry)


def _find(fold: _Fold, families: list[int], gate: float, bars: Bars) -> Find:
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
            return Find(z, sync, fold.geometry, payload, second=second)
        if z >= bars.damaged:
            return Find(sync.z, sync, fold.geometry, damaged=True)
    best = syncs[0]
    return Find(best.z, best, fold.geometry, damaged=best.z >= bars.present)


def _second(fold: _Fold, sync: tiles.Sync, soft: code.Floats, payload: bytes, bars: Bars) -> bytes:
    """Payload of a mark that lies under or over the one that was read, b"" when there is none:
    what is left of the soft values without the first codeword is then another's."""
    word = code.encode(payload)
    other, intact = code.decode(soft - word * float(np.mean(soft * word)))
    z = fold.spectrum.agreement(sync, code.encode(other)) if intact else 0.0
    return other if z >= bars.read and other != payload else b""


def _adjusted(pyramid: planes.Pyramid, find: Find) -> Iterator[Find]:
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
