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
    """A page before product and type. `base` is RGB; `busy` is the calm map for templates,
    `quiet` the calm areas that the picture's maker names;
    `ground` is the colour around the picture, "" when it fills the page."""

    base: Pixels
    frame: Box
    product: Box | None
    busy: list[list[float]]
    quiet: tuple[Box, ...]
    ground: str = ""


SMALLEST = 0.6
"""How far a product may shrink to leave the label a corner, of the size that its stand allows."""


SLIGHT_ZOOM = 1.08


def compose_sheet(request: PosterRequest, told: Told, shrink: float) -> Sheet:
    """Lays the picture into the frame that the template told of."""
    placement, visual = request.placement, request.key_visual
    record = told["frame"][0]
    frame = _geometry.box_of(record["rect"])
    fit = _fit(request, told)
    picture = _geometry.draw_picture(visual, fit, frame)
    base = np.empty((placement.height, placement.width, 3), np.uint8)
    ground = ""
    if record["ground"]:
        ground = ground_colour(record["ground"], request.brand.palette, picture, request.seed)
        base[...] = hex_to_rgb(ground)
    picture_in_frame(base, picture, frame, record["radii"])
    height, width = visual.pixels.shape[:2]
    quiet = tuple(fit.area(area, width, height) for area in visual.quiet)
    busy = _geometry.calm_map(base, quiet)
    return Sheet(base, frame, stand_product(request, told, shrink), busy, quiet, ground)


def stand_product(request: PosterRequest, told: Told, shrink: float) -> Box | None:
    """Where the product stands, `shrink` times as large as its stand allows, and smaller still
    when it would leave no corner free for the label."""
    if request.product_image is None:
        return None
    fit, corners = _fit(request, told), _corners(request, told)
    box = _stood(request, told, fit, shrink)
    while _blocked(box, corners) and shrink > SMALLEST:
        shrink *= 0.96
        box = _stood(request, told, fit, shrink)
    return box


def _fit(request: PosterRequest, told: Told) -> _geometry.Fit:
    record = told["frame"][0]
    frame, slot = _geometry.box_of(record["rect"]), record["slot"]
    fit = _geometry.fit_picture(request.key_visual, frame, slot)
    if request.product_image is None:
        return fit
    corners = _corners(request, told)
    full = _stood(request, told, fit, 1.0)
    if not _blocked(full, corners[:1]):
        return fit
    # A little zoom keeps the label in its first corner; more is for when no corner is free.
    lifted = _geometry.fit_picture(
        request.key_visual, frame, slot, min(corner.y0 for corner in corners)
    )
    slight = lifted.scale <= SLIGHT_ZOOM * fit.scale
    return lifted if slight or _blocked(full, corners) else fit


def _stood(request: PosterRequest, told: Told, fit: _geometry.Fit, shrink: float) -> Box:
    if request.product_image is None:
        raise ValueError("no product to stand")
    record = told["frame"][0]
    cutout = load_cutout(request.product_image)
    shape = _geometry.Shape(cutout.shape[1] / cutout.shape[0], base_width(cutout))
    frame = _geometry.box_of(record["rect"])
    return _geometry.product_box(request.key_visual, fit, frame, record["slot"], shape, shrink)


def _corners(request: PosterRequest, told: Told) -> list[Box]:
    """Where the label may stand, with the room that it keeps to the product."""
    clearance = CLEARANCE * min(request.placement.width, request.placement.height)
    rects = [rect for label in told.get("label", []) for rect in label["rects"]]
    return [_geometry.grown(_geometry.box_of(rect), clearance) for rect in rects]


def _blocked(box: Box, corners: list[Box]) -> bool:
    return bool(corners) and all(_geometry.meets(box, corner) for corner in corners)
