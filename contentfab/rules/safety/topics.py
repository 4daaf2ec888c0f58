"""Regulated topics: alcohol, credit, health, minors, gambling and tobacco need a person's review.

A lexicon per language (`topics.yaml`) over product, audience and copy, with the words that were
found. It finds words, not meanings: what it misses nobody reviews, so that it errs towards telling.
Languages without a lexicon are told by `unread`. Disclaimers are passed over: they warn of things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import regex

from contentfab.records.brief import ProductView, SegmentView
from contentfab.records.copy import Fields
from contentfab.records.inputs import Product, Segment
from contentfab.resources import parse_yaml
from contentfab.rules.locales import language
from contentfab.rules.safety.ages import minor_age
from contentfab.rules.views import product_view, segment_view
from contentfab.rules.wording.plain_text import CJK, plain, squeezed

_ENDINGS = {
    "en": "(?:'?s|es)?", "de": "(?:e|en|er|es|s|n)?", "fr": "(?:e|s|es|x)?", "es": "(?:s|es)?",
    "pt": "(?:s|es)?", "ar": "(?:ة|ات|ون|ين|ه|ها|ك|كم|نا)?",
}  # fmt: skip
_BEFORE = {"ar": "(?:[وف]?(?:ال|بال|كال|لل|[بكل])?)?"}
_LEAST = 4
"""Letters that a word needs before an ending makes no other word of it."""
_LETTER = r"[\p{L}\p{M}\p{N}]"
_NEVER = regex.compile(r"(?!)")
_NONE = frozenset({"", "0", "0.0", "false", "no", "none", "free", "0%", "0.0%", "0 %"})
FACTS = {
    "alcohol": "alcohol", "abv": "alcohol", "alcohol_content": "alcohol", "apr": "credit",
    "nicotine": "tobacco", "nicotine_content": "tobacco",
}  # fmt: skip
"""Names of facts that tell a topic whatever their value's words, unless that says there is none."""
AGES = frozenset({"age", "ages", "age_group", "recommended_age", "age_range", "min_age"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """A topic with the words that tell it (`found`) and the field where they stand (`where`)."""

    topic: str
    found: str
    where: str

    def __str__(self) -> str:
        return f"{self.topic}: {self.where} says “{self.found}”"


class _Patterns(NamedTuple):
    topic: str
    words: regex.Pattern[str]
    exempt: regex.Pattern[str]
    tight: regex.Pattern[str]
    tight_exempt: regex.Pattern[str]


def topics_in(text: str, locale: str, where: str) -> tuple[Evidence, ...]:
    """The regulated topics of one text, each with its first words."""
    return tuple(Evidence(topic, found, where) for topic, found in _found(text, language(locale)))


def of_product(product: Product, locales: Sequence[str]) -> tuple[Evidence, ...]:
    """The topics of a product, in any of its campaign's locales: it is the same thing in each."""
    found: list[Evidence] = []
    for locale in locales:
        view = product_view(product, locale, locales[0])
        for where, text in _product_texts(view):
            found += topics_in(text, locale, f"product {product.id}, {where}")
    for name, value in product.facts.items():
        plain_value = value if not isinstance(value, dict) else next(iter(value.values()), "")
        found += _fact(product.id, name, str(plain_value))
    return _first_of_each(found)


def of_segment(segment: Segment, locales: Sequence[str]) -> tuple[Evidence, ...]:
    """The topics of an audience: who it is, in its own words, and whom its condition matches.
    Parents are adults; what they buy tells whether it is for children."""
    found: list[Evidence] = []
    for locale in locales:
        view = segment_view(segment, locale, locales[0])
        for where, text in _segment_texts(view):
            found += topics_in(text, locale, f"segment {segment.id}, {where}")
    for name, value in segment.condition.items():
        if _is_age(name) and minor_age(str(value), bare=True):
            where = f"segment {segment.id}, condition.{name}"
            found.append(Evidence("minors", str(value), where))
    return _first_of_each(found)


def of_copy(fields: Fields, locale: str, without: Iterable[str] = ()) -> tuple[Evidence, ...]:
    """The topics of a copy's fields; `without` are texts that it must carry: disclaimers."""
    found: list[Evidence] = []
    for name, value in fields.items():
        for text in [value] if isinstance(value, str) else value:
            for phrase in without:
                text = text.replace(phrase, " ") if phrase else text
            found += topics_in(text, locale, f"copy, {name}")
    return _first_of_each(found)


def review_reasons(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """One sentence for each topic: what was found where, and why a person must look."""
    found = sorted(_first_of_each(evidence), key=lambda each: each.topic)
    return tuple(f"{each}; {lexicon()[each.topic]['review']}" for each in found)


def unread(locales: Iterable[str]) -> tuple[str, ...]:
    """The languages of `locales` for which there is no lexicon: nobody looked."""
    known = set().union(*(set(topic) for topic in lexicon().values()))
    return tuple(sorted({language(locale) for locale in locales} - known))


@cache
def lexicon() -> Mapping[str, Mapping[str, object]]:
    """Topics as the file has them."""
    text = (files("contentfab.rules.safety") / "topics.yaml").read_text("utf-8")
    found: Mapping[str, Mapping[str, object]] = parse_yaml(text)
    return found


def _product_texts(view: ProductView) -> Iterator[tuple[str, str]]:
    yield "name", view.name
    yield "category", view.category
    yield "description", view.description
    for name, texts in (("selling_points", view.selling_points), ("approved_claims", view.claims)):
        for index, text in enumerate(texts):
            yield f"{name}[{index}]", text
    for name, value in view.facts.items():
        yield f"facts.{name}", f"{name} {value}" if not name.isascii() else value


def _segment_texts(view: SegmentView) -> Iterator[tuple[str, str]]:
    yield "name", view.name
    yield "description", view.description
    for index, text in enumerate(view.needs):
        yield f"needs[{index}]", text


def _fact(product: str, name: str, value: str) -> Iterator[Evidence]:
    key, where = plain(name).replace(" ", "_").replace("-", "_"), f"product {product}, facts.{name}"
    if key in FACTS and plain(value) not in _NONE:
        yield Evidence(FACTS[key], f"{name}: {value}", where)
    if key in AGES and minor_age(value, bare=True):
        yield Evidence("minors", f"{name}: {value}", where)


def _is_age(name: str) -> bool:
    return bool(set(regex.split(r"[^\p{L}]+", name.casefold())) & {"age", "ages"})


def _first_of_each(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    first: dict[str, Evidence] = {}
    for each in evidence:
        first.setdefault(each.topic, each)
    return tuple(first.values())


@lru_cache(maxsize=8192)
def _found(text: str, tongue: str) -> tuple[tuple[str, str], ...]:
    spaced, tight = plain(text), squeezed(text)
    found = []
    for each in _patterns(tongue):
        hit = each.words.search(spaced) and each.words.search(each.exempt.sub("\n", spaced))
        hit = hit or (
            each.tight.search(tight) and each.tight.search(each.tight_exempt.sub("\n", tight))
        )
        if hit:
            found.append((each.topic, hit[0].strip()))
    age = minor_age(text)
    if age and not any(topic == "minors" for topic, _ in found):
        found.append(("minors", age))
    return tuple(found)


@cache
def _patterns(tongue: str) -> tuple[_Patterns, ...]:
    found = []
    for topic, languages in lexicon().items():
        words = languages.get(tongue)
        if not isinstance(words, dict):
            continue
        terms, exempt = list(map(str, words["terms"])), list(map(str, words["exempt"]))
        found.append(_Patterns(
            topic, _spaced(terms, tongue), _spaced(exempt, ""), _tight(terms), _tight(exempt)
        ))  # fmt: skip
    return tuple(found)


def _spaced(terms: Iterable[str], tongue: str) -> regex.Pattern[str]:
    """Words of scripts with blanks, with the endings of their language; none for an exempt one."""
    shown = sorted({term for term in terms if not CJK.search(term)}, key=len, reverse=True)
    if not shown:
        return _NEVER
    parts = [_word(term, tongue) for term in shown]
    return regex.compile(rf"(?:(?<!{_LETTER})|(?=\W))(?:{'|'.join(parts)})(?!{_LETTER})")


def _word(term: str, tongue: str) -> str:
    whole = regex.escape(plain(term.rstrip("*")), special_only=True).replace(r"\ ", " ")
    if term.endswith("*"):
        return rf"{whole}\p{{L}}*"
    long_enough = len(plain(term).split()[-1]) >= (3 if tongue == "ar" else _LEAST)
    return _BEFORE.get(tongue, "") + whole + (_ENDINGS.get(tongue, "") if long_enough else "")


def _tight(terms: Iterable[str]) -> regex.Pattern[str]:
    """Words of Chinese, Japanese and Korean, anywhere in a text without blanks."""
    shown = sorted({squeezed(t) for t in terms if CJK.search(t)} - {""}, key=len, reverse=True)
    return regex.compile("|".join(map(regex.escape, shown))) if shown else _NEVER
