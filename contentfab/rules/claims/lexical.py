"""Claims without a number: superlatives, certifications and ingredients.

Finds terms of `lexicon.yaml` in a plain text and gives each a key that is the same for the same
claim in other words. Knows no product.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import regex

from contentfab.rules.claims.absences import absences
from contentfab.rules.claims.nouns import content
from contentfab.rules.claims.plain import GONE
from contentfab.rules.claims.terms import Mention, longest, masked, terms
from contentfab.rules.claims.vocabulary import Words, load

_CODE = regex.compile(
    r"(?<![^\W_])(?:iso|din|astm|en iso|ipx?|class)[\s-]?\d{1,5}[a-z]?(?![^\W_])"
    r"|(?<![^\W_])a\+{1,3}(?!\w)|(?<![^\W_])mil-std-\d+\w?"
)
# Codes and models: `SAVE20`, `USB3`; `SPF50` and `pH5` are numbers with a name.
_TOKEN = regex.compile(
    r"(?<![\p{Latin}\d])(?!(?:spf|lsf|fps|ph|upf|us|eu|uk|b12|q10|b\d)\d*(?!\w))\p{Latin}+\d[\p{Latin}\d]*"
)
_ABSENT_ONLY = frozenset({
    "paraben", "silicone", "sulfate", "mineral-oil", "additive", "preservative", "colouring",
    "pfas", "plasticiser", "bpa", "phosphate", "heavy-metal", "formaldehyde", "microplastic",
    "gmo", "trans-fat", "gluten", "lactose", "plastic", "chlorine", "fragrance", "aluminium-salt",
    "sugar", "alcohol", "fried", "paraffin parafi",
})  # fmt: skip
_FOR = regex.compile(r"(?:(?<![^\W_])(?:for|für|para|pour|على)\s|适合|适用于?)$")
_SCOPE = {
    "en": "in|of|on|from|among", "de": "in|im|auf|von|unter|am|aus", "es": "del?|en|entre",
    "fr": "de|du|en|sur|au", "pt": "d[eoa]|n[oa]|em",
}  # fmt: skip


def mentions_first(text: str, words: Words) -> list[Mention]:
    """What must be taken out before numbers are read: `#1`, `ISO 9001`, `2x1`, `0 % sugar`."""
    found = [
        Mention(*hit.span(), "certification", hit[0].replace(" ", "").replace("-", ""))
        for hit in _CODE.finditer(text)
    ]
    found += [
        Mention(s, e, "duration" if key in ("around-the-clock", "lifetime") else "price", key)
        for s, e, key in terms(text, "offer", words)
    ]
    found += [
        Mention(s, e, "certification", key) for s, e, key in terms(text, "certification", words)
    ]
    found = [_certified(text, m, found, words) for m in longest(found)]
    found += absences(masked(text, found), words)
    found += [
        Mention(*hit.span(), "number", hit[0], hit[0])
        for hit in _TOKEN.finditer(masked(text, found))
    ]
    return longest(found)


def _certified(text: str, mention: Mention, others: list[Mention], words: Words) -> Mention:
    """`certified` by itself, joined to whose certificate it is: one of `others`, which is then the
    claim, or words that the lexicon does not know (`CertiPUR-US certified`)."""
    if mention.key != "certified":
        return mention
    for other in others:
        if 0 <= mention.start - other.end <= 2:
            return replace(mention, start=other.start, kind=other.kind, key=other.key)
    clause = regex.split(
        r"[,.;:!?，。！？；、\n]", text[max(0, mention.start - 24) : mention.start]
    )[-1]
    about = content(clause.replace(GONE, " "), words)[-2:]
    start = text.find(about[0], mention.start - len(clause)) if about else mention.start
    return replace(mention, start=start, about=about)


def superlatives(text: str, words: Words) -> list[Mention]:
    """`the best`, `lightest`, `number one`, `最轻`, with what they are said of."""
    found = [(s, e, key) for s, e, key in terms(text, "superlative", words)]
    for pattern in _forms(words.language):
        for hit in pattern.finditer(text):
            stem = (hit[1] or hit[0])[:5]
            if stem not in words.stop:
                found.append((hit.start(), hit.end(), f"most {stem}"))
    return longest([_superlative(text, s, e, key, words) for s, e, key in found])


def ingredients(text: str, words: Words) -> list[Mention]:
    """Named substances: those of the lexicon, and `… oil`, `… extract` of anything."""
    found = []
    for start, end, key in terms(text, "ingredient", words):
        if _FOR.search(text, max(0, start - 8), start):
            continue  # `for wool` is a use
        if key in _ABSENT_ONLY or (words.language in ("zh", "ja") and end - start < 2):
            continue
        found.append(Mention(start, end, "ingredient", key, text[start:end]))
    for pattern in _made_of(words.language):
        for hit in pattern.finditer(text):
            if hit[1] not in words.stop and len(hit[1]) > 1:
                found.append(Mention(*hit.span(), "ingredient", "made of", hit[0], (hit[1],)))
    return longest(found)


def _superlative(text: str, start: int, end: int, key: str, words: Words) -> Mention:
    clause_start = max(text.rfind(mark, 0, start) for mark in ".,;:!?，。！？、\n") + 1
    after = regex.split(r"[.,;:!?，。！？；、\n]", text[end : end + 48])[0].replace(GONE, " ")
    before = text[clause_start:start].replace(GONE, " ")
    inside = text[start:end]
    around = f"{before} {inside} {after}"
    scope = [hit[0] for hit in words.universal.finditer(around)]
    prepositions = _SCOPE.get(words.language)
    if prepositions and key != "award":
        for hit in regex.finditer(rf"(?<![^\W_])(?:{prepositions})\s([^\W\d_]{{3,}})", after):
            if hit[1] not in words.stop:
                scope.append(hit[1])
                break
    if words.cjk:
        about = content(after, words)[:3] or content(before, words)[-3:]
    elif words.language in ("es", "fr", "pt", "ar"):
        about = content(f"{inside} {after}", words)[:4]
        about = tuple(word for word in about if not key.endswith(word[:5]))
    else:
        about = content(after, words)[:2]
    return Mention(
        start, end, "superlative", key, inside, about, tuple(scope), bool(words.own.search(around))
    )


@cache
def _forms(language: str) -> tuple[regex.Pattern[str], ...]:
    return tuple(map(regex.compile, load("lexicon.yaml")["superlative_forms"].get(language, ())))


@cache
def _made_of(language: str) -> tuple[regex.Pattern[str], ...]:
    return tuple(map(regex.compile, load("lexicon.yaml")["made_of"].get(language, ())))
