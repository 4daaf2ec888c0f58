"""Labelled copy as CSV, Markdown and plain text: written, and read back from any file.

A row is one entry of `copy --format json` plus `label` (the visible words) and `AIGC` (the record
of `labels/aigc.py`) where the copy carries them. CSV has both in columns; Markdown has the AIGC
record in its front matter (TC260-PG-20258A) and the words as a quoted first line; plain text has no
place for metadata, so only the words, as its first line. Texts are kept as they are: nothing
invisible is put in. `sha256` tells an edit that came after the label; it is a checksum, no
signature: a `.c2pa` sidecar is that.

Knows nothing about files on disk, nor about what the law asks for.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from contentfab.errors import InputError
from contentfab.rules.keys import canonical
from contentfab.rules.labels.aigc import aigc_text

Row = Mapping[str, Any]

ABOUT = ("id", "asset", "product", "segment", "channel", "locale", "variant", "angle", "backend")
ENDING = ("ai_generated", "label", "AIGC", "sha256")
MAX_ROWS = 100_000
MAX_DOCUMENTS, MAX_FRONT = 2_000, 64 * 1024
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_MARKUP = re.compile(r"([\\`*_\[\]<>#~|&])")
_LINE_START = re.compile(r"(?m)^([ \t]*)([-+=]|\d+(?=[.)]))")
_ESCAPED = re.compile(r"\\([\n!-/:-@\[-`{-~])")
_FRONT = re.compile(r"(?ms)^---\n(.*?)\n---\n(.*?)(?=^---\n|\Z)")
_FIELD = re.compile(r"(?ms)^## ([^\n]+)\n\n(.*?)(?=^## |\Z)")


def write_csv(rows: Sequence[Row]) -> str:
    """All rows as one table (RFC 4180), a column per field, lists with a line per text. What a
    spreadsheet would run as a formula starts with an apostrophe (OWASP: CSV injection). For Excel,
    encode as `utf-8-sig`."""
    fields = list(dict.fromkeys(name for row in rows for name in row["fields"]))
    about = [name for name in ABOUT if any(name in row for row in rows)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*about, *fields, *ENDING])
    for row in rows:
        texts = texts_of(row)
        line = [
            *(str(row.get(name, "")) for name in about),
            *(texts.get(name, "") for name in fields),
            *_ending(row).values(),
        ]
        writer.writerow([_harmless(value) for value in line])
    return out.getvalue()


def read_csv(text: str) -> list[dict[str, Any]]:
    """The rows of a table that `write_csv` wrote. InputError when it has no label columns."""
    try:
        table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"the file is no CSV table: {error}") from None
    heading, lines = (table[0], table[1:]) if table else ([], [])
    if len(set(heading)) != len(heading) or not {"label", "AIGC"} <= set(heading):
        raise InputError("the file is no labelled copy: it has no columns label and AIGC")
    if len(lines) > MAX_ROWS:
        raise InputError(f"the table has {len(lines):,} rows; the limit is {MAX_ROWS:,}")
    rows = []
    for number, line in enumerate(filter(None, lines), 2):
        if len(line) != len(heading):
            raise InputError(f"row {number} has {len(line)} cells, the heading {len(heading)}")
        cells = dict(zip(heading, map(plain_cell, line), strict=True))
        fields = {k: v for k, v in cells.items() if k not in (*ABOUT, *ENDING, "warnings") and v}
        about = {name: cells[name] for name in ABOUT if name in cells}
        rows.append({**about, "fields": fields, **_read_ending(cells)})
    return rows


def write_markdown(row: Row) -> str:
    """One row as a Markdown document: front matter, the visible words as a quoted line, then a
    heading for each field. Documents may stand one after the other in one file."""
    about = {name: str(row[name]) for name in ABOUT if name in row}
    ending = _ending(row)
    front: dict[str, Any] = {"AIGC": dict(row["AIGC"])} if row.get("AIGC") else {}
    front |= about | {"ai_generated": bool(row.get("ai_generated", True))}
    front |= {"label": ending["label"], "sha256": ending["sha256"]}
    lines = ["---", _yaml(front) + "---", ""]
    if row.get("label"):
        lines += [f"> {_marked_up(row['label'])}", ""]
    for name in texts_of(row):
        value = row["fields"][name]
        lines += [f"## {name}", ""]
        if isinstance(value, str):
            lines += [_marked_up(value), ""]
        else:
            lines += [*(f"- {_marked_up(text, '  ')}" for text in value), ""]
    return "\n".join(lines)


def read_markdown(text: str) -> list[dict[str, Any]]:
    """The rows of the documents in `text`. `label` is what stands in the quoted line, which must
    be the one in the front matter, else "". InputError when there is no front matter."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    found = list(_FRONT.finditer(text))
    if not found or text[: found[0].start()].strip():
        raise InputError("the file is no labelled copy: it does not begin with front matter")
    if len(found) > MAX_DOCUMENTS or any(len(match[1]) > MAX_FRONT for match in found):
        raise InputError("the file has too many documents, or too long a front matter")
    return [_read_document(match[1], match[2]) for match in found]


def write_text(row: Row) -> str:
    """One row as plain text: the visible words, then each field's texts, a blank line between."""
    label = [row["label"]] if row.get("label") else []
    return "\n\n".join([*label, *texts_of(row).values()]) + "\n"


def read_text(text: str) -> dict[str, Any]:
    """The first line of plain text as `label`, the rest as its one field `text`."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").strip("\n")
    label, _, rest = text.partition("\n")
    return {"label": label.strip(), "fields": {"text": rest.strip("\n")}}


def texts_of(row: Row) -> dict[str, str]:
    """The fields that hold text, each as one text: the texts of a list, a line each. Line ends
    around a text do not count."""
    joined = {
        name: _bare(value) if isinstance(value, str) else _bare("\n".join(map(_bare, value)))
        for name, value in row["fields"].items()
    }
    return {name: value for name, value in joined.items() if value}


def _bare(text: str) -> str:
    return text.strip("\r\n")


def text_digest(row: Row) -> str:
    """sha256 in hex over the row's asset, locale, label and texts. Line ends do not count, since
    spreadsheet programs change them."""
    content = {
        "asset": str(row.get("asset") or row.get("id", "")),
        "locale": str(row.get("locale", "")),
        "label": row.get("label") or "",
        "ai_generated": bool(row.get("ai_generated", True)),
        "texts": {k: re.sub(r"\r\n?", "\n", v) for k, v in texts_of(row).items()},
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def _ending(row: Row) -> dict[str, str]:
    record = row.get("AIGC")
    return {
        "ai_generated": "true" if row.get("ai_generated", True) else "false",
        "label": row.get("label") or "",
        "AIGC": aigc_text(record) if record else "",
        "sha256": text_digest(row),
    }


def _read_ending(cells: Mapping[str, str]) -> dict[str, Any]:
    record: Any = None
    if cells["AIGC"]:
        try:
            record = json.loads(cells["AIGC"])
        except (ValueError, RecursionError):
            record = cells["AIGC"]
    return {
        "ai_generated": cells.get("ai_generated", "").lower() != "false",  # Excel writes FALSE
        "label": cells["label"],
        "AIGC": record,
        "sha256": cells.get("sha256", ""),
    }


def _read_document(front: str, body: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(front)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise InputError("the front matter is not YAML") from None
    if not isinstance(found, dict):
        raise InputError("the front matter holds no AIGC record")
    head = re.match(r"\s*(?:> ([^\n]*)\n)?", body)
    label = _ESCAPED.sub(r"\1", head[1] or "") if head else ""
    fields = {match[1]: _read_field(match[2]) for match in _FIELD.finditer(body)}
    # Only plain values: aliases of YAML can make a text of a few lines endless.
    about = {name: str(v) for name, v in found.items() if name in ABOUT and _is_plain(v)}
    return {
        **about,
        "fields": fields,
        "ai_generated": found.get("ai_generated") is not False,
        "label": label if label == found.get("label") else "",
        "AIGC": found.get("AIGC"),
        "sha256": str(found["sha256"]) if _is_plain(found.get("sha256")) else "",
    }


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _read_field(body: str) -> str | list[str]:
    body = body.removesuffix("\n").removesuffix("\n")
    if not body.startswith("- "):
        return _unmarked(body)
    return [_unmarked(text.replace("\n  ", "\n")) for text in re.split(r"(?m)^- ", body)[1:]]


def _yaml(front: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(front), sort_keys=False, allow_unicode=True, width=10_000)


def _marked_up(text: str, indent: str = "") -> str:
    """`text` so that Markdown shows it letter for letter, line ends as hard breaks (CommonMark)."""
    safe = _LINE_START.sub(_start, _MARKUP.sub(r"\\\1", _bare(text)))
    return safe.replace("\n", f"\\\n{indent}")


def _start(match: re.Match[str]) -> str:
    mark = match[2]
    return f"{match[1]}{mark}\\" if mark.isdigit() else f"{match[1]}\\{mark}"


def _unmarked(text: str) -> str:
    return _ESCAPED.sub(r"\1", text.removesuffix("\n"))


def _harmless(value: str) -> str:
    return f"'{value}" if _FORMULA.match(value) else value


def plain_cell(value: str) -> str:
    """A cell as it was before `write_csv` kept it from being run as a formula."""
    return value[1:] if value.startswith("'") and _FORMULA.match(value) else value
