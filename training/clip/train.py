"""The training loop of mini-clip: both towers from scratch.

Loss: cross-entropy over the batch in both directions, its target spread over all true pairs (a
caption is true of every picture that has what it says), since many pictures of a small world share
a caption. Heads that name each attribute from the picture's vector help the image tower while it
learns and are thrown away.
"""

from __future__ import annotations

import json
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import world
from torch import nn
from torch.nn import functional as F

if TYPE_CHECKING:
    from batches import Batches, Codes

SIDE = 128
SMALL, SMALL_SHARE = 96, 0.3
"""Side of the views of the first steps, and the share of the steps that see them."""
EMBED = 128
CONTEXT = 52
MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
HEADS = ("scene", "wall", "podium", "accent", "light", "space", "mood", "product", "defect")
NAMED_WEIGHT, DEFECT_WEIGHT = 0.25, 2.0
"""Weights of the heads' losses. Noise and blur are in the finest detail, which a tower learns last
and, without a loss of its own, not at all."""
Batch = tuple[torch.Tensor, ...]


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


def naming(logits: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of an attribute over the pictures of which its value is known (not -1)."""
    lost = F.cross_entropy(logits, values, ignore_index=-1, reduction="sum")
    return lost / (values >= 0).sum().clamp(min=1)


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
    def heads_of(cls, codes: Codes) -> nn.ModuleList:
        """The heads, in the order of HEADS."""
        return nn.ModuleList(nn.Linear(EMBED, len(codes.values[name])) for name in HEADS)

    @classmethod
    def begin(cls, model: Any, batches: Any, steps: int, rate: float, device: str) -> Learner:
        heads = cls.heads_of(batches.codes)
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
        loss, record = self.loss(batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for group in self.optimizer.param_groups:
            nn.utils.clip_grad_norm_(group["params"], 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        self._average()
        return {"step": self.step, "side": batch[0].shape[-1]} | record

    def loss(self, batch: Batch) -> tuple[torch.Tensor, dict[str, Any]]:
        """Of matching pictures and captions and of naming what is seen; and its parts."""
        loss, _, record, _ = self.match(batch)
        return loss, record

    def match(
        self, batch: Batch
    ) -> tuple[torch.Tensor, torch.Tensor, dict[str, Any], torch.Tensor]:
        """Loss, that of matching alone, what the log says, and unit vectors (n, d) of pictures."""
        pixels, tokens, rows, said = (part.to(self.device) for part in batch[:4])
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        seen = self.model.encode_image(pixels, normalize=True)
        read = self.model.encode_text(tokens, normalize=True)
        # A picture of which nothing is known but its craft would be a true pair of half the batch.
        told = rows[:, world.ATTRIBUTES.index("wall")] >= 0
        logits = self.model.logit_scale.exp() * seen[told] @ read[told].T
        truth = true_pairs(rows[told], said[told])
        match = contrastive(logits, truth)
        named = [
            naming(10 * head(seen), rows[:, world.ATTRIBUTES.index(name)])
            for head, name in zip(self.heads, HEADS, strict=False)
        ]
        weights = [DEFECT_WEIGHT if name == "defect" else NAMED_WEIGHT for name in HEADS]
        loss = match + sum(w * part for w, part in zip(weights, named, strict=True))
        right = truth.gather(1, logits.argmax(dim=1, keepdim=True)).float().mean()
        record = {
            "match": round(match.item(), 4),
            "named": {n: round(v.item(), 3) for n, v in zip(HEADS, named, strict=True)},
            "right_in_batch": round(right.item(), 4),
        }
        return loss, match, record, seen

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
    """Trains in place, in small views first; goes on from its checkpoint when started again."""
    learner = Learner.begin(model, batches, steps, rate, device)
    run(learner, lambda step: batches.batch(side_at(step, steps)), out, "log", steps)


def run(learner: Learner, batch: Callable[[int], Batch], out: Path, name: str, steps: int) -> None:
    """All steps from the checkpoint `name`.pt on, told in `name`.jsonl; the model holds the mean
    weights afterwards."""
    state = out / f"{name}.pt"
    if state.is_file():
        learner.load(state)
    began = time.monotonic()
    with (out / f"{name}.jsonl").open("a", encoding="utf-8") as log:
        for ready in ahead(batch(step) for step in range(learner.step, steps)):
            record = learner.learn(ready) | {"seconds": round(time.monotonic() - began, 1)}
            if learner.step % 20 == 0 or learner.step == steps:
                log.write(json.dumps(record) + "\n")
                log.flush()
                print(record, flush=True)
            if learner.step % 100 == 0 or learner.step == steps:
                learner.save(state)
    learner.model.load_state_dict(learner.mean)


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
