"""Counterfactual gap of a scorer on a user's own pictures, which differ in one depicted thing.

The pictures come from a CSV with the columns `set`, `group` and `path` (relative to the file): a
set is the same picture once for every group, such as the same poster with a darker and a lighter
hand. Reads pictures, asks how they were scored, and reports on groups; it never says anything of
who is in a picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from contentfab.delivery._score_records import Scored
from contentfab.delivery._score_requests import MAX_PICTURE, SAVE_AGAIN, check_sides
from contentfab.errors import InputError, Problem
from contentfab.rules.feeds.tables import Row, Table, read_csv
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.pixels.picture_files import size_of
from contentfab.rules.scoring.counterfactual import LIMIT, GapReport, group_gaps

COLUMNS = ("group", "path")
SET = "set"
HINT = "columns are set,group,path; a row is such as: kitchen,light skin,kitchen-1.png"


class Grouped(NamedTuple):
    """One row: a picture of a group; `in_set` is "" in a file without sets, `name` is its path as
    the file has it."""

    line: int
    in_set: str
    group: str
    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Groups:
    """A file's rows. `has_sets` says that pictures are compared within sets."""

    file: str
    rows: tuple[Grouped, ...]
    has_sets: bool

    @property
    def sources(self) -> list[tuple[str, Path]]:
        """(path as shown, path) of each picture, in order."""
        return [(str(row.path), row.path) for row in self.rows]

    @property
    def sets(self) -> int:
        """How many sets there are."""
        return len({row.in_set for row in self.rows}) if self.has_sets else 0


def read_groups(file: Path) -> Groups:
    """The rows of a CSV in any usual encoding, with `,`, `;` or tabs. Raises InputError with every
    fault: a column, cell or picture that is missing, a picture that stands there twice, is none or
    is not as large as the others of its set, groups or sets without another one."""
    shown = str(file)
    try:
        table = read_csv(read_file(file), shown, file.parent)
    except FileFault as fault:
        where = f"{shown}:{fault.line}" if fault.line else shown
        hint = HINT if fault.rule == "file.empty" else fault.hint
        raise InputError(f"{where}: {fault.message}", hint=hint) from None
    names = {header.strip().lower(): header for header in table.headers}
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise InputError(
            f"{shown}:1: there is no column {' and no column '.join(missing)}; "
            f"it has {', '.join(filter(None, table.headers))}",
            hint=HINT,
        )
    found = tuple(filter(None, (_row(table, row, names) for row in table.rows)))
    groups = Groups(shown, found, SET in names)
    problems = [*table.problems, *_picture_problems(groups)]
    if not problems:
        problems += _set_problems(groups) if groups.has_sets else _group_problems(groups)
    if problems:
        raise InputError(problems=sorted(problems, key=lambda problem: problem.line))
    return groups


def gaps(groups: Groups, scored: Sequence[Scored], limit: float = LIMIT) -> GapReport:
    """The gaps in appeal between the groups; `scored` has a record for each row, in order. Raises
    InputError for pictures that could not be read, for a scorer without z, since its gaps have no
    unit, and for scores under several calibration ids."""
    problems = [
        Problem(groups.file, row.line, "path", f"{row.name}: {one.error}", one.hint, "groups.file")
        for row, one in zip(groups.rows, scored, strict=True)
        if one.card is None
    ]
    if problems:
        raise InputError(problems=problems)
    cards = [one.card for one in scored if one.card is not None]
    if len({card.calibration_id for card in cards}) > 1:
        raise InputError("the pictures have scores of several calibration ids, never compared")
    by_group: dict[str, dict[str, float]] = {}
    for row, card in zip(groups.rows, cards, strict=True):
        if card.appeal_z is None:
            raise InputError(
                f"{card.model} gives no z, so that a gap has no unit",
                hint="use a scorer with a background set, such as that of the profile mini, or "
                "make one: contentfab calibrate --background DIR",
            )
        name = row.in_set if groups.has_sets else str(row.line)
        by_group.setdefault(row.group, {})[name] = card.appeal_z
    return group_gaps(by_group, in_sets=groups.has_sets, limit=limit)


def _row(table: Table, row: Row, names: Mapping[str, str]) -> Grouped | None:
    """The row, or None with a problem for each cell that is empty."""
    wanted = [name for name in (SET, *COLUMNS) if name in names]
    empty = [name for name in wanted if not row.text(names[name])]
    for name in empty:
        table.problem(row.line, names[name], "groups.empty", "is empty", HINT)
    if empty:
        return None
    in_set = row.text(names[SET]) if SET in names else ""
    name = row.text(names["path"])
    return Grouped(row.line, in_set, row.text(names["group"]), name, table.folder / name)


def _picture_problems(groups: Groups) -> Iterator[Problem]:
    """Files that are no pictures, or stand there twice; sets of pictures of unequal size."""
    lines: dict[Path, int] = {}
    sizes: dict[str, tuple[tuple[int, int], Grouped]] = {}
    for row in groups.rows:
        message, hint = "", ""
        twice = lines.setdefault(row.path.resolve(), row.line)
        if twice != row.line:
            message, hint = f"{row.name} stands in line {twice} already", "name every picture once"
            yield Problem(groups.file, row.line, "path", message, hint, "groups.twice")
            continue
        try:
            size = size_of(read_file(row.path, MAX_PICTURE, row.name))
            check_sides(*size)
        except FileFault as fault:
            message, hint = fault.message, "paths are relative to this file's folder"
        except InputError as error:
            message, hint = f"{row.name}: {error}", error.hint or SAVE_AGAIN
        if message:
            yield Problem(groups.file, row.line, "path", message, hint, "groups.file")
            continue
        first, of = sizes.setdefault(row.in_set, (size, row))
        if groups.has_sets and first != size:
            message = (
                f"{row.name} is {size[0]} x {size[1]}, but {of.name} of the same set is "
                f"{first[0]} x {first[1]} (line {of.line})"
            )
            hint = "pictures of a set may differ in one depicted thing only"
            yield Problem(groups.file, row.line, "path", message, hint, "groups.size")


def _set_problems(groups: Groups) -> Iterator[Problem]:
    """Two pictures for one place, sets of one picture, and groups that never meet in a set."""
    seen: dict[tuple[str, str], int] = {}
    counts = Counter(row.in_set for row in groups.rows)
    for row in groups.rows:
        first = seen.setdefault((row.in_set, row.group), row.line)
        if first != row.line:
            message = f"{row.group!r} stands in the set {row.in_set!r} in line {first} already"
            yield _problem(groups, row.line, message, "a set has one picture for each group")
        elif counts[row.in_set] == 1:
            message = f"the set {row.in_set!r} has one picture only"
            yield _problem(groups, row.line, message, "give it a picture for every group", SET)
    yield from _group_problems(groups)
    named = list(dict.fromkeys(row.group for row in groups.rows))
    for one, other in combinations(named, 2):
        if not any((name, one) in seen and (name, other) in seen for name in counts):
            message = f"no set has pictures of both {one!r} and {other!r}"
            yield _problem(groups, 1, message, "compare them in a file of their own, or add sets")


def _group_problems(groups: Groups) -> Iterator[Problem]:
    named = dict.fromkeys(row.group for row in groups.rows)
    if len(named) < 2:
        found = f"the only group is {next(iter(named))!r}" if named else "there are no rows"
        yield _problem(groups, 1, found, "two groups or more can be compared")


def _problem(groups: Groups, line: int, message: str, hint: str, column: str = "group") -> Problem:
    return Problem(groups.file, line, column, message, hint, "groups.sets")
