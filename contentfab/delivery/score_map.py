"""Draws where a score comes from: the picture in grey, its squares in blue and orange.

Blue carries the score, orange works against it: a pair that all common kinds of colour blindness
keep apart (https://personal.sron.nl/~pault/), and the strongest squares have their number besides.
Knows no scorer and no page.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from contentfab.delivery.drawn_text import Style, write
from contentfab.rules.scoring.occlusion import Effect, squares

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

CARRIES, AGAINST = (20, 88, 168), (214, 92, 12)
PALE, GREY_DEPTH = 255.0, 0.34
"""The grey picture runs from white down by this share of its own depth, so that colours lie on it
as on paper."""
MOST_COLOUR = 0.88
"""Opacity of the strongest square."""
LEAST_SCALE = {"z": 0.25, "score": 0.02}
"""What the full colour stands for at least: less than this is nothing to look at."""
NUMBERED, WORTH_A_NUMBER = 3, 0.35
"""How many squares have their number, and the share of the strongest that they must reach."""


def scale_of(effect: Effect) -> float:
    """What the full colour stands for: the strongest effect, rounded up to one digit and a half."""
    most = max(effect.strongest, LEAST_SCALE[effect.unit])
    step = math.pow(10, math.floor(math.log10(most)))
    return next(step * f for f in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * f >= most - 1e-9)


def signed(value: float) -> str:
    """`+0.42`, `−0.06`, `0`: with a real minus, and no sign that rounding has made empty."""
    text = f"{abs(value):.2f}"
    if not float(text):
        return "0"
    return ("+" if value > 0 else "−") + text


def draw_map(pixels: Picture, effect: Effect, size: tuple[int, int], paper: str) -> Image.Image:
    """The map as a picture of `size`; thin lines of `paper` lie between the squares."""
    grey = np.asarray(Image.fromarray(pixels).convert("L").resize(size, Image.Resampling.LANCZOS))
    base = (PALE - (255.0 - grey[..., None]) * GREY_DEPTH).repeat(3, axis=2)
    rows, columns = effect.cells.shape
    full, cells = scale_of(effect), effect.cells.ravel()
    boxes = list(squares(*size, columns, rows))
    for (x0, y0, x1, y1), value in zip(boxes, cells, strict=True):
        strength = MOST_COLOUR * min(1.0, abs(float(value)) / full)
        tint = np.array(CARRIES if value > 0 else AGAINST, float)
        base[y0:y1, x0:x1] = base[y0:y1, x0:x1] * (1 - strength) + tint * strength
    image = Image.fromarray(base.round().astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for x0, y0, _, _ in boxes:
        if x0:
            draw.line((x0, 0, x0, size[1]), fill=paper)
        if y0:
            draw.line((0, y0, size[0], y0), fill=paper)
    for number in _numbered(effect):
        _draw_number(draw, boxes[number], float(cells[number]))
    return image


def draw_scale(width: int, height: int) -> Image.Image:
    """The colours of the map from the strongest against to the strongest for, on white."""
    ramp = np.linspace(-1, 1, width)
    strength = (MOST_COLOUR * np.abs(ramp))[:, None]
    tint = np.where(ramp[:, None] > 0, CARRIES, AGAINST)
    row = PALE * (1 - strength) + tint * strength
    return Image.fromarray(row.round().astype(np.uint8)[None].repeat(height, axis=0))


def _numbered(effect: Effect) -> list[int]:
    strength = np.abs(effect.cells.ravel())
    least = max(WORTH_A_NUMBER * effect.strongest, LEAST_SCALE[effect.unit] / 5)
    order = np.argsort(-strength, kind="stable")[:NUMBERED]
    return [int(number) for number in order if strength[number] >= least]


def _draw_number(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], value: float) -> None:
    """The number in its square, if there is room; on a plate of the square's full colour, since
    what lies under it may be light or dark."""
    style = Style(20, 650, "#FFFFFF")
    text = signed(value)
    wide = style.width(text) + 14
    if wide > box[2] - box[0] - 4 or box[3] - box[1] < 34:
        return
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    plate = (x - wide / 2, y - 15, x + wide / 2, y + 15)
    draw.rounded_rectangle(plate, 6, fill=CARRIES if value > 0 else AGAINST)
    write(draw, (x, y + 7), text, style, "middle")
