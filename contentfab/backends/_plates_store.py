"""The packed studio plates: their index, their pixels, and the cut that fits an asked size.

A plate is a studio set rendered in neutral grey: how much light falls where, for each of its
lights, and which material is where. Knows the file format that `training/plates/pack.py` writes;
knows nothing of colours or of requests.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from contentfab.errors import MissingDependency
from contentfab.records.pictures import SceneGeometry, Stand
from contentfab.records.places import Area, Point
from contentfab.rules.pixels.scene_depth import FOLDER

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 2
ROLES = ("wall", "podium", "accent", "prop")
LIGHT_RANGE = 2.0  # light of code 255; the lit quiet wall is 1.0
_BROAD_STAND = 0.49  # of a 4:5 picture's width
_HEADROOM = 0.05  # of the picture, kept free above a product
_GROUND_SHARE = 0.1  # of the picture
_LOWEST_FOOT = 0.93  # of a cut's height
_SMALLEST_QUIET = 0.02  # of the picture; what a cut leaves of a calm area must be worth something


@dataclass(frozen=True, slots=True)
class Light:
    """One light of a plate: how much of it falls where (`file`), how bright a role's lit faces are
    where the quiet wall is 1 (`lit`), the direction of a product's shadow, and the unit vector to
    the sun (x right, y up, z to the eye)."""

    file: str
    lit: Mapping[str, float]
    shadow: tuple[float, float]
    to_sun: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Plate:
    """One set in one aspect. Fractions are of the plate's own width and height; `shares` says how
    much of the picture a role covers. `lights` has "side" (from the left) and may have "front"."""

    set: str
    aspect: str
    width: int
    height: int
    stand: Stand
    quiet: tuple[Area, ...]
    lights: Mapping[str, Light]
    shares: Mapping[str, float]
    words: str
    ids_file: str
    has_places: bool
    digest: str

    @property
    def name(self) -> str:
        return f"{self.set}-{self.aspect}"


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a plate that fills an asked aspect, in whole pixels of the plate, and what is
    known about it in fractions of the part."""

    x: int
    y: int
    width: int
    height: int
    stand: Stand
    quiet: tuple[Area, ...]


@lru_cache(maxsize=1)
def plates() -> tuple[Plate, ...]:
    """Every plate, sorted by set and aspect. Raises MissingDependency when the data is gone."""
    path = FOLDER / "plates.json"
    try:
        index = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise MissingDependency(
            f"the studio plates are not installed: {error.strerror} ({path.name})",
            hint="pip install --force-reinstall contentfab",
        ) from error
    if index["format"] != FORMAT or index["range"] != LIGHT_RANGE:
        raise MissingDependency(
            f"plates.json has format {index['format']}, this version reads format {FORMAT}",
            hint="pip install --force-reinstall contentfab",
        )
    found = [_plate(entry) for entry in index["plates"]]
    return tuple(sorted(found, key=lambda plate: (plate.set, plate.aspect)))


@lru_cache(maxsize=1)
def revision() -> str:
    """A digest of everything that the plates are made of."""
    return hashlib.sha256((FOLDER / "plates.json").read_bytes()).hexdigest()[:12]


def prop_is_ground(set_name: str) -> bool:
    """Whether a set's prop covers much of some picture, as water and floors do."""
    return any(p.shares["prop"] > _GROUND_SHARE for p in plates() if p.set == set_name)


@lru_cache(maxsize=3)
def fitting(silhouette: str) -> frozenset[str]:
    """Sets whose stand carries a product of that silhouette at a good size."""
    least = _BROAD_STAND if silhouette == "wide" else 0.0
    return frozenset(p.set for p in plates() if p.aspect == "4x5" and p.stand.foot_width >= least)


def nearest(set_name: str, width: int, height: int) -> Plate:
    """The plate of a set that loses least when cut to `width` x `height`."""
    asked = math.log(width / height)

    def loss(plate: Plate) -> float:
        own = math.log(plate.width / plate.height)
        # The tall plate leaves room for a platform's buttons, which 2:3 and 3:4 do not need.
        return abs(asked - own) + (0.2 if plate.aspect == "9x16" and asked > -0.5 else 0.0)

    return min((p for p in plates() if p.set == set_name), key=loss)


def cut(plate: Plate, width: int, height: int, light: str = "side") -> Cut:
    """The largest part of the aspect `width`:`height`, keeping the foot at its own fraction."""
    ratio = width / height
    part_width = min(plate.width, max(1, round(plate.height * ratio)))
    part_height = min(plate.height, max(1, round(plate.width / ratio)))
    foot = plate.stand.foot
    x = round(foot.x * (plate.width - part_width))
    # Above the foot there is product and headline, below only floor: what goes, goes below first.
    y = round(min(foot.y, 0.6) * (plate.height - part_height))
    y = max(y, round(foot.y * plate.height - _LOWEST_FOOT * part_height))
    x_scale, y_scale = plate.width / part_width, plate.height / part_height
    new_foot = Point(
        (foot.x * plate.width - x) / part_width, (foot.y * plate.height - y) / part_height
    )
    stand = Stand(
        foot=new_foot,
        max_width=min(plate.stand.max_width * x_scale, 2 * min(new_foot.x, 1 - new_foot.x), 0.95),
        max_height=min(plate.stand.max_height * y_scale, max(0.05, new_foot.y - _HEADROOM)),
        foot_width=min(plate.stand.foot_width * x_scale, 0.95),
        shadow=plate.lights[light].shadow,
        floats=plate.stand.floats,
    )
    left, top = x / plate.width, y / plate.height
    moved = (
        Area(
            max(0.0, (a.x0 - left) * x_scale),
            max(0.0, (a.y0 - top) * y_scale),
            min(1.0, (a.x1 - left) * x_scale),
            min(1.0, (a.y1 - top) * y_scale),
        )
        for a in plate.quiet
    )
    quiet = tuple(a for a in moved if _size(a) > _SMALLEST_QUIET)
    return Cut(x, y, part_width, part_height, stand, quiet)


def mirrored(part: Cut) -> Cut:
    """What is known about a cut when its picture is mirrored; its pixels stay to be flipped."""
    stand = part.stand
    across, down = stand.shadow
    turned = replace(stand, foot=Point(1 - stand.foot.x, stand.foot.y), shadow=(-across, down))
    quiet = tuple(Area(1 - a.x1, a.y0, 1 - a.x0, a.y1) for a in part.quiet)
    return replace(part, stand=turned, quiet=quiet)


def geometry(plate: Plate, part: Cut, light: str, flipped: bool) -> SceneGeometry | None:
    """Where the cut's depth is to be found; None for a plate that has none."""
    if not plate.has_places:
        return None
    x, y = part.x / plate.width, part.y / plate.height
    area = Area(x, y, x + part.width / plate.width, y + part.height / plate.height)
    across, up, towards = plate.lights[light].to_sun
    return SceneGeometry(plate.name, area, flipped, (-across if flipped else across, up, towards))


def pixels(
    plate: Plate, part: Cut, width: int, height: int, light: str = "side"
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Light code (H x W, 0..255) and role weights (H x W x 3, 0..255) of a cut at an asked size."""
    shade, ids = _decode(plate.lights[light].file, plate.ids_file)
    window = np.s_[part.y : part.y + part.height, part.x : part.x + part.width]
    code = _without_bands(np.asarray(shade[window], np.float32))
    weights = np.asarray(ids[window], np.float32)
    if code.shape == (height, width):
        return code, weights
    smaller = width < part.width
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    code = np.asarray(cv2.resize(code, (width, height), interpolation=way), np.float32)
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return code, np.asarray(cv2.resize(weights, (width, height), interpolation=way), np.float32)


@lru_cache(maxsize=4)
def _decode(shade_file: str, ids_file: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Shading (H x W) and ids (H x W x 3, roles in order) as stored."""
    shade = cv2.imdecode(np.fromfile(FOLDER / shade_file, np.uint8), cv2.IMREAD_GRAYSCALE)
    ids = np.asarray(cv2.imdecode(np.fromfile(FOLDER / ids_file, np.uint8), cv2.IMREAD_COLOR))
    return np.asarray(shade, np.uint8), np.asarray(ids[..., ::-1], np.uint8)


def _without_bands(code: NDArray[np.float32]) -> NDArray[np.float32]:
    """Smooth gradients that 8 bits turned into steps; edges and shadows stay as they are."""
    for size in (71, 21):
        near = cv2.blur(code, (size, size))
        # A step of the encoding is one or two codes high; more than that is part of the picture.
        keep = np.asarray(cv2.absdiff(code, near), np.float32)
        keep -= np.float32(1.0)
        np.clip(keep, 0.0, 1.0, out=keep)
        code = np.asarray(cv2.blendLinear(code, near, keep, 1 - keep), np.float32)
    return code


def _plate(entry: dict[str, Any]) -> Plate:
    lights = {name: _light(light) for name, light in entry["lights"].items()}
    stand = Stand(
        foot=Point(*entry["anchor"]),
        max_width=entry["max_width"],
        max_height=entry["max_height"],
        foot_width=entry["stand_width"],
        shadow=lights["side"].shadow,
    )
    return Plate(
        set=entry["set"],
        aspect=entry["aspect"],
        width=entry["width"],
        height=entry["height"],
        stand=stand,
        quiet=tuple(Area(*box) for box in entry["quiet"]),
        lights=lights,
        shares=entry["shares"],
        words=entry["words"],
        ids_file=entry["files"]["ids"],
        has_places="places" in entry["files"],
        digest=entry["digest"],
    )


def _light(entry: dict[str, Any]) -> Light:
    # The studio's axes are those of Blender: y away from the camera, z up.
    x, y, z = entry["to_sun"]
    return Light(entry["file"], entry["lit"], (entry["shadow"][0], entry["shadow"][1]), (x, z, -y))


def _size(area: Area) -> float:
    return max(0.0, area.x1 - area.x0) * max(0.0, area.y1 - area.y0)
