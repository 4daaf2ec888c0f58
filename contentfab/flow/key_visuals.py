"""Key visuals as files, and back: pixels as lossless WebP, the rest as a row of the ledger."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from contentfab.errors import BadOutput
from contentfab.flow.candidates import content_id
from contentfab.records.pictures import (
    KeyVisual,
    PictureRequest,
    Provenance,
    SceneGeometry,
    Stand,
)
from contentfab.records.places import Area, Point


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A finished key visual: lossless WebP and what the ledger keeps of it."""

    key: str
    data: bytes
    result: Mapping[str, Any]
    prompt: str


def picture_file(
    visual: KeyVisual, request: PictureRequest, selection: Mapping[str, Any] | None
) -> PictureFile:
    """A key visual as it is stored; `selection` is the record of its choice among several."""
    buffer = io.BytesIO()
    # Lossless WebP at its fastest: 2.5 times as fast as PNG level 1 and no larger.
    Image.fromarray(visual.pixels).save(buffer, "WEBP", lossless=True, quality=0, method=0)
    data = buffer.getvalue()
    height, width = visual.pixels.shape[:2]
    prompt = visual.provenance.prompt
    result = {
        "id": content_id(visual.pixels),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "width": width,
        "height": height,
        "scene": visual.scene,
        "stand": asdict(visual.stand) if visual.stand else None,
        "quiet": [list(area) for area in visual.quiet],
        "geometry": asdict(visual.geometry) if visual.geometry else None,
        "provenance": {k: v for k, v in asdict(visual.provenance).items() if k != "prompt"}
        | {"prompt_sha256": hashlib.sha256(prompt.encode()).hexdigest() if prompt else ""},
        "art_direction": asdict(request.art_direction),
        **({"selection": selection} if selection else {}),
    }
    return PictureFile(visual.key, data, result, prompt)


def read_key_visual(path: Path, result: Mapping[str, Any]) -> KeyVisual:
    """The key visual of the file at `path` and the ledger's `result`. BadOutput when the file
    cannot be read."""
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"))
    except OSError as error:
        raise BadOutput(
            f"key visual {path.name} cannot be read: {error}",
            hint="delete the file and run again",
        ) from error
    stand = result["stand"]
    return KeyVisual(
        key=result["id"],
        pixels=pixels,
        provenance=provenance_of(result),
        stand=_stand(stand) if stand else None,
        quiet=tuple(Area(*area) for area in result["quiet"]),
        scene=result["scene"],
        geometry=_geometry(result["geometry"]),
    )


def provenance_of(result: Mapping[str, Any]) -> Provenance:
    """How the key visual of the ledger's `result` was made; its prompt is not kept there."""
    return Provenance(**{k: v for k, v in result["provenance"].items() if k != "prompt_sha256"})


def _stand(values: Mapping[str, Any]) -> Stand:
    foot, shadow = Point(*values["foot"]), tuple(values["shadow"])
    fixed = Area(*values["fixed"]) if values["fixed"] else None
    return Stand(**{**values, "foot": foot, "shadow": shadow, "fixed": fixed})


def _geometry(values: Mapping[str, Any] | None) -> SceneGeometry | None:
    if values is None:
        return None
    part, to_sun = Area(*values["part"]), tuple(values["to_sun"])
    return SceneGeometry(**{**values, "part": part, "to_sun": to_sun})
