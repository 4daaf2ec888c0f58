"""How long a text is: named metrics, since every platform counts differently.

One `len()` is wrong for most of them: an emoji with a skin tone is 2 code points, 4 UTF-16 units,
1 grapheme and 4 columns. A channel rule names its metric; `METRICS` maps the name to a pure
function from text to a whole number. Knows nothing about channels or limits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import regex

# 3GPP TS 23.038, default alphabet; the extension table costs two septets per character.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("\f^{}\\[~]|€")
GSM_SINGLE, GSM_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67

# twitter-text, config/v3.json: these code points weigh 1, all others 2, a URL 23, an emoji 2.
_X_HEAVY = regex.compile(r"[^\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]")
_X_URL = 23
_URL = regex.compile(r"https?://[^\s<>\"'（）「」，。、]+")
_GRAPHEME = regex.compile(r"\X")
_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Emoji}\uFE0F")


def codepoints(text: str) -> int:
    """Unicode code points."""
    return len(text)


def utf16(text: str) -> int:
    """UTF-16 code units, as JavaScript and many ad APIs count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    """Extended grapheme clusters (UAX #29): what a reader calls a character."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def gads_width(text: str) -> int:
    """Google Ads width: East Asian Wide and Fullwidth count 2, everything else 1."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def ocean_half(text: str) -> int:
    """Ocean Engine characters: two half-width characters make one, rounded up."""
    return (gads_width(text) + 1) // 2


def x_weighted(text: str) -> int:
    """Weight of a post on X, after NFC: of 280, CJK and emoji take 2, a URL 23."""
    text = unicodedata.normalize("NFC", text)
    links = len(_URL.findall(text))
    bare = _URL.sub("", text)
    if not has_emoji(bare):
        return links * _X_URL + len(bare) + len(_X_HEAVY.findall(bare))
    return links * _X_URL + sum(_x_weight(match[0]) for match in _GRAPHEME.finditer(bare))


def sms_segments(text: str) -> int:
    """Parts an SMS is sent (and billed) in: GSM-7 160 alone or 153 each, else UCS-2 70 or 67.

    One character outside GSM-7, such as a curly quote, turns the whole message to UCS-2. A pair
    (escape sequence, surrogates) is never split between two parts.
    """
    if not text:
        return 0
    if gsm7(text):
        return _parts([2 if char in GSM_EXTENSION else 1 for char in text], GSM_SINGLE, GSM_PART)
    return _parts([2 if ord(char) > 0xFFFF else 1 for char in text], UCS2_SINGLE, UCS2_PART)


def gsm7(text: str) -> bool:
    """True when a message goes out in GSM-7."""
    return all(char in GSM_BASIC or char in GSM_EXTENSION for char in text)


def has_emoji(text: str) -> bool:
    """True when a character is shown as an emoji; digits, © and ™ as text are none."""
    if text.isascii():
        return False
    return _EMOJI.search(text) is not None


def count_emoji(text: str) -> int:
    """How many emoji a reader sees; a family joined by joiners is one."""
    return sum(1 for cluster in _GRAPHEME.finditer(text) if _EMOJI.search(cluster[0]))


METRICS: dict[str, Callable[[str], int]] = {
    "codepoints": codepoints,
    "graphemes": graphemes,
    "gads_width": gads_width,
    "x_weighted": x_weighted,
    "ocean_half": ocean_half,
    "sms_segments": sms_segments,
    "utf16": utf16,
}

# What one unit of a metric is, for messages and prompts.
UNITS: dict[str, str] = {
    "codepoints": "characters",
    "graphemes": "characters",
    "gads_width": "width units (a Chinese, Japanese or Korean character counts 2)",
    "x_weighted": "X characters (Chinese, Japanese, Korean and emoji count 2, a link 23)",
    "ocean_half": "full-width characters (two Latin letters count as one)",
    "sms_segments": "SMS parts (160 plain or 70 other characters; 153 or 67 when several)",
    "utf16": "UTF-16 units",
}


def _x_weight(cluster: str) -> int:
    if _EMOJI.search(cluster):
        return 2
    return len(cluster) + len(_X_HEAVY.findall(cluster))


def _parts(costs: list[int], single: int, part: int) -> int:
    if sum(costs) <= single:
        return 1
    parts, used = 1, 0
    for cost in costs:
        if used + cost > part:
            parts, used = parts + 1, 0
        used += cost
    return parts
