"""The ledger: each claim of a line with the source that supports it, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeVar

from contentfab.records.copy import Claim
from contentfab.rules.claims.dates import Date
from contentfab.rules.claims.evidence import Evidence, Source
from contentfab.rules.claims.quantity import Quantity
from contentfab.rules.claims.reading import Reading, language_of, read, script_of
from contentfab.rules.claims.support import (
    supports_comparison,
    supports_date,
    supports_mention,
    supports_quantity,
)
from contentfab.rules.claims.vocabulary import words

_WHAT = {
    "number": ("is a number", "remove it"),
    "percent": ("is a percentage", "remove it"),
    "price": ("is a price or an offer", "say the product's own price or none"),
    "date": ("is a date or deadline", "remove it"),
    "duration": ("is a duration", "remove it"),
    "measure": ("is a measure", "remove it"),
    "superlative": ("is a superlative", "say what is good about it in plain words"),
    "comparative": ("is a comparison", "say it without the comparison"),
    "certification": ("is a certification or tested property", "leave it out"),
    "ingredient": ("is an ingredient or material", "leave it out"),
    "absence": ("says that something is not in it", "leave it out"),
}
_T = TypeVar("_T")
_NEAR = {"number", "percent", "price", "date", "duration", "measure"}


@lru_cache(maxsize=16384)
def ledger(text: str, locale: str, evidence: Evidence) -> tuple[Claim, ...]:
    """Every claim of `text` in the order of the text, each with the field of the product that
    supports it; `source` is empty where none does. Offsets are code points of `text`."""
    tongue = language_of(locale)
    reading = read(text, tongue, script_of(locale), evidence.names)
    found = [*_claims(reading, evidence, tongue)]
    return tuple(sorted(found, key=lambda claim: claim.span))


def advice(claim: Claim) -> str:
    """What to tell the writer about a claim without a source, as the end of a sentence."""
    what, instead = _WHAT[claim.kind]
    known = "the product's facts" if claim.kind in _NEAR else "approved_claims"
    return (
        f"says “{claim.text}”, which {what} that no fact or approved claim supports; "
        f"{instead}, or add it to {known}"
    )


def _claims(reading: Reading, evidence: Evidence, tongue: str) -> Iterator[Claim]:
    vocabulary = words(tongue)

    def quantity(claim: Quantity, source: Source) -> bool:
        return supports_quantity(claim, source, vocabulary)

    for q in reading.quantities:
        yield _claim(
            reading, q.kind, q.start, q.end, _quantity_value(q), _first(q, quantity, evidence)
        )
    for c in reading.comparisons:
        value = " ".join([*(f"{m:g}" for m in sorted(c.magnitudes)), *c.attributes])
        yield _claim(
            reading, "comparative", c.start, c.end, value, _first(c, supports_comparison, evidence)
        )
    for d in reading.dates:
        yield _claim(
            reading, "date", d.start, d.end, _date_value(d), _first(d, supports_date, evidence)
        )
    for m in reading.mentions:
        value = m.about[0] if m.key == "made of" else m.key
        yield _claim(reading, m.kind, m.start, m.end, value, _first(m, supports_mention, evidence))


def _claim(reading: Reading, kind: str, start: int, end: int, value: str, source: str) -> Claim:
    span = reading.plain.span(start, end)
    written = reading.plain.original[span[0] : span[1]]
    lead = len(written) - len(written.lstrip())
    written = written.strip()
    begin = span[0] + lead
    return Claim(kind, written, (begin, begin + len(written)), value, source)


def _first(claim: _T, supports: Callable[[_T, Source], bool], evidence: Evidence) -> str:
    return next((source.name for source in evidence.sources if supports(claim, source)), "")


def _quantity_value(quantity: Quantity) -> str:
    value = f"{quantity.values[0]:g}"
    if quantity.high is not None:
        value += f"-{quantity.high:g}"
    bound = {"over": ">", "least": ">=", "under": "<", "most": "<=", "about": "~", "nearly": "~"}
    role = " off" if quantity.role == "off" else ""
    currency = "/".join(sorted(quantity.currencies))
    dimension = currency or quantity.dimension
    return f"{bound.get(quantity.bound, '')}{value} {dimension}{role}"


def _date_value(date: Date) -> str:
    if date.word:
        return date.word
    month, day = min(date.orders, default=(0, 0))
    parts = [str(date.year)] if date.year else []
    parts += [f"{month:02}"] if month else []
    return "-".join([*parts, *([f"{day:02}"] if day else [])])
