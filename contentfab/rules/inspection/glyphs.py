"""Type by its pixels: is the ink there, whole, sharp, legible, and made of real glyphs?

Ink is what differs from the picture without type; of a finished file, where that picture is gone,
what is nearer to the told ink than to the ground around the line. Nothing here reads letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.pictures import Finding, TextBox
from contentfab.records.places import Box
from contentfab.rules.inspection.subject import View, clipped, cut, grown, rows_of
from contentfab.rules.layout.type_scale import large_size
from contentfab.rules.pixels.colour import contrast as ratio_of
from contentfab.rules.pixels.colour import hex_to_rgb, worst_contrast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float32]

SMALL_CONTRAST, LARGE_CONTRAST = 4.5, 3.0
"""WCAG 2.2, 1.4.3."""
FADED = 0.75
"""Of the contrast that the told ink would have: what the ink on the raster has at least. Thin
strokes of small type never reach their full colour; the least of 200 good posters was 0.83."""
FAINT = 12.0
"""Levels of change under which there is no ink."""
LOST = 0.08, 2.0, 4.0
"""How much shorter than told a line's ink may be: in font sizes, and at least in pixels of a fresh
poster and of a finished file."""
GAP = 1.3
"""Widest gap between two words of a line, in font sizes."""
SHARP, SHARP_FROM = 0.3, 14.0
"""Least share of a glyph edge's height that is risen in one pixel (the tenth sharpest of a text;
good posters have 0.55 and more), and the font size from which this is looked at."""
STRAY = 40
"""Levels of change, outside of every told box, that are ink."""
STRAY_PIXELS = 12


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A line's ink: `cover` is how much of each pixel of `window` is ink, 0 … 1, `ground` the
    pixels without any (n, 3), `colour` the ink's own."""

    window: Box
    cover: Floats
    ground: NDArray[np.uint8]
    colour: NDArray[np.float64]
    reach: float


def glyphs(view: View, text: TextBox, row: Box) -> Glyphs | None:
    """The ink of one line, or None when there is none."""
    key = (text, row)
    if key not in view.notes:
        view.notes[key] = _measured(view, text, row)
    found: Glyphs | None = view.notes[key]
    return found


def _measured(view: View, text: TextBox, row: Box) -> Glyphs | None:
    room = max(3, round(0.12 * text.size))
    window = clipped(grown(row, room), view.page)
    if window.width < 3 or window.height < 3:
        return None
    shown = cut(view.of.pixels, window)
    if view.kept:
        change = cut(view.ink, window)
        reach = float(np.quantile(change, 0.995))
        # A line of little ink in a wide window: look at its own pixels.
        reach = max(reach, float(np.sort(change, axis=None)[-max(4, change.size // 400) :][0]))
        cover = np.minimum(change / max(reach, 1.0), 1.0)
        assert view.of.background is not None
        ground = cut(view.of.background, clipped(row, view.page)).reshape(-1, 3)
    else:
        told = np.array(hex_to_rgb(text.ink), np.float32)
        plain = _around(shown, room)
        along = told - plain
        reach = float(np.abs(along).max())
        cover = ((shown - plain) @ along) / max(float(along @ along), 1.0)
        top = float(np.quantile(cover, 0.995))
        if top < 0.5:  # faded ink is ink
            reach *= max(0.0, top)
            cover /= max(top, 1e-3)
        ground = shown[cover < 0.12]
    if reach < FAINT:
        return None
    cover = np.clip(cover, 0.0, 1.0).astype(np.float32)
    core = shown[cover >= min(0.9, float(np.quantile(cover, 0.995)))]
    if not len(core) or not (cover > 0.5).any():
        return None
    return Glyphs(window, cover, ground, np.median(core, axis=0).astype(float), reach)


def ink(view: View) -> Iterator[Finding]:
    """Every told text has its ink where it was told, whole from edge to edge."""
    for text in view.of.texts:
        for row in rows_of(text):
            found = glyphs(view, text, row)
            if found is None:
                message = f"{text.role} has no ink on the picture"
                yield Finding("poster.text-missing", "error", message, 0.0, FAINT, row)
                break
            lost = _lost(view, text, row, found)
            if lost is not None:
                yield lost
                break


def stray(view: View) -> Iterator[Finding]:
    """All ink is inside the boxes that were told: nothing runs over its measure."""
    change = view.ink >= STRAY
    for text in view.of.texts:
        for row in rows_of(text):
            x0, y0, x1, y1 = grown(row, 3)
            change[max(0, y0) : y1, max(0, x0) : x1] = False
    count = int(np.count_nonzero(change))
    if count >= STRAY_PIXELS:
        rows, columns = np.flatnonzero(change.any(axis=1)), np.flatnonzero(change.any(axis=0))
        box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        message = f"{count} pixels of ink lie outside of the text's boxes"
        yield Finding("poster.text-stray", "error", message, float(count), float(STRAY_PIXELS), box)


def contrast(view: View) -> Iterator[Finding]:
    """Every text reads on the pixels that it stands on: WCAG contrast of its ink with the worst
    5 % of its ground."""
    limit = large_size(view.width, view.height)
    for text in view.of.texts:
        found = [g for row in rows_of(text) if (g := glyphs(view, text, row)) is not None]
        if not found:
            continue
        ground = np.concatenate([g.ground for g in found])
        told = np.array(hex_to_rgb(text.ink), float)
        ratio = worst_contrast(told, ground[:: max(1, len(ground) // 20000)])
        middle = np.median(ground, axis=0)
        seen = max(float(ratio_of(g.colour, middle)) for g in found)
        meant = max(1.01, float(ratio_of(told, middle)))
        # The ink on the raster is not the told one: then the measured one counts.
        if seen < FADED * meant:
            ratio = min(ratio, worst_contrast(found[0].colour, ground))
        need = LARGE_CONTRAST if text.size >= limit and text.role != "label" else SMALL_CONTRAST
        slack = 0.95 if view.of.marked else 1.0
        yield Finding(
            "poster.contrast",
            "pass" if ratio >= need * slack else "error",
            f"{text.role} has {ratio:.1f}:1 on its ground, needs {need:g}:1",
            round(ratio, 2),
            need,
            text.box,
        )


def sharp(view: View) -> Iterator[Finding]:
    """The edges of the type are edges."""
    for text in view.of.texts:
        if text.size < SHARP_FROM:
            continue
        found = glyphs(view, text, rows_of(text)[0])
        if found is None:
            continue
        across = np.abs(np.diff(found.cover, axis=1))
        edges = across[across > 0.06]
        rise = float(np.quantile(edges, 0.9)) if len(edges) >= 12 else 1.0
        if rise < SHARP:
            yield Finding(
                "poster.text-blurred",
                "error",
                f"{text.role} is blurred: its edges rise {rise:.2f} of their height a pixel",
                round(rise, 3),
                SHARP,
                text.box,
            )


def _around(shown: NDArray[np.uint8], room: int) -> Floats:
    """The ground's colour beside each pixel of a window: the rims above and below, in between."""
    top = np.median(shown[: max(1, room - 1)], axis=0)
    low = np.median(shown[-max(1, room - 1) :], axis=0)
    both = np.stack([top, low]).astype(np.float32)
    wide = max(3, shown.shape[1] // 8) | 1
    both = np.asarray(cv2.blur(both, (wide, 1)), np.float32)
    share = np.linspace(0, 1, shown.shape[0], dtype=np.float32)[:, None, None]
    middle = np.asarray(both[0] * (1 - share) + both[1] * share, np.float32)
    # One colour for all: `along` must be a single direction.
    return np.asarray(np.median(middle.reshape(-1, 3), axis=0), np.float32)


def _lost(view: View, text: TextBox, row: Box, found: Glyphs) -> Finding | None:
    """What is missing at a line's ends or inside of it."""
    there = found.cover > (0.25 if view.kept else 0.4)
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not len(rows):
        return None
    ink_box = Box(
        found.window.x0 + int(columns[0]),
        found.window.y0 + int(rows[0]),
        found.window.x0 + int(columns[-1]) + 1,
        found.window.y0 + int(rows[-1]) + 1,
    )
    allowed = max(LOST[0] * text.size, LOST[1] if view.kept else LOST[2])
    short = {
        "left": ink_box.x0 - row.x0,
        "top": ink_box.y0 - row.y0,
        "right": row.x1 - ink_box.x1,
        "bottom": row.y1 - ink_box.y1,
    }
    side = max(short, key=lambda name: short[name])
    if short[side] > allowed:
        message = f"{text.role} is cut off: {short[side]} px of its {side} are missing"
        return Finding(
            "poster.text-clipped", "error", message, float(short[side]), round(allowed, 1), row
        )
    own = there[max(0, row.y0 - found.window.y0) : row.y1 - found.window.y0]
    gap = int(np.diff(np.flatnonzero(own.any(axis=0))).max(initial=0)) - 1
    if gap > GAP * text.size + 2:
        message = f"{text.role} has a hole of {gap} px"
        return Finding(
            "poster.text-clipped", "error", message, float(gap), round(GAP * text.size, 1), row
        )
    return None
