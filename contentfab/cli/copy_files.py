"""`contentfab copy` as a file: CSV, XLSX, JSON, Markdown and text, each with its AI label."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from contentfab.errors import StorageError
from contentfab.rules.labels import copy_forms
from contentfab.rules.labels.aigc import aigc_text
from contentfab.store import publish_file

COLUMNS = ("id", "product", "segment", "channel", "locale", "variant", "angle", "backend")
ENDING = ("warnings", "label", "AIGC")
_LOCKED = len(COLUMNS)
_WIDTHS = {"id": 18, "variant": 34, "warnings": 40}


def write(rows: Sequence[dict[str, Any]], format_: str, output: Path | None) -> None:
    """Print or write the rows of `pipeline.copy_rows`. XLSX needs an `output`."""
    if format_ == "xlsx":
        data = _xlsx(rows)
    elif format_ == "csv":
        data = copy_forms.write_csv(rows).encode()
    elif format_ == "md":
        data = "\n".join(map(copy_forms.write_markdown, rows)).encode()
    elif format_ == "txt":
        data = "\n\n".join(map(copy_forms.write_text, rows)).encode()
    else:
        data = (
            json.dumps(list(rows), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        ).encode()
    if output is None:
        typer.echo(data.decode(), nl=False)
        return
    if format_ == "csv":  # the mark is for spreadsheet programs, which else guess the encoding
        data = b"\xef\xbb\xbf" + data
    if not output.parent.is_dir():
        raise StorageError(f"{output}: no such folder", hint="choose another --output")
    publish_file(output, data)
    typer.echo(f"wrote {output}", err=True)


def _xlsx(rows: Sequence[dict[str, Any]]) -> bytes:
    """A sheet to edit texts in, and a second one that says how long each may be."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "copy"
    lines = _lines(rows)
    grey = PatternFill("solid", fgColor="FFF2F2F2")
    for number, line in enumerate(lines, 1):
        for column, value in enumerate(line, 1):
            cell = sheet.cell(number, column)
            cell.value = value
            cell.data_type = "s"  # text, also where it starts with = or +
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                cell.font = Font(bold=True)
            elif column <= _LOCKED or column > len(line) - len(ENDING):
                cell.fill = grey  # what is grey is not read back
    for column, heading in enumerate(lines[0], 1):
        width = _WIDTHS.get(heading, 16 if column <= _LOCKED else 44)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    limits = book.create_sheet("limits")
    limits.append(["channel", "field", "limit", "counted in"])
    for entry in _limits(rows):
        limits.append(list(entry))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _limits(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str, int, str]]:
    found = {
        (row["channel"], field, measure["max"], measure["metric"])
        for row in rows
        for field, measure in row["measures"].items()
        if "max" in measure
    }
    return sorted(found)


def _lines(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    fields = list(dict.fromkeys(field for row in rows for field in row["fields"]))
    table = [[*COLUMNS, *fields, *ENDING]]
    for row in rows:
        values = [_text(row["fields"].get(field, "")) for field in fields]
        record = aigc_text(row["AIGC"]) if row["AIGC"] else ""
        ending = ("\n".join(row["warnings"]), row["label"], record)
        table.append([*(str(row[key]) for key in COLUMNS), *values, *ending])
    return table


def _text(value: str | list[str]) -> str:
    return "\n".join(value) if isinstance(value, list) else value
