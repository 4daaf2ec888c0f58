"""Commands that look and tidy: doctor, schema, prune."""

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
    Sets,
    Templates,
    Verbose,
    finish,
    print_json,
)
from contentfab.errors import InputError


def doctor(json_: Json = False, verbose: Verbose = False, no_color: NoColor = False) -> None:
    """Report on this machine: packages, fonts, devices, settings; say what is missing and how to
    get it."""
    from contentfab.delivery.environment import doctor_records

    records = doctor_records()
    if json_:
        print_json({"ok": all(r["ok"] for r in records if r["needed"]), "checks": records})
    else:
        for record in records:
            mark = "ok     " if record["ok"] else ("MISSING" if record["needed"] else "absent ")
            fix = f"; {record['fix']}" if record["fix"] and not record["ok"] else ""
            typer.echo(f"{mark} {record['name']}: {record['detail']}{fix}")
    finish(3 if any(r["needed"] and not r["ok"] for r in records) else 0)


def schema(
    name: Annotated[str | None, typer.Argument(help="One schema; default all.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the files to this folder.")
    ] = None,
    json_: Json = False,
) -> None:
    """Print the JSON Schemas of all inputs and of the manifest, or write them to a folder."""
    from contentfab.rules.schemas import schemas, write_schemas

    known = schemas()
    if name is not None and name not in known:
        raise InputError(f"unknown schema {name!r}", hint=f"schemas are {', '.join(known)}")
    if output is not None:
        for path in write_schemas(output):
            typer.echo(f"wrote {path}", err=True)
        return
    print_json(known[name] if name else known)


def prune(
    campaign: Campaign,
    out: Out = None,
    profile: Profile = None,
    sets: Sets = None,
    offline: Offline = False,
    templates: Templates = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the files.")] = False,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Remove files of a run that the campaign, as it is now, does not need."""
    from contentfab import pipeline

    line = pipeline.open_line(
        campaign, out=out, profile=profile, sets=sets or (), offline=offline, templates=templates
    )
    removed = pipeline.prune(line, dry_run=dry_run)
    if json_:
        print_json({"removed": removed, "dry_run": dry_run})
        return
    for name in removed:
        typer.echo(name)
    typer.echo(f"{len(removed)} files {'would be ' if dry_run else ''}removed", err=True)
