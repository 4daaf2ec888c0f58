"""The second stage of training: steady and thorough judgement of craft.

The first stage learns what pictures show and something of their craft. Here every batch holds
groups of four: two sound views, and each of them spoiled. In some groups both views are of one
picture and differ in what must not matter (the crop by some pixels, the fall of light, words
printed over or painted over, and, of twins, the layout): these are held to one vector and one
judgement. Beside the loss of the first stage one head tells sound from spoiled over the batch.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import batches
import cv2
import data
import defects
import numpy as np
import printed
import torch
import train
import world
from torch import nn
from torch.nn import functional as F

TWINS, CROPS, STRANGE = 0.2, 0.15, 0.35
"""Shares of groups that are posters in two layouts, one picture in two crops, and two strange
pictures; the others are two pictures."""
LOUD = 0.25
"""Share of pictures whose colours are loud by design: saturation alone is no fault."""
HARD = ("banding", "blocks", "filtered", "pixelated", "tilted", "warped")
"""Kinds that are harder to see than others, and drawn twice as often."""
NEAR = 118
"""Least side of a view's crop, of the `data.SIDE` that are stored."""
FALLING, PATCHED, WORDS = 0.4, 0.15, 0.4
"""Shares of sound views with light that falls off, with words painted over, with words."""
MATCH, QUALITY, STEADY = 1.0, 2.0, 0.5
"""Weights of the losses beside those of the first stage: once more that of matching, lest it forget
what pictures show, and those of telling sound from spoiled and of being steady."""
MIXED, SETTLING = 0.5, 12
"""How far the model goes from the first stage to the second, and batches of which the statistics of
normalisation are the mean."""
UNKNOWN = ("product", "product_colour", "poster", "space")
"""What nobody noted of twins."""
NOTHING = world.Facts(dict.fromkeys(world.ATTRIBUTES, ""), "")
KNOWN_OF_ALL = ("quality", "defect")


@dataclass(frozen=True, slots=True)
class Group:
    """Two sound views and the same two spoiled, what each shows, and what spoils each. Of the
    `unknown` attributes nobody knows their values; `same` says that both are of one picture."""

    views: list[np.ndarray]
    facts: tuple[world.Facts, world.Facts]
    kinds: tuple[str, str]
    unknown: Collection[str]
    same: bool


class Groups:
    """Endless batches of groups of four: first all first views, then all second ones, then the
    spoiled ones in the same order. As `batches.Batches`, of `size` pictures."""

    def __init__(self, folder: Path, twins: Path, tokenizer: Any, size: int, seed: int) -> None:
        self.pictures, self.facts = data.load(folder)
        self.twins, self.twin_facts = data.load(twins)
        self.codes = batches.Codes([*self.facts, *self.twin_facts])
        self.tokenizer, self.size = tokenizer, size // 4
        self._dice, self._levels = random.Random(seed), np.random.default_rng(seed)
        self._words = printed.Words(seed)
        self._loud = [i for i, f in enumerate(self.facts) if f.values["mood"] == "loud"]

    def batch(self, _step: int) -> train.Batch:
        """Pixels (n, 3, side, side) float32, tokens, codes of pictures and captions, and of each
        group whether its views are of one picture."""
        groups = [self._group() for _ in range(self.size)]
        pixels, texts, rows, said = [], [], [], []
        for place in range(4):
            for group in groups:
                facts, kind = group.facts[place % 2], group.kinds[place % 2] if place > 1 else ""
                own = defects.LEARNED[kind][1] if kind else ()
                share = 1.0 if facts is NOTHING else batches.CRAFT_SAID
                craft = world.craft_words(kind, own, self._dice, share)
                caption = world.caption(facts, self._dice, craft)
                pixels.append(group.views[place])
                texts.append(caption.text)
                quality = "bad" if kind else "good"
                values = {**facts.values, "defect": kind, "quality": quality}
                rows.append(self._row(values, group.unknown))
                said.append(self.codes.said(dict(caption.said)))
        stacked = batches.normalised(np.stack(pixels))
        same = torch.tensor([group.same for group in groups])
        return stacked, self.tokenizer(texts), torch.tensor(rows), torch.tensor(said), same

    def _row(self, values: dict[str, str], unknown: Collection[str]) -> list[int]:
        codes = zip(world.ATTRIBUTES, self.codes.row(values), strict=True)
        return [-1 if name in unknown else code for name, code in codes]

    def _group(self) -> Group:
        dice, kind = self._dice, self._dice.random()
        if kind < TWINS:
            i = dice.randrange(len(self.twin_facts))
            known = self.twin_facts[i]
            values = {**known.values, **dict.fromkeys(UNKNOWN, "")}
            facts = world.Facts(values, known.words)
            return self._spoil(np.array(self.twins[i]), (facts, facts), UNKNOWN, True)
        if kind < TWINS + STRANGE:
            four = [np.array(self.pictures[self._any()]) for _ in range(4)]
            pair = [strange(four[0], four[1], dice), strange(four[2], four[3], dice)]
            unknown = [name for name in world.ATTRIBUTES if name not in KNOWN_OF_ALL]
            return self._spoil(pair, (NOTHING, NOTHING), unknown, False)
        one = self._any()
        two = one if kind < TWINS + STRANGE + CROPS else self._any()
        pair = [np.array(self.pictures[i]) for i in (one, two)]
        return self._spoil(pair, (self.facts[one], self.facts[two]), (), one == two)

    def _spoil(
        self,
        pair: Sequence[np.ndarray],
        facts: tuple[world.Facts, world.Facts],
        unknown: Collection[str],
        same: bool,
    ) -> Group:
        sound = [self._sound(picture) for picture in pair]
        spoiled = [self._spoiled(picture) for picture in sound]
        views = [*sound, *(picture for picture, _ in spoiled)]
        return Group(views, facts, (spoiled[0][1], spoiled[1][1]), unknown, same)

    def _any(self) -> int:
        loud = self._dice.random() < LOUD
        return self._dice.choice(self._loud) if loud else self._dice.randrange(len(self.facts))

    def _sound(self, picture: np.ndarray) -> np.ndarray:
        """A view in which nothing is wrong."""
        dice, side = self._dice, train.SIDE
        crop = dice.randint(NEAR, data.SIDE)
        y, x = (dice.randint(0, data.SIDE - crop) for _ in range(2))
        view = picture[y : y + crop, x : x + crop]
        view = np.asarray(cv2.resize(view, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
        view = some_falling_light(view, dice)
        if dice.random() < WORDS:
            view = self._words.over(view, dice)
        if dice.random() < PATCHED:
            view = patched(view, dice)
        return view

    def _spoiled(self, picture: np.ndarray) -> tuple[np.ndarray, str]:
        kinds = [*sorted(defects.LEARNED), *HARD]
        for kind in self._dice.sample(kinds, len(kinds)):
            found = defects.spoiled(picture, defects.LEARNED[kind][0], self._levels)
            if found is not None:
                return found, kind
        raise RuntimeError("no defect can be seen in this picture")


def strange(picture: np.ndarray, other: np.ndarray, dice: random.Random) -> np.ndarray:
    """A picture of no scene there is: other colours, and a part of another picture set into it with
    a clean edge. There are few scenes, and what is wrong with a picture must be seen in any."""
    height, width = picture.shape[:2]
    if dice.random() < 0.6:
        y, x = dice.uniform(0, 0.6) * height, dice.uniform(0, 0.6) * width
        tall, wide = dice.uniform(0.25, 0.9) * height, dice.uniform(0.25, 0.9) * width
        mask = np.zeros((height, width), np.uint8)
        corner, far = (round(x), round(y)), (round(x + wide), round(y + tall))
        if dice.random() < 0.3:
            middle = (round(x + wide / 2), round(y + tall / 2))
            cv2.ellipse(mask, middle, (round(wide / 2), round(tall / 2)), 0, 0, 360, 255, -1)
        else:
            cv2.rectangle(mask, corner, far, 255, -1)
        picture = np.where(
            mask[..., None] > 0, other[:, ::-1] if dice.random() < 0.5 else other, picture
        )
    if dice.random() < 0.5:
        picture = picture[..., dice.sample(range(3), 3)]
    curve = (np.arange(256) / 255) ** dice.uniform(0.75, 1.3) * 255
    return np.asarray(np.rint(curve), np.uint8)[np.ascontiguousarray(picture)]


def some_falling_light(picture: np.ndarray, dice: random.Random) -> np.ndarray:
    """The picture, or in FALLING of all cases the picture in falling light."""
    return falling_light(picture, dice) if dice.random() < FALLING else picture


def falling_light(picture: np.ndarray, dice: random.Random) -> np.ndarray:
    """The picture in light that falls off evenly to one side or from the middle. It gives flat
    scenes the gradients in which bands can be seen, and is no fault."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    if dice.random() < 0.5:
        turn = dice.uniform(0, 2 * np.pi)
        ramp = (x * np.cos(turn) + y * np.sin(turn)) / 1.42
    else:
        ramp = 1 - np.hypot(x - dice.uniform(-0.6, 0.6), y - dice.uniform(-0.6, 0.6))
    # It only darkens: what is driven into white is overexposed, and that is a fault.
    lit = picture * (1 - dice.uniform(0.06, 0.2) * (1 - np.clip(ramp, -1, 1)))[..., None]
    return np.asarray(np.clip(np.rint(lit), 0, 255), np.uint8)


def patched(picture: np.ndarray, dice: random.Random) -> np.ndarray:
    """The picture with some lines painted over, as the scorer does with type that it finds."""
    height, width = picture.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    x, y = dice.uniform(0, 0.4) * width, dice.uniform(0.02, 0.8) * height
    tall = dice.uniform(0.05, 0.16) * height
    for _ in range(dice.randint(1, 3)):
        far = min(width, round(x + dice.uniform(0.3, 0.9) * width))
        mask[round(y) : round(y + tall), round(x) : far] = 255
        y += 1.3 * tall
    return np.asarray(cv2.inpaint(picture, mask, 3, cv2.INPAINT_TELEA), np.uint8)


class CraftLearner(train.Learner):
    """Adds a head that tells sound from spoiled, and what two sound views must share."""

    @classmethod
    def heads_of(cls, codes: batches.Codes) -> nn.ModuleList:
        """Those of the first stage, and the one for quality."""
        return super().heads_of(codes).append(nn.Linear(train.EMBED, 1))

    def loss(self, batch: train.Batch) -> tuple[torch.Tensor, dict[str, Any]]:
        loss, match, record, seen = self.match(batch)
        good = 10 * self.heads[-1](seen)[:, 0]
        half = len(good) // 2
        wanted = torch.cat([torch.ones(half), torch.zeros(half)]).to(self.device)
        told = F.binary_cross_entropy_with_logits(good, wanted)
        one, two = seen[: half // 2], seen[half // 2 : half]
        same = batch[4].to(self.device)
        share = same.sum().clamp(min=1)
        apart = 4 * ((1 - (one * two).sum(dim=1)) * same).sum() / share
        moved = ((good[: half // 2] - good[half // 2 : half]).square() * same).sum() / share
        record["quality"] = round(told.item(), 4)
        record["apart"], record["moved"] = round(apart.item(), 4), round(moved.item(), 4)
        loss = loss + MATCH * match
        return loss + QUALITY * told + STEADY * (apart + 0.25 * moved), record


def refine(
    model: nn.Module, groups: Groups, out: Path, *, steps: int, rate: float, device: str
) -> None:
    """Trains in place from what the first stage learned; goes on from its own checkpoint."""
    learner = CraftLearner.begin(model, groups, steps, rate, device)
    train.run(learner, groups.batch, out, "craft", steps)


@torch.no_grad()
def mix(model: nn.Module, learned: Mapping[str, torch.Tensor], groups: Groups) -> None:
    """Puts the model half way back to what it had `learned` in the first stage: the mean of both
    weights forgets less and is better at what neither has seen than either is (WiSE-FT, Wortsman et
    al. 2022). Statistics of normalisation are not mixed, but counted anew on SETTLING batches."""
    refined = model.state_dict()
    half = {
        name: torch.lerp(learned[name], value, MIXED) if value.is_floating_point() else value
        for name, value in refined.items()
    }
    model.load_state_dict(half)
    norms = [part for part in model.modules() if isinstance(part, nn.BatchNorm2d)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    model.train()
    for step in range(SETTLING):
        model.encode_image(groups.batch(step)[0])
    model.eval()
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
