"""Does the scene wear the brand's colours? By CIEDE2000, on scene pixels only.

Product, logo and type never count: a brand's palette is for the world around the product. A scene
in light and shade has more tones than a palette, so lightness counts half.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from contentfab.records.pictures import Finding
from contentfab.rules.inspection.subject import View
from contentfab.rules.pixels.colour import hex_to_rgb, rgb_to_hex, srgb_to_lab
from contentfab.rules.pixels.colour_names import colour_name
from contentfab.rules.pixels.swatches import shaded_delta_e

SIDE = 64
"""Longest side at which the scene is looked at: its larger areas of colour."""
FAR = 20.0
"""ΔE (lightness halved) from which a pixel is in none of the brand's colours: 10 is clearly
another colour (docs/scoring), and mixtures of two brand colours lie up to 18 from both."""
OFF, LITTLE = 0.45, 0.25
"""Share of such pixels in a scene: error, warning. House rule."""


def palette(view: View) -> Iterator[Finding]:
    """Most of the scene is in the brand's colours; the message names the area that is farthest."""
    assert view.of.brand is not None
    scale = SIDE / max(view.part.width, view.part.height)
    wide = max(1, round(view.part.width * scale))
    size = (wide, max(1, round(view.part.height * scale)))
    small = cv2.resize(view.scene_part, size, interpolation=cv2.INTER_AREA)
    free = cv2.resize(view.free.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    pixels = np.asarray(small[free], np.uint8)
    if len(pixels) < 64:
        return
    named = list(view.of.brand.palette.colours())
    wanted = srgb_to_lab(np.array([hex_to_rgb(colour) for colour in named], np.uint8))
    lab = srgb_to_lab(pixels)
    away = np.stack([shaded_delta_e(lab, colour) for colour in wanted], axis=1)
    nearest = away.min(axis=1)
    far = nearest > FAR
    share = float(far.mean())
    level = "error" if share > OFF else "warn" if share > LITTLE else "pass"
    message = f"{1 - share:.0%} of the scene is in the brand's colours"
    if level != "pass":
        middle = rgb_to_hex(np.median(pixels[far], axis=0))
        closest = named[int(np.bincount(away[far].argmin(axis=1)).argmax())]
        message = (
            f"{share:.0%} of the scene is ΔE {float(np.median(nearest[far])):.0f} from the nearest "
            f"brand colour ({closest}): {colour_name(middle)}"
        )
    yield Finding("poster.palette", level, message, round(share, 4), OFF)
