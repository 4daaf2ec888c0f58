"""How close a picture is to the pictures of a brand, in a CLIP space.

A plain cosine says little: some pictures are close to everything. CSLS (Conneau et al. 2018)
subtracts how close both sides are to unrelated pictures; the scale comes from the exemplars
themselves, each against the others. Knows vectors only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
NEIGHBOURS = 5
ENOUGH = 2
"""Exemplars needed: with one there is no telling how alike the brand's own pictures are."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """`value` in [0, 1] is 0.5 half-way between unrelated pictures and the brand's own;
    `informative` is false when the brand's own pictures are no closer to each other than
    unrelated ones are."""

    value: float
    score: float
    own: float
    other: float
    informative: bool


def likeness(picture: Vectors, exemplars: Vectors, unrelated: Vectors) -> Likeness:
    """`picture` (d,), `exemplars` (n ≥ 2, d), `unrelated` (m, d), all of unit length."""
    own = [
        _csls(exemplars[i], np.delete(exemplars, i, axis=0), unrelated)
        for i in range(len(exemplars))
    ]
    others = [
        _csls(unrelated[i], exemplars, np.delete(unrelated, i, axis=0))
        for i in range(len(unrelated))
    ]
    # The nearest tenth sets the level: easy strangers must not make everybody else fit.
    near, far = float(np.mean(own)), float(np.quantile(others, 0.9))
    gap = min(own) - float(np.quantile(others, 0.95))
    score = _csls(picture, exemplars, unrelated)
    spread = max(near - far, 1e-3)
    steps = min(4.0, max(-4.0, (score - far) / spread - 0.5))
    value = 1 / (1 + np.exp(-6 * steps))
    return Likeness(float(value), score, near, far, gap > 0)


def _csls(vector: Vectors, group: Vectors, unrelated: Vectors) -> float:
    centre = group.mean(axis=0)
    centre = centre / max(float(np.linalg.norm(centre)), 1e-6)
    return float(2 * vector @ centre - _nearness(vector, unrelated) - _nearness(centre, unrelated))


def _nearness(vector: Vectors, unrelated: Vectors) -> float:
    """Mean cosine to the nearest unrelated pictures."""
    return float(np.sort(unrelated @ vector)[-NEIGHBOURS:].mean())


def unrelated_pictures(side: int = 96, count: int = 24) -> list[NDArray[np.uint8]]:
    """Seeded studio-like pictures in colours of no brand: a wall, a floor, a shape, light."""
    rng = np.random.default_rng(20)
    rows, columns = np.mgrid[0:side, 0:side] / side
    pictures = []
    for _ in range(count):
        wall, floor, shape = rng.integers(20, 240, (3, 3))
        picture = np.where((rows > rng.uniform(0.5, 0.8))[..., None], floor, wall).astype(float)
        x, y, radius = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.7), rng.uniform(0.08, 0.3)
        inside = (columns - x) ** 2 + (rows - y) ** 2 < radius**2
        picture[inside] = shape
        light = 1 + rng.uniform(-0.5, 0.5) * (columns - 0.5) + rng.uniform(-0.5, 0.5) * (rows - 0.5)
        picture = picture * light[..., None] + rng.normal(0, rng.uniform(0, 12), (side, side, 1))
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
    return pictures
