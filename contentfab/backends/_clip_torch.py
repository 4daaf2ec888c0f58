"""A CLIP model through open_clip and torch, on any device: every architecture that open_clip knows.

A folder without weights is refused: open_clip's plain loader would go on with random ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contentfab.errors import InputError, MissingDependency

Vectors = NDArray[np.float32]
PACKAGES = ("open_clip", "torch")
LENGTH = 77
"""Tokens that CLIP's text encoder reads, where the model does not say."""


class TorchRuntime:
    """`name` is how messages call the model."""

    def __init__(self, folder: Path, name: str, device: str, threads: int) -> None:
        open_clip, torch = _packages()
        self.device = _device(torch, device)
        torch.set_num_threads(threads)
        try:
            self._model, _ = open_clip.create_model_from_pretrained(
                f"local-dir:{folder}", device=self.device, precision="fp32"
            )
        except (RuntimeError, OSError, ValueError, ImportError) as error:
            hint = "The folder must hold open_clip_model.safetensors (and the tokenizer's files)."
            first = str(error).strip().split("\n")[0][:200]
            raise MissingDependency(f"score.model: {name}: {first}", hint=hint) from None
        self._model.eval()

    def images(self, pixels: Vectors) -> Vectors:
        """`pixels` (n, 3, side, side), normalised; unit vectors (n, d)."""
        import torch

        with torch.inference_mode():
            batch = torch.from_numpy(pixels).to(self.device)
            found = self._model.encode_image(batch, normalize=True)
        return np.asarray(found.float().cpu().numpy(), np.float32)

    def texts(self, tokens: NDArray[np.int64]) -> Vectors:
        """`tokens` (n, context length); unit vectors (n, d)."""
        import torch

        with torch.inference_mode():
            batch = torch.from_numpy(tokens).to(self.device)
            found = self._model.encode_text(batch, normalize=True)
        return np.asarray(found.float().cpu().numpy(), np.float32)


class OpenClipTokenizer:
    """The tokenizer that open_clip has for a folder: CLIP's own, or the Hugging Face files that
    lie in the folder."""

    def __init__(self, folder: Path, name: str) -> None:
        open_clip, _ = _packages()
        try:
            self._tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
        except (RuntimeError, OSError, ValueError, ImportError) as error:
            first = str(error).strip().split("\n")[0][:200]
            raise MissingDependency(
                f"score.model: the tokenizer of {name}: {first}",
                hint="Its files (tokenizer.json, tokenizer_config.json) belong into the folder; "
                "they need pip install transformers.",
            ) from None
        self.room = int(self._tokenizer.context_length or LENGTH)

    def tokens(self, texts: Sequence[str], room: int) -> NDArray[np.int64]:
        """Shape (n, room)."""
        found = self._tokenizer(list(texts), context_length=room)
        return np.asarray(found.numpy(), np.int64)


def _packages() -> tuple[Any, Any]:
    try:
        import open_clip  # type: ignore[import-untyped]
        import torch
    except (ImportError, RuntimeError) as error:
        # RuntimeError: torch and torchvision of different builds ("torchvision::nms")
        raise MissingDependency(
            f"score.backend=openclip cannot import open_clip: {str(error)[:160]}",
            hint="pip install 'contentfab[clip]' (torch and torchvision must be of one build)",
        ) from None
    return open_clip, torch


def _device(torch: Any, device: str) -> str:
    usable = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if device == "auto":
        return "cuda" if usable["cuda"] else "cpu"
    if not usable.get(device.partition(":")[0], False):
        hint = f"usable here: auto, {', '.join(name for name, there in usable.items() if there)}"
        raise InputError(f"score.device: {device!r} is not usable here", hint=hint)
    return device
