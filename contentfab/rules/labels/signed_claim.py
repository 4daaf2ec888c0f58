"""What a signer is asked to vouch for about a labelled file (the claim of `protocols.Signer`).

Also the one place that decides a poster's digital source type. Provenance only: no prompt, no
path, no secret goes in. Knows no signature format.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from contentfab.protocols import Watermark
from contentfab.rules.labels.payload import payload_for
from contentfab.rules.pixels.picture_files import media_type_of, opened

if TYPE_CHECKING:
    from contentfab.records.labels import LabelRequest
    from contentfab.records.pictures import Provenance

LAYOUT = "layout: type, product picture, logo and AI label set over the key visual"
ALG = "io.github.contentfab."  # before a watermark's own id, where it names no algorithm


def poster_provenance(made: Provenance, *, photo: bool) -> Provenance:
    """The provenance of a poster over a key visual made as `made`; `photo` says that a real product
    picture stands in it.

    IPTC: `compositeSynthetic` is a composite with at least one synthetic element, as a poster with
    a model's scene and a real product is. `compositeWithTrainedAlgorithmicMedia` is kept for what
    an image model does to a given picture (in- or outpainting), and comes from the image backend.
    Type and logo set over a picture are edits, and change nothing."""
    if photo and made.digital_source_type == "trainedAlgorithmicMedia":
        return replace(made, digital_source_type="compositeSynthetic")
    return made


def picture_claim(request: LabelRequest, watermark: Watermark | None) -> dict[str, Any]:
    """The claim for a picture; `watermark` is that which marked it, None when nothing did."""
    made = request.provenance
    claim: dict[str, Any] = {
        "asset_id": request.asset_id,
        "digital_source_type": made.digital_source_type,
        "engine": _plain_name(made.model or made.engine),
        "engine_version": made.model_revision,
        "created": request.created,
        "models": request.models,
    }
    if watermark:
        payload = payload_for(request.asset_id)
        sealed = getattr(watermark, "sealed", None)  # a keyed mark puts its own seal into it
        claim["watermark"] = (sealed(payload) if sealed else payload).hex()
        claim["watermark_alg"] = getattr(watermark, "alg", ALG + watermark.id)
    if request.origin is None:
        claim["edits"] = LAYOUT
    elif request.origin.signed:
        data = request.origin.signed
        with opened(data) as image:
            claim["parent"] = {"data": data, "media_type": media_type_of(image)}
    return claim


def model_names(made: Provenance, writer: str = "") -> tuple[str, ...]:
    """Names of the AI models behind a poster: that of its picture, and that of the copywriter whose
    backend id is `writer` ("" when no model wrote the words)."""
    names = [_plain_name(made.model), *made.adapters] if made.uses_ai else []
    return tuple(dict.fromkeys([*names, *([_writer_model(writer)] if writer else [])]))


def _writer_model(identifier: str) -> str:
    """`qwen3` of a backend id such as `openai/qwen3@1f2e3d4c5b6a` (vendor, model, revision)."""
    model = identifier.partition("/")[2] or identifier
    return _plain_name(model.rpartition("@")[0] or model)


def _plain_name(model: str) -> str:
    """A model that is a folder on somebody's machine is known by its name alone."""
    for kind in (PurePosixPath, PureWindowsPath):
        if kind(model).is_absolute():
            return kind(model).name
    return model


def copy_claim(asset_id: str, provenance: dict[str, Any], created: str) -> dict[str, Any]:
    """The claim for a copy file with the `provenance` that stands in it."""
    model = _writer_model(str(provenance["model"]))
    return {
        "asset_id": asset_id,
        "digital_source_type": provenance["digital_source_type"],
        "engine": model,
        "engine_version": provenance["model_revision"],
        "created": created,
        "models": (model,) if provenance["uses_ai"] else (),
    }
