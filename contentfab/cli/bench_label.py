"""`contentfab bench-label`: evidence that the invisible mark holds on the user's own pictures."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from contentfab.cli.options import Json, NoColor, Sets, Verbose, finish, print_json
from contentfab.errors import InputError


def bench_label(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Pictures, folders or a run.")
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for label-evidence.md and label-evidence.json.")
    ] = Path(),
    unmarked: Annotated[
        list[Path] | None, typer.Option(help="Pictures without a mark, to count false positives.")
    ] = None,
    attack: Annotated[
        list[str] | None, typer.Option(help="Only this attack; default all of them.")
    ] = None,
    minimum: Annotated[
        float,
        typer.Option("--min", min=0, max=1, help="Least share that must survive each attack."),
    ] = 0.0,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 means one per core.")] = 0,
    sets: Sets = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Run the robustness table on your own pictures and write it down as evidence."""
    import json

    from contentfab.delivery import label_bench
    from contentfab.settings import MINI, parse_sets
    from contentfab.store import publish_file

    options = MINI["watermark"] | parse_sets(sets or ()).get("watermark", {})
    if not out.is_dir():
        raise InputError(f"{out} is no folder", hint="make it, or choose another --out")

    def tell(done: int, total: int) -> None:
        if verbose or done % 10 == 0 or done == total:
            typer.echo(f"{done} of {total} pictures", err=True)

    evidence = label_bench.bench(
        label_bench.pictures(paths),
        options,
        unmarked=label_bench.pictures(unmarked or []),
        attacks=attack or (),
        workers=workers or os.cpu_count() or 1,
        tell=tell,
    )
    page, document = label_bench.markdown(evidence), evidence.as_json()
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    publish_file(out / "label-evidence.md", page.encode())
    publish_file(out / "label-evidence.json", text.encode())
    if json_:
        print_json(document)
    else:
        typer.echo(page)
    typer.echo(f"wrote {out / 'label-evidence.md'} and label-evidence.json", err=True)
    weak = [name for name, (good, total) in evidence.rates().items() if good < minimum * total]
    for name in weak:
        typer.echo(f"below --min {minimum:g}: {name}", err=True)
    finish(1 if weak or evidence.false_positives()[0] else 0)
