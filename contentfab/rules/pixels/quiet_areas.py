"""Where a picture is calm enough for text, for pictures whose maker does not know it.

Looks at four regions only; the layout measures the poster itself more finely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.places import Area

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

REGIONS = {
    "top": Area(0.0, 0.0, 1.0, 0.42),
    "bottom": Area(0.0, 0.58, 1.0, 1.0),
    "left": Area(0.0, 0.0, 0.45, 1.0),
    "right": Area(0.55, 0.0, 1.0, 1.0),
}


def quiet_areas(pixels: Picture, wanted: str) -> tuple[Area, ...]:
    """The calm ones of four regions, best first; the region that was asked for wins a draw."""
    small = cv2.resize(pixels, (128, 128), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    busy = np.abs(cv2.Laplacian(grey, cv2.CV_32F)) > 12
    rated = []
    for name, area in REGIONS.items():
        rows = slice(round(area.y0 * 128), round(area.y1 * 128))
        share = float(busy[rows, round(area.x0 * 128) : round(area.x1 * 128)].mean())
        rated.append((share - (0.05 if name == wanted else 0.0), name, share))
    return tuple(REGIONS[name] for _, name, share in sorted(rated) if share < 0.2)
