"""The built-in picture backend: studio sets and drawn scenes in the brand's own colours.

No model, no download, no GPU: sets were rendered once in grey (see `training/plates/`) and are lit
again here in any palette; drawn scenes are made from scratch. It knows where a product stands and
where text may go. It cannot show people, food or places, and takes `subject`, `light` and `mood`
for words that help to choose a scene, no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from contentfab.backends import _plates_drawn as drawn
from contentfab.backends import _plates_store as store
from contentfab.backends._plates_choice import SceneWords, best_scene, light_for
from contentfab.backends._plates_lens import grained, out_of_focus
from contentfab.backends._plates_palette import scene_colours
from contentfab.backends._plates_relight import finish, relight
from contentfab.backends._plates_sheet import Sheet
from contentfab.errors import InputError
from contentfab.records.pictures import KeyVisual, PictureRequest, Provenance
from contentfab.records.places import Area
from contentfab.rules.pixels import colour as colours

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

VERSION = "2"  # of everything that turns a request into pixels, the plates' data aside
MIN_SIDE, MAX_SIDE = 32, 8192  # pixels
_FOCUS_ASKED, _GRAIN_ASKED = 0.5, 0.35
"""Of what an art direction asks for in words."""
_LEVELLED = 0.8  # how far a role's lit faces are brought to its named colour; 1 would look flat


@dataclass(frozen=True, slots=True)
class Scene:
    """A scene by name: `kind` is "studio" (rendered set) or "drawn"."""

    name: str
    kind: str
    words: str


@lru_cache(maxsize=1)
def scene_names() -> tuple[Scene, ...]:
    """Every scene that can be asked for by name, studio sets first."""
    studio = {plate.set: plate.words for plate in store.plates()}
    return (
        *(Scene(name, "studio", words) for name, words in studio.items()),
        *(Scene(name, "drawn", words) for name, words in drawn.scene_words().items()),
    )


class PlatesImageGenerator:
    """Key visuals from relit studio plates and drawn scenes. `depth_of_field` and `grain`, both in
    0..1, are how far what is not at the product's distance is out of focus, and how much film
    grain there is; an art direction may ask for either in words.

    The same request gives the same bytes, in any batch and on any number of threads. Raises
    MissingDependency when the package data is not there, InputError for an option out of range.
    """

    parallel = True

    def __init__(self, depth_of_field: float = 0.0, grain: float = 0.0) -> None:
        for name, value in (("depth_of_field", depth_of_field), ("grain", grain)):
            if not 0 <= value <= 1:
                raise InputError(f"image.{name} is {value}", hint="choose a number from 0 to 1")
        self._focus, self._grain = depth_of_field, grain
        self._words = [SceneWords(s.name, s.words) for s in scene_names()]
        self._studio = {s.name for s in scene_names() if s.kind == "studio"}
        options = f"+{depth_of_field:g},{grain:g}" if depth_of_field or grain else ""
        self.revision = f"{VERSION}-{store.revision()}{options}"
        self.id = f"contentfab/plates@{self.revision}"

    def generate(self, requests: Sequence[PictureRequest]) -> list[KeyVisual]:
        """One key visual a request, in order. Raises InputError for a size out of range or a
        colour that is no #RRGGBB."""
        return [self._one(request) for request in requests]

    def _one(self, request: PictureRequest) -> KeyVisual:
        art = request.art_direction
        sides = (request.width, request.height)
        if min(sides) < MIN_SIDE or max(sides) > MAX_SIDE:
            raise InputError(
                f"picture size {request.width} x {request.height} is out of range",
                hint=f"the plates backend makes {MIN_SIDE} to {MAX_SIDE} pixels a side",
            )
        words = " ".join((art.light, art.mood))
        silhouette = request.product.silhouette if request.product else ""
        fitting = store.fitting(silhouette) if silhouette else self._studio
        name = best_scene(art.scene, words, self._words, self._studio, request.seed, fitting)
        studio = name in self._studio
        calm = studio and store.prop_is_ground(name)
        try:
            palette = scene_colours(art.palette, request.seed, calm)
        except ValueError as error:
            raise InputError(
                f"art direction palette: {error}", hint="write colours as #RRGGBB"
            ) from error
        make = self._from_plate if studio else self._drawn
        return make(request, name, palette)

    def _from_plate(
        self, request: PictureRequest, name: str, palette: Mapping[str, str]
    ) -> KeyVisual:
        plate = store.nearest(name, request.width, request.height)
        wanted = request.product.light if request.product else ""
        light, flipped = light_for(request.art_direction.light, wanted, request.seed)
        light = light if light in plate.lights else "side"
        part = store.cut(plate, request.width, request.height, light)
        code, weights = store.pixels(plate, part, request.width, request.height, light)
        fall = code * code
        fall *= np.float32(store.LIGHT_RANGE / 255.0**2)
        lit = plate.lights[light].lit
        albedo = np.stack([_linear(palette[r]) / lit[r] ** _LEVELLED for r in store.ROLES[1:]])
        albedo = np.concatenate([_linear(palette["wall"])[None], albedo]).astype(np.float32)
        picture = relight(fall, weights, albedo, request.seed)
        geometry = store.geometry(plate, part, light, flipped)
        if flipped:
            picture, part = np.ascontiguousarray(picture[:, ::-1]), store.mirrored(part)
        asked = " ".join((request.art_direction.light, request.art_direction.mood)).lower()
        focus = max(self._focus, _FOCUS_ASKED if "depth of field" in asked else 0.0)
        if geometry is not None and focus:
            picture = out_of_focus(picture, geometry, focus)
        grain = max(self._grain, _GRAIN_ASKED if "grain" in asked else 0.0)
        return KeyVisual(
            key=request.key,
            pixels=grained(picture, grain, request.seed) if grain else picture,
            provenance=self._provenance(request, name, palette),
            stand=part.stand,
            quiet=_by_side(part.quiet, request.art_direction.copy_space),
            scene=name,
            geometry=geometry,
        )

    def _drawn(self, request: PictureRequest, name: str, palette: Mapping[str, str]) -> KeyVisual:
        sheet = Sheet(
            request.width,
            request.height,
            {role: _linear(value).astype(np.float32) for role, value in palette.items()},
            np.random.default_rng([request.seed, _number(name)]),
        )
        light = drawn.draw(name, sheet)
        return KeyVisual(
            key=request.key,
            pixels=finish(light, request.seed),
            provenance=self._provenance(request, name, palette),
            stand=sheet.stand(name in drawn.FLOATING),
            quiet=sheet.quiet(),
            scene=name,
        )

    def _provenance(
        self, request: PictureRequest, name: str, palette: Mapping[str, str]
    ) -> Provenance:
        colour_words = ", ".join(f"{role} {value}" for role, value in palette.items())
        return Provenance(
            digital_source_type="algorithmicMedia",
            engine="contentfab",
            model="plates",
            model_revision=self.revision,
            seed=request.seed,
            prompt=f"{name}: {colour_words}",
        )


def _by_side(quiet: tuple[Area, ...], side: str) -> tuple[Area, ...]:
    """Calm areas, those on the side that the text wants first when they are worth it."""
    largest = max((_size(a) for a in quiet), default=0.0)
    centre = {
        "top": lambda a: a.y0 + a.y1 <= 1.0,
        "bottom": lambda a: a.y0 + a.y1 > 1.0,
        "left": lambda a: a.x0 + a.x1 <= 1.0,
        "right": lambda a: a.x0 + a.x1 > 1.0,
    }.get(side)
    if centre is None:
        return quiet
    return tuple(sorted(quiet, key=lambda a: not (centre(a) and _size(a) > 0.5 * largest)))


def _size(area: Area) -> float:
    return (area.x1 - area.x0) * (area.y1 - area.y0)


def _linear(colour: str) -> NDArray[np.float64]:
    return np.asarray(colours.srgb_to_linear(np.array(colours.hex_to_rgb(colour), np.uint8)))


def _number(name: str) -> int:
    """A stable number for a name, so that two drawn scenes do not share their dice."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
