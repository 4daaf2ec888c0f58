"""A small byte-pair vocabulary in the file format that open_clip's SimpleTokenizer reads.

Merges are learned from the captions and from the product's own scoring prompts (Sennrich, Haddow
and Birch 2016, "Neural Machine Translation of Rare Words with Subword Units"). Words that were
never seen still have tokens: their bytes.
"""

from __future__ import annotations

import gzip
import itertools
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import regex
from open_clip.tokenizer import bytes_to_unicode

WORD = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+", regex.IGNORECASE)


def learn(texts: Iterable[str], merges: int) -> list[tuple[str, str]]:
    """The `merges` most useful pairs, in order; ties go to the pair that sorts first."""
    alphabet = bytes_to_unicode()
    counts = Counter(word for text in texts for word in WORD.findall(text.lower()))
    words = {
        word: (*tuple(symbols[:-1]), symbols[-1] + "</w>")
        for word in counts
        if (symbols := [alphabet[b] for b in word.encode("utf-8")])
    }
    learned: list[tuple[str, str]] = []
    for _ in range(merges):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, symbols in words.items():
            for pair in itertools.pairwise(symbols):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        if pairs[best] < 2:
            break
        learned.append(best)
        words = {word: _merged(symbols, best) for word, symbols in words.items()}
    return learned


def write(merges: list[tuple[str, str]], path: Path) -> None:
    """As gzip with a fixed time stamp, so that the same merges give the same bytes."""
    text = "\n".join(["#version: contentfab", *(" ".join(pair) for pair in merges), ""])
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as out:
        out.write(text.encode("utf-8"))


def _merged(symbols: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    out: list[str] = []
    i = 0
    while i < len(symbols):
        if symbols[i : i + 2] == pair:
            out.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return tuple(out)
