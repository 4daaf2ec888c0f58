"""Places in a picture: fractions that survive a resize, and boxes in pixels."""

from __future__ import annotations

from typing import NamedTuple


class Point(NamedTuple):
    """A place in a picture, as fractions of its width and height, from the top left."""

    x: float
    y: float


class Area(NamedTuple):
    """A rectangle in fractions of width and height."""

    x0: float
    y0: float
    x1: float
    y1: float


class Box(NamedTuple):
    """A rectangle in pixels, right and bottom exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0
