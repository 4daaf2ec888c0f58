"""Excel workbooks (XLSX) as tables: values only, formulas as the result that Excel last stored.

Knows nothing about products. Old .xls files and macros are not read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from contentfab.rules.feeds.tables import MAX_COLUMNS, Table, build_table
from contentfab.rules.files.safe_files import FileFault, shorten
from contentfab.rules.files.text_files import control_character
from contentfab.rules.suggest import did_you_mean

MAX_UNPACKED = 300 * 1024 * 1024
EXPORT = "save it in Excel as 'Excel Workbook (.xlsx)' or as 'CSV UTF-8'"


def read_xlsx(data: bytes, file: str, folder: Path, sheet: str | None = None) -> Table:
    """The sheet of that name, or the first one. Raises FileFault."""
    from openpyxl import load_workbook

    _refuse_bomb(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        names = book.sheetnames
        name = sheet or (names[0] if names else "")
        if name not in names:
            message = f"there is no sheet '{shorten(name)}'"
            raise FileFault("feed.unknown-sheet", message, did_you_mean(name, names))
        page = book[name]
        page.reset_dimensions()
        return build_table(_lines(page.iter_rows(values_only=True)), file, folder, name)
    except FileFault:
        raise
    except Exception as error:  # a parser fed with hostile bytes may raise anything
        raise FileFault("file.syntax", "this is no readable XLSX workbook", EXPORT) from error


def _refuse_bomb(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileFault("file.syntax", "this is no XLSX workbook", EXPORT) from error
    if unpacked > MAX_UNPACKED:
        message = f"the workbook unpacks to {unpacked:,} bytes; the limit is {MAX_UNPACKED:,}"
        raise FileFault("file.too-big", message, "remove what is not needed")


def _lines(rows: Any) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(rows, start=1):
        texts = [_text(cell, line) for cell in cells[: MAX_COLUMNS + 1]]
        yield line, texts


def _text(value: object, line: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    text = str(value)
    bad = control_character(text)
    if bad:
        message = f"control character {bad} in a cell"
        raise FileFault("file.control-character", message, "remove the character", line)
    return text
