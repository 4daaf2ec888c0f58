"""`contentfab label`: every layer of the AI label for pictures that were made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contentfab.cli.options import Json, NoColor, Offline, Sets, Verbose, finish, print_json
from contentfab.errors import InputError

if TYPE_CHECKING:
    from contentfab.delivery.labelling import Labeller, Options


def label(
    paths: Annotated[
        list[str], typer.Argument(metavar="IMAGE…", help="Pictures, folders or glob patterns.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for labelled copies; default labelled/ beside each.")
    ] = None,
    jurisdiction: Annotated[
        str, typer.Option(help="Under whose law, such as cn,eu: default, cn, eu, us-ny.")
    ] = "default",
    locale: Annotated[str, typer.Option(help="Language of the label.")] = "en-US",
    source_type: Annotated[
        str, typer.Option(help="IPTC digital source type of the picture.")
    ] = "trainedAlgorithmicMedia",
    system: Annotated[str, typer.Option(help="AI system that made it.")] = "",
    system_version: Annotated[str, typer.Option(help="Its version.")] = "",
    producer: Annotated[
        str, typer.Option(help="AIGC ContentProducer code (ASCII, no spaces).")
    ] = "contentfab",
    corner: Annotated[
        str, typer.Option(help="auto, or bottom-right, bottom-left, top-right, top-left.")
    ] = "auto",
    form: Annotated[
        str, typer.Option("--format", help="png, jpeg, webp or avif; default the input's.")
    ] = "",
    person: Annotated[
        bool, typer.Option("--person", help="It shows an AI-made person (New York).")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace labelled copies.")] = False,
    offline: Offline = False,
    sets: Sets = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Label any picture: visible label in a free corner, invisible mark, metadata, signature; then
    read all of them back. The picture itself is never changed; a labelled copy is written."""
    from contentfab.delivery import labelling
    from contentfab.flow.publish import now
    from contentfab.rules.files.shape_words import is_locale

    if form not in ("", *labelling.ENDINGS):
        raise InputError(
            f"unknown format {form!r}", hint=f"formats are {', '.join(labelling.ENDINGS)}"
        )
    if not is_locale(locale):
        raise InputError(f"{locale!r} is no locale", hint="write it as en, de-DE or zh-Hant-TW")
    options = labelling.Options(
        created=now(),
        jurisdictions=tuple(name.strip() for name in jurisdiction.split(",") if name.strip()),
        locale=locale,
        source_type=source_type,
        system=system,
        system_version=system_version,
        producer=producer,
        corner=corner,
        form=form,
        person=person,
        out=out,
        force=force,
    )
    files = labelling.targets(paths, options)
    labeller = _labeller(options, sets or (), offline)
    results = []
    for shown, target in files:
        result = labeller.label(shown, target)
        results.append(result)
        _tell(result.as_json(), verbose)
    if json_:
        print_json(
            {"ok": not any(r.error for r in results), "files": [r.as_json() for r in results]}
        )
    finish(labelling.exit_code(results))


def _labeller(options: Options, sets: Sequence[str], offline: bool) -> Labeller:
    """What labels, with the backends that `sets` name."""
    from contentfab import registry
    from contentfab.delivery.labelling import Labeller
    from contentfab.settings import MINI, parse_sets

    chosen = parse_sets(sets)
    layout, watermark, signer = (
        registry.build(name, MINI[name] | chosen.get(name, {}), offline=offline)
        for name in ("layout", "watermark", "signer")
    )
    return Labeller(options, layout, watermark, signer)


def _tell(record: dict[str, object], verbose: bool) -> None:
    """One file's outcome, on stderr."""
    if not record["ok"]:
        typer.echo(f"error: {record['path']}: {record['error']}", err=True)
        if record["hint"]:
            typer.echo(f"  fix: {record['hint']}", err=True)
        return
    layers = record["layers"]
    assert isinstance(layers, dict)
    states = ", ".join(f"{name} {layer['state']}" for name, layer in layers.items())
    typer.echo(f"{record['path']} -> {record['out']}  ({states})", err=True)
    notes = record["notes"]
    assert isinstance(notes, list)
    shown = [*notes, f"id {record['id']}, {record['visible']}"] if verbose else notes
    for note in shown:
        typer.echo(f"  note: {note}", err=True)
