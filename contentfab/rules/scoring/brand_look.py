"""What a brand's palette looks like in words, and what it does not look like: the words with which
a picture model is asked for the brand, and for others in its stead.

Colours only. Names and moods are everyday English, since that is what picture models read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contentfab.records.brand import Brand
from contentfab.rules.pixels.colour import delta_e, hex_to_rgb, srgb_to_lab
from contentfab.rules.pixels.colour_names import NAMED, colour_name

FAR = 25.0
"""CIEDE2000 from every brand colour at which a colour is another brand's."""
OTHERS = 8
DARK, PALE, LOUD = 38.0, 80.0, 48.0
"""CIELAB lightness of the ground under which a picture is dark and over which it is bright; mean
chroma of the palette over which it is loud."""
LOOKS = ("dark and moody", "bright and airy", "loud and colourful", "calm and muted")


@dataclass(frozen=True, slots=True)
class Look:
    """Colour names, most important first, and looks that are the brand's; the same of others."""

    colours: tuple[str, ...]
    looks: tuple[str, ...]
    other_colours: tuple[str, ...]
    other_looks: tuple[str, ...]


def look(brand: Brand) -> Look:
    """Of a brand's palette; what is wall, podium and accent on its pictures comes first."""
    palette = brand.palette
    own = [palette.background, palette.secondary or palette.primary, palette.accent]
    names = dict.fromkeys(map(colour_name, [*own, palette.primary]))
    labs = srgb_to_lab(np.array([hex_to_rgb(c) for c in palette.colours()], np.uint8))
    all_labs = srgb_to_lab(np.array([hex_to_rgb(c) for c in NAMED.values()], np.uint8))
    far = delta_e(all_labs[:, None], labs[None]).min(axis=1)
    others = [name for name, away in zip(NAMED, far, strict=True) if away >= FAR]
    step = max(1, len(others) // OTHERS)
    ground = srgb_to_lab(np.array(hex_to_rgb(palette.background), np.uint8))
    shown = srgb_to_lab(np.array([hex_to_rgb(c) for c in own], np.uint8))
    chroma = float(np.hypot(shown[:, 1], shown[:, 2]).mean())
    if ground[0] < DARK:
        looks = LOOKS[:1]
    elif chroma > LOUD:
        looks = LOOKS[2:3]
    else:
        looks = LOOKS[1:2] if ground[0] > PALE else LOOKS[3:]
    rest = tuple(word for word in LOOKS if word not in looks)
    return Look(tuple(names), looks, tuple(others[::step][:OTHERS]), rest)
