"""A CLIP model through ONNX Runtime: `image.onnx` and `text.onnx` of a model folder, on the CPU.

The graphs hold structure only. Their weights are those of `open_clip_model.safetensors`, under the
same names, put in at load time, so that both runtimes compute with the same file. Imports neither
torch nor open_clip. `training/clip/export.py` writes such graphs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contentfab.errors import MissingDependency
from contentfab.rules.models.onnx_errors import onnx_errors

Vectors = NDArray[np.float32]
IMAGE, TEXT = "image.onnx", "text.onnx"
WEIGHTS = "open_clip_model.safetensors"
PACKAGES = ("onnxruntime", "safetensors")
IMAGE_TOWER, NO_TOWER = "visual.", ("logit_scale", "logit_bias")
"""In open_clip's names of weights: those of the image tower, and those of neither; all others are
the text tower's."""

CHUNK = 4
"""Pictures at once, always: matrix products of other sizes end in other last digits, and a score
must not depend on which pictures happened to wait together. Larger chunks are no faster."""

QUIET = 3
"""ONNX Runtime's log level: errors only."""


class OnnxRuntime:
    """`threads` is how many of them one picture or text may use."""

    def __init__(self, folder: Path, threads: int) -> None:
        import onnxruntime  # type: ignore[import-untyped]

        weights = _weights(folder / WEIGHTS)
        image = {name: value for name, value in weights.items() if name.startswith(IMAGE_TOWER)}
        text = {name: weights[name] for name in weights if name not in (*image, *NO_TOWER)}
        self._image, self._kept = _session(onnxruntime, folder / IMAGE, image, threads)
        self._text, kept = _session(onnxruntime, folder / TEXT, text, threads)
        self._kept += kept

    def images(self, pixels: Vectors) -> Vectors:
        """`pixels` (n, 3, side, side), normalised; unit vectors (n, d)."""
        parts = []
        for start in range(0, len(pixels), CHUNK):
            chunk = pixels[start : start + CHUNK]
            room = np.zeros((CHUNK, *pixels.shape[1:]), np.float32)
            room[: len(chunk)] = chunk
            parts.append(self._image.run(None, {"pixels": room})[0][: len(chunk)])
        return np.concatenate(parts)

    def texts(self, tokens: NDArray[np.int64]) -> Vectors:
        """`tokens` (n, context length); unit vectors (n, d)."""
        return np.asarray(self._text.run(None, {"tokens": tokens})[0], np.float32)


def _weights(path: Path) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return {
            name: value.astype(np.float32) if value.dtype == np.float16 else value
            for name, value in load_file(path).items()
            if value.dtype.kind == "f"  # training alone reads the counters of batch norms
        }
    except (OSError, SafetensorError, KeyError, TypeError) as error:
        raise MissingDependency(
            f"score.model: {path.parent.name}/{path.name}: {str(error)[:160]}",
            hint="Weights must be safetensors in float16 or float32; or --set score.runtime=torch.",
        ) from None


def _session(
    onnxruntime: Any, path: Path, weights: dict[str, NDArray[Any]], threads: int
) -> tuple[Any, list[Any]]:
    """A session, and the weights that it reads as long as it lives."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # Threads that wait by spinning would take whole cores from the rest of the line.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = QUIET
    # A weight that the graph does not name is refused, as is one that the folder does not have.
    values = {name: onnxruntime.OrtValue.ortvalue_from_numpy(v) for name, v in weights.items()}
    options.add_external_initializers(list(values), list(values.values()))
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except onnx_errors() as error:
        first = str(error).strip().split("\n")[0][:200]
        raise MissingDependency(
            f"score.model: {path.parent.name}/{path.name}: {first}",
            hint="Graph and weights must be of one model; or --set score.runtime=torch.",
        ) from None
    return session, list(values.values())
