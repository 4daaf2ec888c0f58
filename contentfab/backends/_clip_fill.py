"""Letters taken out of a picture, so that it looks as if they had never been printed on it.

Only the strokes are painted over, not the lines' boxes: what shows between the letters is the best
there is to continue the ground from, edges that run behind the words included. Knows where lines of
type are; whether what is left can still be read is the caller's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contentfab.records.pictures import Picture

    Quads = NDArray[np.float32]
    Floats = NDArray[np.float32]

STROKE = 0.35
"""In line heights: what is thinner is a stroke. Of heavy faces the stems have 0.25."""
LETTERS_AROUND, WHOLE_AROUND = 0.4, 0.18
"""How far beyond a found line strokes are looked for, and how far a line is painted over whole, in
line heights: accents, outlines and shadows."""
FAINT, FAINT_SHARE = 8, 0.15
"""Levels, and share of the strongest stroke, from which a difference from the ground is a letter's
or its shadow's."""
MIXED = 0.35
"""Share of a difference that may lead elsewhere than to the ink's colour."""
BORDER = 0.05
"""Painted around each stroke, in line heights: what is left of anti-aliasing."""
REACH = 3
"""Radius of the inpainting, in pixels."""
NEAR = 64
"""Pixels around the letters that their ground is continued from."""
APART = 12.0
"""Levels between the two ways of filling from which the ground has structure."""
GRAIN = 1.0
"""Standard deviation, in levels, from which the ground has a grain that its patches need, too."""


def without_letters(pixels: Picture, lines: Quads) -> tuple[Picture, Picture]:
    """The picture (height, width, 3) with the strokes of `lines` (n, 4, 2) painted over, and the
    mask (height, width) of what was painted, 255 there."""
    mask = np.zeros(pixels.shape[:2], np.uint8)
    for corners in lines:
        _mark_strokes(mask, pixels, corners)
    return _filled(pixels, mask), mask


def without_lines(pixels: Picture, lines: Quads) -> tuple[Picture, Picture]:
    """The same with the lines painted over whole, for type whose strokes cannot be told."""
    mask = np.zeros(pixels.shape[:2], np.uint8)
    for corners in lines:
        cv2.fillPoly(mask, [_grown(corners, WHOLE_AROUND)], 255)
    return _filled(pixels, mask), mask


def _mark_strokes(mask: Picture, pixels: Picture, corners: Quads) -> None:
    """Adds the strokes of one line to the mask. Thin dark strokes vanish when a picture is closed,
    thin bright ones when it is opened; the one that leaves the calmer ground is right, since the
    other joins the letters to a bar."""
    height, width = mask.shape
    line = _line_height(corners)
    area = _grown(corners, LETTERS_AROUND)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(5, round(STROKE * line)) | 1,) * 2)
    room = kernel.shape[0] + 2
    x0, y0 = np.maximum(area.min(axis=0) - room, 0).tolist()
    x1, y1 = np.minimum(area.max(axis=0) + room, (width, height)).tolist()
    if x0 >= x1 or y0 >= y1:
        return
    part = np.ascontiguousarray(pixels[y0:y1, x0:x1])
    inside = np.zeros(part.shape[:2], np.uint8)
    cv2.fillPoly(inside, [area - np.array([x0, y0], np.int32)], 1)
    ways = (cv2.MORPH_CLOSE, cv2.MORPH_OPEN)
    grounds = (np.asarray(cv2.morphologyEx(part, way, kernel), np.uint8) for way in ways)
    ground = min(grounds, key=_roughness)
    if not inside.any():
        return
    ink = _of_one_ink(part, ground, inside > 0).astype(np.uint8)
    around = 2 * max(2, round(BORDER * line)) + 1
    border = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (around, around))
    mask[y0:y1, x0:x1][cv2.dilate(ink, border) > 0] = 255


def _of_one_ink(part: Picture, ground: Picture, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where the ground is mixed with the line's ink; thin things of another colour stay."""
    away = cv2.absdiff(part, ground).max(axis=2)
    strongest = float(np.quantile(away[inside], 0.95))
    off = np.asarray((away > max(FAINT, FAINT_SHARE * strongest)) & inside, bool)
    if not off.any():
        return off
    ink = np.median(part[off & (away >= 0.6 * strongest)], axis=0)
    change = part[off].astype(np.float32) - ground[off]
    full = np.asarray(ink, np.float32) - ground[off]
    share = (change * full).sum(axis=1) / np.maximum(1.0, (full**2).sum(axis=1))
    rest = np.linalg.norm(change - share[:, None] * full, axis=1)
    near = rest <= np.maximum(FAINT, MIXED * np.linalg.norm(change, axis=1))
    off[off] = near & (share > 0)
    return off


def _filled(pixels: Picture, mask: Picture) -> Picture:
    """Smooth where the ground is smooth, by inpainting (Telea 2004) where it has edges: that keeps
    them, but leaves faint ghosts of letters on an even wall."""
    if not mask.any():
        return pixels
    height, width = mask.shape
    x, y, across, down = cv2.boundingRect(mask)
    near = np.s_[
        max(0, y - NEAR) : min(height, y + down + NEAR),
        max(0, x - NEAR) : min(width, x + across + NEAR),
    ]
    filled = pixels.copy()
    filled[near] = _filled_part(np.ascontiguousarray(pixels[near]), mask[near])
    return filled


def _filled_part(pixels: Picture, mask: Picture) -> Picture:
    smooth = _membrane(pixels, mask)
    edged = cv2.inpaint(pixels, mask, REACH, cv2.INPAINT_TELEA)
    apart = cv2.GaussianBlur(np.abs(edged - smooth).max(axis=2), (0, 0), 2.0)
    share = np.clip(apart / APART, 0.0, 1.0)[..., None]
    fill = smooth + share * (edged - smooth)
    ring = (cv2.dilate(mask, np.ones((15, 15), np.uint8)) > 0) & (mask == 0)
    if ring.any():
        fine = pixels - cv2.GaussianBlur(pixels, (0, 0), 1.5).astype(np.float32)
        grain = 1.4826 * float(np.median(np.abs(fine[ring])))
        if grain >= GRAIN:
            fill = fill + np.random.default_rng(0).normal(0, grain, (*mask.shape, 1))
    levels = np.clip(np.rint(fill), 0, 255).astype(np.uint8)
    return np.where(mask[..., None] > 0, levels, pixels)


def _membrane(pixels: Picture, mask: Picture) -> Floats:
    """The picture with what is masked continued smoothly from its surroundings: averages of what is
    known on ever coarser pyramids, then back (pull-push, Gortler et al., "The Lumigraph", 1996)."""
    known = (mask == 0).astype(np.float32)
    levels = [(pixels.astype(np.float32) * known[..., None], known)]
    while min(known.shape) > 2 and float(known.min()) <= 0.01:
        value = cv2.pyrDown(levels[-1][0])
        known = np.asarray(cv2.pyrDown(known), np.float32)
        levels.append((np.asarray(value, np.float32), known))
    value, known = levels[-1]
    fill = value / np.maximum(known, 1e-4)[..., None]
    for value, known in levels[-2::-1]:
        coarse = cv2.pyrUp(fill, dstsize=(known.shape[1], known.shape[0]))
        share = np.minimum(1.0, known)[..., None]
        fill = value / np.maximum(known, 1e-4)[..., None] * share + coarse * (1 - share)
    return np.asarray(fill, np.float32)


def _roughness(pixels: Picture) -> int:
    levels = pixels.astype(np.int16)
    return sum(int(np.abs(np.diff(levels, axis=axis)).sum()) for axis in (0, 1))


def _line_height(corners: Quads) -> float:
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    return float(min(sides[0] + sides[2], sides[1] + sides[3])) / 2


def _grown(corners: Quads, by: float) -> NDArray[np.int32]:
    """A quadrilateral of a line of type, larger by a share of its height on every side."""
    away = corners - corners.mean(axis=0)
    more = by * _line_height(corners) + 2
    return np.asarray(np.rint(corners + more * np.sign(away)), np.int32)
