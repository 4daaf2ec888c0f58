"""Text made ready for typesetting: where lines may break, and where they had better not.

A text becomes phrases. Languages with spaces break at spaces; Chinese, Japanese and Thai at the
ends of phrases, Chinese and Japanese first of all after punctuation; Korean at spaces only, so
that no particle leaves its word. What belongs together is never parted, short function words
rather not. Scripts that only a paragraph setter can break (Khmer, Lao, Burmese) are left whole.
Knows nothing about sizes, fonts or templates.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import cache
from typing import Any

import pyphen  # type: ignore[import-untyped]
import regex

from contentfab.backends import _typst_phrases as _phrases
from contentfab.backends._typst_bonds import EMOJI, NUMBER, belongs

UNPHRASED = regex.compile(r"[\p{Lao}\p{Khmer}\p{Myanmar}]")
"""Scripts without spaces whose words only typst's own segmenter (ICU's models) tells apart."""
LONG_WORD, LONG_WORD_NARROW = 14, 9
"""Words of this many letters may be hyphenated; the second in a narrow column."""
MOST_WORDS = 40
"""Texts of more phrases are set as plain paragraphs."""
STUMP = 4
"""Fewest letters before and after a hyphen."""

LEANING = {
    "en": "a an the of to in on at by for and or your my our is it its no with from as than all "
    "every each this these their but if so into over",
    "de": "der die das den dem des ein eine einen einem einer und oder für mit von zu im in am "
    "an auf bei so ihr dein deine kein keine",
    "es": "el la los las un una de del y o en con por para tu su al sin más que no",
    "fr": "le la les un une de des du et ou en au aux à pour par sur avec votre ta ton ne",
    "it": "il lo la i gli le un una di del e o in con per a da tuo tua",
    "pt": "o a os as um uma de do da e ou em com por para seu sua no na",
    "nl": "de het een en of van in op aan bij met voor te uit je jouw niet geen",
    "pl": "a i o u w z na do od po za we ze dla bez nie się twój twoja",
    "ko": "더 한 두 세 네 그 이 저 안 못 꼭 첫 새 잘 단 매 온 각 수 약 총",
    "ru": "и в во на с со к ко о об от по за из у не без для а но",
}
"""Words that lean on the next one: a line should not end in them."""

PAUSES = {"zh": (-2.0, -1.5, -0.8), "ja": (-2.0, -1.5, -0.8)}
"""What a break after a full stop, a comma and an item of a list gains in languages whose lines end
there before all else: -1.5 lets the longest of two lines have two thirds of the text."""
LATIN_PAUSES = (-1.2, -0.5, -0.5)
SHORT_END, FEW_WORDS = 0.4, 5
"""In a text of at most so many words, a last one of less than this share of the letters had better
not stand alone; in longer texts the width of the last line decides."""
SCRIPT_CHANGE = re.compile(
    r"(?<=[\u4e00-\u9fff])(?=[\u30a0-\u30ff])|(?<=[\u3040-\u309f])(?=[\u4e00-\u9fff\u30a0-\u30ff])"
)
LONG_PHRASE = 7
"""Japanese phrases of more characters may also end where the script changes."""
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
UNSPACED = regex.compile(r"[\p{Lao}\p{Khmer}\p{Myanmar}\p{Thai}\p{Han}\p{Hiragana}\p{Katakana}]")
SPACES = re.compile(r"[ \t\n\r\f\v\u0085\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]+")
"""Spaces at which a line may end; those that forbid it (U+00A0, U+2007, U+202F) are letters."""
ADDRESS = re.compile(r"://|@|\w\.\w.*[./]|^www\.")
"""Web and mail addresses: their words and hyphens are no places for a line to end."""
HYPHENATED = regex.compile(r"[\p{Latin}\p{Greek}\p{Cyrillic}]")
INNER_BREAK = regex.compile(r"(?<=\p{L}{4}[-‐])(?=\p{L}{4})|(?<=[—\u200b])(?=.)")
"""After the hyphen of a compound, an em dash, or a space of no width."""
UNSEEN = re.compile("[\u200b\u00ad]")
"""Characters that only say where a line may end."""
WHOLE = regex.compile(r"\d|\p{Hangul}|\p{Emoji_Presentation}|[\u200d\ufe0f]")
"""Words of a paragraph that typst itself would part, at a sign or between syllables."""


def entry(
    text: str, locale: str, *, upper: bool = False, narrow: bool = False
) -> dict[str, Any] | None:
    """What a template gets of a text: None when empty, else its words with `space` (one before
    it), `penalty` (against a break after it: up to 1, negative in favour) and `soft` (a break
    after it shows a hyphen), the `raw` text, whether its words may be trusted (`phrased`), and
    for those that may not the `runs` of a paragraph, of which the `whole` ones stay in one line.
    In a `narrow` column shorter words are hyphenated as well."""
    text = SPACES.sub(" ", text).strip(" ")
    if not text:
        return None
    words = phrases(text, locale, narrow=narrow)
    if upper:
        text = upper_case(text, locale)
        words = [word | {"text": upper_case(word["text"], locale)} for word in words]
    phrased = len(words) <= MOST_WORDS and not UNPHRASED.search(text)
    return {
        "raw": text,
        "phrased": phrased,
        "tokens": words if phrased else [],
        "runs": [] if phrased else _runs(text, locale),
    }


def upper_case(text: str, locale: str) -> str:
    """Capitals by the locale's rules: Turkish and Azeri keep the dot of i, Greek drops its
    accents."""
    language = locale.split("-")[0]
    if language in ("tr", "az"):
        text = text.replace("i", "İ")
    if language == "el":
        bare = unicodedata.normalize("NFD", text).replace("\u0301", "")
        text = unicodedata.normalize("NFC", bare)
    return text.upper()


def phrases(text: str, locale: str, *, narrow: bool = False) -> list[dict[str, Any]]:
    """The text cut at every place where a line may end."""
    words: list[dict[str, Any]] = []
    for i, word in enumerate(text.split(" ")):
        for j, (piece, penalty) in enumerate(_pieces(word, locale)):
            space = i > 0 and j == 0
            words.append({"text": piece, "space": space, "penalty": penalty, "soft": False})
    bound = _bound(words, locale.split("-")[0])
    least = LONG_WORD_NARROW if narrow else LONG_WORD
    return [part for word in bound for part in _syllables(word, locale, least)]


def _pieces(word: str, locale: str) -> list[tuple[str, float]]:
    """A word (a text without spaces) cut where it may end a line, with the penalties."""
    if ADDRESS.search(word):
        return [(UNSEEN.sub("", word), 0.0)]
    name = _phrases.parser_name(word, locale)
    if name is None:
        parts = [part.replace("\u200b", "") for part in INNER_BREAK.split(word)]
        return [(p, 0.0 if p is parts[-1] or p[-1] == "—" else 0.45) for p in parts if p]
    pieces: list[tuple[str, float]] = []
    for phrase, penalty in _phrases.cut(UNSEEN.sub("", word), name):
        parts = SCRIPT_CHANGE.split(phrase) if len(phrase) > LONG_PHRASE else [phrase]
        pieces += [(part, 0.35) for part in parts[:-1]]
        pieces.append((parts[-1], penalty))
    return pieces


def _syllables(word: dict[str, Any], locale: str, least: int) -> list[dict[str, Any]]:
    """A long word in the parts that it may be hyphenated into; one with soft hyphens in theirs."""
    text = word["text"]
    if "\u00ad" in text:
        parts = [part for part in text.split("\u00ad") if part]
    else:
        parts = [
            text[a:b] for a, b in itertools.pairwise([0, *_cuts(text, locale, least), len(text)])
        ]
    last = len(parts) - 1
    return [
        {
            "text": part,
            "space": word["space"] and i == 0,
            "penalty": word["penalty"] if i == last else 0.5,
            "soft": i != last,
        }
        for i, part in enumerate(parts)
    ]


def _cuts(text: str, locale: str, least: int) -> list[int]:
    """Positions at which a word of at least `least` letters may be hyphenated."""
    name = pyphen.language_fallback(locale.replace("-", "_"))
    plain = HYPHENATED.search(text) and not CJK.search(text) and not ADDRESS.search(text)
    if name is None or not plain or _letters(text) < least or " " in text:
        return []
    stump = min(STUMP, least // 3)
    return [
        cut
        for cut in _hyphens(name).positions(text)
        if _letters(text[:cut]) >= stump and _letters(text[cut:]) >= stump
    ]


def _bound(words: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Joins what belongs together, and gives penalties to breaks that read badly."""
    bound: list[dict[str, Any]] = []
    after = [word["text"] for word in words[1:]] + [""]
    for word, following in zip(words, after, strict=True):
        last = bound[-1]["text"].split(" ")[-1] if bound else ""
        leads = len(bound) == 1 and EMOJI.fullmatch(bound[0]["text"])
        if word["space"] and bound and (leads or belongs(last, word["text"], following, language)):
            joined = f"{bound[-1]['text']} {word['text']}"
            bound[-1] = bound[-1] | {"text": joined, "penalty": word["penalty"]}
        else:
            bound.append(word)
    _weigh(bound, language)
    return bound


def _weigh(bound: list[dict[str, Any]], language: str) -> None:
    """Sets the penalty against a line that ends after each word."""
    leaning = frozenset(LEANING.get(language, "").split())
    after_stop, after_pause, after_item = PAUSES.get(language, LATIN_PAUSES)
    for i, word in enumerate(bound[:-1]):
        last, spaced = word["text"].split(" ")[-1], bound[i + 1]["space"]
        if last[-1] in ".!?。！？；｜|":
            word["penalty"] = after_stop
        elif last[-1] in ",，:：;—–،؛":
            word["penalty"] = after_pause
        elif last[-1] == "、":
            word["penalty"] = after_item
        elif spaced and last.lower() in leaning:
            word["penalty"] = 0.6
        elif spaced and NUMBER.match(last):
            word["penalty"] = 0.8
        elif spaced and language in PAUSES:
            word["penalty"] = 0.4
    if 2 < len(bound) <= FEW_WORDS and language not in PAUSES and bound[-2]["penalty"] >= 0.0:
        whole = sum(len(word["text"]) for word in bound)
        if len(bound[-1]["text"]) < SHORT_END * whole:
            bound[-2]["penalty"] = max(0.7, bound[-2]["penalty"])


def _runs(text: str, locale: str) -> list[dict[str, Any]]:
    """A paragraph's text in runs; the `whole` ones typst may not part."""
    words = [
        {"text": word, "space": i > 0, "penalty": 0.0} for i, word in enumerate(text.split(" "))
    ]
    runs: list[dict[str, Any]] = []
    for word in _bound(words, locale.split("-")[0]):
        piece = (" " if word["space"] else "") + word["text"]
        whole = bool(WHOLE.search(piece)) and not UNSPACED.search(piece)
        if whole:
            runs += [{"text": " ", "whole": False}] * word["space"]
            runs.append({"text": word["text"], "whole": True})
        elif runs and not runs[-1]["whole"]:
            runs[-1] = {"text": runs[-1]["text"] + piece, "whole": False}
        else:
            runs.append({"text": piece, "whole": False})
    return runs


def _letters(word: str) -> int:
    return max(
        (len(part) for part in re.findall(r"[^\W\d_]+", word) if not CJK.search(part)), default=0
    )


@cache
def _hyphens(name: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=name)
