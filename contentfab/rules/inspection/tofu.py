"""Missing glyphs: the hollow rectangles that a font shows for a character that it lacks.

A box is a piece of ink whose four sides are straight and closed and whose inside is not: empty,
crossed out, or with small letters. It is as tall as a capital. Some characters look so themselves
(口, □, ロ, the frame of 国): as many boxes as a text has of those are no finding. Knows nothing of
fonts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.pictures import Finding
from contentfab.records.places import Box
from contentfab.rules.inspection.glyphs import glyphs
from contentfab.rules.inspection.subject import View, grown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

LOOK_LIKE = re.compile(
    "[\u56d7-\u571e口日曰目田且白百自首個箇姻恩咽捆涸錮梱ロㅁ\u25a0-\u25a3\u25ab\u25ad-\u25af\u2610-\u2612\u2b1c]"
)
"""Characters with a closed frame: Unicode's block of 囗, those that hold one, squares."""
LEAST = 12.0
"""Font size under which a box of a pixel's line cannot be told from a letter."""
TALL, WIDE = 0.52, 0.22
"""Least height and width of a box, in font sizes."""
LEAST_WIDE = 5.0
"""Least width of a box in pixels: in small print the 目 of 眼 is a hollow rectangle of three."""
MOST = 2.7
"""How many times the least height a box may be: the plates and keylines of a poster are larger."""
CLOSED = 0.94
"""Share of each side that is ink."""
FULL = 0.88
"""Most ink of a box, of its area: some fonts write NO GLYPH into theirs."""


def tofu(view: View) -> Iterator[Finding]:
    """No text shows boxes for characters that its font lacks."""
    for text in view.of.texts:
        if text.size < LEAST:
            continue
        # A box stands taller than letters: look a little over the text's own edges.
        found = glyphs(view, text, grown(text.box, round(0.3 * text.size)))
        if found is None:
            continue
        x, y = found.window.x0, found.window.y0
        boxes = [
            Box(box.x0 + x, box.y0 + y, box.x1 + x, box.y1 + y)
            for box in hollow(
                found.cover > 0.45, TALL * text.size, max(LEAST_WIDE, WIDE * text.size)
            )
        ]
        expected = len(LOOK_LIKE.findall(text.text))
        if len(boxes) > expected:
            count = len(boxes) - expected
            yield Finding(
                "poster.tofu",
                "error",
                f"{text.role} shows {count} {'box' if count == 1 else 'boxes'} where its font "
                "lacks a character",
                float(len(boxes)),
                float(expected),
                boxes[0],
            )


def hollow(ink: Mask, tall: float, wide: float) -> list[Box]:
    """Hollow upright rectangles of at least `tall` × `wide` pixels in a mask of ink."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    found = []
    for x, y, width, height, area in stats[1:count]:
        if not (tall <= height <= MOST * tall and wide <= width <= height):
            continue
        if area > FULL * width * height:
            continue
        part = ink[y : y + height, x : x + width]
        rim = max(1, round(0.02 * height))
        sides = (part[:rim].any(0), part[-rim:].any(0), part[:, :rim].any(1), part[:, -rim:].any(1))
        if all(float(side.mean()) >= CLOSED for side in sides):
            found.append(Box(int(x), int(y), int(x + width), int(y + height)))
    return found
