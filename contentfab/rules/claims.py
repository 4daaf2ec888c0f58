"""Numbers in copy must come from the product: an invented number is an invented claim.

A number counts as supported when the same value stands in the evidence, whatever the notation
(full-width digits, `1,000` and `1.000`, `24,50` and `24.5`); a percentage only when the evidence
has that percentage. Numbers written as words (`achtzehn`, `十八`) are not seen here, and a unit is
not compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_URL = re.compile(r"https?://\S+")
_NUMBER = re.compile(
    r"(\d+(?:[.,'’]\d+|\s\d{3}(?!\d))*)"
    r"(\s?(?:%|٪|per\s?cent\b|prozent\b|pour\s?cent\b|por\s?ciento\b|パーセント))?",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[.,'’\s]")


def unsupported_numbers(text: str, evidence: Iterable[str]) -> list[str]:
    """Numbers of `text`, as written, whose value stands nowhere in `evidence`."""
    written = _numbers(text)
    if not written:
        return []
    known = {value for source in evidence for _, values in _numbers(source) for value in values}
    return [number for number, values in written if not values & known]


@lru_cache(maxsize=8192)
def _numbers(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    if not any(char.isnumeric() for char in text):
        return ()
    plain = unicodedata.normalize("NFKC", _URL.sub(" ", text))
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
    return tuple((m[0].strip(), _values(m[1], bool(m[2]))) for m in _NUMBER.finditer(plain))


def _values(digits: str, percent: bool) -> frozenset[str]:
    """Every value that the notation may mean: `1.000` is one, or one thousand."""
    groups = _SEPARATOR.split(digits)
    readings = {_canonical(".".join(groups))} if len(groups) <= 2 else set()
    if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]):
        readings.add(_canonical("".join(groups)))
    if len(groups) > 2:
        readings.add(_canonical("".join(groups[:-1]) + "." + groups[-1]))
    return frozenset(value + "%" * percent for value in readings)


def _canonical(value: str) -> str:
    whole, _, part = value.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")
