"""Logos of the three fictional brands as SVG outlines and PNGs.

    python examples/products/logos.py --out brand_guides

Letters become outlines with fontTools, so no font is needed to show them.
Writes ``logo.svg``/``logo.png`` (dark) and ``logo-light.svg``/``.png``.
Needs ``pip install fonttools pillow justmytype-western-core justmytype-intl-cjk``.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import math
from pathlib import Path

import numpy as np
from fontTools.pens.basePen import BasePen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import parse_path
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from labels import FONTS
from PIL import Image


class Recorder(SVGPathPen):
    """SVG pen with two decimals."""

    def __init__(self) -> None:
        super().__init__(None, ntos=lambda v: f"{v:.2f}".rstrip("0").rstrip("."))


_fonts: dict[tuple, TTFont] = {}


def load(family: str, **axes: float) -> TTFont:
    """A static instance of a packaged variable font."""
    key = (family, *sorted(axes.items()))
    if key not in _fonts:
        package, rel = FONTS[family]
        spec = importlib.util.find_spec(package)
        assert spec and spec.origin
        _fonts[key] = instantiateVariableFont(
            TTFont(Path(spec.origin).parent / rel), axes, inplace=True
        )
    return _fonts[key]


def outline(
    text: str, font: TTFont, size: float, x: float, y: float, tracking: float = 0, slant: float = 0
) -> tuple[str, float]:
    """SVG path data of a line of text and the x where it ends."""
    glyphs, cmap = font.getGlyphSet(), font.getBestCmap()
    k = size / font["head"].unitsPerEm
    pen = Recorder()
    for ch in text:
        name = cmap[ord(ch)]
        glyphs[name].draw(TransformPen(pen, (k, 0, slant * k, -k, x, y)))
        x += glyphs[name].width * k + tracking
    return pen.getCommands(), x - tracking


def arc_band(cx: float, cy: float, r: float, w: float) -> str:
    """Upper half ring."""
    a, b = r + w / 2, r - w / 2
    outer = f"M{cx - a:.2f} {cy}A{a} {a} 0 0 1 {cx + a:.2f} {cy}"
    return f"{outer}H{cx + b:.2f}A{b} {b} 0 0 0 {cx - b:.2f} {cy}Z"


def northlight() -> tuple[list[str], float, float]:
    """Half sun with two rays of light, wordmark, 北光咖啡."""
    f, z = load("sans", wght=720, opsz=32), load("cjk", wght=560)
    paths = [
        "M42 118A56 56 0 0 1 154 118Z",
        arc_band(98, 118, 73, 9),
        arc_band(98, 118, 94, 9),
        "M0 131H196V140H0Z",
    ]
    a, end = outline("NORTHLIGHT", f, 96, 236, 86, 11)
    b, x = outline("北光咖啡", z, 42, 238, 139, 20)
    rule = f"M{x + 26:.1f} 122H{end - 3:.1f}V127H{x + 26:.1f}Z"
    return [*paths, a, b, rule], end, 148


def dart(x: float, y: float, size: float, angle: float = 12) -> str:
    """The VELTRA folded dart."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))

    def at(a: float, b: float) -> str:
        return f"{x + (a * c - b * s) * size:.2f} {y - (a * s + b * c) * size:.2f}"

    tri = [((0, 0.36), (1, 0), (0.27, 0.045)), ((0.27, -0.005), (1, -0.045), (0.10, -0.27))]
    return "".join(f"M{at(*p)}L{at(*q)}L{at(*r)}Z" for p, q, r in tri)


def veltra() -> tuple[list[str], float, float]:
    """Dart and a heavy italic wordmark."""
    f = load("sans-italic", wght=860, opsz=32)
    a, end = outline("VELTRA", f, 140, 214, 126, 7)
    return [dart(22, 97, 180), a], end + 4, 150


def yunlu() -> tuple[list[str], float, float]:
    """Dew drop, tracked serif wordmark, 云露."""
    f, z = load("serif", wght=480, opsz=60), load("cjk", wght=400)
    drop = (
        "M52 6C52 6 10 62 10 98A42 42 0 0 0 94 98C94 62 52 6 52 6Z"
        "M52 19C62 34 85 72 85 98A33 33 0 0 1 19 98C19 72 42 34 52 19Z"
        "M70 96A18 18 0 0 1 52 114V121A25 25 0 0 0 77 96Z"
    )
    a, x = outline("YUNLU", f, 128, 142, 118, 22)
    b, end = outline("云露", z, 78, x + 64, 112, 14)
    bar = f"M{x + 32} 34H{x + 34}V122H{x + 32}Z"
    return [drop, a, bar, b], end, 146


BRANDS = {
    "northlight": (northlight, "#12343B", "#F6EBDD"),
    "veltra": (veltra, "#111418", "#F4F5F2"),
    "yunlu": (yunlu, "#1F4D43", "#F5F1EA"),
}


def svg(paths: list[str], w: float, h: float, color: str) -> str:
    """A one-colour SVG document."""
    body = "".join(f'<path d="{d}"/>' for d in paths)
    head = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:.0f} {h:.0f}" fill="{color}"'
    return f"<svg {head}>{body}</svg>\n"


class Flatten(BasePen):
    """Collect closed polygons from any path."""

    def __init__(self) -> None:
        super().__init__(None)
        self.contours: list[list[tuple[float, float]]] = []

    def _moveTo(self, pt) -> None:
        self.contours.append([pt])

    def _lineTo(self, pt) -> None:
        self.contours[-1].append(pt)

    def _curveToOne(self, a, b, c) -> None:
        p = self._getCurrentPoint()
        for i in range(1, 25):
            t = i / 24
            w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            self.contours[-1].append(
                tuple(sum(k * q[j] for k, q in zip(w, (p, a, b, c), strict=True)) for j in (0, 1))
            )


def fill_edges(delta: np.ndarray, pts: np.ndarray) -> None:
    """Add a contour's signed crossings; a running sum along x is its winding."""
    rows, cols = delta.shape
    for (xa, ya), (xb, yb) in itertools.pairwise(pts):
        sign = 1 if yb > ya else -1
        lo, hi = min(ya, yb), max(ya, yb)
        y = np.arange(max(0, math.ceil(lo - 0.5)), min(rows, math.ceil(hi - 0.5)))
        if len(y):
            x = xa + (y + 0.5 - ya) * (xb - xa) / (yb - ya)
            np.add.at(delta, (y, np.clip(np.ceil(x - 0.5), 0, cols - 1).astype(int)), sign)


def raster(
    paths: list[str], w: float, h: float, color: str, width: int = 800, over: int = 4
) -> Image.Image:
    """Fill the outlines (non-zero rule) with anti-aliasing on transparency."""
    k = width * over / w
    size = (width * over, round(h * width / w) * over)
    winding = np.zeros(size[::-1], np.int16)
    for d in paths:
        pen = Flatten()
        parse_path(d, pen)
        for c in pen.contours:
            fill_edges(winding, np.array([*c, c[0]]) * k)
    winding = np.cumsum(winding, axis=1)
    alpha = Image.fromarray((winding != 0).astype(np.uint8) * 255).resize(
        (size[0] // over, size[1] // over), Image.Resampling.BOX
    )
    rgb = tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
    img = Image.new("RGBA", alpha.size, (*rgb, 0))
    img.putalpha(alpha)
    return img


def main() -> None:
    """Write every logo."""
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--out", type=Path, default=Path("brand_guides"))
    args = ap.parse_args()
    for name, (draw, dark, light) in BRANDS.items():
        paths, w, h = draw()
        folder = args.out / name
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, color in (("", dark), ("-light", light)):
            (folder / f"logo{suffix}.svg").write_text(svg(paths, w, h, color), encoding="utf-8")
            raster(paths, w, h, color).save(folder / f"logo{suffix}.png", optimize=True)
        print(f"{folder}/logo.svg, logo.png, logo-light.svg, logo-light.png")


if __name__ == "__main__":
    main()
