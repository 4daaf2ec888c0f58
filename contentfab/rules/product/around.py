"""A picture made around a product: where the product stands, what the model starts from, what it
may paint, and the product's own pixels put back when it is done.

One composition per size, silhouette and copy space, so that arms of a test show the product in one
place. Knows nothing about models; colours come from the art direction's palette.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from contentfab.records.pictures import Stand
from contentfab.records.places import Area, Box, Point
from contentfab.rules.pixels.colour import hex_to_rgb
from contentfab.rules.product.cutout import base_width, load_cutout, scale_cutout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from contentfab.records.brief import ArtDirection
    from contentfab.records.pictures import Picture

    Mask = NDArray[np.uint8]

WALL, FLOOR = "#D9D4CC", "#C4BDB2"
BESIDE = {"left": 0.72, "right": 0.28}
"""Where the product's foot is, across, by the side of the copy."""
SOLID = 250
"""Alpha from which a pixel shows the product alone, and may be kept from the model."""
CANNY = (60, 160)
"""Thresholds of the edge picture, in 8-bit gradients; ControlNet's canny models were trained on
100 and 200 over photographs, and product cut-outs are softer."""


def place(aspect: float, width: int, height: int, copy_space: str) -> Box:
    """Where a product of `aspect` (width to height) stands in a picture of `width` × `height`
    pixels, away from the copy space: beside it, or under it, and in a story where the layouts have
    their products, between the type and the platform's own controls."""
    if copy_space in BESIDE:
        foot, wide, tall = Point(BESIDE[copy_space], 0.86), 0.4, 0.66
    elif height > 1.6 * width:
        foot, wide, tall = Point(0.5, 0.735), 0.5, 0.235
    else:
        foot, wide, tall = Point(0.5, 0.6 if copy_space == "bottom" else 0.815), 0.7, 0.42
    high = min(tall * height, wide * width / aspect)
    across, down = max(8, round(high * aspect)), max(8, round(high))
    x0, y1 = round(foot.x * width - across / 2), round(foot.y * height)
    return Box(x0, y1 - down, x0 + across, y1)


def placed(path: Path, width: int, height: int, copy_space: str) -> Box:
    """`place` for a product picture. Raises InputError when it cannot be read."""
    rows, columns = load_cutout(path).shape[:2]
    return place(columns / rows, width, height, copy_space)


def on_canvas(box: Box, size: tuple[int, int], canvas: tuple[int, int]) -> Box:
    """A box of a picture of `size` (width, height) on the `canvas` that is painted, of nearly the
    same aspect, which is then scaled to cover the picture and cropped evenly."""
    scale = max(size[0] / canvas[0], size[1] / canvas[1])
    left, top = ((canvas[i] - size[i] / scale) / 2 for i in (0, 1))
    x0, y0 = round(box.x0 / scale + left), round(box.y0 / scale + top)
    across, down = max(2, round(box.width / scale)), max(2, round(box.height / scale))
    return Box(x0, y0, x0 + across, y0 + down)


def ground(size: tuple[int, int], box: Box, palette: Mapping[str, str]) -> Picture:
    """A quiet set in the brand's colours, uint8 RGB of `size` (width, height): a wall that grows
    lighter upwards, a floor that the product's box stands on, and a soft shadow under it."""
    width, height = size
    wall = np.array(hex_to_rgb(palette.get("wall") or WALL), np.float32)
    floor = np.array(hex_to_rgb(palette.get("podium") or palette.get("wall") or FLOOR), np.float32)
    y = np.arange(height, dtype=np.float32)[:, None, None]
    light = 1.04 - 0.12 * y / height
    horizon = box.y1 - 0.06 * box.height
    share = np.clip((y - horizon) / max(1.0, 0.012 * height) + 0.5, 0, 1)
    picture = np.broadcast_to((wall * (1 - share) + floor * share) * light, (height, width, 3))
    shadow = np.zeros((height, width), np.float32)
    centre = ((box.x0 + box.x1) // 2, box.y1 - round(0.01 * box.height))
    axes = (max(1, round(0.5 * box.width)), max(1, round(0.05 * box.width)))
    cv2.ellipse(shadow, centre, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(shadow, (0, 0), max(1.0, 0.04 * box.width))
    shaded = picture * (1 - 0.35 * soft[..., None])
    return np.asarray(np.clip(shaded, 0, 255) + 0.5, np.uint8)


def start_picture(path: Path, art: ArtDirection, box: Box, size: tuple[int, int]) -> Picture:
    """What a model starts from: the product in its box on the brand's ground, uint8 RGB."""
    return put_back(ground(size, box, art.palette), path, box)


def put_back(pixels: Picture, path: Path, box: Box) -> Picture:
    """The picture with the product's own pixels in `box`, scaled as a poster's layout scales them;
    what lies outside of the picture is left out."""
    cutout = scale_cutout(path, box.width, box.height)
    seen = _inside(box, pixels)
    part = cutout[seen.y0 - box.y0 : seen.y1 - box.y0, seen.x0 - box.x0 : seen.x1 - box.x0]
    result = pixels.copy()
    area = result[seen.y0 : seen.y1, seen.x0 : seen.x1]
    alpha = part[..., 3:4].astype(np.uint16)
    area[...] = ((part[..., :3] * alpha + area * (255 - alpha) + 127) // 255).astype(np.uint8)
    return result


def paint_mask(path: Path | None, box: Box, size: tuple[int, int], cell: int) -> Mask:
    """255 where the model paints, 0 where it must not, uint8 (height, width).

    A model sees `cell` × `cell` pixels as one. A cell is kept only where the product fills it
    whole: one that shows a little of the ground would leave a rim of the ground's colour around
    the product. Where no cell is filled (a thin product), its solid pixels are kept."""
    solid = silhouette(path, box, size) >= SOLID if path else np.zeros(size[::-1], bool)
    rows, columns = size[1] // cell, size[0] // cell
    cells = solid[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell)
    whole = cells.all(axis=(1, 3))
    mask = np.full(size[::-1], 255, np.uint8)
    if whole.any():
        kept = np.repeat(np.repeat(whole, cell, axis=0), cell, axis=1)
        mask[: rows * cell, : columns * cell][kept] = 0
    else:
        mask[solid] = 0
    return mask


def silhouette(path: Path, box: Box, size: tuple[int, int]) -> Mask:
    """Alpha of the product in its box on an empty picture, uint8 (height, width)."""
    alpha = np.zeros(size[::-1], np.uint8)
    cutout = scale_cutout(path, box.width, box.height)
    seen = _inside(box, alpha)
    part = cutout[seen.y0 - box.y0 : seen.y1 - box.y0, seen.x0 - box.x0 : seen.x1 - box.x0]
    alpha[seen.y0 : seen.y1, seen.x0 : seen.x1] = part[..., 3]
    return alpha


def edges(path: Path, box: Box, size: tuple[int, int]) -> Picture:
    """The product's edges, white on black, as canny ControlNets take them: its outline and what is
    printed on it, and nothing of the ground. uint8 RGB."""
    on_grey = put_back(np.full((size[1], size[0], 3), 128, np.uint8), path, box)
    inner = cv2.Canny(cv2.cvtColor(on_grey, cv2.COLOR_RGB2GRAY), *CANNY)
    outline = cv2.Canny(silhouette(path, box, size), 100, 200)
    return np.repeat(np.maximum(inner, outline)[..., None], 3, axis=2)


def depth_picture(depth: Path, box: Box, size: tuple[int, int]) -> Picture:
    """A given depth picture of the product (white is near) in the product's box, on a far ground.
    uint8 RGB."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    with Image.open(depth) as image:
        near = image.convert("L").resize((box.width, box.height), Image.Resampling.BILINEAR)
    seen = _inside(box, picture)
    part = np.asarray(near)[
        seen.y0 - box.y0 : seen.y1 - box.y0, seen.x0 - box.x0 : seen.x1 - box.x0
    ]
    picture[seen.y0 : seen.y1, seen.x0 : seen.x1] = part[..., None]
    return picture


def fixed_stand(path: Path, box: Box, width: int, height: int) -> Stand:
    """The stand of a picture that was made around the product in `box`."""
    area = Area(box.x0 / width, box.y0 / height, box.x1 / width, box.y1 / height)
    base = base_width(load_cutout(path)) * box.width / width
    foot = Point((area.x0 + area.x1) / 2, area.y1)
    return Stand(foot, box.width / width, box.height / height, base, fixed=area)


def beside(areas: Sequence[Area], stand: Stand) -> tuple[Area, ...]:
    """Those of some areas that the product of a fixed stand leaves free."""
    fixed = stand.fixed
    if fixed is None:
        return tuple(areas)
    return tuple(
        area
        for area in areas
        if area.x1 <= fixed.x0 or fixed.x1 <= area.x0 or area.y1 <= fixed.y0 or fixed.y1 <= area.y0
    )


def _inside(box: Box, pixels: NDArray[np.uint8]) -> Box:
    height, width = pixels.shape[:2]
    return Box(max(0, box.x0), max(0, box.y0), min(width, box.x1), min(height, box.y1))
