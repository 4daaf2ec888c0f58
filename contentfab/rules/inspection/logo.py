"""The logo on the raster: there, large enough, alone, in shape, in its own colours, legible.

The master is laid over the ground that is seen around the logo and compared with what the picture
shows; limits are those of docs/inspection.md. A wordmark is type and is checked as such, but for
its clear space.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from contentfab.records.brand import Logo
from contentfab.records.pictures import Finding
from contentfab.records.places import Box
from contentfab.rules.inspection.subject import View, clipped, cut, grown, meet, rows_of
from contentfab.rules.pixels.colour import contrast, delta_e, srgb_to_lab

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

LANCZOS = Image.Resampling.LANCZOS
LIKE, LIKE_FILE = 0.98, 0.95
"""Least normalised correlation with the master: of a fresh poster, of a finished file."""
RATIO, BLUR = 0.01, 0.35
"""Largest change of width over height, and what a fit of pixels may be off, in pixels."""
COLOUR = 4.0, 18.0
"""Largest median CIEDE2000 of the logo's solid pixels: of a fresh poster; of a finished file, where
JPEG with halved chroma takes thin coloured strokes 16 away."""
READS = 3.0
"""WCAG 2.2, 1.4.11: graphical objects."""
SOLID, SAMPLES = 0.97, 600
"""Cover from which a pixel shows the logo's own colour, and how many of them are looked at."""
FAINT = 8.0
"""Levels of difference from the ground under which there is no logo."""
ALIKE = 0.9
"""Least correlation with the squeezed master from which its size is believed."""
NONE = Logo(file="")


def logo(view: View) -> Iterator[Finding]:
    """Everything about the logo that boxes and pixels tell."""
    brand, box = view.of.brand, view.of.logo_box
    assert brand is not None
    if box is None:
        if brand.logo is not None:
            yield Finding("poster.logo-missing", "error", "the brand's logo is not on the poster")
        return
    yield from _space(view, brand.logo or NONE, box)
    if brand.logo is None:
        return
    yield from _size(view, brand.logo, box)
    if view.of.masters and not _cut_off(view, box):
        yield from _drawn(view, box)


def _size(view: View, guide: Logo, box: Box) -> Iterator[Finding]:
    """Not smaller than the guide allows, but for the rounding of its edges to pixels."""
    wide = box.width / view.width * 1000
    least = guide.min_width
    if box.width + 1 < least / 1000 * view.width:
        yield Finding(
            "poster.logo-size",
            "error",
            f"the logo is {wide:.0f} ‰ of the width, the guide asks for {least:.0f} ‰",
            round(wide, 1),
            least,
            box,
        )


def _space(view: View, guide: Logo, box: Box) -> Iterator[Finding]:
    """Nothing stands in its clear space: no text, no product, no edge of the page."""
    need = guide.clear_space * box.height
    room = round(need) - 2  # boxes are rounded to pixels
    if room <= 0:
        return
    around = grown(box, room)
    intruders = [
        text.role
        for text in view.of.texts
        if text.role != "wordmark" and any(meet(row, around) for row in rows_of(text))
    ]
    if view.kept and not intruders and _foreign_ink(view, box, around):
        intruders.append("some ink")
    if _product_in(view, around):
        intruders.append("the product")
    if intruders:
        yield Finding(
            "poster.logo-space",
            # A wordmark has no guide that says how much room it wants.
            "error" if guide is not NONE else "warn",
            f"{', '.join(intruders)} stands in the logo's clear space of {need:.0f} px",
            None,
            round(need, 1),
            around,
        )


def _foreign_ink(view: View, box: Box, around: Box) -> bool:
    """Ink of the type layer beside the logo that no told box explains."""
    area = clipped(around, view.page)
    change = cut(view.ink, area) > 40
    inner = clipped(grown(box, 1), area)
    change[inner.y0 - area.y0 : inner.y1 - area.y0, inner.x0 - area.x0 : inner.x1 - area.x0] = False
    for text in view.of.texts:  # what a wordmark or a neighbour was told to be is known
        known = clipped(grown(text.box, 2), area)
        change[known.y0 - area.y0 : known.y1 - area.y0, known.x0 - area.x0 : known.x1 - area.x0] = (
            False
        )
    return int(np.count_nonzero(change)) > 8


def _product_in(view: View, around: Box) -> bool:
    box, cutout = view.of.product_box, view.cutout
    if box is None or cutout is None or not meet(box, around):
        return False
    part = clipped(around, box)
    inner = Box(part.x0 - box.x0, part.y0 - box.y0, part.x1 - box.x0, part.y1 - box.y0)
    return bool((cut(cutout, inner)[..., 3] >= 128).any())


def _cut_off(view: View, box: Box) -> bool:
    return box.x0 < 0 or box.y0 < 0 or box.x1 > view.width or box.y1 > view.height


def _drawn(view: View, box: Box) -> Iterator[Finding]:
    """What the picture shows against each master; the best one counts."""
    pad = max(3, round(0.2 * box.height))
    window = clipped(grown(box, pad), view.page)
    shown = cut(view.of.pixels, window).astype(np.float32)
    match = max((_Match(shown, m, box, window) for m in view.of.masters), key=lambda m: m.like)
    rated = partial(_rated, box=box)
    yield rated(
        "poster.logo-pixels",
        "the logo's correlation with its master is",
        match.like,
        LIKE_FILE if view.of.marked else LIKE,
    )
    limit = COLOUR[1] if view.of.marked else COLOUR[0]
    if (colour := match.colour()) > limit:
        yield rated("poster.logo-colour", "the logo's colours are off by ΔE", colour, limit, True)
    allowed = RATIO + BLUR / max(1, min(box.width, box.height))
    if (squeeze := match.squeeze()) > allowed:
        said = "the logo's width over height is off by"
        yield rated("poster.logo-shape", said, squeeze, round(allowed, 3), True)
    said = "the logo's contrast with its ground is"
    yield rated("poster.logo-contrast", said, match.contrast(), READS)


class _Match:
    """How well the pixels of `window` show `master` in `box`; `like` is their correlation."""

    def __init__(self, shown: Floats, master: Pixels, box: Box, window: Box) -> None:
        self._shown, self._master, self._box = shown, master, box
        self._rgba = np.zeros((window.height, window.width, 4), np.float32)
        y, x = box.y0 - window.y0, box.x0 - window.x0
        self._rgba[y : y + box.height, x : x + box.width] = _scaled(master, box.width, box.height)
        self._alpha = np.asarray(self._rgba[..., 3:] / 255, np.float32)
        self._ground = _ground(shown, self._alpha[..., 0])
        meant = self._rgba[..., :3] - self._alpha * self._ground
        self._meant = np.asarray(meant, np.float32)
        self._seen = shown - self._ground
        self.like = _correlation(self._seen, self._meant)
        solid = self._alpha[..., 0] >= SOLID
        if not solid.any():
            solid = self._alpha[..., 0] >= 0.8 * float(self._alpha.max())
        at = np.flatnonzero(solid)
        self._solid = np.unravel_index(at[:: max(1, len(at) // SAMPLES)], solid.shape)

    def colour(self) -> float:
        """Median CIEDE2000 between the shown and the master's solid pixels."""
        own = self._rgba[..., :3][self._solid] / np.maximum(self._alpha[self._solid], 1e-3)
        shown = srgb_to_lab(self._shown[self._solid])
        return float(np.median(delta_e(shown, srgb_to_lab(own))))

    def contrast(self) -> float:
        """Median WCAG contrast of the logo's solid pixels with the ground under each."""
        ratios = contrast(self._shown[self._solid], self._ground[self._solid])
        return float(np.median(ratios))

    def squeeze(self) -> float:
        """Change of width over height, 0.01 is 1 %: as told, and as the seen logo is to the told
        one. Its size is fitted by Gauss-Newton (Lucas and Kanade 1981) from the best of a few."""
        native = self._master.shape[1] / self._master.shape[0]
        told = self._box.width / self._box.height / native
        seen, meant = (
            np.asarray(cv2.GaussianBlur(np.abs(v).max(axis=2), (0, 0), 1.0), np.float32)
            for v in (self._seen, self._meant)
        )
        start = np.zeros(4) if self.like >= LIKE else _placed(seen, meant)
        fitted = _fitted(seen, meant, start)
        # What cannot be laid over the picture has no size there.
        if _correlation(seen, _stretched(meant, fitted)) < ALIKE:
            return float(abs(told - 1))
        return float(abs(told * (1 + fitted[2]) / (1 + fitted[3]) - 1))


def _placed(seen: Floats, meant: Floats) -> NDArray[np.float64]:
    """Where and how wide a logo is seen: the best of 21 widths, anywhere near, as a motion of
    `_stretched`."""
    rows, columns = (np.flatnonzero(meant.max(axis=axis) > FAINT) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return np.zeros(4)
    y0, x0 = int(rows[0]), int(columns[0])
    part = meant[y0 : int(rows[-1]) + 1, x0 : int(columns[-1]) + 1]
    best = (-1.0, np.zeros(4))
    for percent in range(-10, 11):
        size = (max(2, round(part.shape[1] * (1 + percent / 100))), part.shape[0])
        if size[0] > seen.shape[1]:
            continue
        tried = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA))
        _, like, _, at = cv2.minMaxLoc(cv2.matchTemplate(seen, tried, cv2.TM_CCORR_NORMED))
        # The motion turns about the middle of the window, not of the ink.
        off_middle = x0 + part.shape[1] / 2 - meant.shape[1] / 2
        wide = size[0] / part.shape[1] - 1
        dx = at[0] + size[0] / 2 - (x0 + part.shape[1] / 2) - wide * off_middle
        best = max(best, (like, np.array([dx, at[1] - y0, wide, 0.0])), key=lambda b: b[0])
    return best[1]


def _stretched(picture: Floats, motion: NDArray[np.floating[Any]]) -> Floats:
    """A picture moved by (dx, dy) pixels and made larger by (ax, ay) from its middle."""
    height, width = picture.shape
    dx, dy, ax, ay = (float(value) for value in motion)
    x, y = (width - 1) / 2, (height - 1) / 2
    matrix = np.array([[1 + ax, 0, dx - ax * x], [0, 1 + ay, dy - ay * y]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height)), np.float32)


def _fitted(seen: Floats, meant: Floats, motion: NDArray[np.float64]) -> NDArray[np.float64]:
    """The motion of `_stretched` that lays `meant` over `seen`."""
    height, width = meant.shape
    x = np.arange(width, dtype=np.float32)[None] - (width - 1) / 2
    y = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2
    for _ in range(6):
        own = _stretched(meant, motion)
        gain = float((own * seen).sum()) / max(1e-6, float((own * own).sum()))
        across = cv2.Sobel(own, cv2.CV_32F, 1, 0, scale=gain / 8)
        down = cv2.Sobel(own, cv2.CV_32F, 0, 1, scale=gain / 8)
        slopes = np.stack([across, down, across * x, down * y]).reshape(4, -1)
        off = (seen - gain * own).reshape(-1)
        step = np.linalg.lstsq(slopes @ slopes.T, -(slopes @ off), rcond=None)[0]
        motion = motion + step
        if not np.isfinite(motion).all() or np.abs(motion[2:]).max() > 0.3:
            return np.zeros(4)
    return motion


_SCALED: dict[tuple[int, int, int], tuple[Pixels, Floats]] = {}
"""Masters by identity and size, with their scaled pixels: one brand's posters share them."""


def _scaled(master: Pixels, width: int, height: int) -> Floats:
    """A master at a size, RGBA with colours multiplied by alpha, scaled as cut-outs are."""
    key = (id(master), width, height)
    if key not in _SCALED or _SCALED[key][0] is not master:
        if len(_SCALED) > 64:
            _SCALED.clear()
        small = Image.fromarray(master).convert("RGBa").resize((width, height), LANCZOS)
        _SCALED[key] = (master, np.asarray(small, np.float32))
    return _SCALED[key][1]


def _ground(shown: Floats, alpha: Floats) -> Floats:
    """The ground under a logo, from what is seen of it between and around its parts."""
    open_ = (alpha < 0.02).astype(np.float32)
    reach = max(9, shown.shape[0] // 2) | 1
    weight = cv2.blur(open_, (reach, reach))
    spread = cv2.blur(shown * open_[..., None], (reach, reach))
    plain = np.median(shown[open_ > 0], axis=0) if open_.any() else shown.mean(axis=(0, 1))
    near = spread / np.maximum(weight, 1e-3)[..., None]
    return np.asarray(np.where(weight[..., None] > 0.04, near, plain), np.float32)


def _correlation(one: Floats, other: Floats) -> float:
    """Correlation of two differences from the ground, over all pixels and channels."""
    norm = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / norm if norm > 0 else 0.0


def _rated(
    rule: str, said: str, value: float, limit: float, most: bool = False, *, box: Box
) -> Finding:
    """A finding about a value that has a least, or a `most`."""
    good = value <= limit if most else value >= limit
    text = f"{said} {value:.3g}, {'at most' if most else 'at least'} {limit:g}"
    return Finding(rule, "pass" if good else "error", text, round(value, 4), limit, box)
