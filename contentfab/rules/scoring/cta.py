"""Whether a copy asks its reader for one thing to do: words that call to an action, and where.

A lexicon per language (`cta.yaml`), no grammar: a button in words that it does not know is told as
such, not as a mistake. Knows no brand but the calls that it likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import regex

from contentfab.resources import parse_yaml
from contentfab.rules.locales import language
from contentfab.rules.wording.plain_text import CJK, contains, plain, squeezed, word

RIVALS = frozenset({"buy", "join", "contact", "download"})
"""Kinds of action of which a reader can do one at a time."""
_CLAUSE = regex.compile(r"(?<=[.!?…:;。！？：；])\s*|\n+|\s[–—]\s|，|、(?=\S{2,6}$)")


@dataclass(frozen=True, slots=True)
class Call:
    """A call to action: the words that make it one, its kind, and the clause where it stands."""

    words: str
    kind: str
    clause: str


def known(locale: str) -> bool:
    """True when there is a lexicon for the language of `locale`."""
    return language(locale) in lexicon()


def call_in(text: str, locale: str, liked: Iterable[str] = ()) -> Call | None:
    """The first call to action in a text of one clause, such as a button. `liked` are whole calls
    of the brand, which need no word of the lexicon."""
    for whole in liked:
        if whole and contains(text, whole):
            return _kind(text, locale) or Call(whole, "liked", text)
    return _kind(text, locale)


def calls_in(text: str, locale: str, liked: Sequence[str] = ()) -> list[Call]:
    """The calls of a longer text: clauses that begin with a call, in their order; in scripts
    without blanks, short clauses that have one."""
    found = []
    for clause in clauses(text):
        call = call_in(clause, locale, liked)
        if call is not None and (call.kind == "liked" or _leads(clause, call)):
            found.append(call)
    return found


def clauses(text: str) -> list[str]:
    """The clauses of a text: what stands between stops, colons and line breaks."""
    return [part.strip() for part in _CLAUSE.split(text) if part and part.strip()]


@cache
def lexicon() -> dict[str, dict[str, tuple[str, ...]]]:
    """Words by language and kind, as the file has them."""
    text = (files("contentfab.rules.scoring") / "cta.yaml").read_text("utf-8")
    return {
        tongue: {kind: tuple(terms) for kind, terms in kinds.items()}
        for tongue, kinds in parse_yaml(text).items()
    }


def _kind(text: str, locale: str) -> Call | None:
    plain_text, tight = plain(text), squeezed(text)
    best: tuple[int, int, Call] | None = None
    for kind, spaced, unspaced in _patterns(language(locale)):
        hits = (pattern.search(seen) for pattern, seen in ((spaced, plain_text), (unspaced, tight)))
        for hit in hits:
            # The first word decides; of two that begin there, the longer one says more.
            rank = (hit.start(), -len(hit[0])) if hit else None
            if hit and rank and (best is None or rank < best[:2]):
                best = (*rank, Call(hit[0], kind, text))
    return best[2] if best else None


def _leads(clause: str, call: Call) -> bool:
    if CJK.search(call.words):
        return len(squeezed(clause)) <= 12
    start = plain(clause).find(call.words)
    return start >= 0 and len(plain(clause)[:start].split()) <= 1


@cache
def _patterns(tongue: str) -> tuple[tuple[str, regex.Pattern[str], regex.Pattern[str]], ...]:
    found = []
    for kind, terms in lexicon().get(tongue, {}).items():
        cjk = [term for term in terms if CJK.search(term)]
        latin = [term for term in terms if not CJK.search(term)]
        found.append(
            (
                kind,
                _any([word(plain(t)).pattern for t in latin]),
                _any([regex.escape(squeezed(t)) for t in cjk]),
            )
        )
    return tuple(found)


def _any(patterns: Sequence[str]) -> regex.Pattern[str]:
    longest_first = sorted(patterns, key=len, reverse=True)
    return regex.compile("|".join(longest_first) if longest_first else r"(?!)")
