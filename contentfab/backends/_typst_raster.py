"""Drawing on pixels: rounded shapes, frosted plates, scrims, and the typeset layer in its inks.

Everything changes the picture in place and only where it draws. Boxes are in pixels.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from contentfab.backends import _draw_log as log
from contentfab.backends._typst_neutral import scrambled
from contentfab.records.places import Box
from contentfab.rules.pixels.colour import hex_to_rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

Radii = Sequence[float]
NO_BOX = Box(0, 0, 0, 0)


@dataclass(slots=True)
class Line:
    """One piece of set text: where its pixels are in the layer, the measure that it is set
    in (left and right), and how far it is moved to be flush with it."""

    box: Box
    edges: tuple[int, int]
    shift: int = 0


@dataclass(slots=True)
class SetText:
    """A text as the template set it. `lines` do not overlap; `ink` is filled in by the renderer.
    `runs` are the stretches of each line, or `par` the paragraph, for files that keep text."""

    role: str
    size: float
    weight: int
    count: int
    side: str
    lines: list[Line] = field(default_factory=list)
    glyphs: Box = NO_BOX
    rows: list[Box] = field(default_factory=list)
    ink: str = "#000000"
    runs: list[list[dict[str, Any]]] = field(default_factory=list)
    par: dict[str, Any] | None = None


def rounded(width: int, height: int, radii: Radii) -> Floats:
    """Coverage of a rounded rectangle, shape (height, width); radii are top left, top right,
    bottom right, bottom left. Exact to a fraction of a pixel by its signed distance."""
    top_left, top_right, bottom_right, bottom_left = (float(r) for r in radii)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + 0.5
    right, low = x > width / 2, y > height / 2
    radius = np.where(
        right,
        np.where(low, bottom_right, top_right),
        np.where(low, bottom_left, top_left),
    )
    dx = np.abs(x - width / 2) - (width / 2 - radius)
    dy = np.abs(y - height / 2) - (height / 2 - radius)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
    distance = outside + np.minimum(np.maximum(dx, dy), 0) - radius
    return np.asarray(np.clip(0.5 - distance, 0, 1), np.float32)


def fill(scene: Pixels, box: Box, radii: Radii, colour: str, opacity: float = 1.0) -> None:
    """A rounded rectangle of one colour."""
    log.shape(scene, box, radii, colour, opacity)
    mask = rounded(box.width, box.height, radii) * opacity
    _mix(scene, box, np.array(hex_to_rgb(colour), np.float32), mask)


def frosted(scene: Pixels, box: Box, radii: Radii, colour: str, opacity: float) -> None:
    """A plate of frosted glass: the ground under it blurred, then tinted."""
    pad = max(8, box.height // 3)
    y0, y1 = max(0, box.y0 - pad), min(scene.shape[0], box.y1 + pad)
    x0, x1 = max(0, box.x0 - pad), min(scene.shape[1], box.x1 + pad)
    soft = cv2.GaussianBlur(scene[y0:y1, x0:x1], (0, 0), max(2.0, 0.16 * box.height))
    under = soft[box.y0 - y0 : box.y1 - y0, box.x0 - x0 : box.x1 - x0].astype(np.float32)
    log.shape(scene, box, radii, colour, opacity, under)
    tinted = under * (1 - opacity) + np.array(hex_to_rgb(colour), np.float32) * opacity
    _mix(scene, box, tinted, rounded(box.width, box.height, radii))


def picture_in_frame(page: Pixels, picture: Pixels, box: Box, radii: Radii) -> None:
    """A picture of the box's size with rounded corners."""
    if not any(radii):
        page[box.y0 : box.y1, box.x0 : box.x1] = picture
    else:
        _mix(page, box, picture.astype(np.float32), rounded(box.width, box.height, radii))


def scrim(scene: Pixels, text: Box, colour: str, strength: float, keep: Sequence[Box] = ()) -> None:
    """Tints the ground under `text`, falling off softly; a text near an edge of the page takes
    the whole edge, so that the scrim reads as light and not as a box. What stands in `keep` (the
    product, its podium) is not faded: there the tint only reaches as far as the text does."""
    height, width = scene.shape[:2]
    shortest = min(height, width)
    near, reach = 0.12 * shortest, 0.2 * shortest
    broad = text.width > 0.45 * width
    x0 = 0 if broad or text.x0 < near else text.x0
    x1 = width if broad or text.x1 > width - near else text.x1
    y0 = 0 if text.y0 < 2 * near else text.y0
    y1 = height if text.y1 > height - 2 * near else text.y1
    rows, columns = max(2, height // 4), max(2, width // 4)
    y = (np.arange(rows, dtype=np.float32) + 0.5)[:, None] * height / rows
    x = (np.arange(columns, dtype=np.float32) + 0.5)[None, :] * width / columns
    t = np.clip(1 - _distance(x, y, Box(x0, y0, x1, y1)) / reach, 0, 1)
    under = np.clip(1 - _distance(x, y, text) / (0.05 * shortest), 0, 1)
    for box in keep:
        away = np.clip(_distance(x, y, box) / (0.14 * shortest), 0, 1)
        t = np.minimum(t, np.maximum(away, under))
    smooth = (t * t * (3 - 2 * t) * strength).astype(np.float32)
    mask = np.asarray(cv2.resize(smooth, (width, height)), np.float32)
    _mix(scene, Box(0, 0, width, height), np.array(hex_to_rgb(colour), np.float32), mask)


def _distance(x: Floats, y: Floats, box: Box) -> Floats:
    """Distance of every point of a grid from a box; 0 inside."""
    dx = np.maximum(np.maximum(box.x0 - x, x - box.x1), 0)
    dy = np.maximum(np.maximum(box.y0 - y, y - box.y1), 0)
    return np.asarray(np.hypot(dx, dy), np.float32)


def find_glyphs(layer: Pixels, text: SetText) -> None:
    """Measures where ink is: moves each line so that it is optically flush with its side, and
    sets `text.glyphs` and, line by line, `text.rows`. `layer` is the typeset page, RGBA."""
    joined = _part_lines(layer[..., 3], text)
    boxes = []
    for line in text.lines:
        ink = ink_box(layer[..., 3], line.box)
        if ink is None:
            continue
        if text.side == "left":
            line.shift = line.edges[0] - ink.x0
        elif text.side == "right":
            line.shift = line.edges[1] - ink.x1
        else:
            line.shift = round((sum(line.edges) - ink.x0 - ink.x1) / 2)
        limit = round(0.14 * text.size)
        line.shift = max(-limit, min(limit, line.shift))
        if joined:
            line.shift = 0
        boxes.append(Box(ink.x0 + line.shift, ink.y0, ink.x1 + line.shift, ink.y1))
    if boxes:
        text.glyphs, text.rows = union(boxes), boxes


def part_texts(layer: Pixels, texts: Sequence[SetText]) -> None:
    """Where lines of different texts claim the same rows, gives each row to one of them: the
    border is where the least ink is. Without this, an ascender's room would take a descender, and
    that of a giant headline a whole line over it."""
    lines = sorted((line for text in texts for line in text.lines), key=lambda line: line.box.y1)
    for upper, lower in itertools.combinations(lines, 2):
        inside = lower.box.y0 <= upper.box.y0
        top, low = max(lower.box.y0, upper.box.y0), upper.box.y1
        apart = upper.box.x1 <= lower.box.x0 or lower.box.x1 <= upper.box.x0
        if apart or top >= low or low >= lower.box.y1:
            continue
        x0, x1 = max(0, min(upper.box.x0, lower.box.x0)), max(upper.box.x1, lower.box.x1)
        ink = (layer[max(0, top) : low, x0:x1, 3] > 0).sum(axis=1)
        # A line inside the room of another one is parted from it only where there is no ink.
        if len(ink) and not (inside and ink.min() > 0):
            border = low - 1 - int(ink[::-1].argmin())
            upper.box = upper.box._replace(y1=border)
            lower.box = lower.box._replace(y0=border)


def _part_lines(alpha: Pixels, text: SetText) -> bool:
    """Moves the border between two lines to the row with the least ink near it. True when some
    row has ink of both (a descender beside an accent): then the lines cannot be moved apart."""
    joined = False
    for upper, lower in itertools.pairwise(text.lines):
        x0, x1 = max(0, min(upper.box.x0, lower.box.x0)), max(upper.box.x1, lower.box.x1)
        top = max(upper.box.y0 + 1, round(upper.box.y1 - 0.24 * text.size))
        low = min(lower.box.y1 - 1, round(upper.box.y1 + 0.12 * text.size))
        if top >= low:
            continue
        ink = (alpha[top:low, x0:x1] > 0).sum(axis=1)
        distance = np.abs(np.arange(top, low) - upper.box.y1)
        border = top + int(np.lexsort((distance, ink))[0])
        shared = bool(ink.min() > 0)
        joined = joined or shared
        rows = np.s_[min(border, upper.box.y1) : max(border, upper.box.y1)]
        # A line as wide as its neighbour would claim what stands beside it; it is made so only
        # where the rows that it gains have ink beyond its own ends.
        gains = upper if border > upper.box.y1 else lower
        sides = alpha[rows, x0 : max(0, gains.box.x0)], alpha[rows, max(0, gains.box.x1) : x1]
        if any((side > 0).any() for side in sides):
            gains.box = gains.box._replace(x0=x0, x1=x1)
        for line in (upper, lower) if shared else ():
            line.box = line.box._replace(x0=x0, x1=x1)
        upper.box = upper.box._replace(y1=border)
        lower.box = lower.box._replace(y0=border)
    return joined


def ink_box(alpha: Pixels, within: Box) -> Box | None:
    """The smallest box of non-zero alpha inside `within`, or None."""
    part = alpha[max(0, within.y0) : within.y1, max(0, within.x0) : within.x1] > 0
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    if not len(rows):
        return None
    x, y = max(0, within.x0), max(0, within.y0)
    return Box(
        x + int(columns[0]), y + int(rows[0]), x + int(columns[-1]) + 1, y + int(rows[-1]) + 1
    )


def ink_text(scene: Pixels, layer: Pixels, text: SetText, *, neutral: bool = False) -> None:
    """Draws one text of the layer in its ink; `neutral` with glyphs that nobody can read."""
    ink = np.array(hex_to_rgb(text.ink), np.float32)
    height, width = scene.shape[:2]
    for line in text.lines:
        y0, y1 = max(0, line.box.y0), min(height, line.box.y1)
        x0, x1 = max(0, line.box.x0, -line.shift), min(width, line.box.x1, width - line.shift)
        if x0 >= x1 or y0 >= y1:
            continue
        cover = layer[y0:y1, x0:x1, 3]
        if neutral:
            cover = scrambled(cover, text.size, seed=y0)
        alpha = np.asarray(cover / 255, np.float32)
        _mix(scene, Box(x0 + line.shift, y0, x1 + line.shift, y1), ink, alpha)


def draw_rest(scene: Pixels, layer: Pixels, texts: Sequence[SetText]) -> None:
    """Draws what the template set besides its told texts (ornaments), in its own colours."""
    alpha = layer[..., 3].copy()
    for text in texts:
        for line in text.lines:
            x0, y0, x1, y1 = (max(0, edge) for edge in line.box)
            alpha[y0:y1, x0:x1] = 0
    box = ink_box(alpha, Box(0, 0, alpha.shape[1], alpha.shape[0]))
    if box is not None:
        part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
        log.image(scene, box, np.dstack([layer[part][..., :3], alpha[part]]))
        mask = np.asarray(alpha[part] / 255, np.float32)
        _mix(scene, box, layer[part][..., :3].astype(np.float32), mask)


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box around all."""
    return Box(
        min(b.x0 for b in boxes),
        min(b.y0 for b in boxes),
        max(b.x1 for b in boxes),
        max(b.y1 for b in boxes),
    )


def _mix(scene: Pixels, box: Box, colour: Floats, mask: Floats) -> None:
    height, width = scene.shape[:2]
    x0, y0, x1, y1 = max(0, box.x0), max(0, box.y0), min(width, box.x1), min(height, box.y1)
    if x0 >= x1 or y0 >= y1:
        return
    part = mask[y0 - box.y0 : y1 - box.y0, x0 - box.x0 : x1 - box.x0, None]
    if colour.ndim == 3:
        colour = colour[y0 - box.y0 : y1 - box.y0, x0 - box.x0 : x1 - box.x0]
    area = scene[y0:y1, x0:x1]
    area[...] = (area * (1 - part) + colour * part + 0.5).astype(np.uint8)
