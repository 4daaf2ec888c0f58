"""What is expected of a file, and what was found: the records that the verify modules share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from contentfab.errors import InputError
from contentfab.records.labels import LayerReading
from contentfab.records.places import Box

LAYERS = ("visible", "metadata", "watermark", "c2pa")
MAX_PICTURE = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a file beforehand, from a manifest or the command line. `labelled` None
    means: as the file's own metadata says; `jurisdictions` are those whose rules it must meet."""

    asset_id: str = ""
    labelled: bool | None = None
    visible: str = ""
    visible_box: Box | None = None
    min_height: float = 0.0
    jurisdictions: Sequence[str] = ()
    bytes: int | None = None
    sha256: str = ""
    media_type: str = ""
    pixels: tuple[int, int] | None = None


@dataclass(slots=True)
class FileResult:
    """One entry of `files`; `notes` are remarks that are no fault."""

    path: str
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)
    agree: bool = False
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "ok": not self.findings,
            "layers": {
                name: self.layers.get(name) or layer_json(LayerReading(name, "not_checked"))
                for name in LAYERS
            },
            "agree": self.agree,
            "findings": self.findings,
            "notes": self.notes,
        }


def layer_json(layer: LayerReading) -> dict[str, Any]:
    """A reading as one entry of `layers`."""
    shown: dict[str, Any] = {"state": layer.state, "detail": layer.detail}
    if layer.layer == "metadata":
        shown |= {"id": layer.id, "digital_source_type": None, "aigc": None}
    elif layer.layer == "watermark":
        shown["id"] = layer.id or None
    return shown | dict(layer.values)


def load_json(data: bytes) -> Any:
    """Parsed JSON. InputError, with the reason, on anything that is not plain JSON."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "is nested too deeply" if isinstance(error, RecursionError) else "is not JSON"
        raise InputError(f"the file {reason}") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)
