"""`copy_edits.yaml`: lines of copy that people edited, kept and versioned with the campaign.

Reads the file with the line of every entry, and writes it. Whether an edited line keeps the copy
contract is checked where the contract's inputs are known (`flow/edits.py`).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from contentfab.errors import Problem
from contentfab.records.brief import EditedLine
from contentfab.records.inputs import CopyEdit
from contentfab.rules.files.located import Located
from contentfab.rules.files.reader import Reader
from contentfab.rules.files.safe_files import FileFault
from contentfab.rules.files.shapes import validate
from contentfab.rules.keys import line_id

FILE = "copy_edits.yaml"
_HEAD = """\
# Lines of copy edited by hand. `contentfab copy CAMPAIGN --import FILE` writes this file; keep it
# with the campaign. Remove an entry to go back to the generated text.
"""


def load_edits(reader: Reader) -> dict[str, EditedLine]:
    """Edits by variant id; {} when the campaign has none. Problems go to `reader`."""
    path = reader.root / FILE
    if not path.exists():
        return {}
    try:
        document = reader.document(reader.open(path))
    except FileFault as fault:
        problem = Problem(FILE, fault.line, "", fault.message, fault.hint, fault.rule)
        reader.problems.append(problem)
        return {}
    if document is None:
        return {}
    entries = document.value.get("edits") if isinstance(document.value, dict) else None
    if not isinstance(entries, list):
        message, hint = "expected a list under `edits:`", "let `contentfab copy --import` write it"
        reader.problems.append(document.problem((), "edits.shape", message, hint))
        return {}
    found: dict[str, EditedLine] = {}
    for index in range(len(entries)):
        line = _line(reader, document.child("edits", index))
        if line is not None and line.edit.variant in found:
            message = f"{line.edit.variant} is edited twice"
            problem = Problem(line.file, line.line, "", message, "keep one entry", "edits.twice")
            reader.problems.append(problem)
        elif line is not None:
            found[line.edit.variant] = line
    return found


def dump_edits(edits: Iterable[CopyEdit]) -> bytes:
    """The file's bytes, sorted by variant."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 10_000  # a text on one line is easier to compare between versions
    yaml.default_flow_style = False
    buffer = io.BytesIO()
    ordered = sorted(edits, key=lambda edit: edit.variant)
    yaml.dump({"edits": [edit.model_dump() for edit in ordered]}, buffer)
    return _HEAD.encode() + buffer.getvalue()


def _line(reader: Reader, entry: Located) -> EditedLine | None:
    edit, problems = validate(CopyEdit, entry)
    reader.problems += problems
    if edit is None:
        return None
    file, number, _ = entry.where(())
    if edit.id != line_id(edit.variant):
        message, hint = "id and variant belong to different lines", "import the edited file again"
        reader.problems.append(entry.problem(("id",), "edits.id", message, hint))
        return None
    value: Any = entry.value
    return EditedLine(edit.model_copy(update={"fields": dict(value["fields"])}), file, number)
