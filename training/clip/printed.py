"""Words printed over training pictures: praise, colour names, shop talk and nonsense.

A CLIP model that can read is flattered by what is written on a poster. Captions do not change when
words are printed over a picture, so nothing is gained by reading them.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from contentfab.backends import _fonts
from contentfab.rules.pixels.colour_names import NAMED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

PRAISE = (
    "award-winning", "beautiful", "best", "quality", "stunning", "premium", "perfect",
    "masterpiece", "sharp", "balanced", "professional", "luxury", "amazing", "No.1", "great", "new",
    "sale", "free", "today", "50%", "blurred", "ugly", "bad", "noisy", "flawed",
)  # fmt: skip
FONTS = ("Inter", "NotoSans", "NotoSerif", "SourceSerif", "JetBrainsMono")
"""Starts of file names among the installed fonts."""
BITMAPS = 500
HEIGHT = 40


class Words:
    """A stock of drawn words (alpha masks), pasted in any size and colour."""

    def __init__(self, seed: int) -> None:
        dice = random.Random(seed)
        files = sorted(_fonts.font_files())
        first = (next(f for f in files if f.name.startswith(name)) for name in FONTS)
        fonts = [ImageFont.truetype(str(file), HEIGHT) for file in first]
        self._masks = [_mask(_text(dice), dice.choice(fonts)) for _ in range(BITMAPS)]

    def over(self, picture: Pixels, dice: random.Random) -> Pixels:
        """The picture with one to five lines of words on it."""
        out = picture.copy()
        height, width = out.shape[:2]
        ink = np.array([dice.randrange(256) for _ in range(3)], np.float32)
        if dice.random() < 0.6:
            ink[:] = dice.choice((0, 20, 240, 255))
        x, y = dice.uniform(0, 0.5) * width, dice.uniform(0, 0.8) * height
        size = dice.uniform(0.04, 0.2) * height
        for _ in range(dice.randint(1, 5)):
            mask = dice.choice(self._masks)
            wide = max(4, round(mask.shape[1] * size / HEIGHT))
            small = cv2.resize(mask, (wide, max(3, round(size))), interpolation=cv2.INTER_AREA)
            _ink(out, small, round(x), round(y), ink)
            y += 1.2 * size
            if dice.random() < 0.4:
                size *= 0.6
        return out


def _text(dice: random.Random) -> str:
    def word() -> str:
        if dice.random() < 0.5:
            return dice.choice((*PRAISE, *NAMED))
        return "".join(dice.choice("abcdefghijklmnoprstuvwz") for _ in range(dice.randint(2, 9)))

    text = " ".join(word() for _ in range(dice.randint(1, 4)))
    return dice.choice((text, text.upper(), text.capitalize()))


def _mask(text: str, font: ImageFont.FreeTypeFont) -> Pixels:
    wide = int(font.getlength(text)) + 4
    image = Image.new("L", (wide, HEIGHT + 12))
    ImageDraw.Draw(image).text((2, 0), text, fill=255, font=font)
    return np.asarray(image, np.uint8)


def _ink(out: Pixels, mask: Pixels, x: int, y: int, ink: NDArray[np.float32]) -> None:
    height, width = out.shape[:2]
    part = mask[: max(0, height - y), : max(0, width - x)]
    area = out[y : y + part.shape[0], x : x + part.shape[1]]
    alpha = part[: area.shape[0], : area.shape[1], None].astype(np.float32) / 255
    area[...] = (area * (1 - alpha) + ink * alpha).astype(np.uint8)
