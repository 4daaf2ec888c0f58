"""What the records of the users' files have in common: strictness, and types of text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
HexColour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
LocalText = str | dict[Locale, str]
LocalList = list[LocalText] | dict[Locale, list[str]]
Tone = Literal["warm", "bold", "expert", "playful", "calm", "premium"]


class Record(BaseModel):
    """Frozen, and strict about unknown keys: a typo in a campaign is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")
