"""Draws the training and evaluation pictures into one array file and one file of facts.

`pictures.npy` is uint8 of shape (n, SIDE, SIDE, 3): one view of each picture, of the kinds that the
scorer takes (letterboxed, squashed, a tile). `facts.jsonl` says what each one shows. Every sample
has its own seed, so a data set can be drawn in parts and by several processes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import posters
import scenes
import world

from contentfab.backends.image_plates import PlatesImageGenerator, scene_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

SIDE = 136
"""Stored side of a view; training crops 128 out of it."""
POSTER_SHARE = 0.25
RUN = 12
"""Samples drawn from one scene and size in a row."""


def draw(folder: Path, count: int, seed: int, kept_out: bool) -> None:
    """`count` samples into `folder`. `kept_out` draws from the held-out scenes and palettes alone.
    Nothing is done when the folder is complete."""
    done = folder / "facts.jsonl"
    if done.is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    pictures = np.lib.format.open_memmap(
        folder / "pictures.npy", "w+", np.uint8, (count, SIDE, SIDE, 3)
    )
    lines = []
    for i, (picture, facts) in enumerate(_samples(count, seed, kept_out)):
        pictures[i] = picture
        lines.append(json.dumps(asdict(facts), sort_keys=True))
        if i % 2000 == 0:
            print(f"{folder.name}: {i} of {count}", flush=True)
    pictures.flush()
    done.write_text("\n".join(lines) + "\n", encoding="utf-8")


def load(folder: Path) -> tuple[Pixels, list[world.Facts]]:
    """Pictures (memory-mapped) and facts."""
    lines = (folder / "facts.jsonl").read_text(encoding="utf-8").splitlines()
    facts = [world.Facts(**json.loads(line)) for line in lines]
    return np.load(folder / "pictures.npy", mmap_mode="r"), facts


def view(picture: Pixels, dice: random.Random) -> tuple[Pixels, str]:
    """One square view, and its kind."""
    height, width = picture.shape[:2]
    short, long = min(height, width), max(height, width)
    if long <= short * 1.02:
        return _sized(picture), "whole"
    kind = dice.choice(("letterbox", "letterbox", "squash", "tile"))
    if kind == "squash":
        return _sized(picture), kind
    if kind == "tile":
        at = dice.randint(0, long - short)
        part = picture[at : at + short] if height > width else picture[:, at : at + short]
        return _sized(part), kind
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).mean(axis=0)
    square = np.empty((long, long, 3), np.uint8)
    square[:] = edge.round()
    y, x = (long - height) // 2, (long - width) // 2
    square[y : y + height, x : x + width] = picture
    return _sized(square), kind


def _samples(count: int, seed: int, kept_out: bool) -> Iterator[tuple[Pixels, world.Facts]]:
    generator = PlatesImageGenerator()
    held = scenes.kept_out_scenes()
    names = [s.name for s in scene_names() if (s.name in held) == kept_out]
    made = 0
    for run in range(count):
        dice = random.Random(f"{seed}-{run}")
        scene, size = dice.choice(names), dice.choice(scenes.SIZES)
        for _ in range(RUN):
            if made == count:
                return
            picture, facts = scenes.draw(generator, scene, size, dice.randrange(2**31), kept_out)
            if dice.random() < POSTER_SHARE:
                picture = posters.over(picture, facts, dice)
                facts = world.Facts({**facts.values, "poster": "yes"}, facts.words)
            square, kind = view(picture, dice)
            if kind == "tile":
                # A tile need not show where the text may go, nor the whole product.
                hidden = {"space": "", "product": "", "product_colour": ""}
                facts = world.Facts({**facts.values, **hidden}, facts.words)
            yield square, facts
            made += 1


def _sized(picture: Pixels) -> Pixels:
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
