"""Training pictures made where they are needed: batches of relit plates and drawn scenes, on the
device, each with what it shows.

A batch is one aspect. Every draw comes from a numpy generator that the caller seeds, so that a step
can be made again; only grain and the rounding's noise come from torch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from contentfab.backends._plates_palette import SCENE_ROLES as ROLES
from contentfab.backends._plates_sheet import Sheet as NumpySheet
from contentfab.rules.pixels.colour import rgb_to_hex
from training.clip import world as words
from training.sd import drawn, palettes, plates
from training.sd.captions import Facts
from training.sd.plan import Plan

if TYPE_CHECKING:
    from torch import Tensor

DRAWN = 0.14
"""Share of pictures that are drawn scenes; eight of them stand beside 43 sets."""
EXPOSED, EXPOSURE = 0.2, 0.12  # share of pictures, and stops at most
WARM, WARMTH = 0.12, (0.04, 0.1)  # share, and how far red and blue are turned apart
GRAINED, GRAIN = 0.05, 7.0  # share, and levels of noise
MIRRORED = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class Batch:
    """`pictures` B x 3 x H x W in -1..1 and what each shows; `places` is where each comes from:
    set or scene, light and mirror, for those who measure."""

    pictures: Tensor
    facts: list[Facts]
    places: list[tuple[str, int, bool]]


class World:
    """Everything that pictures are made of, on one device. `seed` sets the palettes."""

    def __init__(self, plan: Plan, seed: int, device: str, margin: float = plates.MARGIN) -> None:
        self.device = device
        self.buckets = plates.load(plan.side, plan.unit, plan.sets, device, margin)
        self.palettes = palettes.draw(plan.palettes, seed)
        calm = self.palettes.calm
        self._by_kind = {kind: np.flatnonzero(calm == kind) for kind in (False, True)}
        self._spaces = [space_of(bucket.width, bucket.height) for bucket in self.buckets]

    def batch(self, count: int, bucket: int, dice: np.random.Generator) -> Batch:
        """`count` pictures of one aspect."""
        many = int(dice.binomial(count, DRAWN))
        parts = []
        if count - many:
            parts.append(self._plates(count - many, bucket, dice))
        if many:
            parts.append(self._drawn(many, bucket, dice))
        linear = torch.cat([part[0] for part in parts])
        facts = [fact for part in parts for fact in part[1]]
        places = [place for part in parts for place in part[2]]
        return Batch(self._finished(linear, facts, dice), facts, places)

    def plate(
        self, bucket: int, index: int, light: int, mirror: bool, levels: np.ndarray
    ) -> tuple[Tensor, Tensor]:
        """One plate uncropped and unexposed in the palette `levels` (4 x 3, sRGB): picture 3 x H x
        W in -1..1 and weights of the four roles, 4 x H x W in 0..1."""
        kept = self.buckets[bucket]
        left = (kept.light.shape[-1] - kept.width) // 2
        top = (kept.light.shape[-2] - kept.height) // 2
        window = np.s_[top : top + kept.height, left : left + kept.width]
        fall = kept.light[index, light][window][None, None].float()
        weights = kept.weights[index][:, *window][None].float() / 255
        palette = torch.from_numpy(levels.astype(np.float32) / 255).to(self.device)[None]
        albedo = plates.albedo(palette, kept.lit[index, light][None])
        picture = plates.tone(plates.relight(fall, weights, albedo))[0] / 127.5 - 1
        roles = torch.cat([weights[0], 1 - weights[0].sum(0, keepdim=True)])
        if mirror:
            picture, roles = picture.flip(-1), roles.flip(-1)
        return picture, roles

    def _plates(
        self, count: int, bucket: int, dice: np.random.Generator
    ) -> tuple[Tensor, list[Facts], list[tuple[str, int, bool]]]:
        kept = self.buckets[bucket]
        width, height = kept.width, kept.height
        which = dice.integers(len(kept.sets), size=count)
        lights = (dice.random(count) < 0.3).astype(int)
        mirror = dice.random(count) < 0.5
        left = dice.integers(kept.light.shape[-1] - width + 1, size=count)
        top = dice.integers(kept.light.shape[-2] - height + 1, size=count)
        rows = np.array([dice.choice(self._by_kind[kept.calm[i]]) for i in which])
        fall, weights = [], []
        for i, light, x, y in zip(which, lights, left, top, strict=True):
            window = np.s_[..., y : y + height, x : x + width]
            fall.append(kept.light[i, light : light + 1][window])
            weights.append(kept.weights[i][window])
        flip = torch.from_numpy(mirror).to(self.device)[:, None, None, None]
        light_maps = torch.stack(fall).float()
        shares = torch.stack(weights).float() / 255
        light_maps = torch.where(flip, light_maps.flip(-1), light_maps)
        shares = torch.where(flip, shares.flip(-1), shares)
        lit = kept.lit[torch.from_numpy(which), torch.from_numpy(lights)]
        linear = plates.relight(light_maps, shares, plates.albedo(self._srgb(rows), lit))
        facts, places = [], []
        for i, light, turned, row in zip(which, lights, mirror, rows, strict=True):
            side = "front" if light else ("right" if turned else "left")
            space = self._spaces[bucket]
            space = MIRRORED.get(space, space) if turned else space
            facts.append(facts_of(self.palettes, row, kept.sets[i], side, space))
            places.append((kept.sets[i], int(light), bool(turned)))
        return linear, facts, places

    def _drawn(
        self, count: int, bucket: int, dice: np.random.Generator
    ) -> tuple[Tensor, list[Facts], list[tuple[str, int, bool]]]:
        kept = self.buckets[bucket]
        name = str(dice.choice(list(drawn.SCENES)))
        rows = dice.choice(self._by_kind[False], count)
        linear = plates.to_linear(self._srgb(rows))
        colours = {role: linear[:, i, :, None, None] for i, role in enumerate(ROLES)}
        sheet = drawn.Sheet(kept.width, kept.height, colours, dice)
        picture = drawn.SCENES[name](sheet)
        facts = [facts_of(self.palettes, row, name, "", self._spaces[bucket]) for row in rows]
        return picture, facts, [(name, 0, False)] * count

    def _finished(self, linear: Tensor, facts: list[Facts], dice: np.random.Generator) -> Tensor:
        """Exposure, warmth, tone, grain and rounding; `facts` are told of what is to be seen."""
        count = len(facts)
        stops = dice.uniform(-EXPOSURE, EXPOSURE, count) * (dice.random(count) < EXPOSED)
        warmth = dice.uniform(*WARMTH, count) * dice.choice((-1, 1), count)
        warmth *= dice.random(count) < WARM
        gain = np.stack([2**stops * (1 + warmth), 2**stops, 2**stops * (1 - warmth)], 1)
        levels = plates.tone(
            linear * torch.from_numpy(gain.astype(np.float32)).to(self.device)[..., None, None]
        )
        noise = torch.Generator(self.device).manual_seed(int(dice.integers(2**62)))
        grained = dice.random(count) < GRAINED
        for i in np.flatnonzero(grained):
            coarse = torch.randn((1, 1, *levels.shape[-2:]), generator=noise, device=self.device)
            levels[i] += GRAIN * plates.blur(coarse, 0.7)[0]
        step = torch.rand(levels.shape[:1] + levels.shape[2:], generator=noise, device=self.device)
        for i, fact in enumerate(facts):
            facts[i] = replace(fact, warmth=int(np.sign(warmth[i])), grain=bool(grained[i]))
        return (levels + step[:, None]).floor().clamp(0, 255) / 127.5 - 1

    def _srgb(self, rows: np.ndarray) -> Tensor:
        levels = self.palettes.levels[rows].astype(np.float32) / 255
        return torch.from_numpy(levels).to(self.device)


def facts_of(bank: palettes.Palettes, row: int, scene: str, light: str, space: str) -> Facts:
    """What a picture of `scene` in a palette of the bank shows, before exposure and warmth."""
    labs = bank.labs[row]
    mood = words.mood_of(float(labs[0, 0]), float(np.hypot(labs[:, 1], labs[:, 2]).mean()))
    colours = {
        role: (palettes.NAMES[bank.names[row, i]], rgb_to_hex(bank.levels[row, i]).lower())
        for i, role in enumerate(ROLES)
    }
    return Facts(scene, colours, light, mood, space)


def space_of(width: int, height: int) -> str:
    """Where an unmirrored picture of this size keeps calm, in the prompt's word."""
    sheet = NumpySheet(width, height, {}, np.random.default_rng(0))
    return "left" if sheet.wide else "top"
