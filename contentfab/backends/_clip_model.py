"""A CLIP model from a folder or the Hugging Face cache: pictures and texts to unit vectors.

Refuses a folder without weights, and says exactly which files and which preprocessing it uses:
scores of other files or other preprocessing are other scores. Knows nothing about scoring.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from contentfab.backends._clip_views import views
from contentfab.errors import InputError, MissingDependency
from contentfab.rules.models.sources import locate

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

Vectors = NDArray[np.float32]
CONFIG = "open_clip_config.json"
VOCABULARY = "vocabulary.txt.gz"
"""Merges of a small vocabulary, in the format of open_clip's SimpleTokenizer."""


class ClipModel:
    """`name` holds no path of this machine; `revision` is a commit or a digest of the files."""

    def __init__(self, model: str, device: str, batch_size: int) -> None:
        open_clip, torch = _packages()
        found = locate(model.removeprefix("local-dir:"), "score.model")
        folder = found.path.resolve()
        if not (folder / CONFIG).is_file():
            hint = "Give a folder with open_clip_config.json and weights, or hf-hub:OWNER/NAME."
            raise InputError(f"score.model: {model} holds no {CONFIG}", hint=hint)
        self.name, self.revision = found.name, found.revision
        self.device = _device(torch, device)
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
        torch.set_num_threads(max(1, min(torch.get_num_threads(), threads)))
        try:
            self._model, _ = open_clip.create_model_from_pretrained(
                f"local-dir:{folder}", device=self.device, precision="fp32"
            )
            self._tokenizer = _tokenizer(open_clip, folder)
        except (RuntimeError, OSError, ValueError, ImportError) as error:
            hint = "The folder must hold open_clip_model.safetensors (and the tokenizer's files)."
            first = str(error).strip().split("\n")[0][:200]
            raise MissingDependency(f"score.model: {model}: {first}", hint=hint) from None
        self._model.eval()
        self.preprocessing = dict(open_clip.get_model_preprocess_cfg(self._model))
        size = self.preprocessing["size"]
        self._side = int(size if isinstance(size, int) else size[0])
        self._batch_size = batch_size
        self._texts: dict[str, Vectors] = {}

    def images(self, pictures: Sequence[Picture]) -> list[tuple[Vectors, Vectors]]:
        """For each picture its views' weights, shape (v,), and unit vectors, shape (v, d)."""
        cut = [views(p, self._side, str(self.preprocessing["interpolation"])) for p in pictures]
        pixels = [view for picture in cut for _, view in picture]
        vectors = self._encode_images(pixels)
        found, at = [], 0
        for picture in cut:
            weights = np.array([weight for weight, _ in picture], np.float32)
            found.append((weights, vectors[at : at + len(picture)]))
            at += len(picture)
        return found

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (n, d); each text is encoded once."""
        import torch

        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        for start in range(0, len(new), self._batch_size):
            chunk = new[start : start + self._batch_size]
            with torch.inference_mode():
                tokens = self._tokenizer(chunk).to(self.device)
                vectors = self._model.encode_text(tokens, normalize=True).float().cpu().numpy()
            self._texts |= dict(zip(chunk, vectors, strict=True))
        return np.stack([self._texts[text] for text in texts])

    def fits(self, text: str) -> bool:
        """Whether the text encoder reads all of a text: with twice the room nothing but padding
        must stand in the second half."""
        room = int(self._tokenizer.context_length or 77)
        tokens = self._tokenizer([text], context_length=2 * room)[0].tolist()
        return len(set(tokens[room:])) == 1

    def fitted(self, text: str) -> str:
        """The longest start of a text, in whole words, that the encoder reads."""
        words = text.split()
        while words and not self.fits(" ".join(words)):
            words.pop()
        return " ".join(words)

    def _encode_images(self, pixels: list[Picture]) -> Vectors:
        import torch

        mean = np.array(self.preprocessing["mean"], np.float32)
        deviation = np.array(self.preprocessing["std"], np.float32)
        parts = []
        for start in range(0, len(pixels), self._batch_size):
            stacked = np.stack(pixels[start : start + self._batch_size]).astype(np.float32) / 255
            batch = torch.from_numpy(((stacked - mean) / deviation).transpose(0, 3, 1, 2).copy())
            with torch.inference_mode():
                vectors = self._model.encode_image(batch.to(self.device), normalize=True)
            parts.append(vectors.float().cpu().numpy())
        return np.concatenate(parts)


def _tokenizer(open_clip: Any, folder: Path) -> Any:
    """The folder's own byte-pair merges, when it brings any; open_clip would look for them by a
    path in the configuration, which cannot be relative to the folder."""
    merges = folder / VOCABULARY
    if not merges.is_file():
        return open_clip.get_tokenizer(f"local-dir:{folder}")
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    length = config["model_cfg"]["text_cfg"].get("context_length", 77)
    return open_clip.SimpleTokenizer(bpe_path=str(merges), context_length=length)


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
