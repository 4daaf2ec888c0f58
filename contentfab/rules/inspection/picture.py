"""The picture's own quality: size, one colour, banding, blur, noise, blocks, burnt colours.

Measured on the scene alone, without product, logo and type, at its full resolution. The limits lie
between what good posters and spoiled ones measured (docs/inspection.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.pictures import Finding
from contentfab.rules.inspection.subject import View
from contentfab.rules.pixels.colour import hex_to_rgb, srgb_to_lab

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Levels = NDArray[np.int16]

BLANK_SPREAD = 4.0
"""Levels between the 1st and 99th percentile of the luma under which a picture is blank."""
ENOUGH = 4000
"""Free pixels under which a scene is too small to be judged."""

FLAT_RUN, STEP, STEPS_EVERY = 6, (3, 40), 9
"""A band's edge: flat for so many pixels on either side, a step of so many levels; looked for in
every ninth row and column."""
BANDED, BANDED_FILE = 0.004, 0.012
"""Share of the scene's lines that runs over stairs of such steps, in the channel with the most: of
a fresh poster (good ones: 0.002 and less), and of a file (good JPEG files: 0.007 and less)."""
COMB, TEETH, EVEN = 3, 5, 0.6
"""A comb in the histogram: levels this far apart, at least so many, so many of the gaps alike."""

STRONG, ACUITY, SOFT = 20, 0.4, 0.5
"""Levels across 7 pixels that make an edge; how much of its height the sharpest twentieth of all
edges rises in one pixel, below which a picture is blurred, and soft. Good posters: 0.81 and more;
blurred with a sigma of 4 px: 0.34 and less."""
NOISE, GRAINY = 5.0, 3.5
"""Standard deviation of noise, in levels: error, warning. Good posters: 0.5 and less."""
BLOCKY, BLOCKY_FILE, TIMES = 0.01, 0.0165, 1.5
"""By how much, and how many times, more often there is a visible step at the borders of an 8 × 8
grid than elsewhere: in a fresh poster (good ones: 0.004), in a file (JPEG files of good posters:
0.005 at quality 80, 0.014 at 60, 0.023 at 48). Scenes at qualities of 4 to 12: 0.014 to 0.09."""
VISIBLE = 8
"""Levels of such a step."""
FEW_BORDERS, DRAWN = 40, 0.35
"""Borders across a page from which they tell more than chance; share of its length that a straight
edge is seen along."""
BURNT_CHROMA, BURNT = 10.0, 0.12
"""CIELAB chroma above the strongest brand colour's that is burnt, and the most of a scene that may
be."""
GAMUT_EDGE, BURNT_ALONE = 6, 0.4
"""Without a brand: levels from both ends of the range that two channels must reach, and the share
of a picture that may."""


def size(view: View) -> Iterator[Finding]:
    """The picture has the placement's size."""
    place = view.of.placement
    assert place is not None
    if (view.width, view.height) != (place.width, place.height):
        yield Finding(
            "poster.size",
            "error",
            f"is {view.width}×{view.height}, {place.id} needs {place.width}×{place.height}",
        )


def blank(view: View) -> Iterator[Finding]:
    """The picture is a picture: not black, not one colour."""
    free = view.free[::3, ::3]
    flat = (
        view.scene_part[::3, ::3][free] if int(free.sum()) >= ENOUGH // 9 else view.scene[::4, ::4]
    )
    low, high = np.percentile(flat.mean(axis=-1), (1, 99))
    spread = float(high - low)
    yield Finding(
        "poster.blank",
        "error" if spread < BLANK_SPREAD else "pass",
        f"the picture is nearly one colour (its levels span {spread:.1f})"
        if spread < BLANK_SPREAD
        else f"the picture's levels span {spread:.0f}",
        round(spread, 2),
        BLANK_SPREAD,
    )


def banded(view: View) -> Iterator[Finding]:
    """Gradients run smoothly: no stairs of flat bands."""
    looked = view.free[::STEPS_EVERY].sum() + view.free.T[::STEPS_EVERY].sum()
    most = 0
    for channel in cv2.split(view.scene_part):
        levels = np.asarray(cv2.medianBlur(channel, 5), np.uint8)
        across = _stairs(levels[::STEPS_EVERY], view.free[::STEPS_EVERY])
        most = max(most, across + _stairs(levels.T[::STEPS_EVERY], view.free.T[::STEPS_EVERY]))
    share = most / max(1, int(looked))
    limit = BANDED if view.fresh else BANDED_FILE
    gap = _comb(view.scene_part[::2, ::2][view.free[::2, ::2]]) if view.fresh else 0
    if gap and share <= limit:
        message = f"its tones are cut down to every {gap}th level: gradients break into bands"
        yield Finding("poster.banded", "error", message, float(gap), float(COMB))
        return
    yield _measured(
        "poster.banded",
        share > limit,
        f"gradients break into bands over {share:.1%} of the picture",
        share,
        limit,
    )


def blurred(view: View) -> Iterator[Finding]:
    """Something in the scene is sharp (its background may well be soft)."""
    kernel = np.ones((7, 7), np.uint8)
    spread = cv2.subtract(cv2.dilate(view.grey, kernel), cv2.erode(view.grey, kernel))
    edges = (spread >= STRONG) & view.free
    edges[:4] = edges[-4:] = edges[:, :4] = edges[:, -4:] = False
    if int(np.count_nonzero(edges)) < 200:
        return
    bend = np.abs(cv2.Laplacian(view.grey, cv2.CV_16S)).astype(np.uint16)
    rise = cv2.dilate(bend, kernel)[edges] / spread[edges]
    acuity = float(np.quantile(rise, 0.95))
    level = "error" if acuity < ACUITY else "warn" if acuity < SOFT else "pass"
    said = "the picture is blurred: its" if level != "pass" else "the picture's"
    yield Finding(
        "poster.blurred",
        level,
        f"{said} sharpest edges rise {acuity:.2f} of their height a pixel",
        round(acuity, 3),
        ACUITY,
    )


def noise(view: View) -> Iterator[Finding]:
    """The picture is clean. Estimate: Immerkær, "Fast Noise Variance Estimation" (1996), with the
    median in place of the mean, so that texture counts little."""
    rows = view.grey[: view.grey.shape[0] // 2 * 2]
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(rows, cv2.CV_16S, kernel))[1:-1:3, 1:-1:3]
    values = response[view.free[: rows.shape[0]][1:-1:3, 1:-1:3]]
    if len(values) < ENOUGH // 9:
        return
    # Half a level is added: the median of whole numbers lies anywhere within its own.
    sigma = float(np.median(values)) / 0.6745 / 6
    level = "error" if sigma > NOISE else "warn" if sigma > GRAINY else "pass"
    yield Finding(
        "poster.noise",
        level,
        f"the picture's noise has a standard deviation of {sigma:.1f} levels",
        round(sigma, 2),
        NOISE,
    )


def blocky(view: View) -> Iterator[Finding]:
    """The picture shows no 8 × 8 blocks of strong compression."""
    grey, free = view.grey.astype(np.int16), view.free
    if int(np.count_nonzero(free)) < ENOUGH:
        return
    # Across a fresh banner there are so few borders that one straight edge of its scene is a grid.
    least = 8 * FEW_BORDERS if view.fresh else 0
    both = (grey, free), (grey.T, free.T)
    most = max((_grid_excess(*way) for way in both if way[0].shape[1] >= least), default=0.0)
    limit = BLOCKY if view.fresh else BLOCKY_FILE
    yield _measured(
        "poster.blocky",
        most > limit,
        f"8 × 8 blocks show: {most:.1%} more steps at their borders than elsewhere",
        most,
        limit,
    )


def burnt(view: View) -> Iterator[Finding]:
    """Colours are not driven beyond the brand's, nor into the corners of the colour space."""
    part, free = view.scene_part[::6, ::6], view.free[::6, ::6]
    pixels = part[free]
    if len(pixels) < ENOUGH // 36:
        return
    if view.of.brand is not None:
        colours = np.array([hex_to_rgb(c) for c in view.of.brand.palette.colours()], np.uint8)
        strongest = float(_chroma(srgb_to_lab(colours)).max())
        share = float((_chroma(srgb_to_lab(pixels)) > strongest + BURNT_CHROMA).mean())
        limit, than = BURNT, "than any colour of the brand"
    else:
        top, low = pixels.max(axis=1) >= 255 - GAMUT_EDGE, pixels.min(axis=1) <= GAMUT_EDGE
        share, limit, than = float((top & low).mean()), BURNT_ALONE, "than a screen can show"
    yield _measured(
        "poster.burnt",
        share > limit,
        f"{share:.0%} of the scene is more saturated {than}",
        share,
        limit,
    )


def _stairs(lines: NDArray[np.uint8], free: Mask) -> int:
    """Pixels of the lines between the third and the fourth step, or later ones, of one stair."""
    step = np.diff(lines.astype(np.int16), axis=1)
    count = step.shape[1]
    if count <= 2 * FLAT_RUN + 2:
        return 0
    height = np.abs(step)
    flat = (height <= 1) & free[:, 1:] & free[:, :-1]
    runs = np.cumsum(np.pad(flat, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    at = np.arange(FLAT_RUN, count - FLAT_RUN)
    left = runs[:, at] - runs[:, at - FLAT_RUN] == FLAT_RUN
    right = runs[:, at + 1 + FLAT_RUN] - runs[:, at + 1] == FLAT_RUN
    tall = height[:, at]
    line, place = np.nonzero(left & right & (tall >= STEP[0]) & (tall <= STEP[1]))
    if len(line) < 4:
        return 0
    value = step[:, at][line, place]
    gap = np.diff(place)
    small, large = np.abs(value[:-1]), np.abs(value[1:])
    linked = (
        (np.diff(line) == 0)
        & (np.sign(value[1:]) == np.sign(value[:-1]))
        & (gap <= 0.25 * count)
        & (2.2 * np.minimum(small, large) >= np.maximum(small, large))
    )
    return int(gap[2:][linked[2:] & linked[1:-1] & linked[:-2]].sum())


def _comb(pixels: NDArray[np.uint8]) -> int:
    """The even gap between the levels that a picture uses; 0 when it uses them all, or uneven
    ones, as flat drawings do."""
    if len(pixels) < ENOUGH // 4:
        return 0
    gaps = []
    for channel in pixels.T:
        count = np.bincount(channel, minlength=256)
        between = np.diff(np.flatnonzero(count >= 1e-3 * len(channel)))
        if len(between) < TEETH - 1:
            continue
        gap = int(np.median(between))
        if gap < COMB or float((np.abs(between - gap) <= 1).mean()) < EVEN:
            return 0
        gaps.append(gap)
    return min(gaps, default=0)


def _grid_excess(grey: Levels, free: Mask) -> float:
    """How much more often neighbouring columns differ visibly at the borders of an 8-column grid,
    at the offset where they do so most, than in between; 0 when that is not TIMES as often. A
    border seen along much of its length is a straight edge of the layout, and is left out."""
    step = np.abs(np.diff(grey, axis=1))
    inside = free[:, 1:] & free[:, :-1] & (step <= 3 * STEP[1] // 2)
    seen = (inside & (step >= VISIBLE)).sum(axis=0).astype(float)
    looked = inside.sum(axis=0).astype(float)
    drawn = seen > DRAWN * np.maximum(looked, 1.0)
    seen[drawn], looked[drawn] = 0.0, 0.0
    shares = [seen[i::8].sum() / max(1.0, looked[i::8].sum()) for i in range(8)]
    top = int(np.argmax(shares))
    rest = max(share for i, share in enumerate(shares) if i != top)
    return float(shares[top] - rest) if shares[top] > TIMES * rest else 0.0


def _chroma(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.hypot(lab[..., 1], lab[..., 2]))


def _measured(rule: str, fails: bool, message: str, measure: float, limit: float) -> Finding:
    return Finding(rule, "error" if fails else "pass", message, round(measure, 4), limit)
