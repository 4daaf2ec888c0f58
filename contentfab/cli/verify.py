"""`contentfab verify`: every layer of label read back, as text, JSON or JUnit, or as a picture."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Annotated

import typer

from contentfab.cli.options import Json, NoColor, Verbose, finish, print_json
from contentfab.errors import InputError

FORMATS = ("text", "json", "junit")


def verify(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders or a run.")],
    expect: Annotated[
        str, typer.Option(help="Jurisdictions whose label must be there, such as cn,eu.")
    ] = "",
    format_: Annotated[str, typer.Option("--format", help="text, json or junit.")] = "text",
    explain: Annotated[
        Path | None,
        typer.Option(metavar="OUT.png", help="Draw the evidence for one picture to this file."),
    ] = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Read every layer of label back, and check a run folder against its manifest. Works on any
    picture or copy file, offline. Ends in 5 when a file's label is at fault, in 1 when a run is."""
    from contentfab import registry
    from contentfab.delivery import verify as delivery
    from contentfab.settings import MINI

    form = "json" if json_ else format_
    if form not in FORMATS:
        raise InputError(f"unknown format {form!r}", hint=f"formats are {', '.join(FORMATS)}")
    missing = [path for path in paths if not (glob.has_magic(path) or Path(path).exists())]
    if missing:
        raise InputError(f"{missing[0]} does not exist", hint="check the path; globs are fine")
    if explain is not None and (len(paths) != 1 or not Path(paths[0]).is_file()):
        raise InputError("--explain draws the evidence for one picture", hint="name one file")
    watermark = registry.build("watermark", MINI["watermark"])
    signer = registry.build("signer", MINI["signer"], offline=True)
    result = delivery.verify([Path(path) for path in paths], watermark, expect or None, signer)
    if explain is not None:
        from contentfab.delivery.explain import explain as draw

        draw(Path(paths[0]), result["files"][0], explain)
        typer.echo(f"wrote {explain}", err=True)
    if form == "json":
        print_json(result)
    elif form == "junit":
        typer.echo(delivery.junit_report(result), nl=False)
    else:
        typer.echo(delivery.human_report(result, verbose))
    broken_label = any(not file["ok"] for file in result["files"])
    finish(5 if broken_label else 0 if result["ok"] else 1)
