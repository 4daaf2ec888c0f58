"""What labelling is asked and answers: the request, each layer as read back, the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture, Provenance
    from contentfab.records.places import Box


@dataclass(frozen=True, slots=True)
class Origin:
    """What a picture that was not made here brought along, to be kept: EXIF data (orientation
    already applied and reset), an RGB colour profile (none means sRGB), its XMP packet, an AIGC
    record that stood elsewhere, the texts of a PNG, and the whole file when that is signed."""

    exif: bytes = b""
    icc: bytes = b""
    xmp: bytes = b""
    aigc: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    signed: bytes = b""


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A finished picture to label and encode. `asset_id` is hex; `created` (ISO 8601) goes into the
    XMP packet; `visible` is the text already drawn (with `visible_box`), which must be at least
    `visible_min_height` of the shortest side tall. `origin` is that of a picture from elsewhere;
    `models` are the AI models that made the picture or wrote its words; `formats` the media types
    that it may have when the wanted one does not fit into `max_bytes` (0 means no limit)."""

    key: str
    asset_id: str
    pixels: Picture
    media_type: str
    max_bytes: int
    provenance: Provenance
    producer: str
    created: str
    visible: str = ""
    visible_box: Box | None = None
    visible_min_height: float = 0.0
    origin: Origin | None = None
    models: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerReading:
    """What one label layer says when read back. `state` is one of valid, untrusted, absent,
    invalid, not_checked."""

    layer: str
    state: str
    detail: str = ""
    id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """Final bytes of a poster, with every layer read back from those bytes."""

    key: str
    asset_id: str
    data: bytes
    media_type: str
    width: int
    height: int
    layers: tuple[LayerReading, ...]
