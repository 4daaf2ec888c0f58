"""Text made ready for typesetting: where lines may break, and where they had better not.

A text becomes phrases. Languages with spaces break at spaces; Chinese, Japanese and Thai at the
ends of phrases, Chinese and Japanese first of all after punctuation. Numbers stay with their
units, short function words with the word they belong to. Scripts that only a paragraph setter can
break (Khmer, Lao, Burmese) are left whole. Knows nothing about sizes, fonts or templates.
"""

from __future__ import annotations

import itertools
import re
from functools import cache
from typing import Any

import pyphen  # type: ignore[import-untyped]

from contentfab.backends import _typst_phrases as _phrases

UNPHRASED = frozenset(("lo", "km", "my"))
LONG_WORD = 14
"""Words of this many letters may be hyphenated when they force the type to be small."""
MOST_WORDS = 40
"""Texts of more phrases are set as plain paragraphs."""
STUMP = 4
"""Fewest letters before and after a hyphen."""

LEANING = {
    "en": "a an the of to in on at by for and or your my our is it its no with from as than",
    "de": "der die das den dem des ein eine einen einem einer und oder für mit von zu im in am "
    "an auf bei so ihr dein deine kein keine",
    "es": "el la los las un una de del y o en con por para tu su al sin más que no",
    "fr": "le la les un une de des du et ou en au aux à pour par sur avec votre ta ton ne",
    "it": "il lo la i gli le un una di del e o in con per a da tuo tua",
    "pt": "o a os as um uma de do da e ou em com por para seu sua no na",
}
"""Words that lean on the next one: a line should not end in them."""

PAUSES = {"zh": (-2.0, -1.5, -0.8), "ja": (-2.0, -1.5, -0.8)}
"""What a break after a full stop, a comma and an item of a list gains in languages whose lines end
there before all else: -1.5 lets the longest of two lines have two thirds of the text."""
LATIN_PAUSES = (-1.2, -0.5, -0.5)
SHORT_END = 0.4
"""A last word of less than this share of the letters had better not stand alone."""
NUMBER = re.compile(r"^[\W_]*\d[\d.,:/×x%‰°-]*$")
UNIT = re.compile(r"^[^\W\d_]{1,4}[.,;!?]?$|^[€$£¥%°]")
SCRIPT_CHANGE = re.compile(
    r"(?<=[\u4e00-\u9fff])(?=[\u30a0-\u30ff])|(?<=[\u3040-\u309f])(?=[\u4e00-\u9fff\u30a0-\u30ff])"
)
LONG_PHRASE = 7
"""Japanese phrases of more characters may also end where the script changes."""
CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def entry(text: str, locale: str, *, upper: bool = False) -> dict[str, Any] | None:
    """What a template gets of a text: None when empty, else its words with `space` (one before
    it), `penalty` (against a break after it: up to 1, negative in favour) and `soft` (a break
    after it shows a hyphen), the `raw` text, and whether its words may be trusted (`phrased`)."""
    text = " ".join(text.split())
    if not text:
        return None
    if upper:
        text = upper_case(text, locale)
    language, words = locale.split("-")[0], phrases(text, locale)
    return {
        "raw": text,
        "phrased": language not in UNPHRASED and len(words) <= MOST_WORDS,
        "tokens": words,
    }


def upper_case(text: str, locale: str) -> str:
    """Capitals by the locale's rules: Turkish and Azeri keep the dot of i."""
    if locale.split("-")[0] in ("tr", "az"):
        text = text.replace("i", "İ")
    return text.upper()


def phrases(text: str, locale: str) -> list[dict[str, Any]]:
    """The text cut at every place where a line may end."""
    name = _phrases.parser_name(locale)
    words: list[dict[str, Any]] = []
    for i, word in enumerate(text.split(" ")):
        pieces = _phrases.cut(word, name) if name and not word.isascii() else [(word, 0.0)]
        for j, (piece, penalty) in enumerate(pieces):
            parts = SCRIPT_CHANGE.split(piece) if len(piece) > LONG_PHRASE else [piece]
            for k, part in enumerate(parts):
                space = i > 0 and j == 0 and k == 0
                against = 0.35 if k < len(parts) - 1 else penalty
                words.append({"text": part, "space": space, "penalty": against, "soft": False})
    bound = _bound(words, locale.split("-")[0])
    return [part for word in bound for part in _syllables(word, locale)]


def _syllables(word: dict[str, Any], locale: str) -> list[dict[str, Any]]:
    """A long word in the parts that it may be hyphenated into."""
    text = word["text"]
    name = pyphen.language_fallback(locale.replace("-", "_"))
    if name is None or _letters(text) < LONG_WORD or CJK.search(text):
        return [word]
    cuts = [
        cut
        for cut in _hyphens(name).positions(text)
        if _letters(text[:cut]) >= STUMP and _letters(text[cut:]) >= STUMP
    ]
    edges = [0, *cuts, len(text)]
    return [
        {
            "text": text[start:end],
            "space": word["space"] and start == 0,
            "penalty": word["penalty"] if end == len(text) else 0.5,
            "soft": end != len(text),
        }
        for start, end in itertools.pairwise(edges)
    ]


def _bound(words: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Joins numbers with their units, and gives penalties to breaks that read badly."""
    leaning = frozenset(LEANING.get(language, "").split())
    bound: list[dict[str, Any]] = []
    for word in words:
        if (
            bound
            and word["space"]
            and _belongs(bound[-1]["text"].split(" ")[-1], word["text"], language)
        ):
            bound[-1] = bound[-1] | {"text": f"{bound[-1]['text']} {word['text']}"}
        else:
            bound.append(word)
    after_stop, after_pause, after_item = PAUSES.get(language, LATIN_PAUSES)
    for i, word in enumerate(bound[:-1]):
        last, spaced = word["text"].split(" ")[-1], bound[i + 1]["space"]
        if last[-1] in ".!?。！？；｜|":
            word["penalty"] = after_stop
        elif last[-1] in ",，:：;—–":
            word["penalty"] = after_pause
        elif last[-1] == "、":
            word["penalty"] = after_item
        elif spaced and last.lower() in leaning:
            word["penalty"] = 0.6
        elif spaced and NUMBER.match(last):
            word["penalty"] = 0.8
        elif spaced and language in PAUSES:
            word["penalty"] = 0.4
    if len(bound) > 2 and language not in PAUSES and bound[-2]["penalty"] >= 0.0:
        whole = sum(len(word["text"]) for word in bound)
        if len(bound[-1]["text"]) < SHORT_END * whole:
            bound[-2]["penalty"] = max(0.7, bound[-2]["penalty"])
    return bound


def _belongs(left: str, right: str, language: str) -> bool:
    if language in PAUSES and left.isascii() and left.isalpha() and NUMBER.match(right[0]):
        return True
    if left[-1] in ".!?":
        return False
    amount = bool(NUMBER.match(left)) and bool(UNIT.match(right))
    return amount or right in ("%", "€", "–", "—", "·", "&", "!", "?", ":", ";", "»")


def _letters(word: str) -> int:
    return max(
        (len(part) for part in re.findall(r"[^\W\d_]+", word) if not CJK.search(part)), default=0
    )


@cache
def _hyphens(name: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=name)
