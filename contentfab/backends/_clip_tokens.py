"""Texts to token numbers with a model folder's own byte-pair merges, without open_clip.

The numbers are exactly those of open_clip's SimpleTokenizer for the same file: cleaning, splitting
and merging follow its format (Sennrich, Haddow and Birch 2016, "Neural Machine Translation of Rare
Words with Subword Units", over bytes). Knows no model.
"""

from __future__ import annotations

import gzip
import html
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import regex
from numpy.typing import NDArray

from contentfab.errors import InputError

Tokens = NDArray[np.int64]
MERGES_READ = 49152 - 256 - 2
"""open_clip reads no more lines of a vocabulary than CLIP's own has."""

START, END = "<start_of_text>", "<end_of_text>"
WORD = regex.compile(
    rf"{START}|{END}|'s|'t|'re|'ve|'m|'ll|'d|[\p{{L}}]+|[\p{{N}}]|[^\s\p{{L}}\p{{N}}]+",
    regex.IGNORECASE,
)


class Merges:
    """A vocabulary file: a title line, then one merge a line, gzip-compressed."""

    def __init__(self, path: Path) -> None:
        try:
            lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise InputError(
                f"{path.name}: not a gzip-compressed list of merges: {error}",
                hint="Take the file from where the model came from again.",
            ) from None
        merges = [tuple(line.split()) for line in lines[1 : MERGES_READ + 1]]
        self._letters = _letters()
        symbols = list(self._letters.values())
        words = [*symbols, *(f"{symbol}</w>" for symbol in symbols)]
        words += ["".join(merge) for merge in merges]
        words += [START, END]
        self._numbers = {word: number for number, word in enumerate(words)}
        self._ranks = {merge: rank for rank, merge in enumerate(merges)}
        self._words: dict[str, tuple[int, ...]] = {
            word: (self._numbers[word],) for word in (START, END)
        }

    def tokens(self, texts: Sequence[str], room: int) -> Tokens:
        """Shape (n, room): start, the text, end, then zeros; a longer text is cut to
        end with the end token."""
        found = np.zeros((len(texts), room), np.int64)
        start, end = self._numbers[START], self._numbers[END]
        for row, text in zip(found, texts, strict=True):
            numbers = [start, *self.encode(text), end]
            if len(numbers) > room:
                numbers = [*numbers[: room - 1], end]
            row[: len(numbers)] = numbers
        return found

    def encode(self, text: str) -> list[int]:
        """The numbers of a text, without start and end."""
        return [number for word in WORD.findall(_clean(text)) for number in self._word(word)]

    def _word(self, word: str) -> tuple[int, ...]:
        if word not in self._words:
            symbols = [self._letters[byte] for byte in word.encode("utf-8")]
            symbols[-1] += "</w>"
            merged = self._merged(symbols)
            self._words[word] = tuple(self._numbers[symbol] for symbol in merged)
        return self._words[word]

    def _merged(self, symbols: list[str]) -> list[str]:
        """Joins the pair that was learned first, everywhere, until none is left."""
        last = len(self._ranks)
        while len(symbols) > 1:
            best = min(itertools.pairwise(symbols), key=lambda pair: self._ranks.get(pair, last))
            if best not in self._ranks:
                break
            joined: list[str] = []
            at = 0
            while at < len(symbols):
                if tuple(symbols[at : at + 2]) == best:
                    joined.append("".join(best))
                    at += 2
                else:
                    joined.append(symbols[at])
                    at += 1
            symbols = joined
        return symbols


def _clean(text: str) -> str:
    """Mended mojibake, HTML entities as characters (twice, as in scraped captions), single spaces,
    small letters."""
    import ftfy

    mended = html.unescape(html.unescape(ftfy.fix_text(text)))
    return " ".join(mended.split()).lower()


def _letters() -> dict[int, str]:
    """A visible character for each byte: printable Latin-1 stands for itself, the other bytes, in
    order, for the characters from U+0100 on. The order is that of the token numbers."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {
        byte: chr(0x100 + n) for n, byte in enumerate(others)
    }
