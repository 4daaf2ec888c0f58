"""Sets that live on what their surfaces throw back: metal, glass, a mirror."""

import math

from sets import block, studio_set, tiers
from studio import Studio


@studio_set
def steel(s: Studio) -> str:
    """Brushed metal: a round podium and a tall hoop."""
    floor = tiers(s, (1.7, 0.26), (2.05, 0.18))
    s.cyclorama(floor, 3.2, 0.8)
    s.metal("podium", 0.32)
    s.metal("accent", 0.22)
    s.torus(1.75, 0.07, (0.15, 1.7, 1.75 + floor + 0.05), "accent")
    s.cylinder(0.5, 1.0 - floor, (2.1, 1.0, 1.0), "prop")
    return "brushed metal podium and a slim metal hoop, technical, cool precision"


@studio_set
def glass(s: Studio) -> str:
    """Glazed blocks like glass bricks."""
    floor = block(s, 3.4, 1.9, 0.36, 0.09)
    s.cyclorama(floor, 3.6)
    s.glossy("podium", 0.7)
    s.glossy("accent", 0.75)
    for row in range(3):
        for col in range(4 - row):
            x = -0.1 + col * 0.86 + row * 0.43
            if s.frame.wide and x < 0.2:
                continue
            s.box(
                (0.82, 0.5, 0.82),
                (x - 0.2, 1.75, floor + 0.84 * (row + 1)),
                "accent",
                (0, 0, 0),
                0.1,
            )
    s.sphere(0.4, (-2.0 if not s.frame.wide else 2.3, 0.8, floor), "prop")
    return "glazed block before a low wall of shiny glass-like bricks, clean and fresh"


@studio_set
def mirror(s: Studio) -> str:
    """A round mirror behind the podium."""
    floor = tiers(s, (1.55, 0.26))
    s.cyclorama(floor, 3.2, 0.8)
    s.metal("prop", 0.04)
    s.cylinder(1.55, 0.1, (0.15, 1.9, 1.6), "accent", (math.pi / 2, 0, 0.18), 0.02)
    s.cylinder(1.45, 0.1, (0.15 - 0.01, 1.84, 1.6), "prop", (math.pi / 2, 0, 0.18), 0.02)
    s.sphere(0.38, (1.95, 0.7, floor), "podium")
    s.sphere(0.22, (-1.9, 0.5, floor), "accent")
    return "round podium before a round framed mirror, dressing table, elegant"
