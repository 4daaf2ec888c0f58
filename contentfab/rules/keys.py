"""Keys of jobs: what went in, hashed. Same key, same result; so keys decide what is to do.

A key is the sha256 over canonical JSON of stage, stage version, inputs and backend ids. Never over
paths, time, batch size or host.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

# Raised by one when a stage's result changes for the same inputs; old results are then redone.
STAGE_VERSIONS = {"copy": 1, "picture": 2, "poster": 1}


def canonical(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, UTF-8, records as plain data."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
    )


def key(stage: str, **inputs: Any) -> str:
    """Hex sha256 that names one job of `stage` ("copy", "picture" or "poster")."""
    text = canonical({"stage": stage, "version": STAGE_VERSIONS[stage], "inputs": inputs})
    return hashlib.sha256(text.encode()).hexdigest()


def seed_of(job_key: str) -> int:
    """A job's seed in [0, 2**32) comes from its key, so no order or worker can change it."""
    return int(job_key[:8], 16)


def line_id(variant: str) -> str:
    """Id of a line of copy for people and spreadsheets: the same before and after an edit, while
    an asset's id is that of its content."""
    return "cpy-" + hashlib.sha256(variant.encode()).hexdigest()[:12]


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be part of a key")
