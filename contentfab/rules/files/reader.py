"""Reads the files that a campaign names, remembers their digests, collects what is wrong.

Every file is named by a field of another file; when it cannot be read the problem is told at that
field. Knows which folder may not be left, not what the files hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from contentfab.errors import Problem
from contentfab.rules.files.located import Located, from_document
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.safe_files import FileFault, digest, read_file, resolve_inside
from contentfab.rules.files.text_files import without_controls
from contentfab.rules.files.yaml_lines import load_document


@dataclass(frozen=True)
class SourceFile:
    """A file as read. `shown` is how users see its name, `name` its key in the digests."""

    path: Path
    name: str
    shown: str
    data: bytes


@dataclass
class Reader:
    """Reads inside `root`. `shown` is put before names shown to users, `named` before names in
    `digests`, which several readers share, as they share `problems`."""

    root: Path
    shown: str = ""
    named: str = ""
    digests: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def elsewhere(self, root: Path, shown: str, named: str) -> Reader:
        """A reader of another folder that reports to the same place."""
        return Reader(root, shown, named, self.digests, self.problems)

    def open(self, path: Path) -> SourceFile:
        """Read a file below `root`. Raises FileFault."""
        relative = without_controls(path.relative_to(self.root).as_posix())
        data = read_file(path, name=relative)
        name = f"{self.named}{relative}"
        self.digests[name] = digest(data)
        return SourceFile(path, name, self.show(path), data)

    def show(self, path: Path) -> str:
        """Name of a path below `root` as the user would type it."""
        relative = without_controls(path.relative_to(self.root).as_posix())
        return str(PurePosixPath(self.shown) / relative) if self.shown else relative

    def read_named(self, located: Located, path: FieldPath, name: str) -> SourceFile | None:
        """The file `name` that stands at `path` of `located`; None with a problem there."""
        try:
            return self.open(resolve_inside(self.root, located.folder, name))
        except FileFault as fault:
            self.problems.append(located.problem(path, fault.rule, fault.message, fault.hint))
            return None

    def document(self, file: SourceFile, label: str = "") -> Located | None:
        """A YAML or JSON file; None with its problems when it cannot be read as such."""
        json = file.path.suffix.lower() == ".json"
        document = load_document(file.data, file.shown, json=json)
        self.problems += document.problems
        if document.value is None:
            return None
        return from_document(document, file.shown, file.path.parent, label)
