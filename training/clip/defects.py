"""What can be wrong with a picture: each defect is a function on uint8 pixels, with its words.

Strengths are drawn wide, but never so weak that the defect cannot be seen at training size. Kinds
in `KEPT_OUT` are for evaluation alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Dice = np.random.Generator
    Defect = Callable[[Pixels, Dice], Pixels]


def blur(picture: Pixels, dice: Dice) -> Pixels:
    sigma = dice.uniform(1.4, 4.0) * _unit(picture)
    return _levels(cv2.GaussianBlur(picture, (0, 0), sigma))


def noise(picture: Pixels, dice: Dice) -> Pixels:
    grain = dice.normal(0, dice.uniform(14, 38), (*picture.shape[:2], dice.choice((1, 3))))
    return _levels(picture + grain)


def banding(picture: Pixels, dice: Dice) -> Pixels:
    step = float(dice.choice((24, 32, 40, 52)))
    return _levels(np.floor(picture / step) * step + step / 2)


def clutter(picture: Pixels, dice: Dice) -> Pixels:
    out = picture.copy()
    height, width = picture.shape[:2]
    for _ in range(int(dice.integers(10, 26))):
        colour = tuple(int(v) for v in dice.integers(0, 256, 3))
        x, y = int(dice.integers(0, width)), int(dice.integers(0, height))
        size = int(dice.uniform(0.03, 0.13) * min(width, height)) + 1
        if dice.random() < 0.5:
            cv2.circle(out, (x, y), size, colour, -1, cv2.LINE_AA)
        else:
            far = (x + int(dice.uniform(0.4, 2.2) * size), y + int(dice.uniform(0.4, 2.2) * size))
            cv2.rectangle(out, (x, y), far, colour, -1)
    return out


def low_contrast(picture: Pixels, dice: Dice) -> Pixels:
    keep, grey = dice.uniform(0.12, 0.34), dice.uniform(90, 190)
    return _levels(picture * keep + grey * (1 - keep))


def bad_crop(picture: Pixels, dice: Dice) -> Pixels:
    """A far too near, off-centre part: the subject is cut off."""
    height, width = picture.shape[:2]
    share = dice.uniform(0.3, 0.48)
    w, h = max(8, int(width * share)), max(8, int(height * share))
    x = int(dice.choice((0.05, 0.95)) * (width - w))
    y = int(dice.uniform(0.45, 1.0) * (height - h))
    return _levels(cv2.resize(picture[y : y + h, x : x + w], (width, height)))


def over_saturated(picture: Pixels, dice: Dice) -> Pixels:
    grey = picture.mean(axis=2, keepdims=True)
    return _levels(grey + (picture - grey) * dice.uniform(2.4, 4.5))


def blocks(picture: Pixels, dice: Dice) -> Pixels:
    quality = int(dice.integers(2, 9))
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return _levels(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR)))


def underexposed(picture: Pixels, dice: Dice) -> Pixels:
    return _levels(255 * (picture / 255.0) ** 1.2 * dice.uniform(0.1, 0.24))


def tilted(picture: Pixels, dice: Dice) -> Pixels:
    height, width = picture.shape[:2]
    angle = float(dice.choice((-1, 1)) * dice.uniform(9, 22))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return _levels(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE))


def motion_blur(picture: Pixels, dice: Dice) -> Pixels:
    length = max(5, int(dice.uniform(7, 15) * _unit(picture)) | 1)
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5,) * 2, dice.uniform(0, 180), 1.0)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return _levels(cv2.filter2D(picture, -1, kernel / max(kernel.sum(), 1e-3)))


def salt_and_pepper(picture: Pixels, dice: Dice) -> Pixels:
    out, hit = picture.copy(), dice.random(picture.shape[:2])
    share = dice.uniform(0.03, 0.1)
    out[hit < share / 2], out[hit > 1 - share / 2] = 0, 255
    return out


def pixelated(picture: Pixels, dice: Dice) -> Pixels:
    height, width = picture.shape[:2]
    size = max(4, int(dice.uniform(4, 8) * _unit(picture)))
    small = cv2.resize(picture, (width // size, height // size), interpolation=cv2.INTER_AREA)
    return _levels(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST))


def overexposed(picture: Pixels, dice: Dice) -> Pixels:
    return _levels(picture * dice.uniform(2.0, 3.2) + 30)


def colour_fringes(picture: Pixels, dice: Dice) -> Pixels:
    shift = max(2, int(dice.uniform(2, 5) * _unit(picture)))
    out = picture.copy()
    out[..., 0] = np.roll(picture[..., 0], shift, axis=1)
    out[..., 2] = np.roll(picture[..., 2], -shift, axis=1)
    return out


def ghost(picture: Pixels, dice: Dice) -> Pixels:
    shift = max(4, int(dice.uniform(5, 12) * _unit(picture)))
    return _levels(0.55 * picture + 0.45 * np.roll(picture, (shift // 2, shift), (0, 1)))


def stripes(picture: Pixels, dice: Dice) -> Pixels:
    rows = np.arange(picture.shape[0]) / (dice.uniform(2.0, 5.0) * _unit(picture))
    return _levels(picture + dice.uniform(14, 30) * np.sin(rows)[:, None, None])


def haloed(picture: Pixels, dice: Dice) -> Pixels:
    """Sharpened far too much."""
    soft = cv2.GaussianBlur(picture, (0, 0), 1.6 * _unit(picture))
    strong = dice.uniform(3.5, 7.0)
    return _levels(picture + strong * (picture.astype(np.float32) - soft))


LEARNED: dict[str, tuple[Defect, tuple[str, ...]]] = {
    "blur": (blur, ("blurred", "blurry", "out of focus", "soft and unsharp")),
    "noise": (noise, ("noisy", "grainy", "noisy, distorted")),
    "banding": (banding, ("banded", "posterised steps of colour", "broken gradients")),
    "clutter": (
        clutter,
        ("cluttered", "a mess of random things", "a cluttered, unbalanced composition"),
    ),
    "low contrast": (low_contrast, ("low contrast", "dull and washed out", "hazy and flat")),
    "bad crop": (bad_crop, ("badly cropped", "the subject cut off", "a careless crop")),
    "over-saturated": (
        over_saturated,
        ("over-saturated", "garish colours", "clashing, ugly colours"),
    ),
    "blocks": (blocks, ("compression blocks", "blocky artefacts", "over-compressed")),
    "underexposed": (underexposed, ("underexposed", "far too dark", "badly lit")),
    "tilted": (tilted, ("tilted", "a crooked horizon", "an unbalanced composition")),
}
KEPT_OUT: dict[str, Defect] = {
    "motion blur": motion_blur,
    "salt and pepper": salt_and_pepper,
    "pixelated": pixelated,
    "overexposed": overexposed,
    "colour fringes": colour_fringes,
    "ghost": ghost,
    "stripes": stripes,
    "haloed": haloed,
}


def _unit(picture: Pixels) -> float:
    """One pixel of a picture of 144, in pixels of this one: defects keep their looks."""
    return min(picture.shape[:2]) / 144


def _levels(values: object) -> Pixels:
    return np.clip(np.rint(np.asarray(values, np.float32)), 0, 255).astype(np.uint8)
