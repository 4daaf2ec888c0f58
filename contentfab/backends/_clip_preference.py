"""Preference models: HPSv2.1 and PickScore, CLIP models tuned on people's choices between pictures
for one prompt.

Their number is the cosine of picture and prompt. It orders pictures for the same prompt and says
nothing across prompts, so it is reported under an id of its own, on no scale, and counts for
nothing. `score.preference` names a folder: HPSv2.1 is `HPS_v2.1_compressed.pt` (ViT-H-14, or what
an `open_clip_config.json` beside it says), PickScore a transformers folder (`config.json`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from contentfab.backends._clip_heads import file_sha256
from contentfab.errors import InputError, MissingDependency

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

ARCHITECTURE = "ViT-H-14"
HPS, CONFIG = "HPS_v2*.pt", "open_clip_config.json"
PERCENT = 100.0
"""Both papers print the cosine times 100."""


class Preference:
    """Loads nothing until a picture is scored. Raises InputError for a folder of neither kind."""

    def __init__(self, folder: Path, device: str, batch_size: int) -> None:
        if not folder.is_dir():
            hint = "Give a folder with HPS_v2.1_compressed.pt, or a transformers CLIP folder."
            raise InputError(f"score.preference: {folder.name} is not there", hint=hint)
        self._folder, self._device, self._batch_size = folder, device, batch_size
        self._checkpoint = max(folder.glob(HPS), default=None)
        self.name = self._checkpoint.stem if self._checkpoint else folder.name
        if self._checkpoint is None and not (folder / "config.json").is_file():
            hint = f"It needs {HPS}, or config.json and weights of a transformers CLIP model."
            raise InputError(f"score.preference: {folder.name} holds neither model", hint=hint)

    @cached_property
    def revision(self) -> str:
        """Digest of the weights."""
        if self._checkpoint is not None:
            return file_sha256(self._checkpoint)[:12]
        names = ("model.safetensors", "pytorch_model.bin")
        found = next((self._folder / n for n in names if (self._folder / n).is_file()), None)
        return file_sha256(found)[:12] if found else "unknown"

    def scores(self, pictures: Sequence[Picture], texts: Sequence[str]) -> list[float]:
        """100 × cosine of each picture with its own text."""
        found: list[float] = []
        for start in range(0, len(pictures), self._batch_size):
            part = slice(start, start + self._batch_size)
            images = [Image.fromarray(pixels) for pixels in pictures[part]]
            found += self._cosines(images, list(texts[part]))
        return [PERCENT * value for value in found]

    def _cosines(self, images: list[Image.Image], texts: list[str]) -> list[float]:
        if self._checkpoint is not None:
            return self._by_open_clip(images, texts)
        return self._by_transformers(images, texts)

    def _by_open_clip(self, images: list[Image.Image], texts: list[str]) -> list[float]:
        import torch

        model, preprocess, tokenizer = self._open_clip
        device = next(model.parameters()).device
        with torch.inference_mode():
            pixels = torch.stack([preprocess(image) for image in images]).to(device)
            seen = model.encode_image(pixels, normalize=True)
            read = model.encode_text(tokenizer(texts).to(device), normalize=True)
            return [float(value) for value in (seen * read).sum(dim=1).float().cpu()]

    def _by_transformers(self, images: list[Image.Image], texts: list[str]) -> list[float]:
        import torch

        model, processor = self._transformers
        with torch.inference_mode():
            given = processor(
                images=images, text=texts, return_tensors="pt", padding=True, truncation=True
            )
            found = model(**given.to(next(model.parameters()).device))
            seen, read = (_unit(v) for v in (found.image_embeds, found.text_embeds))
            return [float(value) for value in (seen * read).sum(dim=1).float().cpu()]

    @cached_property
    def _open_clip(self) -> tuple[Any, Any, Any]:
        """HPSv2.1 in stock open_clip: the state dict of its fork has the same keys."""
        import open_clip  # type: ignore[import-untyped]

        architecture = ARCHITECTURE
        if (self._folder / CONFIG).is_file():
            architecture = f"contentfab-{self.name}"
            self._add_config(open_clip, architecture)
        try:
            model, preprocess = open_clip.create_model_from_pretrained(
                architecture, pretrained=str(self._checkpoint), device=self._torch_device()
            )
        except (RuntimeError, OSError, ValueError, KeyError) as error:
            raise self._fault(error) from None
        return model.eval(), preprocess, open_clip.get_tokenizer(architecture)

    def _add_config(self, open_clip: Any, architecture: str) -> None:
        """Tells open_clip of the folder's own architecture, by a file that bears its name."""
        own = json.loads((self._folder / CONFIG).read_text(encoding="utf-8"))["model_cfg"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{architecture}.json"
            path.write_text(json.dumps(own), encoding="utf-8")
            open_clip.add_model_config(path)

    @cached_property
    def _transformers(self) -> tuple[Any, Any]:
        try:
            from transformers import AutoModel, AutoProcessor

            model = AutoModel.from_pretrained(self._folder, local_files_only=True)
            processors: Any = AutoProcessor
            processor = processors.from_pretrained(self._folder, local_files_only=True)
        except ImportError:
            hint = "pip install 'contentfab[diffusers]'"
            message = "score.preference: this model needs transformers"
            raise MissingDependency(message, hint=hint) from None
        except (OSError, ValueError, KeyError) as error:
            raise self._fault(error) from None
        return model.to(self._torch_device()).eval(), processor

    def _torch_device(self) -> str:
        import torch

        if self._device != "auto":
            return self._device
        return "cuda" if torch.cuda.is_available() else "cpu"

    def _fault(self, error: Exception) -> MissingDependency:
        first = str(error).strip().split("\n")[0][:200]
        hint = "The folder must hold the whole model: weights and, for PickScore, its processor."
        return MissingDependency(f"score.preference: {self.name}: {first}", hint=hint)


def _unit(vectors: Any) -> Any:
    return vectors / vectors.norm(dim=-1, keepdim=True)
