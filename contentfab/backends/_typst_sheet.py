"""The sheet under the type: ground, picture in its frame, and where the product stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from contentfab.backends import _typst_geometry as _geometry
from contentfab.backends._typst_calm import calm_map, quiet_areas
from contentfab.backends._typst_ink import ground_colour
from contentfab.backends._typst_raster import Radii, picture_in_frame
from contentfab.backends._typst_told import Frame
from contentfab.errors import BackendError
from contentfab.records.pictures import KeyVisual, PosterRequest
from contentfab.records.places import Box
from contentfab.rules.pixels.colour import hex_to_rgb
from contentfab.rules.product.cutout import base_width, load_cutout, sunk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

CLEARANCE = 0.014
"""Room between product and label, in shortest sides."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page before product and type. `base` is RGB; `busy` is the calm map for templates, `quiet`
    the calm areas: those that the picture's maker names, then those measured; `fit` is how the
    picture lies on the page."""

    base: Pixels
    frame: Box
    product: Box | None
    busy: list[list[float]]
    quiet: tuple[Box, ...]
    fit: _geometry.Fit
    podium: Box | None = None
    radii: Radii = (0, 0, 0, 0)


SMALLEST = 0.6
"""How far a product may shrink to leave the label a corner, of the size that its stand allows."""


PODIUM_WIDER = 1.25
PODIUM_DEPTH = (0.2, 0.5)
"""About how much wider a podium is than what may stand on it, and how far it is seen behind and
before the product's foot, in half its width."""
LITTLE_SMALLER = 0.86
SLIGHT_ZOOM = 1.08
"""Zoom that is preferred to moving the label to its other corner."""


def compose_sheet(request: PosterRequest, frame: Frame) -> Sheet:
    """Lays the picture into its frame and stands the product at its full size. Raises
    BackendError when the frame would cut off a product that the picture was made around."""
    placement, visual = request.placement, request.key_visual
    fit = _fit(request, frame)
    _check_whole(request, frame, fit)
    picture = _geometry.draw_picture(visual, fit, frame.box)
    base = np.empty((placement.height, placement.width, 3), np.uint8)
    if frame.ground:
        brand, beside = request.brand, _wall_and_podium(visual)
        # By the scene, not by the poster's own seed: one creative has one ground at every size and
        # in both arms of a copy test.
        colour = ground_colour(
            frame.ground, brand.palette, beside, crc32(visual.scene.encode()), brand.tokens
        )
        base[...] = hex_to_rgb(colour)
    picture_in_frame(base, picture, frame.box, frame.radii)
    height, width = visual.pixels.shape[:2]
    quiet = tuple(fit.area(area, width, height) for area in visual.quiet)
    busy = calm_map(base, quiet)
    quiet += quiet_areas(busy, placement.width, placement.height)
    rows = [[round(float(value), 3) for value in row] for row in busy]
    product = stand_product(request, frame, 1.0)
    podium = _podium(request, fit)
    return Sheet(base, frame.box, product, rows, quiet, fit, podium, frame.radii)


def stand_product(request: PosterRequest, frame: Frame, shrink: float) -> Box | None:
    """Where the product stands, `shrink` times as large as its stand allows, and smaller still
    when it would leave no corner free for the label. The label's first corner is worth a little
    size; its other corners are not. A product that the picture was made around stays where it
    is."""
    if request.product_image is None:
        return None
    fit, corners = _fit(request, frame), _corners(request, frame)
    visual = request.key_visual
    if visual.stand is not None and visual.stand.fixed is not None:
        height, width = visual.pixels.shape[:2]
        return fit.area(visual.stand.fixed, width, height)
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
    if visual.stand is not None and visual.stand.fixed is not None:
        fit = _geometry.fit_picture(visual, frame.box, frame.slot, None, enlarge=False)
        return _geometry.showing(visual.stand.fixed, visual, fit, frame.box)
    if request.product_image is None or not corners:
        return fit
    nearly = _stood(request, request.product_image, frame, fit, LITTLE_SMALLER)
    if not _blocked(nearly, corners[:1]):
        return fit
    low = [corner.y0 for corner in corners if corner.y0 > nearly.y0 + nearly.height / 2]
    if not low:
        return fit
    lowest = min(low) - round(_shape(request.product_image).sunk * nearly.width)
    lifted = _geometry.fit_picture(visual, frame.box, frame.slot, shape, lowest)
    slight = lifted.scale <= SLIGHT_ZOOM * fit.scale
    return lifted if slight or _blocked(nearly, corners) else fit


def _check_whole(request: PosterRequest, frame: Frame, fit: _geometry.Fit) -> None:
    visual = request.key_visual
    if request.product_image is None or visual.stand is None or visual.stand.fixed is None:
        return
    height, width = visual.pixels.shape[:2]
    box, window = fit.area(visual.stand.fixed, width, height), frame.box
    if box.x0 < window.x0 or box.y0 < window.y0 or box.x1 > window.x1 or box.y1 > window.y1:
        size = f"{request.placement.width}x{request.placement.height}"
        raise BackendError(
            f"layout {request.layout} at {size} would cut off the product, which the picture was "
            "made around",
            hint="Choose a layout whose picture fills the page, such as hero, or have the picture "
            "made with more room around the product.",
        )


def _wall_and_podium(visual: KeyVisual) -> list[Pixels]:
    """What a picture shows in any crop: the wall at its top, and the podium before the foot. The
    ground around it is chosen by these, so that it is the same at every size."""
    height, width = visual.pixels.shape[:2]
    parts = [visual.pixels[: max(1, height // 4) : 4, ::4]]
    if visual.stand is not None:
        foot, half = visual.stand.foot, 0.25 * visual.stand.foot_width
        rows = slice(int(foot.y * height), int((foot.y + 0.012) * height) + 2)
        columns = slice(int((foot.x - half) * width), int((foot.x + half) * width) + 1)
        parts.append(visual.pixels[rows, columns])
    return [part for part in parts if part.size]


def _podium(request: PosterRequest, fit: _geometry.Fit) -> Box | None:
    """Around the stand's foot, as wide as what may stand there and as deep as that is seen."""
    visual = request.key_visual
    if visual.stand is None:
        return None
    height, width = visual.pixels.shape[:2]
    half = PODIUM_WIDER * visual.stand.foot_width * width * fit.scale / 2
    x = visual.stand.foot.x * width * fit.scale + fit.dx
    y = visual.stand.foot.y * height * fit.scale + fit.dy
    over, under = (share * half for share in PODIUM_DEPTH)
    return Box(round(x - half), round(y - over), round(x + half), round(y + under))


def _stood(
    request: PosterRequest, product: Path, frame: Frame, fit: _geometry.Fit, shrink: float
) -> Box:
    shape = _shape(product)
    return _geometry.product_box(request.key_visual, fit, frame.box, frame.slot, shape, shrink)


def _shape(product: Path) -> _geometry.Shape:
    load_cutout(product)  # says what is wrong with the file
    return _shape_of(product, product.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _shape_of(product: Path, stamp: int) -> _geometry.Shape:
    """Measured once per file: a poster asks for it a dozen times."""
    cutout = load_cutout(product)
    return _geometry.Shape(cutout.shape[1] / cutout.shape[0], base_width(cutout), sunk(cutout))


def _corners(request: PosterRequest, frame: Frame) -> list[Box]:
    """Where the label may stand, with the room that it keeps to the product."""
    clearance = CLEARANCE * min(request.placement.width, request.placement.height)
    return [_geometry.grown(corner, clearance) for corner in frame.corners]


def _blocked(box: Box, corners: list[Box]) -> bool:
    return bool(corners) and all(_geometry.meets(box, corner) for corner in corners)
