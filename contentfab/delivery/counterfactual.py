"""Counterfactual gap of a scorer on a user's own pictures: pairs that differ in one depicted thing.

The pictures come from a CSV with the columns `group`, `path` (relative to the file) and, optional,
`pair`, which names pictures that are the same but for the group. Reads pictures, scores them, and
reports; it never says anything of a single picture, nor of who is on it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from contentfab.delivery.scoring import Options, score_pictures
from contentfab.errors import InputError
from contentfab.protocols import Scorer
from contentfab.rules.files.safe_files import read_file
from contentfab.rules.scoring.counterfactual import GroupGap, group_gap

HINT = "columns are group,path[,pair]; for example: dark skin,a1.png,a"


class Grouped(NamedTuple):
    """One row: a picture of a group; `pair` is "" where it has no twins."""

    group: str
    path: Path
    pair: str


def read_groups(file: Path) -> list[Grouped]:
    """The rows of a CSV. Raises InputError for a file without the columns, or a row without a
    group or a picture."""
    text = read_file(file).decode("utf-8-sig", "replace")
    rows = csv.DictReader(text.splitlines())
    if not {"group", "path"} <= set(rows.fieldnames or ()):
        raise InputError(f"{file.name} has no columns group and path", hint=HINT)
    found = []
    for row in rows:
        group, path = (row.get("group") or "").strip(), (row.get("path") or "").strip()
        picture = file.parent / path
        if not group or not path or not picture.is_file():
            what = f"{path!r} is no file" if group and path else "a group or a path is missing"
            raise InputError(f"{file.name}:{rows.line_num}: {what}", hint=HINT)
        found.append(Grouped(group, picture, (row.get("pair") or "").strip()))
    if len({row.group for row in found}) < 2:
        raise InputError(f"{file.name} names fewer than two groups", hint=HINT)
    return found


def gap_of(rows: Sequence[Grouped], scorer: Scorer, options: Options | None = None) -> GroupGap:
    """The gap in appeal between the groups. Compared within pairs when every picture has a twin in
    every group. Raises InputError for a scorer without z: its gap would have no unit."""
    sources = [(str(row.path), row.path) for row in rows]
    scored = list(score_pictures(sources, scorer, options or Options()))
    for one in scored:
        if one.card is None:
            raise InputError(f"{one.path}: {one.error}", hint=one.hint)
        if one.card.appeal_z is None:
            hint = "use a scorer with a background set, such as the profile mini has"
            raise InputError(f"{scorer.id} gives no z, so that a gap has no unit", hint=hint)
    values = [one.card.appeal_z or 0.0 for one in scored if one.card is not None]
    return _gap(rows, values)


def _gap(rows: Sequence[Grouped], values: Sequence[float]) -> GroupGap:
    groups: dict[str, dict[str, float]] = {}
    for index, (row, value) in enumerate(zip(rows, values, strict=True)):
        groups.setdefault(row.group, {})[row.pair or f"#{index}"] = value
    named = all(row.pair for row in rows) and len(rows) == sum(map(len, groups.values()))
    names = {frozenset(pairs) for pairs in groups.values()}
    paired = named and len(names) == 1
    return group_gap(_ordered(groups) if paired else _plain(rows, values), paired=paired)


def _ordered(groups: Mapping[str, Mapping[str, float]]) -> dict[str, list[float]]:
    return {name: [pairs[key] for key in sorted(pairs)] for name, pairs in groups.items()}


def _plain(rows: Sequence[Grouped], values: Sequence[float]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for row, value in zip(rows, values, strict=True):
        found.setdefault(row.group, []).append(value)
    return found
