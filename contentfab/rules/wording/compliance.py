"""Words that the law or good practice bars from copy, per language, as a lexicon.

`compliance.yaml` holds the rules with their sources; this module matches, in the views of
`plain_text`, so that spacing, emoji and look-alike letters hide nothing. A lint, not legal advice:
it finds words, it does not understand sentences. Knows nothing about channels or brand words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

import regex
from pydantic import TypeAdapter

from contentfab.resources import parse_yaml
from contentfab.rules.locales import language
from contentfab.rules.wording.plain_text import CJK, contains, joined, plain, squeezed, word

LEXICONS = (
    ("contentfab.rules.wording", "compliance.yaml"),
    ("contentfab.rules.safety", "lexicon.yaml"),
)
"""What the law bars, and what no brand's copy should say: one engine for both."""
Unless = Literal["", "claims", "product", "dated"]
_NEVER = regex.compile(r"(?!)")
_MONTHS = """
january february march april may june july august september october november december jan feb mar
apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember jänner okt
dez janvier février mars avril juin juillet août septembre octobre novembre décembre enero febrero
marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre janeiro fevereiro março
maio junho julho setembro outubro novembro dezembro
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
"""
_MONTH = "(?:" + "|".join(_MONTHS.split()) + ")"
# A day by which an offer ends: 30 November, Nov 30, 30.11., 2026-11-30, 30/11/2026, 11月30日.
_DAY = regex.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?\s(?:de\s)?{_MONTH}\b|\b{_MONTH}\.?\s\d{{1,2}}\b"
    r"|\d{4}-\d{1,2}-\d{1,2}|\b\d{1,2}\.\s?\d{1,2}\.|\b\d{1,2}/\d{1,2}/\d{2,4}\b"
    r"|\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LexiconRule:
    """One rule: what it looks for, where it does not apply, the law behind it, what to tell the
    writer. `evidence` says how well the source was read (A, B, C); only A and B may block."""

    id: str
    locales: tuple[str, ...]
    level: Literal["error", "warn"]
    message: str
    source: str
    evidence: Literal["A", "B", "C"] = "B"
    terms: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    unless: Unless = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that a text breaks, with the words that break it."""

    rule: LexiconRule
    found: str


def matches(
    text: str,
    locale: str,
    *,
    names: Iterable[str] = (),
    claims: Sequence[str] = (),
    product: Sequence[str] = (),
) -> list[Match]:
    """Every rule that `text` breaks in `locale`.

    `names` are taken out first (a name is no claim); `claims` are approved claims and facts,
    `product` all of the product's own text, which excuse the rules that ask for them; a rule that
    asks for an end date is excused by a product text with a day in it, too.
    """
    rules, sieve = _rules_for(locale)
    whole = _views(text)
    if not sieve.catches(whole):
        return []
    views = _without(whole, tuple(names))
    found: list[Match] = []
    for rule in rules:
        hit = _hit(rule, views)
        if hit and not _excused(rule, hit, claims, product):
            found.append(Match(rule, hit))
    return found


@cache
def rules() -> tuple[LexiconRule, ...]:
    """All rules of this installation, in the order of the files.

    Raises ValueError when a rule blocks on evidence C."""
    texts = ((files(package) / name).read_text("utf-8") for package, name in LEXICONS)
    entries = [entry for text in texts for entry in parse_yaml(text)["rules"]]
    found = TypeAdapter(tuple[LexiconRule, ...]).validate_python(entries)
    for rule in found:
        if rule.level == "error" and rule.evidence == "C":
            raise ValueError(f"rule {rule.id}: evidence C may only warn")
    return found


_View = tuple[str, str, str]
_VIEWS: tuple[Callable[[str], str], ...] = (plain, joined, squeezed)


def _views(text: str) -> _View:
    return plain(text), joined(text), squeezed(text)


def _hit(rule: LexiconRule, views: _View) -> str:
    """What of the rule's words stands in the text, or ""."""
    patterns, exempt = _compiled(rule)
    if not any(pattern.search(view) for pattern, view in zip(patterns, views, strict=True)):
        return ""
    for pattern, excused, view in zip(patterns, exempt, views, strict=True):
        hit = pattern.search(excused.sub("\n", view))
        if hit:
            return str(hit[0]).strip()
    return ""


def _excused(rule: LexiconRule, hit: str, claims: Sequence[str], product: Sequence[str]) -> bool:
    texts = {"": (), "claims": claims, "product": product, "dated": product}[rule.unless]
    if any(contains(text, hit) for text in texts):
        return True
    return rule.unless == "dated" and any(_DAY.search(text) for text in texts)


def _without(views: _View, names: tuple[str, ...]) -> _View:
    first, second, third = (
        pattern.sub("\n", view) for pattern, view in zip(_named(names), views, strict=True)
    )
    return first, second, third


@lru_cache(maxsize=512)
def _named(names: tuple[str, ...]) -> tuple[regex.Pattern[str], ...]:
    return tuple(_any_of(names, view) for view in _VIEWS)


@cache
def _compiled(
    rule: LexiconRule,
) -> tuple[tuple[regex.Pattern[str], ...], tuple[regex.Pattern[str], ...]]:
    """Patterns of a rule's words, and of its exempt contexts, for each view; squeezed text has no
    words for a free pattern to tell apart."""
    found = []
    for view in _VIEWS:
        terms = _any_of(rule.terms, view).pattern
        free = [f"(?:{pattern})" for pattern in rule.patterns] if view is not squeezed else []
        found.append(regex.compile("|".join((terms, *free))))
    return tuple(found), tuple(_any_of(rule.exempt, view) for view in _VIEWS)


def _shown(terms: Iterable[str], view: Callable[[str], str]) -> list[str]:
    """The terms as they look in a view, those that it is meant for, longest first."""
    found = {view(term) for term in terms} - {""}
    kept = (term for term in found if bool(CJK.search(term)) == (view is squeezed))
    return sorted(kept, key=lambda term: (-len(term), term))


def _any_of(terms: Iterable[str], view: Callable[[str], str]) -> regex.Pattern[str]:
    """One pattern for all terms as they look in a view: words where the script has blanks."""
    escape = regex.escape if view is squeezed else lambda term: word(term).pattern
    wanted = [escape(term) for term in _shown(terms, view)]
    return regex.compile("|".join(wanted)) if wanted else _NEVER


class _Sieve(NamedTuple):
    """What any text that a locale's rules could match has: nearly all texts are clean, and looking
    for plain strings tells it at a tenth of the time."""

    strings: tuple[tuple[str, ...], ...]
    free: regex.Pattern[str]

    def catches(self, views: _View) -> bool:
        for strings, view in zip(self.strings, views, strict=True):
            for string in strings:
                if string in view:
                    return True
        return any(self.free.search(view) for view in views[:2])


@cache
def _rules_for(locale: str) -> tuple[tuple[LexiconRule, ...], _Sieve]:
    """The rules of a locale, and their sieve."""
    wanted = {"*", language(locale), locale}
    found = tuple(rule for rule in rules() if wanted & set(rule.locales))
    strings = tuple(
        tuple(dict.fromkeys(shown for rule in found for shown in _shown(rule.terms, view)))
        for view in _VIEWS
    )
    patterns = [f"(?:{pattern})" for rule in found for pattern in rule.patterns]
    return found, _Sieve(strings, regex.compile("|".join(patterns)) if patterns else _NEVER)
