"""Which language a line of copy is in, and whether that is the one that was asked for.

Scripts are told by their characters, Simplified from Traditional Chinese by characters that only
one of the two has, languages in Latin, Arabic and Cyrillic letters by py3langid (BSD-3). Short
lines, names and loan words tell too little and pass: `wrong_language` speaks only when it is sure,
and a whole draft is surer than its lines. Knows no limits and no brand.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import regex

from contentfab.rules.locales import language

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

# Under this many letters a line in Latin script passes; ad lines such as `Pour me over` or
# `Continue de onde parou` are read as another language by every detector that was tried.
MIN_LETTERS = 10
MIN_WORDS = 3
# How sure the detector must be of another language, and how sure that it is not the wanted one.
# Both together: near languages (pt and es) share so many words that one alone misjudges lines.
SURE, NOT_THIS = 0.7, 0.05
# A foreign script takes over a line when it has this share of its characters.
FOREIGN_SHARE = 0.5
# Latin words in a line of another script: loan words and names are common, sentences are not.
LOAN_LETTERS, LOAN_WORDS = 20, 4

# Languages that copy for another market is likely to be in by mistake, by script.
_LATIN = (
    "en", "de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "fi", "pl", "cs", "tr", "id", "ro",
    "vi", "hu", "ca",
)  # fmt: skip
_ARABIC = ("ar", "fa", "ur")
_CYRILLIC = ("ru", "uk", "bg", "sr")
_TABLES = {"Latin": _LATIN, "Arabic": _ARABIC, "Cyrillic": _CYRILLIC}
# The scripts that a language is written in; others are Latin.
_SCRIPTS = {
    "zh-Hans": ("Han",), "zh-Hant": ("Han",), "ja": ("Han", "Kana"), "ko": ("Hangul",),
    "ar": ("Arabic",), "fa": ("Arabic",), "ur": ("Arabic",), "ru": ("Cyrillic",),
    "uk": ("Cyrillic",), "bg": ("Cyrillic",), "sr": ("Cyrillic", "Latin"), "el": ("Greek",),
    "he": ("Hebrew",), "th": ("Thai",), "hi": ("Devanagari",),
}  # fmt: skip
_PATTERNS = {
    "Han": r"\p{Han}", "Kana": r"[\p{Hiragana}\p{Katakana}]", "Hangul": r"\p{Hangul}",
    "Arabic": r"\p{Arabic}", "Cyrillic": r"\p{Cyrillic}", "Greek": r"\p{Greek}",
    "Hebrew": r"\p{Hebrew}", "Thai": r"\p{Thai}", "Devanagari": r"\p{Devanagari}",
    "Latin": r"\p{Latin}",
}  # fmt: skip
_COUNTERS = {name: regex.compile(rf"(?=\p{{L}}){p}") for name, p in _PATTERNS.items()}
_SPOKEN = {"Kana": "ja", "Hangul": "ko", "Greek": "el", "Hebrew": "he", "Thai": "th",
           "Devanagari": "hi"}  # fmt: skip
_CJK = {"Han", "Kana", "Hangul"}
_NOISE = regex.compile(r"https?://\S+|\S+@\S+|[@#]\w+|\{[^{}]*\}|【[^】]*】")
_WORDS = regex.compile(r"\p{L}+")
# Lines of Chinese characters alone may be Japanese headlines (`全国送料無料`); from this many on
# the detector is asked, and must give Japanese next to nothing.
MIN_HAN, NOT_JAPANESE = 6, 0.02
# Characters of Big5 level 1 that GB 2312 lacks, yet are no traditional forms of others: either
# side may use them (names, units, rare words).
_BOTH = frozenset(
    "佺兛吋呎哩啗喫崁巉弔彷徬昉晞暍暱枓楣煖煆焜熅珮玨琍琯瑯璘璟瓖祐祇箬篛脣菸衹裯跼踡踫韹鰤"
)
_MAINLAND_OK = frozenset("着嘭噗咔咣哐嗨酶啉藁户")
# Forms of the Japanese standard that Hong Kong and older Chinese print use as well.
_CHINESE_TOO = frozenset("裏羣衆説峯廻舘靭麪鋭閲銹鎭眞爲鷄黙姉寛畑込丼")


def wrong_language(text: str, locale: str, names: Iterable[str] = ()) -> str:
    """The language that `text` is in when that is surely not the one of `locale`, else "".

    `names` (products, brands, slogans) are taken out first. Chinese is told as `zh-Hans` and
    `zh-Hant`, other languages by their ISO 639-1 code.
    """
    bare = _NOISE.sub(" ", text)
    for name in sorted(set(names), key=len, reverse=True):
        bare = _name(name).sub(" ", bare) if name else bare
    return _verdict(bare, language(locale))


@lru_cache(maxsize=8192)
def _verdict(text: str, wanted: str) -> str:
    counts = {name: len(counter.findall(text)) for name, counter in _COUNTERS.items()}
    # A Chinese, Japanese or Korean character says about as much as two letters.
    weights = {name: n * (2 if name in _CJK else 1) for name, n in counts.items() if n}
    whole = sum(weights.values())
    if not whole:
        return ""
    scripts = _SCRIPTS.get(wanted, ("Latin",))
    foreign = {name: n for name, n in weights.items() if name not in scripts}
    if foreign and sum(foreign.values()) > FOREIGN_SHARE * whole:
        found = _of_script(text, max(foreign, key=lambda name: foreign[name]), counts, wanted)
        if found:
            return found
    if wanted in ("zh-Hans", "zh-Hant", "ja"):
        return _wrong_han(text, wanted, counts)
    for script in scripts:
        if script in _TABLES and counts.get(script, 0) >= MIN_LETTERS:
            return _detected(text, wanted, script)
    return ""


def _of_script(text: str, script: str, counts: dict[str, int], wanted: str) -> str:
    """The language of a line whose main script is not that of the wanted language."""
    if script == "Latin":
        if counts["Latin"] < LOAN_LETTERS or len(_WORDS.findall(text)) < LOAN_WORDS:
            return ""
        return _best(text, _LATIN)[0][0]
    if script == "Han":
        if counts["Kana"] or _only(text, _japanese()):
            return "ja"
        if wanted == "ko" and counts["Han"] < 4:  # 新, 無 and such are set into Korean copy
            return ""
        return "zh-Hant" if _only(text, _traditional()) else "zh-Hans"
    if script in _TABLES:
        return _best(text, _TABLES[script])[0][0]
    return _SPOKEN[script]


def _wrong_han(text: str, wanted: str, counts: dict[str, int]) -> str:
    """Chinese in the other script, Japanese in Chinese copy, Chinese in Japanese copy."""
    if wanted == "ja":
        if counts["Kana"] or _only(text, _japanese()):
            return ""
        if any(not _encodes(char, "shift_jis") for char in _only(text, _simplified())):
            return "zh-Hans"
        if counts["Han"] < MIN_HAN or dict(_best(text, ("zh", "ja")))["ja"] > NOT_JAPANESE:
            return ""
        return "zh-Hant" if _only(text, _traditional()) else "zh-Hans"
    # One の is a fashion in Chinese shop signs; a sentence has more.
    if counts["Kana"] > 1 or _only(text, _japanese()):
        return "ja"
    other = _traditional() if wanted == "zh-Hans" else _simplified()
    if _only(text, other):
        return "zh-Hant" if wanted == "zh-Hans" else "zh-Hans"
    return ""


def _detected(text: str, wanted: str, script: str) -> str:
    if len(_WORDS.findall(text)) < MIN_WORDS:
        return ""
    ranked = _best(text, tuple(dict.fromkeys((*_TABLES[script], wanted))))
    chances = dict(ranked)
    best, chance = ranked[0]
    if wanted not in chances or best == wanted:
        return ""
    return best if chance >= SURE and chances[wanted] <= NOT_THIS else ""


def _best(text: str, among: tuple[str, ...]) -> list[tuple[str, float]]:
    """Languages with their probabilities, likeliest first; of those that the detector knows."""
    ranked = [entry for entry in _detector().rank(text.lower()) if entry[0] in among]
    whole = sum(chance for _, chance in ranked) or 1.0
    return [(code, chance / whole) for code, chance in ranked]


@cache
def _detector() -> LanguageIdentifier:
    # Imported here: it loads numpy and a model, which no command needs before copy is checked.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(detector.labels)
    wanted = {"zh", "ja", "ko", *_SCRIPTS, *(code for table in _TABLES.values() for code in table)}
    detector.set_languages(sorted(wanted & known))  # fewer columns: four times as fast
    return detector


def _only(text: str, characters: frozenset[str]) -> str:
    return "".join(char for char in text if char in characters)


@cache
def _simplified() -> frozenset[str]:
    """Characters that only Simplified Chinese has: in GB 2312, but not in Big5."""
    return frozenset(c for c in _han() if _encodes(c, "gb2312") and not _encodes(c, "big5")) - (
        _MAINLAND_OK
    )


@cache
def _japanese() -> frozenset[str]:
    """Characters that only Japanese has: in JIS X 0208, but in neither GB 2312 nor Big5."""
    others = ("gb2312", "big5")
    found = (c for c in _han() if _encodes(c, "shift_jis"))
    return frozenset(c for c in found if not any(_encodes(c, o) for o in others)) - _CHINESE_TOO


@cache
def _traditional() -> frozenset[str]:
    """Characters that only Traditional Chinese has: the frequent ones of Big5 (its level 1), not
    in GB 2312."""
    found = {c for c in _han() if _encodes(c, "big5") and not _encodes(c, "gb2312")}
    return frozenset(c for c in found if c.encode("big5") < b"\xc6\xa1") - _BOTH


def _han() -> Iterable[str]:
    """The unified ideographs of Unicode 1.1: those that the old encodings have."""
    return map(chr, range(0x4E00, 0x9FA6))


def _encodes(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1024)
def _name(name: str) -> regex.Pattern[str]:
    """A name in a text, whatever its case and however its blanks are written."""
    parts = [regex.escape(part) for part in name.split()]
    return regex.compile(r"[\s\u00a0\-]*".join(parts) or r"(?!)", regex.IGNORECASE)
