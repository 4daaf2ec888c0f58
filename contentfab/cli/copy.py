"""`contentfab copy`: write the copy, show it to people, and take their edits back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contentfab.cli.options import (
    Campaign,
    Json,
    NoColor,
    Offline,
    Out,
    Profile,
    Seed,
    Sets,
    Templates,
    Verbose,
    finish,
    one_of,
    open_line,
)
from contentfab.errors import InputError

FORMATS = ("table", "csv", "xlsx", "json")


def copy(
    campaign: Campaign,
    format_: Annotated[
        str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; needed for xlsx.")
    ] = None,
    out: Out = None,
    profile: Profile = None,
    sets: Sets = None,
    offline: Offline = False,
    templates: Templates = None,
    seed: Seed = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Write the copy only, and show it with measured lengths and warnings."""
    from contentfab import pipeline
    from contentfab.cli import copy_table
    from contentfab.cli.progress import reporter
    from contentfab.flow import views

    chosen = "json" if json_ else format_
    one_of("--format", chosen, FORMATS)
    if chosen == "xlsx" and output is None:
        raise InputError("--format xlsx writes a file", hint="add --output copy.xlsx")
    line = open_line(campaign, out, profile, sets, offline, templates, seed)
    with reporter(plain=True, verbose=verbose) as progress:
        result = pipeline.run(line, progress, pipeline.RunOptions(until="copywriting"))
    copy_table.show(views.copy_rows(line.plan, line.folder), chosen, output)
    finish(result.exit_code)
