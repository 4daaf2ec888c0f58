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
import queue
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import data
import defects
import numpy as np
import printed
import torch
import world
from torch import nn
from torch.nn import functional as F

SIDE = 128
SMALL, SMALL_SHARE = 96, 0.3
"""Side of the views of the first steps, and the share of the steps that see them."""
EMBED = 128
CONTEXT = 52
MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
HEADS = ("scene", "wall", "podium", "accent", "light", "space", "mood", "product", "defect")
CRAFT_SAID = 0.85
"""Share of captions that say something of the craft."""
NAMED_WEIGHT, DEFECT_WEIGHT = 0.25, 2.0
"""Weights of the heads' losses. Noise and blur are in the finest detail, which a tower learns last
and, without a loss of its own, not at all."""
Batch = tuple[torch.Tensor, ...]
PRINTED = 0.5
DEFECTIVE = 0.5


def config(vocabulary: int) -> dict[str, Any]:
    """The contents of open_clip_config.json."""
    return {
        "model_cfg": {
            "embed_dim": EMBED,
            "vision_cfg": {
                "image_size": SIDE,
                "timm_model_name": "mobilenetv4_conv_small",
                "timm_model_pretrained": False,
                "timm_pool": "avg",
                "timm_proj": "",
            },
            "text_cfg": {
                "context_length": CONTEXT,
                "vocab_size": vocabulary,
                "width": 128,
                "heads": 4,
                "layers": 2,
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


@dataclass
class Learner:
    """The model, its throw-away heads, and what an optimiser step needs."""

    model: Any
    heads: nn.ModuleList
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    mean: dict[str, torch.Tensor]
    device: str
    step: int = 0

    @classmethod
    def begin(cls, model: Any, batches: Batches, steps: int, rate: float, device: str) -> Learner:
        heads = nn.ModuleList(nn.Linear(EMBED, len(batches.codes.values[name])) for name in HEADS)
        model.to(device, memory_format=torch.channels_last).train()
        heads.to(device)
        parameters = [*model.parameters(), *heads.parameters()]
        decayed = [p for p in parameters if p.ndim > 1]
        plain = [p for p in parameters if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
        mean = {k: v.detach().clone() for k, v in model.state_dict().items()}
        return cls(model, heads, optimizer, schedule, mean, device)

    def learn(self, batch: Batch) -> dict[str, Any]:
        """One step; what the log says of it."""
        pixels, tokens, rows, said = (part.to(self.device) for part in batch)
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        seen = self.model.encode_image(pixels, normalize=True)
        read = self.model.encode_text(tokens, normalize=True)
        logits = self.model.logit_scale.exp() * seen @ read.T
        truth = true_pairs(rows, said)
        match = contrastive(logits, truth)
        named = [
            F.cross_entropy(10 * head(seen), rows[:, world.ATTRIBUTES.index(name)])
            for head, name in zip(self.heads, HEADS, strict=True)
        ]
        weights = [DEFECT_WEIGHT if name == "defect" else NAMED_WEIGHT for name in HEADS]
        loss = match + sum(w * part for w, part in zip(weights, named, strict=True))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for group in self.optimizer.param_groups:
            nn.utils.clip_grad_norm_(group["params"], 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        self._average()
        right = truth.gather(1, logits.argmax(dim=1, keepdim=True)).float().mean()
        return {
            "step": self.step,
            "side": pixels.shape[-1],
            "match": round(match.item(), 4),
            "named": {n: round(v.item(), 3) for n, v in zip(HEADS, named, strict=True)},
            "right_in_batch": round(right.item(), 4),
        }

    @torch.no_grad()
    def _average(self) -> None:
        """The mean of the weights over the last steps, which is what is kept of the training."""
        self.model.logit_scale.clamp_(max=math.log(100))
        keep = min(0.996, 1 - 10 / (10 + self.step))
        for key, value in self.model.state_dict().items():
            if value.dtype.is_floating_point:
                self.mean[key].lerp_(value, 1 - keep)
            else:
                self.mean[key].copy_(value)

    def save(self, path: Path) -> None:
        parts = ("model", "heads", "optimizer", "schedule")
        state = {name: getattr(self, name).state_dict() for name in parts}
        torch.save(state | {"mean": self.mean, "step": self.step}, path.with_suffix(".new"))
        path.with_suffix(".new").replace(path)

    def load(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        for name in ("model", "heads", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.mean, self.step = state["mean"], state["step"]


def train(
    model: nn.Module, batches: Batches, out: Path, *, steps: int, rate: float, device: str
) -> None:
    """Trains in place, in small views first; writes `log.jsonl` and a checkpoint from which it goes
    on when started again."""
    learner = Learner.begin(model, batches, steps, rate, device)
    state = out / "checkpoint.pt"
    if state.is_file():
        learner.load(state)
    began = time.monotonic()
    plan = (side_at(step, steps) for step in range(learner.step, steps))
    with (out / "log.jsonl").open("a", encoding="utf-8") as log:
        for batch in ahead(batches.batch(side) for side in plan):
            record = learner.learn(batch) | {"seconds": round(time.monotonic() - began, 1)}
            if learner.step % 20 == 0 or learner.step == steps:
                log.write(json.dumps(record) + "\n")
                log.flush()
                print(record, flush=True)
            if learner.step % 100 == 0 or learner.step == steps:
                learner.save(state)
    model.load_state_dict(learner.mean)


def side_at(step: int, steps: int) -> int:
    """Pixels of the views at a step: what a picture shows is learned in small views at half the
    cost, its craft in full ones (Li et al. 2023, "An Inverse Scaling Law for CLIP Training")."""
    return SMALL if step < SMALL_SHARE * steps else SIDE


def ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches, made by a thread while the last ones are learned from."""
    ready: queue.Queue[Batch | None] = queue.Queue(maxsize=3)

    def fill() -> None:
        for batch in batches:
            ready.put(batch)
        ready.put(None)

    threading.Thread(target=fill, daemon=True).start()
    while (batch := ready.get()) is not None:
        yield batch


def _rate(step: int, steps: int) -> float:
    warm = max(1, steps // 25)
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))) * 0.98 + 0.02
