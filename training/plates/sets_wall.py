"""Sets whose wall does the work: shadows thrown on it, cut-outs in it, reliefs on it."""

import math
import random

from mathutils import Vector
from sets import TOP, block, studio_set, tiers
from shapes import arc, arch_outline, rectangle
from studio import Studio


@studio_set
def blinds(s: Studio) -> str:
    """Slats of light from a blind on the wall."""
    floor = block(s, 3.6, 2.0)
    s.cyclorama(floor, 2.6, 0.6)
    slats = [rectangle(-30, -30, 30, 30)]
    slats += [rectangle(-3.1, y, 2.6, y + 0.19) for y in (k * 0.42 - 2.6 for k in range(14))]
    s.gobo(slats, Vector((0.3, 1.9, 1.1)), 14, 0.12)
    s.cylinder(0.55, 1.2 - floor, (1.9, 1.3, 1.2), "accent")
    s.sphere(0.3, (1.9, 1.3, 1.2), "prop")
    s.sun, s.sun_size, s.sky = 1.8, 0.0028, 1.8
    return "broad block in stripes of light from a window blind, late afternoon"


@studio_set
def branch(s: Studio) -> str:
    """Shadows of twigs with small leaves."""
    floor = tiers(s, (1.8, 0.36))
    s.cyclorama(floor, 2.4, 0.7)
    s.cylinder(1.35, 0.22, (0.75, 1.7, 1.35), "accent", (math.pi / 2, 0, 0), 0.04)
    s.sphere(0.36, (-2.1, 0.8, floor), "prop")
    rng = random.Random(4)
    for root, angle, length in (
        (Vector((3.0, 2.2, 2.9)), 3.5, 4.2),
        (Vector((3.1, 2.2, 1.2)), 3.1, 3.2),
    ):
        _twig(s, rng, root, angle, length)
    s.sun_size = 0.008
    return "round podium before a disc, shadows of a leafy branch on the wall, spring light"


def _twig(s: Studio, rng: random.Random, at: Vector, angle: float, length: float) -> None:
    """The gobo of a bent twig with leaves on alternate sides."""
    stem = [(length * t, 0.3 * math.sin(2.2 * t)) for t in (k / 24 for k in range(25))]
    s.gobo([[*stem, *[(x, y + 0.04) for x, y in reversed(stem)]]], at, 5, angle)
    for k in range(3, 25, 2):
        x, y = stem[k]
        side = 1 if k % 4 == 1 else -1
        lean = side * math.radians(rng.uniform(35, 65))
        size = rng.uniform(0.34, 0.5)
        leaf = []
        for i in range(25):
            t = math.tau * i / 24
            u, v = (
                size * (0.5 + 0.5 * math.cos(t)),
                0.3 * size * math.sin(t) * (1.1 - 0.4 * math.cos(t)),
            )
            leaf.append(
                (
                    x + u * math.cos(lean) - v * math.sin(lean),
                    y + u * math.sin(lean) + v * math.cos(lean),
                )
            )
        s.gobo([leaf[:-1]], at, 5, angle)


@studio_set
def corner(s: Studio) -> str:
    """The corner of a room with the light of a door."""
    floor = block(s, 3.4, 2.0, 0.34)
    reach = 14
    for side, role in ((-1, "wall"), (1, "prop")):
        s.surface(
            [[(0.9, 3.4, z), (0.9 + side * reach, 3.4 - 0.62 * reach, z)] for z in (floor, 30)],
            role,
        )
    s.surface([[(-30, -23, floor), (30, -23, floor)], [(-30, 5, floor), (30, 5, floor)]], "wall")
    door = [rectangle(-30, -30, 30, 30), rectangle(-0.9, -2.6, 0.75, 1.7)]
    s.gobo(door, Vector((-0.4, 1.8, 0.9)), 14, 0.0)
    s.cylinder(0.5, 1.5 - floor, (1.75, 1.1, 1.5), "accent")
    s.sun, s.sun_size, s.sky = 1.9, 0.005, 1.7
    return "low block in the corner of a two-tone room, light of an open door"


@studio_set
def keyhole(s: Studio) -> str:
    """A wall with a pill-shaped opening, another colour behind it."""
    floor = block(s, 3.7, 2.2, 0.36)
    s.surface(
        [[(-40, -24, floor), (40, -24, floor)], [(-40, 1.5, floor), (40, 1.5, floor)]], "wall"
    )
    low, high, half = 0.35, TOP, 1.25
    pill = [*arc(0, high - half, half, 0, 180), *arc(0, low + half, half, 180, 360)]
    s.slab([rectangle(-40, floor - 1, 40, 30), pill], 0.7, (0.2, 1.5, 0), "wall", 0.05)
    s.surface([[(-6, 3.4, -3), (6, 3.4, -3)], [(-6, 3.4, 7), (6, 3.4, 7)]], "accent")
    s.sphere(0.5, (1.9, 0.85, floor), "prop")
    return "block before a wall with a tall rounded opening, a second colour behind, ball"


@studio_set
def corrugated(s: Studio) -> str:
    """A wall of broad soft waves."""
    floor = tiers(s, (1.7, 0.34))
    s.surface([[(-40, -24, floor), (40, -24, floor)], [(-40, 4, floor), (40, 4, floor)]], "wall")
    top = 2.45
    rows = []
    for z in (floor - 0.1, top):
        rows.append(
            [
                (x, 2.1 + 0.19 * math.cos(math.tau * x / 0.72), z)
                for x in (k * 0.024 - 4.2 for k in range(351))
            ]
        )
    s.surface(rows, "accent", thickness=0.05)
    s.surface([[(-40, 4, -4), (40, 4, -4)], [(-40, 4, 30), (40, 4, 30)]], "wall")
    s.sphere(0.42, (2.05, 0.7, floor), "prop")
    return "round podium before a corrugated screen of broad soft waves, small ball"


@studio_set
def diamond(s: Studio) -> str:
    """Two squares standing on their corners."""
    floor = tiers(s, (1.5, 0.2), (1.95, 0.22))
    s.cyclorama(floor, 3.0, 0.8)
    for x, size, y, role in ((0.75, 1.35, 2.2, "prop"), (-0.35, 1.62, 1.7, "accent")):
        square = [(0, -size), (size, 0), (0, size), (-size, 0)]
        s.slab([square], 0.22, (x, y, size + floor + 0.02), role, 0.03)
    return "round two-tier podium before two squares standing on their corners"


@studio_set
def frames(s: Studio) -> str:
    """Picture frames leaning on the wall."""
    floor = block(s, 3.7, 2.0, 0.36)
    s.cyclorama(floor, 3.1, 0.3)
    for x, y, wide, high, role, turn in (
        (0.85, 2.5, 1.7, TOP - 0.25, "accent", 0.06),
        (-0.65, 2.2, 1.55, 2.5, "prop", -0.05),
    ):
        hole = rectangle(-wide / 2 + 0.2, floor + 0.2, wide / 2 - 0.2, high - 0.2)
        s.slab(
            [rectangle(-wide / 2, floor, wide / 2, high), hole],
            0.14,
            (x, y, 0),
            role,
            0.02,
            (math.pi / 2 - 0.07, 0, turn),
        )
    s.sphere(0.34, (2.15, 0.7, floor), "accent")
    return "block before empty picture frames leaning on the wall, gallery"


@studio_set
def screen(s: Studio) -> str:
    """A folding screen with arched tops."""
    floor = tiers(s, (1.7, 0.36))
    s.cyclorama(floor, 3.4, 0.8)
    count, wide = (3, 1.05) if s.frame.wide else (4, 1.15)
    left = -0.9 if s.frame.wide else -count * wide * 0.45
    for k in range(count):
        role = "accent" if k % 2 == 0 else "prop"
        turn = 0.42 if k % 2 == 0 else -0.42
        s.slab(
            [arch_outline(wide, 2.75, floor)],
            0.1,
            (left + (k + 0.5) * wide * 0.91, 2.0, 0),
            role,
            0.02,
            (math.pi / 2, 0, turn),
        )
    return "round drum before a folding screen with rounded tops in two colours"


@studio_set
def grid(s: Studio) -> str:
    """A relief of square tiles that catch the light."""
    floor = block(s, 3.6, 2.0, 0.4)
    s.cyclorama(floor, 2.9, 0.1)
    rng = random.Random(7)
    for col in range(-4, 6):
        for row in range(7):
            x, z = col * 0.62 + 0.3, floor + 0.62 * (row + 1)
            if z > 2.9 or (s.frame.wide and col < -1):
                continue
            depth = rng.choice((0.08, 0.16, 0.3))
            role = "accent" if rng.random() < 0.22 else "wall"
            s.box((0.6, depth, 0.6), (x, 2.85 - depth / 2, z), role, bevel=0.02)
    s.cylinder(0.4, 0.8 - floor, (2.0, 0.9, 0.8), "prop")
    return "block before a wall of square relief tiles at different depths, modern architecture"
