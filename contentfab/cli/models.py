"""`contentfab models`: what models are here, their licences, and `models pull` for the others."""

from __future__ import annotations

from typing import Annotated

import typer

from contentfab.cli.options import Json, NoColor, Verbose, print_json

app = typer.Typer(
    help="Show the models that the profiles use: present or missing, licence, how to get them.",
    rich_markup_mode=None,
)
GB, MB = 10**9, 10**6


@app.callback(invoke_without_command=True)
def models(
    context: typer.Context,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Show the models that the profiles use: present or missing, size, licence, how to get them."""
    if context.invoked_subcommand is not None:
        return
    from contentfab.delivery.models import model_records

    records = model_records()
    if json_:
        print_json({"models": records})
        return
    for record in records:
        state = "present" if record["present"] else "missing"
        profiles = f"  [{', '.join(record['profiles'])}]" if record["profiles"] else ""
        typer.echo(f"{state:8} {record['name']}  {_size(record['size'])}{profiles}")
        condition = f" ({record['condition']})" if record["condition"] else ""
        licence = f"{record['licence']}, commercial use: {record['commercial_use']}{condition}"
        typer.echo(f"         {record['kind']}; {licence}")
        at = record["digest"] or record["revision"] or "unpinned: main of the day"
        typer.echo(f"         revision {at}")
        if verbose and record["evidence"]:
            typer.echo(f"         {record['evidence']}")
        if record["get"]:
            typer.echo(f"         get it: {record['get']}")


@app.command()
def pull(
    name: Annotated[str, typer.Argument(metavar="NAME", help="OWNER/NAME, or OWNER/NAME@COMMIT.")],
    json_: Json = False,
    verbose: Verbose = False,
) -> None:
    """Download a model, at the pinned revision if there is one; goes on where it stopped."""
    from contentfab.delivery.models import pull as fetch

    done = fetch(name, lambda text: typer.echo(text, err=True))
    if json_:
        print_json({"name": done.name, "revision": done.revision, "size": done.bytes})
        return
    typer.echo(f"{done.name} is here at {done.revision}, {_size(done.bytes)}", err=True)


def _size(size: int) -> str:
    if not size:
        return "size unknown"
    return f"{size / GB:.1f} GB" if size >= GB else f"{size / MB:.1f} MB"
