"""Numbers in a text, in digits and in words: where they stand and what they may be worth.

Words of European languages are read by text2num; Chinese, Japanese, Korean and Arabic ones here.
Knows no units: whether `一` or `ein` is a number at all is for `quantities` to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import regex
from text_to_num import find_numbers  # type: ignore[import-untyped]

from contentfab.rules.claims.vocabulary import words

_READ_BY_TEXT2NUM = frozenset({"en", "de", "es", "fr", "pt", "it", "nl", "da"})
_DIGITS = regex.compile(
    r"(?<![\d.,])\d+ \d/\d(?!\d)|(?<![\d/])\d{1,2}/\d{1,2}(?![\d/])"
    r"|\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*"
)
_SCALES = (
    (1e3, "k(?![^\\W\\d_])|千|천|thousand|tausend|mil(?![^\\W_])|mille(?![^\\W_])|ألف"),
    (1e4, "万|만"),
    (1e8, "亿|億|억"),
    (1e6, "millionen|millions?|mio\\.?|millones|millón|milhões|milhão|mn(?![^\\W_])|百万|مليون"),
    (1e2, "hundred|hundert(?![^\\W_])"),
)
_SCALE = regex.compile("|".join(rf"(?P<s{i}>\s?(?:{p}))" for i, (_, p) in enumerate(_SCALES)))
_COMMA = frozenset({"de", "es", "fr", "pt", "it", "nl", "da"})  # 1,5 is one and a half
_HAN = regex.compile(r"[零〇一二两兩三四五六七八九十百千万萬亿億]+(?:点[零一二三四五六七八九]+)?")
_SOME = frozenset("上数近超过逾约")
_HAN_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_KO_NATIVE = {
    "한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9,
    "열": 10, "열두": 12, "열다섯": 15, "열여덟": 18, "스무": 20, "서른": 30, "마흔": 40,
}  # fmt: skip
_KO = regex.compile(
    "(?<![가-힣])(?:" + "|".join(sorted(_KO_NATIVE, key=len, reverse=True))
    + "|[일이삼사오육칠팔구십백천만]+)(?=\\s?[가-힣%])"
)  # fmt: skip
_KO_SINO = dict(zip("일이삼사오육칠팔구십백천만", "一二三四五六七八九十百千万", strict=True))
_TOKEN = regex.compile(r"[^\W\d_]+|\d+|[^\w\s-]")
_TIMES_DE = regex.compile(r"(?<!\w)(\w+)(?=(?:mal|fach\w{0,2})(?!\w))")
_HALVES_DE = regex.compile(r"(?<!\w)(?:(\w*)einhalb|(anderthalb))(?=[\s-]|$)")


@dataclass(frozen=True, slots=True)
class Numeral:
    """`values` are all readings of the notation, the likeliest first. `form` is digits, word,
    one (a word for 1 that may be an article), fraction or ordinal."""

    start: int
    end: int
    values: tuple[float, ...]
    form: str


@dataclass(frozen=True, slots=True)
class _Token:
    """What text2num reads."""

    written: str
    start: int
    end: int

    def text(self) -> str:
        return self.written

    def text_lowercase(self) -> str:
        return self.written

    def nt_separated(self, previous: _Token) -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return self.written.isdigit()


def numerals(text: str, language: str) -> list[Numeral]:
    """Every number of `text` (already plain), in order, without overlaps."""
    found = list(_digits(text, language))
    taken = [(n.start, n.end) for n in found]
    for numeral in _worded(text, language):
        if all(numeral.end <= start or numeral.start >= end for start, end in taken):
            found.append(numeral)
    return sorted(found, key=lambda numeral: numeral.start)


def han_value(written: str) -> float:
    """The value of a Chinese numeral: positional (二〇二六) or with scales (一千二百, 三万五)."""
    whole, _, part = written.partition("点")
    if not any(char in _HAN_SCALES for char in whole):
        value = float("".join(str(_HAN_DIGITS[char]) for char in whole))
    else:
        value = float(_han_scaled(whole))
    if part:
        value += float("0." + "".join(str(_HAN_DIGITS[char]) for char in part))
    return value


def _han_scaled(written: str) -> int:
    total = section = digit = 0
    last = 1
    for char in written:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
            if digit == 0:
                last = 10
            continue
        scale = _HAN_SCALES[char]
        if scale >= 10**4:
            total = (total + section + digit or 1) * scale
            section = 0
        else:
            section += (digit or 1) * scale
        digit, last = 0, scale
    return total + section + digit * (last // 10 if last > 10 else 1)


def _digits(text: str, language: str) -> Iterator[Numeral]:
    for hit in _DIGITS.finditer(text):
        written = hit[0]
        if "/" in written:
            value = _fraction(written)
            if value:
                yield Numeral(hit.start(), hit.end(), (value,), "fraction")
            continue
        if hit.start() and text[hit.start() - 1 : hit.start()] == ".":
            continue
        end = hit.end()
        values = readings(written, language)
        scale = _SCALE.match(text, end)
        if scale and scale.lastgroup:
            factor = _SCALES[int(scale.lastgroup[1:])][0]
            end, values = scale.end(), tuple(value * factor for value in values)
        yield Numeral(hit.start(), end, values, "digits")


def readings(written: str, language: str) -> tuple[float, ...]:
    """Every value that digits with separators may mean: `1.000` is one, or one thousand.

    The custom of the language decides where it can; a group that is not three digits long is
    always a decimal part."""
    parts = regex.split(r"[.,'’ ]", written)
    marks = regex.findall(r"[.,'’ ]", written)
    if not marks:
        return (float(written),)
    grouped = all(len(part) == 3 for part in parts[1:]) and 1 <= len(parts[0]) <= 3
    if len(marks) > 1:
        if grouped and len(set(marks)) == 1:
            return (float("".join(parts)),)
        return (float("".join(parts[:-1]) + "." + parts[-1]),)
    decimal = float(f"{parts[0]}.{parts[1]}")
    if not grouped or parts[0] == "0":
        return (decimal,)
    whole = float("".join(parts))
    if marks[0] in " '’" or (marks[0] == ".") == (language in _COMMA):
        return (whole,)
    return (decimal, whole)


def _fraction(written: str) -> float:
    whole, _, rest = written.rpartition(" ")
    above, below = rest.split("/")
    if not int(below) or int(above) >= int(below) or int(below) > 16:
        return 0.0
    return int(whole or 0) + int(above) / int(below)


def _worded(text: str, language: str) -> Iterator[Numeral]:
    if language in ("zh", "ja"):
        for hit in _HAN.finditer(text):
            if (
                hit[0].strip("百千万萬亿億") == ""
                and text[hit.start() - 1 : hit.start()] not in _SOME
            ):
                continue  # 万家, 千里
            yield Numeral(hit.start(), hit.end(), (han_value(hit[0]),), "word")
    elif language == "ko":
        for hit in _KO.finditer(text):
            value = _KO_NATIVE.get(hit[0])
            han = "".join(_KO_SINO.get(char, "") for char in hit[0])
            yield Numeral(hit.start(), hit.end(), (float(value or han_value(han)),), "word")
    elif language == "ar":
        yield from _listed(text)
    else:
        yield from _european(text, language if language in _READ_BY_TEXT2NUM else "en")


def _european(text: str, language: str) -> Iterator[Numeral]:
    for hit in _HALVES_DE.finditer(text) if language == "de" else ():
        whole = _word_value(hit[1], language) if hit[1] else 1.0
        if whole:
            yield Numeral(hit.start(), hit.end(), (whole + 0.5,), "word")
    for hit in _TIMES_DE.finditer(text) if language == "de" else ():
        value = _word_value(hit[1], language)
        if value > 1:
            yield Numeral(hit.start(), hit.end(1), (value,), "word")
    tokens = [_Token(hit[0], *hit.span()) for hit in _TOKEN.finditer(text)]
    ones = words(language).get("articles").split("|")
    for number in find_numbers(tokens, language, 0):
        first, last = tokens[number.start], tokens[number.end - 1]
        if first.written.isdigit() or first.written == "o":
            continue
        if number.value == 0:
            continue  # `zero fuss`; what lacks is read elsewhere
        form = "ordinal" if number.is_ordinal else "word"
        if number.value == 1 and not number.is_ordinal:
            form = "one" if first.written in ones else "word"
        yield Numeral(first.start, last.end, (float(number.value),), form)


@cache
def _word_value(word: str, language: str) -> float:
    stem = "eins" if word in ("ein", "eine") else word
    found = find_numbers([_Token(stem, 0, len(stem))], language, 0)
    return float(found[0].value) if found else 0.0


def _listed(text: str) -> Iterator[Numeral]:
    listed = words("ar").data["numbers"]
    terms = "|".join(sorted(map(regex.escape, listed), key=len, reverse=True))
    for hit in regex.finditer(rf"(?<!\w)(?:{terms})(?!\w)", text):
        yield Numeral(hit.start(), hit.end(), (float(listed[hit[0]]),), "word")
