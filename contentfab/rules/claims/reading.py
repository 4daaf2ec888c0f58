"""One text read: all that it claims, by kind. The same for copy and for evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from contentfab.rules.claims.comparisons import Comparison, comparisons
from contentfab.rules.claims.dates import Date, dates
from contentfab.rules.claims.lexical import ingredients, mentions_first, superlatives
from contentfab.rules.claims.plain import Plain, plain
from contentfab.rules.claims.quantities import quantities
from contentfab.rules.claims.quantity import Quantity
from contentfab.rules.claims.terms import Mention
from contentfab.rules.claims.vocabulary import words
from contentfab.rules.locales import language


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text claims. Offsets are those of `plain.text`."""

    plain: Plain
    text: str
    quantities: tuple[Quantity, ...]
    comparisons: tuple[Comparison, ...]
    dates: tuple[Date, ...]
    mentions: tuple[Mention, ...]


def language_of(locale: str) -> str:
    """The language whose words are used: without region and script."""
    return locale.split("-")[0]


def script_of(locale: str) -> bool:
    """Whether `locale` is written in Traditional Chinese."""
    return language(locale) == "zh-Hant"


@lru_cache(maxsize=4096)
def read(
    original: str,
    tongue: str,
    traditional: bool = False,
    names: Sequence[str] = (),
    lenient: bool = False,
) -> Reading:
    """Read `original`; `names` (a tuple) are taken out first, since a name claims nothing.
    Evidence is read leniently: a number within an idiom is a number there."""
    vocabulary = words(tongue)
    text = plain(original, traditional=traditional)
    whole = text.text
    for name in names:
        text = text.without(_spans(text.text, plain(name, traditional=traditional).text))
    unspoilt = text
    text = text.without(hit.span() for hit in vocabulary.idioms.finditer(text.text))
    found: list[Mention] = []
    first = mentions_first(text.text, vocabulary)
    found += first
    text = text.without((m.start, m.end) for m in first)
    best = superlatives(text.text, vocabulary)
    found += best
    text = text.without((m.start, m.end) for m in best)
    days = dates(text.text, vocabulary)
    text = text.without((d.start, d.end) for d in days)
    if lenient:
        text = unspoilt.without(
            [*((m.start, m.end) for m in first), *((d.start, d.end) for d in days)]
        )
    numbers = quantities(text.text, vocabulary, lenient=lenient)
    compared, numbers = comparisons(text.text, numbers, vocabulary)
    named = text.without((c.start, c.end) for c in compared)
    found += ingredients(named.text, vocabulary)
    return Reading(text, whole, tuple(numbers), tuple(compared), tuple(days), tuple(found))


def _spans(text: str, name: str) -> list[tuple[int, int]]:
    left = r"(?<!\w)" if name[:1].isascii() else ""
    right = r"(?![\p{Latin}\d])" if name[-1:].isascii() else ""
    pattern = left + regex.escape(name) + right
    return [hit.span() for hit in regex.finditer(pattern, text)] if name else []
