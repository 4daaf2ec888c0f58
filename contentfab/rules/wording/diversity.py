"""Near-duplicate copy: how alike two drafts are, and which drafts of a campaign to write again.

Likeness is the Jaccard index of character n-grams (Broder, 1997), exact, over an inverted index;
product and brand names, prices and links are masked first, since copy that differs in those alone
reads alike. Knows no copywriter; whoever asks `Seen` in plan order, not in the order in which
answers come, gets results that depend on the texts only.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import regex

from contentfab.records.channel import Channel
from contentfab.records.copy import CopyDraft, CopyRequest, Fields
from contentfab.rules.wording.plain_text import CJK, plain

# Two arms of one experiment must differ, or it measures nothing. Drafts that sell the same three
# points have 0.4 of their n-grams in common (median of the offline writer's, 0.6 at the 95th
# percentile); from 0.65 on most of their sentences are the same.
SAME_CELL = 0.65
# Other cells of the same locale and channel: a frame with another product in it is at 0.8
# and more once names are masked; two products of a range may well share a selling point.
OTHER_CELL = 0.80
# Entries of one list (RSA headlines): a plural or a changed word order is at 0.8 and more.
SAME_LIST = 0.80

_LETTERS_PER_GRAM, _CJK_PER_GRAM = 3, 2
_LINK = regex.compile(r"https?://\S+|www\.\S+")
_NUMBER = regex.compile(r"\d+(?:[.,:]\d+)*")
_NO_WORD = regex.compile(r"[^\p{L}\p{N}\p{M}]+")
_NAMED = ("cta", "business_name", "brand_name", "path1", "path2")


class Near(NamedTuple):
    """The draft that is most like another one: its variant, and their likeness from 0 to 1."""

    variant: str
    similarity: float


class Repeat(NamedTuple):
    """A draft to write again: it is too near `other`, which comes before it."""

    variant: str
    other: str
    similarity: float


Entry = tuple[CopyRequest, CopyDraft]


@dataclass(slots=True)
class Seen:
    """Drafts that a campaign already has, by locale and channel, for all segments.

    `nearest` finds the one most like a new draft among those; about 1 ms at 10,000
    drafts of one channel."""

    _groups: dict[tuple[str, str], _Index] = field(default_factory=dict)

    def nearest(self, draft: CopyDraft, request: CopyRequest) -> Near | None:
        """The most similar draft of another cell, the first of equals; None when there is none."""
        index = self._groups.get(_group(request))
        return index.nearest(grams_of(draft, request), request.cell.id) if index else None

    def add(self, draft: CopyDraft, request: CopyRequest) -> None:
        """Remember a draft."""
        index = self._groups.setdefault(_group(request), _Index())
        index.add(draft.variant, request.cell.id, grams_of(draft, request))


def similarity(one: frozenset[str], two: frozenset[str]) -> float:
    """Jaccard index of two sets of n-grams; 0 when either is empty."""
    if not one or not two:
        return 0.0
    shared = len(one & two)
    return shared / (len(one) + len(two) - shared)


def text_similarity(one: str, two: str) -> float:
    """How alike two lines are, from 0 to 1."""
    return similarity(_grams(plain(one)), _grams(plain(two)))


def grams_of(draft: CopyDraft, request: CopyRequest) -> frozenset[str]:
    """The n-grams of all texts of a draft that say something, names masked."""
    found: set[str] = set()
    for text in _texts(draft.fields, request.channel):
        found |= _grams(_masked(text, _names(request)))
    return frozenset(found)


def cell_repeats(drafts: Sequence[CopyDraft], request: CopyRequest) -> list[Repeat]:
    """Drafts of one cell that are too near an earlier one. The limit is strict: variants that say
    the same cannot be told apart by an experiment."""
    kept: list[tuple[str, frozenset[str]]] = []
    found: list[Repeat] = []
    for draft in drafts:
        grams = grams_of(draft, request)
        alike = [(similarity(grams, other), name) for name, other in kept]
        best, name = max(alike, key=lambda pair: pair[0], default=(0.0, ""))
        if best >= SAME_CELL:
            found.append(Repeat(draft.variant, name, best))
        else:
            kept.append((draft.variant, grams))
    return found


def distances(entries: Iterable[Entry]) -> dict[str, Near]:
    """For each variant the draft most like it in its locale and channel, own cell included: what a
    campaign achieved. `1 - similarity` is the distance; a variant that is alone has none."""
    groups: dict[tuple[str, str], list[tuple[str, frozenset[str]]]] = {}
    for request, draft in entries:
        groups.setdefault(_group(request), []).append((draft.variant, grams_of(draft, request)))
    found: dict[str, Near] = {}
    for members in groups.values():
        index = _Index()
        for variant, grams in members:
            index.add(variant, variant, grams)
        for variant, grams in members:
            near = index.nearest(grams, variant)
            if near is not None:
                found[variant] = near
    return found


@dataclass(slots=True)
class _Index:
    """Sets of n-grams with, for each n-gram, the numbers of the sets that have it."""

    variants: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    sizes: array[int] = field(default_factory=lambda: array("i"))
    holders: dict[str, array[int]] = field(default_factory=dict)

    def add(self, variant: str, cell: str, grams: frozenset[str]) -> None:
        number = len(self.variants)
        self.variants.append(variant)
        self.cells.append(cell)
        self.sizes.append(len(grams))
        for gram in grams:
            self.holders.setdefault(gram, array("i")).append(number)

    def nearest(self, grams: frozenset[str], cell: str) -> Near | None:
        import numpy as np  # here, so that reading rules costs no command its start-up time

        lists = [np.array(self.holders[gram], np.int32) for gram in grams if gram in self.holders]
        others = np.array([other != cell for other in self.cells])
        if not others.any():
            return None
        holders = np.concatenate([np.empty(0, np.int32), *lists])
        shared = np.bincount(holders, minlength=len(self.variants))
        union = np.maximum(np.array(self.sizes) + len(grams) - shared, 1)
        alike = np.where(others, shared / union, -1.0)
        best = int(alike.argmax())
        return Near(self.variants[best], float(alike[best]))


def _group(request: CopyRequest) -> tuple[str, str]:
    return request.cell.locale, request.cell.channel


def _texts(fields: Fields, channel: Channel) -> list[str]:
    """Texts that carry the message; names, paths and calls to action are alike by nature."""
    names = {rule.name for rule in channel.fields if not rule.prose} | set(_NAMED)
    said = [value for name, value in fields.items() if name not in names]
    return [text for v in said for text in ([v] if isinstance(v, str) else v)]


def _names(request: CopyRequest) -> tuple[str, ...]:
    product, brand = request.product, request.brand
    words = (product.name, brand.name, product.price, *product.disclaimers, *brand.required)
    marks = (*request.channel.disclosure.values(), *request.channel.opt_out.values())
    return tuple(sorted({word for word in (*words, *marks) if word}, key=len, reverse=True))


def _masked(text: str, names: tuple[str, ...]) -> str:
    bare = plain(_LINK.sub(" ", text))
    for name in names:
        bare = bare.replace(plain(name), " ")
    return _NUMBER.sub("0", bare)


@lru_cache(maxsize=16384)
def _grams(text: str) -> frozenset[str]:
    """Character n-grams of a plain text: three letters within and across words, or two Chinese,
    Japanese or Korean characters, which say more each."""
    words = f" {_NO_WORD.sub(' ', text).strip()} "
    if CJK.search(words):
        words, size = words.replace(" ", ""), _CJK_PER_GRAM
    else:
        size = _LETTERS_PER_GRAM
    if len(words) <= size:
        return frozenset((words,)) if words.strip() else frozenset()
    return frozenset(words[i : i + size] for i in range(len(words) - size + 1))
