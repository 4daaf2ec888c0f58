"""Draws twins: one poster in two sets of words, without their type, as the scorer sees posters.

Other words break into other lines, so that panels, rules and shades lie a few pixels elsewhere;
what the picture is worth stays. Training holds both to the same craft. Files as those of `data`,
with two views for each line of facts: `pictures.npy` is uint8 of shape (n, 2, SIDE, SIDE, 3).
"""

from __future__ import annotations

import json
import multiprocessing
import random
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import background
import cv2
import data
import numpy as np
import scenes
import world

from contentfab.backends.image_plates import PlatesImageGenerator, scene_names
from contentfab.backends.layout_typst import TypstLayout
from contentfab.errors import BackendError
from contentfab.records.pictures import KeyVisual

SIZES = (
    (360, 450), (360, 450), (360, 640), (400, 400), (480, 252), (300, 250), (160, 600), (728, 90),
)  # fmt: skip
RUN = 50
"""Twins drawn by one task, from one seed."""


def draw(folder: Path, count: int, seed: int, kept_out: bool, workers: int) -> None:
    """`count` twins into `folder`, of training scenes and pairs of colours or, `kept_out`, of the
    others. Nothing is done when the folder is complete."""
    done = folder / "facts.jsonl"
    if done.is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    shape = (count, 2, data.SIDE, data.SIDE, 3)
    pictures = np.lib.format.open_memmap(folder / "pictures.npy", "w+", np.uint8, shape)
    lines: list[str] = []
    runs = [(seed, run, min(RUN, count - RUN * run), kept_out) for run in range(-(-count // RUN))]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for number, (pairs, facts) in enumerate(pool.imap(_run, runs)):
            pictures[RUN * number : RUN * number + len(pairs)] = pairs
            lines += facts
            if number % 20 == 0:
                print(f"{folder.name}: {len(lines)} of {count}", flush=True)
    done.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _run(asked: tuple[int, int, int, bool]) -> tuple[np.ndarray[Any, Any], list[str]]:
    seed, run, count, kept_out = asked
    cv2.setNumThreads(1)
    dice = random.Random(f"twins-{seed}-{run}")
    held = scenes.kept_out_scenes()
    names = tuple(s.name for s in scene_names() if (s.name in held) == kept_out)
    with tempfile.TemporaryDirectory() as folder:
        packs = background.packs(Path(folder), dice.randrange(2**31))
        endless = _twins(packs, names, kept_out, dice)
        found = [next(endless) for _ in range(count)]
    facts = [json.dumps(asdict(item), sort_keys=True) for _, item in found]
    return np.stack([pair for pair, _ in found]), facts


def _twins(
    packs: list[Path], names: tuple[str, ...], kept_out: bool, dice: random.Random
) -> Iterator[tuple[np.ndarray[Any, Any], world.Facts]]:
    """Endless pairs, shape (2, SIDE, SIDE, 3), and what they show."""
    layout, generator = TypstLayout(), PlatesImageGenerator()
    words = {scene.name: scene.words for scene in scene_names()}
    while True:
        size, colours = dice.choice(SIZES), scenes.palette(dice, kept_out)
        one = background.request(layout, generator, packs, size, dice, names, colours)
        other = replace(one, text=background.text(dice))
        try:
            posters = layout.render([one]) + layout.render([other])
        except BackendError:
            continue
        shown = [p.background for p in posters if p.background is not None]
        if len(shown) < 2:
            continue
        same = dice.randrange(2**31)
        pair = np.stack([data.view(picture, random.Random(same))[0] for picture in shown])
        visual = one.key_visual
        assert isinstance(visual, KeyVisual)
        values = scenes.values_of(colours, visual) | {"space": ""}
        yield pair, world.Facts(values, words[visual.scene])
