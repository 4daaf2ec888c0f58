"""`contentfab copy` on a terminal: one block per cell, one line per text, length against limit.

Columns are measured in terminal cells, so that Chinese and Latin lines stay aligned; nothing is
wider than the terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

HEADINGS = ("variant", "field", "text", "length")


def show_table(rows: Sequence[dict[str, Any]]) -> None:
    """Print the rows of `pipeline.copy_rows`, cell by cell."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    widths = _widths(rows)
    cells: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        name = " · ".join(row[key] for key in ("product", "segment", "channel", "locale"))
        cells.setdefault(name, []).append(row)
    for name, variants in cells.items():
        console.print(Text(name, style="bold"))
        console.print(_block(variants, widths))


def _block(variants: Sequence[dict[str, Any]], widths: tuple[int, int, int]) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    for heading, width in zip(HEADINGS, (*widths[:2], None, widths[2]), strict=True):
        right = "right" if heading == "length" else "left"
        table.add_column(heading, width=width, justify=right, overflow="fold")  # type: ignore[arg-type]
    for number, row in enumerate(variants):
        if number:
            table.add_section()
        label = f"{row['variant'].rsplit('--', 1)[1]} {row['angle']}"
        for line in _lines(row):
            warning = line[0] == "warning"
            table.add_row(
                Text(label, style="cyan"),
                Text(line[0], style="yellow" if warning else "dim"),
                Text(line[1], style="yellow" if warning else ""),
                Text(line[2], style="red" if line[3] else "dim"),
            )
            label = ""
    return table


def _lines(row: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Field, text, length/limit, and whether it is over, for each text and remark of a line."""
    lines = []
    for field, value in row["fields"].items():
        sizes = row["measures"].get(field, {})
        limit = sizes.get("max")
        measured = sizes.get("value", [])
        texts = value if isinstance(value, list) else [value]
        measured = measured if isinstance(measured, list) else [measured]
        for number, text in enumerate(texts):
            size = measured[number] if number < len(measured) else None
            length = f"{size}/{limit}" if size is not None else ""
            over = size is not None and limit is not None and size > limit
            lines.append((field if number == 0 else "", text, length, over))
    score = row["scores"][0]
    if score["value"] is not None:
        lines.append(("score", f"{score['value']:.2f}; {score['explanation']}", "", False))
    if row["human_edited"]:
        lines.append(("edited", "by hand", "", False))
    lines += [("warning", text, "", False) for text in row["warnings"]]
    return lines


def _widths(rows: Sequence[dict[str, Any]]) -> tuple[int, int, int]:
    """Widths that all blocks share, so that columns stand under each other from cell to cell."""
    from rich.cells import cell_len

    labels = [f"{row['variant'].rsplit('--', 1)[1]} {row['angle']}" for row in rows]
    fields = [line[0] for row in rows for line in _lines(row)]
    lengths = [line[2] for row in rows for line in _lines(row)]

    def widest(texts: Sequence[str], heading: str) -> int:
        return max((cell_len(text) for text in (*texts, heading)), default=0)

    return widest(labels, "variant"), widest(fields, "field"), widest(lengths, "length")
