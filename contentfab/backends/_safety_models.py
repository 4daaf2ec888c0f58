"""Picture safety models from a folder: the Stable Diffusion safety checker, and ShieldGemma 2.

Both answer the same question for a square picture: which policies does it break, and how clearly.
Weights come from safetensors only, and all of them: a missing tensor would be random numbers.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from contentfab.errors import InputError, MissingDependency

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

CHECKER, SHIELD = "StableDiffusionSafetyChecker", "ShieldGemma2ForImageClassification"
HINT = (
    "score.safety is a folder with config.json and safetensors of a Stable Diffusion safety "
    "checker (the folder safety_checker of a pipeline) or of ShieldGemma 2"
)
# Of CLIP's own preprocessing, which the checker was made with (openai/CLIP, clip.py).
_MEAN, _STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


class Verdict(NamedTuple):
    """One policy on one picture: `flagged`, with a `score` above 0 for what is over its threshold
    (a difference of cosines, or of a probability to one half)."""

    policy: str
    flagged: bool
    score: float


class SafetyModel(Protocol):
    """`policies` is all that it looks for; `side` the pixels of the squares that it takes."""

    policies: tuple[str, ...]
    side: int

    def judge(self, squares: Sequence[Picture]) -> list[list[Verdict]]: ...


def load(folder: Path, device: str) -> SafetyModel:
    """The model of a folder. Raises MissingDependency for a folder that holds none of the two."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        kinds = config.get("architectures") or [""]
    except (OSError, ValueError, AttributeError):
        raise MissingDependency(
            f"score.safety: {folder.name} has no config.json that can be read", hint=HINT
        ) from None
    makers: dict[str, Callable[[Path, str], SafetyModel]] = {CHECKER: Checker, SHIELD: Shield}
    if kinds[0] not in makers:
        shown = kinds[0] or "a model of no named kind"
        raise MissingDependency(f"score.safety: {folder.name} holds {shown}", hint=HINT)
    if not list(folder.glob("*.safetensors")):
        raise MissingDependency(f"score.safety: {folder.name} has no safetensors", hint=HINT)
    return makers[kinds[0]](folder, device)


class Checker:
    """diffusers' checker: cosines with 17 undisclosed concepts, all sexual, and 3 of special care
    that lower the others' thresholds (Rando et al., Red-Teaming the Stable Diffusion Safety Filter,
    2022). It sees nothing else."""

    policies: tuple[str, ...] = ("sexual",)

    def __init__(self, folder: Path, device: str) -> None:
        try:
            import torch
            from diffusers.pipelines.stable_diffusion.safety_checker import (
                StableDiffusionSafetyChecker,
            )
        except ImportError as error:
            raise _lacking(error) from error
        model, found = _whole(StableDiffusionSafetyChecker, folder)
        _all_weights(found, folder)
        self._torch, self._device = torch, device
        self._model = model.to(device).eval()
        self.side = int(self._model.config.vision_config.image_size)
        # Its warning says that a black picture is returned; here none is.
        logging.getLogger(StableDiffusionSafetyChecker.__module__).setLevel(logging.ERROR)
        self._scores: Any = None
        self._model.visual_projection.register_forward_hook(self._remember)

    def judge(self, squares: Sequence[Picture]) -> list[list[Verdict]]:
        """One verdict per square. The model blacks out the pictures that it is handed: it gets
        copies."""
        torch = self._torch
        pixels = np.stack([np.asarray(s, np.float32) / 255 for s in squares])
        scaled = (pixels - np.array(_MEAN, np.float32)) / np.array(_STD, np.float32)
        seen = torch.from_numpy(scaled.transpose(0, 3, 1, 2).copy()).to(self._device)
        copies = [square.copy() for square in squares]
        with torch.inference_mode():
            _, flags = self._model(clip_input=seen, images=copies)
            margins = self._margins()
        return [
            [Verdict("sexual", bool(flag), round(float(score), 4))]
            for flag, score in zip(flags, margins, strict=True)
        ]

    def _remember(self, module: Any, inputs: Any, output: Any) -> None:
        self._scores = output.detach()

    def _margins(self) -> Any:
        """The clearest concept of each picture: cosine less threshold, as the checker rates it."""
        model, normal = self._model, self._torch.nn.functional.normalize
        seen = normal(self._scores.float())
        special = seen @ normal(model.special_care_embeds.float()).T
        lowered = 0.01 * (special > model.special_care_embeds_weights).any(dim=1, keepdim=True)
        concepts = seen @ normal(model.concept_embeds.float()).T
        return (concepts - model.concept_embeds_weights + lowered).max(dim=1).values.cpu().numpy()


class Shield:
    """ShieldGemma 2 (Google, Gemma licence): the probability that a picture breaks each policy."""

    policies: tuple[str, ...] = ("dangerous", "sexual", "violence")
    side = 896

    def __init__(self, folder: Path, device: str) -> None:
        try:
            import torch
            from transformers import AutoProcessor, ShieldGemma2ForImageClassification
        except ImportError as error:
            raise _lacking(error) from error
        kind = torch.bfloat16 if device != "cpu" else torch.float32
        model, found = _whole(ShieldGemma2ForImageClassification, folder, dtype=kind)
        _all_weights(found, folder)
        self._torch, self._device = torch, device
        self._model = model.to(device).eval()
        self._processor = AutoProcessor.from_pretrained(  # type: ignore[no-untyped-call]
            folder, local_files_only=True
        )
        self.policies = tuple(self._processor.policy_definitions)

    def judge(self, squares: Sequence[Picture]) -> list[list[Verdict]]:
        """One verdict per square and policy. Of the two probabilities the first is `Yes`, which
        says that the policy is broken."""
        from PIL import Image

        shown = [Image.fromarray(square) for square in squares]
        inputs = self._processor(images=shown, return_tensors="pt").to(self._device)
        with self._torch.inference_mode():
            broken = self._model(**inputs).probabilities[:, 0].float().cpu().numpy()
        rows = broken.reshape(len(squares), len(self.policies))
        return [
            [
                Verdict(policy, bool(p > 0.5), round(float(p) - 0.5, 4))
                for policy, p in zip(self.policies, row, strict=True)
            ]
            for row in rows
        ]


def _whole(kind: Any, folder: Path, **options: Any) -> tuple[Any, Mapping[str, Any]]:
    try:
        loaded: tuple[Any, Mapping[str, Any]] = kind.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, output_loading_info=True, **options
        )
    except (OSError, ValueError, RuntimeError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"score.safety: {folder.name} cannot be loaded: {first}", hint=HINT) from (
            error
        )
    return loaded


def _all_weights(found: Mapping[str, Any], folder: Path) -> None:
    """Refuses a folder that lacks tensors: they would be random numbers."""
    lacking = sorted(map(str, (*found.get("missing_keys", ()), *found.get("mismatched_keys", ()))))
    lacking = [name for name in lacking if not name.endswith("position_ids")]
    if lacking:
        raise InputError(
            f"score.safety: {folder.name} lacks {len(lacking)} tensors, such as {lacking[0]}",
            hint="get the whole model again; with random weights it would check nothing",
        )


def _lacking(error: ImportError) -> MissingDependency:
    return MissingDependency(
        f"score.safety needs {error.name}", hint="pip install 'contentfab[diffusers]'"
    )
