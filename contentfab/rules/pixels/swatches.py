"""Which colours a picture is made of, and how far they are from a palette.

Colour only: where the picture comes from and what the palette stands for is the caller's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from contentfab.records.places import Box
from contentfab.rules.pixels.colour import delta_e, hex_to_rgb, lab_to_srgb, rgb_to_hex, srgb_to_lab

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

Floats = NDArray[np.float64]
SIDE = 96
LEVELS = 6
"""8-bit levels per channel within which colours are one: under what anyone sees, and clustering a
few hundred colours takes a fifth of the time of clustering every pixel."""
CLUSTERS = 6
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Swatch:
    """One colour of a picture: its share of the area, and the palette role nearest to it."""

    colour: str
    share: float
    role: str
    brand_colour: str
    distance: float


def swatches(
    pixels: Picture, palette: Mapping[str, str], without: tuple[Box, ...] = ()
) -> list[Swatch]:
    """The main colours of a picture outside the boxes `without`, largest share first, each with
    its distance from `palette` (role → #RRGGBB). Empty when the boxes cover everything."""
    lab, counts = _lab_samples(pixels, without)
    if len(lab) == 0 or not palette:
        return []
    centres, shares = _kmeans(lab, counts)
    roles, colours = list(palette), list(palette.values())
    wanted = srgb_to_lab(np.array([hex_to_rgb(colour) for colour in colours], np.uint8))
    distances = shaded_delta_e(centres[:, None], wanted[None])
    best = distances.argmin(axis=1)
    names = [rgb_to_hex(rgb) for rgb in lab_to_srgb(centres)]
    found = [
        Swatch(names[i], float(shares[i]), roles[b], colours[b], float(distances[i, b]))
        for i, b in enumerate(best)
        if shares[i] > 0
    ]
    return sorted(found, key=lambda swatch: -swatch.share)


def shaded_delta_e(one: Floats, two: Floats) -> Floats:
    """CIEDE2000 with lightness differences halved, near enough the parametric factor kL = 2 that
    CIE 142 gives for textured surfaces: light and shade on a wall in the brand's colour is still
    the brand's colour."""
    one, two = np.broadcast_arrays(one, two)
    nearer = two.copy()
    nearer[..., 0] = (one[..., 0] + two[..., 0]) / 2
    return delta_e(one, nearer)


def _lab_samples(pixels: Picture, without: tuple[Box, ...]) -> tuple[Floats, Floats]:
    """Colours of the picture at SIDE pixels (n, 3), those within LEVELS of each other as their
    mean, and how many pixels have each (n,)."""
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    keep = np.ones(small.shape[:2], bool)
    for box in without:
        x0, x1 = int(box.x0 * scale), int(np.ceil(box.x1 * scale))
        y0, y1 = int(box.y0 * scale), int(np.ceil(box.y1 * scale))
        keep[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = False
    levels = small[keep].astype(np.int64)
    cells = levels // LEVELS @ (256 * 256, 256, 1)
    _, owner, counts = np.unique(cells, return_inverse=True, return_counts=True)
    sums = [np.bincount(owner, levels[:, axis], minlength=len(counts)) for axis in range(3)]
    means = np.stack(sums, axis=1) / counts[:, None]
    return np.asarray(srgb_to_lab(means)), counts.astype(np.float64)


def _kmeans(lab: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Lloyd's algorithm from k-means++ seeds with a fixed generator, on colours (n, 3) that count
    as many times as `counts` (n,) says: centres and their shares."""
    rng = np.random.default_rng(0)
    centres = lab[rng.choice(len(lab), size=1, p=counts / counts.sum())]
    for _ in range(CLUSTERS - 1):
        away = _squared(lab, centres).min(axis=1) * counts
        if away.sum() == 0:
            break
        centres = np.vstack([centres, lab[rng.choice(len(lab), p=away / away.sum())]])
    for _ in range(ROUNDS):
        owner = _squared(lab, centres).argmin(axis=1)
        held = np.bincount(owner, counts, minlength=len(centres))
        sums = np.stack(
            [
                np.bincount(owner, lab[:, axis] * counts, minlength=len(centres))
                for axis in range(3)
            ],
            axis=1,
        )
        centres = np.where(held[:, None] > 0, sums / np.maximum(held, 1)[:, None], centres)
    return centres, held / counts.sum()


def _squared(points: Floats, centres: Floats) -> Floats:
    """Squared distances, shape (points, centres)."""
    cross = points @ centres.T
    squared = (points**2).sum(1)[:, None] - 2 * cross + (centres**2).sum(1)[None]
    return np.asarray(np.maximum(squared, 0))
