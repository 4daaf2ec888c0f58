"""The record of one quantity: a number with its unit, direction, role and what it counts."""

from __future__ import annotations

from dataclasses import dataclass

_KINDS = {"time": "duration", "calendar": "duration", "percent": "percent", "price": "price"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """`values` are the readings in the base unit of `dimension` (`count` without a unit), `high`
    the upper end of a range. `bound` says in which direction the number is meant, `role` whether
    it is a discount (`off`) or a part of something (`half`); `nouns` is what it counts."""

    start: int
    end: int
    dimension: str
    values: tuple[float, ...]
    high: float | None = None
    bound: str = ""
    role: str = ""
    nouns: tuple[str, ...] = ()
    before: str = ""
    imperial: bool = False
    unit: str = ""
    currencies: frozenset[str] = frozenset()
    worded: bool = False

    @property
    def kind(self) -> str:
        """The kind of claim that it makes."""
        if self.dimension in _KINDS:
            return _KINDS[self.dimension]
        return "number" if self.dimension in ("count", "ordinal", "times") else "measure"
