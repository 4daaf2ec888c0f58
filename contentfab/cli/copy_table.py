"""`contentfab copy`: the copy of a campaign as a table, CSV, XLSX or JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from contentfab.cli.options import print_json
from contentfab.errors import StorageError

COLUMNS = ("id", "product", "segment", "channel", "locale", "variant", "angle", "backend")


def show(rows: Sequence[dict[str, Any]], format_: str, output: Path | None) -> None:
    """Print or write the rows of `pipeline.copy_rows`."""
    if format_ == "xlsx":
        assert output is not None  # the command refused this before anything was written
        _write(output, _xlsx(rows))
        return
    if format_ == "json" and output is None:
        print_json(list(rows))
    elif format_ == "table" and output is None:
        _table(rows)
    else:
        text = _csv(rows) if format_ == "csv" else _json(rows)
        if output is None:
            typer.echo(text, nl=False)
        else:
            # The mark at the start is for spreadsheet programs, which else guess the encoding.
            _write(output, text.encode("utf-8-sig" if format_ == "csv" else "utf-8"))


def _table(rows: Sequence[dict[str, Any]]) -> None:
    """One block per cell; a field that holds a list takes a line for each of its texts."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    cells: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        name = " · ".join(row[key] for key in ("product", "segment", "channel", "locale"))
        cells.setdefault(name, []).append(row)
    for name, variants in cells.items():
        table = Table(title=escape(name), title_justify="left", show_lines=True)
        for heading in ("variant", "field", "text", "length"):
            table.add_column(heading, overflow="fold", no_wrap=heading == "length")
        for row in variants:
            label = f"{row['variant'].rsplit('--', 1)[1]} {row['angle']}"
            for field, value in row["fields"].items():
                texts = value if isinstance(value, list) else [value]
                table.add_row(label, field, escape("\n".join(texts)), _length(row, field))
                label = ""
            for warning in row["warnings"]:
                table.add_row("", "warning", escape(warning), "")
        console.print(table)


def _length(row: dict[str, Any], field: str) -> str:
    measure = row["measures"].get(field)
    if not measure:
        return ""
    values = measure["value"] if isinstance(measure["value"], list) else [measure["value"]]
    return "\n".join(f"{value}/{measure['max']}" for value in values)


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")  # RFC 4180
    for line in _lines(rows):
        writer.writerow([_harmless(value) for value in line])
    return buffer.getvalue()


def _xlsx(rows: Sequence[dict[str, Any]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "copy"
    for number, line in enumerate(_lines(rows), 1):
        for column, value in enumerate(line, 1):
            cell = sheet.cell(number, column)
            cell.value = value
            cell.data_type = "s"  # text, also where it starts with = or +
    sheet.freeze_panes = "A2"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _lines(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    fields = list(dict.fromkeys(field for row in rows for field in row["fields"]))
    table = [[*COLUMNS, *fields, "warnings"]]
    for row in rows:
        values = [_text(row["fields"].get(field, "")) for field in fields]
        table.append([*(str(row[key]) for key in COLUMNS), *values, "\n".join(row["warnings"])])
    return table


def _text(value: str | list[str]) -> str:
    return "\n".join(value) if isinstance(value, list) else value


def _harmless(value: str) -> str:
    """A spreadsheet must not run copy as a formula (OWASP: CSV injection)."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _json(rows: Sequence[dict[str, Any]]) -> str:
    import json

    return json.dumps(list(rows), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}", hint="choose another --output") from error
    typer.echo(f"wrote {path}", err=True)
