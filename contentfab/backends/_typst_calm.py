"""Where a picture is calm: measured on its pixels, whatever its maker says of it.

Business is what makes type hard to read and hides what is worth seeing: edges, fine and coarse, and
what stands out from all else. It is measured on a small copy of the picture, so that its cost does
not grow with the poster. Nothing here knows about text or products.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.places import Box
from contentfab.rules.labels.visible_label import business

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

COLUMNS = 30
"""Cells across a square of the page's area; a cell is as high as wide."""
FINE = 10
"""Pixels of a cell in the copy on which fine edges are looked for."""
FINE_EDGE, COARSE_EDGE = 8.0, 14.0
"""Grey levels per pixel of the copy, on average over a cell, from which it is as busy as can be."""
NAMED_CALM = 0.6
"""Share of the business that counts where the picture's maker calls it calm."""
CALM = 0.22
"""Business up to which a cell may belong to a quiet area."""
MOST_AREAS = 3
LEAST_AREA = 0.06
"""Number of quiet areas that are looked for, and the least share of the page of one."""


def calm_map(scene: Pixels, quiet: Sequence[Box]) -> Floats:
    """Business of each cell of the page, 0 calm … 1 busy, shape (rows, columns): the strongest of
    its fine edges, its coarse edges and its saliency. Areas in `quiet` count for less."""
    height, width = scene.shape[:2]
    cell = np.sqrt(width * height) / COLUMNS
    columns, rows = max(4, round(width / cell)), max(4, round(height / cell))
    size = (columns * FINE, rows * FINE)
    small = np.asarray(cv2.resize(scene, size, interpolation=cv2.INTER_AREA), np.uint8)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)
    fine = _edges(grey).reshape(rows, FINE, columns, FINE).mean(axis=(1, 3)) / FINE_EDGE
    half = (columns * 2, rows * 2)
    soft = np.asarray(cv2.resize(grey, half, interpolation=cv2.INTER_AREA), np.float32)
    coarse = _edges(soft).reshape(rows, 2, columns, 2).max(axis=(1, 3)) / COARSE_EDGE
    salient = cv2.resize(business(small), (columns, rows), interpolation=cv2.INTER_AREA)
    strongest = np.maximum(np.maximum(fine, 0.8 * coarse), salient)
    busy = np.asarray(np.clip(strongest, 0, 1), np.float32)
    for box in quiet:
        y = slice(max(0, round(box.y0 / height * rows)), round(box.y1 / height * rows))
        x = slice(max(0, round(box.x0 / width * columns)), round(box.x1 / width * columns))
        busy[y, x] *= NAMED_CALM
    return busy


def quiet_areas(busy: Floats, width: int, height: int) -> tuple[Box, ...]:
    """The largest calm rectangles of a page of `width` × `height` pixels, largest first; they do
    not overlap."""
    rows, columns = busy.shape
    calm = busy <= CALM
    found = []
    for _ in range(MOST_AREAS):
        y0, x0, y1, x1 = _largest(calm)
        if (y1 - y0) * (x1 - x0) < LEAST_AREA * rows * columns:
            break
        calm[y0:y1, x0:x1] = False
        edges = (x0 * width / columns, y0 * height / rows, x1 * width / columns, y1 * height / rows)
        found.append(Box(*(round(edge) for edge in edges)))
    return tuple(found)


def _largest(calm: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """The largest rectangle of true cells (top, left, bottom, right): for every row, the largest
    under the histogram of true cells above it."""
    best, area = (0, 0, 0, 0), 0
    heights = np.zeros(calm.shape[1], int)
    for row, line in enumerate(calm):
        heights = np.where(line, heights + 1, 0)
        stack: list[tuple[int, int]] = []
        for column, tall in enumerate([*heights.tolist(), 0]):
            start = column
            while stack and stack[-1][1] >= tall:
                start, high = stack.pop()
                if high * (column - start) > area:
                    area = high * (column - start)
                    best = (row + 1 - high, start, row + 1, column)
            stack.append((start, tall))
    return best


def _edges(grey: Floats) -> Floats:
    return np.asarray(
        np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 4,
        np.float32,
    )
