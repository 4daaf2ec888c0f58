"""The visible label as it stands in the pixels: how tall, how clear, and where one could stand.

Nothing here reads letters. In a given box it parts ink from ground, lines from each other, and by
the shares of their widths the ideographs from the letters beside them: the law's height is that of
characters, so it is the ink of the ideographs that counts, and in a text without any the line from
the top of its highest to the foot of its deepest letter. Covering, cutting off or fading a label
is found; another text of the same size in the same place is not.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.places import Box
from contentfab.rules.pixels.colour import LUMA, worst_contrast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contentfab.records.pictures import Picture

    Mask = NDArray[np.bool_]

MIN_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3."""
_FAINT = 24.0
"""Grey levels between ink and ground under which there is nothing to measure."""
_STROKES_PER_LETTER = 0.5
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_NARROW = 0.14
"""Of an em: how far the columns of an ideograph are looked at inside of where it should end."""
_SCRAP = 0.3
"""Of the tallest line: rows of ink lower than this are an accent, not a line."""
_SEPARATOR = "·"
_WORK_SIZE = 256
_LIVELY = 8.0
_NEARLY = 0.06
"""How much busier than the calmest corner the preferred one may be."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A label in the raster: `height` of its glyphs in pixels (of several lines with ideographs,
    the lowest), WCAG `contrast` of ink and ground (that 95 % of the ground reach), lines found,
    and `strokes` crossed by the row of the most."""

    height: int
    contrast: float
    lines: int
    strokes: int


def measure(pixels: Picture, text: str, box: Box) -> Measured | None:
    """The ink in `box`, which encloses the glyphs of `text`; None when there is none."""
    edge = max(2, box.height // 12)
    y0, x0 = max(0, box.y0 - edge), max(0, box.x0 - edge)
    around = pixels[y0 : box.y1 + edge, x0 : box.x1 + edge]
    inner = np.s_[box.y0 - y0 : box.y1 - y0, box.x0 - x0 : box.x1 - x0]
    grey = around.astype(np.float32) @ np.float32(LUMA)
    rim = np.ones(grey.shape, bool)
    rim[inner] = False
    if not rim.any() or not grey[inner].size:
        return None
    apart = grey - np.median(grey[rim])
    low, high = np.percentile(apart[inner], [2, 98])
    apart, reach = (apart, float(high)) if high >= -low else (-apart, float(-low))
    if reach < _FAINT:
        return None
    ink = apart[inner] > reach / 2
    lines = _lines(ink)
    if not lines:
        return None
    core = around[inner][apart[inner] >= np.quantile(apart[inner][ink], 0.9)]
    near = cv2.dilate((apart > reach / 4).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    ground = around[inner][~near[inner]]
    ground = ground if len(ground) else around[rim]
    colour = np.median(core, axis=0)
    return Measured(
        height=_height(ink, lines, text),
        contrast=worst_contrast(colour, ground),
        lines=len(lines),
        strokes=int(np.diff(ink.astype(np.int8), axis=1).clip(min=0).sum(axis=1).max()),
    )


def visible_fault(
    pixels: Picture,
    text: str,
    box: Box,
    min_height: float = 0.0,
    min_contrast: float = MIN_CONTRAST,
) -> str:
    """What is wrong with the label in `box`, in one sentence; "" when nothing is.

    `min_height` is the least height of the glyphs as a fraction of the shortest side. One pixel
    and a twentieth of the contrast are allowed for what a lossy encoder does to edges."""
    height, width = pixels.shape[:2]
    if not (0 <= box.x0 < box.x1 <= width and 0 <= box.y0 < box.y1 <= height):
        return f"the visible label's box {tuple(box)} lies outside the {width} x {height} picture"
    found = measure(pixels, text, box)
    if found is None:
        return "there is no text of clear contrast in the visible label's box"
    letters = sum(not c.isspace() for c in text) / found.lines
    if found.strokes < max(2, int(_STROKES_PER_LETTER * letters)):
        return "what stands in the visible label's box does not look like text"
    needed = min_height * min(width, height)
    if found.height + 1 < needed:
        return f"the visible label is {found.height} pixels tall; {needed:.0f} are required"
    if found.contrast < 0.95 * min_contrast:
        shown = f"{found.contrast:.1f}:1; {min_contrast:g}:1 is required"
        return f"the visible label's contrast is {shown}"
    return ""


def free_corner(pixels: Picture, boxes: Mapping[str, Box]) -> tuple[str, float]:
    """The first of the named places that is nearly as calm as the calmest, and how busy it is, 0
    calm … 1 busy. Busy is what has edges (type, faces, products) or stands out from the whole."""
    busy = business(pixels)
    rows, columns = busy.shape
    height, width = pixels.shape[:2]
    scores = {}
    for name, box in boxes.items():
        y0, x0 = int(box.y0 / height * rows), int(box.x0 / width * columns)
        y1, x1 = int(np.ceil(box.y1 / height * rows)), int(np.ceil(box.x1 / width * columns))
        part = busy[max(0, y0) : max(y1, y0 + 1), max(0, x0) : max(x1, x0 + 1)]
        scores[name] = float(0.5 * part.mean() + 0.5 * np.quantile(part, 0.96))
    calmest = min(scores.values())
    return next((name, score) for name, score in scores.items() if score <= calmest + _NEARLY)


def business(pixels: Picture) -> NDArray[np.float32]:
    """Edges and saliency, each 0 … 1 and summed to at most 1, of the picture made small.

    Saliency is the spectral residual (Hou and Zhang, "Saliency Detection: A Spectral Residual
    Approach", CVPR 2007)."""
    height, width = pixels.shape[:2]
    scale = _WORK_SIZE / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 4
    spectrum = np.fft.fft2(cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA))
    level = np.log(np.abs(spectrum) + 1e-6).astype(np.float32)
    residual = np.exp(level - cv2.blur(level, (3, 3)) + 1j * np.angle(spectrum))
    salient = cv2.GaussianBlur((np.abs(np.fft.ifft2(residual)) ** 2).astype(np.float32), (0, 0), 2)
    alive = min(1.0, float(grey.std()) / _LIVELY)  # in a flat picture nothing stands out
    salient = np.asarray(alive * salient / max(float(salient.max()), 1e-12), np.float32)
    salient = np.asarray(cv2.resize(salient, size), np.float32)
    return np.asarray(0.75 * np.clip(edges / 24, 0, 1) + 0.25 * salient, np.float32)


def _lines(ink: Mask) -> list[tuple[int, int]]:
    """Rows of each line of ink, from the top; accents and dots belong to the line that they are
    nearest to."""
    runs = _runs(np.asarray(ink.any(axis=1)))
    tallest = max((end - start for start, end in runs), default=0)
    lines: list[tuple[int, int]] = []
    waiting: int | None = None
    for start, end in runs:
        first = waiting if waiting is not None else start
        if end - start >= _SCRAP * tallest:
            lines.append((first, end))
            waiting = None
        elif lines and (waiting is None):
            after = next((s for s, e in runs if s >= end and e - s >= _SCRAP * tallest), None)
            if after is not None and after - end < start - lines[-1][1]:
                waiting = start
            else:
                lines[-1] = (lines[-1][0], end)
        else:
            waiting = first
    return lines


def _height(ink: Mask, lines: Sequence[tuple[int, int]], text: str) -> int:
    if not _IDEOGRAPHS.search(text):
        return max(end - start for start, end in lines)
    heights = []  # of the tallest ideographs of each line that has any
    for (start, end), words in zip(lines, _words_of(ink, lines, text), strict=True):
        row = ink[start:end]
        columns = np.flatnonzero(row.any(axis=0))
        left, wide = int(columns[0]), int(columns[-1]) + 1 - int(columns[0])
        em = wide / max(_wide(words), 1e-6)
        if _RIGHT_TO_LEFT.search(words):  # such a line's words stand in the opposite order
            words = " ".join(reversed(words.split()))
        tall = []
        for found in _IDEOGRAPHS.finditer(words):
            first = left + em * (_wide(words[: found.start()]) + _NARROW)
            last = left + em * (_wide(words[: found.end()]) - _NARROW)
            inked = np.flatnonzero(row[:, max(0, int(first)) : int(np.ceil(last))].any(axis=1))
            tall.append(int(inked[-1]) + 1 - int(inked[0]) if len(inked) else 0)
        heights += [max(tall)] if tall else []
    return min(heights, default=0)


def _words_of(ink: Mask, lines: Sequence[tuple[int, int]], text: str) -> list[str]:
    """The part of the text that each line holds: the split whose widths are most like the ink's."""
    if len(lines) == 1:
        return [text]
    words = text.split()
    if len(words) < len(lines):
        return [text, *[""] * (len(lines) - 1)]
    widths = np.array([np.ptp(np.flatnonzero(ink[a:b].any(axis=0))) + 1.0 for a, b in lines])
    best, least = [text], np.inf
    for cuts in itertools.combinations(range(1, len(words)), len(lines) - 1):
        edges = [0, *cuts, len(words)]
        # A separator between lines is not written.
        parts = [" ".join(words[a:b]).strip(f" {_SEPARATOR}") for a, b in itertools.pairwise(edges)]
        guess = np.array([_wide(part) + 1e-6 for part in parts])
        off = float(((guess / guess.sum() - widths / widths.sum()) ** 2).sum())
        if off < least:
            best, least = parts, off
    return best


def _wide(text: str) -> float:
    """About how wide a text is, in widths of an ideograph, in a narrow face."""
    return sum(map(_advance, text))


def _advance(character: str) -> float:
    if ord(character) >= 0x2E80:
        return 1.0
    if character in " .,:;'!|ijlIt·":
        return 0.2
    return 0.46 if character.isupper() else 0.38


def _runs(there: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
