"""Which parts of a picture a score comes from: cover one square at a time, score again.

Occlusion (Zeiler and Fergus, 2014, https://arxiv.org/abs/1311.2901, 4.2) asks the scorer itself, so
it holds for every tower and every criterion; gradients and attention do not. A square in the
picture's mean colour is also a flat patch that was not there before: small effects are worth
little. Knows no scorer, no file and no drawing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.records.pictures import Poster
from contentfab.records.scores import ScoreCard, ScoreRequest

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

CELLS = 48
"""Squares that a picture is cut into, about: 7 × 7 of a square one, 6 × 8 of a poster at 4:5."""
LONGEST = 16
"""Most squares along a side."""
SIDE = 1024
"""Pixels of the longest side while squares are covered: any tower sees less, colour and calm do not
change, and sharpness is of the shrunk picture in all of them alike."""

Score = Callable[[Sequence[ScoreRequest]], list[ScoreCard]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What each square does for one score, `appeal` or `brand_fit`: the score of the picture minus
    that with the square covered, so that a square which carries the score is positive. `cells` has
    the shape (rows, columns). `unit` is `z` (robust standard deviations of the background set) or
    `score` (the score itself, in [0, 1]). `base` is the score of the whole picture in that unit."""

    name: str
    unit: str
    base: float
    cells: NDArray[np.float32]

    @property
    def strongest(self) -> float:
        """The largest effect of a square, whatever its sign."""
        return float(np.abs(self.cells).max())


def grid(width: int, height: int) -> tuple[int, int]:
    """Columns and rows of nearly square cells, about CELLS of them."""
    columns = math.sqrt(CELLS * width / height)
    columns, rows = round(columns), round(CELLS / columns)
    return min(max(columns, 2), LONGEST), min(max(rows, 2), LONGEST)


def occlude(
    request: ScoreRequest, score: Score, batch: int = 16, judged: Picture | None = None
) -> tuple[Effect, ...]:
    """Effects of every square on appeal and brand fit, for those that the scorer has. `judged` are
    the pixels that the scorer looks at (a picture without its words), default those of the request.
    They are judged alone, without what a layout knows of them: covering a text would otherwise read
    as a failed contrast. `score` is called with at most `batch` requests."""
    pixels = _shrunk(request.pixels if judged is None else judged)
    columns, rows = grid(pixels.shape[1], pixels.shape[0])
    cards = [*score([_bare(request, pixels)])]
    waiting: list[ScoreRequest] = []
    for number, covered in enumerate(_covered(pixels, columns, rows), 1):
        waiting.append(_bare(request, covered, number))
        if len(waiting) == batch or number == columns * rows:
            cards += score(waiting)
            waiting = []
    measured = [_measures(card) for card in cards]
    effects = []
    for (name, unit), base in measured[0].items():
        values = [found.get((name, unit), base) for found in measured[1:]]
        cells = base - np.array(values, np.float32).reshape(rows, columns)
        effects.append(Effect(name, unit, base, cells))
    return tuple(effects)


def squares(
    width: int, height: int, columns: int, rows: int
) -> Iterator[tuple[int, int, int, int]]:
    """(x0, y0, x1, y1) of every cell, row by row; together they are the whole picture."""
    for row in range(rows):
        for column in range(columns):
            yield (
                round(column * width / columns),
                round(row * height / rows),
                round((column + 1) * width / columns),
                round((row + 1) * height / rows),
            )


def _bare(request: ScoreRequest, pixels: Picture, number: int = 0) -> ScoreRequest:
    """Asks for a score of these pixels as they are: a layout of nothing, so that nobody looks for
    type in them again, and a brand whose logo nobody misses."""
    layout = Poster(request.key, "", "", "", pixels, (), None, None, neutral=pixels)
    brand = request.brand.model_copy(update={"logo": None})
    key = f"{request.key}#{number}"
    return replace(request, key=key, pixels=pixels, brand=brand, poster=layout)


def _covered(pixels: Picture, columns: int, rows: int) -> Iterator[Picture]:
    mean = pixels.reshape(-1, 3).mean(axis=0).round().astype(np.uint8)
    height, width = pixels.shape[:2]
    for x0, y0, x1, y1 in squares(width, height, columns, rows):
        covered = pixels.copy()
        covered[y0:y1, x0:x1] = mean
        yield covered


def _measures(card: ScoreCard) -> dict[tuple[str, str], float]:
    """The scores of a card in the unit in which differences mean most: where there is a z, the
    percentile would saturate at both ends."""
    found: dict[tuple[str, str], float] = {}
    if card.appeal_z is not None:
        found["appeal", "z"] = card.appeal_z
    elif card.appeal is not None:
        found["appeal", "score"] = card.appeal
    if card.brand_fit is not None:
        found["brand_fit", "score"] = card.brand_fit
    return found


def _shrunk(pixels: Picture) -> Picture:
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
