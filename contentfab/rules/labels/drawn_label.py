"""Where the visible label was drawn, as text that travels with the picture in its XMP packet.

`AI-generated|700,1280,1060,1330|1080x1350` is the label's words, its box in pixels (x0,y0,x1,y1)
and the picture's size. With it anyone can look for the label in the raster, with no manifest.
Knows nothing about pixels or packets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from contentfab.records.places import Box

_STORED = re.compile(r"(.{1,300})\|(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})\|(\d{1,6})x(\d{1,6})")
_SAME_SHAPE = 0.015  # by how much the two sides may scale differently: rounding, not cropping


@dataclass(frozen=True, slots=True)
class DrawnLabel:
    """A label's words and box, and width and height of the picture that it was drawn on."""

    text: str
    box: Box
    width: int
    height: int

    def stored(self) -> str:
        """The label as one line of text."""
        box = ",".join(str(value) for value in self.box)
        return f"{self.text}|{box}|{self.width}x{self.height}"

    def scaled(self, width: int, height: int) -> Box | None:
        """The box in the same picture at another size; None when the picture was cut or stretched,
        since nobody knows where its label is then."""
        across, down = width / self.width, height / self.height
        if abs(across / down - 1) > _SAME_SHAPE:
            return None
        x0, y0, x1, y1 = self.box
        if (width, height) == (self.width, self.height):
            return self.box
        return Box(int(x0 * across), int(y0 * down), round(x1 * across), round(y1 * down))


def parse_drawn(stored: str) -> DrawnLabel | None:
    """The label in `stored`, or None when it is not of that form or its box is not inside."""
    found = _STORED.fullmatch(stored)
    if not found:
        return None
    x0, y0, x1, y1, width, height = (int(value) for value in found.groups()[1:])
    if not (x0 < x1 <= width and y0 < y1 <= height):
        return None
    return DrawnLabel(found[1], Box(x0, y0, x1, y1), width, height)
