"""Text as the claim rules read it: lower case, NFKC, ASCII digits, and the way back.

Knows no claims. A private-use character stands where something was taken out, so that offsets
stay and words on both sides do not join.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import regex

from contentfab.resources import parse_yaml

GONE = "\ue000"
_DASHES = "‐‑‒–—―−〜～~"
_SAME = str.maketrans(dict.fromkeys(_DASHES, "-") | dict.fromkeys("’‘`´ʼ", "'") | {"⁄": "/"})
# Links, mail addresses, handles, hash tags (but not #1) and phone numbers claim nothing.
_OUTSIDE = regex.compile(
    r"https?://\S+|www\.\S+|[\w.+-]+@[\w-]+\.\w+|(?<!\w)@\w+|#(?!\d)\w+|#\d+[^\W\d]\w*"
    r"|(?<![\w.])\+\d[\d\s()/-]{7,}\d|(?<![\w.,])\d{3}-\d{3,4}-\d{4}(?!\d)|(?<!\d)1[3-9]\d{9}(?!\d)"
    r"|(?<![\w.,])0\d{2,4}[ /-]\d{3,}(?:[ -]?\d+)*"
    r"|\b[\w-]+\.(?:com|de|cn|org|net|es|fr|jp|example)\b\S*"
)


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` is what is read; `at[i]` is where its character i stood in `original`."""

    text: str
    at: tuple[int, ...]
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original of what stands at start..end here."""
        return self.at[start], (self.at[end - 1] + 1 if end > start else self.at[start])

    def without(self, spans: Iterable[tuple[int, int]]) -> Plain:
        """The same text with everything in `spans` taken out."""
        text = self.text
        for start, end in spans:
            text = text[:start] + GONE * (end - start) + text[end:]
        return Plain(text, self.at, self.original)


def plain(original: str, *, traditional: bool = False) -> Plain:
    """`original` ready to be read; Traditional Chinese is read as Simplified."""
    script = _simplified() if traditional else {}
    characters: list[str] = []
    at: list[int] = []
    inches = original.count('"') % 2
    for index, written in enumerate(original):
        char = written
        if char in "²³¹⁴⁵⁶⁷⁸⁹⁰" and not (characters and characters[-1] == "m"):
            continue  # the mark of a footnote
        if char == '"' and inches and _is_digit(characters):
            char = "″"
        for part in _reading(char):
            if part == " " and not char.isspace() and not _is_digit(characters):
                continue  # the blank before a fraction: 1½ is 1 1/2, ½ alone is 1/2
            characters.append(script.get(part, part))
            at.append(index)
    text = "".join(characters)
    at.append(len(original))
    spans = [hit.span() for hit in _OUTSIDE.finditer(text)]
    return Plain(text, tuple(at), original).without(spans)


def _is_digit(characters: list[str]) -> bool:
    return bool(characters) and characters[-1].isdigit()


@cache
def _reading(char: str) -> str:
    """What one character is read as: nothing, itself, or several (`½` is ` 1/2`)."""
    if unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    wide = unicodedata.normalize("NFKC", char).translate(_SAME).lower()
    return f" {wide}" if "⁄" in unicodedata.normalize("NFKC", char) else wide


@cache
def _simplified() -> dict[str, str]:
    text = (files("contentfab.rules.claims") / "traditional.yaml").read_text("utf-8")
    pairs = parse_yaml(text)["pairs"].split()
    return {pair[0]: pair[1] for pair in pairs}
