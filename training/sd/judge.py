"""Measures of painted pictures against what was asked: colours by role, the set, edges, variety.

The plate of the set that was asked for, lit in the palette that was asked for, is what a picture is
held against: the model learned from such. Knows pictures and plates; no pipeline and no files.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F

from contentfab.rules.pixels.colour import delta_e, hex_to_rgb, srgb_to_lab
from training.sd import captions, palettes
from training.sd.data import MIRRORED, ROLES, World, facts_of, space_of
from training.sd.plan import SEED, Plan
from training.sd.plates import LIGHTS
from training.sd.sampling import Pieces, paint

if TYPE_CHECKING:
    from torch import Tensor

    from training.sd.captions import Facts

SURE, INSIDE = 0.9, 0.02  # weight of a role's pixels, and how far from its edge, in picture widths
SMALLEST = 0.004  # share of the picture under which a role's colour is not measured
GUIDANCE_CASES = 16


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to paint, and the plate that shows it; `index` is the set's place in its bucket."""

    facts: Facts
    prompt: str
    coded: bool
    bucket: int
    index: int
    light: int
    mirror: bool
    levels: np.ndarray


def cases(plan: Plan, world: World, count: int) -> list[Case]:
    """Fixed prompts of studio sets in palettes that training does not have, in every aspect; every
    other prompt gives colours by code too."""
    bank, dice = palettes.draw(max(60, 4 * count), SEED + 1), np.random.default_rng([SEED, 97])
    rows = {kind: list(np.flatnonzero(bank.calm == kind)) for kind in (False, True)}
    found, words = [], random.Random(SEED)
    for i in range(count):
        bucket = i % len(world.buckets)
        kept = world.buckets[bucket]
        index, light = int(dice.integers(len(kept.sets))), int(dice.random() < 0.3)
        mirror = bool(dice.random() < 0.5)
        row = rows[kept.calm[index]].pop()
        side = LIGHTS[light] if light else ("right" if mirror else "left")
        space = space_of(kept.width, kept.height)
        space = MIRRORED.get(space, space) if mirror else space
        facts = facts_of(bank, row, kept.sets[index], side, space)
        coded = bool(i // len(world.buckets) % 2)
        text = captions.prompt(facts, words, coded=coded)
        found.append(Case(facts, text, coded, bucket, index, light, mirror, bank.levels[row]))
    return found


def colour_off(world: World, case: Case, picture: Tensor) -> dict[str, float]:
    """CIEDE2000 between the plate's and the picture's median colour, role by role, over the
    plate's area of the role; of the two mirrors the better one. `picture` 3 x H x W in -1..1."""
    found = []
    for mirror in (case.mirror, not case.mirror):
        plate, roles = world.plate(case.bucket, case.index, case.light, mirror, case.levels)
        off = {}
        for role, weight in zip(ROLES, roles, strict=True):
            inside = _inside(weight)
            if inside.float().mean() >= SMALLEST:
                off[role] = float(delta_e(_median(plate, inside), _median(picture, inside)))
        found.append(off)
    return min(found, key=lambda off: sum(off.values()) / max(1, len(off)))


def nearest(small: World, case: Case, picture: Tensor) -> tuple[str, float]:
    """The set whose plate, in the palette that was asked for, is nearest to the picture at small
    size, over lights and mirrors; and the distance in levels (root of mean square)."""
    kept = small.buckets[case.bucket]
    size = (kept.height, kept.width)
    made = F.interpolate(picture[None], size, mode="area")[0]
    best = ("", float("inf"))
    for index, name in enumerate(kept.sets):
        for light in range(len(LIGHTS)):
            plate, _ = small.plate(case.bucket, index, light, False, case.levels)
            for candidate in (plate, plate.flip(-1)):
                off = float((candidate - made).pow(2).mean().sqrt()) * 127.5
                best = min(best, (name, off), key=lambda pair: pair[1])
    return best


def small_world(plan: Plan, device: str) -> World:
    """The same plates at a quarter of the size, for `nearest`."""
    side, unit = max(32, plan.side // 4), max(4, plan.unit // 4)
    return World(replace(plan, side=side, unit=unit, palettes=60), SEED, device, margin=1.0)


def edges(picture: Tensor, plate: Tensor) -> float:
    """Strength of edges, as a share of the plate's: 1 is as sharp, less is soft."""

    def strength(one: Tensor) -> Tensor:
        return one.diff(dim=-1).pow(2).mean() + one.diff(dim=-2).pow(2).mean()

    return float((strength(picture) / strength(plate).clamp_min(1e-9)).sqrt())


def spread(pictures: Tensor) -> float:
    """Mean distance between pictures of one prompt and several seeds, in levels (root of mean
    square at an eighth of the size)."""
    coarse = F.avg_pool2d(pictures, 8).flatten(1) * 127.5
    distance = torch.cdist(coarse, coarse) / coarse.shape[1] ** 0.5
    count = len(pictures)
    return float(distance.sum() / (count * (count - 1)))


def judge_guidance(
    plan: Plan, world: World, pieces: Pieces, strengths: Sequence[float]
) -> dict[float, float]:
    """Mean colour difference by strength of guidance, on a few fixed prompts."""
    chosen = cases(plan, world, min(GUIDANCE_CASES, plan.prompts))
    judged = {}
    for strength in strengths:
        off: list[float] = []
        for case, picture in zip(
            chosen, painted(plan, world, pieces, chosen, strength), strict=True
        ):
            off += colour_off(world, case, picture).values()
        judged[strength] = float(np.mean(off))
    return judged


def painted(
    plan: Plan, world: World, pieces: Pieces, chosen: Sequence[Case], strength: float = 1.0,
    *, steps: int = 0, sampler: str = "DDIMScheduler",
) -> list[Tensor]:  # fmt: skip
    """A picture for every case, seeds by its number; cases of one aspect together."""
    found: dict[int, Tensor] = {}
    for bucket, kept in enumerate(world.buckets):
        mine = [i for i, case in enumerate(chosen) if case.bucket == bucket]
        if mine:
            pictures = paint(
                pieces, [chosen[i].prompt for i in mine], (kept.width, kept.height), mine,
                steps=steps or plan.sampling_steps, strength=strength, sampler=sampler,
            )  # fmt: skip
            found |= dict(zip(mine, pictures, strict=True))
    return [found[i] for i in range(len(chosen))]


def asked_off(case: Case) -> float:
    """How far the named colours are from the codes behind them: what a prompt without codes
    cannot tell, CIEDE2000, mean over roles."""
    named = [palettes.NAMED[name] for name, _ in case.facts.colours.values()]
    ones = [srgb_to_lab(np.array(hex_to_rgb(value))) for value in named]
    others = [srgb_to_lab(level) for level in case.levels]
    return float(np.mean([delta_e(a, b) for a, b in zip(ones, others, strict=True)]))


def _inside(weight: Tensor) -> Tensor:
    """Where a role is, well within its edges: H x W of truth."""
    reach = max(1, round(INSIDE * weight.shape[-1]))
    away = F.max_pool2d((weight < SURE).float()[None, None], 2 * reach + 1, 1, reach)
    return away[0, 0] == 0


def _median(picture: Tensor, where: Tensor) -> np.ndarray:
    level = picture[:, where].median(1).values.cpu().numpy()
    return srgb_to_lab((level + 1) * 127.5)
