"""Sets that live on what stands beside the product: balls, cubes, tubes, fans, stones."""

import math

from sets import TOP, block, studio_set, tiers
from shapes import arc, arch_outline
from studio import Studio


@studio_set
def slabs(s: Studio) -> str:
    """Stone slabs laid across each other."""
    z = 0.0
    plan = [(3.4, 1.9, 0.24, 0.0), (4.0, 2.2, 0.26, 0.05)]
    if s.frame.tall:
        plan += [(4.5, 2.6, 0.4, -0.04), (5.0, 2.9, 0.4, 0.03)]
    for k, (wide, deep, high, turn) in enumerate(plan):
        s.box(
            (wide, deep, high),
            (0.12 * (-1) ** k, 0, z),
            "podium" if k % 2 == 0 else "accent",
            (0, 0, turn),
            0.03,
        )
        z -= high
    s.cyclorama(z, 3.2, 0.8)
    s.box((1.5, 0.3, 2.7 - z), (1.5, 1.9, 2.7), "accent", (0, 0, -0.1), 0.04)
    s.box((1.1, 0.3, 1.8 - z), (0.5, 1.6, 1.8), "prop", (0, 0, 0.12), 0.04)
    s.stand_width = 3.1
    return "stone slabs laid across each other, upright slabs behind, quiet and solid"


@studio_set
def cubes(s: Studio) -> str:
    """Loose cubes stacked at both sides."""
    floor = block(s, 3.5, 2.0, 0.4, 0.07)
    s.cyclorama(floor, 3.6)
    for x, y, z, size, role, turn in (
        (1.45, 1.9, floor, 1.25, "accent", 0.2),
        (2.45, 1.5, floor, 0.85, "prop", -0.3),
        (1.55, 2.0, floor + 1.25, 0.95, "prop", -0.25),
        (1.5, 1.95, floor + 2.2, 0.6, "accent", 0.5),
        (-2.0, 1.7, floor, 1.0, "prop", 0.35),
        (-2.1, 1.75, floor + 1.0, 0.62, "accent", -0.2),
    ):
        if x < 0 and s.frame.wide:
            continue
        s.box((size, size, size), (x, y, z + size), role, (0, 0, turn), 0.05)
    return "broad block among loose cubes stacked at both sides, playful order"


@studio_set
def pipes(s: Studio) -> str:
    """A row of upright tubes like an organ."""
    floor = tiers(s, (1.75, 0.38))
    s.cyclorama(floor, 3.6)
    radius, count = 0.24, 9
    for k in range(count):
        x = (k - (count - 1) / 2) * 2 * radius + (0.45 if s.frame.wide else 0.1)
        high = 1.25 + 1.75 * math.sin(math.pi * (k + 0.8) / count) ** 1.2
        s.cylinder(radius, high - floor, (x, 1.9, high), "accent" if k % 3 else "prop", bevel=0.05)
    s.sphere(0.3, (-2.2 if not s.frame.wide else 2.2, 0.6, floor), "prop")
    return "round podium before a row of upright tubes like an organ, rhythm"


@studio_set
def balls(s: Studio) -> str:
    """Balls of many sizes that have come to rest around the podium."""
    floor = tiers(s, (1.65, 0.3))
    s.cyclorama(floor, 4.2)
    lift = 0.55 if s.frame.tall else 0.0  # or the deeper podium would hide them
    for x, y, radius, role in (
        (1.3, 2.3, 1.15, "accent"),
        (2.35, 1.25, 0.52, "prop"),
        (-0.55, 2.6, 0.8, "prop"),
        (0.25, 1.75, 0.3, "podium"),
        (1.95, 0.45, 0.2, "podium"),
        (-1.75, 2.1, 0.62, "accent"),
        (-2.3, 1.15, 0.3, "podium"),
        (-1.6, 0.95, 0.18, "accent"),
    ):
        if x < -1 and s.frame.wide:
            continue
        size = radius + lift * (radius > 0.3)
        s.sphere(size, (x * (1 + 0.2 * lift), y + lift, floor), role)
    return "round podium among balls of many sizes that have come to rest, cheerful"


@studio_set
def tunnel(s: Studio) -> str:
    """Arches one behind the other, into the depth."""
    floor = block(s, 3.0, 2.2, 0.3)
    s.surface([[(-40, -24, floor), (40, -24, floor)], [(-40, 12, floor), (40, 12, floor)]], "wall")
    s.surface([[(-40, 9.5, -4), (40, 9.5, -4)], [(-40, 9.5, 30), (40, 9.5, 30)]], "wall")
    for k in range(5):
        width, top = 4.3 - 0.16 * k, TOP - 0.1 * k
        hole = arch_outline(width - 0.7, top - 0.36, floor - 1)
        s.slab(
            [arch_outline(width, top, floor - 1), hole],
            0.4,
            (0, 1.3 + 1.25 * k, 0),
            ("accent", "prop")[k % 2],
            0.04,
        )
    return "block at the mouth of a tunnel of arches running into the depth"


@studio_set
def fan(s: Studio) -> str:
    """A pleated paper fan."""
    floor = tiers(s, (1.65, 0.3))
    s.cyclorama(floor, 3.2, 0.8)
    rows = []
    for radius in (0.35, 2.35):
        row = []
        for i in range(721):
            angle = math.pi * i / 720
            fold = 0.10 * radius / 2.35 * (2 * abs(((i / 720 * 30) % 1) * 2 - 1) - 1)
            row.append(
                (
                    -radius * math.cos(angle) + 0.1,
                    1.75 + fold,
                    floor + 0.25 + radius * math.sin(angle),
                )
            )
        rows.append(row)
    fan_sheet = s.surface(rows, "accent", thickness=0.01)
    for face in fan_sheet.data.polygons:
        face.use_smooth = False
    s.cylinder(0.36, 0.14, (0.1, 1.5, floor + 0.25), "prop", (math.pi / 2, 0, 0), 0.03)
    s.cylinder(0.4, 0.7 - floor, (2.3, 0.9, 0.7), "prop")
    return "round podium before a large pleated paper fan, festive, fine folds"


@studio_set
def ramp(s: Studio) -> str:
    """A wedge with a ball about to roll."""
    floor = block(s, 3.6, 1.9, 0.36)
    s.cyclorama(floor, 3.8)
    s.slab([[(-0.4, floor), (2.75, floor), (2.75, 2.1)]], 1.0, (0.1, 1.5, 0), "accent", 0.03)
    s.sphere(0.42, (1.75, 1.95, 1.2), "prop")
    if not s.frame.wide:
        s.cylinder(0.5, 1.2 - floor, (-2.1, 1.5, 1.2), "prop")
    return "block before a steep ramp with a ball on it, tension and movement"


@studio_set
def moon(s: Studio) -> str:
    """A huge ball rising behind the horizon."""
    floor = tiers(s, (1.6, 0.22), (2.0, 0.2))
    s.cyclorama(floor, 5.2, 1.0)
    s.sphere(1.75, (0.2, 2.9, floor - 0.35), "accent")
    s.sphere(0.3, (-2.0, 0.7, floor), "prop")
    s.sphere(0.18, (2.15, 0.5, floor), "prop")
    return "round two-tier podium before a huge ball like a rising moon, small balls"


@studio_set
def terrace(s: Studio) -> str:
    """Half-round steps rising behind, like a theatre."""
    floor = tiers(s, (1.45, 0.24))
    s.cyclorama(floor, 5.6, 1.0)
    for k in range(4):
        radius, high = 2.0 + 0.52 * k, 0.4 + 0.52 * k
        ring = [*arc(0, 0, radius + 0.54, 0, 180, 64), *arc(0, 0, radius, 180, 0, 64)]
        step = s.slab([ring], high - floor, (0, 0, 0), ("accent", "prop")[k % 2], 0.03, (0, 0, 0))
        step.location = (0, 0.5, (high + floor) / 2)
        step.scale = (0.92, 0.8, 1)
    return "round podium in front of half-round steps rising like a small theatre"


@studio_set
def petals(s: Studio) -> str:
    """A paper flower as large as the set."""
    floor = tiers(s, (1.6, 0.3))
    s.cyclorama(floor, 3.3, 0.8)
    for ring, (count, reach, y, role) in enumerate(
        ((10, 1.05, 2.1, "accent"), (8, 0.7, 1.85, "prop"))
    ):
        for k in range(count):
            angle = math.tau * (k + 0.5 * ring) / count
            petal = [
                (0.62 * reach * math.sin(t) ** 1 * 0.62, reach * (1 - math.cos(t)) / 1.25)
                for t in (math.tau * i / 40 for i in range(40))
            ]
            turned = [
                (
                    x * math.cos(angle) - z * math.sin(angle),
                    x * math.sin(angle) + z * math.cos(angle),
                )
                for x, z in petal
            ]
            s.slab([turned], 0.07, (0.1, y - 0.012 * (k % 2), 1.55), role, 0.012)
    s.cylinder(0.32, 0.2, (0.1, 1.6, 1.55), "podium", (math.pi / 2, 0, 0), 0.05)
    return "round podium before a large paper flower, petals in two rings"


@studio_set
def shelf(s: Studio) -> str:
    """A shelf on the wall with a few still objects."""
    wall_y = 1.15
    s.surface(
        [[(-40, wall_y, -30), (40, wall_y, -30)], [(-40, wall_y, 30), (40, wall_y, 30)]], "wall"
    )
    s.box((5.6, 2.6, 0.26), (0.2, 0, 0), "podium", bevel=0.04)
    s.slab([arch_outline(1.7, 2.45, 0.01)], 0.18, (0.65, 0.75, 0), "accent", 0.03)
    s.cylinder(0.36, 0.95, (2.15, 0.35, 0.95), "prop")
    s.sphere(0.24, (2.15, 0.35, 0.95), "accent")
    if not s.frame.wide:
        s.sphere(0.36, (-2.1, 0.3, 0), "prop")
    s.stand_width = 3.6
    return "shelf on a wall with an arched board, a small column and balls, still life"


@studio_set
def totem(s: Studio) -> str:
    """Two towers of different solids."""
    floor = tiers(s, (1.6, 0.34))
    s.cyclorama(floor, 3.7)
    x, y = 1.9, 1.7
    s.cylinder(0.55, 0.75, (x, y, floor + 0.75), "accent")
    s.sphere(0.45, (x, y, floor + 0.75), "prop")
    s.box((0.95, 0.95, 0.3), (x, y, floor + 1.92), "podium", (0, 0, 0.4))
    s.torus(0.42, 0.16, (x, y, floor + 2.48), "accent")
    if not s.frame.wide:
        s.box((0.9, 0.9, 0.9), (-2.0, y, floor + 0.9), "prop", (0, 0, 0.5))
        s.cylinder(0.3, 0.9, (-2.0, y, floor + 1.8), "accent")
        s.sphere(0.34, (-2.0, y, floor + 1.8), "podium")
    return "round drum between two towers of cubes, balls, rings and drums, design toys"
