"""The sheet that drawn scenes are painted on: coordinates around the product, masks, soft shadows.

One unit is the height of the tallest product; the product's foot is the origin, x runs right, y
up, in every size and aspect. Colours are linear light. Knows no particular scene.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.records.pictures import Stand
from contentfab.records.places import Area, Point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_WIDE, _TALL = 1.35, 0.62  # width : height from which on text goes beside, and buttons below
_COARSE = 4  # soft shadows are blurred on a mask this much smaller


@dataclass
class Sheet:
    """A picture to be: its size, its colours by role (linear RGB) and its dice."""

    width: int
    height: int
    colours: Mapping[str, Floats]
    dice: np.random.Generator

    @property
    def wide(self) -> bool:
        return self.width > _WIDE * self.height

    @property
    def tall(self) -> bool:
        return self.width < _TALL * self.height

    def stand(self, floats: bool) -> Stand:
        """Where a product goes: as on the studio plates of the same aspect."""
        if self.wide:
            return Stand(Point(0.72, 0.84), 0.42, 0.65, 0.4, (0.31, -0.05), floats)
        if self.tall:
            return Stand(Point(0.5, 0.62), 0.74, 0.26, 0.5, (0.31, -0.05), floats)
        return Stand(Point(0.5, 0.815), 0.7, 0.42, 0.5, (0.31, -0.05), floats)

    def quiet(self) -> tuple[Area, ...]:
        """Where drawn scenes keep calm."""
        if self.wide:
            return (Area(0.045, 0.08, 0.48, 0.54),)
        if self.tall:
            return (Area(0.06, 0.14, 0.94, 0.34),)
        return (Area(0.045, 0.045, 0.955, 0.345),)

    @cached_property
    def unit(self) -> float:
        """Pixels of one unit; in narrow pictures less than the product could be high."""
        stand = self.stand(False)
        return max(8.0, min(stand.max_height * self.height, 0.62 * self.width))

    @cached_property
    def x(self) -> Floats:
        """1 x W."""
        foot = self.stand(False).foot.x * self.width
        return ((np.arange(self.width, dtype=np.float32) + 0.5 - foot) / self.unit)[None, :]

    @cached_property
    def y(self) -> Floats:
        """H x 1."""
        foot = self.stand(False).foot.y * self.height
        return ((foot - np.arange(self.height, dtype=np.float32) - 0.5) / self.unit)[:, None]

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Pixel position of a point in units."""
        foot = self.stand(False).foot
        return foot.x * self.width + x * self.unit, foot.y * self.height - y * self.unit

    def calm(self, x: float, y: float, margin: float) -> bool:
        """Whether a point is in, or nearer than `margin` units to, the calm area."""
        px, py = self.pixel(x, y)
        reach = margin * self.unit
        return any(
            a.x0 * self.width - reach < px < a.x1 * self.width + reach
            and a.y0 * self.height - reach < py < a.y1 * self.height + reach
            for a in self.quiet()
        )

    def ground(self, role: str = "wall", fall: float = 0.14) -> Floats:
        """A fresh H x W x 3 canvas: a role's colour in light that falls off to the lower right."""
        across = np.linspace(0, 1, self.width, dtype=np.float32)[None, :]
        down = np.linspace(0, 1, self.height, dtype=np.float32)[:, None]
        light = 1.03 - np.float32(fall) * (0.55 * across + 0.45 * down) ** 1.5
        return np.asarray(light[..., None] * self.colours[role], np.float32)

    def mask(self, distance: Floats) -> Floats:
        """Anti-aliased inside (1) of a shape from its signed distance in units, H x W."""
        return np.asarray(np.clip(0.5 - distance * np.float32(self.unit), 0, 1), np.float32)

    def circle(self, x: float, y: float, radius: float, flat: float = 1.0) -> Floats:
        """Signed distance to a circle, or to an ellipse of height `flat` times its width."""
        away = np.sqrt((self.x - x) ** 2 + ((self.y - y) / flat) ** 2)
        # Scaled by `flat`, or the soft edge of a flat ellipse would be too wide above and below.
        return np.asarray((away - radius) * np.float32(max(flat, 0.35)), np.float32)

    def around(self, x: float, y: float, reach: float) -> tuple[slice, slice]:
        """Rows and columns of the square around a point; `reach` is half its side in units."""
        px, py = self.pixel(x, y)
        half = reach * self.unit + 2
        return (
            slice(max(0, int(py - half)), max(0, int(py + half))),
            slice(max(0, int(px - half)), max(0, int(px + half))),
        )

    def shadow(
        self, canvas: Floats, mask: Floats, shift: tuple[float, float], soft: float, depth: float
    ) -> None:
        """Darken `canvas` in place by a blurred and shifted mask; lengths in units."""
        small = (max(2, self.width // _COARSE), max(2, self.height // _COARSE))
        coarse = cv2.resize(mask, small, interpolation=cv2.INTER_AREA)
        scale = small[0] / self.width * self.unit
        move = np.array([[1, 0, shift[0] * scale], [0, 1, -shift[1] * scale]], np.float32)
        coarse = cv2.warpAffine(coarse, move, small, borderMode=cv2.BORDER_REPLICATE)
        coarse = cv2.GaussianBlur(coarse, (0, 0), max(0.6, soft * scale))
        dark = cv2.resize(coarse, (self.width, self.height), interpolation=cv2.INTER_LINEAR)
        canvas *= (1 - np.float32(depth) * dark)[..., None]


def paint(canvas: Floats, colour: Floats, mask: Floats) -> None:
    """Lay a colour (3, or H x W x 3) over `canvas` in place where `mask` (H x W) is."""
    canvas += (colour - canvas) * mask[..., None]


def mixed(one: Floats, other: Floats, share: float) -> Floats:
    """Two linear colours mixed evenly to the eye; `share` of the other."""
    root = np.sqrt(one) * (1 - share) + np.sqrt(other) * share
    return np.asarray(root * root, np.float32)


def lifted(colour: Floats, share: float) -> Floats:
    """A linear colour moved towards white (share > 0) or black (share < 0)."""
    end = np.full(3, 0.94 if share > 0 else 0.004, np.float32)
    return mixed(colour, end, abs(share))
