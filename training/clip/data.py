"""Draws the training and evaluation pictures into one array file and one file of facts.

`pictures.npy` is uint8 of shape (n, SIDE, SIDE, 3): one view of each picture, of the kinds that the
scorer takes (letterboxed, squashed, a tile). `facts.jsonl` says what each one shows. Every sample
has its own seed, so a data set can be drawn in parts and by several processes.
"""

from __future__ import annotations

import json
import multiprocessing
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def draw(folder: Path, count: int, seed: int, kept_out: bool, workers: int) -> None:
    """`count` samples into `folder`. `kept_out` draws from the held-out scenes and palettes alone.
    Nothing is done when the folder is complete; how many `workers` draw changes nothing."""
    done = folder / "facts.jsonl"
    if done.is_file():
        return
    folder.mkdir(parents=True, exist_ok=True)
    np.lib.format.open_memmap(folder / "pictures.npy", "w+", np.uint8, (count, SIDE, SIDE, 3))
    runs = range(-(-count // RUN))
    lines: list[str] = []
    with _mapped(workers, (folder, seed, kept_out)) as results:
        for run, facts in enumerate(results(_draw_run, runs)):
            lines += facts
            if run % 200 == 0:
                print(f"{folder.name}: {len(lines)} of {count}", flush=True)
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


@contextmanager
def _mapped(workers: int, begin: tuple[Any, ...]) -> Iterator[Callable[..., Iterator[Any]]]:
    """A `map` that keeps the order, in this process or in several."""
    if workers == 1:
        _begin(*begin)
        yield map
        return
    with multiprocessing.get_context("spawn").Pool(workers, _begin, begin) as pool:
        yield partial(pool.imap, chunksize=4)


_worker: dict[str, Any] = {}
"""What a worker process holds between its runs."""


def _begin(folder: Path, seed: int, kept_out: bool) -> None:
    cv2.setNumThreads(1)
    held = scenes.kept_out_scenes()
    _worker.update(
        pictures=np.load(folder / "pictures.npy", mmap_mode="r+"),
        seed=seed,
        kept_out=kept_out,
        generator=PlatesImageGenerator(),
        names=[scene.name for scene in scene_names() if (scene.name in held) == kept_out],
    )


def _draw_run(run: int) -> list[str]:
    """Draws one run of samples into their places; their facts as JSON lines."""
    dice = random.Random(f"{_worker['seed']}-{run}")
    scene, size = dice.choice(_worker["names"]), dice.choice(scenes.SIZES)
    places, lines = _worker["pictures"][RUN * run : RUN * (run + 1)], []
    for place in places:
        picture, facts = _sample(scene, size, dice)
        place[...] = picture
        lines.append(json.dumps(asdict(facts), sort_keys=True))
    return lines


def _sample(scene: str, size: tuple[int, int], dice: random.Random) -> tuple[Pixels, world.Facts]:
    picture, facts = scenes.draw(
        _worker["generator"], scene, size, dice.randrange(2**31), _worker["kept_out"]
    )
    if dice.random() < POSTER_SHARE:
        poster = posters.over(picture, facts, dice)
        if poster is not picture:
            picture, facts = poster, world.Facts({**facts.values, "poster": "yes"}, facts.words)
    square, kind = view(picture, dice)
    if kind == "tile":
        # A tile need not show where the text may go, nor the whole product.
        hidden = {"space": "", "product": "", "product_colour": ""}
        facts = world.Facts({**facts.values, **hidden}, facts.words)
    return square, facts


def _sized(picture: Pixels) -> Pixels:
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8)
