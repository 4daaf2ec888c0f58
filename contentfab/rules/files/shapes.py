"""Checks a value against a record and says in plain words, at the right line, what is wrong.

pydantic does the checking (in strict JSON mode: the text "2" is no number, true is no 1); this
module finds the field that each error is about, drops the branches of a union that the user did
not mean, and words the rest. Knows the records of `records/`, no files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from contentfab.errors import Problem
from contentfab.records.base import Record
from contentfab.rules.files.located import Located
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.shape_words import expected, found, type_hint, wording
from contentfab.rules.suggest import nearest

MAX_FAULTS = 300  # of one record; nobody reads more, and grouping them takes quadratic time
RecordT = TypeVar("RecordT", bound=Record)


class Fault(NamedTuple):
    """One pydantic error at the field it is about. `tags` are the union branches it was tried
    in, each with the place of the union; `key` is set when a map's key is wrong."""

    path: FieldPath
    kind: str
    context: Mapping[str, Any]
    message: str
    tags: tuple[tuple[FieldPath, str], ...]
    key: bool

    @property
    def wrong_type(self) -> bool:
        return self.kind.endswith("_type")


def validate(model: type[RecordT], located: Located) -> tuple[RecordT | None, list[Problem]]:
    """The record, or None with every problem of its shape."""
    try:
        text = json.dumps(located.value)
        return model.model_validate_json(text, strict=True), []
    except ValidationError as error:
        errors = error.errors(include_url=False)[:MAX_FAULTS]
        faults = [_place(dict(e), located.value) for e in errors]
    groups: dict[FieldPath, list[Fault]] = {}
    for fault in _without_typos(_meant(faults, located.value)):
        groups.setdefault(fault.path, []).append(fault)
    return None, [
        _problem(model, located, path, group)
        for path, group in groups.items()
        if not (all(f.wrong_type for f in group) and _has_deeper(path, groups))
    ]


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys that a user may write for `model`."""
    return [info.alias or name for name, info in model.model_fields.items()]


def model_at(model: type[Record], path: FieldPath) -> type[Record] | None:
    """The record that stands at `path` inside `model`, or None when plain data does."""
    inside: Any = model
    for part in path:
        names = {i.alias or n: i for n, i in inside.model_fields.items()} if inside else {}
        if isinstance(part, str) and part in names:
            inside = _record_in(names[part].annotation)
    return inside if isinstance(inside, type) and issubclass(inside, Record) else None


def _record_in(annotation: Any) -> type[Record] | None:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    for argument in get_args(annotation):
        record = _record_in(argument)
        if record is not None:
            return record
    return None


def _place(error: dict[str, Any], value: Any) -> Fault:
    """Follow pydantic's location through the value; what is no key of it names a union branch."""
    path: FieldPath = ()
    tags: list[tuple[FieldPath, str]] = []
    location: Sequence[str | int] = error["loc"]
    for index, part in enumerate(location):
        if _is_key(value, part):
            path, value = (*path, part), value[part]
        elif error["type"] == "missing" and index == len(location) - 1:
            path = (*path, part)
        elif part != "[key]":
            tags.append((path, str(part)))
    key = bool(location) and location[-1] == "[key]"
    return Fault(path, error["type"], error.get("ctx", {}), error["msg"], tuple(tags), key)


def _is_key(value: Any, part: str | int) -> bool:
    if isinstance(value, dict):
        return part in value
    return isinstance(value, list) and isinstance(part, int) and part < len(value)


def _meant(faults: list[Fault], value: Any) -> list[Fault]:
    """Where a union offers a record or a map per locale, keep the branch whose keys were used."""
    records = {model.__name__: model for model in Record.__subclasses__()}
    unmeant: set[tuple[FieldPath, str]] = set()
    for path, tag in {t for fault in faults for t in fault.tags}:
        at = _value_at(value, path)
        if tag in records and isinstance(at, dict):
            per_locale = {t for f in faults for t in f.tags if t[0] == path and "dict[" in t[1]}
            uses_record = any(key in keys_of(records[tag]) for key in at)
            if per_locale:
                unmeant |= per_locale if uses_record else {(path, tag)}
    return [fault for fault in faults if not unmeant.intersection(fault.tags)]


def _without_typos(faults: list[Fault]) -> list[Fault]:
    """A misspelt key is one fault, not an unknown key and a missing one."""
    missing = {f.path for f in faults if f.kind == "missing"}
    misspelt: set[FieldPath] = set()
    for fault in faults:
        if fault.kind == "extra_forbidden":
            beside = [str(p[-1]) for p in missing if p[:-1] == fault.path[:-1]]
            close = nearest(str(fault.path[-1]), beside)
            misspelt |= {(*fault.path[:-1], close)} if close else set()
    return [f for f in faults if f.kind != "missing" or f.path not in misspelt]


def _has_deeper(path: FieldPath, groups: Mapping[FieldPath, list[Fault]]) -> bool:
    return any(len(p) > len(path) and p[: len(path)] == path for p in groups)


def _value_at(value: Any, path: FieldPath) -> Any:
    for part in path:
        value = value[part] if _is_key(value, part) else None
    return value


def _problem(model: type[Record], located: Located, path: FieldPath, group: list[Fault]) -> Problem:
    value = _value_at(located.value, path)
    first = next((f for f in group if not f.wrong_type), group[0])
    if first.wrong_type:
        record = model_at(model, path)
        words = expected({f.kind for f in group}, keys_of(record) if record else [])
        message = f"expected {words}, found {found(value)}"
        hint = type_hint(str(path[-1]) if path else "", words, value)
        return located.problem(path, "brief.wrong-type", message, hint)
    parent = model_at(model, path[:-1])
    rule, message, hint = wording(first, value, keys_of(parent) if parent else [])
    return located.problem(path, rule, message, hint)
