"""Anchors and head of mini-clip's appeal, made from a trained model: `appeal.npz` beside it.

`python training/clip/anchors.py --model contentfab/models/mini-clip --data work/clip`, after
training; a minute on one core, one seed. The good set is training pictures and posters as they
were drawn, the bad set the same pictures with a learned defect, at half strength and at full.

Anchors are the means of both sets (QUASAR, arXiv 2403.06866). The head is a Bradley-Terry model
(1952): of two pictures of one scene the less spoiled one wins. Two quadratic penalties keep it to
its business: what words printed over a picture change must not move it, nor what a good picture
shows. It knows craft as this repository draws it; it never saw what people like.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import craft
import cv2
import data
import defects
import numpy as np
import printed
import train
from evaluate import craft_auc

from contentfab.backends.scorer_openclip import OpenClipScorer

SEED = 77_003
COUNT = 3_000
PRINTED = 0.5
PATCHED = 0.15
RIDGE, WORDS, MOVED, CONTENT = 1e-3, 10.0, 10.0, 0.25
"""Weights of the penalties, per pair: on the head's length, on what printed words and another
layout do to it, and on how it differs between good pictures."""
FADING = (
    "noise", "banding", "clutter", "low contrast", "over-saturated", "underexposed", "screened",
    "mottled",
)  # fmt: skip
"""Kinds of which there is half a defect: mixed with the sound picture, the others would show two
pictures at once, which is a defect of another kind."""
TWINS = {"train": "twins", "held_out": "twins_held_out"}
ROUNDS = 40
ARRAYS, ABOUT = "appeal.npz", "appeal.json"
WEIGHTS = "open_clip_model.safetensors"
FORMAT = 1

Vectors = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Seen:
    """Vectors (n, d) of the same n pictures: bare, sound (some with words printed over or painted
    over), and those half and fully spoiled; `kinds` (n) names the defect. `twins` (m, 2, d) are
    posters in two layouts."""

    bare: Vectors
    good: Vectors
    half: Vectors
    full: Vectors
    kinds: tuple[str, ...]
    twins: Vectors


def main() -> None:
    """Writes both files into the model's folder, and prints what they tell apart."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--model", type=Path, required=True, help="folder of the model")
    asked.add_argument("--data", type=Path, required=True, help="working folder of make.py")
    asked.add_argument("--count", type=int, default=COUNT)
    given = asked.parse_args()
    print(json.dumps(make(given.model, given.data, given.count), indent=2))


def make(model: Path, folder: Path, count: int = COUNT) -> dict[str, Any]:
    """`folder` holds `train`, `held_out` and their twins. Returns the figures."""
    cv2.setNumThreads(1)
    scorer = OpenClipScorer(model=str(model), device="cpu", calibration="none")
    seen = look(
        scorer, folder / "train", count, SEED, {k: v[0] for k, v in defects.LEARNED.items()}
    )
    head, bias = bradley_terry(seen)
    good, bad = seen.good.mean(axis=0), seen.full.mean(axis=0)
    np.savez(
        model / ARRAYS,
        good=good.astype(np.float32),
        bad=bad.astype(np.float32),
        head=head.astype(np.float32),
        bias=np.float32(bias),
    )
    about = {
        "format": FORMAT,
        "made_by": "good craft against spoiled pictures (training/clip/anchors.py)",
        "seed": SEED,
        "pictures": len(seen.kinds),
        "defects": sorted(defects.LEARNED),
        "weights_sha256": hashlib.sha256((model / WEIGHTS).read_bytes()).hexdigest(),
    }
    text = json.dumps(about, indent=2, sort_keys=True) + "\n"
    (model / ABOUT).write_text(text, encoding="utf-8")
    return figures(scorer, folder / "held_out", max(120, count // 5), head, good - bad)


def look(
    scorer: OpenClipScorer, folder: Path, count: int, seed: int, kinds: dict[str, defects.Defect]
) -> Seen:
    """Vectors of `count` pictures of `folder` and of as many twins of the folder beside it, each
    picture with one of `kinds` of defects, as far as it can be seen there."""
    pictures, _ = data.load(folder)
    dice, levels = random.Random(seed), np.random.default_rng(seed)
    words, names = printed.Words(seed), sorted(kinds)
    sets: list[list[Any]] = [[], [], [], []]
    used: list[str] = []
    for index in dice.sample(range(len(pictures)), len(pictures)):
        if len(used) == count:
            break
        kind = names[len(used) % len(names)]
        bare = craft.some_falling_light(_middle(pictures[index]), dice)
        good = words.over(bare, dice) if dice.random() < PRINTED else bare
        good = craft.patched(good, dice) if dice.random() < PATCHED else good
        full = defects.spoiled(good, kinds[kind], levels)
        if full is None:
            continue
        half = np.rint(0.5 * good + 0.5 * full).astype(np.uint8) if kind in FADING else full
        for group, picture in zip(sets, (bare, good, half, full), strict=True):
            group.append(picture)
        used.append(kind)
    twins, _ = data.load(folder.parent / TWINS[folder.name])
    both = [_middle(view) for pair in np.array(twins[:count]) for view in pair]
    vectors = [scorer.embed(group).astype(np.float64) for group in sets]
    paired = scorer.embed(both).astype(np.float64).reshape(-1, 2, vectors[0].shape[1])
    return Seen(*vectors, tuple(used), paired)


def _middle(picture: Any) -> Any:
    edge = (data.SIDE - train.SIDE) // 2
    return np.array(picture[edge : edge + train.SIDE, edge : edge + train.SIDE])


def bradley_terry(seen: Seen) -> tuple[Vectors, float]:
    """Head (d,) and bias, by Newton's method on the penalised log-likelihood; the bias puts good
    pictures at 0 on average."""
    pairs = np.concatenate([seen.good - seen.half, seen.half - seen.full, seen.good - seen.full])
    words, moved = seen.good - seen.bare, seen.twins[:, 0] - seen.twins[:, 1]
    content = seen.good - seen.good.mean(axis=0)
    size, share = len(pairs), len(pairs) / len(seen.kinds)
    penalty = share * (WORDS * words.T @ words + CONTENT * content.T @ content)
    penalty += share * MOVED * moved.T @ moved * len(words) / len(moved)
    penalty += RIDGE * size * np.eye(pairs.shape[1])
    head = np.zeros(pairs.shape[1])
    for _ in range(ROUNDS):
        lost = 1 / (1 + np.exp(np.clip(pairs @ head, -60, 60)))
        slope = -pairs.T @ lost + penalty @ head
        curve = (pairs * (lost * (1 - lost))[:, None]).T @ pairs + penalty
        step = np.linalg.solve(curve, slope)
        head = head - step
        if np.abs(step).max() < 1e-8:
            break
    return head, float(-seen.good.mean(axis=0) @ head)


def figures(
    scorer: OpenClipScorer, folder: Path, count: int, head: Vectors, anchor: Vectors
) -> dict[str, Any]:
    """AUC of `count` clean held-out pictures against the same spoiled, by kind of defect, learned
    and kept out; and how many standard deviations words and another layout move good pictures."""
    directions = {"head": head, "anchors": anchor}
    pictures, _ = data.load(folder)
    some = random.Random(SEED).sample(range(len(pictures)), min(count, len(pictures)))
    pixels = np.stack([_middle(pictures[index]) for index in some])
    found = craft_auc(lambda views: scorer.embed(list(views)), pixels, directions)
    found["pictures"] = len(pixels)
    seen = look(scorer, folder, count, SEED + 1, {"blur": defects.LEARNED["blur"][0]})
    for name, direction in directions.items():
        bare = seen.bare @ direction
        moved = (seen.good @ direction - bare)[np.any(seen.good != seen.bare, axis=1)]
        laid = (seen.twins[:, 0] - seen.twins[:, 1]) @ direction
        spread = max(float(bare.std()), 1e-9)
        found[name]["words_move_sd"] = round(float(moved.mean()) / spread, 3)
        found[name]["layouts_differ_sd"] = round(float(laid.std()) / spread, 3)
    return found


if __name__ == "__main__":
    main()
