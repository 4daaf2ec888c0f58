"""The training loop of mini-clip: both towers from scratch, on pictures drawn beforehand.

Loss: cross-entropy over the batch in both directions, its target spread over all true pairs (a
caption is true of every picture that has what it says), since many pictures of a small world share
a caption. Heads that name each attribute from the picture's vector help the image tower while it
learns and are thrown away. Half of the pictures get a defect, and their captions its words; half
get words printed over them while their captions stay, so that reading never pays.
"""

from __future__ import annotations

import json
import math
import random
import time
from pathlib import Path
from typing import Any

import data
import defects
import numpy as np
import printed
import torch
import world
from torch import nn
from torch.nn import functional as F

SIDE = 128
CONTEXT = 48
MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
HEADS = ("scene", "wall", "podium", "accent", "light", "space", "mood", "product", "defect")
PRINTED = 0.5
DEFECTIVE = 0.5


def config(vocabulary: int) -> dict[str, Any]:
    """The contents of open_clip_config.json."""
    return {
        "model_cfg": {
            "embed_dim": 128,
            "vision_cfg": {
                "image_size": SIDE,
                "timm_model_name": "convnext_zepto_rms_ols",
                "timm_model_pretrained": False,
                "timm_pool": "avg",
                "timm_proj": "linear",
            },
            "text_cfg": {
                "context_length": CONTEXT,
                "vocab_size": vocabulary,
                "width": 128,
                "heads": 4,
                "layers": 3,
            },
        },
        "preprocess_cfg": {
            "size": SIDE,
            "mean": MEAN,
            "std": STD,
            "interpolation": "bicubic",
            "resize_mode": "squash",
        },
    }


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
    """Endless batches: pixels (n, 3, 128, 128) float32, tokens, and codes of pictures and captions
    (n, attributes)."""

    def __init__(self, folder: Path, tokenizer: Any, size: int, seed: int) -> None:
        self.pictures, self.facts = data.load(folder)
        self.codes = Codes(self.facts)
        self.tokenizer, self.size = tokenizer, size
        self._dice, self._levels = random.Random(seed), np.random.default_rng(seed)
        self._words = printed.Words(seed)
        self._order: list[int] = []

    def next(self) -> tuple[torch.Tensor, ...]:
        if len(self._order) < self.size:
            self._order = self._dice.sample(range(len(self.facts)), len(self.facts))
        picked, self._order = self._order[: self.size], self._order[self.size :]
        pixels, texts, rows, said = [], [], [], []
        for i in picked:
            picture, defect = self._spoiled(np.array(self.pictures[i]))
            own = defects.LEARNED[defect][1] if defect else ()
            craft = world.craft_words(defect, own, self._dice, 0.6)
            caption = world.caption(self.facts[i], self._dice, craft)
            pixels.append(picture)
            texts.append(caption.text)
            quality = "bad" if defect else "good"
            values = {**self.facts[i].values, "defect": defect, "quality": quality}
            rows.append(self.codes.row(values))
            said.append(self.codes.said(dict(caption.said)))
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


def true_pairs(rows: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    """(pictures, captions) booleans: the caption says nothing that the picture does not have."""
    same = (rows[:, None, :] == said[None, :, :]) | (said[None, :, :] < 0)
    return same.all(dim=2)


def contrastive(logits: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross-entropy in both directions against targets that are even over the true pairs."""
    wanted = truth.float()
    loss = 0.0
    for scores, target in ((logits, wanted), (logits.T, wanted.T)):
        share = target / target.sum(dim=1, keepdim=True).clamp(min=1)
        loss = loss - (share * F.log_softmax(scores, dim=1)).sum(dim=1).mean()
    return torch.as_tensor(loss / 2)


def train(
    model: nn.Module, batches: Batches, out: Path, *, steps: int, rate: float, device: str
) -> None:
    """Trains in place; writes `log.jsonl` and a checkpoint from which it goes on when started
    again."""
    names = [world.ATTRIBUTES.index(name) for name in HEADS]
    heads = nn.ModuleList(nn.Linear(128, len(batches.codes.values[name])) for name in HEADS)
    model.to(device).train()
    heads.to(device)
    parameters = [*model.parameters(), *heads.parameters()]
    decayed = [p for p in parameters if p.ndim > 1]
    plain = [p for p in parameters if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    mean = {k: v.detach().clone() for k, v in model.state_dict().items()}
    state, done = out / "checkpoint.pt", 0
    if state.is_file():
        saved = torch.load(state, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        heads.load_state_dict(saved["heads"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        mean, done = saved["mean"], saved["step"]
    began = time.monotonic()
    with (out / "log.jsonl").open("a", encoding="utf-8") as log:
        for step in range(done + 1, steps + 1):
            pixels, tokens, rows, said = (part.to(device) for part in batches.next())
            pixels = pixels.contiguous(memory_format=torch.channels_last)
            seen = model.encode_image(pixels, normalize=True)  # type: ignore[operator]
            read = model.encode_text(tokens, normalize=True)  # type: ignore[operator]
            logits = model.logit_scale.exp() * seen @ read.T  # type: ignore[operator,union-attr]
            truth = true_pairs(rows, said)
            match = contrastive(logits, truth)
            named = [
                F.cross_entropy(10 * head(seen), rows[:, at])
                for head, at in zip(heads, names, strict=True)
            ]
            loss = match + 0.25 * sum(named)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            with torch.no_grad():
                model.logit_scale.clamp_(max=math.log(100))  # type: ignore[operator,union-attr]
                keep = min(0.998, 1 - 10 / (10 + step))
                for key, value in model.state_dict().items():
                    if value.dtype.is_floating_point:
                        mean[key].lerp_(value, 1 - keep)
                    else:
                        mean[key].copy_(value)
            if step % 20 == 0 or step == steps:
                right = truth.gather(1, logits.argmax(dim=1, keepdim=True)).float().mean()
                record = {
                    "step": step,
                    "match": round(match.item(), 4),
                    "named": {n: round(v.item(), 3) for n, v in zip(HEADS, named, strict=True)},
                    "right_in_batch": round(right.item(), 4),
                    "seconds": round(time.monotonic() - began, 1),
                }
                log.write(json.dumps(record) + "\n")
                log.flush()
                print(record, flush=True)
            if step % 200 == 0 or step == steps:
                torch.save(
                    {
                        "model": model.state_dict(),
                        "heads": heads.state_dict(),
                        "optimizer": optimizer.state_dict(),
                        "schedule": schedule.state_dict(),
                        "mean": mean,
                        "step": step,
                    },
                    state.with_suffix(".new"),
                )
                state.with_suffix(".new").replace(state)
    model.load_state_dict(mean)


def _rate(step: int, steps: int) -> float:
    warm = max(1, steps // 25)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) * 0.98 + 0.02
