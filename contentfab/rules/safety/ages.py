"""Ages in texts: does one name people under 18? Reads numbers next to words for age, nothing else.

`12 years` alone says nothing of people (a warranty, a cheese); `ages 8-12` and `under 18` do.
"""

from __future__ import annotations

import regex

from contentfab.rules.wording.plain_text import plain

ADULT = 18
_DASH = r"(?:-|–|—|~|〜|to|bis|à|a|al|até|至|到|から|إلى)"
_RANGE = rf"(\d{{1,2}})(?!\d|[.,]\d)(?:\s*(?:\+|{_DASH}\s*\d{{1,2}})|\s*(?:and|years?|or)\s+\w+)?"
# Words for age, and a number right after them.
_OF_AGE = regex.compile(
    rf"(?<!\p{{L}})(?:ages?|age group|aged(?=\s*\d{{1,2}}\s*(?:-|–|to|and)\s*\d)|alter|im alter von"
    rf"|âge|âgée?s? de|edad(?:es)?|idades?|عمر|العمر)\s*(?:of|from|von|de|desde|:|：)?\s*{_RANGE}"
    rf"(?!\s*(?:months?|weeks?|days?|monate|mois|meses))"
    rf"|(?:年龄|年齡|适龄|適齡|適用年齡|适用年龄|対象年齢|適齢|연령|나이)[^\d\p{{L}}]{{0,3}}{_RANGE}"
)
# An upper bound: under 18.
_UNDER = regex.compile(
    r"(?<!\p{L})(?:under[- ]|unter\s+|moins de\s+|menores de\s+|menos de\s+|تحت\s+)(\d{1,2})(?:s|"
    r"(?=\s*(?:jahren?|ans|años|anos|years old|year[- ]olds|سنة|$|[.,;!?])))"
    r"|(\d{1,2})\s*(?:岁以下|歲以下|歳未満|歳以下|세\s?미만|세\s?이하)"
)
_OLDS = regex.compile(r"(\d{1,2})(?:\s*(?:-|–|to)\s*\d{1,2})?[- ]year[- ]olds(?!\p{L})")
_FROM = regex.compile(r"(\d{1,2})\s*(?:岁以上|歲以上|歳以上|세\s?이상|岁起|歲起)")
_BARE = regex.compile(r"(\d{1,3})")
_BELOW = regex.compile(r"^\s*(?:<=?|under|lt|below|max)\D*(\d{1,3})")


def minor_age(text: str, *, bare: bool = False) -> str:
    """The words of `text` that name an age under 18, or "". With `bare`, text is a value of an age
    field, where any number is an age: `13-17`, `<18`, `8+`."""
    shown = plain(text)
    if bare:
        return text if _bare_minor(shown) else ""
    for pattern in (_OF_AGE, _OLDS, _FROM):
        for hit in pattern.finditer(shown):
            if int(next(group for group in hit.groups() if group)) < ADULT:
                return hit[0].strip()
    for hit in _UNDER.finditer(shown):
        if int(hit[1] or hit[2]) <= ADULT:
            return hit[0].strip()
    return ""


def _bare_minor(shown: str) -> bool:
    below = _BELOW.search(shown)
    if below:
        return int(below[1]) <= ADULT
    number = _BARE.search(shown)
    return bool(number) and int(number[1]) < ADULT if number else False
