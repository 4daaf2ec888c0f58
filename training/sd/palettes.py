"""A bank of palettes, drawn all at once: wall, podium, accent and prop that stand apart.

Named colours moved a little, and harmonies around a hue, as in `training/clip/scenes.py`; kept are
those that `image_plates` would show as they are, by its own least differences between roles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contentfab.backends._plates_palette import _APART as APART
from contentfab.backends._plates_palette import SCENE_ROLES as ROLES
from contentfab.rules.pixels.colour import delta_e, hex_to_rgb, lab_to_srgb, srgb_to_lab
from contentfab.rules.pixels.colour_names import NAMED

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAMES = tuple(NAMED)
_LEVELS = np.array([hex_to_rgb(value) for value in NAMED.values()], float)
_LABS = srgb_to_lab(_LEVELS)
_TINTS = ((255.0, 255.0, 255.0), (16.0, 16.0, 24.0))
_ROUND = 4_096  # palettes tried at once


@dataclass(frozen=True, slots=True)
class Palettes:
    """`levels` N x 4 x 3 (bytes, sRGB; roles in order), `names` N x 4 (index into `NAMES`), `labs`
    N x 4 x 3 (CIELAB). In a calm palette the prop keeps to the wall's hue, as water and floors
    do; `calm` N says which are."""

    levels: NDArray[np.uint8]
    names: NDArray[np.int64]
    labs: NDArray[np.float32]
    calm: NDArray[np.bool_]


def draw(count: int, seed: int, calm_share: float = 0.25) -> Palettes:
    """`count` palettes that no two roles melt in."""
    dice = np.random.default_rng([seed, 1])
    wanted = {False: count - int(count * calm_share), True: int(count * calm_share)}
    found: dict[bool, list[NDArray[np.uint8]]] = {False: [], True: []}
    for calm, number in wanted.items():
        while sum(len(part) for part in found[calm]) < number:
            levels = _some(dice, calm)
            found[calm].append(levels[_apart(levels)])
    parts = [np.concatenate(found[calm])[: wanted[calm]] for calm in (False, True)]
    levels = np.concatenate(parts)
    order = dice.permutation(len(levels))
    calm = (np.arange(len(levels)) >= len(parts[0]))[order]
    levels = levels[order]
    labs = srgb_to_lab(levels)
    names = np.stack([_nearest(labs[:, role]) for role in range(len(ROLES))], 1)
    return Palettes(levels, names, labs.astype(np.float32), calm)


def _some(dice: np.random.Generator, calm: bool) -> NDArray[np.uint8]:
    named = _LEVELS[dice.integers(len(NAMES), size=(_ROUND, 4))]
    named = named + dice.normal(0, 5, named.shape)
    harmony = np.concatenate([_harmony(dice), named[:, 3:]], 1)
    levels = np.where(dice.random((_ROUND, 1, 1)) < 0.6, named, harmony)
    labs = srgb_to_lab(levels.clip(0, 255))
    share = dice.choice((0.16, 0.22, 0.24) if calm else (0.33, 0.5), _ROUND)[:, None]
    role = np.zeros(_ROUND, int) if calm else dice.integers(3, size=_ROUND)
    end = srgb_to_lab(np.array(_TINTS))[dice.integers(2, size=_ROUND)]
    own = labs[np.arange(_ROUND), role]
    tint = lab_to_srgb(own + (end - own) * share)
    mixed = np.ones(_ROUND, bool) if calm else dice.random(_ROUND) < 0.5
    levels[mixed, 3] = tint[mixed]
    return np.rint(levels.clip(0, 255)).astype(np.uint8)


def _harmony(dice: np.random.Generator) -> NDArray[np.float64]:
    """Wall, podium and accent around one hue in CIELAB: near, equal or opposite."""
    hue = dice.random((_ROUND, 1))
    turns = np.concatenate(
        [np.zeros((_ROUND, 1)), dice.choice((0, 0.04, 0.5), (_ROUND, 1)),
         np.full((_ROUND, 1), 0.42)], 1,
    )  # fmt: skip
    angle = 2 * np.pi * (hue + turns + dice.normal(0, 0.02, (_ROUND, 3)))
    chroma = dice.uniform(4, 75, (_ROUND, 3)) * dice.random((_ROUND, 3)) ** 0.5
    lightness = dice.uniform(10, 96, (_ROUND, 3))
    return lab_to_srgb(np.stack([lightness, chroma * np.cos(angle), chroma * np.sin(angle)], -1))


def _apart(levels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    labs = srgb_to_lab(levels)
    good = np.ones(len(levels), bool)
    for (one, other), least in APART.items():
        differs = delta_e(labs[:, ROLES.index(one)], labs[:, ROLES.index(other)])
        good &= differs >= least
    return good


def _nearest(labs: NDArray[np.float64]) -> NDArray[np.int64]:
    """The nearest name's number, by CIEDE2000, as `colour_name` finds it."""
    return np.concatenate(
        [
            delta_e(part[:, None], _LABS[None]).argmin(1)
            for part in np.array_split(labs, max(1, len(labs) // 2_048))
        ]
    )
