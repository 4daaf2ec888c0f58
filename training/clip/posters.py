"""Real posters from drawn key visuals: our own layout engine, invented brands and words."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import printed
import world

from contentfab.backends.layout_typst import TypstLayout
from contentfab.errors import BackendError
from contentfab.records.brand import Brand, Palette
from contentfab.records.channel import Placement
from contentfab.records.pictures import KeyVisual, PosterRequest, PosterText, Provenance
from contentfab.rules.pixels.colour_names import NAMED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

FAMILIES = ("hero", "hero", "split", "card", "editorial", "big-type", "minimal")
ENLARGED = 2
"""Posters are set at this many times the picture's size: type has a least size in pixels."""


def over(picture: Pixels, facts: world.Facts, dice: random.Random) -> Pixels:
    """The picture as a poster with headline and button, at the picture's size; the picture itself
    when the words do not fit."""
    height, width = picture.shape[:2]
    large = cv2.resize(picture, (ENLARGED * width, ENLARGED * height))
    layout = _layout()
    values = facts.values
    palette = Palette(
        primary=NAMED[values["podium"]],
        background=NAMED[values["wall"]],
        text=dice.choice(("#111111", "#FFFFFF")),
        accent=NAMED[values["accent"]],
    )
    words = [dice.choice(printed.PRAISE) for _ in range(dice.randint(2, 6))]
    request = PosterRequest(
        key="poster",
        variant="poster",
        layout=dice.choice(FAMILIES),
        placement=Placement(id="training", width=ENLARGED * width, height=ENLARGED * height),
        locale="en-US",
        text=PosterText(headline=" ".join(words).capitalize(), cta=dice.choice(("Buy", "See it"))),
        key_visual=KeyVisual("k", np.asarray(large, np.uint8), Provenance("", "", "", "")),
        product_image=None,
        brand=Brand(id="drawn", name="Drawn", palette=palette),
        brand_dir=Path(),
        seed=dice.randrange(2**31),
    )
    try:
        (poster,) = layout.render([request])
    except BackendError:
        return picture
    return np.asarray(cv2.resize(poster.pixels, (width, height), interpolation=cv2.INTER_AREA))


@cache
def _layout() -> TypstLayout:
    return TypstLayout()
