"""What every record of the users' files has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Frozen, and strict about unknown keys: a typo in a campaign is an error, not a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")
