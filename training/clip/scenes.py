"""Pictures of the built-in scenes at training size: studio plates and drawn scenes, lit in palettes
that are drawn here, with or without an invented pack on the stand.

Goes through the same backend that makes key visuals for posters, so that what the model learns from
is what it will judge. One plate is drawn in many palettes in a row: decoding it is the costly part.
"""

from __future__ import annotations

import colorsys
import hashlib
import random
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import products
import world

from contentfab.backends.image_plates import PlatesImageGenerator, scene_names
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import KeyVisual, PictureRequest
from contentfab.rules.pixels.colour import hex_to_rgb, rgb_to_hex, srgb_to_lab
from contentfab.rules.pixels.colour_names import NAMED, colour_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

SIZES = ((216, 270), (240, 240), (160, 284), (300, 157))
"""Width and height by aspect: small, but with more detail than a view of 128 pixels needs."""
MIRRORED = {"left": "right", "right": "left"}
KEPT_PALETTES = 8
"""One in so many pairs of named colours, of wall and podium, is in no training picture."""


def kept_out_scenes() -> frozenset[str]:
    """Every fifth studio set and drawn scene, by name."""
    studio = sorted(scene.name for scene in scene_names() if scene.kind == "studio")
    drawn = sorted(scene.name for scene in scene_names() if scene.kind == "drawn")
    return frozenset((*studio[2::5], *drawn[2::5]))


def palette(dice: random.Random, kept_out: bool) -> dict[str, str]:
    """Wall, podium and accent. Named colours, moved a little, or a harmony around one hue; for
    `kept_out` a pair of colours that training does not see together."""
    for _ in range(500):
        found = _named(dice) if dice.random() < 0.6 else _harmony(dice)
        if _kept_out(found["wall"], found["podium"]) == kept_out:
            return found
    raise RuntimeError("no palette found: KEPT_PALETTES keeps out all or none")


def draw(
    generator: PlatesImageGenerator, scene: str, size: tuple[int, int], seed: int, kept_out: bool
) -> tuple[Pixels, world.Facts]:
    """A picture (uint8 RGB of `size` = width, height) of a scene, and what it shows."""
    dice = random.Random(seed)
    colours = palette(dice, kept_out)
    side = dice.choice(("left", "right", "front"))
    art = ArtDirection(
        scene=scene,
        subject="",
        palette=colours,
        light=f"light from the {side}",
        copy_space=dice.choice(("left", "right", "top")),
    )
    request = PictureRequest(key="k", seed=seed, width=size[0], height=size[1], art_direction=art)
    (visual,) = generator.generate([request])
    values = values_of(colours, visual)
    picture = visual.pixels.copy()
    if visual.stand is not None and dice.random() < 0.65:
        values |= _with_product(picture, visual, values["light"] or side, dice)
    if dice.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
        values |= {name: MIRRORED.get(values[name], values[name]) for name in ("light", "space")}
    words = next(item.words for item in scene_names() if item.name == scene)
    return picture, world.Facts(values, words)


def values_of(colours: dict[str, str], visual: KeyVisual) -> dict[str, str]:
    """What a key visual in `colours` shows: a value for each of `world.ATTRIBUTES`, "" for none."""
    values = dict.fromkeys(world.ATTRIBUTES, "")
    values |= {role: colour_name(value) for role, value in colours.items()}
    values |= {"scene": visual.scene, "light": _light(visual), "space": _space(visual)}
    labs = np.array([srgb_to_lab(np.array(hex_to_rgb(v))) for v in colours.values()])
    values["mood"] = world.mood_of(labs[0, 0], float(np.hypot(labs[:, 1], labs[:, 2]).mean()))
    return values


def _with_product(
    picture: Pixels, visual: KeyVisual, light: str, dice: random.Random
) -> dict[str, str]:
    stand = visual.stand
    assert stand is not None
    height, width = picture.shape[:2]
    kind = dice.choice(tuple(products.KINDS))
    name = dice.choice(tuple(NAMED))
    colour = np.array(hex_to_rgb(NAMED[name])) + np.array([dice.gauss(0, 5) for _ in range(3)])
    rgb = tuple(int(v) for v in np.clip(colour, 0, 255))
    most = min(stand.max_height * height, stand.max_width * width / products.KINDS[kind][0])
    tall = max(12, round(most * dice.uniform(0.6, 0.95)))
    pack = products.pack(kind, (rgb[0], rgb[1], rgb[2]), light, dice.randrange(2**31), tall)
    shadow = {"left": 0.4, "right": -0.4, "front": 0.0}[light]
    products.stand(picture, pack, (stand.foot.x * width, stand.foot.y * height), shadow)
    return {"product": kind, "product_colour": colour_name(rgb_to_hex(rgb))}


def _named(dice: random.Random) -> dict[str, str]:
    names = dice.sample(tuple(NAMED), 3)
    moved = (
        np.clip(np.array(hex_to_rgb(NAMED[n])) + [dice.gauss(0, 4) for _ in range(3)], 0, 255)
        for n in names
    )
    return dict(zip(("wall", "podium", "accent"), map(rgb_to_hex, moved), strict=True))


def _harmony(dice: random.Random) -> dict[str, str]:
    hue, found = dice.random(), {}
    for role, turn in (("wall", 0.0), ("podium", dice.choice((0, 0.04, 0.5))), ("accent", 0.42)):
        value = colorsys.hls_to_rgb(
            (hue + turn + dice.gauss(0, 0.02)) % 1, dice.uniform(0.12, 0.93), dice.uniform(0.1, 0.9)
        )
        found[role] = rgb_to_hex([255 * v for v in value])
    return found


def _kept_out(wall: str, podium: str) -> bool:
    pair = f"{colour_name(wall)}/{colour_name(podium)}"
    return hashlib.sha256(pair.encode()).digest()[0] % KEPT_PALETTES == 0


@cache
def _studio() -> frozenset[str]:
    return frozenset(scene.name for scene in scene_names() if scene.kind == "studio")


def _light(visual: KeyVisual) -> str:
    """Where the light comes from, by the stand's shadow; "" when nothing tells."""
    if visual.stand is None or visual.scene not in _studio():
        return ""
    across = visual.stand.shadow[0]
    return "left" if across > 0.1 else "right" if across < -0.1 else "front"


def _space(visual: KeyVisual) -> str:
    """The side of the largest quiet area; "" when it is in the middle."""
    if not visual.quiet:
        return ""
    area = max(visual.quiet, key=lambda a: (a.x1 - a.x0) * (a.y1 - a.y0))
    x, y = (area.x0 + area.x1) / 2, (area.y0 + area.y1) / 2
    if abs(x - 0.5) > 0.14:
        return "left" if x < 0.5 else "right"
    return "top" if y < 0.42 else ""
