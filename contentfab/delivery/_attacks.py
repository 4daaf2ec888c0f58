"""What happens to a published picture on its way: the rows of the robustness table, in its order.

Each attack is a pure function from pixels to pixels (H × W × 3, uint8), the same on every run:
noise is seeded by the picture's size. The names are the words of the table, `WHAT` says in one
sentence what each does. Ordinary processing only: nothing here knows the mark or tries to remove
it. Knows nothing about files, watermarks or scores.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageFilter, ImageOps

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

Attack = Callable[["Picture"], "Picture"]

_NEUTRAL = (128, 128, 128)
_WECHAT_SIDE = 1080  # pixels, longest side
_INSTAGRAM_WIDTH = 1080  # pixels
_NOISE_SEED = 8


def _none(pixels: Picture) -> Picture:
    return pixels.copy()


def _encoded(pixels: Picture, form: str, **options: Any) -> Picture:
    """Encoded and decoded by Pillow with its defaults (JPEG and WebP halve the chroma: 4:2:0)."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)
    return _array(Image.open(out))


def _resized(pixels: Picture, across: float, down: float, *, back: bool = False) -> Picture:
    height, width = pixels.shape[:2]
    size = (max(round(width * across), 1), max(round(height * down), 1))
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    return _array(small.resize((width, height), Image.Resampling.BICUBIC) if back else small)


def _cropped(pixels: Picture, share: float, x: float = 0.5, y: float = 0.5) -> Picture:
    """`share` of each side is kept; x and y say where, 0.5 is the middle."""
    height, width = pixels.shape[:2]
    new_height, new_width = max(round(height * share), 1), max(round(width * share), 1)
    top, left = round((height - new_height) * y), round((width - new_width) * x)
    return np.ascontiguousarray(pixels[top : top + new_height, left : left + new_width])


def _levels(pixels: Picture, gain: float = 1.0, gamma: float = 1.0) -> Picture:
    table = 255.0 * (np.arange(256) / 255.0) ** gamma * gain
    return np.clip(np.rint(table), 0, 255).astype(np.uint8)[pixels]


def _greyscale(pixels: Picture) -> Picture:
    return _array(ImageOps.grayscale(Image.fromarray(pixels)))


def _blurred(pixels: Picture, radius: float) -> Picture:
    return _array(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


def _noisy(pixels: Picture, sigma: float) -> Picture:
    rng = np.random.default_rng((_NOISE_SEED, *pixels.shape[:2]))
    noisy = pixels + rng.normal(0.0, sigma, pixels.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def _tilted(pixels: Picture, degrees: float) -> Picture:
    """Counter-clockwise on the same canvas; the corners that open are grey."""
    image = Image.fromarray(pixels)
    return _array(image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=_NEUTRAL))


def _turned(pixels: Picture, quarters: int) -> Picture:
    return np.ascontiguousarray(np.rot90(pixels, quarters))


def _mirrored(pixels: Picture) -> Picture:
    return np.ascontiguousarray(pixels[:, ::-1])


def _screenshot(pixels: Picture) -> Picture:
    return _encoded(_cropped(_resized(pixels, 0.8, 0.8), 0.85), "JPEG", quality=80)


def _wechat(pixels: Picture) -> Picture:
    factor = min(1.0, _WECHAT_SIDE / max(pixels.shape[:2]))
    return _encoded(_resized(pixels, factor, factor), "JPEG", quality=75)


def _instagram(pixels: Picture) -> Picture:
    factor = _INSTAGRAM_WIDTH / pixels.shape[1]
    return _encoded(_resized(pixels, factor, factor), "JPEG", quality=70)


def _array(image: Image.Image) -> Picture:
    return np.asarray(image.convert("RGB"), np.uint8)


_TABLE: tuple[tuple[str, Attack, str], ...] = (
    ("none", _none, "The picture as it was made."),
    *(
        (f"jpeg q{q}", partial(_encoded, form="JPEG", quality=q), f"Saved as JPEG, quality {q}.")
        for q in (90, 70, 50, 30)
    ),
    *(
        (f"webp q{q}", partial(_encoded, form="WEBP", quality=q), f"Saved as WebP, quality {q}.")
        for q in (80, 50)
    ),
    ("avif q60", partial(_encoded, form="AVIF", quality=60), "Saved as AVIF, quality 60."),
    (
        "resize 0.5 and back",
        partial(_resized, across=0.5, down=0.5, back=True),
        "Halved, then enlarged to the old size.",
    ),
    (
        "resize 0.75 and back",
        partial(_resized, across=0.75, down=0.75, back=True),
        "Shrunk to three quarters, then enlarged to the old size.",
    ),
    *(
        (
            f"resize {factor:g}",
            partial(_resized, across=factor, down=factor),
            f"Resized to {factor:g} of its sides and left so.",
        )
        for factor in (0.5, 0.75, 0.33)
    ),
    *(
        (
            f"crop {percent} %",
            partial(_cropped, share=percent / 100),
            f"The middle {percent} % of each side is kept.",
        )
        for percent in (90, 70, 50)
    ),
    (
        "crop 70 % off-centre",
        partial(_cropped, share=0.7, x=0.13, y=0.91),
        "70 % of each side is kept, from near the lower left corner.",
    ),
    ("brightness +10 %", partial(_levels, gain=1.1), "Every value times 1.1."),
    ("brightness -10 %", partial(_levels, gain=0.9), "Every value times 0.9."),
    ("gamma 1.3", partial(_levels, gamma=1.3), "Midtones darkened by gamma 1.3."),
    ("greyscale", _greyscale, "All colour taken out."),
    ("blur r=1", partial(_blurred, radius=1), "Gaussian blur, radius 1 pixel."),
    ("blur r=2", partial(_blurred, radius=2), "Gaussian blur, radius 2 pixels."),
    ("noise 8", partial(_noisy, sigma=8.0), "Gaussian noise of 8 grey levels in each channel."),
    *(
        (
            f"rotate {degrees:+d}°",
            partial(_tilted, degrees=degrees),
            f"Tilted by {abs(degrees)}° {'counter-' if degrees > 0 else ''}clockwise, same canvas.",
        )
        for degrees in (1, -1, 3, -3)
    ),
    ("flip", _mirrored, "Mirrored left to right."),
    *(
        (f"turn {90 * n}°", partial(_turned, quarters=n), f"Turned by {90 * n}°.")
        for n in (1, 2, 3)
    ),
    ("0.95 in x", partial(_resized, across=0.95, down=1.0), "Squeezed to 95 % of its width."),
    ("0.95 in y", partial(_resized, across=1.0, down=0.95), "Squeezed to 95 % of its height."),
    (
        "screenshot",
        _screenshot,
        "Shown at 0.8 of its size, the middle 85 % captured, saved as JPEG, quality 80.",
    ),
    (
        "wechat",
        _wechat,
        "Shrunk to a longest side of 1080 pixels, saved as JPEG, quality 75.",
    ),
    ("instagram", _instagram, "Resized to a width of 1080 pixels, saved as JPEG, quality 70."),
)

ATTACKS: Mapping[str, Attack] = MappingProxyType({name: attack for name, attack, _ in _TABLE})
WHAT: Mapping[str, str] = MappingProxyType({name: sentence for name, _, sentence in _TABLE})
