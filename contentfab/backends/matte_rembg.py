"""Product cut-outs by a segmentation model, through `rembg` and ONNX Runtime (optional).

For photos whose background is not plain. A model's edge is a guess: what it makes is a file that
a person looks at, never part of a run. Only models that may be used commercially have a name here;
rembg's own default (BRIA RMBG) may not. A path to any U2-Net-like ONNX file works too. Named
models are downloaded once by rembg; nothing else leaves the machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from contentfab.errors import InputError, MissingDependency
from contentfab.rules.models.onnx_errors import onnx_errors
from contentfab.rules.product.matte import Matte, with_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODELS = {
    "u2net": "Apache-2.0",
    "u2netp": "Apache-2.0",
    "silueta": "Apache-2.0",
    "isnet-general-use": "Apache-2.0",
    "birefnet-general": "MIT",
    "birefnet-general-lite": "MIT",
}
"""rembg's names of models for products in general, and the licences of their weights."""


class RembgMatte:
    """Cuts products out of any background. `model` is one of MODELS or a path to an ONNX file.

    Raises MissingDependency without rembg or the model, InputError for an unknown one."""

    def __init__(self, model: str, *, offline: bool = False) -> None:
        file = Path(model) if model.endswith(".onnx") else None
        if file is None and model not in MODELS:
            raise InputError(
                f"unknown matte model {model!r}",
                hint=f"models are {', '.join(MODELS)}, or a path to an ONNX file",
            )
        if file is not None and not file.is_file():
            raise MissingDependency(f"{model} is not there", hint="give a path to an ONNX file")
        try:
            import rembg  # type: ignore[import-untyped]
        except ImportError as error:
            raise MissingDependency(
                f"cutting out by a model needs rembg ({error})",
                hint='pip install "contentfab[rembg]"',
            ) from error
        if file is None and offline and not _downloaded(model):
            raise MissingDependency(
                f"the model {model} is not on this machine, and --offline forbids to get it",
                hint="run once without --offline, or give a path to an ONNX file",
            )
        try:
            self._session = _from_file(file) if file else rembg.new_session(model)
        except onnx_errors() as error:
            raise MissingDependency(
                f"the matte model {model} cannot be used: {str(error).splitlines()[0][:160]}",
                hint="check the network or the file; a path to an ONNX file works offline",
            ) from error
        self.id = f"rembg/{file.stem if file else model}"

    def cut(self, rgb: NDArray[np.uint8]) -> Matte:
        """The product in a photo (uint8 RGB). Raises `rules.matte.NotPlain` when there is none."""
        mask = self._session.predict(Image.fromarray(rgb))[0].convert("L")
        return with_mask(rgb, np.asarray(mask))


def _from_file(file: Path) -> Any:
    """A session of a U2-Net-like model that lies anywhere; rembg takes them from its own folder
    only."""
    from onnxruntime import SessionOptions  # type: ignore[import-untyped]
    from rembg.sessions.u2net_custom import U2netCustomSession  # type: ignore[import-untyped]

    class FileSession(U2netCustomSession):  # type: ignore[misc]
        @classmethod
        def download_models(cls, *_: Any, **options: Any) -> str:
            return str(options["model_path"])

    return FileSession("u2net_custom", SessionOptions(), model_path=str(file))


def _downloaded(model: str) -> bool:
    from rembg.sessions import sessions_class  # type: ignore[import-untyped]

    found = next((one for one in sessions_class if one.name() == model), None)
    return found is not None and any(Path(found.model_dir()).rglob("*.onnx"))
