"""Options that several commands share, and how a command prints JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

Campaign = Annotated[Path, typer.Argument(help="The campaign file.", metavar="CAMPAIGN")]
Json = Annotated[bool, typer.Option("--json", help="JSON to stdout, words to stderr.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more; show tracebacks.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Plain text, no colours.")]
Out = Annotated[Path | None, typer.Option(help="Run folder; default out/<campaign>.")]
Profile = Annotated[str | None, typer.Option(help="Set of backends: mini, standard, studio, own.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A setting, such as copy.backend=openai."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Refuse every use of the network.")]
Templates = Annotated[Path | None, typer.Option(help="Folder whose templates win over ours.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed; default the campaign's.")]


def wants_json() -> bool:
    """Whether this command line asked for JSON; used where its options are not parsed yet."""
    arguments = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    return "--json" in arguments


def print_json(value: Any) -> None:
    """One JSON document to stdout."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True))


def finish(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise typer.Exit(code)
