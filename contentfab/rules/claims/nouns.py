"""Content words: what a number counts, and whether two texts speak of the same thing.

Words are compared by their beginnings, Chinese and Japanese by pairs of characters; a small table
of synonyms crosses languages. No grammar.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

import regex

from contentfab.rules.claims.plain import GONE
from contentfab.rules.claims.vocabulary import Words, load

_WORD = regex.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|[.,;:!?()…¿¡\n]")
_HAN_RUN = regex.compile(r"[\p{Han}\p{Katakana}ーが-ん]+|[a-z]+")
_BREAK = regex.compile(r"[，。！？、；：,.!?;:\s" + GONE + "]")
_REACH = 2  # content words after a number that may name what it counts


def content(text: str, words: Words) -> tuple[str, ...]:
    """The content words of `text`, in order; pairs of characters where there are no blanks."""
    if words.language in ("zh", "ja"):
        found: list[str] = []
        for hit in _HAN_RUN.finditer(text):
            run = hit[0]
            if run.isascii():
                found.append(run)
                continue
            run = "".join(char for char in run if char not in words.stop)
            found += [run[i : i + 2] for i in range(len(run) - 1)] or ([run] if run else [])
        return tuple(found)
    return tuple(
        hit[0] for hit in _WORD.finditer(text) if hit[0][0].isalpha() and hit[0] not in words.stop
    )


def nouns_after(text: str, position: int, words: Words) -> tuple[str, ...]:
    """What stands after a number and may be what it counts, up to the end of the clause."""
    rest = text[position : position + 40]
    if words.language in ("zh", "ja"):
        run = _BREAK.split(rest.lstrip(), maxsplit=1)[0]
        run = regex.split(r"[的，。了与和是有就让在\d]", run)[0][:6]
        return content(run, words)[:4] if len(run) > 1 else tuple(run)
    found: list[str] = []
    for hit in _WORD.finditer(rest):
        word = hit[0]
        if not word[0].isalpha() or GONE in rest[: hit.start()]:
            break
        if word not in words.stop and len(word) > 1:
            found.append(word)
        if len(found) == _REACH:
            break
    return tuple(found)


def word_before(text: str, position: int, words: Words) -> str:
    """The content word right before a number: `pH 5.5`, `Bluetooth 5.3`, `Größe 50`."""
    head = text[max(0, position - 24) : position]
    hit = regex.search(r"([^\W\d_]+)(?:\s(?:of|de|von|in))?[\s:.(-]*$", head)
    if hit is None or GONE in head[hit.start() :]:
        return ""
    word = str(hit[1])
    if words.language in ("zh", "ja") and not word.isascii():
        return word[-2:]
    return "" if word in words.stop else word


def overlap(mine: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether one word of `mine` is, by beginning or meaning, one of `theirs`."""
    others = tuple(theirs)
    return any(alike(word, other) for word in mine for other in others)


@lru_cache(maxsize=16384)
def folded(word: str) -> str:
    """`word` without accents: the names of facts often lack them."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


@lru_cache(maxsize=65536)
def alike(one: str, other: str) -> bool:
    """`color` and `colors`, `Kakao` and `Kakaobohnen`, `cápsulas` and `pods`."""
    group = concept(one)
    if group and group == concept(other):
        return True
    one, other = folded(one), folded(other)
    if one == other:
        return True
    if not one.isascii() and regex.search(r"[\p{Han}\p{Katakana}\p{Hiragana}]", one):
        return bool(set(one) & set(other)) if 1 in (len(one), len(other)) else False
    short, long = sorted((one, other), key=len)
    if len(short) >= 4 and short in long:
        return True
    common = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        common += 1
    return common >= max(4, 0.6 * len(long)) or (common >= 3 and common >= len(short) - 1 > 2)


@lru_cache(maxsize=16384)
def concept(word: str) -> str:
    """The id of the group of synonyms that `word` belongs to, or nothing."""
    for name, terms in _synonyms().items():
        if any(word == term or (len(term) > 3 and word.startswith(term)) for term in terms):
            return name
    return ""


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    return {name: tuple(terms.split()) for name, terms in load("synonyms.yaml").items()}
