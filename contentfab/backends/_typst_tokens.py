"""A brand's design tokens as numbers that templates and painter share."""

from __future__ import annotations

import math
from typing import Any

from contentfab.records.brand import Tokens
from contentfab.rules.layout.type_scale import is_banner

STEPS = {"minor-third": 1.2, "major-third": 1.25, "fourth": 4 / 3, "fifth": 1.5, "golden": 1.618}
"""Ratio between neighbouring sizes of a type scale."""
LOUDNESS = {"quiet": 0.86, "normal": 1.0, "loud": 1.1}
"""Largest headline, in those of the normal tone."""
ACTION_WEIGHT = {"quiet": 500, "normal": 600, "loud": 750}
PRICE_WEIGHT = {"quiet": 550, "normal": 650, "loud": 800}


def style(tokens: Tokens) -> dict[str, Any]:
    """What templates read of the tokens, beside corner and spacing: the scale's `step`, how large a
    headline may be (`headline`, a factor), weights of the small texts, and whether there are
    hairlines (`rule`)."""
    step = STEPS[tokens.scale]
    return {
        "tone": tokens.tone,
        "step": step,
        "headline": LOUDNESS[tokens.tone] * (step / STEPS["fourth"]) ** 0.5,
        "action-weight": ACTION_WEIGHT[tokens.tone],
        "price-weight": PRICE_WEIGHT[tokens.tone],
        "panel": tokens.panel,
        "rule": tokens.rule,
    }


def unit(width: int, height: int) -> float:
    """What small parts are measured in, in pixels: the shortest side, on banners the side of a
    square of their area."""
    return math.sqrt(width * height) if is_banner(width, height) else float(min(width, height))


def corner(tokens: Tokens, width: int, height: int) -> float:
    """Radius of the brand's corners in pixels."""
    return tokens.corner / 1000 * unit(width, height)
