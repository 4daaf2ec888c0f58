"""Options that several commands share, and how a command prints JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from contentfab.errors import InputError

if TYPE_CHECKING:
    from contentfab.pipeline import Line

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
LlmMode = Annotated[
    str | None,
    typer.Option("--llm-mode", help="Ask the LLM live, or in batch jobs at half the price."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Refuse every use of the network.")]
Templates = Annotated[Path | None, typer.Option(help="Folder whose templates win over ours.")]
Commercial = Annotated[
    bool, typer.Option("--commercial", help="Refuse models whose licence forbids commercial use.")
]
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


def open_line(
    campaign: Path,
    out: Path | None,
    profile: str | None,
    sets: list[str] | None,
    offline: bool,
    templates: Path | None,
    seed: int | None,
    executor: str | None = None,
    llm_mode: str | None = None,
    commercial: bool = False,
) -> Line:
    """The line of a campaign, with the options of a command."""
    from contentfab import pipeline

    return pipeline.open_line(
        campaign,
        out=out,
        profile=profile,
        sets=[*(sets or ()), *([f"copy.mode={llm_mode}"] if llm_mode else ())],
        offline=offline,
        templates=templates,
        seed=seed,
        executor=executor,
        commercial=commercial,
    )


def one_of(option: str, value: str, valid: Iterable[str]) -> None:
    """Raises InputError, with the valid values, when an option has another one."""
    if value not in valid:
        raise InputError(f"{option} {value!r} is unknown", hint=f"one of {', '.join(valid)}")
