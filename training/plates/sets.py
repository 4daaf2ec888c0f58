"""What all studio sets share: their register, the rules for them, and what products stand on.

A set is a function that fills a `Studio` and returns its scene words. The product stands at the
origin; nothing may rise above `TOP`, where the headline begins, and nothing may crowd the
product: shapes stand behind it or well beside it.
"""

from collections.abc import Callable

from studio import Studio

SETS: dict[str, Callable[[Studio], str]] = {}
"""By name; filled by the modules `sets_*.py` as they are imported."""
TOP = 3.35  # units above the product's foot


def studio_set(build: Callable[[Studio], str]) -> Callable[[Studio], str]:
    """Register a set under the name of its function."""
    SETS[build.__name__] = build
    return build


def tiers(s: Studio, *sizes: tuple[float, float]) -> float:
    """Round podium of (radius, height), top down, deeper in tall pictures. Returns the floor."""
    z = 0.0
    for radius, height in sizes:
        s.cylinder(radius, height, (0, 0, z), "podium", bevel=0.045)
        z -= height
    if s.frame.tall:  # the lower third lies under the platform's buttons: a plinth grounds it
        for grow, height in ((0.45, 0.45), (0.95, 0.55)):
            s.cylinder(sizes[-1][0] + grow, height, (0, 0, z), "podium", bevel=0.045)
            z -= height
    s.stand_width = 1.7 * sizes[0][0]
    return z


def block(s: Studio, width: float, depth: float, high: float = 0.4, bevel: float = 0.05) -> float:
    """A broad block to stand on, a second step under it in tall pictures. Returns the floor."""
    floor = -high if not s.frame.tall else -high - 0.95
    s.box((width, depth, high), (0, 0, 0), "podium", bevel=bevel)
    if s.frame.tall:
        s.box((width + 1.1, depth + 0.9, 0.95), (0, 0, -high), "podium", bevel=bevel)
    s.stand_width = 0.9 * width
    return floor
