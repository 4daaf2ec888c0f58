"""Colour arithmetic on arrays: sRGB, linear light, CIELAB, CIEDE2000, WCAG contrast.

Every function takes colours in the last axis (shape (..., 3)) and works on whole pictures. sRGB
values are uint8 levels or floats in 0..255; linear light is in 0..1; Lab is D65, L in 0..100.
Knows nothing about brands, posters or what a colour is used for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Weights of linear red, green and blue in relative luminance (IEC 61966-2-1, WCAG 2.2)."""

_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
_LEVELS = np.arange(256) / 255.0
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4)


def hex_to_rgb(colour: str) -> tuple[int, int, int]:
    """Levels of `#RRGGBB`. Raises ValueError when it is anything else."""
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError(f"{colour!r} is no #RRGGBB colour")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def rgb_to_hex(rgb: ArrayLike) -> str:
    """`#RRGGBB` of three levels, rounded."""
    red, green, blue = (int(v) for v in np.clip(np.rint(np.asarray(rgb, float)), 0, 255))
    return f"#{red:02X}{green:02X}{blue:02X}"


def srgb_to_linear(rgb: ArrayLike) -> Floats:
    """Linear light of sRGB levels (IEC 61966-2-1); uint8 goes through a table."""
    levels = np.asarray(rgb)
    if levels.dtype == np.uint8:
        return np.asarray(_LINEAR[levels])
    value = np.asarray(levels, float) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(linear: ArrayLike) -> Floats:
    """sRGB levels (floats, 0..255) of linear light; out-of-range light is clipped."""
    light = np.clip(np.asarray(linear, float), 0.0, 1.0)
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(value * 255.0)


def luminance(rgb: ArrayLike) -> Floats:
    """Relative luminance in 0..1 (WCAG 2.2) of sRGB levels; drops the last axis."""
    return np.asarray(srgb_to_linear(rgb) @ LUMA)


def contrast(one: ArrayLike, other: ArrayLike) -> Floats:
    """WCAG 2.2 contrast ratio, 1..21, of sRGB levels; shapes broadcast."""
    return contrast_of_luminance(luminance(one), luminance(other))


def contrast_of_luminance(one: ArrayLike, other: ArrayLike) -> Floats:
    """WCAG 2.2 contrast ratio of two relative luminances; shapes broadcast."""
    first, second = np.asarray(one, float), np.asarray(other, float)
    return np.asarray((np.maximum(first, second) + 0.05) / (np.minimum(first, second) + 0.05))


def worst_contrast(ink: ArrayLike, ground: NDArray[Any], share: float = 0.05) -> float:
    """Contrast that `share` of the ground's pixels do not reach: the worst case that a reader
    meets, without being ruled by single pixels. `ground` has shape (..., 3)."""
    if ground.size == 0:
        return 21.0
    ratios = contrast_of_luminance(luminance(ink), luminance(ground))
    return float(np.quantile(ratios, share))


def srgb_to_lab(rgb: ArrayLike) -> Floats:
    """CIELAB (D65, 2°) of sRGB levels."""
    xyz = srgb_to_linear(rgb) @ _TO_XYZ.T / _WHITE
    cut = (6 / 29) ** 3
    f = np.where(xyz > cut, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lab_to_srgb(lab: ArrayLike) -> Floats:
    """sRGB levels (floats) of CIELAB; colours outside sRGB are clipped per channel."""
    values = np.asarray(lab, float)
    y = (values[..., 0] + 16) / 116
    f = np.stack([y + values[..., 1] / 500, y, y - values[..., 2] / 200], axis=-1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * _WHITE
    return linear_to_srgb(xyz @ np.linalg.inv(_TO_XYZ).T)


def delta_e(one: ArrayLike, other: ArrayLike) -> Floats:
    """CIEDE2000 difference of two Lab colours; shapes broadcast.

    Formula and test data: Sharma, Wu, Dalal, "The CIEDE2000 Color-Difference Formula" (2005)."""
    first, second = np.asarray(one, float), np.asarray(other, float)
    l1, a1, b1 = first[..., 0], first[..., 1], first[..., 2]
    l2, a2, b2 = second[..., 0], second[..., 1], second[..., 2]
    mean_c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(mean_c7 / (mean_c7 + 25.0**7)))
    c1, c2 = np.hypot(a1 * (1 + g), b1), np.hypot(a2 * (1 + g), b2)
    h1 = np.degrees(np.arctan2(b1, a1 * (1 + g))) % 360
    h2 = np.degrees(np.arctan2(b2, a2 * (1 + g))) % 360
    grey = c1 * c2 == 0
    turn = h2 - h1
    turn = turn - 360 * (turn > 180) + 360 * (turn < -180)
    d_hue = np.where(grey, 0, turn)
    d_l, d_c = l2 - l1, c2 - c1
    d_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(d_hue) / 2)
    return _weighted(d_l, d_c, d_h, (l1 + l2) / 2, (c1 + c2) / 2, _mean_hue(h1, h2, grey))


def _mean_hue(h1: Floats, h2: Floats, grey: NDArray[np.bool_]) -> Floats:
    total = h1 + h2
    far = np.abs(h1 - h2) > 180
    mean = np.where(far, np.where(total < 360, (total + 360) / 2, (total - 360) / 2), total / 2)
    return np.where(grey, total, mean)


def _weighted(
    d_l: Floats, d_c: Floats, d_h: Floats, mean_l: Floats, mean_c: Floats, mean_h: Floats
) -> Floats:
    def cosine(factor: float, shift: float) -> Floats:
        return np.asarray(np.cos(np.radians(factor * mean_h + shift)))

    t = 1 - 0.17 * cosine(1, -30) + 0.24 * cosine(2, 0) + 0.32 * cosine(3, 6)
    t = t - 0.20 * cosine(4, -63)
    turn = 30 * np.exp(-(((mean_h - 275) / 25) ** 2))
    chroma7 = mean_c**7
    rotation = -2 * np.sqrt(chroma7 / (chroma7 + 25.0**7)) * np.sin(np.radians(2 * turn))
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    lightness, chroma, hue = d_l / s_l, d_c / s_c, d_h / s_h
    return np.asarray(np.sqrt(lightness**2 + chroma**2 + hue**2 + rotation * chroma * hue))
