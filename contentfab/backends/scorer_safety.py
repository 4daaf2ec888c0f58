"""Scorer that looks for unsafe content in pictures and for nothing else: no appeal, no brand fit.

Set by `score.safety=FOLDER` beside any other scorer, whose cards its findings are put on. It looks
at the whole picture and at squares of it, since a crop from the middle would miss the ends of a
tall poster. What it does not look for is not checked, and the card says what was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.backends._safety_models import SafetyModel, Verdict, load
from contentfab.errors import InputError
from contentfab.records.scores import Criterion, ScoreCard, ScoreRequest
from contentfab.rules.models.sources import locate

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

TILED = 1.25
"""Longer over shorter side from which squares along the longer side are looked at, too."""


class SafetyScorer:
    """Settings: `model` (a folder, or a repository of the local cache), `device` (auto, cpu, cuda,
    mps), `batch_size` (pictures at once)."""

    def __init__(self, *, model: str = "", device: str = "auto", batch_size: int = 8) -> None:
        if not model:
            raise InputError("score.safety is not set", hint="Add --set score.safety=FOLDER.")
        if batch_size < 1:
            raise InputError("the safety model's batch_size must be 1 or more")
        found = locate(model, "score.safety")
        self._model: SafetyModel = load(found.path, _device(device))
        self.batch_size = batch_size
        self.id = f"safety/{found}"
        self.calibration_id = f"{self.id}/{TILED:g}"

    def score(self, requests: Sequence[ScoreRequest]) -> list[ScoreCard]:
        """One card per request, in order: the criterion `safety` is 0 for a flagged picture, which
        is a failed gate, and 1 for any other."""
        return [self._card(request) for request in requests]

    def _card(self, request: ScoreRequest) -> ScoreCard:
        squares = _squares(request.pixels, self._model.side)
        verdicts: list[Verdict] = []
        for start in range(0, len(squares), self.batch_size):
            for found in self._model.judge(squares[start : start + self.batch_size]):
                verdicts += found
        worst = {
            policy: max((v for v in verdicts if v.policy == policy), key=_rank)
            for policy in self._model.policies
        }
        flagged = [verdict for verdict in worst.values() if verdict.flagged]
        shown = ", ".join(f"{v.policy} {v.score:+.3f}" for v in flagged or worst.values())
        text = f"{'flagged' if flagged else 'nothing flagged'} ({shown}; above 0 is over)"
        gates = tuple(f"safety: {v.policy} content ({v.score:+.3f})" for v in flagged)
        looked = f"checked for {', '.join(self._model.policies)} content by {self.id}"
        return ScoreCard(
            key=request.key,
            appeal=None,
            brand_fit=None,
            criteria=(
                Criterion("safety", 0.0 if flagged else 1.0, text, None, None, True,
                          self.calibration_id),
            ),
            calibration_id=self.calibration_id,
            model=self.id,
            uses_clip=False,
            failed_gates=gates,
            content=f"image content {looked}",
        )  # fmt: skip


def _rank(verdict: Verdict) -> tuple[bool, float]:
    return verdict.flagged, verdict.score


def _squares(pixels: Picture, side: int) -> list[Picture]:
    """The whole picture squashed into a square, and for long ones squares that overlap."""
    height, width = pixels.shape[:2]
    short = min(height, width)
    parts = [pixels]
    if max(height, width) > TILED * short:
        count = int(np.ceil(max(height, width) / short)) + 1
        starts = np.linspace(0, max(height, width) - short, count).round().astype(int)
        parts += [
            pixels[s : s + short] if height > width else pixels[:, s : s + short] for s in starts
        ]
    area = cv2.INTER_AREA
    return [
        np.ascontiguousarray(cv2.resize(part, (side, side), interpolation=area), np.uint8)
        for part in parts
    ]


def _device(name: str) -> str:
    if name != "auto":
        return name
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
