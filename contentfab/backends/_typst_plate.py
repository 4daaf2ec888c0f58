"""The AI label's plate: frosted glass in the tone of what it stands on, and the ink on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from contentfab.backends import _typst_ink as _ink
from contentfab.backends import _typst_raster as _raster
from contentfab.backends._typst_raster import SetText
from contentfab.records.inputs import Palette
from contentfab.records.places import Box
from contentfab.rules.colour import luminance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

PLATE_CONTRAST = 4.9
"""What the ink must reach on the plate: 4.5:1 with something to spare for the file's encoding."""
CLEAR = (0.34, 0.46, 0.58, 0.7, 0.82, 0.94)
"""How opaque a plate may be, least first."""


def label_plate(
    scene: Pixels, box: Box, radii: Sequence[float], texts: Sequence[SetText], palette: Palette
) -> None:
    """Draws the plate into `scene`, as clear as the label's contrast lets, and gives the texts on
    it their ink."""
    area = scene[box.y0 : box.y1, box.x0 : box.x1]
    light = float(luminance(area).mean()) > 0.22
    tint = _ink.lightest(palette) if light else _ink.darkest(palette)
    tint = _ink.mix(tint, "#FFFFFF" if light else "#000000", 0.3)
    ink = _ink.best_on(tint, palette)[0]
    glyphs = [text.glyphs for text in texts]
    before = area.copy()
    for opacity in CLEAR:
        area[...] = before
        _raster.frosted(scene, box, radii, tint, opacity)
        if _ink.worst(ink, scene, glyphs) >= PLATE_CONTRAST:
            break
    ink = _ink.soft_ink(ink, tint, scene, glyphs, PLATE_CONTRAST)
    for text in texts:
        text.ink = ink
