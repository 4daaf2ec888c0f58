"""Sets that live on light, cloth, paper and water: window, leaf, drape, water, paper, sweep."""

import math
import random

from mathutils import Vector
from sets import TOP, studio_set, tiers
from shapes import arc, arch_outline, rectangle
from studio import Studio


@studio_set
def window(s: Studio) -> str:
    """A wall in soft shade with the light of a paned window on it."""
    floor = -0.36 if not s.frame.tall else -1.2
    s.cyclorama(floor, 2.3, 0.5)
    s.box((4.2, 2.0, -floor), (0, 0, 0), "podium", bevel=0.05)
    if s.frame.tall:
        s.box((5.2, 2.8, 0.5), (0, 0, floor + 0.5), "podium", bevel=0.05)
    s.cylinder(0.5, 1.35 - floor, (1.75, 1.45, 1.35), "accent")
    s.sphere(0.4, (1.75, 1.45, 1.35), "prop")
    panes = [rectangle(-30, -30, 30, 30)]
    for col in range(3):
        for row in range(3):
            x, y = (col - 1.5) * 1.25, (row - 1.5) * 1.42
            panes.append(rectangle(x, y, x + 1.06, y + 1.23))
    s.gobo(panes, Vector((0.3, 1.6, 0.85)), 14, -0.1)
    s.sun, s.sun_size, s.sky = 1.7, 0.0028, 1.9
    s.stand_width = 3.8
    return "broad stone slab in the light of a paned window falling on the wall, calm morning"


@studio_set
def leaf(s: Studio) -> str:
    """Palm shadows over a wall and a broad drum."""
    floor = tiers(s, (1.9, 0.4))
    s.cyclorama(floor, 2.5, 0.7)
    s.slab([arch_outline(2.1, 2.75, floor - 0.5)], 0.28, (-0.95, 1.5, 0), "accent")
    s.cylinder(0.62, 0.62 - floor, (2.0, 1.2, 0.62), "prop")
    _palm(s, Vector((2.7, 2.3, 0.2)), 5, math.radians(152), 2.9)
    _palm(s, Vector((3.2, 2.0, -0.6)), 5, math.radians(120), 2.5)
    s.sun_size = 0.007
    s.stand_width = 3.2
    return "round drum before an arched panel, shadows of palm leaves on the wall, summer light"


def _palm(s: Studio, at: Vector, away: float, angle: float, length: float) -> None:
    """The gobo of one palm frond: a bent rib with slim leaflets on both sides."""
    rng = random.Random(round(angle * 100))
    shapes = []
    for side in (-1, 1):
        for i in range(17):
            t = 0.12 + 0.86 * i / 16
            x, y = length * t, 0.35 * t * t * length * 0.5
            reach = length * 0.42 * math.sin(math.pi * (0.16 + 0.8 * t)) * rng.uniform(0.9, 1.08)
            lean = side * math.radians(58 - 26 * t + rng.uniform(-4, 4))
            half = 0.05 + 0.02 * math.sin(math.pi * t)
            tip = (x + reach * math.cos(lean), y + reach * math.sin(lean) - 0.12 * reach * reach)
            mid = (x + 0.4 * reach * math.cos(lean), y + 0.4 * reach * math.sin(lean))
            nx, ny = -math.sin(lean) * half, math.cos(lean) * half
            shapes.append([(x, y), (mid[0] - nx, mid[1] - ny), tip, (mid[0] + nx, mid[1] + ny)])
    rib = [(length * t, 0.175 * length * t * t) for t in (i / 20 for i in range(21))]
    for shape in [*shapes, [*rib, *[(x, y + 0.035) for x, y in reversed(rib)]]]:
        s.gobo([shape], at, away, angle)


@studio_set
def drape(s: Studio) -> str:
    """A gathered curtain on a rod, tied to one side, behind a round podium."""
    floor = tiers(s, (1.75, 0.38))
    s.cyclorama(floor, 3.2, 0.8)
    side = 1 if s.frame.wide else -1
    rod_y, top = 2.2, TOP - 0.25
    ends = (-1.5, 2.75) if s.frame.wide else (-2.7, 2.6)
    s.cylinder(
        0.06, ends[1] - ends[0], (ends[1], rod_y, top + 0.05), "prop", (0, math.pi / 2, 0), 0.02
    )
    for end in ends:
        s.sphere(0.13, (end, rod_y, top - 0.08), "prop")
    rows = []
    for j in range(241):
        t = j / 240  # 0 at the rod, 1 on the floor
        z = top + (floor - top) * t
        tie = math.exp(-(((t - 0.66) / 0.2) ** 2))
        held = min(t / 0.74, 1)
        inner = -1.3 + 2.45 * held * held * (3 - 2 * held) - 2.2 * max(0, t - 0.74) ** 1.5
        outer = 2.5
        row = []
        for i in range(721):
            u = i / 720
            x = side * (outer + (inner - outer) * u)
            warp = u + 0.014 * math.sin(7.0 * u + 2.0) + 0.006 * math.sin(23 * u + 4 * t)
            fold = math.sin(math.tau * 12 * warp) + 0.35 * math.sin(math.tau * 7 * warp + 1 + 2 * t)
            depth = (0.105 + 0.05 * t) * (1 - 0.45 * tie)
            row.append((x, rod_y + depth * fold, z))
        rows.append(row)
    s.surface(rows, "accent")
    s.stand_width = 3.0
    return "round podium before a gathered linen curtain tied to the side, soft folds"


@studio_set
def water(s: Studio) -> str:
    """A stone disc in shallow, gently rippled water; a half sun behind."""
    level = -0.2 if not s.frame.tall else -0.6
    s.cylinder(1.75, 1.0, (0, 0, 0), "podium", bevel=0.06)
    if s.frame.tall:
        s.cylinder(2.3, 1.0, (0, 0, -0.3), "podium", bevel=0.06)
    s.surface([[(-40, 4.2, -3), (40, 4.2, -3)], [(-40, 4.2, 30), (40, 4.2, 30)]], "wall")
    s.cylinder(1.95, 0.3, (0.25, 3.2, 1.0), "accent", (math.pi / 2, 0, 0), 0.05)
    _ripples(s, level)
    s.glossy("prop", 0.75)
    s.stand_width = 3.0
    return "flat round stone in shallow rippled water, a large sun disc mirrored in it"


def _ripples(s: Studio, level: float) -> None:
    """Water with rings around the stone and a light swell, as real geometry."""
    rows = []
    for j in range(361):
        y = -11 + 16 * j / 360
        row = []
        for i in range(541):
            x = -14 + 24 * i / 540
            r = math.hypot(x, y)
            ring = 0.012 * math.sin(9 * r) * math.exp(-0.45 * max(r - 1.7, 0))
            swell = 0.006 * math.sin(2.1 * x + 0.6 * y) + 0.006 * math.sin(1.3 * y - 0.7 * x)
            row.append((x, y, level + ring + swell))
        rows.append(row)
    s.surface(rows, "prop")


@studio_set
def paper(s: Studio) -> str:
    """A cave of layered paper sheets with organic openings, a paper sun at its back."""
    floor = tiers(s, (1.6, 0.34))
    s.surface([[(-40, -24, floor), (40, -24, floor)], [(-40, 4, floor), (40, 4, floor)]], "wall")
    s.surface([[(-40, 3.4, -4), (40, 3.4, -4)], [(-40, 3.4, 9), (40, 3.4, 9)]], "podium")
    s.cylinder(0.95, 0.06, (0.35, 3.1, 1.0), "accent", (math.pi / 2, 0, 0), 0.01)
    layers = (
        (1.25, 2.5, TOP, 0.3, "wall"),
        (1.7, 2.12, 2.92, 1.7, "accent"),
        (2.15, 1.78, 2.5, 3.3, "prop"),
        (2.6, 1.45, 2.1, 5.1, "wall"),
    )
    for y, half, top, phase, role in layers:
        opening = [(half, floor - 1)]
        for i in range(181):
            a = math.pi * i / 180
            wobble = 1 + 0.055 * math.sin(3 * a + phase) + 0.04 * math.sin(5 * a + 2 * phase)
            opening.append(
                (
                    half * math.copysign(abs(math.cos(a)) ** 0.8, math.cos(a)) * wobble,
                    floor + (top - 0.12 - floor) * math.sin(a) ** 0.8 * (wobble + 1) / 2,
                )
            )
        opening.append((-half, floor - 1))
        s.slab([rectangle(-40, floor - 2, 40, 30), opening], 0.06, (0, y, 0), role, 0.012)
    return "layered paper-cut cave with a paper sun, crisp little shadows between the sheets"


@studio_set
def sweep(s: Studio) -> str:
    """A sheet of coloured paper sweeping from the wall over the floor."""
    floor, width, top, radius, back = -0.03, 2.25, TOP - 0.3, 1.1, 2.3
    front = -2.6 if not s.frame.tall else -6.0
    s.cyclorama(floor - 0.02, 4.0, 0.5)
    line = [(front, floor + 0.1), (front + 0.08, floor + 0.04), (front + 0.2, floor + 0.01)]
    line += [(front + 0.4 + (back - radius - front - 0.4) * k / 20, floor) for k in range(21)]
    line += [
        (back - radius + radius * math.sin(a), floor + radius - radius * math.cos(a))
        for a in (math.radians(3 * k) for k in range(1, 31))
    ]
    line += [(back, floor + radius + (top - floor - radius) * k / 10) for k in range(1, 11)]
    s.surface(
        [[(x, y, z) for x in (-width, -width / 2, 0, width / 2, width)] for y, z in line],
        "podium",
        thickness=-0.02,
    )
    s.cylinder(
        0.16,
        2 * width + 0.4,
        (width + 0.2, back - 0.02, top + 0.1),
        "accent",
        (0, math.pi / 2, 0),
        0.02,
    )
    s.cylinder(0.42, 0.75 - floor, (1.62, 1.25, 0.75), "accent")
    s.sphere(0.27, (1.98, 0.6, 0), "prop")
    s.stand_width = 3.4
    return "sheet of coloured paper sweeping from wall to floor, photo studio, small cylinder"


@studio_set
def table(s: Studio) -> str:
    """A two-tone still life: table edge, pebbles and a slim vase-like column."""
    floor = -0.07
    s.room(floor, 3.0, "prop")
    s.slab([[*arc(0, 0, 1.9, 0, 180)]], 0.25, (0.35, 1.9, floor), "accent", 0.05)
    pebbles = (
        (1.75, 0.9, floor, 0.5, 0.62, "podium"),
        (2.3, 0.35, floor, 0.3, 0.66, "accent"),
        (1.72, 0.88, floor + 0.59, 0.36, 0.6, "accent"),
    )
    for x, y, z, r, squash, role in pebbles:
        pebble = s.sphere(r, (x, y, 0), role)
        pebble.scale = (1.15, 1, squash)
        pebble.location = (x, y, z + r * squash)
    if not s.frame.wide:
        pebble = s.sphere(0.34, (0, 0, 0), "podium")
        pebble.scale, pebble.location = (1.2, 1, 0.6), (-2.2, 0.7, floor + 0.2)
    s.cylinder(1.95, 0.07, (0, 0, 0.0), "podium", bevel=0.03)
    s.stand_width = 3.3
    return "two-tone table and wall with a half disc like a rising sun, stacked pebbles"
