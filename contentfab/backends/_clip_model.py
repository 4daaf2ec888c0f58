"""A CLIP model from a folder or the Hugging Face cache: pictures and texts to unit vectors.

What a model is (name, revision, preprocessing) is read from its files at once, the model itself
when the first vector is asked for, so that a run with nothing to do loads nothing. A folder that
brings ONNX graphs runs without torch (`_clip_onnx.py`), any other through open_clip
(`_clip_torch.py`). Knows nothing about scoring.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from contentfab.backends import _clip_onnx, _clip_torch
from contentfab.backends._clip_tokens import Merges
from contentfab.backends._clip_views import VIEWS, views
from contentfab.errors import InputError, MissingDependency
from contentfab.rules.models.sources import locate

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

Vectors = NDArray[np.float32]
CONFIG = "open_clip_config.json"
VOCABULARY = "vocabulary.txt.gz"
"""Merges of a small vocabulary, in the format of open_clip's SimpleTokenizer."""

WEIGHTS = (".safetensors", ".bin", ".pth")
"""What open_clip takes for weights; without any it would go on with random ones."""

RUNTIMES = ("auto", "onnx", "torch")
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of the pictures that CLIP was trained on (Radford et al. 2021): open_clip's own defaults, for
folders that do not say."""


class ClipModel:
    """`name` holds no path of this machine; `revision` is a commit or a digest of the files.
    `threads` is 0 for as many as this process may use. Raises InputError and MissingDependency."""

    def __init__(
        self, model: str, device: str, batch_size: int, runtime: str = "auto", threads: int = 0
    ) -> None:
        found = locate(model.removeprefix("local-dir:"), "score.model")
        self.folder = found.path.resolve()
        self.name, self.revision = found.name, found.revision
        config = _config(self.folder, model)
        self.config = config
        self.dim = int(config["model_cfg"]["embed_dim"])
        self._context = int(config["model_cfg"]["text_cfg"].get("context_length", 77))
        self.preprocessing = _preprocessing(config, self.name)
        self.runtime = _chosen(self.folder, self.name, runtime, device)
        self._device, self._batch_size = device, batch_size
        self._threads = threads or usable_cores()
        self._texts: dict[str, Vectors] = {}

    def images(
        self, pictures: Sequence[Picture], *, most_views: int | None = None
    ) -> list[tuple[Vectors, Vectors]]:
        """For each picture its views' weights, shape (v,), and unit vectors, shape (v, d); with
        `most_views` only that many of them, of which the first shows the whole picture."""
        weights: list[Vectors] = []
        vectors: list[Vectors] = []
        waiting: list[Picture] = []
        for cut in (found[:most_views] for found in self._cut(pictures)):
            weights.append(np.array([weight for weight, _ in cut], np.float32))
            waiting += [view for _, view in cut]
            while len(waiting) >= self._batch_size:
                vectors.append(self._encode(waiting[: self._batch_size]))
                waiting = waiting[self._batch_size :]
        if waiting:
            vectors.append(self._encode(waiting))
        together = np.concatenate(vectors) if vectors else np.zeros((0, self.dim), np.float32)
        ends = np.cumsum([len(of_picture) for of_picture in weights])
        return [
            (of_picture, together[end - len(of_picture) : end])
            for of_picture, end in zip(weights, ends, strict=True)
        ]

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (n, d); each text is encoded once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        for start in range(0, len(new), self._batch_size):
            chunk = new[start : start + self._batch_size]
            vectors = self._loaded.texts(self._tokens(chunk, self._room))
            self._texts |= dict(zip(chunk, vectors, strict=True))
        return np.stack([self._texts[text] for text in texts])

    def fits(self, text: str) -> bool:
        """Whether the text encoder reads all of a text: with twice the room nothing but padding
        must stand in the second half."""
        tokens = self._tokens([text], 2 * self._room)[0].tolist()
        return len(set(tokens[self._room :])) == 1

    def fitted(self, text: str) -> str:
        """The longest start of a text, in whole words, that the encoder reads."""
        words = text.split()
        while words and not self.fits(" ".join(words)):
            words.pop()
        return " ".join(words)

    def pieces(self, words: Sequence[str]) -> list[int]:
        """How many tokens the text encoder reads each word as; 1 for one that it knows whole."""
        rows = self._tokens(["", *words], self._room)
        filled = (rows != rows[0, -1]).sum(axis=1)
        return [int(count - filled[0]) for count in filled[1:]]

    @cached_property
    def _loaded(self) -> _clip_onnx.OnnxRuntime | _clip_torch.TorchRuntime:
        if self.runtime == "onnx":
            return _clip_onnx.OnnxRuntime(self.folder, self._threads)
        return _clip_torch.TorchRuntime(self.folder, self.name, self._device, self._threads)

    @cached_property
    def _tokenizer(self) -> Merges | _clip_torch.OpenClipTokenizer:
        merges = self.folder / VOCABULARY
        if merges.is_file():
            return Merges(merges)
        return _clip_torch.OpenClipTokenizer(self.folder, self.name)

    @property
    def _room(self) -> int:
        return getattr(self._tokenizer, "room", self._context)

    def _tokens(self, texts: Sequence[str], room: int) -> NDArray[np.int64]:
        return self._tokenizer.tokens(texts, room)

    def _cut(self, pictures: Sequence[Picture]) -> Iterator[list[tuple[float, Picture]]]:
        """Views of each picture in turn, those of the next ones cut while the model works."""
        side, interpolation = self.preprocessing["size"], self.preprocessing["interpolation"]
        if len(pictures) == 1 or self._threads == 1:
            yield from (views(picture, side, interpolation) for picture in pictures)
            return
        with ThreadPoolExecutor(self._threads, thread_name_prefix="views") as pool:
            yield from pool.map(lambda picture: views(picture, side, interpolation), pictures)

    def _encode(self, pixels: list[Picture]) -> Vectors:
        """`pixels` are at most a batch of views, side × side × 3."""
        mean = np.array(self.preprocessing["mean"], np.float32) * 255
        deviation = np.array(self.preprocessing["std"], np.float32) * 255
        batch = (np.stack(pixels) - mean) / deviation
        return self._loaded.images(np.ascontiguousarray(batch.transpose(0, 3, 1, 2), np.float32))


def usable_cores() -> int:
    """Cores that this process may run on: containers often have fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def _config(folder: Path, model: str) -> dict[str, Any]:
    path = folder / CONFIG
    if not path.is_file():
        hint = "Give a folder with open_clip_config.json and weights, or hf-hub:OWNER/NAME."
        raise InputError(f"score.model: {model} holds no {CONFIG}", hint=hint)
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        towers = config["model_cfg"]
        _ = int(towers["embed_dim"]), towers["vision_cfg"]["image_size"], towers["text_cfg"].get
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "It needs model_cfg with embed_dim, vision_cfg.image_size and text_cfg."
        raise InputError(f"score.model: {folder.name}/{CONFIG}: {error!r}", hint=hint) from None
    return dict(config)


def _preprocessing(config: dict[str, Any], name: str) -> dict[str, Any]:
    """What is done to a picture before the model sees it; numbers after other preprocessing are
    other numbers."""
    said = {key: value for key, value in config.get("preprocess_cfg", {}).items() if value}
    size = config["model_cfg"]["vision_cfg"]["image_size"]
    sides = {int(side) for side in (size if isinstance(size, list) else [size])}
    if len(sides) != 1:
        hint = "Choose a model with a square picture size."
        raise InputError(f"score.model: {name} wants pictures of {size} pixels", hint=hint)
    return {
        "size": sides.pop(),
        "mean": [float(level) for level in said.get("mean", CLIP_MEAN)],
        "std": [float(level) for level in said.get("std", CLIP_STD)],
        "interpolation": str(said.get("interpolation", "bicubic")),
        "views": VIEWS,
    }


def _chosen(folder: Path, name: str, runtime: str, device: str) -> str:
    """`onnx` or `torch`, with its packages and files in place."""
    if runtime not in RUNTIMES:
        hint = f"runtimes are {', '.join(RUNTIMES)}"
        raise InputError(f"score.runtime: unknown runtime {runtime!r}", hint=hint)
    on_cpu = device in ("auto", "cpu")
    graphs = [file for file in (_clip_onnx.IMAGE, _clip_onnx.TEXT) if (folder / file).is_file()]
    if runtime == "auto":
        runtime = "onnx" if len(graphs) == 2 and on_cpu else "torch"
    if not any(path.suffix in WEIGHTS for path in folder.iterdir()):
        hint = "The folder must hold open_clip_model.safetensors."
        raise MissingDependency(f"score.model: {name} holds no weights", hint=hint)
    if runtime == "torch":
        _there(_clip_torch.PACKAGES, "pip install 'contentfab[clip]'")
        return runtime
    if not on_cpu:
        hint = "Leave score.device out, or add --set score.runtime=torch."
        raise InputError(f"score.device: {device!r}: score.runtime=onnx runs on the cpu", hint=hint)
    needed = (_clip_onnx.IMAGE, _clip_onnx.TEXT, _clip_onnx.WEIGHTS, VOCABULARY)
    missing = [file for file in needed if not (folder / file).is_file()]
    if missing:
        raise MissingDependency(
            f"score.model: {name} cannot run with score.runtime=onnx: no {', '.join(missing)}",
            hint="Add --set score.runtime=torch, or export graphs: training/clip/export.py FOLDER.",
        )
    _there(_clip_onnx.PACKAGES, f"pip install {' '.join(_clip_onnx.PACKAGES)}")
    return runtime


def _there(packages: tuple[str, ...], hint: str) -> None:
    """Looks for packages without importing them."""
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        message = f"score.backend=openclip needs the package {', '.join(missing)}"
        raise MissingDependency(message, hint=hint)
