"""What can be wrong with a picture: the defects to learn with their words, and those kept out.

Kinds in `KEPT_OUT` are for evaluation alone. `filtered` and `mottled` are families rather than
faults: of random filters and of random patterns, so that what is learned is "this is no clean
picture", not a list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import defect_kinds as kinds
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Dice = np.random.Generator
    Defect = Callable[[Pixels, Dice], Pixels]

LEARNED: dict[str, tuple[Defect, tuple[str, ...]]] = {
    "blur": (kinds.blur, ("blurred", "blurry", "out of focus", "soft and unsharp")),
    "noise": (kinds.noise, ("noisy", "grainy", "noisy, distorted")),
    "banding": (kinds.banding, ("banded", "posterised steps of colour", "broken gradients")),
    "clutter": (
        kinds.clutter,
        ("cluttered", "a mess of random things", "a cluttered, unbalanced composition"),
    ),
    "low contrast": (kinds.low_contrast, ("low contrast", "dull and washed out", "hazy and flat")),
    "bad crop": (kinds.bad_crop, ("badly cropped", "the subject cut off", "a careless crop")),
    "over-saturated": (
        kinds.over_saturated,
        ("over-saturated", "garish colours", "clashing, ugly colours"),
    ),
    "blocks": (kinds.blocks, ("compression blocks", "blocky artefacts", "over-compressed")),
    "underexposed": (kinds.underexposed, ("underexposed", "far too dark", "badly lit")),
    "tilted": (kinds.tilted, ("tilted", "a crooked horizon", "an unbalanced composition")),
    "low resolution": (
        kinds.low_resolution,
        ("low resolution", "enlarged too far", "soft and jagged"),
    ),
    "filtered": (kinds.filtered, ("distorted", "processing artefacts", "harsh, broken detail")),
    "screened": (kinds.screened, ("a screen of dots", "moiré", "a coarse printed screen")),
    "mottled": (kinds.mottled, ("mottled", "blotchy", "spotty, uneven surfaces")),
    "warped": (kinds.warped, ("warped", "wavy, bent edges", "distorted shapes")),
    "glitched": (kinds.glitched, ("glitched", "torn rows", "a broken, slipped picture")),
    "overexposed": (kinds.overexposed, ("overexposed", "blown highlights", "far too bright")),
    "pixelated": (kinds.pixelated, ("pixelated", "coarse square pixels", "enlarged without care")),
}
KEPT_OUT: dict[str, Defect] = {
    "motion blur": kinds.motion_blur,
    "salt and pepper": kinds.salt_and_pepper,
    "colour fringes": kinds.colour_fringes,
    "ghost": kinds.ghost,
    "stripes": kinds.stripes,
    "haloed": kinds.haloed,
    "smeared": kinds.smeared,
    "interlaced": kinds.interlaced,
    "scratched": kinds.scratched,
    "dithered": kinds.dithered,
    "flared": kinds.flared,
}


STRUCTURE = 0.95
"""A picture and its spoiled copy that are more alike than this show no defect."""
TRIES = 6


def spoiled(picture: Pixels, kind: Defect, dice: Dice) -> Pixels | None:
    """The picture with a defect that can be seen; None when none can be seen."""
    for _ in range(TRIES):
        found = kind(picture, dice)
        if structure(picture, found) <= STRUCTURE:
            return found
    return None


def structure(one: Pixels, other: Pixels) -> float:
    """How alike two pictures are in contrast and structure, the mean over windows of 7 pixels: SSIM
    (Wang et al. 2004) without its term for the level, since a flat wall of another colour is no
    defect. In [-1, 1]."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    mean_a, mean_b = cv2.blur(a, (7, 7)), cv2.blur(b, (7, 7))
    spread = cv2.blur(a * a, (7, 7)) - mean_a**2 + cv2.blur(b * b, (7, 7)) - mean_b**2
    common = cv2.blur(a * b, (7, 7)) - mean_a * mean_b
    small = (0.03 * 255) ** 2
    return float(((2 * common + small) / (spread + small)).mean())
