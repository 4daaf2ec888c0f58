"""Phrase books of the offline copywriter: natively written frames per language, as data.

A book holds lines by kind (headlines, sublines, leads, …). A line applies when the angle, tone,
product domain and moment that it names are those of the ask. Knows nothing about limits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from contentfab.resources import parse_yaml
from contentfab.rules.locales import language

FRAMES = files("contentfab.backends") / "_offline_frames"
# How much better a line fits that names the domain or moment, the tone, the angle.
_WEIGHTS = {"domain": 4.0, "moment": 4.0, "tone": 2.5, "angle": 1.5}
_META = {"language", "stop", "space", "bullet", "domains", "moments", "fact_labels"}
# Scripts that write words, articles or particles onto each other: a word may stand anywhere.
_WRITTEN_ON = re.compile(r"[\u0620-\u06ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_FRENCH_GAP = re.compile(r" (?=[?!:;»])|(?<=«) ")


@dataclass(frozen=True, slots=True)
class Line:
    """One frame, and when it may be used: each key of `when` with the values it allows."""

    text: str
    when: Mapping[str, frozenset[str]]

    def weight(self, ask: Mapping[str, str]) -> float:
        """How well the line fits an ask; 0 when it must not be used."""
        weight = 1.0
        for key, allowed in self.when.items():
            if ask.get(key, "") not in allowed:
                return 0.0
            weight *= _WEIGHTS[key]
        return weight


@dataclass(frozen=True, slots=True)
class Book:
    """A language's frames by kind, its punctuation, and the words that give a domain away."""

    language: str
    stop: str
    space: str
    bullet: str
    lines: Mapping[str, tuple[Line, ...]]
    domains: Mapping[str, tuple[str, ...]]
    moments: Mapping[str, tuple[str, ...]]
    fact_labels: Mapping[str, str]


def languages() -> tuple[str, ...]:
    """Languages with a phrase book, such as `en` and `zh-Hans`."""
    names = (entry.name for entry in FRAMES.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def book_of(locale: str) -> str:
    """The language of the phrase book that serves a locale, "" when there is none. A book that
    names a region serves that region only, and the bare language."""
    names, tongue = languages(), language(locale)
    found = [name for name in names if name in (locale, tongue)]
    if not found and locale == tongue:
        found = [name for name in names if name.startswith(f"{tongue}-")]
    return next(iter(found), "")


@cache
def book(language: str) -> Book:
    """The phrase book of one of `languages()`."""
    data = parse_yaml((FRAMES / f"{language}.yaml").read_text("utf-8"))
    kinds = {kind: _lines(groups, language) for kind, groups in data.items() if kind not in _META}
    return Book(
        language=language,
        stop=data["stop"],
        space=data["space"],
        bullet=data["bullet"],
        lines=kinds,
        domains={name: tuple(map(str, words)) for name, words in data["domains"].items()},
        moments={name: tuple(map(str, words)) for name, words in data["moments"].items()},
        fact_labels=data["fact_labels"],
    )


@cache
def digest() -> str:
    """Twelve hex digits that name the wording of all books; part of the backend's id."""
    whole = hashlib.sha256()
    for name in languages():
        whole.update((FRAMES / f"{name}.yaml").read_bytes())
    return whole.hexdigest()[:12]


@lru_cache(maxsize=1024)
def recognise(language: str, table: str, main: str, rest: str) -> str:
    """The entry of a book's `domains` or `moments` whose words stand most often in the texts, ""
    when none does. A word in `main` counts three times, a long word more than a short one."""
    entries: Mapping[str, tuple[str, ...]] = getattr(book(language), table)
    stands = _within if language == "de" else _stands
    scores = {
        name: sum(len(word) * (3 * stands(word, main) + stands(word, rest)) for word in words)
        for name, words in entries.items()
    }
    top = max(scores, key=lambda name: scores[name], default="")
    return top if scores.get(top) else ""


def _stands(word: str, text: str) -> bool:
    if _WRITTEN_ON.search(word):
        return word in text
    return re.search(rf"(?<!\w){re.escape(word.casefold())}", text.casefold()) is not None


def _within(word: str, text: str) -> bool:
    """German joins words: `Trailschuh` is a `Schuh`. Short words count only at a word's start."""
    return word.casefold() in text.casefold() if len(word) > 4 else _stands(word, text)


def _lines(groups: list[dict[str, Any]], language: str) -> tuple[Line, ...]:
    found: dict[tuple[str, str], Line] = {}
    for group in groups:
        when = {
            key: frozenset([value] if isinstance(value, str) else value)
            for key, value in group.items()
            if key != "lines"
        }
        for text in group["lines"].strip().splitlines():
            text = _set(text.strip(), language)
            found.setdefault(
                (text, repr(sorted((k, sorted(v)) for k, v in when.items()))), Line(text, when)
            )
    return tuple(found.values())


def _set(text: str, language: str) -> str:
    """French sets a no-break space before high punctuation; the files use a plain one."""
    if language == "fr":
        text = _FRENCH_GAP.sub("\u00a0", text)
    return text.replace("¶", "\n")
