"""A value together with where each of its fields stands, whatever file it came from.

A YAML file, a row of a sheet and a command line look alike from here on: each can turn the path
of a field into (file, line, field as the user knows it). Knows no format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from contentfab.errors import Problem
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.yaml_lines import Document, dotted


class Place(NamedTuple):
    """Where a field stands: file as shown to the user, line (0: none), field."""

    file: str
    line: int
    field: str


@dataclass(frozen=True)
class Located:
    """`value` and the places of its fields. Paths inside it are relative to `folder`."""

    value: Any
    folder: Path
    where: Callable[[FieldPath], Place]

    def problem(
        self, path: FieldPath, rule: str, message: str, hint: str, level: str = "error"
    ) -> Problem:
        """A Problem at the field `path`."""
        file, line, field = self.where(path)
        return Problem(file, line, field, message, hint, rule, level)

    def child(self, *path: str | int) -> Located:
        """The part of the value at `path`, which must be there."""
        value = self.value
        for part in path:
            value = value[part]
        return Located(value, self.folder, lambda inner: self.where((*path, *inner)))


def from_document(document: Document, file: str, folder: Path, label: str = "") -> Located:
    """A whole YAML or JSON file; `label` is put before fields of a file whose top is a list."""

    def where(path: FieldPath) -> Place:
        return Place(file, document.line(path), label + dotted(path))

    return Located(document.value, folder, where)


def with_overrides(base: Located, overrides: Mapping[str, Any], file: str) -> Located:
    """`base` (a map) with the values of `overrides`, whose keys may be dotted (`copy.backend`)
    and whose maps are merged; overridden fields are said to stand in `file`."""
    value = dict(base.value)
    changed: set[FieldPath] = set()
    for name, new in overrides.items():
        _merge(value, tuple(name.split(".")), new, (), changed)

    def where(path: FieldPath) -> Place:
        if any(path[: len(top)] == top for top in changed):
            return Place(file, 0, dotted(path))
        return base.where(path)

    return replace(base, value=value, where=where)


def _merge(
    target: dict[str, Any], path: FieldPath, new: Any, above: FieldPath, changed: set[FieldPath]
) -> None:
    head, rest = str(path[0]), path[1:]
    old = target.get(head)
    if rest or (isinstance(new, Mapping) and isinstance(old, dict)):
        inner = dict(old) if isinstance(old, dict) else {}
        target[head] = inner
        parts = [(rest, new)] if rest else [((str(key),), item) for key, item in new.items()]
        for part, item in parts:
            _merge(inner, part, item, (*above, head), changed)
        return
    target[head] = dict(new) if isinstance(new, Mapping) else new
    changed.add((*above, head))
