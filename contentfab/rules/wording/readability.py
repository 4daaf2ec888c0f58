"""How easily a text reads: the Flesch reading ease in the form that was fitted to its language.

A number from about 0 (very hard) to 100 (very easy) from words per sentence and syllables per word.
The formulas were fitted to samples of 100 words; a line of copy has fewer, so that the number says
"long words, long sentences", not how old a reader must be. Languages without a published formula of
this kind, and texts of a few words, are not measured. Knows no brand and no channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import regex

from contentfab.rules.locales import language
from contentfab.rules.wording.syllables import syllables

MIN_WORDS = 12
"""Below this one word more or less moves the number by a whole school year."""


class Formula(NamedTuple):
    """ease = base - sentence * (words per sentence) - syllable * (syllables per word)."""

    name: str
    base: float
    sentence: float
    syllable: float


FORMULAS: dict[str, Formula] = {
    "en": Formula("Flesch", 206.835, 1.015, 84.6),
    "de": Formula("Amstad", 180.0, 1.0, 58.5),
    "es": Formula("Fernández Huerta", 206.84, 1.02, 60.0),
    "fr": Formula("Kandel-Moles", 207.0, 1.015, 73.6),
    "it": Formula("Flesch-Vacca", 206.0, 1.0, 65.0),
    "pt": Formula("Martins", 248.835, 1.015, 84.6),
    "nl": Formula("Douma", 206.84, 0.93, 77.0),
    "ru": Formula("Oborneva", 206.835, 1.3, 60.1),
}
"""By language. R. Flesch, A new readability yardstick, J. Appl. Psychology 32 (1948); T. Amstad,
Wie verständlich sind unsere Zeitungen? (Zürich 1978); J. Fernández Huerta, Medidas sencillas de
lecturabilidad (1959), with the sentence term per sentence as G. Law corrected it; L. Kandel and
A. Moles, Application de l'indice de Flesch à la langue française (1958); V. Franchina and R. Vacca,
Adaptation of Flesh readability index (1986), in the form 206 - 0.65 S - P; T. Martins et al.,
Readability formulas applied to textbooks in Brazilian Portuguese (ICMC-USP 1996); W. Douma, De
leesbaarheid van landbouwbladen (Wageningen 1960); I. Oborneva, dissertation (Moscow 2006)."""

_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’\-‐‑][\p{L}\p{M}]+)*|\d+(?:[.,:]\d+)*")
_SENTENCE = regex.compile(r"(?<!\d)[.!?…]+(?=[\s\p{P}]|$)|[.!?…]+(?=\s|$)|\n+")
_LINK = regex.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured: `ease` by `formula`, over so many words, sentences and syllables. `ease`
    is None when nothing could be measured, and `why` says why."""

    ease: float | None
    formula: str = ""
    words: int = 0
    sentences: int = 0
    syllables: int = 0
    why: str = ""


def reading_ease(texts: Iterable[str], locale: str, names: Iterable[str] = ()) -> Reading:
    """The reading ease of some texts together; each is at least a sentence of its own.

    `names` (products, brands) count as words, not in syllables per word: nobody can shorten them.
    So do numbers, whose syllables are not on the page."""
    tongue = language(locale)
    formula = FORMULAS.get(tongue)
    if formula is None:
        return Reading(None, why=f"not measured: no published formula for {tongue}")
    masked = [_masked(text, names) for text in texts]
    sentences = [words for text in masked for words in _sentences(text)]
    words = [word for sentence in sentences for word in sentence]
    if len(words) < MIN_WORDS:
        why = f"not measured: {len(words)} words are too few, {MIN_WORDS} can be"
        return Reading(None, formula.name, len(words), len(sentences), why=why)
    counted = [word for word in words if word[0].isalpha()]
    if not counted:
        return Reading(None, formula.name, len(words), len(sentences), why="not measured: no words")
    total = sum(syllables(word, tongue) for word in counted)
    ease = (
        formula.base
        - formula.sentence * len(words) / len(sentences)
        - formula.syllable * total / len(counted)
    )
    return Reading(round(ease, 1), formula.name, len(words), len(sentences), total)


def _masked(text: str, names: Iterable[str]) -> str:
    """Names as a number each, which has no syllables to count, links as nothing."""
    bare = _LINK.sub(" ", text)
    for name in sorted(set(names), key=len, reverse=True):
        if name:
            bare = regex.sub(rf"(?<!\w){regex.escape(name)}(?!\w)", "1", bare, flags=regex.I)
    return bare


def _sentences(text: str) -> list[list[str]]:
    found = (_WORD.findall(sentence) for sentence in _SENTENCE.split(text))
    return [words for words in found if words]
