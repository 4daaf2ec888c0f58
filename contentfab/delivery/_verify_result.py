"""What is expected of a file, and what was found: the records that the verify modules share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contentfab.errors import InputError
from contentfab.protocols import Signer, Watermark
from contentfab.records.labels import LayerReading
from contentfab.records.places import Box

LAYERS = ("visible", "metadata", "watermark", "c2pa")
PARTS = (*LAYERS, "agree", "file", "manifest")
MAX_PICTURE = 100 * 1024 * 1024
WHOLE = ("valid", "untrusted")
"""States of a layer that is there and was not tampered with."""


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads the layers that no one can read by eye; without a signer C2PA is not_checked."""

    watermark: Watermark
    signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a file beforehand, from a manifest or the command line. `labelled` None
    means: as the file itself says; `jurisdictions` are those whose rules it must meet;
    `source_type` is the last part of the IPTC URI; `signed` says that it had a C2PA signature;
    `fields` and `label` are a copy file's texts; `person` that a synthetic person is shown."""

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
    source_type: str = ""
    signed: bool = False
    fields: Mapping[str, Any] | None = None
    label: str = ""
    person: bool = False


@dataclass(slots=True)
class FileResult:
    """One entry of `files`. Each fault belongs to a part: a layer, `agree` (layers contradict each
    other), `file` or `manifest`. `notes` are remarks that are no fault; `size` is a picture's width
    and height."""

    path: str
    layers: dict[str, dict[str, Any]] = field(default_factory=dict)
    agree: bool = False
    faults: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)

    def fault(self, part: str, sentence: str) -> None:
        """Adds a fault, unless it is known already."""
        if (part, sentence) not in self.faults:
            self.faults.append((part, sentence))

    def show(self, *readings: LayerReading) -> None:
        """Takes over what layers say."""
        self.layers |= {reading.layer: layer_json(reading) for reading in readings}

    def as_json(self) -> dict[str, Any]:
        failed = {part for part, _ in self.faults}
        document = {
            "path": self.path,
            "ok": not self.faults,
            "layers": {
                name: self.layers.get(name) or layer_json(LayerReading(name, "not_checked"))
                for name in LAYERS
            },
            "agree": self.agree,
            "failed": [part for part in PARTS if part in failed],
            "findings": [
                f"{part}: {sentence}" if part in LAYERS else sentence
                for part, sentence in self.faults
            ],
            "notes": self.notes,
        }
        return {name: _writable(value) for name, value in document.items()}


def layer_json(layer: LayerReading) -> dict[str, Any]:
    """A reading as one entry of `layers`."""
    shown: dict[str, Any] = {"state": layer.state, "detail": layer.detail}
    if layer.layer != "visible":
        shown["id"] = layer.id or None
    if layer.layer == "metadata":
        shown |= {"digital_source_type": None, "aigc": None}
    values = dict(layer.values)
    if "aigc" in values:
        values["aigc"] = _flat(values["aigc"])
    return shown | values


def _writable(value: Any) -> Any:
    """A value whose texts can be written: names of files need not be Unicode, nor foreign text."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_writable(key): _writable(item) for key, item in value.items()}
    return [_writable(item) for item in value] if isinstance(value, list | tuple) else value


def _flat(record: Any) -> dict[str, str] | None:
    """A foreign AIGC record without what nests in it: that may be endless when it is printed."""
    if not isinstance(record, dict):
        return None
    return {str(key)[:80]: value[:400] for key, value in record.items() if isinstance(value, str)}


def load_json(data: bytes) -> Any:
    """Parsed JSON. InputError, with the reason, on anything that is not plain JSON."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "is nested too deeply" if isinstance(error, RecursionError) else "is not JSON"
        raise InputError(f"the file {reason}") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)
