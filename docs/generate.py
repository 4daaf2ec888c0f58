"""Writes the docs that come from the code: the CLI reference and the JSON Schemas.

`--check` writes nothing and fails when a file is not what the code says.
"""

from __future__ import annotations

import sys
from pathlib import Path

from typer.testing import CliRunner

from contentfab.cli.app import COMMANDS, GROUPS, app
from contentfab.rules.schemas import schema_text, schemas

DOCS = Path(__file__).resolve().parent
WIDTH = 88


def main(arguments: list[str]) -> int:
    wanted = {DOCS / "cli.md": cli_reference()}
    for name, schema in schemas().items():
        wanted[DOCS / "schemas" / f"{name}.schema.json"] = schema_text(schema)
    stale = [path for path, text in wanted.items() if not path.is_file() or _read(path) != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(DOCS.parent)} is stale; run `make docs`")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
        print(f"wrote {path.relative_to(DOCS.parent)}")
    return 0


def cli_reference() -> str:
    """Every command's `--help`, as one page."""
    names = [""] + [command.__name__ for command in COMMANDS]
    for name, group in GROUPS.items():
        names += [name, *(f"{name} {c.callback.__name__}" for c in group.registered_commands)]
    parts = ["# Commands\n\nGenerated from the code by `make docs`.\n"]
    for name in names:
        line = " ".join(filter(None, ("contentfab", name, "--help")))
        result = CliRunner().invoke(
            app, line.split()[1:], prog_name="contentfab", env={"COLUMNS": str(WIDTH)}
        )
        heading = f"## contentfab {name}\n\n" if name else ""
        text = "\n".join(row.rstrip() for row in result.stdout.strip().splitlines())
        parts.append(f"{heading}```console\n$ {line}\n{text}\n```\n")
    return "\n".join(parts)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
