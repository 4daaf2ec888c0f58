"""Sets whose ground does the work: sand, gravel, cloth and water in waves."""

import math

from sets import studio_set, tiers
from shapes import arch_outline
from studio import Studio


@studio_set
def dunes(s: Studio) -> str:
    """Sand in soft waves around a flat stone."""
    s.cylinder(1.85, 0.5, (0, 0, 0), "podium", bevel=0.08)
    if s.frame.tall:
        s.cylinder(2.35, 0.6, (0, 0, -0.32), "podium", bevel=0.08)
    base = -0.26 if not s.frame.tall else -0.75
    rows = []
    for j in range(241):
        y = -12 + 18 * j / 240
        row = []
        for i in range(321):
            x = -14 + 28 * i / 320
            away = max(0.0, math.hypot(x, y) - 1.9)
            dune = (
                0.95 * max(0.0, math.sin(0.55 * x + 0.9 + 0.25 * y)) * min(1, max(0, y - 0.6) / 2.5)
            )
            ripple = 0.018 * math.sin(7.5 * (y + 0.35 * math.sin(1.2 * x))) * min(1, away)
            row.append((x, y, base + dune + ripple))
        rows.append(row)
    s.surface(rows, "wall")
    s.surface([[(-40, 5.8, -3), (40, 5.8, -3)], [(-40, 5.8, 30), (40, 5.8, 30)]], "wall")
    s.cylinder(1.05, 0.2, (1.1, 5.2, 2.2), "accent", (math.pi / 2, 0, 0), 0.03)
    s.stand_width = 3.2
    return "flat stone in rippled sand dunes, a low sun disc, desert calm"


@studio_set
def cushion(s: Studio) -> str:
    """Rumpled cloth over the floor and up the wall."""
    floor = tiers(s, (1.7, 0.2))
    rows = []
    for j in range(301):
        v = j / 300
        row = []
        for i in range(421):
            x = -10 + 20 * i / 420
            y = -12 + 15.2 * v if v < 0.8 else 0.16 + 3.0
            z = floor - 0.06
            if v >= 0.8:
                z += 150 * (v - 0.8)
            fold = 0.10 * math.sin(2.1 * x + 1.3 * math.sin(1.1 * y)) + 0.06 * math.sin(
                3.7 * x - 1.9 * y + 1
            )
            fold += 0.04 * math.sin(6.1 * x + 2.3 * y)
            calm = min(1.0, max(0.0, math.hypot(x, y) - 1.6) / 1.4)
            if v < 0.8:
                row.append((x, y, z + fold * calm))
            else:
                row.append((x, y + 0.8 * fold, z))
        rows.append(row)
    s.surface(rows, "wall")
    s.sphere(0.34, (1.9, 0.9, floor + 0.05), "accent")
    s.sphere(0.2, (-1.9, 0.5, floor + 0.05), "prop")
    return "low round podium on rumpled satin cloth that climbs the wall, soft folds"


@studio_set
def zen(s: Studio) -> str:
    """Raked gravel rings and a tower of stones."""
    base = -0.2 if not s.frame.tall else -0.65
    s.cylinder(1.8, 0.6, (0, 0, 0), "podium", bevel=0.1)
    if s.frame.tall:
        s.cylinder(2.25, 0.6, (0, 0, -0.3), "podium", bevel=0.1)
    rows = []
    for j in range(361):
        y = -11 + 14.5 * j / 360
        row = []
        for i in range(541):
            x = -14 + 28 * i / 540
            one, two = math.hypot(x, y), math.hypot(x - 2.2, y - 1.2)
            row.append((x, y, base + 0.028 * math.sin(12 * min(one, two + 0.9))))
        rows.append(row)
    s.surface(rows, "wall")
    s.surface([[(-40, 3.4, -3), (40, 3.4, -3)], [(-40, 3.4, 30), (40, 3.4, 30)]], "wall")
    z = base
    for radius, squash, role in (
        (0.62, 0.5, "accent"),
        (0.46, 0.55, "prop"),
        (0.32, 0.6, "accent"),
        (0.2, 0.7, "prop"),
    ):
        stone = s.sphere(radius, (0, 0, 0), role)
        stone.scale, stone.location = (1.15, 1, squash), (2.15, 1.2, z + radius * squash)
        z += 2 * radius * squash - 0.03
    s.stand_width = 3.1
    return "flat stone in raked gravel with rings, a tower of pebbles, balance and calm"


@studio_set
def lagoon(s: Studio) -> str:
    """A pool with steps leading into it."""
    level = -0.24 if not s.frame.tall else -0.7
    s.box((3.6, 2.0, 1.6), (0, 0, 0), "podium", bevel=0.05)
    if s.frame.tall:
        s.box((4.5, 2.9, 1.6), (0, 0, -0.4), "podium", bevel=0.05)
    s.surface([[(-40, 4.6, -3), (40, 4.6, -3)], [(-40, 4.6, 30), (40, 4.6, 30)]], "wall")
    for k in range(3):
        s.box((1.7, 0.7, 2.2), (1.9, 1.5 + 0.7 * k, 0.3 + 0.5 * k), "accent", bevel=0.04)
    s.slab([arch_outline(1.5, 3.0, -1)], 0.3, (-0.9, 3.0, 0), "accent", 0.03)
    rows = []
    for j in range(241):
        y = -11 + 15.5 * j / 240
        rows.append(
            [
                (
                    x,
                    y,
                    level
                    + 0.007 * math.sin(2.3 * x + 0.8 * y)
                    + 0.006 * math.sin(1.7 * y - 1.1 * x)
                    + 0.003 * math.sin(5.1 * x + 3.3 * y),
                )
                for x in (-14 + 28 * i / 360 for i in range(361))
            ]
        )
    s.surface(rows, "prop")
    s.glossy("prop", 0.7)
    s.stand_width = 3.2
    return "block standing in a still pool, steps and an arch mirrored in the water, resort"
