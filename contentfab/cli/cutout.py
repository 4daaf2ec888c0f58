"""`contentfab cutout`: product photos with their background taken away, to look at and to use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contentfab.cli.options import Json, NoColor, Offline, Verbose, finish, print_json


def cutout(
    paths: Annotated[list[Path], typer.Argument(metavar="PHOTO…", help="PNG, JPEG or WebP.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the cut-outs; default beside each photo.")
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            help="u2net, isnet-general-use, birefnet-general, … or a path to an ONNX file."
        ),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace cut-outs.")] = False,
    offline: Offline = False,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Cut products out of photos: plain backgrounds by themselves, others with --model. Writes
    <name>.cutout.png; the photo is never changed."""
    from contentfab.delivery.cutouts import cut_file

    cutter = None
    if model:
        from contentfab.backends.matte_rembg import RembgMatte

        cutter = RembgMatte(model, offline=offline)
    results = [
        cut_file(
            path,
            out,
            model=cutter.cut if cutter else None,
            by=cutter.id if cutter else "",
            force=force,
        )
        for path in paths
    ]
    for cut in results:
        if cut.error:
            typer.echo(f"error: {cut.path}: {cut.error}", err=True)
            typer.echo(f"  fix: {cut.hint}", err=True)
            continue
        holes = f", {cut.holes} holes" if cut.holes else ""
        typer.echo(
            f"{cut.path} -> {cut.out}  ({cut.by}, {cut.covers:.0%} product{holes})", err=True
        )
    if json_:
        print_json(
            {"ok": not any(c.error for c in results), "files": [c.as_json() for c in results]}
        )
    finish(2 if any(cut.error for cut in results) else 0)
