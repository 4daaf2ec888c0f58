"""The brand's logo on a poster: which of its files reads on the ground, and how large it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError

from contentfab.errors import InputError
from contentfab.records.brand import Brand
from contentfab.records.places import Box
from contentfab.rules.layout.type_scale import is_banner
from contentfab.rules.pixels.colour import contrast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

HEIGHT = 0.046
"""Height of a compact logo, in shortest sides; a wide one is limited by its width instead."""
WIDEST = 0.3
"""Widest logo, in page widths."""
BANNER_HEIGHT, BANNER_TALLEST = 0.068, 28
"""Height of a logo on a banner, in sides of a square of its area, and at most, in pixels."""
BANNER_WIDEST = {"strip": 0.17, "tower": 0.7, "box": 0.4}
READS = 2.2
"""Contrast of a logo with its ground under which the other file, then a plate, is tried."""

Rasterise = Callable[[Path, int, int], "Pixels"]


@dataclass(frozen=True, slots=True)
class Logo:
    """A brand's logo files as RGBA, cropped to what is visible, best first."""

    files: tuple[Pixels, ...]

    @property
    def aspect(self) -> float:
        height, width = self.files[0].shape[:2]
        return float(width / height)


def load_logo(brand: Brand, brand_dir: Path, rasterise: Rasterise) -> Logo | None:
    """The brand's logo, or None when it names no file. Raises InputError for an unreadable one."""
    if brand.logo is None:
        return None
    names = [name for name in (brand.logo.file, brand.logo.light_file) if name]
    return Logo(tuple(_read(brand_dir / name, rasterise) for name in names))


def logo_size(logo: Logo, brand: Brand, width: int, height: int) -> tuple[float, float]:
    """Size in pixels: a steady height, not narrower than the brand's minimum, never too wide."""
    least = (brand.logo.min_width if brand.logo else 0) / 1000 * width
    tall, widest = HEIGHT * min(width, height), WIDEST
    if is_banner(width, height):
        tall = min(BANNER_HEIGHT * math.sqrt(width * height), BANNER_TALLEST)
        shape = "strip" if width > 2 * height else "tower" if height > 1.5 * width else "box"
        widest = BANNER_WIDEST[shape]
    wide = min(max(tall * logo.aspect, least), widest * width)
    return wide, wide / logo.aspect


def in_proportion(logo: Logo, box: Box) -> Box:
    """A box rounded to whole pixels so that the logo keeps its width over height: its right and
    bottom edges move by at most three and one pixels. It does not become narrower, as brands say
    how wide their logo is at least."""
    sizes = [(box.width + wide, box.height + tall) for tall in (0, 1, -1) for wide in (0, 1, 2, 3)]
    width, height = min(
        ((w, h) for w, h in sizes if w > 0 and h > 0),
        key=lambda s: abs(s[0] / s[1] / logo.aspect - 1),
    )
    return Box(box.x0, box.y0, box.x0 + width, box.y0 + height)


def fitting(logo: Logo, ground: Pixels, box: Box) -> tuple[Pixels, bool]:
    """The file that stands out most from `ground` at the size of `box`, and whether it does."""
    mean = ground.reshape(-1, 3).mean(axis=0)
    ranked = sorted(logo.files, key=lambda file: -_stands_out(file, mean))
    chosen = Image.fromarray(ranked[0]).convert("RGBa")
    scaled = chosen.resize((box.width, box.height), Image.Resampling.LANCZOS).convert("RGBA")
    return np.array(scaled), _stands_out(ranked[0], mean) >= READS


def _stands_out(file: Pixels, ground: NDArray[np.float64]) -> float:
    solid = file[file[..., 3] >= 128][:, :3]
    if not len(solid):
        return 1.0
    return float(np.median(contrast(solid[:: max(1, len(solid) // 4000)], ground)))


def _read(path: Path, rasterise: Rasterise) -> Pixels:
    try:
        if path.suffix.lower() == ".svg":
            rgba = rasterise(path, 1600, 800)
        else:
            with Image.open(path) as picture:
                rgba = np.asarray(picture.convert("RGBA"))
    except (OSError, UnidentifiedImageError, RuntimeError, Image.DecompressionBombError) as error:
        raise InputError(
            f"logo {path.name} cannot be read: {str(error).splitlines()[0]}",
            hint="Give a PNG, WebP or SVG file under logo.file.",
        ) from error
    rows = np.flatnonzero((rgba[..., 3] > 0).any(axis=1))
    columns = np.flatnonzero((rgba[..., 3] > 0).any(axis=0))
    if not len(rows):
        raise InputError(f"logo {path.name} is fully transparent", hint="Give another file.")
    return rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
