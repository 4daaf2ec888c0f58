"""Sets made of clean geometric shapes: disc, arch, steps, plinths, niche, rings, blocks, fluted."""

import math

from sets import TOP, studio_set, tiers
from shapes import arc, arch_outline, rectangle
from studio import Studio


@studio_set
def disc(s: Studio) -> str:
    """Two-tier round podium before a large standing disc."""
    floor = tiers(s, (1.5, 0.2), (2.1, 0.2))
    s.cyclorama(floor, 3.0, 0.8)
    s.cylinder(1.72, 0.28, (0.1, 1.95, 1.5), "accent", (math.pi / 2, 0, 0), 0.05)
    if not s.frame.tall:
        s.sphere(0.34, (2.35, 0.75, floor), "prop")
    if not s.frame.wide:
        s.cylinder(0.36, 0.85 - floor, (-2.42, 0.9, 0.85), "prop")
    return "round two-tier podium with a large disc behind, small sphere, crisp long shadows"


@studio_set
def arch(s: Studio) -> str:
    """Three nested arches behind a round podium."""
    floor = tiers(s, (1.55, 0.36))
    s.cyclorama(floor, 3.1, 0.8)
    narrow = 0.84 if s.frame.wide else 1.0
    for width, top, y, role in (
        (4.5, TOP, 1.9, "accent"),
        (3.5, 2.8, 1.62, "prop"),
        (2.6, 2.28, 1.34, "accent"),
    ):
        width *= narrow
        hole = arch_outline(width - 0.94, top - 0.47, floor - 1)
        s.slab([arch_outline(width, top, floor - 1), hole], 0.5, (0, y, 0), role, 0.035)
    return "round podium before nested arches like a rainbow, warm architecture"


@studio_set
def steps(s: Studio) -> str:
    """A broad block with a staircase climbing behind it."""
    floor = -0.42 if not s.frame.tall else -1.4
    s.cyclorama(floor, 4.4)
    s.box((3.9, 2.3, -floor), (0, 0, 0), "podium")
    if s.frame.tall:
        s.box((5.1, 3.2, 0.55), (0, 0, floor + 0.55), "podium")
    for i in range(4):
        top = 0.55 + 0.68 * i
        s.box((1.02, 1.5, top - floor), (-0.75 + 1.0 * i, 2.3, top), "accent")
    s.sphere(0.36, (0.25, 2.1, 1.23), "prop")
    s.stand_width = 3.5
    return "broad block with a staircase climbing to the right behind it, ball on a step"


@studio_set
def plinths(s: Studio) -> str:
    """Cylinders and blocks of different heights around a broad low podium."""
    floor = -0.4 if not s.frame.tall else -1.3
    s.cyclorama(floor, 3.9)
    s.cylinder(1.95, 0.4, (0, 0, 0), "podium")
    if s.frame.tall:
        s.cylinder(2.5, 0.45, (0, 0, -0.4), "podium")
        s.cylinder(3.05, 0.45, (0, 0, -0.85), "podium")
    s.cylinder(0.62, 2.9 - floor, (1.75, 2.35, 2.9), "accent")
    s.box((1.15, 1.15, 1.75 - floor), (0.55, 2.6, 1.75), "prop", (0, 0, 0.35))
    s.cylinder(0.42, 0.95 - floor, (2.45, 1.15, 0.95), "prop")
    s.sphere(0.3, (2.45, 1.15, 0.95), "accent")
    if not s.frame.wide:
        s.cylinder(0.55, 2.0 - floor, (-1.75, 2.4, 2.0), "prop")
        s.box((0.85, 0.85, 0.75 - floor), (-2.35, 1.25, 0.75), "accent", (0, 0, 0.5))
    s.stand_width = 3.3
    return "low round podium among plinths and columns of different heights, small ball"


@studio_set
def niche(s: Studio) -> str:
    """A deep arched niche in the wall, a ledge in front."""
    floor = -0.4 if not s.frame.tall else -1.5
    s.surface(
        [[(-40, -24, floor), (40, -24, floor)], [(-40, 1.3, floor), (40, 1.3, floor)]], "wall"
    )
    opening = arch_outline(4.1, TOP, -0.02)
    s.slab([rectangle(-40, floor - 1, 40, 30), opening], 1.5, (0, 1.15, 0), "wall", 0.05)
    s.surface([[(-6, 2.64, -3), (6, 2.64, -3)], [(-6, 2.64, 6), (6, 2.64, 6)]], "accent")
    s.box((4.1, 3.6, 0.2), (0, 1.15, 0), "podium", bevel=0.05)
    s.box((4.9, 2.2, -floor - 0.2), (0, 0, -0.2), "podium", bevel=0.05)
    s.stand_width = 3.5
    return "arched niche recessed in a smooth wall, a ledge in front, sunlight cutting into it"


@studio_set
def rings(s: Studio) -> str:
    """Two slim hoops and spheres in balance."""
    floor = tiers(s, (1.6, 0.16), (1.95, 0.22))
    s.cyclorama(floor, 2.9, 0.8)
    s.torus(1.62, 0.085, (-0.42, 1.75, 1.66 + 0.0), "accent")
    s.torus(1.05, 0.085, (1.15, 1.25, floor + 1.13), "prop")
    s.sphere(0.42, (1.98, 0.72, max(floor, -0.38)), "accent")
    s.sphere(0.2, (1.35, 0.15 + 1.1, floor + 0.17), "podium")
    if not s.frame.wide:
        s.sphere(0.26, (-2.3, 0.5, floor), "prop")
    return "round podium with two slim hoops and balls in balance, airy and light"


@studio_set
def blocks(s: Studio) -> str:
    """Toy-like quarter arches and half discs in a playful stack."""
    floor = -0.4 if not s.frame.tall else -1.4
    s.cyclorama(floor, 3.6)
    s.box((3.8, 2.2, -floor), (0, 0, 0), "podium", bevel=0.09)
    if s.frame.tall:
        s.box((5.0, 3.2, 0.6), (0, 0, floor + 0.6), "podium", bevel=0.09)
    half = [*arc(0, 0, 1.1, 0, 180)]
    bridge = [*arc(0, 0, 1.25, 0, 180), *arc(0, 0, 0.55, 180, 0)]
    s.slab([bridge], 0.9, (1.15, 1.5, floor), "accent", 0.06)
    s.slab([half], 0.9, (1.15, 1.55, floor + 1.25), "prop", 0.06)
    s.cylinder(0.3, 0.9, (1.15, 2.0, floor + 1.25 + 1.1 + 0.9), "accent", bevel=0.06)
    if not s.frame.wide:
        quarter = [(0, 0), *arc(0, 0, 1.3, 0, 90)]
        s.slab([quarter], 0.9, (-2.5, 1.6, floor), "prop", 0.06)
        s.box((1.3, 0.9, 0.9), (-1.85, 2.05, floor + 2.2), "accent", bevel=0.06)
    s.stand_width = 3.4
    return "broad block with playful toy-like arches and half discs stacked behind"


@studio_set
def fluted(s: Studio) -> str:
    """A fluted screen behind a fluted drum."""
    floor = -0.44 if not s.frame.tall else -1.5
    s.cyclorama(floor, 3.0, 0.8)
    s.cylinder(1.78, 0.09, (0, 0, 0), "podium", bevel=0.035)
    drum = [(-x, y) for x, y in _flutes(1.66, 64)]
    s.slab([drum], -0.09 - floor, (0, 0, 0), "podium", 0.0, (0, 0, 0)).location = (
        0,
        0,
        (floor - 0.09) / 2,
    )
    pitch, top, right = 0.3, 2.55, 2.25
    left = -1.2 if s.frame.wide else -2.25
    outline = [(right, 0.5), (left, 0.5)]
    for i in range(round((right - left) / pitch)):
        outline += arc(left + pitch * (i + 0.5), 0, pitch / 2, 180, 360, 16)
    screen = s.slab([outline], top - floor, (0, 0, 0), "accent", 0.0, (0, 0, 0))
    screen.location = (0, 1.75, (top + floor) / 2)
    s.box(
        (right - left + 0.24, 0.8, 0.1), ((right + left) / 2, 1.95, top + 0.1), "prop", bevel=0.03
    )
    s.stand_width = 3.0
    return "fluted drum podium before a fluted screen, quiet rhythm of fine vertical shadows"


def _flutes(radius: float, count: int) -> list[tuple[float, float]]:
    """The outline of a drum whose side is a ring of half rounds."""
    steps = count * 12
    depth = math.pi * radius / count
    points = []
    for i in range(steps):
        a = math.tau * i / steps
        r = radius - depth + depth * math.sqrt(1 - (2 * (i % 12) / 12 - 1) ** 2)
        points.append((r * math.cos(a), r * math.sin(a)))
    return points
