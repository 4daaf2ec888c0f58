"""Words that no line end may part: amounts with their units and currencies, names with numbers,
emoji with the word before them, lone marks. Knows nothing about phrases, sizes or fonts."""

from __future__ import annotations

import regex

SPACED_NUMERALS = frozenset(("zh", "ja"))
"""Languages in which a Latin word before a number is part of a name."""
NUMBER = regex.compile(r"^[\W_]*\d[\d.,:/×x%‰°+–-]*$")
UNIT = regex.compile(r"^\p{L}{1,2}[.,;!?]?$|^(?!\p{Latin})\p{L}{1,4}[.,;!?]?$|^[€$£¥₹₩₺₽₫฿₪%‰°]")
"""Short words that count as units in any language; longer Latin ones are in MEASURE."""
MEASURE = regex.compile(
    r"^(?:[€$£¥₹₩₺₽₫฿₪%‰°]|(?:[mcd]?l|[kmµ]?g|[kcmd]?m|[km]?W|[kMGT]B|m?A?h|kr|zł|Kč|lei|Ft|RON|CHF|EUR|USD|oz"
    r"|lbs?|fl|in|ft|min|sec|hrs?|Std|Uhr|Tage?|days?|pcs?|Stk|Stück|off|OFF)\b)"
)
"""What makes the number before it an amount, and so no part of a name."""
PREFIX = regex.compile(
    r"^[(\[]?(?:\p{Sc}|[A-Z]{1,3}\p{Sc}|[A-Z]{3}|Rs\.?|Rp|RM|[Kk]r\.?|Fr\.|zł|Kč)$"
)
"""A currency before its amount."""
THOUSANDS = regex.compile(r"^\d{3}(?:[.,]\d+)?[.,;!?]?$")
"""The rest of a number that is grouped with spaces."""
COUNT = regex.compile(r"^\d[\w.,+/-]*[.,;:!?]?$")
NUMBERED = frozenset(("no.", "nr.", "nº", "n°", "№", "vol.", "art.", "type", "typ", "size", "spf"))
KOREAN_NUMERALS = frozenset(("한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열"))
"""Numerals that are written apart from the word that they count."""
SIGNS = frozenset("×x+–-/~=&·")
CLOSERS = frozenset(
    ("%", "‰", "€", "–", "—", "·", "&", "!", "?", ":", ";", "»", "…", "×", "+", "/")
)
OPENERS = frozenset(("«", "¿", "¡", "(", "[", "#", "@"))
EMOJI = regex.compile(
    r"(?:(?!\p{Nd}|[#*])\p{Emoji}|[\U0001F1E6-\U0001F1FF]|[\d#*]\uFE0F?\u20E3|\p{EMod}|[\u200D\uFE0E\uFE0F\U000E0020-\U000E007F])+"
)
"""A word of nothing but emoji: with their joiners, skin tones, flags and keycaps."""
PICTOGRAPH = regex.compile(r"[\p{Extended_Pictographic}\U0001F1E6-\U0001F1FF\u20E3]")


def has_emoji(text: str) -> bool:
    """Whether some character may be drawn as an emoji."""
    return PICTOGRAPH.search(text) is not None


def belongs(left: str, right: str, following: str, language: str) -> bool:
    """Whether no line may end between two words. `following` is the word after `right`, or ""."""
    if EMOJI.fullmatch(right):
        return True
    if language in SPACED_NUMERALS and left.isascii() and left.isalpha() and right[0].isdigit():
        return True
    if language == "ko" and left in KOREAN_NUMERALS and len(right) <= 3:
        return True
    if left in NUMBERED or left.lower() in NUMBERED:
        return bool(COUNT.match(right))
    if left[-1] in ".!?":
        return False
    return (
        right in CLOSERS or left in OPENERS or _amount(left, right) or _name(left, right, following)
    )


def _amount(left: str, right: str) -> bool:
    if NUMBER.match(left):
        return bool(
            UNIT.match(right) or MEASURE.match(right) or THOUSANDS.match(right) or right in SIGNS
        )
    return bool(NUMBER.match(right)) and (bool(PREFIX.match(left)) or left in SIGNS)


def _name(left: str, right: str, following: str) -> bool:
    """`iPhone 15`, `Stride 2`, `SPF 50`; but not `Only 39 €`, which is a word and an amount."""
    if not COUNT.match(right) or (NUMBER.match(right) and MEASURE.match(following)):
        return False
    return left[-1:].isalnum() and (any(c.isupper() for c in left) or any(map(str.isdigit, left)))
