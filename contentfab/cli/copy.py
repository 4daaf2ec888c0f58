"""`contentfab copy`: write the copy, show it to people, and take their edits back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contentfab.cli.options import (
    Campaign,
    Json,
    LlmMode,
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

FORMATS = ("table", "csv", "xlsx", "json", "md", "txt")


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
    llm_mode: LlmMode = None,
    offline: Offline = False,
    templates: Templates = None,
    seed: Seed = None,
    import_: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Take an edited XLSX, CSV or TSV back."),
    ] = None,
    only: Annotated[str, typer.Option(help="Only cells, variants or ids matching a glob.")] = "",
    budget: Annotated[
        float | None, typer.Option(min=0, help="USD; stop before passing it.")
    ] = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Write the copy only, and show it with measured lengths and warnings; take edits back."""
    from contentfab import pipeline
    from contentfab.cli import copy_files, copy_table
    from contentfab.cli.progress import reporter

    chosen = "json" if json_ else format_
    one_of("--format", chosen, FORMATS)
    if chosen == "table" and output is not None:
        chosen = output.suffix.lower().lstrip(".")
        one_of("--output: the format", chosen, FORMATS[1:])
    if chosen == "xlsx" and output is None:
        raise InputError("--format xlsx writes a file", hint="add --output copy.xlsx")
    line = open_line(campaign, out, profile, sets, offline, templates, seed, llm_mode=llm_mode)
    if import_ is not None:
        taken = pipeline.import_copy(line, import_)
        typer.echo(f"{len(taken.changed)} lines changed, {taken.unchanged} as before", err=True)
        line = open_line(campaign, out, profile, sets, offline, templates, seed, llm_mode=llm_mode)
    options = pipeline.RunOptions(until="copywriting", only=only, budget=budget)
    with reporter(plain=True, verbose=verbose) as progress:
        result = pipeline.run(line, progress, options)
    rows = pipeline.copy_rows(line, only)
    if chosen == "table" and output is None:
        copy_table.show_table(rows)
    else:
        copy_files.write(rows, chosen, output)
    finish(result.exit_code)
