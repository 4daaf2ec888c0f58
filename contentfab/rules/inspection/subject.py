"""What is inspected: a picture, and what is known of it.

A poster fresh from the layout comes with everything; a finished file of a run with its record of
composition, but without the picture under its type; a stranger's picture with nothing. What is
None is not known, and a rule that needs it is not run and said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from contentfab.records.brand import Brand
from contentfab.records.channel import Placement
from contentfab.records.pictures import PosterText, TextBox
from contentfab.records.places import Box
from contentfab.rules.layout.type_scale import LABEL_SHARE
from contentfab.rules.product.cutout import scale_cutout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contentfab.records.pictures import Picture

    Mask = NDArray[np.bool_]
    Pixels = NDArray[np.uint8]

PILL = 1.3
"""How far a pill or plate may reach beyond the glyphs of one line on it, in line heights."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A picture with what is known of it. `text` is what was asked to be written, `texts` what is;
    `product` the cut-out that was asked for, `masters` the brand's logo files (RGBA, cropped to
    what is visible), `background` the picture before any text was set, `frame` the part of the page
    that shows the key visual. `composed` says that texts, boxes and logo are those that a layout
    told; `marked` that the picture went through watermark and encoder since."""

    pixels: Picture
    placement: Placement | None = None
    text: PosterText | None = None
    texts: tuple[TextBox, ...] = ()
    product: Path | None = None
    product_box: Box | None = None
    logo_box: Box | None = None
    masters: tuple[Pixels, ...] = ()
    brand: Brand | None = None
    background: Picture | None = None
    frame: Box | None = None
    label_share: float = LABEL_SHARE
    composed: bool = False
    marked: bool = False


class View:
    """A subject with what several rules measure on it, each worked out once."""

    def __init__(self, subject: Subject) -> None:
        self.of = subject
        self.height, self.width = subject.pixels.shape[:2]
        self.shortest = min(self.height, self.width)
        self.notes: dict[object, Any] = {}

    @cached_property
    def page(self) -> Box:
        return Box(0, 0, self.width, self.height)

    @cached_property
    def scene(self) -> Picture:
        """The picture without type where it was kept, else as it is."""
        ground = self.of.background
        return self.of.pixels if ground is None or not self.kept else ground

    @property
    def fresh(self) -> bool:
        """Whether this is a poster as its layout made it, before watermark and encoder."""
        return self.of.composed and not self.of.marked

    @property
    def kept(self) -> bool:
        """Whether the picture without type is there, and as large."""
        ground = self.of.background
        return ground is not None and ground.shape == self.of.pixels.shape

    @cached_property
    def part(self) -> Box:
        """The part of the page that shows the picture, a little inside of its border."""
        frame = self.of.frame
        if frame is None or frame == self.page:
            return self.page
        inset = round(0.012 * self.shortest)
        part = clipped(grown(frame, -inset), self.page)
        return part if part.width > 16 and part.height > 16 else self.page

    @cached_property
    def grey(self) -> Pixels:
        """The part of the scene that shows the picture, in grey; shape as `part`."""
        return np.asarray(cv2.cvtColor(self.scene_part, cv2.COLOR_RGB2GRAY), np.uint8)

    @cached_property
    def scene_part(self) -> Picture:
        return np.ascontiguousarray(cut(self.scene, self.part))

    @cached_property
    def free(self) -> Mask:
        """Where the part shows nothing but the scene: no product, logo, type or what carries it."""
        mask = np.ones((self.part.height, self.part.width), bool)
        boxes = [(self.of.product_box, 0.01 * self.shortest)]
        if self.of.logo_box is not None:
            boxes.append((self.of.logo_box, 0.5 * self.of.logo_box.height))
        for text in self.of.texts:
            line = text.box.height / max(1, text.lines)
            on_plate = text.role in ("cta", "label") or not self.kept
            boxes.append((text.box, PILL * line if on_plate else 0.3 * line))
        for box, room in boxes:
            if box is not None:
                x0, y0, x1, y1 = grown(box, round(room) + 2)
                left, top = self.part.x0, self.part.y0
                mask[max(0, y0 - top) : max(0, y1 - top), max(0, x0 - left) : max(0, x1 - left)] = (
                    False
                )
        return mask

    @cached_property
    def ink(self) -> Pixels:
        """By how much each pixel changed when the type was set, 0 … 255; shape (height, width).
        Only where the picture without type was kept."""
        assert self.of.background is not None
        planes = cv2.split(cv2.absdiff(self.of.pixels, self.of.background))
        return np.asarray(cv2.max(cv2.max(planes[0], planes[1]), planes[2]), np.uint8)

    @cached_property
    def cutout(self) -> Pixels | None:
        """The product scaled to its box, RGBA; None when no product was asked for or shown."""
        box = self.of.product_box
        if self.of.product is None or box is None or box.width < 1 or box.height < 1:
            return None
        return scale_cutout(self.of.product, box.width, box.height)


def grown(box: Box, by: int) -> Box:
    return Box(box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by)


def clipped(box: Box, to: Box) -> Box:
    """The part of a box inside another; empty boxes have no width or height, never a negative."""
    x0, y0 = max(box.x0, to.x0), max(box.y0, to.y0)
    return Box(x0, y0, max(x0, min(box.x1, to.x1)), max(y0, min(box.y1, to.y1)))


def cut(picture: Pixels, box: Box) -> Pixels:
    """The pixels of a box that lies inside the picture."""
    return picture[box.y0 : box.y1, box.x0 : box.x1]


def meet(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def rows_of(text: TextBox) -> tuple[Box, ...]:
    """The boxes of a text's lines, or its own when they were not told."""
    return text.rows or (text.box,)
