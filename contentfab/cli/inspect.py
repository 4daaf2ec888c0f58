"""`contentfab inspect`: the test suite of finished posters, for a run's files and any picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contentfab.cli.options import Json, NoColor, Verbose, finish, one_of, print_json
from contentfab.errors import InputError

FORMATS = ("text", "json", "junit", "github")


def inspect(
    paths: Annotated[
        list[str], typer.Argument(metavar="IMAGE…|RUN", help="Pictures, folders, or a run folder.")
    ],
    brand: Annotated[
        str, typer.Option(help="Brand guide: its name, or its folder. A run knows its own.")
    ] = "",
    placement: Annotated[
        str, typer.Option(help="Where the pictures run, such as meta.feed/4x5.")
    ] = "",
    product: Annotated[
        Path | None, typer.Option(help="The product's cut-out, to compare its pixels with.")
    ] = None,
    annotate: Annotated[
        Path | None,
        typer.Option(metavar="OUT.png", help="Draw the findings of one picture over it."),
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="text, json, junit or github.")] = "text",
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Inspect finished posters: type, contrast, safe areas, logo, product, palette, the AI label,
    the picture's own quality and its file. Files of a run are checked against what its manifest
    says of their layout; of any other picture, the rules that need no record. Rules that were not
    run are named. Ends in 1 when a picture has an error."""
    from contentfab import registry
    from contentfab.delivery import inspection_report as report
    from contentfab.delivery.inspection import Options, find_brand, find_placement, inspect_paths
    from contentfab.settings import MINI

    form = "json" if json_ else format_
    one_of("--format", form, FORMATS)
    if product is not None and not product.is_file():
        raise InputError(f"{product} does not exist", hint="give the product's cut-out picture")
    layout = registry.build("layout", MINI["layout"])
    options = Options(
        brand=find_brand(brand) if brand else None,
        placement=find_placement(placement) if placement else None,
        product=product,
        masters=layout.masters,
    )
    results = list(inspect_paths(paths, options))
    if annotate is not None:
        if len(results) != 1:
            raise InputError("--annotate draws over one picture", hint="name one file")
        report.annotate(results[0], annotate)
        typer.echo(f"wrote {annotate}", err=True)
    ok = all(result.ok for result in results)
    if form == "json":
        print_json({"ok": ok, "files": [result.as_json() for result in results]})
    elif form == "text":
        typer.echo(report.text_report(results, verbose))
    else:
        typer.echo(report.FORMATS[form](results), nl=False)
    finish(0 if ok else 1)
