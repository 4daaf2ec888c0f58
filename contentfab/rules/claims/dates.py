"""Dates and deadlines: `30 November 2026`, `30.11.`, `11月30日`, `since 1998`, `until Sunday`.

Reads, and compares two dates; knows no calendar arithmetic and not what day it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import regex

from contentfab.rules.claims.numerals import han_value
from contentfab.rules.claims.vocabulary import Words, words

_ISO = regex.compile(r"(?<!\d)(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DOTTED = regex.compile(r"(?<![\d.,])(\d{1,2})\.\s?(\d{1,2})\.(?:\s?((?:20)?\d\d)(?!\d))?(?!\d)")
_SLASHED = regex.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/((?:20)?\d\d))?(?![\d/])")
_HAN = regex.compile(
    r"(?:(\d{2,4}|[〇零一二三四五六七八九]{4})\s?[年년]\s?)?(\d{1,2}|[一二三四五六七八九十]{1,3})\s?[月월]"
    r"(?:份|(?:\s?(\d{1,2}|[一二三四五六七八九十]{1,3})\s?[日号號일])?)(?!龄)"
)
_HAN_YEAR = regex.compile(
    r"(?<!\d)(1[7-9]\d\d|20\d\d|[一二][〇零一二三四五六七八九]{3})\s?[年년](?!代)"
)
_YEAR = r"(?:1[7-9]\d\d|20\d\d)"


@dataclass(frozen=True, slots=True)
class Date:
    """A date as far as it is told. `orders` holds every (month, day) that it may mean; `word` is a
    deadline without a number (`sunday`)."""

    start: int
    end: int
    year: int | None = None
    orders: frozenset[tuple[int, int]] = frozenset()
    word: str = ""

    def within(self, other: Date) -> bool:
        """Whether `other` says at least what this one says."""
        if self.word or other.word:
            return self.word == other.word
        if self.year is not None and self.year != other.year:
            return False
        if not self.orders:
            return True
        if any(day for _, day in self.orders):
            return bool(self.orders & other.orders)
        return bool({m for m, _ in self.orders} & {m for m, _ in other.orders})


def dates(text: str, language: Words) -> list[Date]:
    """Every date of a plain text, longest first where they overlap."""
    found: list[Date] = []
    for date in _all(text, language):
        if all(date.end <= other.start or date.start >= other.end for other in found):
            found.append(date)
    return sorted(found, key=lambda date: date.start)


def _all(text: str, language: Words) -> Iterator[Date]:
    for hit in _ISO.finditer(text):
        yield _made(hit, hit[1], ((int(hit[2]), int(hit[3])),))
    if language.cjk:
        for hit in _HAN.finditer(text):
            month, day = _number(hit[2]), _number(hit[3] or "")
            told = hit[1] or hit[3] or hit[2].isdigit()
            if 1 <= month <= 12 and told:  # 三月的风 is no date
                yield _made(hit, str(_number(hit[1] or "") or ""), ((month, day),))
    for hit in _named(language.language).finditer(text):
        number = next(int(n[1:]) for n, v in hit.groupdict().items() if v and n[0] == "m")
        named = hit["day"] or hit["after"] or ""
        if not (named or hit["year"]):
            continue  # `may`, `mai` and `mar` are words of their own
        yield _made(hit, hit["year"] or "", ((number, int(named or 0)),))
    for hit in _DOTTED.finditer(text):
        before = _led(text, hit.start(), language)
        if before or hit[3] or language.language == "de":
            yield _made(hit, hit[3] or "", ((int(hit[2]), int(hit[1])),))
    for hit in _SLASHED.finditer(text):
        first, second = int(hit[1]), int(hit[2])
        if hit[3] or (_led(text, hit.start(), language) or second > 16 or first > 16):
            yield _made(hit, hit[3] or "", ((first, second), (second, first)))
    yield from _years(text, language)
    yield from _deadlines(text, language)


def _years(text: str, language: Words) -> Iterator[Date]:
    if language.cjk:
        for hit in _HAN_YEAR.finditer(text):
            year = _number(hit[1])
            yield Date(hit.start(), hit.end(), year)
        return
    since = language.get("since")
    for hit in regex.finditer(
        rf"(?<![^\W_])(?:{since})\s(?:the year |año |jahr )?({_YEAR})(?![\d.,]?\d)(?!\s?[%€$°])",
        text,
    ):
        tail = text[hit.end() : hit.end() + 12]
        if not regex.match(
            r"\s?(?:ml|m|g|kg|l|metr|liter|gram|mah|rpm|w|euro)(?![^\W\d_])|\smetros", tail
        ):
            yield Date(hit.start(), hit.end(), int(hit[1]))


def _deadlines(text: str, language: Words) -> Iterator[Date]:
    if language.cjk or "deadline" not in language.data:
        return
    # A day of the week alone is no deadline: `on Sunday`, `el domingo`.
    loose = r"\|(?:on|from|starting|starts\?|launches|am|el|le|de)(?=\||$)"
    until = regex.sub(loose, "", language.get("until"))
    this = "this |next |kommenden |diesen |este |el |ce "
    pattern = rf"(?<![^\W_])(?:{until})\s(?:{this})?({language.get('deadline')})(?![^\W_])"
    for hit in regex.finditer(pattern, text):
        yield Date(hit.start(), hit.end(), word=str(hit[1]))


def _led(text: str, position: int, language: Words) -> bool:
    """Whether a word such as `until` stands before `position`."""
    left = "" if language.cjk else r"(?<![^\W_])"
    pattern = rf"{left}(?:{language.get('until')}|den|dem|le|el)\s?$"
    after = regex.match(r"[^,.!?，。]{0,4}(?:前|为止|止|截止|结束|まで|까지)", text[position + 3 :])
    return bool(regex.search(pattern, text[:position]) or after)


@cache
def _named(language: str) -> regex.Pattern[str]:
    """Day and month by name, in either order."""
    months = words(language).data.get("months") or []
    if not months:
        return regex.compile(r"(?!)(?P<day>)(?P<after>)(?P<year>)")
    names = "|".join(f"(?P<m{i}>{p})(?![^\\W_])" for i, p in enumerate(months, 1))
    return regex.compile(
        r"(?<![^\W_])(?:(?P<day>\d{1,2})(?:\.|st|nd|rd|th|er|º)?\s(?:of |de |d')?)?"
        rf"(?:{names})\.?(?:\s(?P<after>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|\s?%))?"
        r"(?:,?\s(?:de |of )?(?P<year>20\d\d))?"
    )


def _made(hit: regex.Match[str], year: str, orders: tuple[tuple[int, int], ...]) -> Date:
    valid = frozenset((m, d) for m, d in orders if 1 <= m <= 12 and 0 <= d <= 31)
    number = int(year) + (2000 if len(year) == 2 else 0) if year else None
    return Date(hit.start(), hit.end(), number, valid or frozenset({(0, 0)}))


def _number(written: str) -> int:
    if not written:
        return 0
    return int(written) if written.isdigit() else int(han_value(written))
