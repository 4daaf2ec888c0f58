"""What the YAML and JSON readers hand to the builder of documents: events, numbers, faults.

Knows nothing about either syntax, but for how both write numbers.
"""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

FieldPath = tuple[str | int, ...]
MAX_DIGITS = 30

_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


class Event(NamedTuple):
    """One step through a file. `value` is a scalar's value or an alias' name, `text` a scalar as
    written; `fault` is (message, hint) for a scalar that no field may hold."""

    kind: Literal["map", "seq", "end", "scalar", "alias"]
    line: int
    value: Any = None
    anchor: str | None = None
    text: str = ""
    fault: tuple[str, str] | None = None


class SyntaxFault(Exception):
    """Raised where a file cannot be read any further."""

    def __init__(self, line: int, message: str, hint: str, rule: str = "file.syntax") -> None:
        super().__init__(message)
        self.line, self.message, self.hint, self.rule = line, message, hint, rule


def read_number(text: str) -> tuple[Any, tuple[str, str] | None]:
    """`text` as int or float where it is one, else the text itself; with a fault when the number
    is too long or not finite."""
    if _INT.fullmatch(text) or _BASED.fullmatch(text) or _FLOAT.fullmatch(text):
        if len(text) > MAX_DIGITS:
            return text, (f"a number of {len(text)} digits", "shorten it, or put it in quotes")
        if _INT.fullmatch(text):
            return int(text), None
        if _BASED.fullmatch(text):
            return int(text, 0), None
        number = float(text)
        if abs(number) > 1e30:
            return text, ("a number beyond 1e30", "shorten it, or put it in quotes")
        return number, None
    if _NOT_FINITE.fullmatch(text):
        return text, ("not a finite number", "write a number")
    return text, None
