"""The sheet that drawn scenes are painted on, in torch: coordinates around the product, masks, soft
shadows, for a batch of palettes at once.

Units, axes and arithmetic are those of `contentfab.backends._plates_sheet`. Knows no scene.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F

from contentfab.backends._plates_sheet import Sheet as NumpySheet
from training.sd.plates import blur

if TYPE_CHECKING:
    from torch import Tensor


@dataclass
class Sheet:
    """What a batch is drawn on. Units and axes are those of the numpy sheet."""

    width: int
    height: int
    colours: dict[str, Tensor]
    dice: np.random.Generator
    like: NumpySheet = field(init=False)

    def __post_init__(self) -> None:
        self.like = NumpySheet(self.width, self.height, {}, self.dice)

    @property
    def device(self) -> torch.device:
        return self.colours["wall"].device

    @property
    def count(self) -> int:
        return len(self.colours["wall"])

    @cached_property
    def x(self) -> Tensor:
        """1 x 1 x 1 x W, units right of the foot."""
        return torch.from_numpy(self.like.x).to(self.device)[None, None]

    @cached_property
    def y(self) -> Tensor:
        """1 x 1 x H x 1, units above the foot."""
        return torch.from_numpy(self.like.y).to(self.device)[None, None]

    def chance(self, low: float, high: float, more: int = 0) -> Tensor:
        """A number per picture, B x 1 x 1 x 1; `more` of them in a leading axis if asked for."""
        shape = (more, self.count) if more else (self.count,)
        value = torch.from_numpy(self.dice.uniform(low, high, shape).astype(np.float32))
        return value.to(self.device)[..., None, None, None]

    def mask(self, distance: Tensor) -> Tensor:
        return (0.5 - distance * self.like.unit).clamp(0, 1)

    def circle(self, x: float, y: float, radius: float, flat: float = 1.0) -> Tensor:
        away = torch.sqrt((self.x - x) ** 2 + ((self.y - y) / flat) ** 2)
        return (away - radius) * max(flat, 0.35)

    def ground(self, fall: float | Tensor = 0.14) -> Tensor:
        across = torch.linspace(0, 1, self.width, device=self.device)
        down = torch.linspace(0, 1, self.height, device=self.device)[:, None]
        light = 1.03 - fall * (0.55 * across + 0.45 * down)[None, None] ** 1.5
        return light * self.colours["wall"]

    def shadow(
        self, canvas: Tensor, mask: Tensor, shift: tuple[float, float], soft: float, depth: float
    ) -> Tensor:
        """`canvas` darkened by a blurred and shifted mask."""
        small = (max(2, self.height // 4), max(2, self.width // 4))
        coarse = F.interpolate(mask.expand(-1, 1, self.height, self.width), small, mode="area")
        scale = small[1] / self.width * self.like.unit
        move = torch.eye(2, 3, device=self.device)[None]
        move[0, 0, 2] = -2 * shift[0] * scale / small[1]
        move[0, 1, 2] = 2 * shift[1] * scale / small[0]
        grid = F.affine_grid(move, [1, 1, *small], align_corners=False)
        grid = grid.expand(len(coarse), -1, -1, -1)
        coarse = F.grid_sample(coarse, grid, padding_mode="border", align_corners=False)
        coarse = blur(coarse, max(0.6, soft * scale))
        dark = F.interpolate(coarse, canvas.shape[-2:], mode="bilinear", align_corners=False)
        return canvas * (1 - depth * dark)


def paint(canvas: Tensor, colour: Tensor, mask: Tensor) -> Tensor:
    return canvas + (colour - canvas) * mask


def mixed(one: Tensor, other: Tensor, share: float | Tensor) -> Tensor:
    root = one.clamp_min(0).sqrt() * (1 - share) + other.clamp_min(0).sqrt() * share
    return root * root


def lifted(colour: Tensor, share: float | Tensor) -> Tensor:
    """Towards white (share > 0) or black (share < 0)."""
    share = torch.as_tensor(share, device=colour.device, dtype=colour.dtype)
    end = torch.where(share > 0, 0.94, 0.004)
    return mixed(colour, end.expand_as(colour) if end.dim() else end, share.abs())


def lit(sheet: Sheet, colour: Tensor) -> Tensor:
    return (1.03 - 0.09 * (sheet.x + 0.2 - 0.3 * sheet.y).clamp(-1, 1)) * colour
