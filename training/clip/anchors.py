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

import cv2
import data
import defects
import numpy as np
import printed
import train
from evaluate import auc

from contentfab.backends.scorer_openclip import OpenClipScorer

SEED = 77_003
COUNT = 1_500
PRINTED = 0.5
RIDGE, WORDS, CONTENT = 1e-3, 10.0, 0.25
"""Weights of the penalties, per pair: on the head's length, on what printed words do to it, and on
how it differs between good pictures."""
ROUNDS = 40
ARRAYS, ABOUT = "appeal.npz", "appeal.json"
WEIGHTS = "open_clip_model.safetensors"
FORMAT = 1

Vectors = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Seen:
    """Vectors (n, d) of the same n pictures: bare, as drawn (half of them with words printed
    over), and those half and fully spoiled; `kinds` (n) names the defect."""

    bare: Vectors
    good: Vectors
    half: Vectors
    full: Vectors
    kinds: tuple[str, ...]


def main() -> None:
    """Writes both files into the model's folder, and prints what they tell apart."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--model", type=Path, required=True, help="folder of the model")
    asked.add_argument("--data", type=Path, required=True, help="working folder of make.py")
    asked.add_argument("--count", type=int, default=COUNT)
    given = asked.parse_args()
    print(json.dumps(make(given.model, given.data, given.count), indent=2))


def make(model: Path, folder: Path, count: int = COUNT) -> dict[str, Any]:
    """`folder` holds `train` and `held_out`. Returns the figures: how often the less spoiled of
    two different held-out pictures scores higher, by kind of defect."""
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
    return figures(scorer, folder / "held_out", max(120, count // 3), head, good - bad)


def look(
    scorer: OpenClipScorer, folder: Path, count: int, seed: int, kinds: dict[str, defects.Defect]
) -> Seen:
    """Vectors of `count` pictures of a data set, each with one of `kinds` of defects in turn."""
    pictures, _ = data.load(folder)
    dice, levels = random.Random(seed), np.random.default_rng(seed)
    words, names = printed.Words(seed), sorted(kinds)
    edge = (data.SIDE - train.SIDE) // 2
    sets: list[list[Any]] = [[], [], [], []]
    used = []
    for number, index in enumerate(dice.sample(range(len(pictures)), min(count, len(pictures)))):
        bare = np.array(pictures[index][edge : edge + train.SIDE, edge : edge + train.SIDE])
        good = words.over(bare, dice) if dice.random() < PRINTED else bare
        kind = names[number % len(names)]
        full = kinds[kind](good, levels)
        half = np.rint(0.5 * good + 0.5 * full).astype(np.uint8)
        for group, picture in zip(sets, (bare, good, half, full), strict=True):
            group.append(picture)
        used.append(kind)
    vectors = [scorer.embed(group).astype(np.float64) for group in sets]
    return Seen(*vectors, tuple(used))


def bradley_terry(seen: Seen) -> tuple[Vectors, float]:
    """Head (d,) and bias, by Newton's method on the penalised log-likelihood; the bias puts good
    pictures at 0 on average."""
    pairs = np.concatenate([seen.good - seen.half, seen.half - seen.full, seen.good - seen.full])
    words = seen.good - seen.bare
    content = seen.good - seen.good.mean(axis=0)
    size, share = len(pairs), len(pairs) / len(seen.kinds)
    penalty = share * (WORDS * words.T @ words + CONTENT * content.T @ content)
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
    """AUC of clean against spoiled held-out pictures by kind of defect, learned and kept out, and
    how many standard deviations printed words move good pictures."""
    found: dict[str, Any] = {}
    kinds = {"learned": {k: v[0] for k, v in defects.LEARNED.items()}, "kept_out": defects.KEPT_OUT}
    for name, direction in (("head", head), ("anchors", anchor)):
        found[name] = {}
        for group, of_kind in kinds.items():
            seen = look(scorer, folder, count, SEED + 1, of_kind)
            clean, bad = seen.good @ direction, seen.full @ direction
            chosen = {kind: np.array([k == kind for k in seen.kinds]) for kind in of_kind}
            found[name][group] = {k: round(auc(clean, bad[own]), 3) for k, own in chosen.items()}
            moved = (clean - seen.bare @ direction)[np.any(seen.good != seen.bare, axis=1)]
            spread = float((seen.bare @ direction).std())
            found[name]["words_move_sd"] = round(float(moved.mean()) / max(spread, 1e-9), 3)
    return found


if __name__ == "__main__":
    main()
