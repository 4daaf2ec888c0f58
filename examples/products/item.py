"""What the catalogue knows about one product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Item:
    """Where a product goes and how it is built and photographed."""

    folder: str
    build: Callable[[], None]
    camera: dict[str, float] = field(default_factory=dict)
    lights: dict[str, float] = field(default_factory=dict)
    exposure: float = 1.0
