"""Channel packs: the text fields and placements of a channel, each limit with its source."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contentfab.records.base import Record


class Limit(Record):
    """A further limit of a field, in another metric than its first."""

    metric: str
    max: int
    level: Literal["error", "warn"] = "warn"
    evidence: Literal["A", "B", "C"] = "B"
    source: str


class Form(Record):
    """A form that a field must not have, by its name in `rules/wording/forms.py`."""

    name: str
    level: Literal["error", "warn"] = "warn"
    evidence: Literal["A", "B", "C"] = "B"
    source: str


class FieldRule(Record):
    """One text field of a channel. `metric` names how length is counted (`wording/metrics.py`).
    `level` blocks only with evidence A; `poster_role` says where the field stands on a poster;
    `disclosure`, `opt_out` and `disclaimers` say that the text must carry those of the channel,
    the campaign and the product. Of a list, one entry must be within `one_within` when that is
    set. `prose` is false for names, which are in no language."""

    name: str
    metric: str
    max: int
    min: int = 1
    count_min: int = 1
    count_max: int = 1
    level: Literal["error", "warn"] = "warn"
    evidence: Literal["A", "B", "C"] = "B"
    source: str
    verified_at: str
    emoji: bool = True
    emoji_max: int | None = None
    newline: bool = False
    poster_role: Literal["headline", "subline", "cta"] | None = None
    also: list[Limit] = Field(default_factory=list)
    forbid: list[Form] = Field(default_factory=list)
    one_within: int = 0
    disclosure: bool = False
    opt_out: bool = False
    disclaimers: bool = False
    prose: bool = True


class Placement(Record):
    """A picture slot. `safe` are insets (top, right, bottom, left) as fractions of the size that
    the platform may cover. `max_bytes` 0 means no known limit; `formats` are those that the channel
    takes besides `format`, for a picture that does not fit into it."""

    id: str
    width: int
    height: int
    format: Literal["png", "jpeg", "webp", "avif"] = "png"
    max_bytes: int = 0
    formats: tuple[Literal["png", "jpeg", "webp", "avif"], ...] = ()
    safe: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    source: str = ""
    verified_at: str = ""

    @property
    def media_types(self) -> tuple[str, ...]:
        """Media types of the files that it takes, the one that is asked for first."""
        return tuple(f"image/{name}" for name in dict.fromkeys((self.format, *self.formats)))


class Channel(Record):
    """A channel pack: text fields with limits, picture placements, what must be disclosed."""

    id: str
    name: str
    fields: list[FieldRule]
    placements: list[Placement] = Field(default_factory=list)
    default_placements: list[str] = Field(default_factory=list)
    disclosure: dict[str, str] = Field(default_factory=dict)
    opt_out: dict[str, str] = Field(default_factory=dict)
    notes: str = ""
