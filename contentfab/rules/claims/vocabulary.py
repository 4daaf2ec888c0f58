"""The words of each language around numbers, and the units, compiled from the data files.

Knows the shape of `words.yaml` and `units.yaml` only; what the words mean is told there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import regex

from contentfab.resources import parse_yaml

CJK = ("zh", "ja", "ko")
# What may stand between a hedge and its number: `in less than the 60`, `weniger als einer`.
_BETWEEN = r"(?:\s(?:just|only|nur|the|den|die|los|las|de|an|einem))?\s*"


@cache
def load(name: str) -> dict[str, Any]:
    """One data file of this package, read once."""
    text = (files("contentfab.rules.claims") / name).read_text("utf-8")
    data: dict[str, Any] = parse_yaml(text)
    return data


@cache
def words(language: str) -> Words:
    """The words of `language` (without script); English for one that the file does not have."""
    data = load("words.yaml")
    return Words(language if language in data else "en", data.get(language, data["en"]))


@dataclass(frozen=True)
class Words:
    """Compiled patterns of one language."""

    language: str
    data: dict[str, Any]

    @property
    def cjk(self) -> bool:
        return self.language in CJK

    def get(self, name: str) -> str:
        """The raw pattern, or one that never matches."""
        return str(self.data.get(name) or "(?!)")

    @cached_property
    def idioms(self) -> regex.Pattern[str]:
        terms = "|".join(self.data.get("idioms", ["(?!)"]))
        return self._whole(terms)

    @cached_property
    def hedges(self) -> tuple[tuple[str, regex.Pattern[str]], ...]:
        """Bound and pattern of what stands before a number, nearest to it."""
        left = "" if self.cjk else r"(?<![^\W_])"
        names = ("least", "over", "under", "most", "nearly", "about")
        return tuple(
            (name, regex.compile(f"{left}(?:{self.data[name]}){_BETWEEN}$"))
            for name in names
            if name in self.data
        )

    def hedged(self, head: str) -> bool:
        """Whether `head`, what stands before a number, ends in a hedge."""
        return any(pattern.search(head) for _, pattern in self.hedges)

    @cached_property
    def hedges_after(self) -> tuple[tuple[str, regex.Pattern[str]], ...]:
        return tuple(
            (name, regex.compile(rf"\s?(?:{self.data[name + '_after']})"))
            for name in ("over", "least", "under", "most", "about")
            if name + "_after" in self.data
        )

    @cached_property
    def percent(self) -> regex.Pattern[str]:
        return regex.compile(rf"\s?(?:%|٪|(?:{self.get('percent')}))")

    @cached_property
    def discount(self) -> regex.Pattern[str]:
        return self._whole(self.get("discount"))

    @cached_property
    def universal(self) -> regex.Pattern[str]:
        return self._whole(self.get("universal"))

    @cached_property
    def own(self) -> regex.Pattern[str]:
        return self._whole(self.get("own"))

    @cached_property
    def stop(self) -> frozenset[str]:
        return frozenset(self.get("stop").split())

    def one(self, name: str) -> regex.Pattern[str]:
        """The named pattern as whole words, compiled once."""
        return _one(self.language, name)

    def _whole(self, terms: str) -> regex.Pattern[str]:
        if self.cjk:
            return regex.compile(terms)
        return regex.compile(rf"(?<![^\W_])(?:{terms})(?![^\W_])")


@cache
def _one(language: str, name: str) -> regex.Pattern[str]:
    return words(language)._whole(words(language).get(name))


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its dimension, the factor to the base unit, and whether it is not metric."""

    name: str
    dimension: str
    factor: float
    imperial: bool


@cache
def units() -> tuple[regex.Pattern[str], dict[str, Unit]]:
    """A pattern that finds a unit, and the unit for each literal group name."""
    terms: list[tuple[str, Unit]] = []
    for dimension, entries in load("units.yaml").items():
        for name, (factor, written, *rest) in entries.items():
            unit = Unit(name, dimension, float(factor), bool(rest))
            terms += [(term.replace("_", " "), unit) for term in written.split()]
    terms.sort(key=lambda pair: -len(pair[0]))
    groups = {f"u{index}": unit for index, (_, unit) in enumerate(terms)}
    parts = [f"(?P<u{index}>{_unit(term)})" for index, (term, _) in enumerate(terms)]
    return regex.compile("|".join(parts)), groups


def _unit(term: str) -> str:
    """`term` as a pattern: a Latin unit ends at a letter, others take suffixes and particles."""
    stem = regex.escape(term.rstrip("*"))
    if term.endswith("*"):
        return stem + r"\p{Latin}{0,4}(?!\p{Latin})"
    return stem + r"(?!\p{Latin})" if regex.search(r"\p{Latin}$", term) else stem


def unit_at(text: str, position: int) -> tuple[int, Unit] | None:
    """End and unit of the unit that stands at `position`, after a blank or hyphen if any."""
    pattern, groups = units()
    start = position
    while start < len(text) and start < position + 2 and text[start] in " -":
        start += 1
    hit = pattern.match(text, start)
    if hit is None:
        return None
    return hit.end(), groups[str(hit.lastgroup)]
