"""The drawn scenes: pictures made of curves, circles and soft shadows, in any size.

A scene is a function from a `Sheet` to linear light (H x W x 3); its docstring is what there is to
see. Every scene keeps the sheet's calm area calm and leaves the middle to the product.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.backends._plates_sheet import Sheet, lifted, mixed, paint

Floats = NDArray[np.float32]

_FALL = (0.05, -0.06)  # where shadows fall, units: light comes from the upper left


def gradient(sheet: Sheet) -> Floats:
    """soft mesh gradient of flowing colours, abstract, calm above and rich below"""
    dice, step = sheet.dice, max(1, min(sheet.width, sheet.height) // 90)
    x, y = np.broadcast_arrays(sheet.x[:, ::step], sheet.y[::step])
    turn = dice.uniform(0, math.tau, 4)
    wx = x + 0.16 * np.sin(2.3 * y + turn[0]) + 0.07 * np.sin(4.1 * y + 2 * x + turn[1])
    wy = y + 0.14 * np.sin(2.0 * x + turn[2]) + 0.06 * np.sin(3.7 * x - 2 * y + turn[3])
    left, right = float(x.min()), float(x.max())
    tones = {
        "accent": sheet.colours["accent"],
        "light": lifted(sheet.colours["accent"], 0.45),
        "podium": sheet.colours["podium"],
    }
    spots = [
        ("accent", 0.1, -0.3, 0.7),
        ("light", 0.95, 0.05, 0.6),
        ("podium", 0.5, 0.5, 0.45),
        ("accent", 1.05, 0.75, 0.36),
        ("light", -0.02, 0.55, 0.4),
    ]
    first = -0.9 if sheet.wide else left
    total = np.full(x.shape, 0.22, np.float32)
    blend = total[..., None] * np.sqrt(sheet.colours["wall"])
    for role, across, up, reach in spots:
        cx = first + (right - first) * across + dice.uniform(-0.12, 0.12)
        cy = up + dice.uniform(-0.1, 0.1)
        weight = np.exp(-((wx - cx) ** 2 + (wy - cy) ** 2) / (2 * reach * reach * 0.45))
        total = total + weight
        blend = blend + weight[..., None] * np.sqrt(tones[role])
    smooth = cv2.GaussianBlur(np.asarray(blend / total[..., None], np.float32), (0, 0), 1.5)
    whole = cv2.resize(smooth, (sheet.width, sheet.height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(whole * whole, np.float32)


def waves(sheet: Sheet) -> Floats:
    """layered waves in stepped tones, flowing sheets with soft shadows"""
    canvas = sheet.ground()
    wall, accent, prop = (sheet.colours[r] for r in ("wall", "accent", "prop"))
    count, phase = 6, sheet.dice.uniform(0, math.tau)
    for i in range(count):
        t = i / (count - 1)
        crest = 0.62 - 0.95 * t * (1 + 0.9 * sheet.tall) - 0.3 * sheet.wide
        crest = crest + (0.13 - 0.03 * t) * np.sin(1.9 * sheet.x + phase + 1.15 * i)
        crest = crest + 0.05 * np.sin(3.7 * sheet.x - phase + 0.8 * i)
        distance = np.asarray((sheet.y - crest) * np.float32(0.94), np.float32)
        mask = sheet.mask(distance)
        sheet.shadow(canvas, mask, (0.02, 0.03), 0.035, 0.3)
        tone = mixed(mixed(wall, accent, min(1.0, 0.3 + 0.9 * t)), prop, max(0.0, 0.8 * (t - 0.45)))
        depth = np.clip(-distance / 0.5, 0, 1)[..., None]
        paint(canvas, np.asarray(tone * (1.06 - 0.2 * depth), np.float32), mask)
    return canvas


def sunburst(sheet: Sheet) -> Floats:
    """wide rays around a glowing disc, retro poster, round base"""
    canvas = sheet.ground()
    cy, rays = 0.5, 28
    angle = np.arctan2(sheet.y - cy, sheet.x) + sheet.dice.uniform(0, 0.2)
    away = np.sqrt(sheet.x**2 + (sheet.y - cy) ** 2)
    edge = np.abs((angle * rays / math.tau) % 2 - 1) - 0.5
    mask = sheet.mask(np.asarray(edge * away * (math.tau / rays), np.float32))
    fade = np.clip(1.25 - away / 0.95, 0, 1) * np.clip((1.1 - sheet.y) / 0.4, 0, 1)
    wall = sheet.colours["wall"]
    if sheet.wide:
        fade = fade * np.clip((sheet.x + 0.9) / 0.35, 0, 1)
    tone = float(wall.mean())
    bright = lifted(wall, 0.18 if tone < 0.15 else 0.38 if tone < 0.6 else -0.2)
    paint(canvas, bright, np.asarray(mask * fade, np.float32))
    for radius, role in ((0.6, "podium"), (0.53, "accent")):
        disc = sheet.mask(sheet.circle(0, cy, radius))
        sheet.shadow(canvas, disc, _FALL, 0.045, 0.34)
        paint(canvas, _lit(sheet, sheet.colours[role]), disc)
    _base(sheet, canvas, "podium")
    return canvas


def bokeh(sheet: Sheet) -> Floats:
    """out-of-focus lights in a soft glow, festive evening"""
    dice = sheet.dice
    dark = sheet.colours["wall"].mean() < 0.35
    canvas = sheet.ground(fall=0.5 if dark else 0.2)
    glow = np.exp(-(sheet.x**2 + (sheet.y - 0.35) ** 2) / 0.5)
    paint(canvas, lifted(sheet.colours["accent"], 0.1), np.asarray(0.22 * glow, np.float32))
    roles = ("accent", "prop", "podium", "accent")
    for i in range(64):
        x, y = _somewhere(sheet, -0.45, 1.25)
        radius = float(dice.uniform(0.03, 0.16)) * (0.7 + 0.5 * (i % 3 == 0))
        share = float(dice.uniform(0.1, 0.34))
        if sheet.calm(x, y, radius + 0.03):
            continue
        rows, columns = sheet.around(x, y, radius * 1.5)
        distance = np.hypot(sheet.x[:, columns] - x, sheet.y[rows] - y) - radius
        soft = 4 * dice.uniform(3.0, 9.0) / radius * 0.16
        inside = np.clip(0.5 - distance * soft, 0, 1)
        rim = np.exp(-(((distance + 0.012) / 0.012) ** 2))
        colour = lifted(sheet.colours[roles[i % 4]], 0.45 if dark else 0.3)
        light = np.asarray(share * (0.75 * inside + 0.35 * rim * inside), np.float32)
        patch = canvas[rows, columns]
        if dark:
            patch += light[..., None] * colour
        else:
            paint(patch, colour, light)
    return canvas


def hills(sheet: Sheet) -> Floats:
    """paper hills in layers with soft shadows and a round sun, gentle landscape"""
    canvas = sheet.ground()
    sun = sheet.mask(sheet.circle(0.3, 0.72, 0.27))
    sheet.shadow(canvas, sun, _FALL, 0.04, 0.25)
    paint(canvas, _lit(sheet, mixed(sheet.colours["accent"], sheet.colours["wall"], 0.3)), sun)
    wall, podium, accent, prop = (sheet.colours[r] for r in ("wall", "podium", "accent", "prop"))
    tones = (mixed(wall, prop, 0.45), prop, mixed(accent, prop, 0.5), accent, podium)
    phase = sheet.dice.uniform(0, math.tau)
    for i, tone in enumerate(tones):
        last = i == len(tones) - 1
        height = (0.6, 0.42, 0.26, 0.1, -0.0)[i] - 0.24 * sheet.wide * (not last)
        swing = (0.13, 0.12, 0.1, 0.07, 0.018)[i] * (0.6 if sheet.wide else 1.0)
        ridge = height + swing * np.sin((1.5 + 0.3 * i) * sheet.x + phase + 2.1 * i)
        ridge = ridge + 0.3 * swing * np.sin(3.9 * sheet.x + 1.7 * phase + i)
        if last:  # the product stands here: a nearly level meadow that falls away at the sides
            ridge = 0.06 - 0.035 * sheet.x**2 + 0 * ridge
        distance = np.asarray((sheet.y - ridge) * np.float32(0.95), np.float32)
        mask = sheet.mask(distance)
        sheet.shadow(canvas, mask, (0.03, 0.035), 0.03, 0.36)
        edge = np.exp(-np.clip(-distance, 0, 1) / 0.012) * 0.12
        paint(canvas, np.asarray(tone * (0.97 + edge)[..., None], np.float32), mask)
    return canvas


def confetti(sheet: Sheet) -> Floats:
    """paper confetti falling around a clear middle, celebration"""
    canvas = sheet.ground()
    dice = sheet.dice
    masks = {
        r: np.zeros((sheet.height, sheet.width), np.uint8) for r in ("accent", "prop", "podium")
    }
    placed: list[tuple[float, float]] = []
    for i in range(520):
        x, y = _somewhere(sheet, -1.6, 1.3)
        beside = max(abs(x) / 0.62, abs(y - 0.5) / 0.75)
        if beside < 1 or dice.random() > min(1.0, 0.25 + 1.1 * (beside - 1)):
            continue
        crowded = any((x - a) ** 2 + (y - b) ** 2 < 0.0095 for a, b in placed)
        if crowded or sheet.calm(x, y, 0.07):
            continue
        placed.append((x, y))
        role = ("accent", "prop", "podium", "accent")[i % 4]
        outline = _piece(dice, i % 5)
        points = [[round(v * 16) for v in sheet.pixel(x + a, y + b)] for a, b in outline]
        cv2.fillPoly(masks[role], [np.array(points, np.int32)], 255, cv2.LINE_AA, 4)
    soft = {role: mask.astype(np.float32) / 255 for role, mask in masks.items()}
    every = np.asarray(np.maximum.reduce(list(soft.values())), np.float32)
    sheet.shadow(canvas, every, (0.014, -0.02), 0.014, 0.3)
    for role, mask in soft.items():
        paint(canvas, _lit(sheet, sheet.colours[role]), np.asarray(mask, np.float32))
    return canvas


def arcs(sheet: Sheet) -> Floats:
    """bold concentric arcs rising behind a level ground, retro stripes"""
    canvas = sheet.ground()
    size = 0.78 if sheet.wide else 1.0
    roles = ("prop", "accent", "podium", "accent", "prop")
    for i, role in enumerate(roles):
        disc = sheet.mask(sheet.circle(0.0, 0.0, (1.0 - 0.155 * i) * size))
        sheet.shadow(canvas, disc, (0.03, -0.02), 0.03, 0.3)
        colour = sheet.colours[role] if i < 3 else lifted(sheet.colours[role], 0.3)
        paint(canvas, _lit(sheet, colour), disc)
    floor = sheet.mask(np.asarray(sheet.y - 0.09 + 0 * sheet.x, np.float32))
    sheet.shadow(canvas, floor, (0.0, 0.03), 0.04, 0.3)
    near = np.clip((0.09 - sheet.y) / 0.6, 0, 1)
    ground = lifted(sheet.colours["wall"], -0.08)
    paint(canvas, np.asarray(ground * (1.06 - 0.12 * near)[..., None], np.float32), floor)
    return canvas


def spotlight(sheet: Sheet) -> Floats:
    """single soft spotlight on a stage, round base, premium and quiet"""
    wall = sheet.colours["wall"]
    pool = np.exp(-((sheet.x / 0.8) ** 2 + ((sheet.y - 0.5) / 0.85) ** 2))
    lean = sheet.x + 0.42 * (sheet.y - 0.5)  # the beam falls from the upper left
    spread = 0.34 + 0.16 * (1.4 - np.clip(sheet.y, -0.5, 1.4))
    beam = np.exp(-((lean / spread) ** 4)) * np.clip((1.5 - sheet.y) / 1.6, 0, 1)
    dark = 1 - float(wall.mean()) ** 0.4  # a dark wall needs a coloured lamp to show one at all
    light = np.asarray(0.88 + (0.2 + dark) * pool + (0.1 + 0.4 * dark) * beam, np.float32)
    canvas = np.asarray(light[..., None] * wall, np.float32)
    lamp = lifted(sheet.colours["accent"], 0.12)
    glow = np.asarray((0.05 + 0.14 * dark) * (0.6 * pool + 0.6 * beam * pool), np.float32)
    paint(canvas, lamp, glow)
    floor = sheet.mask(np.asarray(sheet.y - 0.13 + 0 * sheet.x, np.float32))
    on_floor = np.exp(-((sheet.x / 0.85) ** 2 + ((sheet.y + 0.02) / 0.22) ** 2))
    shade = np.asarray(0.6 + (0.5 + dark) * on_floor, np.float32)
    boards = mixed(wall, sheet.colours["accent"], 0.22)
    paint(canvas, np.asarray(boards * shade[..., None], np.float32), floor)
    _base(sheet, canvas, "podium")
    return canvas


SCENES: dict[str, Callable[[Sheet], Floats]] = {
    scene.__name__: scene
    for scene in (gradient, waves, sunburst, bokeh, hills, confetti, arcs, spotlight)
}
FLOATING = frozenset({"gradient", "waves", "bokeh", "confetti"})


def scene_words() -> dict[str, str]:
    """Name and description of every drawn scene."""
    return {name: (scene.__doc__ or "").strip() for name, scene in SCENES.items()}


def draw(name: str, sheet: Sheet) -> Floats:
    """Linear light (H x W x 3) of a scene."""
    return SCENES[name](sheet)


def _lit(sheet: Sheet, colour: Floats) -> Floats:
    """A colour in light that falls off to the right, H x W x 3."""
    light = np.float32(1.03) - np.float32(0.09) * np.clip(sheet.x + 0.2 - 0.3 * sheet.y, -1, 1)
    return np.asarray(light[..., None] * colour, np.float32)


def _base(sheet: Sheet, canvas: Floats, role: str) -> None:
    """A flat round base under the product's foot, with its side and its shadow."""
    top, side = sheet.circle(0, 0, 0.58, 0.14), sheet.circle(0, -0.055, 0.58, 0.14)
    between = np.maximum(np.abs(sheet.x) - 0.58, np.abs(sheet.y + 0.0275) - 0.0275)
    body = np.maximum(sheet.mask(side), sheet.mask(np.asarray(between, np.float32)))
    colour = sheet.colours[role]
    sheet.shadow(canvas, np.asarray(body, np.float32), (0.06, -0.015), 0.035, 0.45)
    round_light = np.float32(0.8) - np.float32(0.22) * np.clip(sheet.x / 0.58, -1, 1)
    paint(canvas, np.asarray(round_light[..., None] * colour, np.float32), np.asarray(body))
    paint(canvas, _lit(sheet, lifted(colour, 0.06)), sheet.mask(top))


def _somewhere(sheet: Sheet, low: float, high: float) -> tuple[float, float]:
    """A random point in the picture between two heights, in units."""
    low, high = max(low, float(sheet.y[-1, 0])), min(high, float(sheet.y[0, 0]))
    x = sheet.dice.uniform(float(sheet.x[0, 0]), float(sheet.x[0, -1]))
    return float(x), float(sheet.dice.uniform(low, max(low, high)))


def _piece(dice: np.random.Generator, kind: int) -> list[tuple[float, float]]:
    """The outline of one piece of paper around (0, 0), turned at random."""
    size = float(dice.uniform(0.018, 0.034))
    if kind == 0:
        shape = [(size * math.cos(a), size * math.sin(a)) for a in np.linspace(0, math.tau, 40)]
    elif kind == 1:
        shape = [(-size, -size * 0.9), (size, -size * 0.9), (0.0, size)]
    elif kind == 2:  # a curled ribbon
        line = [(2.6 * size * t, 0.55 * size * math.sin(5.5 * t)) for t in np.linspace(-1, 1, 24)]
        shape = [*line, *[(a, b + 0.42 * size) for a, b in reversed(line)]]
    else:
        flat = float(dice.uniform(0.3, 0.75))
        shape = [
            (-size * 1.3, -size * flat),
            (size * 1.3, -size * flat),
            (size * 1.3, size * flat),
            (-size * 1.3, size * flat),
        ]
    turn = float(dice.uniform(0, math.tau))
    c, s = math.cos(turn), math.sin(turn)
    return [(x * c - y * s, x * s + y * c) for x, y in shape]
