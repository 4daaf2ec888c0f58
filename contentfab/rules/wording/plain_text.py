"""A text as a reader takes it in, without the tricks that hide a word from a plain search.

Three views of one text: `plain` (case, width, look-alike letters and invisible characters folded),
`joined` (emoji, dots and blanks between single letters gone too: `b e s t`, `b⭐st`) and `squeezed`
(no blanks and marks at all, for scripts without spaces). Knows no word lists; `compliance.py`,
`texts.py` and the rules of safety search in these views.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

CJK = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
_INVISIBLE = regex.compile(
    r"[\p{Cf}\p{Variation_Selector}\u034F\u115F\u1160\u17B4\u17B5\u3164\uFFA0]"
)
# Strokes through letters, accents that do not belong to one, Arabic vowel signs and the tatweel.
_MARKS = regex.compile(r"(?<=[\p{Latin}\p{Mn}])\p{Mn}|[\u064B-\u0652\u0670\u0640]")
_SPACES = regex.compile(r"\s+")
_WORD = regex.compile(r"[\p{L}\p{N}\p{Mn}]+")
_PICTURE = regex.compile(r"\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}")
# One mark between two letters: `guar.antee`, `be·st`; a hyphen joins too, in this view only.
_MARK_INSIDE = regex.compile(r"(?<=\p{L})[.·•・*_\-|/~^+](?=\p{L})")
# Three single letters or more, each alone: `b e s t`, `b - e - s - t`.
_SPELT_OUT = regex.compile(r"(?<![\w'])\p{L}(?:[^\w\n]{1,3}\p{L}(?!\w)){2,}")
_LETTER = r"[^\W_\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"
_NO_LETTER = regex.compile(r"\W+")
_DIGIT_INSIDE = regex.compile(r"(?<=\p{L})[013457@$]+(?=\p{L})")
_DIGITS = str.maketrans("013457@$", "oieastas")
_PADDING = regex.compile(
    r"[\s·・.*_\-|/~^+\\#'\"<>=()\[\]{}«»‹›“”‘’„「」『』【】〔〕《》〈〉（）［］〖〗…—–‐‑]"
    r"|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Co}|[■-◿★☆]"
)
_QUOTES = str.maketrans("’‘`´ʼ", "'''''")
# Letters of other scripts that look Latin, and small capitals (Unicode TR 39 calls the former
# confusable); only those that a reader cannot tell apart. Case is folded before.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһԛԝѵкмтвнɡοανιρτυκχεηγβըոսօɑᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
    "aeopcyxijsdhqwvkmtbhgoaviptukxenybenuoaabcdefghijklmnoprstuvwyz",
)
_OTHER = regex.compile(
    r"[\p{Cyrillic}\p{Greek}\p{Armenian}ɑɡ\u1D00-\u1D7F\u0262-\u02A3\uA730-\uA731]"
)
_BADGES = {
    start + i: chr(ord("a") + i) for start in (0x1F150, 0x1F170, 0x1F130) for i in range(26)
}  # 🅑 and 🅱


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Case-folded NFKC without invisible characters, single blanks, look-alikes as Latin."""
    if text.isascii():
        return _SPACES.sub(" ", text.replace("`", "'")).strip().lower()
    shown = _INVISIBLE.sub("", text).translate(_BADGES)
    folded = unicodedata.normalize("NFKC", shown).translate(_QUOTES).casefold()
    folded = _MARKS.sub("", unicodedata.normalize("NFC", folded))
    if _OTHER.search(folded):
        folded = _WORD.sub(_latin, folded)
    return _SPACES.sub(" ", folded).strip()


@lru_cache(maxsize=8192)
def joined(text: str) -> str:
    """`plain` without emoji, with spelt-out words and words split by a mark put together, and with
    digits that stand for letters read as those (`gu4rantee`)."""
    bare = _PICTURE.sub("", plain(_PICTURE.sub("", text)))
    bare = _SPELT_OUT.sub(lambda word: _NO_LETTER.sub("", word[0]), bare)
    bare = _MARK_INSIDE.sub("", bare)
    bare = _DIGIT_INSIDE.sub(lambda digits: digits[0].translate(_DIGITS), bare)
    return _SPACES.sub(" ", bare).strip()


@lru_cache(maxsize=8192)
def squeezed(text: str) -> str:
    """`plain` without blanks, brackets, quotes, dots and emoji; commas and stops stay, since a
    word does not reach across them."""
    return _PADDING.sub("", plain(text))


def letters(text: str) -> str:
    """Letters and digits of `plain` only: what makes two lines the same to a reader."""
    return _NO_LETTER.sub("", plain(text)).replace("_", "")


@lru_cache(maxsize=4096)
def word(term: str, before: str = "", after: str = "") -> regex.Pattern[str]:
    """Pattern that finds an already plain term as whole words; next to Chinese, Japanese or Korean
    characters a word ends without a blank. `before` and `after` are patterns of what may be
    written onto it."""
    left = rf"(?<!{_LETTER})" if term[0].isalnum() else ""
    right = rf"(?!{_LETTER})" if term[-1].isalnum() else ""
    return regex.compile(left + before + regex.escape(term) + after + right)


def contains(text: str, term: str) -> bool:
    """True when `term` stands in `text`: as whole words in scripts with spaces, anywhere in
    Chinese, Japanese and Korean. Case, width, emoji and spelling tricks are no disguise."""
    wanted = plain(term)
    if not wanted:
        return False
    if CJK.search(wanted):
        return squeezed(term) in squeezed(text)
    if word(wanted).search(plain(text)):
        return True
    tight = joined(term)
    return bool(tight) and word(tight).search(joined(text)) is not None


def _latin(found: regex.Match[str]) -> str:
    """A word whose foreign letters all look Latin, in Latin; a real Greek or Russian word as is."""
    token = found[0]
    shown = token.translate(_LOOKALIKES)
    return token if _OTHER.search(shown) else shown
