"""Neutral shading x palette = picture: the light of a plate falling on a brand's colours.

Diffuse light is linear in what it falls on, so a grey render times a colour is a render in that
colour. Added on top: one bounce of colour into the shadows, a soft shoulder for the highlights, a
little noise against banding. Knows arrays only; nothing of plates, files or requests.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.rules.pixels.colour import linear_to_srgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contentfab.records.pictures import Picture

    Floats = NDArray[np.float32]

_BOUNCE = 0.55  # share of the light that comes from coloured surroundings, in the deepest shadow
_BOUNCE_ENDS = 1.15  # light from which on there is none
_SHRINK = 8  # the bounce is computed on a picture this much smaller
_KNEE = 0.74  # linear light from which on highlights are pressed together
_FILL = 0.04  # light that reaches everything; dark colours would lose their shadows' shape
_SHEEN = 0.02  # of the light above the quiet wall's, whatever the colour: paint is never all matt
_STEPS = 16384  # of the table from linear light 0.._TOP to sRGB
_TOP = 2.0


def relight(light: Floats, weights: Floats, albedo: Floats, seed: int) -> Picture:
    """Colour a plate.

    `light`: H x W, 1 where a colour shall look as named. `weights`: H x W x 3 in 0..255, the
    share of the first three roles, the rest is the fourth's. `albedo`: 4 x 3, linear RGB a role.
    """
    light = light * np.float32(1 - _FILL) + np.float32(_FILL)
    last = albedo[3]
    matrix = np.empty((3, 4), np.float32)
    matrix[:, :3] = (albedo[:3] - last).T / 255.0
    matrix[:, 3] = last
    picture = cv2.transform(weights, matrix)
    shade = light * np.maximum(1.0 - light * np.float32(1 / _BOUNCE_ENDS), np.float32(0))
    shade *= np.float32(_BOUNCE)
    sheen = np.maximum(light - np.float32(1), np.float32(0)) * np.float32(_SHEEN)
    direct = light - shade
    bounce = _bounce(np.asarray(picture, np.float32), light)
    for channel in range(3):
        factor = np.asarray(cv2.multiply(shade, bounce[channel]), np.float32)
        factor += direct
        factor *= np.asarray(picture[..., channel], np.float32)
        factor += sheen
        picture[..., channel] = factor
    return finish(np.asarray(picture, np.float32), seed)


def finish(picture: Floats, seed: int) -> Picture:
    """Linear light (H x W x 3; destroyed) to sRGB levels, dithered by noise that `seed` fixes."""
    picture *= np.float32(_STEPS / _TOP)
    index = np.clip(picture, 0.0, float(_STEPS - 1), out=picture).astype(np.uint16)
    levels = np.take(_tone_curve(), index)
    height, width = index.shape[:2]
    noise = np.frombuffer(np.random.default_rng(seed).bytes(height * width), np.uint8)
    levels += noise.reshape(height, width, 1)
    levels >>= 8
    return levels.astype(np.uint8)


def _bounce(picture: Floats, light: Floats) -> list[Floats]:
    """Colour of the surroundings' light per channel (H x W each), around 1."""
    height, width = light.shape
    small = (max(2, width // _SHRINK), max(2, height // _SHRINK))
    glow = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    glow = glow * cv2.resize(light, small, interpolation=cv2.INTER_AREA)[..., None]
    glow = cv2.GaussianBlur(glow, (0, 0), max(small) / 13.0)
    mean = glow.mean(-1, keepdims=True) + 1e-4
    # Bright surroundings fill shadows, dark ones leave them deep; the hue goes in whole.
    glow = glow / mean * (mean / 0.5) ** 0.15
    return [
        np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
        for part in cv2.split(glow)
    ]


@cache
def _tone_curve() -> NDArray[np.uint16]:
    """sRGB levels x 256 of linear light in steps, with a shoulder that never quite reaches white.

    Levels end at 254.99, so that a byte of noise cannot carry over into a 256th level.
    """
    linear = np.arange(_STEPS) * (_TOP / _STEPS)
    room = 1 - _KNEE
    pressed = np.where(linear < _KNEE, linear, 1 - room * np.exp(-(linear - _KNEE) / room))
    return np.minimum(linear_to_srgb(pressed) * 256, 255 * 256 - 1).astype(np.uint16)
