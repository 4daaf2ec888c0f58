"""How long a text is for the EU's Code of Practice, which counts tokens and names no tokenizer.

Counts more than tokenizers do, so that a text that seems short is short: a word of a script with
spaces counts for its letters by four, other characters one each.
"""

from __future__ import annotations

from itertools import islice

import regex

VERY_SHORT = 200
"""Tokens from which generated text must be marked (Code of Practice of 2026-06-10, glossary)."""
_PIECE = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]|[\p{L}\p{M}]{1,4}|\p{N}{1,3}|[^\s\w]"
)


def about_tokens(text: str) -> int:
    """Number of pieces of a text, rather too many than too few; counts no further than needed."""
    return sum(1 for _ in islice(_PIECE.finditer(text), VERY_SHORT + 1))
