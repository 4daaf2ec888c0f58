"""The sheet under the type: ground, picture in its frame, and where the product stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from contentfab.backends import _typst_geometry as _geometry
from contentfab.backends._typst_ink import ground_colour
from contentfab.backends._typst_raster import picture_in_frame
from contentfab.records.work import Box, PosterRequest
from contentfab.rules.colour import hex_to_rgb
from contentfab.rules.cutout import base_width, load_cutout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

Told = dict[str, list[dict[str, Any]]]
CLEARANCE = 0.014
"""Room between product and label, in shortest sides."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page before product and type. `base` is RGB; `busy` is the calm map for templates;
    `ground` is the colour around the picture, "" when it fills the page."""

    base: Pixels
    frame: Box
    product: Box | None
    busy: list[list[float]]
    ground: str = ""


def compose_sheet(request: PosterRequest, told: Told, shrink: float) -> Sheet:
    """Lays the picture into the frame that the template told of."""
    placement, visual = request.placement, request.key_visual
    record = told["frame"][0]
    frame = _geometry.box_of(record["rect"])
    fit = _geometry.fit_picture(visual, frame, record["slot"])
    picture = _geometry.draw_picture(visual, fit, frame)
    base = np.empty((placement.height, placement.width, 3), np.uint8)
    ground = ""
    if record["ground"]:
        ground = ground_colour(record["ground"], request.brand.palette, picture, request.seed)
        base[...] = hex_to_rgb(ground)
    picture_in_frame(base, picture, frame, record["radii"])
    height, width = visual.pixels.shape[:2]
    quiet = [fit.area(area, width, height) for area in visual.quiet]
    busy = _geometry.calm_map(base, quiet)
    return Sheet(base, frame, stand_product(request, told, shrink), busy, ground)


def stand_product(request: PosterRequest, told: Told, shrink: float) -> Box | None:
    """Where the product stands, `shrink` times as large as its stand allows, and smaller still
    when it would leave no corner free for the label."""
    if request.product_image is None:
        return None
    record = told["frame"][0]
    frame = _geometry.box_of(record["rect"])
    fit = _geometry.fit_picture(request.key_visual, frame, record["slot"])
    cutout = load_cutout(request.product_image)
    shape = _geometry.Shape(cutout.shape[1] / cutout.shape[0], base_width(cutout))
    clearance = CLEARANCE * min(request.placement.width, request.placement.height)
    corners = [
        _geometry.grown(_geometry.box_of(rect), clearance)
        for label in told.get("label", [])
        for rect in label["rects"]
    ]
    for step in range(24):
        box = _geometry.product_box(
            request.key_visual, fit, frame, record["slot"], shape, shrink * 0.96**step
        )
        if not corners or not all(_geometry.meets(box, corner) for corner in corners):
            return box
    return box
