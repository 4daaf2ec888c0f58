"""A poster's type with glyphs that nobody can read: scores then see type, and no words.

A model that has learnt from captioned pictures reads, and likes what calls itself beautiful. Here
the coverage of every set line is cut between its letters (and through wide ones, as in joined
scripts), and inside every word the pieces change places, half of them mirrored, half of them
turned over. Pixels are only moved: every line and every word keeps its place, its width, its ink
and its colour. Knows nothing about colours or pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

WORD_GAP = 0.16
"""Columns without ink, in font sizes, that part two words."""
PIECE = 0.3
"""Width of a piece in font sizes: of about two strokes, so that no letter with a bowl stays whole.
"""
SEARCH = 0.12
"""How far a cut is moved, in font sizes, to where there is least ink."""


def scrambled(alpha: Pixels, size: float, seed: int) -> Pixels:
    """Coverage of one line, shape (height, width), with its pieces in other places; `size` is the
    font size in pixels. The same line with the same seed gives the same pixels."""
    columns = alpha.sum(axis=0, dtype=np.int64)
    rows = np.flatnonzero(alpha.any(axis=1))
    if not len(rows):
        return alpha
    rng = np.random.default_rng(seed)
    source = np.arange(alpha.shape[1])
    turned = np.zeros(alpha.shape[1], bool)
    for start, end in _words(columns, max(2, round(WORD_GAP * size))):
        pieces = _pieces(columns[start:end], size)
        order = _moved(len(pieces), rng)
        change = rng.integers(1, 4, len(pieces))  # mirrored, turned over, or both
        at = start
        for i, n in enumerate(order):
            first, last = pieces[n]
            part = np.arange(start + first, start + last)
            source[at : at + len(part)] = part[::-1] if change[i] & 1 else part
            turned[at : at + len(part)] = bool(change[i] & 2)
            at += len(part)
    # Turned over inside the rows that have ink, so that no piece leaves its line.
    inked = slice(rows[0], rows[-1] + 1)
    moved = alpha[inked].take(source, axis=1)
    moved[:, turned] = moved[::-1, turned]
    found = alpha.copy()
    found[inked] = moved
    return np.asarray(found, np.uint8)


def _words(columns: NDArray[Any], gap: int) -> list[tuple[int, int]]:
    """Runs of columns that no stretch of `gap` empty columns parts."""
    inked = np.flatnonzero(columns)
    breaks = np.flatnonzero(np.diff(inked) > gap)
    starts = [inked[0], *inked[breaks + 1]]
    ends = [*inked[breaks] + 1, inked[-1] + 1]
    return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]


def _pieces(columns: NDArray[Any], size: float) -> list[tuple[int, int]]:
    """A word cut into pieces of about PIECE, two at least, where there is least ink."""
    width = len(columns)
    count = min(max(2, round(width / (PIECE * size))), width)
    reach = max(1, round(SEARCH * size))
    cuts = [0]
    for i in range(1, count):
        middle = round(i * width / count)
        low, high = max(cuts[-1] + 1, middle - reach), min(width - 1, middle + reach)
        if low <= high:
            # Least ink first; of equals the nearest to the middle.
            away = np.abs(np.arange(low - middle, high + 1 - middle))
            cuts.append(low + int((columns[low : high + 1] * (2 * reach + 1) + away).argmin()))
    return [(a, b) for a, b in zip(cuts, [*cuts[1:], width], strict=True) if a < b]


def _moved(count: int, rng: np.random.Generator) -> list[int]:
    """An order in which no piece is followed by the one that followed it before, if there is one
    among a few tries."""
    best, least = list(range(count))[::-1], count
    for _ in range(6):
        order = rng.permutation(count)
        kept = int(np.count_nonzero(np.diff(order) == 1))
        if kept < least:
            best, least = order.tolist(), kept
        if not least:
            break
    return best
