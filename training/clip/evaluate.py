"""What mini-clip can do on scenes, palettes and defects that it never saw, in figures."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import batches
import craft
import data
import defects
import numpy as np
import printed
import torch
import train
import world

from contentfab.rules.pixels.colour import delta_e, hex_to_rgb, srgb_to_lab
from contentfab.rules.pixels.colour_names import NAMED

ROUNDS = 20
AMONG = 100
JUDGED = 800
"""Pictures that are spoiled in every way: the first so many, since the drawing has no order."""
BASIC = (
    "black", "white", "grey", "red", "orange", "yellow", "green", "blue", "violet", "pink", "brown",
)  # fmt: skip
"""Basic colour terms (Berlin and Kay 1969) that have a name of their own in our list."""


def evaluate(model: Any, tokenizer: Any, folder: Path) -> dict[str, Any]:
    """Retrieval, colour and craft figures on the held-out pictures in `folder`."""
    pictures, facts = data.load(folder)
    edge = (data.SIDE - train.SIDE) // 2
    pixels = np.array(pictures)[:, edge : edge + train.SIDE, edge : edge + train.SIDE]
    seen = _images(model, pixels)
    return {
        "pictures": len(facts),
        "retrieval_at_1_of_100": _retrieval(model, tokenizer, seen, facts),
        "colour_zero_shot": _colours(model, tokenizer, seen, facts),
        "craft_pictures": len(pixels[:JUDGED]),
        "craft_auc": craft_auc(
            partial(_images, model), pixels[:JUDGED], {"words": craft_direction(model, tokenizer)}
        ),
        "words_printed_over": _printed(model, tokenizer, pixels, seen),
    }


def _images(model: Any, pixels: np.ndarray) -> np.ndarray:
    found = []
    with torch.inference_mode():
        for start in range(0, len(pixels), 64):
            batch = batches.normalised(pixels[start : start + 64])
            found.append(model.encode_image(batch, normalize=True).float().numpy())
    return np.concatenate(found)


def _texts(model: Any, tokenizer: Any, texts: list[str]) -> np.ndarray:
    with torch.inference_mode():
        return np.asarray(model.encode_text(tokenizer(texts), normalize=True).float().numpy())


def _retrieval(
    model: Any, tokenizer: Any, seen: np.ndarray, facts: list[world.Facts]
) -> dict[str, float]:
    """Recall at 1 among 100 pictures, text to picture and back; a caption that is true of another
    picture of the hundred as well counts for that one too."""
    codes = batches.Codes(facts)
    dice = random.Random(1)
    to_picture, to_text = [], []
    for _ in range(ROUNDS):
        picked = dice.sample(range(len(facts)), AMONG)
        captions = [
            world.caption(facts[i], dice, world.craft_words("", (), dice, 0.5)) for i in picked
        ]
        values = [{**facts[i].values, "quality": "good"} for i in picked]
        rows = torch.tensor([codes.row(v) for v in values])
        said = torch.tensor([codes.said(dict(c.said)) for c in captions])
        truth = train.true_pairs(rows, said).numpy()
        scores = seen[picked] @ _texts(model, tokenizer, [c.text for c in captions]).T
        to_text.append(truth[np.arange(AMONG), scores.argmax(axis=1)].mean())
        to_picture.append(truth[scores.argmax(axis=0), np.arange(AMONG)].mean())
    return {
        "picture_to_text": round(float(np.mean(to_text)), 4),
        "text_to_picture": round(float(np.mean(to_picture)), 4),
    }


def _colours(
    model: Any, tokenizer: Any, seen: np.ndarray, facts: list[world.Facts]
) -> dict[str, Any]:
    """The wall's colour: among the basic terms (pictures whose wall has one), and among all names
    (right when the answer is a name within CIEDE2000 12 of the true one)."""
    prompts = world.prompts_for_colour()
    names = list(prompts)
    texts = _texts(model, tokenizer, [prompts[name] for name in names])
    walls = np.array([names.index(item.values["wall"]) for item in facts])
    labs = srgb_to_lab(np.array([hex_to_rgb(NAMED[name]) for name in names], np.uint8))
    answers = (seen @ texts.T).argmax(axis=1)
    near = delta_e(labs[walls], labs[answers]) < 12
    basic = [names.index(name) for name in BASIC]
    asked = np.isin(walls, basic)
    among = np.array(basic)[(seen[asked] @ texts[basic].T).argmax(axis=1)]
    misses: dict[str, int] = {}
    for true, answer in zip(walls[asked], among, strict=True):
        if true != answer:
            pair = f"{names[true]} taken for {names[answer]}"
            misses[pair] = misses.get(pair, 0) + 1
    return {
        "among_basic_terms": round(float((among == walls[asked]).mean()), 4),
        "terms": list(BASIC),
        "asked": int(asked.sum()),
        "among_all_names_within_12": round(float(near.mean()), 4),
        "misses": misses,
    }


def craft_direction(model: Any, tokenizer: Any) -> np.ndarray:
    """Good craft minus bad, in words."""
    good = _texts(model, tokenizer, [f"a picture, {words}" for words in world.GOOD])
    bad = _texts(model, tokenizer, [f"a picture, {words}" for words in world.BAD])
    return np.asarray(good.mean(axis=0) - bad.mean(axis=0))


def craft_auc(
    embed: Callable[[Any], np.ndarray], pixels: np.ndarray, directions: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """Clean pictures against those spoiled by each kind, along each direction. A picture in which a
    kind of defect cannot be seen at any strength does not count; `unseen` tells their share."""
    dice, levels = random.Random(3), np.random.default_rng(3)
    sound = [craft.some_falling_light(picture, dice) for picture in np.array(pixels)]
    clean = embed(np.stack(sound))
    found: dict[str, Any] = {name: {"learned": {}, "kept_out": {}} for name in directions}
    found["unseen"] = {}
    kinds = {"learned": {k: v[0] for k, v in defects.LEARNED.items()}, "kept_out": defects.KEPT_OUT}
    for group, of_kind in kinds.items():
        for kind, spoil in of_kind.items():
            tried = [defects.spoiled(picture, spoil, levels) for picture in sound]
            bad = embed(np.stack([picture for picture in tried if picture is not None]))
            found["unseen"][kind] = round(1 - len(bad) / len(sound), 3)
            for name, direction in directions.items():
                found[name][group][kind] = round(auc(clean @ direction, bad @ direction), 4)
    return found


def _printed(model: Any, tokenizer: Any, pixels: np.ndarray, seen: np.ndarray) -> dict[str, float]:
    """How far words printed over a picture move its craft score, in standard deviations."""
    direction = craft_direction(model, tokenizer)
    words, dice = printed.Words(9), random.Random(9)
    over = np.stack([words.over(np.array(p), dice) for p in pixels])
    plain, with_words = seen @ direction, _images(model, over) @ direction
    shift = (with_words - plain) / max(float(plain.std()), 1e-6)
    return {"mean_shift_sd": round(float(shift.mean()), 3), "sd": round(float(shift.std()), 3)}


def auc(better: np.ndarray, worse: np.ndarray) -> float:
    """Share of pairs in which `better` is higher (Mann-Whitney), ties half."""
    above = (better[:, None] > worse[None, :]).mean()
    return float(above + 0.5 * (better[:, None] == worse[None, :]).mean())


def report(figures: dict[str, Any], path: Path) -> None:
    """The figures as JSON beside the model."""
    path.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n", encoding="utf-8")
