"""Tables as read from CSV, TSV, XLSX or XML: rows of named cells that know where they stand.

Knows nothing about products; `columns.py`, `merchant.py` and `shopify.py` do.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contentfab.errors import Problem
from contentfab.rules.files.located import Located, Place
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.safe_files import FileFault, shorten
from contentfab.rules.files.text_files import decode_text

MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
MAX_CELL = 100_000


@dataclass(frozen=True)
class Row:
    """The non-empty cells of one row by header; several when a header stands several times."""

    line: int
    cells: Mapping[str, tuple[str, ...]]

    def text(self, header: str) -> str:
        """The first cell under `header`, or ""."""
        return self.cells.get(header, ("",))[0]


@dataclass
class Table:
    """All rows of one file. `problems` collects what is wrong with single rows. `cell_names` gives
    the cell's name in a sheet (`Sheet1!C`) by header; other formats have none."""

    file: str
    folder: Path
    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: list[Problem] = field(default_factory=list)
    cell_names: Mapping[str, str] = field(default_factory=dict)

    def place(self, line: int, header: str) -> Place:
        """Where a cell stands: in sheets the field is `Sheet1!C3 (price)`."""
        cell, shown = self.cell_names.get(header), shorten(header)
        return Place(self.file, line, f"{cell}{line} ({shown})" if cell else shown)

    def problem(
        self, line: int, header: str, rule: str, message: str, hint: str, level: str = "error"
    ) -> None:
        """Remember a Problem at a cell."""
        place = self.place(line, header)
        self.problems.append(Problem(*place, message, hint, rule, level))


class Entry:
    """A product or segment built from cells; every field remembers the header it came from."""

    def __init__(self, table: Table, row: Row) -> None:
        self.table, self.row = table, row
        self.value: dict[str, Any] = {}
        self._origins: dict[FieldPath, str] = {}

    def put(self, path: tuple[str, ...], value: Any, header: str) -> None:
        """Set the field at `path` (keys of maps) unless there is nothing to set."""
        if value in ("", [], None):
            return
        target = self.value
        for key in path[:-1]:
            target = target.setdefault(key, {})
        target[path[-1]] = value
        self._origins[path] = header

    def located(self) -> Located:
        """The finished entry."""
        return Located(self.value, self.table.folder, self._where)

    def _where(self, path: FieldPath) -> Place:
        missing = str(path[0]) if path else ""
        while path and path not in self._origins:
            path = path[:-1]
        header = self._origins[path] if path else missing
        return self.table.place(self.row.line, header)


def read_csv(data: bytes, file: str, folder: Path, *, tabs: bool = False) -> Table:
    """A CSV or TSV file of any usual encoding; `,`, `;` or a tab parts the cells of a CSV, as its
    first line has it. Lines of a TSV are rows, whatever quotes they hold. Raises FileFault when it
    cannot be read as a table."""
    text = decode_text(data)
    if tabs:
        lines = ([_unquoted(c) for c in line.split("\t")] for line in re.split(r"\r\n|\r|\n", text))
        return build_table(enumerate(lines, start=1), file, folder)
    header_line = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return build_table(_numbered(reader), file, folder)


def build_table(
    lines: Iterable[tuple[int, list[str]]], file: str, folder: Path, sheet: str = ""
) -> Table:
    """A table whose first row with any text is its header. Raises FileFault."""
    filled = ((line, cells) for line, cells in lines if any(cell.strip() for cell in cells))
    first = next(filled, None)
    if first is None:
        raise FileFault("file.empty", "the table is empty", "add a header row and products")
    headers = [cell.strip() for cell in first[1]]
    if len(headers) > MAX_COLUMNS:
        hint = "remove the columns that are not needed"
        raise FileFault("file.too-big", f"more than {MAX_COLUMNS:,} columns", hint, first[0])
    names = {h: f"{sheet}!{letters(i)}" for i, h in enumerate(headers)} if sheet else {}
    table = Table(file, folder, tuple(headers), (), cell_names=names)
    table.rows = tuple(_rows(table, filled))
    return table


def letters(column: int) -> str:
    """Name of a sheet's column, counted from 0: A, …, Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _rows(table: Table, filled: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    for count, (line, cells) in enumerate(filled):
        if count >= MAX_ROWS:
            raise FileFault("file.too-big", f"more than {MAX_ROWS:,} rows", "split the file", line)
        extra = [cell for cell in cells[len(table.headers) :] if cell.strip()]
        if extra:
            message = f"{len(cells)} cells under {len(table.headers)} headers"
            hint = "put text with the separator in double quotes"
            table.problem(line, "", "feed.ragged-row", message, hint)
        named: dict[str, tuple[str, ...]] = {}
        for header, cell in zip(table.headers, cells, strict=False):
            text = cell.strip()
            if len(text) > MAX_CELL:
                message = f"a text of {len(text):,} characters"
                table.problem(line, header, "feed.too-long", message, f"at most {MAX_CELL:,}")
            elif text and header:
                named[header] = (*named.get(header, ()), text)
        yield Row(line, named)


def _unquoted(cell: str) -> str:
    """A wholly quoted cell without its quotes; `"a","b"` are two, and stay as they are."""
    inner = cell[1:-1].replace('""', "")
    if len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner:
        return cell[1:-1].replace('""', '"')
    return cell


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line that it starts on; quoted cells may span several."""
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        hint = "check the double quotes; inside a quoted text write them twice"
        raise FileFault("file.syntax", f"no valid CSV: {error}", hint, line) from error
