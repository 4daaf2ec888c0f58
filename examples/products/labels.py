"""Pillow drawing for printed labels: fonts from pip packages, tracked text."""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = {
    "sans": ("justmytype_western_core", "fonts/ofl/inter/Inter[opsz,wght].ttf"),
    "sans-italic": ("justmytype_western_core", "fonts/ofl/inter/Inter-Italic[opsz,wght].ttf"),
    "serif": ("justmytype_western_core", "fonts/ofl/sourceserif4/SourceSerif4[opsz,wght].ttf"),
    "serif-italic": (
        "justmytype_western_core",
        "fonts/ofl/sourceserif4/SourceSerif4-Italic[opsz,wght].ttf",
    ),
    "mono": ("justmytype_western_core", "fonts/ofl/jetbrainsmono/JetBrainsMono[wght].ttf"),
    "cjk": ("justmytype_intl_cjk", "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"),
}


@lru_cache(maxsize=128)
def font(family: str, size: int, weight: int = 400) -> ImageFont.FreeTypeFont:
    """A variable font instance at a weight (largest optical size)."""
    package, rel = FONTS[family]
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"font package missing: pip install {package.replace('_', '-')}")
    f = ImageFont.truetype(str(Path(spec.origin).parent / rel), size)
    axes = {"serif": [weight, 60], "sans": [32, weight]}.get(family.split("-")[0], [weight])
    f.set_variation_by_axes(axes)
    return f


class Sheet:
    """A drawing surface with tracked text; all lengths in pixels."""

    def __init__(self, w: int, h: int, color: str | tuple = (0, 0, 0, 0)) -> None:
        self.img = Image.new("RGBA", (w, h), color)
        self.draw = ImageDraw.Draw(self.img)
        self.w, self.h = w, h

    def width(self, s: str, f: ImageFont.FreeTypeFont, tracking: float) -> float:
        return (
            sum(f.getlength(c) for c in s) + tracking * (len(s) - 1) if tracking else f.getlength(s)
        )

    def text(
        self,
        x: float,
        y: float,
        s: str,
        family: str,
        size: int,
        color,
        weight: int = 400,
        tracking: float = 0,
        align: str = "c",
    ) -> float:
        """Draw one line with its baseline at ``y``; returns its width.

        ``tracking`` is in thousandths of the size, ``align`` is l, c or r.
        """
        f = font(family, size, weight)
        t = tracking / 1000 * size
        w = self.width(s, f, t)
        x0 = x - {"l": 0, "c": w / 2, "r": w}[align]
        if not t:
            self.draw.text((x0, y), s, fill=color, font=f, anchor="ls")
            return w
        for c in s:
            self.draw.text((x0, y), c, fill=color, font=f, anchor="ls")
            x0 += f.getlength(c) + t
        return w

    def line(self, x0, y0, x1, y1, color, width: int = 2) -> None:
        self.draw.line((x0, y0, x1, y1), fill=color, width=width)

    def rect(
        self, x0, y0, x1, y1, fill=None, outline=None, width: int = 1, radius: float = 0
    ) -> None:
        self.draw.rounded_rectangle(
            (x0, y0, x1, y1), radius, fill=fill, outline=outline, width=width
        )

    def disc(self, cx, cy, r, fill=None, outline=None, width: int = 1) -> None:
        self.draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=fill, outline=outline, width=width)
