"""Quantities in fixed forms: 八折, 三分之二, half off, half a litre, a dozen, thousands of.

They are taken out before plain numbers are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import regex

from contentfab.rules.claims.numerals import han_value, numerals
from contentfab.rules.claims.plain import GONE
from contentfab.rules.claims.quantity import Quantity
from contentfab.rules.claims.vocabulary import Words, unit_at

_DISCOUNT = regex.compile(
    r"(\d(?:\.\d)?|\d\d|[一二三四五六七八九对][一二三四五六七八九]?)\s?折(?![叠扣磨射腾])"
)
_TENTHS = regex.compile(r"([一二两三四五六七八九]|\d)成(?![分为功本立就长熟员人品套都])(半)?")
_PARTS = regex.compile(r"([零一二两三四五六七八九十百\d]+)分之([零一二两三四五六七八九十百\d.]+)")
_DOZENS = regex.compile(r"([一二两三四五六七八九十\d]+)打(?![开包动理造折扮烊扰湿败])")
_JIN = regex.compile(r"([一二两三四五六七八九十\d]+)斤([一二三四五六七八九\d])两")
_JOINED = regex.compile(r"(?:and[ -]a|y|et|e|und)[\s-]$")
_HALF_CJK = regex.compile(
    r"(?<![\d一二两三四五六七八九十]个?)半(?=个?(?:公?斤|升|小时|天|年|公里|米|分钟|秒|月|克|時間|杯))个?"
)


class _Page:
    """A text from which quantities are taken out one by one."""

    def __init__(self, text: str, words: Words, lenient: bool) -> None:
        self.text, self.words, self.lenient = text, words, lenient
        self.found: list[Quantity] = []

    def matches(self, pattern: str) -> Iterator[regex.Match[str]]:
        """What `pattern` finds as whole words in the text as it is now."""
        return regex.finditer(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", self.text)

    def take(self, start: int, end: int, dimension: str, value: float, **more: Any) -> None:
        quantity = Quantity(start, end, dimension, (value,), worded=True)
        self.found.append(replace(quantity, **more))
        self.text = self.text[:start] + GONE * (end - start) + self.text[end:]


def fixed_forms(text: str, words: Words, lenient: bool) -> tuple[list[Quantity], str]:
    """The quantities in fixed forms, and the text without them."""
    page = _Page(text, words, lenient)
    if words.language in ("zh", "ja"):
        _chinese(page)
    for hit in words.one("half_price").finditer(page.text):
        page.take(*hit.span(), "percent", 50, role="off")
    if not words.cjk:
        _halves(page)
        _articles(page)
    for hit in words.one("half").finditer(page.text):
        page.take(*hit.span(), "percent", 50, role="half")
    if not words.cjk:
        _counts(page)
    return page.found, page.text


def _chinese(page: _Page) -> None:
    """三分之二, 八五折, 三成, 半小时, 一打, 五斤六两."""
    for hit in _PARTS.finditer(page.text):
        below, above = _small(hit[1]), _small(hit[2])
        if below:
            page.take(*hit.span(), "percent", above / below * 100)
    for hit in _DISCOUNT.finditer(page.text):
        page.take(*hit.span(), "percent", 100 - _tenths(hit[1]), role="off")
    for hit in _TENTHS.finditer(page.text):
        page.take(*hit.span(), "percent", _small(hit[1]) * 10 + (5 if hit[2] else 0))
    for hit in _HALF_CJK.finditer(page.text):
        after = unit_at(page.text, hit.end())
        if after:
            end, unit = after
            page.take(hit.start(), end, unit.dimension, unit.factor / 2, unit=unit.name)
    for hit in _DOZENS.finditer(page.text):
        page.take(*hit.span(), "count", _small(hit[1]) * 12)
    for hit in _JIN.finditer(page.text):
        page.take(*hit.span(), "mass", _small(hit[1]) * 500 + _small(hit[2]) * 50)


def _halves(page: _Page) -> None:
    """`half a litre`, `media hora`, `a litre and a half`, `litro y medio`."""
    words = page.words
    for hit in words.one("half_unit").finditer(page.text):
        after = unit_at(page.text, hit.end())
        joined = _JOINED.search(page.text[: hit.start()])
        if after and not joined:
            end, unit = after
            page.take(hit.start(), end, unit.dimension, unit.factor / 2, unit=unit.name)
    for hit in page.matches(rf"([^\W\d_]+) (?:{words.get('unit_half')})"):
        after = unit_at(page.text, hit.start(1))
        if after is None or after[0] != hit.end(1):
            continue
        article = regex.search(rf"(?:{words.get('articles')})\s$", page.text[: hit.start()])
        start, unit = article.start() if article else hit.start(), after[1]
        if not _number_before(page.text, start, words):
            page.take(start, hit.end(), unit.dimension, unit.factor * 1.5, unit=unit.name)


def _articles(page: _Page) -> None:
    """An article that is a number: `less than a minute`, `a whole day`, `a third of`."""
    words = page.words
    for below, pattern in (words.data.get("fractions") or {}).items():
        link = rf"(?=\s(?:of|on|off|less|fewer|more|{words.get('adj')})(?![^\W_])|[.,!?]|$)"
        for hit in page.matches(rf"an? (?:{pattern}){link}"):
            page.take(*hit.span(), "percent", 100 / below)
    for hit in page.matches(words.get("articles")):
        whole = regex.match(rf"\s(?:{words.get('whole')})(?=\s)", page.text[hit.end() :])
        after = unit_at(page.text, hit.end() + (whole.end() if whole else 0))
        if after and (whole or page.lenient or words.hedged(page.text[: hit.start()])):
            end, unit = after
            page.take(hit.start(), end, unit.dimension, unit.factor, unit=unit.name)


def _counts(page: _Page) -> None:
    """`twice a day`, `half a dozen`, `thousands of`."""
    words = page.words
    for factor, pattern in (words.data.get("twice") or {}).items():
        for hit in page.matches(pattern):
            page.take(*hit.span(), "times", float(factor))
    articles, dozen = words.get("articles"), words.get("dozen")
    for hit in page.matches(rf"(half )?(?:(?:{articles})\s)?(?:{dozen})"):
        if not _number_before(page.text, hit.start(), words):
            page.take(*hit.span(), "count", 6 if hit[1] else 12)
    for value, pattern in (words.data.get("vague") or {}).items():
        for hit in page.matches(pattern):
            page.take(*hit.span(), "count", 2.0 * value, bound="least")


def _number_before(text: str, position: int, words: Words) -> bool:
    found = numerals(text[:position].rstrip(), words.language)
    return bool(found) and found[-1].end >= len(text[:position].rstrip())


def _small(written: str) -> float:
    return float(written) if written[0].isdigit() else han_value(written)


def _tenths(written: str) -> float:
    """What 折 leaves to pay, in percent: 八 80, 八五 85, 8.5 85, 对 50."""
    if written == "对":
        return 50.0
    if written.replace(".", "").isdigit():
        value = float(written)
        return value * 10 if value < 10 else value
    digits = [han_value(char) for char in written]
    return digits[0] * 10 + (digits[1] if len(digits) > 1 else 0)
