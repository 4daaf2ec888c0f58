"""Words that the law or good practice bars from copy, per language, as a lexicon.

`compliance.yaml` holds the rules with their sources; this module matches. A lint, not legal
advice: it finds words, it does not understand sentences. Knows nothing about channels or brands'
own words, but `contains` (how a term is found in a text) serves those as well.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

import regex
import yaml
from pydantic import TypeAdapter

from contentfab.rules.locales import language

_CJK = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
_INVISIBLE = regex.compile(r"[\p{Cf}\uFE0E\uFE0F]")
_SPACES = regex.compile(r"\s+")
_PADDING = regex.compile(r"[\s·・.*_\-|/~]|\p{Extended_Pictographic}")
_QUOTES = str.maketrans("’‘`´", "''''")


@dataclass(frozen=True, slots=True)
class LexiconRule:
    """One rule: what it looks for, where it does not apply, and what to tell the writer."""

    id: str
    locales: tuple[str, ...]
    level: Literal["error", "warn"]
    message: str
    source: str
    terms: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    unless: Literal["", "claims", "product"] = ""


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
    `product` all of the product's own text, which excuse the rules that ask for them.
    """
    if not _suspicious(text, language(locale)):
        return []
    text = _without(text, names)
    excuses = {"": (), "claims": claims, "product": product}
    found: list[Match] = []
    for rule in _rules_for(language(locale)):
        bare = _without(text, rule.exempt)
        hit = next((term for term in rule.terms if contains(bare, term)), "") or _pattern(
            bare, rule
        )
        if hit and not any(contains(source, hit) for source in excuses[rule.unless]):
            found.append(Match(rule, hit))
    return found


def contains(text: str, term: str) -> bool:
    """True when `term` stands in `text`: as a whole word in scripts with spaces, anywhere in
    Chinese, Japanese and Korean (where spaces, dots and emoji between the characters are no
    disguise)."""
    wanted = _normal(term)
    if not wanted:
        return False
    if _CJK.search(wanted):
        return _squeezed(term) in _squeezed(text)
    return _word(wanted).search(_normal(text)) is not None


def rule_ids() -> tuple[str, ...]:
    """Ids of all rules, in the order of the file."""
    return tuple(rule.id for rule in _rules())


def _suspicious(text: str, tongue: str) -> bool:
    """False when no rule can match: one pass over all terms, since nearly all texts are clean."""
    words, characters = _sieve(tongue)
    return bool(words.search(_normal(text)) or characters.search(_squeezed(text)))


@cache
def _sieve(tongue: str) -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    never = r"(?!)"
    terms = [term for rule in _rules_for(tongue) for term in rule.terms]
    spaced = [regex.escape(_normal(term)) for term in terms if not _CJK.search(term)]
    spaced += [pattern for rule in _rules_for(tongue) for pattern in rule.patterns]
    squeezed = [regex.escape(_squeezed(term)) for term in terms if _CJK.search(term)]
    return (
        regex.compile("|".join(spaced) or never, regex.IGNORECASE),
        regex.compile("|".join(squeezed) or never),
    )


def _pattern(text: str, rule: LexiconRule) -> str:
    plain = _normal(text)
    for pattern in rule.patterns:
        hit = regex.search(pattern, plain, regex.IGNORECASE)
        if hit:
            return str(hit[0])
    return ""


def _without(text: str, phrases: Iterable[str]) -> str:
    for phrase in phrases:
        if not phrase:
            continue
        if _CJK.search(phrase):
            text = (
                _squeezed(text).replace(_squeezed(phrase), "\n") if contains(text, phrase) else text
            )
        else:
            text = _word(_normal(phrase)).sub("\n", _normal(text))
    return text


@lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_QUOTES)
    return _SPACES.sub(" ", plain).strip().casefold()


@lru_cache(maxsize=4096)
def _squeezed(text: str) -> str:
    return _PADDING.sub("", _normal(text))


@lru_cache(maxsize=2048)
def _word(term: str) -> regex.Pattern[str]:
    left = r"(?<!\w)" if term[0].isalnum() else ""
    right = r"(?!\w)" if term[-1].isalnum() else ""
    return regex.compile(left + regex.escape(term) + right)


@cache
def _rules_for(tongue: str) -> tuple[LexiconRule, ...]:
    return tuple(rule for rule in _rules() if {"*", tongue} & set(rule.locales))


@cache
def _rules() -> tuple[LexiconRule, ...]:
    text = (files("contentfab.rules") / "compliance.yaml").read_text("utf-8")
    return TypeAdapter(tuple[LexiconRule, ...]).validate_python(yaml.safe_load(text)["rules"])
