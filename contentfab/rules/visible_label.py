"""Is there a text of the right height where the visible label should be? Looks at pixels only.

This is no reading of letters: it finds ink of clear contrast, of the height that was promised,
with as many strokes as letters make. Covering or cutting off the label is found; another text of
the same size in the same place is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture
    from contentfab.records.places import Box

_MIN_CONTRAST = 40.0  # grey levels between ink and ground
_MIN_EXTENT = 0.6  # of the box's height that the ink must span
_STROKES_PER_LETTER = 0.5


def visible_fault(pixels: Picture, text: str, box: Box, min_height: float = 0.0) -> str:
    """What is wrong with the label in `box`, in one sentence; "" when nothing is.

    `min_height` is the least height of the text as a fraction of the shortest side."""
    height, width = pixels.shape[:2]
    if not (0 <= box.x0 < box.x1 <= width and 0 <= box.y0 < box.y1 <= height):
        return f"the visible label's box {tuple(box)} lies outside the {width} x {height} picture"
    needed = min_height * min(width, height)
    if box.height + 1 < needed:
        return f"the visible label is {box.height} pixels tall; {needed:.0f} are required"
    patch = pixels[box.y0 : box.y1, box.x0 : box.x1].astype(np.float64)
    grey = patch @ np.array([0.299, 0.587, 0.114])
    dark, light = np.percentile(grey, [2, 98])
    if light - dark < _MIN_CONTRAST:
        return "there is no text of clear contrast in the visible label's box"
    ink = grey > (dark + light) / 2
    if ink.mean() > 0.5:
        ink = ~ink
    rows = np.flatnonzero(ink.any(axis=1))
    if rows[-1] - rows[0] + 1 < _MIN_EXTENT * box.height:
        return "the ink in the visible label's box is less tall than the label"
    strokes = int(np.diff(ink.astype(np.int8), axis=1).clip(min=0).sum(axis=1).max())
    letters = sum(not c.isspace() for c in text)
    if strokes < max(2, int(_STROKES_PER_LETTER * letters)):
        return "what stands in the visible label's box does not look like text"
    return ""
