"""Terms of `lexicon.yaml` in a text, with the key of the entry that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import regex

from contentfab.rules.claims.plain import GONE
from contentfab.rules.claims.vocabulary import Words, load


@dataclass(frozen=True, slots=True)
class Mention:
    """A claim in words. `about` are words of its neighbourhood one of which the evidence must
    share, `scope` those that it must all have, `own` says `our`."""

    start: int
    end: int
    kind: str
    key: str
    text: str = ""
    about: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    own: bool = False


@dataclass(frozen=True, slots=True)
class _Term:
    key: str
    sieve: str
    pattern: regex.Pattern[str]


def terms(text: str, section: str, words: Words) -> Iterator[tuple[int, int, str]]:
    for term in _compiled(section, words.language):
        if term.sieve in text:
            for hit in term.pattern.finditer(text):
                yield hit.start(), hit.end(), term.key


@cache
def _compiled(section: str, language: str) -> tuple[_Term, ...]:
    found = []
    apart = frozenset(load("lexicon.yaml")["apart"])
    for key, languages in load("lexicon.yaml")[section].items():
        for term in (*languages.get("any", ()), *languages.get(language, ())):
            pattern = regex.escape(term, special_only=True).replace(r"\*", r"[^\W\d_]*")
            if regex.match(r"[\p{Latin}\d]", term):
                pattern = r"(?<![\p{Latin}\d])" + pattern
            elif regex.match(r"\p{Arabic}", term):
                pattern = r"(?<!\w)(?:ال|وال|ب|بال|و)?" + pattern
            if language == "de" and regex.search(r"[\p{Latin}*]$", term):
                pattern = pattern.replace("]*", "]*?") + r"(?:(?![\p{Latin}\d])|(?=-?frei|zusatz))"
            elif regex.search(r"[\p{Latin}\d]$", term):
                pattern += r"(?![\p{Latin}\d])"
            sieve = max(term.split("*"), key=len)
            own = f"{key} {sieve[:6]}" if key in apart else key
            found.append(_Term(own, sieve, regex.compile(pattern)))
    return tuple(found)


def longest(found: Iterable[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: (m.start - m.end, m.start)):
        if all(mention.end <= other.start or mention.start >= other.end for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda m: m.start)


def masked(text: str, found: Iterable[Mention]) -> str:
    for mention in found:
        text = text[: mention.start] + GONE * (mention.end - mention.start) + text[mention.end :]
    return text
