"""What a text says is not there: `sugar-free`, `ohne Zuckerzusatz`, `不含酒精和香精`.

Each substance is a claim of its own. Knows no product.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import regex

from contentfab.rules.claims.terms import Mention, terms
from contentfab.rules.claims.vocabulary import Words, load

_NATURAL = frozenset({"sugar"})  # what is in a product without being added to it
_AND = regex.compile(
    r"\s?(?:[,、/&]|(?<![^\W_])(?:and|or|und|oder|y|o|e|ni|et|ou|nor|noch|و)(?![^\W_])|[和与或及也とや및])\s?"
    r"(?:(?:and|or|und|oder|y|o|e|ni|et|ou|nor)\s)?"
)
# `-free` names a substance, known or not, but for these.
_FREE = {
    "en": regex.compile(r"(?<![^\W_])([a-z]{3,})-free(?![^\W_])"),
    "de": regex.compile(r"(?<![^\W_])([a-zäöüß]{4,}?)s?frei(?:e[nrsm]?)?(?![^\W_])"),
}
_CAREFREE = frozenset({
    "care", "carefree", "hands", "stress", "worry", "hassle", "fuss", "guilt", "risk", "duty",
    "trouble", "clutter", "drama", "pain", "jargon", "noise", "rent", "toll", "tax", "post",
    "error", "sorgen", "störungs", "barriere", "falten", "einwand", "vogel", "mühe",
    "zwang", "schul", "dienst", "wahl", "kosten", "risiko", "fehler", "kratz", "geräusch",
})  # fmt: skip


def absences(text: str, words: Words) -> Iterator[Mention]:
    """`sugar-free`, `ohne Zuckerzusatz`, `不含酒精和香精`: each substance that is said to lack."""
    found = sorted(terms(text, "ingredient", words), key=lambda hit: (hit[0], -hit[1]))
    last_end, last_key = -1, ""
    for hit in _FREE[words.language].finditer(text) if words.language in _FREE else ():
        if not any(s <= hit.start() < e for s, e, _ in found) and hit[1] not in _CAREFREE:
            yield Mention(*hit.span(), "absence", f"free of {hit[1][:6]}")
    for start, end, key in found:
        if start < last_end:
            continue
        absent = _absent(text, start, end, words)
        if absent:
            begin, stop, added = absent
            last_key = "added " if added and key in _NATURAL else ""
            last_end = stop if stop == end else -1  # `sugar-free` lists nothing after it
            yield Mention(begin, stop, "absence", last_key + key)
        elif last_end >= 0 and _AND.fullmatch(text[last_end:start]) and start > last_end:
            yield Mention(start, end, "absence", last_key + key)
            last_end = end


def _absent(text: str, start: int, end: int, words: Words) -> tuple[int, int, bool] | None:
    for name, added in (("added", True), ("absence", False)):
        for before, after in _frames(words.language, name):
            head = before.search(text, max(0, start - 32), start) if before else None
            tail = after.match(text, end) if after else None
            if (before is None or head) and (after is None or tail):
                return (head.start() if head else start, tail.end() if tail else end, added)
    return None


@cache
def _frames(
    language: str, name: str
) -> tuple[tuple[regex.Pattern[str] | None, regex.Pattern[str] | None], ...]:
    cjk = language in ("zh", "ja", "ko")
    left = "" if cjk else r"(?<![^\W_])"
    frames = []
    for frame in load("lexicon.yaml")[name].get(language, ()):
        before, _, after = frame.partition("{}")
        right = "" if cjk else r"(?![^\W_])"
        frames.append((
            regex.compile(rf"{left}{before}$") if before else None,
            regex.compile(rf"{after}{right}") if after else None,
        ))  # fmt: skip
    return tuple(frames)
