"""Words for colours: models that read text understand "jade green" and not #1F6B57.

Knows some fifty everyday names and where they lie in CIELAB; nothing about brands.
"""

from __future__ import annotations

import numpy as np

from contentfab.rules.pixels.colour import delta_e, hex_to_rgb, srgb_to_lab

NAMED = {
    "black": "#0B0B0B", "charcoal": "#33363B", "grey": "#808080", "silver": "#BDBFC1",
    "white": "#FAFAFA", "ivory": "#F8F3E6", "cream": "#F3E9D2", "beige": "#DCC9A9",
    "sand": "#CBB58C", "tan": "#BF9A6A", "camel": "#A9794B", "brown": "#6F4628",
    "chocolate": "#46291A", "terracotta": "#C0623F", "rust": "#A4471F", "brick red": "#95392F",
    "red": "#D32A2A", "burgundy": "#6A1B2D", "coral": "#F27A63", "salmon": "#F5A08C",
    "peach": "#FBC9A5", "orange": "#F0842B", "amber": "#EDA72C", "mustard": "#CFA02B",
    "gold": "#D8B24A", "yellow": "#F6D83C", "pale yellow": "#F8EDAF", "olive": "#77762F",
    "lime green": "#A5CC3B", "sage green": "#A7B59A", "mint green": "#B4E0C8",
    "green": "#3C9A4B", "forest green": "#21512F", "jade green": "#1F6B57", "teal": "#1E7F82",
    "turquoise": "#45BFBC", "pale blue": "#CBE1F0", "sky blue": "#7FBCE6", "blue": "#2D6BC8",
    "cobalt blue": "#1B46A6", "navy blue": "#172748", "slate blue": "#5F7390",
    "indigo": "#3A3285", "violet": "#7A4CB8", "lavender": "#C3B3E3", "plum": "#5F2A52",
    "magenta": "#C32C86", "pink": "#F09CBB", "blush pink": "#F3D3D1", "rose": "#CF6D83",
}  # fmt: skip
_NAMES = tuple(NAMED)
_LABS = srgb_to_lab(np.array([hex_to_rgb(colour) for colour in NAMED.values()], np.uint8))


def colour_name(colour: str) -> str:
    """The name nearest to a #RRGGBB colour, by CIEDE2000."""
    lab = srgb_to_lab(np.array(hex_to_rgb(colour), np.uint8))
    return _NAMES[int(delta_e(lab, _LABS).argmin())]
