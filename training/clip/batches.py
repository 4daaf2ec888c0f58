"""Batches for the first stage of training, from pictures drawn beforehand.

Half of the pictures get a defect, and their captions its words; half get words printed over them
while their captions stay, so that reading never pays.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import cv2
import data
import defects
import numpy as np
import printed
import torch
import world
from train import MEAN, SIDE, STD, Batch

CRAFT_SAID = 0.85
"""Share of captions that say something of the craft."""
PRINTED = 0.5
DEFECTIVE = 0.5


class Codes:
    """Numbers for the values of attributes, so that truth is an array comparison."""

    def __init__(self, facts: list[world.Facts]) -> None:
        self.values: dict[str, dict[str, int]] = {}
        for name in world.ATTRIBUTES:
            found = sorted({item.values[name] for item in facts} - {""})
            self.values[name] = {"": 0} | {value: i + 1 for i, value in enumerate(found)}
        kinds = {"": 0} | {kind: i + 1 for i, kind in enumerate(sorted(defects.LEARNED))}
        self.values |= {"defect": kinds, "quality": {"": 0, "good": 1, "bad": 2}}

    def row(self, values: dict[str, str]) -> list[int]:
        return [self.values[name][values[name]] for name in world.ATTRIBUTES]

    def said(self, said: dict[str, str]) -> list[int]:
        return [self.values[name][said[name]] if name in said else -1 for name in world.ATTRIBUTES]


class Batches:
    """Endless batches: pixels (n, 3, side, side) float32, tokens, and codes of pictures and
    captions (n, attributes)."""

    def __init__(self, folder: Path, tokenizer: Any, size: int, seed: int) -> None:
        self.pictures, self.facts = data.load(folder)
        self.codes = Codes(self.facts)
        self.tokenizer, self.size = tokenizer, size
        self._dice, self._levels = random.Random(seed), np.random.default_rng(seed)
        self._words = printed.Words(seed)
        self._order: list[int] = []

    def batch(self, side: int) -> Batch:
        """The next batch, in views of `side` pixels."""
        if len(self._order) < self.size:
            self._order = self._dice.sample(range(len(self.facts)), len(self.facts))
        picked, self._order = self._order[: self.size], self._order[self.size :]
        pixels, texts, rows, said = [], [], [], []
        for i in picked:
            picture, defect = self._spoiled(np.array(self.pictures[i]))
            own = defects.LEARNED[defect][1] if defect else ()
            craft = world.craft_words(defect, own, self._dice, CRAFT_SAID)
            caption = world.caption(self.facts[i], self._dice, craft)
            pixels.append(picture)
            texts.append(caption.text)
            quality = "bad" if defect else "good"
            values = {**self.facts[i].values, "defect": defect, "quality": quality}
            rows.append(self.codes.row(values))
            said.append(self.codes.said(dict(caption.said)))
        if side != SIDE:
            size = (side, side)
            pixels = [cv2.resize(view, size, interpolation=cv2.INTER_AREA) for view in pixels]
        stacked = normalised(np.stack(pixels))
        return stacked, self.tokenizer(texts), torch.tensor(rows), torch.tensor(said)

    def _spoiled(self, picture: np.ndarray) -> tuple[np.ndarray, str]:
        y, x = (self._dice.randint(0, data.SIDE - SIDE) for _ in range(2))
        picture = picture[y : y + SIDE, x : x + SIDE]
        if self._dice.random() < PRINTED:
            picture = self._words.over(picture, self._dice)
        if self._dice.random() >= DEFECTIVE:
            return picture, ""
        kind = self._dice.choice(sorted(defects.LEARNED))
        return defects.LEARNED[kind][0](picture, self._levels), kind


def normalised(pixels: np.ndarray) -> torch.Tensor:
    """uint8 (n, h, w, 3) as the model takes it."""
    array = (pixels.astype(np.float32) / 255 - np.array(MEAN, np.float32)) / np.array(
        STD, np.float32
    )
    return torch.from_numpy(np.ascontiguousarray(array.transpose(0, 3, 1, 2)))
