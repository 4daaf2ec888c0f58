"""Guard-rails for choosing among pictures: what makes one look gamed counts against it.

A choice by measured criteria rewards whatever the measures like, in the end artefacts: halos pass
for sharpness, driven colours for strength, flattened noise for calm. Each rail is 1 for a sound
picture and falls with the fault. The limits lie between the relit plates and spoiled copies of them
(benchmarks/attacks.py). Knows pixels and the palette that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.rules.inspection.picture import (
    BURNT_CHROMA,
    GAMUT_EDGE,
    banded,
    blocky,
    blurred,
    noise,
)
from contentfab.rules.inspection.subject import Subject, View
from contentfab.rules.pixels.colour import hex_to_rgb, srgb_to_lab

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contentfab.records.pictures import Picture

STRONG = 24
"""Levels across 9 pixels that make an edge."""
HALO = (0.2, 0.45)
"""Overshoot beside half of the edges, in edge heights: sound plates have 0.01 to 0.1, ribbed and
brushed ones 0.18 to 0.27; an unsharp mask of 200 % adds 0.15 to 0.3."""
BURNT = (0.04, 0.4)
"""Share of the picture that is more saturated than any colour that was asked for."""
CLIPPED = (0.04, 0.3)
"""Share of the picture that is plain black or white, when nobody asked for either."""
NOISE = (1.0, 5.0)
"""Standard deviation of noise in levels; sound plates have 0.6 and less."""
BANDS = (0.007, 0.02)
"""Share of the picture's lines over stairs (inspection): sound plates have 0.006 and less, mostly
0. A comb in the histogram is reported as its gap, and is far beyond."""
BLOCKS = (0.01, 0.025)
"""Excess of steps at the borders of 8 × 8 blocks (inspection)."""
SOFT = (0.5, 0.3)
"""Rise in one pixel of the sharpest edges (inspection), in edge heights: falls downwards."""
FAILED = 0.3
"""What a rail is worth from its second limit on."""
EVERY = 3
"""Every third pixel is enough for shares of colours."""


def guard_rails(pixels: Picture, palette: Mapping[str, str]) -> dict[str, float]:
    """Rail → worth in (0, 1]; `pixels` are (height, width, 3), `palette` role → #RRGGBB, empty
    when no colours were asked for."""
    view = View(Subject(pixels=pixels, composed=True))
    rails = {
        "halo": _falls(overshoot(view.grey), HALO),
        "burnt": _falls(_burnt(pixels[::EVERY, ::EVERY], palette), BURNT),
        "clipped": _falls(_clipped(pixels[::EVERY, ::EVERY], palette), CLIPPED),
    }
    for name, rule, limits in (
        ("bands", banded, BANDS),
        ("blocks", blocky, BLOCKS),
        ("blur", blurred, SOFT),
        ("noise", noise, NOISE),
    ):
        # Ramps, not the findings' levels: a hair across a limit must not decide a choice.
        found = [finding.measure for finding in rule(view) if finding.measure is not None]
        rails[name] = _falls(found[0], limits) if found else 1.0
    return rails


def overshoot(grey: NDArray[np.uint8]) -> float:
    """By how much of an edge's height the tone beside it goes beyond the tones on either side
    (medians over 9 × 9), half-way up the list of strong edges; 0 when there are none. A sharpened
    edge overshoots, a sharp one does not."""
    kernel = np.ones((9, 9), np.uint8)
    spread = cv2.subtract(cv2.dilate(grey, kernel), cv2.erode(grey, kernel))
    strong = spread >= STRONG
    if int(np.count_nonzero(strong)) < 200:
        return 0.0
    calm = cv2.medianBlur(grey, 9)
    over = cv2.subtract(grey, cv2.dilate(calm, kernel))
    under = cv2.subtract(cv2.erode(calm, kernel), grey)
    beyond = cv2.dilate(cv2.max(over, under), kernel)
    return float(np.median(beyond[strong] / spread[strong]))


def _burnt(pixels: Picture, palette: Mapping[str, str]) -> float:
    if not palette:
        top, low = pixels.max(axis=-1) >= 255 - GAMUT_EDGE, pixels.min(axis=-1) <= GAMUT_EDGE
        return float((top & low).mean())
    asked = _chroma(np.array([hex_to_rgb(c) for c in palette.values()], np.uint8))
    return float((_chroma(pixels) > float(asked.max()) + BURNT_CHROMA).mean())


def _clipped(pixels: Picture, palette: Mapping[str, str]) -> float:
    asked = [hex_to_rgb(colour) for colour in palette.values()]
    white = 0.0 if any(min(c) >= 250 for c in asked) else float((pixels.min(axis=-1) >= 254).mean())
    black = 0.0 if any(max(c) <= 5 for c in asked) else float((pixels.max(axis=-1) <= 1).mean())
    return white + black


def _chroma(rgb: Picture) -> NDArray[np.float64]:
    lab = srgb_to_lab(rgb)
    return np.asarray(np.hypot(lab[..., 1], lab[..., 2]))


def _falls(value: float, limits: tuple[float, float]) -> float:
    """1 up to the first limit, FAILED from the second, straight between; limits may descend."""
    share = (value - limits[0]) / (limits[1] - limits[0])
    return 1.0 - (1.0 - FAILED) * min(1.0, max(0.0, share))
