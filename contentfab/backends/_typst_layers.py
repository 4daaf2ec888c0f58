"""A finished poster taken apart again: the ground with its bleed, what stands on it, the type.

Made from the log of the drawing (`_draw_log.py`), so that every colour and place is the poster's
own. Knows nothing about files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from contentfab.backends._draw_log import Log, Mark
from contentfab.backends._typst_geometry import Fit, draw_picture
from contentfab.backends._typst_raster import SetText, rounded
from contentfab.records.pictures import Poster
from contentfab.records.places import Box
from contentfab.rules.pixels.colour import hex_to_rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

MOST_ZOOM = 3.0
"""How much finer than the poster its ground is drawn at most, if the key visual has the pixels."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A poster in layers, bottom to top. `ground` is the page without product, logo, plates and
    type, `bleed` page pixels larger on every side and `zoom` times as fine; `marks` are drawn on
    it in order; `texts` have their ink. `texts` without runs are among the marks, as pictures."""

    poster: Poster
    ground: Pixels
    bleed: int
    zoom: float
    marks: tuple[Mark, ...]
    texts: tuple[SetText, ...]

    @property
    def title(self) -> str:
        """What a reader of the file shows as its name."""
        return f"{self.poster.variant} {self.poster.placement}"


def layers(
    log: Log, poster: Poster, bleed: int, finest: float, *, paragraphs: bool = True
) -> Layers:
    """The layers of the poster that was drawn under `log`. `finest` bounds the ground's zoom;
    without `paragraphs`, texts whose lines typst broke itself are pictures."""
    if log.scene is None or log.base is None or log.layer is None:
        raise ValueError("nothing was drawn under this log")
    marks = [mark for mark in log.marks if mark.scene is log.scene]
    page = log.scene.copy()
    for mark in reversed(marks):
        page[max(0, mark.box.y0) : mark.box.y1, max(0, mark.box.x0) : mark.box.x1] = mark.before
    zoom = max(1.0, min(finest, MOST_ZOOM, 1 / log.fit.scale))
    ground = _ground(log, page, bleed, zoom)
    told: list[SetText] = []
    drawn = list(_lasting(marks))
    for text in log.texts:
        if text.glyphs.width and (text.runs or (paragraphs and text.par)):
            told.append(text)
        elif text.glyphs.width:
            drawn.append(_as_picture(log, text))
    return Layers(poster, ground, bleed, zoom, tuple(drawn), tuple(told))


def _lasting(marks: list[Mark]) -> Iterator[Mark]:
    """Without those that were tried and taken back: the next one found the same ground."""
    for i, mark in enumerate(marks):
        following = marks[i + 1] if i + 1 < len(marks) else None
        if (
            following is None
            or following.box != mark.box
            or not np.array_equal(following.before, mark.before)
        ):
            yield mark


def _as_picture(log: Log, text: SetText) -> Mark:
    """A text that a template set without telling its words."""
    assert log.scene is not None and log.layer is not None
    box = text.glyphs
    image = np.zeros((box.height, box.width, 4), np.uint8)
    image[..., :3] = hex_to_rgb(text.ink)
    for line in text.lines:
        y0, y1 = max(box.y0, line.box.y0), min(box.y1, line.box.y1)
        x0, x1 = max(box.x0, line.box.x0 + line.shift), min(box.x1, line.box.x1 + line.shift)
        if y0 < y1 and x0 < x1:
            part = log.layer[y0:y1, x0 - line.shift : x1 - line.shift, 3]
            image[y0 - box.y0 : y1 - box.y0, x0 - box.x0 : x1 - box.x0, 3] = part
    return Mark(log.scene, box, image[..., :3], image)


def _ground(log: Log, page: Pixels, bleed: int, zoom: float) -> Pixels:
    """The page with its bleed. The picture goes on over the trimmed edge as far as it has pixels,
    then mirrored; shadows, scrims and plates (what is not in `log.base`) go on as they end."""
    assert log.base is not None
    if not bleed and zoom == 1.0:
        return page
    wide = _sheet(log, bleed, zoom)
    more: NDArray[Any] = page.astype(np.float32) - log.base
    more = cv2.copyMakeBorder(more, bleed, bleed, bleed, bleed, cv2.BORDER_REPLICATE)
    if zoom != 1.0:
        size = wide.shape[1], wide.shape[0]
        more = cv2.resize(more, size, interpolation=cv2.INTER_LINEAR)
    ground = np.asarray(np.clip(wide + more + 0.5, 0, 255), np.uint8)
    if zoom == 1.0:
        ground[bleed : bleed + page.shape[0], bleed : bleed + page.shape[1]] = page
    return ground


def _sheet(log: Log, bleed: int, zoom: float) -> Pixels:
    """`log.base` drawn again, larger by the bleed."""
    assert log.base is not None
    height, width = log.base.shape[:2]
    box: Box = log.frame.box
    reach = Box(
        box.x0 if box.x0 > 0 else -bleed,
        box.y0 if box.y0 > 0 else -bleed,
        box.x1 if box.x1 < width else width + bleed,
        box.y1 if box.y1 < height else height + bleed,
    )
    sheet = np.empty(
        (round((height + 2 * bleed) * zoom), round((width + 2 * bleed) * zoom), 3), np.uint8
    )
    corners = ((0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1))
    for y, x in corners:
        if not (box.x0 <= x < box.x1 and box.y0 <= y < box.y1):
            sheet[...] = log.base[y, x]
    frame = Box(*(round((edge + bleed) * zoom) for edge in reach))
    mirrored = int(np.ceil(bleed / log.fit.scale)) + 4
    pixels = cv2.copyMakeBorder(
        log.visual.pixels, mirrored, mirrored, mirrored, mirrored, cv2.BORDER_REFLECT_101
    )
    scale = log.fit.scale * zoom
    fit = Fit(
        scale,
        (log.fit.dx + bleed) * zoom - mirrored * scale,
        (log.fit.dy + bleed) * zoom - mirrored * scale,
    )
    picture = draw_picture(replace(log.visual, pixels=np.asarray(pixels, np.uint8)), fit, frame)
    # What the frame covers at the trimmed edge it covers beyond it, so that a rounded corner at
    # the edge does not show twice.
    covered: NDArray[Any] = np.zeros((height, width), np.float32)
    covered[box.y0 : box.y1, box.x0 : box.x1] = rounded(box.width, box.height, log.frame.radii)
    covered = cv2.copyMakeBorder(covered, bleed, bleed, bleed, bleed, cv2.BORDER_REPLICATE)
    covered = cv2.resize(covered, (sheet.shape[1], sheet.shape[0]), interpolation=cv2.INTER_LINEAR)
    part = sheet[frame.y0 : frame.y1, frame.x0 : frame.x1]
    share = covered[frame.y0 : frame.y1, frame.x0 : frame.x1, None]
    part[...] = (part * (1 - share) + picture * share + 0.5).astype(np.uint8)
    return sheet
