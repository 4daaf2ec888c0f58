"""Adobe's TrustMark as the invisible mark, for readers that know its registered algorithm.

Extra `trustmark`. The package fetches its weights (about 60 MB) from Adobe's server on first use,
so this is never the default; with `--offline` they must be there already. 64 of the 68 bits of its
BCH_4 packet are ours, the others are zero. Knows nothing about files or what the bits name.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from contentfab.errors import InputError, MissingDependency
from contentfab.records.labels import LayerReading
from contentfab.rules.labels import payload as payloads
from contentfab.rules.labels.marks import (
    checked_strength,
    key_suffix,
    require_embeddable,
    sealing_key,
)

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

MODELS = ("B", "C", "P", "Q")
MIN_SIDE = 512  # pixels, as for the built-in mark
_BITS = 68
_SIDES = range(1, 4)  # quarter turns that are tried besides the picture as it is


class TrustMarkWatermark:
    """`model` is TrustMark's variant: P is the quietest, Q the usual, B and C as published;
    `strength` multiplies the residual. Raises MissingDependency without the package, or, offline,
    without its weights."""

    def __init__(
        self,
        model: str = "P",
        strength: float = 1.0,
        key: str | bytes | None = None,
        offline: bool = False,
    ) -> None:
        if model not in MODELS:
            raise InputError(
                f"watermark.model {model!r} is unknown", hint=f"models are {', '.join(MODELS)}"
            )
        self.strength = checked_strength(strength)
        self._key = sealing_key(key)
        self._network = _load(model, offline)
        self.id = f"trustmark/{model}@{strength:g}{key_suffix(self._key)}"
        self.alg = f"com.adobe.trustmark.{model}"

    def embed(self, pixels: Picture, payload: bytes) -> Picture:
        """A marked copy of `pixels` (H × W × 3, uint8). LabelError under MIN_SIDE pixels."""
        from PIL import Image

        height, width = pixels.shape[:2]
        require_embeddable(payload, width, height, MIN_SIDE)
        payload = self.sealed(payload)
        bits = f"{int.from_bytes(payload, 'big'):064b}".ljust(_BITS, "0")
        marked = self._network.encode(
            Image.fromarray(pixels), bits, MODE="binary", WM_STRENGTH=self.strength
        )
        return np.asarray(marked.convert("RGB"), np.uint8)

    def sealed(self, payload: bytes) -> bytes:
        """The payload as `embed` writes it."""
        return payloads.reseal(payload, self._key) if self._key else payload

    def detect(self, pixels: Picture) -> LayerReading:
        """Reads the mark, in any quarter turn; states as of the built-in mark."""
        from PIL import Image

        for turns in (0, *_SIDES):
            image = Image.fromarray(np.ascontiguousarray(np.rot90(pixels, turns)))
            bits, found, schema = self._network.decode(image, MODE="binary")
            if found and schema == self._network.Encoding.BCH_4 and not int(bits[64:], 2):
                payload = int(bits[:64], 2).to_bytes(payloads.SIZE, "big")
                return self._reading(payload, {"turns": turns})
        return LayerReading("watermark", "absent", "no TrustMark of ours found")

    def _reading(self, payload: bytes, values: dict[str, Any]) -> LayerReading:
        version = payloads.version_of(payload)
        if payloads.seal_holds(payload, self._key) or payloads.seal_holds(payload):
            state, detail = "valid", "error correction and seal hold"
        elif version == payloads.KEYED and not self._key:
            state, detail = "untrusted", "the mark is sealed; only its project's key can check it"
        elif version == payloads.KEYED:
            state, detail = "invalid", "the mark is not sealed with this project's key"
        else:
            return LayerReading("watermark", "absent", "the TrustMark found is not one of ours")
        return LayerReading("watermark", state, detail, payload.hex(), values)


def _load(model: str, offline: bool) -> Any:
    """The networks; each part must really be there, since the package only prints its failures."""
    try:
        from trustmark import trustmark  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingDependency(
            f"watermark.backend=trustmark needs trustmark ({error})",
            hint="pip install 'contentfab[trustmark]'",
        ) from None
    folder = Path(trustmark.__file__).parent / "models"
    needed = [f"trustmark_{model}.yaml", f"encoder_{model}.ckpt", f"decoder_{model}.ckpt"]
    missing = [name for name in needed if not (folder / name).is_file()]
    if offline and missing:
        raise MissingDependency(
            f"TrustMark's weights are not here: {', '.join(missing)}",
            hint="run once without --offline; the package fetches them from Adobe",
        )
    if missing and not os.access(folder if folder.is_dir() else folder.parent, os.W_OK):
        raise MissingDependency(
            "TrustMark cannot store its weights: its folder is read-only",
            hint="install trustmark where you may write, such as a virtual environment",
        )
    folder.mkdir(exist_ok=True)
    network = trustmark.TrustMark(
        verbose=False,
        model_type=model,
        encoding_type=trustmark.TrustMark.Encoding.BCH_4,
        loadRemover=False,
    )
    if network.encoder is None or network.decoder is None:
        raise MissingDependency(
            "TrustMark's weights could not be fetched", hint="check the network, then run again"
        )
    return network
