"""What was done to a product that is not its picture any more: a name and a measure for it.

Explanations are tried one by one: a gain and an offset per channel, a shift, a change of size, the
mirror image, a share of the fine detail (blur and sharpening). The one that leaves least
unexplained is named; when none explains much of it, the product is covered in part, or changed in
some other way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.places import Box
from contentfab.rules.product.fit import (
    Fit,
    Pair,
    best_motion,
    colour_change,
    laid_over,
    left_over,
    warped,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]

CUT_OFF = "cut off"
FAULTS = (
    CUT_OFF, "recoloured", "shifted", "rescaled", "mirrored", "blurred", "sharpened", "covered",
    "changed",
)  # fmt: skip
EXPLAINED = 0.75
"""Share of the difference that the best explanation may leave."""
LOCAL = ("mirrored", "covered")
"""Faults that no change of the whole product comes near."""
MOST_COLOUR, MOST_SHIFT, MOST_SQUEEZE, MOST_SHARPNESS = 1.6, 0.35, 0.005, 0.22
"""What a marked and encoded product may show: levels of uniform colour, pixels of shift, change of
size, share of the fine detail lost or added. Good ones measure at most 0.7, 0.22, 0.0036, 0.08."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happened to a product: one of FAULTS, and how much of it."""

    name: str
    detail: str


def name_fault(pixels: Pixels, scaled: Pixels, box: Box) -> Fault:
    """The likeliest name for what makes the shown product differ from `scaled` (RGBA)."""
    pair = laid_over(pixels, scaled, box)
    before = left_over(pair.shown, pair.own, pair.inner)
    tries = [_recoloured(pair), _moved(pair, resize=False), _moved(pair, resize=True)]
    tries += [_mirrored(pair), _sharpness(pair)]
    # A simpler explanation wins over one with more to turn, unless that is clearly better.
    handicap = (1.0, 1.0, 1.25, 1.0, 1.0)
    weighed = zip(tries, handicap, strict=True)
    _, rest, fault = min(
        ((rest * factor, rest, fault) for (rest, fault), factor in weighed), key=lambda t: t[0]
    )
    if rest <= EXPLAINED * before:
        return fault
    off = np.abs(pair.shown - pair.own).max(axis=2)[pair.inner]
    strong = float((off > 24).mean()) if off.size else 0.0
    if strong < 0.7 and (not off.size or float(np.median(off)) < 6):
        return Fault("covered", f"something lies over {max(strong, 0.001):.1%} of it")
    return Fault("changed", f"its pixels are others over {float((off > 0).mean()):.0%} of it")


def fault_of(found: Fit) -> Fault | None:
    """What a fit says of a marked product, the measure that is furthest over its limit; None when
    all are within theirs."""
    red, green, blue = found.colour
    across, down = (1 + change for change in found.squeeze)
    name = "blurred" if found.sharpness < 0 else "sharpened"
    shares = (
        (
            max(map(abs, found.colour)) / MOST_COLOUR,
            Fault(
                "recoloured", f"red, green and blue by {red:+.1f}, {green:+.1f}, {blue:+.1f} levels"
            ),
        ),
        (
            max(map(abs, found.squeeze)) / MOST_SQUEEZE,
            Fault("rescaled", f"to {across:.1%} of its width and {down:.1%} of its height"),
        ),
        (
            max(map(abs, found.shift)) / MOST_SHIFT,
            Fault("shifted", f"by ({found.shift[0]:+.1f}, {found.shift[1]:+.1f}) pixels"),
        ),
        (
            abs(found.sharpness) / MOST_SHARPNESS,
            Fault(name, f"its fine detail by {found.sharpness:+.0%}"),
        ),
    )
    share, fault = max(shares, key=lambda pair: pair[0])
    return fault if share > 1 else None


def _recoloured(pair: Pair) -> tuple[float, Fault]:
    rest = []
    for c in range(3):
        own, shown = pair.own[..., c][pair.inner], pair.shown[..., c][pair.inner]
        gain, offset = _line(own, shown)
        rest.append(np.abs(shown - np.rint(np.clip(gain * own + offset, 0, 255))).mean())
    levels = ", ".join(f"{value:+.1f}" for value in colour_change(pair))
    return float(np.mean(rest)), Fault("recoloured", f"red, green and blue by {levels} levels")


def _line(own: Floats, shown: Floats) -> tuple[float, float]:
    """Gain and offset of least squares; no gain where the product has one tone only."""
    spread = float(own.var())
    if spread < 4.0:
        return 1.0, float(shown.mean() - own.mean())
    gain = float(((own - own.mean()) * (shown - shown.mean())).mean()) / spread
    return gain, float(shown.mean() - gain * own.mean())


def _moved(pair: Pair, *, resize: bool) -> tuple[float, Fault]:
    motion = best_motion(pair, resize=resize)
    rest = left_over(pair.shown, warped(pair, motion), pair.inner)
    if not resize:
        return rest, Fault("shifted", f"by ({motion[0]:+.1f}, {motion[1]:+.1f}) pixels")
    height, width = (side - 2 * pair.pad for side in pair.inner.shape)
    across, down = 1 + 2 * motion[2] / max(width, 1), 1 + 2 * motion[3] / max(height, 1)
    detail = f"to {across:.1%} of its width and {down:.1%} of its height"
    return rest, Fault("rescaled", detail)


def _mirrored(pair: Pair) -> tuple[float, Fault]:
    own, inner = pair.own[:, ::-1], pair.inner & pair.inner[:, ::-1]
    fault = Fault("mirrored", "left and right are exchanged")
    return (left_over(pair.shown, own, inner) if inner.any() else np.inf), fault


def _sharpness(pair: Pair) -> tuple[float, Fault]:
    """Blur and sharpening, as the best of a few widths of the kernel."""
    found = []
    for sigma in (0.6, 1.0, 1.6, 2.5):
        detail = pair.own - cv2.GaussianBlur(pair.own, (0, 0), sigma)
        fine, off = detail[pair.inner], (pair.shown - pair.own)[pair.inner]
        amount = float((fine * off).sum() / max(float((fine * fine).sum()), 1e-6))
        found.append((float(np.abs(off - amount * fine).mean()), amount, sigma))
    rest, amount, sigma = min(found)
    name = "blurred" if amount < 0 else "sharpened"
    return rest, Fault(name, f"its detail under {2 * sigma:.0f} pixels by {amount:+.0%}")
