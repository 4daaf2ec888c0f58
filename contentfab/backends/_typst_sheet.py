"""The sheet under the type: ground, picture in its frame, and where the product stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from contentfab.backends import _typst_geometry as _geometry
from contentfab.backends._typst_ink import ground_colour
from contentfab.backends._typst_raster import picture_in_frame
from contentfab.backends._typst_told import Frame
from contentfab.records.pictures import PosterRequest
from contentfab.records.places import Box
from contentfab.rules.colour import hex_to_rgb
from contentfab.rules.cutout import base_width, load_cutout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

CLEARANCE = 0.014
"""Room between product and label, in shortest sides."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page before product and type. `base` is RGB; `busy` is the calm map for templates,
    `quiet` the calm areas that the picture's maker names."""

    base: Pixels
    frame: Box
    product: Box | None
    busy: list[list[float]]
    quiet: tuple[Box, ...]


SMALLEST = 0.6
"""How far a product may shrink to leave the label a corner, of the size that its stand allows."""


LITTLE_SMALLER = 0.86
SLIGHT_ZOOM = 1.08
"""Zoom that is preferred to moving the label to its other corner."""


def compose_sheet(request: PosterRequest, frame: Frame) -> Sheet:
    """Lays the picture into its frame and stands the product at its full size."""
    placement, visual = request.placement, request.key_visual
    fit = _fit(request, frame)
    picture = _geometry.draw_picture(visual, fit, frame.box)
    base = np.empty((placement.height, placement.width, 3), np.uint8)
    if frame.ground:
        base[...] = hex_to_rgb(
            ground_colour(frame.ground, request.brand.palette, picture, request.seed)
        )
    picture_in_frame(base, picture, frame.box, frame.radii)
    height, width = visual.pixels.shape[:2]
    quiet = tuple(fit.area(area, width, height) for area in visual.quiet)
    busy = _geometry.calm_map(base, quiet)
    return Sheet(base, frame.box, stand_product(request, frame, 1.0), busy, quiet)


def stand_product(request: PosterRequest, frame: Frame, shrink: float) -> Box | None:
    """Where the product stands, `shrink` times as large as its stand allows, and smaller still
    when it would leave no corner free for the label. The label's first corner is worth a little
    size; its other corners are not."""
    if request.product_image is None:
        return None
    fit, corners = _fit(request, frame), _corners(request, frame)
    nearly = _stood(request, request.product_image, frame, fit, shrink * LITTLE_SMALLER)
    if not _blocked(nearly, corners[:1]):
        corners = corners[:1]
    box = _stood(request, request.product_image, frame, fit, shrink)
    while _blocked(box, corners) and shrink > SMALLEST:
        shrink *= 0.96
        box = _stood(request, request.product_image, frame, fit, shrink)
    return box


def _fit(request: PosterRequest, frame: Frame) -> _geometry.Fit:
    """Zooms the picture a little, to lift the product over the label, when nothing less helps."""
    visual = request.key_visual
    shape = _shape(request.product_image) if request.product_image else None
    fit = _geometry.fit_picture(visual, frame.box, frame.slot, shape)
    corners = _corners(request, frame)
    if request.product_image is None or not corners:
        return fit
    nearly = _stood(request, request.product_image, frame, fit, LITTLE_SMALLER)
    if not _blocked(nearly, corners[:1]):
        return fit
    lowest = min(corner.y0 for corner in corners)
    lifted = _geometry.fit_picture(visual, frame.box, frame.slot, shape, lowest)
    slight = lifted.scale <= SLIGHT_ZOOM * fit.scale
    return lifted if slight or _blocked(nearly, corners) else fit


def _stood(
    request: PosterRequest, product: Path, frame: Frame, fit: _geometry.Fit, shrink: float
) -> Box:
    shape = _shape(product)
    return _geometry.product_box(request.key_visual, fit, frame.box, frame.slot, shape, shrink)


def _shape(product: Path) -> _geometry.Shape:
    cutout = load_cutout(product)
    return _geometry.Shape(cutout.shape[1] / cutout.shape[0], base_width(cutout))


def _corners(request: PosterRequest, frame: Frame) -> list[Box]:
    """Where the label may stand, with the room that it keeps to the product."""
    clearance = CLEARANCE * min(request.placement.width, request.placement.height)
    return [_geometry.grown(corner, clearance) for corner in frame.corners]


def _blocked(box: Box, corners: list[Box]) -> bool:
    return bool(corners) and all(_geometry.meets(box, corner) for corner in corners)
