"""Nearest valid name for a name nobody knows, and nearest slug for text that is none.

Knows nothing about what the names stand for.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

LISTED = 40
SLUG_LENGTH = 64


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name that a typo most likely meant, or None when nothing is close."""
    folded: dict[str, str] = {}
    for candidate in sorted(valid):
        folded.setdefault(_fold(candidate), candidate)
    found = difflib.get_close_matches(_fold(name[:200]), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """The hint for an unknown name: the nearest one first, then all of them."""
    names = sorted(set(valid))
    if not names:
        return "none are known here"
    close = nearest(name, names)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    listed = f"valid: {', '.join(names[:LISTED])}{more}"
    return f"did you mean '{close}'? {listed}" if close else listed


def slug(text: str) -> str:
    """`text` as a slug (`^[a-z0-9][a-z0-9-]{0,63}$`); "" when it has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].strip("-")


def _fold(name: str) -> str:
    """Case and separators are what people get wrong first; compare without them."""
    return re.sub(r"[\s_.-]+", "-", name.casefold())
