"""Turns a key visual round for pages that are read from the right: product left, type right.

Only a picture without text, and without the product in it, may be turned.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from contentfab.backends._typst_data import RIGHT_TO_LEFT
from contentfab.records.pictures import KeyVisual, PosterRequest, SceneGeometry, Stand
from contentfab.records.places import Area, Point
from contentfab.rules.layout.placements import copy_space


def turned(request: PosterRequest) -> PosterRequest:
    """The request with its key visual mirrored, when its language is read from the right, type
    stands beside the product, and the product would stand on the right."""
    stand = request.key_visual.stand
    reads_left = request.locale.split("-")[0] in RIGHT_TO_LEFT
    if not reads_left or copy_space(request.placement) != "left" or stand is None:
        return request
    if stand.fixed is not None or stand.foot.x <= 0.5:
        return request
    return replace(request, key_visual=_mirrored(request.key_visual, stand))


def _mirrored(visual: KeyVisual, stand: Stand) -> KeyVisual:
    foot, (across, down) = stand.foot, stand.shadow
    return replace(
        visual,
        pixels=np.ascontiguousarray(visual.pixels[:, ::-1]),
        stand=replace(stand, foot=Point(1 - foot.x, foot.y), shadow=(-across, down)),
        quiet=tuple(Area(1 - a.x1, a.y0, 1 - a.x0, a.y1) for a in visual.quiet),
        geometry=_other_way(visual.geometry) if visual.geometry else None,
    )


def _other_way(geometry: SceneGeometry) -> SceneGeometry:
    x, y, z = geometry.to_sun
    return replace(geometry, mirrored=not geometry.mirrored, to_sun=(-x, y, z))
