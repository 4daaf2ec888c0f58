"""Finds characters that nobody sees: zero-width ones, variation selectors, direction overrides.

Labels by invisible characters break character limits and vanish on paste, so ours have none; what
a script or an emoji needs (joiners in Persian and Hindi, variation selectors after an emoji or a
Han character, marks of direction beside right-to-left text) is no fault.
"""

from __future__ import annotations

import unicodedata

import regex

_HIDDEN = regex.compile(
    "[\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e01ef]"
)
_INDIC = "".join(
    rf"\p{{Script={name}}}"
    for name in (
        "Arabic", "Syriac", "Mongolian", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya",
        "Tamil", "Telugu", "Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar",
    )
)  # fmt: skip
_NEEDED = regex.compile(
    rf"(?<=[{_INDIC}])[\u200c\u200d]"
    r"|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})"
    r"|(?<=[\p{Emoji}])[\ufe0e\ufe0f]"
    r"|(?<=\p{Han})[\ufe00-\ufe02\U000e0100-\U000e01ef](?![\ufe00-\ufe0f\U000e0100-\U000e01ef])"
    r"|(?<=[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])\u200b"
    r"|(?<=\U0001f3f4[\U000e0020-\U000e007f]{0,6})[\U000e0020-\U000e007f]"
)
_RIGHT_TO_LEFT = regex.compile(r"[\p{Script=Arabic}\p{Script=Hebrew}]")
_MARKS = frozenset("\u200e\u200f\u2066\u2067\u2068\u2069")


def hidden_characters(text: str) -> list[str]:
    """Names such as `U+200B ZERO WIDTH SPACE` of the characters in `text` that nobody sees and
    nothing needs, each once, in order."""
    suspects = set(_HIDDEN.findall(_NEEDED.sub("", text)))
    if _RIGHT_TO_LEFT.search(text):
        suspects -= _MARKS
    return [f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in sorted(suspects)]
