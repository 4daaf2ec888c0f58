"""Forms that platforms refuse in ad text, each by name: shouting, phone numbers, links, hashtags.

`channels.yaml` says which field forbids which, on whose word; this module knows what each form
looks like. Knows no limits and no words of a brand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import regex

from contentfab.rules.wording.metrics import has_emoji
from contentfab.rules.wording.plain_text import contains

# Acronyms may be in capitals; longer words may not, unless they are names.
_ACRONYM = 4
_PHONE_DIGITS = 9

_LINK = regex.compile(
    r"https?://\S+|\bwww\.\S+|\b[\w-]+\.(?:com|net|org|shop|store|io|co|app|cn|de|fr|es|br|jp|kr|tw|example)\b\S*",
    regex.IGNORECASE,
)
_REPEATED = regex.compile(
    r"([!?！？,，、;；:：*~+=#%&@|/\\。·・_])\s?\1|\.{4,}|(?<!\.)\.\.(?!\.)|-{3,}"
)
_CAPITALS = regex.compile(r"(?<![\p{L}\p{N}])[\p{Lu}]{2,}(?![\p{L}\p{N}])")
_SPELT = regex.compile(r"(?<!\p{L})(?:\p{Lu}[.\-*_]){3,}\p{Lu}?")
_JUMPING = regex.compile(r"\p{L}*(?:\p{Ll}\p{Lu}+){3,}\p{L}*|\p{L}*(?:\p{Lu}\p{Ll}){3,}\p{L}*")
_DIGITS = regex.compile(r"(?<![\d.,])(?:\+|\(?0)?\d[\d\s().\-/\u00a0]{6,}\d(?![\d.,]*\d)")
_DATE = regex.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_VANITY = regex.compile(r"\b1?[-\s]?8(?:00|88|77|66|55|44|33)[-\s][A-Z\d][A-Z\d-]{5,}")
_BULLET = regex.compile(r"(?m)^\s*(?:[•▪◦‣●■*·\-–]|\d+[.)])\s+\S")
_CLICK = (
    "click here", "hier klicken", "klicke hier", "klicken sie hier", "cliquez ici", "clique ici",
    "haz clic aquí", "haga clic aquí", "clic aquí", "clique aqui", "点击这里", "点击此处",
    "點擊這裡", "點此", "ここをクリック", "여기를 클릭", "اضغط هنا", "انقر هنا",
)  # fmt: skip


class Kind(NamedTuple):
    """How a form is found, and what to tell the writer of a text that has it."""

    find: Callable[[str, Sequence[str]], str]
    hint: str


def found_form(name: str, text: str, names: Sequence[str] = ()) -> str:
    """What of `text` has the form `name`, or "". `names` are words that may be in capitals.

    Raises KeyError for a name that is not in FORMS."""
    return FORMS[name].find(text, names)


def form_hint(name: str, found: str) -> str:
    """What to tell the writer about a form; continues the field's name to a sentence."""
    return FORMS[name].hint.format(found)


def _pattern(pattern: regex.Pattern[str]) -> Callable[[str, Sequence[str]], str]:
    def find(text: str, _: Sequence[str]) -> str:
        hit = pattern.search(text)
        return str(hit[0]).strip() if hit else ""

    return find


def _repeated(text: str, _: Sequence[str]) -> str:
    hit = _REPEATED.search(_LINK.sub(" ", text))
    return str(hit[0]) if hit else ""


def _exclamations(text: str, _: Sequence[str]) -> str:
    marks = regex.findall(r"[!！]", text)
    return "".join(marks) if len(marks) > 1 else ""


def _shouting(text: str, names: Sequence[str]) -> str:
    for found in (*_SPELT.findall(text), *(m[0] for m in _JUMPING.finditer(text))):
        if not any(contains(name, found) for name in names):
            return str(found)
    loud = [word for word in _CAPITALS.findall(text) if not any(contains(n, word) for n in names)]
    if len(loud) > 2:  # three acronyms in one line are a shout in short words
        return " ".join(loud)
    return next((word for word in loud if len(word) > _ACRONYM), "")


def _phone(text: str, _: Sequence[str]) -> str:
    bare = _DATE.sub(" ", text)
    for hit in _DIGITS.finditer(bare):
        if sum(map(str.isdigit, hit[0])) >= _PHONE_DIGITS:
            return str(hit[0]).strip()
    vanity = _VANITY.search(bare)
    return str(vanity[0]) if vanity else ""


def _emoji(text: str, _: Sequence[str]) -> str:
    return text if has_emoji(text) else ""


def _click(text: str, _: Sequence[str]) -> str:
    return next((phrase for phrase in _CLICK if contains(text, phrase)), "")


FORMS: dict[str, Kind] = {
    "exclamation": Kind(
        _pattern(regex.compile("[!！¡]")),
        "has an exclamation mark, which this field must not have; end it without",
    ),
    "exclamations": Kind(
        _exclamations,
        "has more than one exclamation mark; keep one at most",
    ),
    "repeated-punctuation": Kind(
        _repeated,
        "repeats punctuation (“{}”); write the mark once",
    ),
    "shouting": Kind(_shouting, "shouts (“{}”); write it in ordinary capitals"),
    "phone": Kind(_phone, "has a phone number (“{}”); remove it"),
    "url": Kind(_pattern(_LINK), "has a link (“{}”); remove it"),
    "hashtag": Kind(_pattern(regex.compile(r"[#＃]\w*")), "has a hash sign (“{}”); remove it"),
    "mention": Kind(_pattern(regex.compile(r"(?<!\w)[@＠]\w*")), "has a mention (“{}”); remove it"),
    "braces": Kind(_pattern(regex.compile(r"[{}]")), "has a brace (“{}”); remove it"),
    "emoji": Kind(_emoji, "has emoji, which this platform refuses; remove them"),
    "halfwidth-katakana": Kind(
        _pattern(regex.compile(r"[\uFF66-\uFF9F]+")),
        "has half-width katakana (“{}”); write full-width ones",
    ),
    "bullets": Kind(_pattern(_BULLET), "has a list (“{}”); write sentences"),
    "click-here": Kind(_click, "says “{}”, which fits any ad; say what the reader gets"),
}
