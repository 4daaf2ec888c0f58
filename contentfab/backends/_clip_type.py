"""Type in pictures that bring no layout: found by OCR, painted over with what is around it.

A model that reads is flattered by what a picture says of itself, so that a stranger's poster is
scored without its words. What is read serves only to know that it is type: without that a set's own
edges pass for a page of text. Type on a product is found, too. Needs the extra `ocr` (RapidOCR,
whose wheel holds its models: nothing is downloaded).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from contentfab.backends._clip_fill import without_letters, without_lines
from contentfab.records.places import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contentfab.records.pictures import Picture, TextBox
    from contentfab.records.scores import ScoreRequest

    Quads = NDArray[np.float32]

LOOKED = 960
"""Longest side at which type is looked for, in pixels: what is too small to be found then is too
small for a tower that sees 128 to 448 pixels."""
LEAST = 120
"""Shortest side of a picture in which type is looked for."""
READ, LETTERS = 0.6, 2
"""How sure the reader must be of a line, and the least letters and digits in it."""
MISSING = "Type in this picture was not excluded: pip install 'contentfab[ocr]'."


@dataclass(frozen=True, slots=True)
class Unread:
    """What is scored of a picture: its `pixels` without words to read. `neutral` is the same with
    type that nobody can read, where there is such a picture: against it the effect of the words is
    measured. `read` says that words may still be in `pixels`; `note` is what a reader of the scores
    must know."""

    pixels: Picture
    neutral: Picture | None = None
    note: str = ""
    read: bool = False


def without_words(request: ScoreRequest) -> Unread:
    """Our own poster without its type, since even unreadable glyphs move a small tower by chance;
    one of which only the file is left with its type painted over where its layout says; any other
    picture with the type that the extra `ocr` finds painted over."""
    poster = request.poster
    if poster is not None:
        if poster.background is not None:
            return Unread(poster.background, poster.neutral)
        if poster.texts:
            plain = _without_texts(request.pixels, poster.texts)
            return Unread(plain, poster.neutral, "Its type was painted over.")
        return Unread(request.pixels)
    found = without_type(request.pixels)
    if found is None:
        return Unread(request.pixels, note=MISSING, read=True)
    pixels, boxes = found
    places = "1 place" if len(boxes) == 1 else f"{len(boxes)} places"
    return Unread(pixels, note=f"Type in {places} was painted over." if boxes else "")


def without_type(pixels: Picture) -> tuple[Picture, tuple[Box, ...]] | None:
    """The picture with its type painted over, at the same size, and where type was found; the very
    array when there is none. None when the extra `ocr` is not installed. What can still be read
    when the letters are gone is painted over line by line. About 0.3 s of one core, 0.8 s with
    type; deterministic."""
    finder = _finder()
    if finder is None:
        return None
    if min(pixels.shape[:2]) < LEAST:
        return pixels, ()
    small, scale = _small(pixels)
    lines = _read(finder, small)
    if not len(lines):
        return pixels, ()
    filled, mask = without_letters(small, lines)
    left = _read(finder, filled)
    if len(left):
        filled, more = without_lines(filled, left)
        mask = np.maximum(mask, more)
    return _put_back(pixels, filled, mask), _boxes(lines, scale)


def _without_texts(pixels: Picture, texts: Sequence[TextBox]) -> Picture:
    """The picture with texts painted over whose places are known."""
    small, scale = _small(pixels)
    boxes = [box for text in texts for box in text.rows or (text.box,)]
    corners = [[(b.x0, b.y0), (b.x1, b.y0), (b.x1, b.y1), (b.x0, b.y1)] for b in boxes]
    filled, mask = without_letters(small, np.array(corners, np.float32) * scale)
    return _put_back(pixels, filled, mask)


def _small(pixels: Picture) -> tuple[Picture, float]:
    """The picture at the size that type is looked for at, and its scale."""
    height, width = pixels.shape[:2]
    scale = min(1.0, LOOKED / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if scale == 1:
        return pixels, scale
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _read(finder: Any, pixels: Picture) -> Quads:
    return _lines(finder(np.ascontiguousarray(pixels[..., ::-1]), use_cls=False))


def _lines(found: Any) -> Quads:
    """Corners of the lines that could be read, shape (n, 4, 2); in [x, y]."""
    if found.boxes is None or found.txts is None:
        return np.empty((0, 4, 2), np.float32)
    read = [
        np.asarray(corners, np.float32)
        for corners, text, sure in zip(found.boxes, found.txts, found.scores, strict=True)
        if sure >= READ and sum(letter.isalnum() for letter in text) >= LETTERS
    ]
    return np.stack(read) if read else np.empty((0, 4, 2), np.float32)


def _put_back(pixels: Picture, filled: Picture, mask: Picture) -> Picture:
    """The picture with the painted places, whose borders are soft, at full size."""
    size = pixels.shape[1], pixels.shape[0]
    if filled.shape == pixels.shape:
        return np.where(mask[..., None] > 0, filled, pixels)
    share = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR).astype(np.float32) / 255
    large = cv2.resize(filled, size, interpolation=cv2.INTER_LINEAR)
    # Wherever the small mask reaches, the large one must hide all of what is under it.
    share = np.minimum(1, 2 * share)[..., None]
    return np.asarray(pixels * (1 - share) + large * share + 0.5, np.uint8)


def _boxes(lines: Quads, scale: float) -> tuple[Box, ...]:
    corners = lines / scale
    low, high = np.floor(corners.min(axis=1)), np.ceil(corners.max(axis=1))
    edges = np.concatenate([low, high], axis=1).astype(int).tolist()
    return tuple(sorted(Box(*box) for box in edges))


@cache
def _finder() -> Any:
    try:
        from rapidocr import RapidOCR
    except ImportError:
        return None
    one = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return RapidOCR(params={"Global.log_level": "critical", **one})
