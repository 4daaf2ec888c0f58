"""YAML and JSON files as plain values that know on which line every field stands.

YAML is read by the rules of YAML 1.2: `no`, `on` and `1:30` are text, only `true`/`false` are
yes/no. Nothing but maps, lists and plain scalars can come out; other tags are refused. Files are
turned into events and built up without recursion, so that deep nesting, alias bombs and huge
numbers end in a problem, not in a crash. Knows nothing about campaigns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from contentfab.errors import Problem
from contentfab.rules.files.json_events import json_events
from contentfab.rules.files.node_events import Event, FieldPath, SyntaxFault, read_number
from contentfab.rules.files.safe_files import FileFault, shorten
from contentfab.rules.files.text_files import (
    control_character,
    decode_text,
    line_at,
    without_controls,
)

MAX_DEPTH = 40
MAX_NODES = 2_000_000
MAX_ALIASED = 1_000_000

_CORE = "tag:yaml.org,2002:"
_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """A file's value with the line of every field. `value` is None when it could not be read."""

    value: Any
    lines: Mapping[FieldPath, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, path: FieldPath) -> int:
        """Line of the field at `path`, or of the nearest thing around it; 1 at the top."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def load_document(data: bytes, file: str, *, json: bool = False) -> Document:
    """Read the bytes of a YAML (or JSON) file; `file` is the name shown in problems.

    Never raises: what is wrong is in `problems`, with file, line and field."""
    try:
        text = decode_text(data)
        builder = _Builder(file)
        for event in json_events(text) if json else _yaml_events(text):
            builder.take(event)
    except (FileFault, SyntaxFault) as fault:
        return Document(
            None, {}, (Problem(file, fault.line, "", fault.message, fault.hint, fault.rule),)
        )
    if builder.value is None and not builder.problems:
        problem = Problem(file, 1, "", "the file is empty", "see `contentfab init`", "file.empty")
        return Document(None, {}, (problem,))
    return Document(builder.value, builder.lines, tuple(builder.problems))


def dotted(path: FieldPath) -> str:
    """`("products", 2, "price")` as `products[2].price`; odd keys are quoted in brackets."""
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
        elif re.fullmatch(r"[\w-]{1,64}", part):
            shown += f".{part}" if shown else part
        else:
            shown += f'["{shorten(part)}"]'
    return shown


@dataclass
class _Frame:
    """A map or list under construction; `size` counts its values, aliases spelt out."""

    value: dict[str, Any] | list[Any]
    path: FieldPath
    anchor: str | None
    key: str | None = None
    key_line: int = 0
    size: int = 1
    merged: list[dict[str, Any]] = field(default_factory=list)


class _Builder:
    """Takes events in order and ends with `value`, `lines` and `problems`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.value: Any = None
        self.lines: dict[FieldPath, int] = {}
        self.problems: list[Problem] = []
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._aliased = 0

    def take(self, event: Event) -> None:
        if event.kind == "end":
            self._close()
            return
        self._nodes += 1
        if self._nodes > MAX_NODES:
            message = f"more than {MAX_NODES:,} values in one file"
            raise SyntaxFault(event.line, message, "split the file", "file.too-many-values")
        frame = self._frames[-1] if self._frames else None
        if frame and isinstance(frame.value, dict) and frame.key is None:
            self._take_key(frame, event)
            return
        path = self._path(frame)
        self.lines[path] = frame.key_line if frame and frame.key is not None else event.line
        if event.kind == "alias":
            value, size = self._alias(event)
            self._put(frame, value, size, None)
        elif event.kind == "scalar":
            self._put(frame, self._checked(event, path), 1, event.anchor)
        else:
            if len(self._frames) >= MAX_DEPTH:
                message = f"nested deeper than {MAX_DEPTH} levels"
                raise SyntaxFault(event.line, message, "flatten it", "file.too-deep")
            container: dict[str, Any] | list[Any] = {} if event.kind == "map" else []
            self._frames.append(_Frame(container, path, event.anchor))

    def _take_key(self, frame: _Frame, event: Event) -> None:
        if event.kind != "scalar":
            hint = "a key must be a plain word; put text with { or [ in quotes"
            raise SyntaxFault(event.line, "a key that is no text", hint)
        frame.key, frame.key_line = event.text, event.line
        path = (*frame.path, frame.key)
        bad = control_character(event.text)
        if bad:
            self._problem(
                event.line, path, "file.control-character", f"{bad} in a key", "remove it"
            )
        if frame.key in frame.value and frame.key != "<<":
            first = self.lines.get(path, 0)
            self._problem(
                event.line,
                path,
                "file.duplicate-key",
                f"the key '{shorten(frame.key)}' stands twice, first on line {first}",
                "keep one of the two",
            )

    def _checked(self, event: Event, path: FieldPath) -> Any:
        """A scalar's value; what no field may hold becomes a problem here, where the line is."""
        if event.fault:
            self._problem(event.line, path, "file.value", *event.fault)
        bad = control_character(event.value) if isinstance(event.value, str) else ""
        if bad:
            rule, hint = "file.control-character", "remove the character"
            self._problem(event.line, path, rule, f"control character {bad} in a text", hint)
            return without_controls(event.value)
        return event.value

    def _alias(self, event: Event) -> tuple[Any, int]:
        if event.value not in self._anchors:
            message = f"the alias '*{shorten(event.value)}' names nothing that ended before it"
            hint = "define the anchor '&…' earlier, and not around the alias"
            raise SyntaxFault(event.line, message, hint, "file.alias")
        value, size = self._anchors[event.value]
        self._aliased += size
        if self._aliased > MAX_ALIASED:
            message = f"aliases spell out to more than {MAX_ALIASED:,} values"
            raise SyntaxFault(event.line, message, "write fewer aliases", "file.alias")
        return value, size

    def _put(self, frame: _Frame | None, value: Any, size: int, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = (value, size)
        if frame is None:
            self.value = value
            return
        frame.size += size
        if isinstance(frame.value, list):
            frame.value.append(value)
            return
        key, frame.key = frame.key or "", None
        if key == "<<" and isinstance(value, dict | list):
            frame.merged += [m for m in _as_list(value) if isinstance(m, dict)]
        else:
            frame.value.setdefault(key, value)

    def _close(self) -> None:
        frame = self._frames.pop()
        if isinstance(frame.value, dict):
            for merged in frame.merged:
                for key, value in merged.items():
                    frame.value.setdefault(key, value)
        self._put(self._frames[-1] if self._frames else None, frame.value, frame.size, frame.anchor)

    def _path(self, frame: _Frame | None) -> FieldPath:
        if frame is None:
            return ()
        return (*frame.path, len(frame.value) if frame.key is None else frame.key)

    def _problem(self, line: int, path: FieldPath, rule: str, message: str, hint: str) -> None:
        self.problems.append(Problem(self.file, line, dotted(path), message, hint, rule))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _yaml_events(text: str) -> Iterator[Event]:
    documents = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    message, hint = "a second document starts here", "remove the '---' line"
                    raise SyntaxFault(line, message, hint)
            elif isinstance(event, yaml.AliasEvent):
                yield Event("alias", line, event.anchor)
            elif isinstance(event, yaml.ScalarEvent):
                yield _scalar(event, line)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                _refuse_tag(event, line)
                is_map = isinstance(event, yaml.MappingStartEvent)
                yield Event("map" if is_map else "seq", line, anchor=event.anchor)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                yield Event("end", line)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        raise SyntaxFault(line, *_plain_words(error, text)) from error
    except yaml.reader.ReaderError as error:
        line = line_at(text, error.position) if isinstance(error.position, int) else 1
        raise SyntaxFault(line, "a character that YAML does not allow", "remove it") from error


def _scalar(event: yaml.ScalarEvent, line: int) -> Event:
    _refuse_tag(event, line)
    text = event.value
    if event.style or event.tag in (f"{_CORE}str", "!"):
        return Event("scalar", line, text, event.anchor, text)
    if text in _WORDS:
        return Event("scalar", line, _WORDS[text], event.anchor, text)
    value, fault = read_number(text)
    return Event("scalar", line, value, event.anchor, text, fault)


def _refuse_tag(event: Any, line: int) -> None:
    allowed = {f"{_CORE}{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}
    if event.tag and event.tag != "!" and event.tag not in allowed:
        shown = shorten(event.tag.replace(_CORE, "!!"))
        raise SyntaxFault(line, f"the tag '{shown}' is not allowed", "remove the tag", "file.tag")


def _plain_words(error: yaml.MarkedYAMLError, text: str) -> tuple[str, str]:
    said = error.problem or "the file is no valid YAML"
    if "cannot start any token" in said and error.problem_mark:
        mark = error.problem_mark
        around = "".join(text.splitlines()[mark.line : mark.line + 1])
        character = around[mark.column : mark.column + 1]
        if character == "\t":
            return "a tab where YAML wants spaces", "indent with spaces"
        return f"plain text must not start with '{shorten(character)}'", "put the text in quotes"
    if "end of stream" in said and "quoted" in (error.context or ""):
        return "a quote is opened and never closed", "close it"
    if "mapping values are not allowed" in said:
        return "a ': ' inside plain text, or wrong indentation", "put the text in quotes"
    if "could not find expected ':'" in said:
        return "a line without 'key: value'", "add the colon, or indent the text under its key"
    if "did not find expected" in said or "expected <block end>" in said:
        return "indentation or brackets do not match", "line up the keys, close every [ and {"
    return f"no valid YAML: {shorten(said)}", "mend the line, or put the text in quotes"
