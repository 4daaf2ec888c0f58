"""Where things go before any text is set: content area, picture in its frame, product.

All results are in pixels of the page. The picture always covers its frame; the product stands on
the key visual's stand, or on the family's own slot when the picture has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from contentfab.backends._typst_told import Slot
from contentfab.records.brand import Tokens
from contentfab.records.channel import Placement
from contentfab.records.pictures import KeyVisual
from contentfab.records.places import Area, Box, Point
from contentfab.rules.layout.type_scale import is_banner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

MARGIN = {"tight": 0.054, "normal": 0.064, "airy": 0.074}
"""Margin of the page, in shortest sides, by the brand's spacing."""

BANNER_MARGIN = {"tight": 0.036, "normal": 0.042, "airy": 0.048}
"""The same on banners, in sides of a square of their area."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How the key visual lies on the page: page = picture · scale + (dx, dy)."""

    scale: float
    dx: float
    dy: float

    def area(self, area: Area, width: int, height: int) -> Box:
        """An area of the picture (`width` × `height` pixels) on the page."""
        return Box(
            round(area.x0 * width * self.scale + self.dx),
            round(area.y0 * height * self.scale + self.dy),
            round(area.x1 * width * self.scale + self.dx),
            round(area.y1 * height * self.scale + self.dy),
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """Size of a product cut-out: width to height, its base as a fraction of its width, and how far
    its lowest row lies under the middle of its base, as a fraction of its width."""

    aspect: float
    base: float
    sunk: float = 0.0


def content_area(placement: Placement, tokens: Tokens) -> Box:
    """Where text and logo may stand: inside the margin and inside what the platform covers."""
    width, height = placement.width, placement.height
    margin = MARGIN[tokens.spacing] * min(width, height)
    if is_banner(width, height):
        margin = BANNER_MARGIN[tokens.spacing] * float(np.sqrt(width * height))
    spare = 0.012 * min(width, height)
    top, right, bottom, left = placement.safe
    return Box(
        int(np.ceil(max(margin, left * width + spare))),
        int(np.ceil(max(margin, top * height + spare))),
        int(width - np.ceil(max(margin, right * width + spare))),
        int(height - np.ceil(max(margin, bottom * height + spare))),
    )


def meets(one: Box, other: Box) -> bool:
    """Whether two boxes share a pixel."""
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def grown(box: Box, by: float) -> Box:
    """The box with `by` pixels more on every side."""
    edge = round(by)
    return Box(box.x0 - edge, box.y0 - edge, box.x1 + edge, box.y1 + edge)


LABEL_ZOOM = 1.18
"""How far a picture may be enlarged beyond its frame to lift the product over the label."""
FAIR_WIDTH = 0.4
"""Width of a product, in frame widths, for which the stand is brought nearer in any slot."""


def fit_picture(
    visual: KeyVisual,
    frame: Box,
    slot: Slot,
    shape: Shape | None,
    lowest: float | None = None,
    enlarge: bool = True,
) -> Fit:
    """Covers `frame` with the picture, its stand as near to the slot as the picture allows, and
    near enough to carry a product of fair size. When the stand must not lie under `lowest` (in
    page pixels), the picture is zoomed a little so that it can be moved up. `enlarge` false only
    covers."""
    height, width = visual.pixels.shape[:2]
    scale = max(frame.width / width, frame.height / height)
    foot = visual.stand.foot if visual.stand else None
    if foot is None:
        dx, dy = (frame.width - width * scale) / 2, (frame.height - height * scale) / 2
        return Fit(scale, frame.x0 + round(dx), frame.y0 + round(dy))
    wanted = slot.y * frame.height
    down = wanted / max(foot.y * height * scale, 1.0)
    zoom = max(1.0, down, _carrying(visual, scale, frame, slot, shape) if shape else 1.0)
    if slot.reach:
        zoom = max(zoom, _reaching(foot, slot, frame, width * scale, height * scale))
    if lowest is not None:
        wanted = min(wanted, lowest - frame.y0)
        under = (1 - foot.y) * height * scale
        zoom = max(zoom, min(LABEL_ZOOM, (frame.height - wanted) / max(under, 1.0)))
    scale *= min(slot.zoom, zoom) if enlarge else 1.0
    free_x, free_y = min(0.0, frame.width - width * scale), min(0.0, frame.height - height * scale)
    dx = min(0.0, max(free_x, slot.x * frame.width - foot.x * width * scale))
    dy = min(0.0, max(free_y, wanted - foot.y * height * scale))
    return Fit(scale, frame.x0 + round(dx), frame.y0 + round(dy))


def showing(fixed: Area, visual: KeyVisual, fit: Fit, frame: Box) -> Fit:
    """The fit moved so that the area `fixed` of the picture is whole in the frame, as far as the
    picture goes on covering it."""
    height, width = visual.pixels.shape[:2]
    box = fit.area(fixed, width, height)
    dx = fit.dx + max(0, frame.x0 - box.x0) - max(0, box.x1 - frame.x1)
    dy = fit.dy + max(0, frame.y0 - box.y0) - max(0, box.y1 - frame.y1)
    dx = min(float(frame.x0), max(frame.x1 - width * fit.scale, dx))
    dy = min(float(frame.y0), max(frame.y1 - height * fit.scale, dy))
    return Fit(fit.scale, dx, dy)


def _reaching(foot: Point, slot: Slot, frame: Box, width: float, height: float) -> float:
    """Zoom at which a picture of `width` × `height` pixels covers the frame with its stand at the
    slot."""
    across = (slot.x / foot.x * frame.width, (1 - slot.x) / (1 - foot.x) * frame.width)
    down = (slot.y / foot.y * frame.height, (1 - slot.y) / (1 - foot.y) * frame.height)
    return max(*(wide / width for wide in across), *(tall / height for tall in down))


def _carrying(visual: KeyVisual, scale: float, frame: Box, slot: Slot, shape: Shape) -> float:
    """Zoom at which the stand is wide enough for a product of fair size."""
    room = frame.y0 + slot.y * frame.height - max(slot.top, frame.y0)
    fair = max(slot.fair * frame.height, FAIR_WIDTH * frame.width / shape.aspect)
    tall = min(fair, slot.h * frame.height, slot.w * frame.width / shape.aspect, room)
    return tall / max(_carried(visual, scale, shape), 1.0)


def _carried(visual: KeyVisual, scale: float, shape: Shape) -> float:
    """Height of the largest product that the stand is wide enough for."""
    stand, width = visual.stand, visual.pixels.shape[1] * scale
    if stand is None:
        return float(np.inf)
    return float(width * min(stand.max_width, stand.foot_width / shape.base) / shape.aspect)


def product_box(
    visual: KeyVisual, fit: Fit, frame: Box, slot: Slot, shape: Shape, shrink: float
) -> Box:
    """Where the product stands: its foot on the stand, as large as stand, frame and `shrink` (a
    factor) allow."""
    height, width = visual.pixels.shape[:2]
    if visual.stand is not None:
        stand = visual.stand
        foot_x = stand.foot.x * width * fit.scale + fit.dx
        foot_y = stand.foot.y * height * fit.scale + fit.dy
        most = max(stand.max_height * height * fit.scale, slot.fair * frame.height)
        across = slot.w * frame.width / shape.aspect
        limits = [most, _carried(visual, fit.scale, shape), across]
    else:
        foot_x = frame.x0 + slot.x * frame.width
        foot_y = frame.y0 + slot.y * frame.height
        limits = [slot.h * frame.height, slot.w * frame.width / shape.aspect]
    foot_y = max(min(foot_y, frame.y1 - 0.02 * frame.height), frame.y0 + 0.1 * frame.height)
    room = min(foot_y - frame.y0 + slot.pop * frame.height, foot_y - slot.top)
    side = 2 * (min(foot_x - frame.x0, frame.x1 - foot_x) - 0.05 * frame.width) / shape.aspect
    tall = max(8.0, shrink * min(*limits, room, side))
    wide = max(8, round(tall * shape.aspect))
    # A stand that lies outside the frame carries nothing; the product still stays on the page.
    x0 = max(frame.x0, min(round(foot_x - wide / 2), frame.x1 - wide))
    y1 = round(min(foot_y + shape.sunk * wide, max(foot_y, frame.y1 - 0.02 * frame.height)))
    return Box(x0, y1 - round(tall), x0 + wide, y1)


def draw_picture(visual: KeyVisual, fit: Fit, frame: Box) -> Pixels:
    """The part of the key visual that fills the frame, at the frame's size."""
    height, width = visual.pixels.shape[:2]
    if fit.scale == 1.0:
        x, y = int(frame.x0 - fit.dx), int(frame.y0 - fit.dy)
        return visual.pixels[y : y + frame.height, x : x + frame.width]
    matrix = np.array(
        [[fit.scale, 0, fit.dx - frame.x0], [0, fit.scale, fit.dy - frame.y0]], np.float64
    )
    # Half-pixel centres: the affine maps pixel centres, edges lie half a pixel before them.
    matrix[:, 2] += 0.5 * fit.scale - 0.5
    source = visual.pixels
    if fit.scale < 0.7:
        shrunk = (max(1, round(width * fit.scale)), max(1, round(height * fit.scale)))
        source = np.asarray(cv2.resize(source, shrunk, interpolation=cv2.INTER_AREA), np.uint8)
        matrix[0, 0], matrix[1, 1] = 1.0, 1.0
        matrix[:, 2] -= 0.5 * fit.scale - 0.5
    drawn = cv2.warpAffine(
        source,
        matrix,
        (frame.width, frame.height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(drawn, np.uint8)


def rect_of(box: Box | None) -> dict[str, Any] | None:
    """A box as templates read it."""
    return None if box is None else {"x0": box.x0, "y0": box.y0, "x1": box.x1, "y1": box.y1}
