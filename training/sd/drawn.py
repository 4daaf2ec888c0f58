"""The drawn scenes of `image_plates` in torch: a batch of one scene in a batch of palettes.

Every scene takes a `Sheet` (colours B x 3 x 1 x 1 by role, linear light) and its chance numbers,
and gives B x 3 x H x W of linear light. The numpy scenes in `contentfab.backends._plates_drawn` are
the reference; a test compares the two. Confetti's pieces are taken from there, once per size.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F

from contentfab.backends import _plates_drawn as reference
from contentfab.backends._plates_sheet import Sheet as NumpySheet
from training.sd.plates import blur
from training.sd.sheet import Sheet, lifted, lit, mixed, paint

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

TAU = math.tau
LAYOUTS = 8
"""Layouts of confetti that are kept for a size; each also mirrored by the batch."""
CIRCLES = 64
_FALL = (0.05, -0.06)


def gradient(sheet: Sheet) -> Tensor:
    """`chance`: four turns, then where five spots lie."""
    step = max(1, min(sheet.width, sheet.height) // 90)
    x, y = sheet.x[..., ::step], sheet.y[:, :, ::step]
    t0, t1, t2, t3 = sheet.chance(0, TAU, 4)
    wx = x + 0.16 * torch.sin(2.3 * y + t0) + 0.07 * torch.sin(4.1 * y + 2 * x + t1)
    wy = y + 0.14 * torch.sin(2.0 * x + t2) + 0.06 * torch.sin(3.7 * x - 2 * y + t3)
    left, right = float(x.min()), float(x.max())
    accent, podium = sheet.colours["accent"], sheet.colours["podium"]
    light = lifted(accent, 0.45)
    spots = ((accent, 0.1, -0.3, 0.7), (light, 0.95, 0.05, 0.6), (podium, 0.5, 0.5, 0.45),
             (accent, 1.05, 0.75, 0.36), (light, -0.02, 0.55, 0.4))  # fmt: skip
    first = -0.9 if sheet.like.wide else left
    total: Tensor | float = 0.22
    blend = 0.22 * sheet.colours["wall"].sqrt()
    for tone, across, up, reach in spots:
        cx = first + (right - first) * across + sheet.chance(-0.12, 0.12)
        cy = up + sheet.chance(-0.1, 0.1)
        weight = torch.exp(-((wx - cx) ** 2 + (wy - cy) ** 2) / (2 * reach * reach * 0.45))
        total, blend = total + weight, blend + weight * tone.sqrt()
    smooth = blur(blend / total, 1.5)
    size = (sheet.height, sheet.width)
    whole = F.interpolate(smooth, size, mode="bicubic", align_corners=False)
    return whole * whole


def waves(sheet: Sheet) -> Tensor:
    canvas, phase = sheet.ground(), sheet.chance(0, TAU)
    wall, accent, prop = (sheet.colours[r] for r in ("wall", "accent", "prop"))
    for i in range(6):
        t = i / 5
        crest = 0.62 - 0.95 * t * (1 + 0.9 * sheet.like.tall) - 0.3 * sheet.like.wide
        crest = crest + (0.13 - 0.03 * t) * torch.sin(1.9 * sheet.x + phase + 1.15 * i)
        crest = crest + 0.05 * torch.sin(3.7 * sheet.x - phase + 0.8 * i)
        distance = (sheet.y - crest) * 0.94
        mask = sheet.mask(distance)
        canvas = sheet.shadow(canvas, mask, (0.02, 0.03), 0.035, 0.3)
        tone = mixed(mixed(wall, accent, min(1.0, 0.3 + 0.9 * t)), prop, max(0.0, 0.8 * (t - 0.45)))
        canvas = paint(canvas, tone * (1.06 - 0.2 * (-distance / 0.5).clamp(0, 1)), mask)
    return canvas


def sunburst(sheet: Sheet) -> Tensor:
    canvas, cy, rays = sheet.ground(), 0.5, 28
    angle = torch.atan2(sheet.y - cy, sheet.x) + sheet.chance(0, 0.2)
    away = torch.sqrt(sheet.x**2 + (sheet.y - cy) ** 2)
    edge = ((angle * rays / TAU) % 2 - 1).abs() - 0.5
    mask = sheet.mask(edge * away * (TAU / rays))
    fade = (1.25 - away / 0.95).clamp(0, 1) * ((1.1 - sheet.y) / 0.4).clamp(0, 1)
    if sheet.like.wide:
        fade = fade * ((sheet.x + 0.9) / 0.35).clamp(0, 1)
    wall = sheet.colours["wall"]
    tone = wall.mean(1, keepdim=True)
    share = torch.where(tone < 0.15, 0.18, torch.where(tone < 0.6, 0.38, -0.2))
    canvas = paint(canvas, lifted(wall, share), mask * fade)
    for radius, role in ((0.6, "podium"), (0.53, "accent")):
        disc = sheet.mask(sheet.circle(0, cy, radius))
        canvas = sheet.shadow(canvas, disc, _FALL, 0.045, 0.34)
        canvas = paint(canvas, lit(sheet, sheet.colours[role]), disc)
    return _base(sheet, canvas)


def bokeh(sheet: Sheet) -> Tensor:
    """Its circles keep off the calm area as the reference's do, but are not the same ones."""
    wall, accent = sheet.colours["wall"], sheet.colours["accent"]
    dark = wall.mean(1, keepdim=True) < 0.35
    canvas = sheet.ground(torch.where(dark, 0.5, 0.2))
    glow = torch.exp(-(sheet.x**2 + (sheet.y - 0.35) ** 2) / 0.5)
    canvas = paint(canvas, lifted(accent, 0.1), 0.22 * glow)
    roles = [lifted(sheet.colours[role], torch.where(dark, 0.45, 0.3)) for role in
             ("accent", "prop", "podium", "accent")]  # fmt: skip
    for i in range(CIRCLES):
        spots = [reference._somewhere(sheet.like, -0.45, 1.25) for _ in range(sheet.count)]
        sizes = sheet.dice.uniform(0.03, 0.16, sheet.count) * (0.7 + 0.5 * (i % 3 == 0))
        calm = [sheet.like.calm(*s, r + 0.03) for s, r in zip(spots, sizes, strict=True)]
        values = np.column_stack([spots, sizes, np.logical_not(calm)]).astype(np.float32)
        x, y, radius, there = torch.from_numpy(values.T.copy()).to(sheet.device)[
            ..., None, None, None
        ]
        distance = torch.sqrt((sheet.x - x) ** 2 + (sheet.y - y) ** 2) - radius
        inside = (0.5 - distance * 4 * sheet.chance(3.0, 9.0) / radius * 0.16).clamp(0, 1)
        rim = torch.exp(-(((distance + 0.012) / 0.012) ** 2))
        light = there * sheet.chance(0.1, 0.34) * (0.75 * inside + 0.35 * rim * inside)
        colour = roles[i % 4]
        canvas = torch.where(dark, canvas + light * colour, paint(canvas, colour, light))
    return canvas


def hills(sheet: Sheet) -> Tensor:
    canvas = sheet.ground()
    wall, podium, accent, prop = (sheet.colours[r] for r in ("wall", "podium", "accent", "prop"))
    sun = sheet.mask(sheet.circle(0.3, 0.72, 0.27))
    canvas = sheet.shadow(canvas, sun, _FALL, 0.04, 0.25)
    canvas = paint(canvas, lit(sheet, mixed(accent, wall, 0.3)), sun)
    tones = (mixed(wall, prop, 0.45), prop, mixed(accent, prop, 0.5), accent, podium)
    phase, wide = sheet.chance(0, TAU), sheet.like.wide
    for i, tone in enumerate(tones):
        last = i == len(tones) - 1
        height = (0.6, 0.42, 0.26, 0.1, -0.0)[i] - 0.24 * wide * (not last)
        swing = (0.13, 0.12, 0.1, 0.07, 0.018)[i] * (0.6 if wide else 1.0)
        ridge = height + swing * torch.sin((1.5 + 0.3 * i) * sheet.x + phase + 2.1 * i)
        ridge = ridge + 0.3 * swing * torch.sin(3.9 * sheet.x + 1.7 * phase + i)
        if last:
            ridge = 0.06 - 0.035 * sheet.x**2 + 0 * ridge
        distance = (sheet.y - ridge) * 0.95
        mask = sheet.mask(distance)
        canvas = sheet.shadow(canvas, mask, (0.03, 0.035), 0.03, 0.36)
        edge = torch.exp(-(-distance).clamp(0, 1) / 0.012) * 0.12
        canvas = paint(canvas, tone * (0.97 + edge), mask)
    return canvas


def confetti(sheet: Sheet) -> Tensor:
    pieces = torch.from_numpy(_pieces(sheet.width, sheet.height)).to(sheet.device)
    chosen = pieces[torch.from_numpy(sheet.dice.integers(LAYOUTS, size=sheet.count))].float() / 255
    canvas = 1.03 * chosen[:, 3:] * sheet.colours["wall"]
    for i, role in enumerate(("accent", "prop", "podium")):
        canvas = paint(canvas, lit(sheet, sheet.colours[role]), chosen[:, i : i + 1])
    return canvas


def arcs(sheet: Sheet) -> Tensor:
    canvas, size = sheet.ground(), 0.78 if sheet.like.wide else 1.0
    for i, role in enumerate(("prop", "accent", "podium", "accent", "prop")):
        disc = sheet.mask(sheet.circle(0.0, 0.0, (1.0 - 0.155 * i) * size))
        canvas = sheet.shadow(canvas, disc, (0.03, -0.02), 0.03, 0.3)
        colour = sheet.colours[role] if i < 3 else lifted(sheet.colours[role], 0.3)
        canvas = paint(canvas, lit(sheet, colour), disc)
    floor = sheet.mask(sheet.y - 0.09 + 0 * sheet.x)
    canvas = sheet.shadow(canvas, floor, (0.0, 0.03), 0.04, 0.3)
    near = ((0.09 - sheet.y) / 0.6).clamp(0, 1)
    return paint(canvas, lifted(sheet.colours["wall"], -0.08) * (1.06 - 0.12 * near), floor)


def spotlight(sheet: Sheet) -> Tensor:
    wall, accent = sheet.colours["wall"], sheet.colours["accent"]
    pool = torch.exp(-((sheet.x / 0.8) ** 2 + ((sheet.y - 0.5) / 0.85) ** 2))
    lean = sheet.x + 0.42 * (sheet.y - 0.5)
    spread = 0.34 + 0.16 * (1.4 - sheet.y.clamp(-0.5, 1.4))
    beam = torch.exp(-((lean / spread) ** 4)) * ((1.5 - sheet.y) / 1.6).clamp(0, 1)
    dark = 1 - wall.mean(1, keepdim=True) ** 0.4
    canvas = (0.88 + (0.2 + dark) * pool + (0.1 + 0.4 * dark) * beam) * wall
    glow = (0.05 + 0.14 * dark) * (0.6 * pool + 0.6 * beam * pool)
    canvas = paint(canvas, lifted(accent, 0.12), glow)
    floor = sheet.mask(sheet.y - 0.13 + 0 * sheet.x)
    on_floor = torch.exp(-((sheet.x / 0.85) ** 2 + ((sheet.y + 0.02) / 0.22) ** 2))
    canvas = paint(canvas, mixed(wall, accent, 0.22) * (0.6 + (0.5 + dark) * on_floor), floor)
    return _base(sheet, canvas)


SCENES: dict[str, Callable[[Sheet], Tensor]] = {
    scene.__name__: scene
    for scene in (gradient, waves, sunburst, bokeh, hills, confetti, arcs, spotlight)
}


def _base(sheet: Sheet, canvas: Tensor) -> Tensor:
    colour = sheet.colours["podium"]
    top, side = sheet.circle(0, 0, 0.58, 0.14), sheet.circle(0, -0.055, 0.58, 0.14)
    between = torch.maximum(sheet.x.abs() - 0.58, (sheet.y + 0.0275).abs() - 0.0275)
    body = torch.maximum(sheet.mask(side), sheet.mask(between))
    canvas = sheet.shadow(canvas, body, (0.06, -0.015), 0.035, 0.45)
    canvas = paint(canvas, (0.8 - 0.22 * (sheet.x / 0.58).clamp(-1, 1)) * colour, body)
    return paint(canvas, lit(sheet, lifted(colour, 0.06)), sheet.mask(top))


@lru_cache(maxsize=8)
def _pieces(width: int, height: int) -> NDArray[np.uint8]:
    """LAYOUTS x 4 x H x W: where accent, prop and podium pieces lie, and the ground's light (of
    1.03). Read off the reference, drawn once in pure colours and once on white."""
    pure = {"wall": (0, 0, 0), "accent": (1, 0, 0), "prop": (0, 1, 0), "podium": (0, 0, 1)}
    white = dict.fromkeys(pure, (1, 1, 1)) | {"wall": (1, 1, 1)}
    found = []
    for layout in range(LAYOUTS):
        canvases = []
        for palette in (pure, white):
            colours = {role: np.array(value, np.float32) for role, value in palette.items()}
            sheet = NumpySheet(width, height, colours, np.random.default_rng([layout, 3]))
            canvases.append(reference.confetti(sheet))
        fall = 1.03 - 0.09 * np.clip(sheet.x + 0.2 - 0.3 * sheet.y, -1, 1)
        masks = np.clip(canvases[0] / fall[..., None], 0, 1)
        ground = canvases[1][..., :1] / 1.03
        found.append(np.concatenate([masks, ground], -1).clip(0, 1).transpose(2, 0, 1))
    return np.rint(np.stack(found) * 255).astype(np.uint8)
