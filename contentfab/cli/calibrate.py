"""`contentfab calibrate`: what scores are relative to, and what they are worth.

Two things that a team can give: its own pictures, in which scores are percentiles, and its own
picks between posters, against which a score is weighed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from contentfab.cli.options import Json, NoColor, Sets, Verbose, finish, print_json
from contentfab.errors import InputError

if TYPE_CHECKING:
    from contentfab.delivery.background import Made
    from contentfab.rules.scoring.picks import Agreement

MODEL = "mini-clip"
OUT = Path("calibration")
WAYS = "contentfab calibrate RUN --picks picks.csv, or contentfab calibrate --background DIR"


def calibrate(
    run: Annotated[Path | None, typer.Argument(help="Run folder, with --picks.")] = None,
    picks: Annotated[
        Path | None,
        typer.Option(help="CSV with the columns picked and other: ids or paths of posters."),
    ] = None,
    background: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Your own pictures, 100 or more: a folder or a run."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where to keep the result, for score.calibration; default for --background: "
            "calibration.",
        ),
    ] = None,
    score: Annotated[str, typer.Option(help="Which score: appeal, brand_fit, palette, …")] = (
        "appeal"
    ),
    model: Annotated[
        str, typer.Option(help="Model of the scores: a name, folder or repository.")
    ] = "",
    name: Annotated[str, typer.Option(help="What to call your pictures; default: DIR's name.")] = (
        ""
    ),
    sets: Sets = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Calibrate scores to your own work. With --background, scores become percentiles in your own
    pictures. With --picks, tell how often a score agrees with your team's choices between posters
    of a run, with its interval, or that there are too few to tell (exit code 1); --out keeps what
    was found, so that scores come with the chance that your team picks one."""
    if picks is not None and background is not None:
        raise InputError("--picks and --background are two things to do", hint=WAYS)
    if picks is None and background is None:
        raise InputError("nothing to calibrate by", hint=WAYS)
    if background is not None:
        if run is not None:
            raise InputError(
                f"--background takes pictures, and no run folder besides ({run})", hint=WAYS
            )
        _background(background, out or OUT, name, model, sets or [], json_)
    assert picks is not None
    if run is None:
        raise InputError("--picks needs the run folder whose posters were picked", hint=WAYS)
    _picks(run, picks, score, out, model or MODEL, json_)


def _background(
    source: Path, out: Path, name: str, model: str, sets: list[str], json_: bool
) -> NoReturn:
    from contentfab.delivery.background import make, open_encoder

    encoder = open_encoder(model, sets)
    last = -1

    def progress(done: int, of: int) -> None:
        nonlocal last
        tenth = 10 * done // of
        if tenth > last:
            typer.echo(f"{done} of {of} pictures", err=True)
            last = tenth

    made = make(source, encoder, out, name=name, progress=progress)
    for path, why in made.unreadable:
        typer.echo(f"warning: {path} was left out: {why}", err=True)
    if json_:
        print_json(made.as_json())
    else:
        _show_set(made)
    finish(0)


def _show_set(made: Made) -> None:
    facts = made.as_json()
    counts = ", ".join(f"{count} {name}" for name, count in facts["buckets"].items() if count)
    typer.echo(f"{facts['id']}: {facts['pictures']} pictures ({counts})")
    if facts["same_pixels"]:
        typer.echo(f"{facts['same_pixels']} with the same pixels as another were left out")
    if facts["too_few"]:
        typer.echo(
            f"too few for percentiles of their own: {', '.join(facts['too_few'])}; such pictures "
            "are compared with all of them"
        )
    typer.echo(f"use it with --set score.calibration={facts['folder']}")


def _picks(
    run: Path, picks: Path, score: str, out: Path | None, model: str, json_: bool
) -> NoReturn:
    from contentfab.delivery.picks import store, weigh

    found, facts = weigh(run, picks, score)
    kept = False
    if out is not None and found is not None and found.tells:
        facts["kept_in"] = str(out)
        store(facts, out, model)
        kept = True
    if json_:
        print_json(facts)
    else:
        _show_agreement(found, facts)
        if out is not None:
            typer.echo(f"kept in {out}" if kept else f"nothing was kept in {out}")
    finish(1 if found is None or (out is not None and not kept) else 0)


def _show_agreement(found: Agreement | None, facts: Mapping[str, Any]) -> None:
    if found is None:
        typer.echo(f"not enough data: {facts['picks']} picks, {facts['needed']} needed")
        return
    low, high = facts["interval"]
    typer.echo(
        f"{facts['score']}: the picked poster scores higher in {found.auc:.0%} of {found.pairs} "
        f"picks (95 %: {low:.0%} to {high:.0%})"
    )
    if facts["ties"] is not None:
        typer.echo(f"{facts['ties']:.0%} of the picks are ties: within what views alone differ")
    if found.tells:
        unit = " z" if facts["unit"] == "z" else ""
        typer.echo(
            f"pair temperature {found.temperature:.4f}{unit}; probabilities are off by "
            f"{found.calibration_error:.3f} on average"
        )
    else:
        typer.echo("no better than a coin: do not choose by this score")
