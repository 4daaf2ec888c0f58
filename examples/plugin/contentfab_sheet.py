"""A contentfab copywriter that takes copy from a CSV that people wrote; it invents nothing.

One row per product, channel, locale and letter (a is the control); every other column is a field,
and a field that takes several texts separates them with `|`. Limits, brand words and claims are
checked by contentfab as for any other copywriter.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from contentfab.errors import InputError
from contentfab.records.copy import CopyDraft, CopyReply, CopyRequest, VariantAsk

KEY = ("product", "channel", "locale", "letter")


class SheetCopywriter:
    """`file` is the CSV. Its hash is part of `id`: an edited sheet means new copy, not old cache.

    Raises InputError when the file cannot be read or lacks a key column."""

    uses_ai = False  # people wrote it

    def __init__(self, file: str = "copy.csv") -> None:
        path = Path(file)
        if not path.is_file():
            raise InputError(f"copy sheet {file} is not there", hint="--set copy.file=PATH")
        self._name = path.name
        data = path.read_bytes()
        self.id = f"sheet/{hashlib.sha256(data).hexdigest()[:12]}"
        rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
        if rows and not set(KEY) <= set(rows[0]):
            raise InputError(f"{file} lacks a column", hint=f"it needs {', '.join(KEY)}")
        self._rows = {tuple(row[column] for column in KEY): row for row in rows}

    def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
        for request in requests:
            try:
                drafts = tuple(self._draft(request, ask) for ask in request.variants)
            except KeyError as missing:
                row = ", ".join(missing.args[0])
                yield CopyReply(request.key, error=f"{self._name} has no row {row}")
            else:
                yield CopyReply(request.key, drafts)

    def _draft(self, request: CopyRequest, ask: VariantAsk) -> CopyDraft:
        cell = request.cell
        row = self._rows[cell.product, cell.channel, cell.locale, ask.id.rsplit("--", 1)[1]]
        lists = {rule.name for rule in request.rules if rule.count_max > 1}
        fields = {
            name: text.split("|") if name in lists else text
            for name, text in row.items()
            if text and name not in KEY
        }
        return CopyDraft(ask.id, ask.angle, fields)
