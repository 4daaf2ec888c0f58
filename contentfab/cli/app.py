"""The `contentfab` command: its sub-commands, and what an error looks like to its user."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import typer

from contentfab.cli import (
    bench_label,
    calibrate,
    copy,
    cutout,
    inspect,
    keys,
    label,
    layouts,
    make,
    models,
    score,
    tools,
    verify,
)
from contentfab.cli.options import wants_json
from contentfab.errors import ContentfabError

INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h: a bug of ours, none of the documented codes
INTERRUPTED = 130

app = typer.Typer(
    name="contentfab",
    help="The build system and test suite for ad creatives: a campaign file in, labelled, scored, "
    "A/B-ready posters and copy out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done, 1 a gate or check did not pass, 2 bad input, 3 missing dependency, "
    "4 backend failed, 5 label failed, 6 storage failed, 7 finished with failed jobs.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from contentfab import __version__

        typer.echo(f"contentfab {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    pass


COMMANDS: tuple[Callable[..., None], ...] = (
    make.init, make.check, make.plan, make.run, copy.copy, make.status,
    layouts.layouts, cutout.cutout, inspect.inspect,
    score.score, label.label, bench_label.bench_label, verify.verify, calibrate.calibrate,
    tools.doctor, tools.schema, tools.prune,
)  # fmt: skip
for _command in COMMANDS:
    app.command()(_command)
GROUPS: dict[str, typer.Typer] = {"keys": keys.app, "models": models.app}
for _name, _group in GROUPS.items():
    app.add_typer(_group, name=_name)


def main() -> None:
    """Run the command line; every known error ends in its message, its fix and its exit code."""
    try:
        app()
    except ContentfabError as error:
        _show(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe went away; there is nobody to tell
        sys.exit(0)
    except Exception as error:
        if "-v" in sys.argv or "--verbose" in sys.argv:
            raise
        typer.echo(f"internal error: {type(error).__name__}: {error}", err=True)
        typer.echo("  this is a bug in contentfab; run again with -v for the traceback", err=True)
        sys.exit(INTERNAL_ERROR)


def _show(error: ContentfabError) -> None:
    problems = getattr(error, "problems", ())
    if wants_json():
        from dataclasses import asdict

        body = {
            "error": type(error).__name__,
            "message": str(error),
            "hint": error.hint,
            "retryable": error.retryable,
            "exit_code": error.exit_code,
            "problems": [asdict(problem) for problem in problems],
        }
        typer.echo(json.dumps(body, ensure_ascii=False, indent=1))
        return
    lines = [("error" if p.level == "error" else "warning", str(p)) for p in problems]
    for level, line in lines or [("error", line) for line in str(error).splitlines()]:
        typer.echo(f"{level}: {line}", err=True)
    if error.hint:
        typer.echo(f"  fix: {error.hint}", err=True)
