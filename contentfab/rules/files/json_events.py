"""JSON text as events with line numbers. Strict: no comments, no trailing commas, no NaN.

Knows nothing about what the values mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from contentfab.rules.files.node_events import Event, SyntaxFault, read_number

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)|(?P<mark>[\[\]{}:,])|(?P<word>true|false|null)
    |(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
    |(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")""",
    re.VERBOSE,
)
_WORDS = {"true": True, "false": False, "null": None}


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def json_events(text: str) -> Iterator[Event]:
    """Events of one JSON value. Raises SyntaxFault with the line at the first fault.

    `expected` walks the grammar: value, first (value or close), key, first-key, colon, after."""
    open_: list[str] = []
    expected = "value"
    line = 1
    for kind, token, line in _tokens(text):
        if kind != "mark" and expected in ("value", "first"):
            yield _scalar(kind, token, line)
            expected = "after"
        elif kind == "string" and expected in ("key", "first-key"):
            yield _scalar(kind, token, line)
            expected = "colon"
        elif token == ":" and expected == "colon":
            expected = "value"
        elif token in ("[", "{") and expected in ("value", "first"):
            open_.append(token)
            expected = "first" if token == "[" else "first-key"
            yield Event("seq" if token == "[" else "map", line)
        elif token == "," and expected == "after" and open_:
            expected = "value" if open_[-1] == "[" else "key"
        elif _closes(token, open_, expected):
            open_.pop()
            expected = "after"
            yield Event("end", line)
        else:
            raise SyntaxFault(line, f"unexpected {token[:20]!r}", _hint(expected, open_))
    if open_ or expected != "after":
        raise SyntaxFault(line, "the file ends too early", _hint(expected, open_))


def _closes(token: str, open_: list[str], expected: str) -> bool:
    if token not in ("]", "}") or not open_:
        return False
    empty = "first" if token == "]" else "first-key"
    return open_[-1] + token in ("[]", "{}") and expected in ("after", empty)


def _tokens(text: str) -> Iterator[_Token]:
    offset, line = 0, 1
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            shown = text[offset : offset + 20].split("\n")[0]
            hint = "JSON wants double quotes, no comments and no line breaks inside text"
            raise SyntaxFault(line, f"no valid JSON at {shown!r}", hint)
        if match.lastgroup != "space":
            yield _Token(match.lastgroup or "", match.group(), line)
        line += len(re.findall(r"\r\n|\r|\n", match.group()))
        offset = match.end()


def _scalar(kind: str, token: str, line: int) -> Event:
    if kind == "word":
        return Event("scalar", line, _WORDS[token], None, token)
    if kind == "number":
        value, fault = read_number(token)
        return Event("scalar", line, value, None, token, fault)
    try:
        value = json.loads(token)
    except ValueError as error:
        hint = r"write \\ for a backslash, \u and four digits for a code"
        raise SyntaxFault(line, "a broken escape in a text", hint) from error
    return Event("scalar", line, value, None, value)


def _hint(expected: str, open_: list[str]) -> str:
    if expected == "after":
        missing = {"[": "',' or ']'", "{": "',' or '}'"}.get(open_[-1] if open_ else "", "the end")
        return f"expected {missing} here"
    names = {"colon": "':'", "key": "a key in double quotes (no comma before '}')"}
    return f"expected {names.get(expected, 'a value')} here"
