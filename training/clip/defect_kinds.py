"""The kinds of defects: functions that spoil a picture (uint8 RGB) by draws from a generator.

Strengths are drawn wide, but never so weak that the defect cannot be seen at training size. Every
length is in pixels of a picture of 144, so that a defect keeps its looks at any size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Dice = np.random.Generator


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


def low_resolution(picture: Pixels, dice: Dice) -> Pixels:
    """Enlarged from far too few pixels, by a smooth filter."""
    height, width = picture.shape[:2]
    by = dice.uniform(3.0, 6.5) * _unit(picture)
    small = (max(4, round(width / by)), max(4, round(height / by)))
    few = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    how = int(dice.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC)))
    return _levels(cv2.resize(few, (width, height), interpolation=how))


def filtered(picture: Pixels, dice: Dice) -> Pixels:
    """A random filter, of its own for each channel or one for all; the mean level stays."""
    side = max(3, int(dice.choice((3, 5, 7, 9)) * _unit(picture)) | 1)
    out = np.empty(picture.shape, np.float32)
    kernels = [_kernel(side, dice) for _ in range(3 if dice.random() < 0.5 else 1)]
    for channel in range(3):
        kernel = kernels[channel % len(kernels)]
        out[..., channel] = cv2.filter2D(picture[..., channel].astype(np.float32), -1, kernel)
    return _levels(out)


def _kernel(side: int, dice: Dice) -> NDArray[np.float32]:
    kernel = dice.normal(0, 1, (side, side))
    kernel -= kernel.mean()
    kernel *= dice.uniform(1.2, 3.0) / max(float(np.linalg.norm(kernel)), 1e-6)
    kernel[side // 2, side // 2] += 1
    return kernel.astype(np.float32)


def screened(picture: Pixels, dice: Dice) -> Pixels:
    """A printer's or a monitor's screen: a grid of dots at some angle."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    turn, period = dice.uniform(0, np.pi), dice.uniform(3.0, 8.0) * _unit(picture)
    along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    dots = np.sin(2 * np.pi * along / period) * np.sin(2 * np.pi * across / period)
    return _levels(picture + dice.uniform(18, 45) * dots[..., None])


def mottled(picture: Pixels, dice: Dice) -> Pixels:
    """A random pattern of spots of about one size, grey or coloured."""
    height, width = picture.shape[:2]
    channels = int(dice.choice((1, 3)))
    size = dice.uniform(1.2, 4.0) * _unit(picture)
    rough = dice.normal(0, 1, (height, width, channels)).astype(np.float32)
    spots = cv2.GaussianBlur(rough, (0, 0), size) - cv2.GaussianBlur(rough, (0, 0), 1.6 * size)
    spots = spots.reshape(height, width, channels) / max(float(spots.std()), 1e-6)
    return _levels(picture + dice.uniform(10, 24) * spots)


def warped(picture: Pixels, dice: Dice) -> Pixels:
    """Straight edges made wavy."""
    height, width = picture.shape[:2]
    rough = dice.normal(0, 1, (height, width, 2)).astype(np.float32)
    moved = cv2.GaussianBlur(rough, (0, 0), dice.uniform(4, 8) * _unit(picture))
    moved *= dice.uniform(2.2, 4.4) * _unit(picture) / max(float(moved.std()), 1e-6)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x + moved[..., 0], y + moved[..., 1]
    return _levels(cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def glitched(picture: Pixels, dice: Dice) -> Pixels:
    """Rows that slipped sideways."""
    out, height, width = picture.copy(), *picture.shape[:2]
    for _ in range(int(dice.integers(5, 13))):
        tall = max(2, int(dice.uniform(0.02, 0.12) * height))
        y = int(dice.integers(0, max(1, height - tall)))
        by = int(dice.choice((-1, 1)) * dice.uniform(0.04, 0.3) * width)
        out[y : y + tall] = np.roll(out[y : y + tall], by, axis=1)
    return out


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


def smeared(picture: Pixels, dice: Dice) -> Pixels:
    """Cleaned of noise far too eagerly: detail runs into patches."""
    side = max(5, int(dice.choice((5, 7, 9)) * _unit(picture)) | 1)
    return _levels(cv2.medianBlur(np.ascontiguousarray(picture), side))


def interlaced(picture: Pixels, dice: Dice) -> Pixels:
    """Two fields of a moving scene: every other row slipped."""
    out, by = picture.copy(), int(dice.uniform(3, 8) * _unit(picture)) * int(dice.choice((-1, 1)))
    rows = max(1, round(_unit(picture)))
    for y in range(0, len(out), 2 * rows):
        out[y : y + rows] = np.roll(out[y : y + rows], by, axis=1)
    return out


def scratched(picture: Pixels, dice: Dice) -> Pixels:
    """An old print: scratches and specks of dust."""
    out, (height, width) = picture.copy(), picture.shape[:2]
    for _ in range(int(dice.integers(8, 20))):
        x, y = int(dice.integers(0, width)), int(dice.integers(0, height))
        level = int(dice.choice((20, 235)))
        far = (x + int(dice.normal(0, 0.06) * width), y + int(dice.normal(0, 0.35) * height))
        cv2.line(out, (x, y), far, (level,) * 3, 1, cv2.LINE_AA)
    for _ in range(int(dice.integers(20, 60))):
        at = (int(dice.integers(0, width)), int(dice.integers(0, height)))
        cv2.circle(out, at, int(dice.integers(0, 2)), (int(dice.choice((20, 235))),) * 3, -1)
    return out


def dithered(picture: Pixels, dice: Dice) -> Pixels:
    """A few colours in an ordered pattern (Bayer 1973), as in old GIF files."""
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16 - 0.47
    height, width = picture.shape[:2]
    pattern = np.tile(bayer, (-(-height // 4), -(-width // 4)))[:height, :width, None]
    step = 255 / int(dice.integers(1, 4))
    return _levels(np.rint(picture / step + pattern) * step)


def flared(picture: Pixels, dice: Dice) -> Pixels:
    """Light that fell into the lens: a bright veil from one corner."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[: 1 : height * 1j, : 1 : width * 1j].astype(np.float32)
    far = np.hypot(x - dice.choice((0.0, 1.0)), y - dice.choice((0.0, 1.0)))
    veil = np.clip(1 - far / dice.uniform(0.7, 1.2), 0, 1)[..., None]
    return _levels(
        picture + veil * dice.uniform(110, 230) * np.array([1, dice.uniform(0.7, 1), 0.6])
    )


def haloed(picture: Pixels, dice: Dice) -> Pixels:
    """Sharpened far too much."""
    soft = cv2.GaussianBlur(picture, (0, 0), 1.6 * _unit(picture))
    strong = dice.uniform(3.5, 7.0)
    return _levels(picture + strong * (picture.astype(np.float32) - soft))


def _unit(picture: Pixels) -> float:
    """One pixel of a picture of 144, in pixels of this one: defects keep their looks."""
    return min(picture.shape[:2]) / 144


def _levels(values: object) -> Pixels:
    return np.clip(np.rint(np.asarray(values, np.float32)), 0, 255).astype(np.uint8)
