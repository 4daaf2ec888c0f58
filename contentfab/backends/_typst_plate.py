"""The AI label's plate: frosted glass in the tone of what it stands on, and the ink on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from contentfab.backends import _typst_ink as _ink
from contentfab.backends import _typst_raster as _raster
from contentfab.backends._typst_raster import SetText
from contentfab.records.brand import Palette
from contentfab.records.places import Box
from contentfab.rules.pixels.colour import luminance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

PLATE_CONTRAST = 4.9
"""What the ink must reach on the plate: 4.5:1 with something to spare for the file's encoding."""
PLATE_SPARE = 1.1
"""How much more the plate's own colour must give, as the ground goes on shining through."""
CLEAR = (0.34, 0.46, 0.58, 0.7, 0.82, 0.94, 1.0)
"""How opaque a plate may be, least first."""
FINE = 20
"""Height of a label in pixels under which its strokes are too fine to be set in a quiet ink: most
of their pixels are half ink, half ground."""


def label_plate(
    scene: Pixels, box: Box, radii: Sequence[float], texts: Sequence[SetText], palette: Palette
) -> None:
    """Draws the plate into `scene`, as clear as the label's contrast lets, and gives the texts on
    it their ink."""
    area = scene[box.y0 : box.y1, box.x0 : box.x1]
    light = float(luminance(area).mean()) > 0.22
    tint = _ink.lightest(palette) if light else _ink.darkest(palette)
    tint = _ink.mix(tint, "#FFFFFF" if light else "#000000", 0.3)
    tint, ink = _ink.readable_plate(tint, palette, PLATE_SPARE * PLATE_CONTRAST)
    glyphs = [text.glyphs for text in texts]
    fine = max(text.glyphs.height for text in texts) < FINE if texts else False
    before = area.copy()
    for opacity in CLEAR[-3:] if fine else CLEAR:
        area[...] = before
        _raster.frosted(scene, box, radii, tint, opacity)
        if _ink.worst(ink, scene, glyphs) >= PLATE_CONTRAST:
            break
    if not fine:
        ink = _ink.soft_ink(ink, tint, scene, glyphs, PLATE_CONTRAST)
    for text in texts:
        text.ink = ink
