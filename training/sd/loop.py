"""What every stage's loop shares: how far it is, its log, checkpoints, averaged weights, chance.

Chance is a function of seed, stage and step, so that a run that was stopped goes on as if it had
not been. Knows nothing of models.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from training.sd.plan import SEED, STAGES, Plan

EVERY_SECONDS = 45.0
"""Between checkpoints."""


class OutOfTime(Exception):
    """The time that this process may take is used up; what was done is in the checkpoint."""


_LIMIT: list[float] = []


def stop_at(moment: float | None) -> None:
    """When (by `time.monotonic`) every course is to be saved and left; None for never."""
    _LIMIT[:] = [moment] if moment is not None else []


class Course:
    """A stage under way. Iterating gives steps until its steps or its time are used up; what ran
    before an interruption counts."""

    def __init__(self, plan: Plan, stage: str, out: Path, *, log_every: int) -> None:
        self.stage, self.out = stage, out
        self.steps, self._seconds = plan.steps[stage], plan.seconds(stage)
        if not self.steps and not self._seconds:
            raise ValueError(f"stage {stage} has neither steps nor minutes")
        self._log_every = log_every
        self.step = 0
        self._before = 0.0
        self._last_saved = False
        self._start = self._saved = time.monotonic()

    @property
    def fraction(self) -> float:
        """0 at the start, 1 at the end; by steps where they are limited, so that a run by steps
        can be repeated exactly."""
        if self.steps:
            return min(1.0, self.step / self.steps)
        return min(1.0, self.elapsed / self._seconds)

    @property
    def elapsed(self) -> float:
        return self._before + time.monotonic() - self._start

    def resume(self) -> dict[str, Any] | None:
        """The last checkpoint, if there is one."""
        path = self.out / f"{self.stage}.pt"
        if not path.is_file():
            return None
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        self.go_on(state["step"], state["elapsed"])
        return state

    def go_on(self, step: int, elapsed: float) -> None:
        """What ran before counts."""
        self.step, self._before, self._start = step, elapsed, time.monotonic()

    def __iter__(self) -> Iterator[int]:
        while self.fraction < 1 and not (self._seconds and self.elapsed >= self._seconds):
            yield self.step
            self.step += 1
            if self._last_saved:
                raise OutOfTime(self.stage)

    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return _late() or time.monotonic() - self._saved > EVERY_SECONDS

    def save(self, **state: Any) -> None:
        """Whole or not at all."""
        path = self.out / f"{self.stage}.pt"
        torch.save(
            {"step": self.step + 1, "elapsed": self.elapsed, **state}, path.with_suffix(".new")
        )
        path.with_suffix(".new").replace(path)
        self._saved = time.monotonic()
        self._last_saved = _late()

    def log(self, **figures: float) -> None:
        """A line in log.jsonl every so many steps; figures may be tensors."""
        if self.step % self._log_every == 0:
            self.note(**figures)

    def note(self, **figures: float) -> None:
        """A line in log.jsonl now."""
        line = {"stage": self.stage, "step": self.step, "seconds": round(self.elapsed, 1)}
        line |= {name: float(f"{float(value):.5g}") for name, value in figures.items()}
        with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _late() -> bool:
    return bool(_LIMIT) and time.monotonic() > _LIMIT[0]


class Average:
    """An exponential moving average of weights, faster at first."""

    def __init__(self, model: nn.Module, decay: float = 0.999) -> None:
        self._decay = decay
        self.weights = {k: v.detach().clone().float() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        keep = min(self._decay, (1 + step) / (10 + step))
        mine, theirs = [], []
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                mine.append(self.weights[name])
                theirs.append(value.float())
        torch._foreach_lerp_(mine, theirs, 1 - keep)

    def load(self, weights: dict[str, torch.Tensor], device: str) -> None:
        self.weights = {name: value.to(device) for name, value in weights.items()}

    def into(self, model: nn.Module) -> None:
        model.load_state_dict({k: v.to(next(model.parameters()).dtype) if v.is_floating_point()
                               else v for k, v in self.weights.items()})  # fmt: skip


def dice_for(stage: str, step: int) -> np.random.Generator:
    """The chance of one step."""
    return np.random.default_rng([SEED, STAGES.index(stage), step])


def noise_for(stage: str, step: int, device: str) -> torch.Generator:
    """Torch's chance of one step."""
    number = int(np.random.default_rng([SEED, STAGES.index(stage), step, 7]).integers(2**62))
    return torch.Generator(device).manual_seed(number)


def set_rate(optimiser: torch.optim.Optimizer, course: Course, peak: float, warm: int) -> float:
    """A warm-up (`warm` steps, a tenth at most), then a cosine down to a twentieth; each group's
    `scale` is kept."""
    warm = min(warm, 1 + course.steps // 10) if course.steps else warm
    rate = peak * min(1.0, (course.step + 1) / warm)
    rate *= 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * course.fraction))
    for group in optimiser.param_groups:
        group["lr"] = rate * group.get("scale", 1.0)
    return rate


def autocast(device: str, *, exact: bool = False) -> torch.autocast:
    """bfloat16 on a GPU, nothing elsewhere and where it shall be exact."""
    kind = device.split(":")[0]
    return torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda" and not exact)


def adam(groups: Any, device: str) -> torch.optim.AdamW:
    """AdamW, fused where it can be."""
    return torch.optim.AdamW(
        groups, betas=(0.9, 0.99), weight_decay=0.01, fused=device.startswith("cuda")
    )
