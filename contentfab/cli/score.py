"""`contentfab score`: appeal and brand fit of any picture, each number with its explanation."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from contentfab.cli.options import (
    Json,
    NoColor,
    Offline,
    Profile,
    Sets,
    Templates,
    Verbose,
    finish,
    print_json,
)
from contentfab.errors import InputError, StorageError

if TYPE_CHECKING:
    from contentfab.delivery.counterfactual import Groups
    from contentfab.delivery.scoring import Options, Scored, Source
    from contentfab.protocols import Scorer

T = TypeVar("T")
MANY = 8
"""Pictures from which on progress is shown."""


def score(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="IMAGE…|RUN", help="Pictures, folders, globs, or a run folder."),
    ] = None,
    brand: Annotated[
        str, typer.Option(help="Brand guide: its name, or its folder. A run knows its own.")
    ] = "",
    text: Annotated[str, typer.Option(help="Copy that the picture should match.")] = "",
    explain: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.png",
            help="Draw which parts of the picture carry its scores; a folder for several.",
        ),
    ] = None,
    min_appeal: Annotated[
        float | None, typer.Option(min=0, max=1, help="Gate; 0.5 is the 50th percentile.")
    ] = None,
    min_brand_fit: Annotated[float | None, typer.Option(min=0, max=1, help="Gate.")] = None,
    groups: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="Instead of pictures: sets that differ in one depicted thing (set,group,path); "
            "tells the gap in appeal between groups.",
        ),
    ] = None,
    max_gap: Annotated[
        float | None,
        typer.Option(min=0.01, max=10, help="Gate of --groups, in z; default 0.2."),
    ] = None,
    profile: Profile = None,
    sets: Sets = None,
    offline: Offline = False,
    templates: Templates = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Score any pictures for appeal and brand fit, and say why. Appeal is a percentile in a named
    background set, not a forecast of clicks; pictures that the scorer cannot tell apart share a
    rank. Ends in 2 when a picture cannot be read (the others are scored), in 1 when one misses a
    gate. With --groups, tells instead whether the scorer favours a group; ends in 1 unless every
    gap is shown to be within the limit."""
    from contentfab.delivery import scoring

    _check_options(paths, groups, max_gap, (explain, min_appeal, min_brand_fit))
    options = scoring.Options(
        brand=scoring.find_brand(brand) if brand else None,
        text=text,
        min_appeal=min_appeal,
        min_brand_fit=min_brand_fit,
        as_files=groups is not None,
    )
    read = _read_groups(groups) if groups else None
    sources = read.sources if read else scoring.pictures(paths or ())
    outputs = explain_to(explain, sources) if explain else {}
    scorer = scoring.open_scorer(
        profile or "mini", sets or (), offline=offline, templates=templates
    )
    watched = _watched(scoring.score_pictures(sources, scorer, options), len(sources), "scoring")
    scored = list(watched)
    if read:
        finish(_show_groups(read, scored, max_gap, json_, not no_color))
    _show(scored, scorer, json_, verbose, not no_color)
    if outputs:
        _explain(scored, sources, outputs, scorer, options)
    finish(exit_code(scored))


def _check_options(
    paths: Sequence[str] | None,
    groups: Path | None,
    max_gap: float | None,
    of_pictures: tuple[object, ...],
) -> None:
    """Raises InputError for options that cannot go together, before anything is read."""
    if groups is None:
        if max_gap is not None:
            raise InputError("--max-gap is a gate of --groups", hint="add --groups FILE.csv")
        if not paths:
            raise InputError(
                "nothing to score", hint="name pictures, a folder or a run; or --groups FILE.csv"
            )
    elif paths:
        raise InputError(
            f"--groups names its pictures itself, and takes none besides ({paths[0]})",
            hint="leave one of them out",
        )
    elif any(value is not None for value in of_pictures):
        raise InputError(
            "--groups tells of groups, never of a picture: it does not go together with --explain, "
            "--min-appeal or --min-brand-fit",
            hint="its gate is --max-gap",
        )


def _show(
    scored: Sequence[Scored], scorer: Scorer, json_: bool, verbose: bool, colour: bool
) -> None:
    from contentfab.cli.score_table import show_scores
    from contentfab.delivery import scoring
    from contentfab.delivery.score_pairs import pairs

    scoring.rank(scored)
    for one in scored:
        if one.card is None:
            typer.echo(f"error: {one.path}: {one.error}", err=True)
            if one.hint:
                typer.echo(f"  fix: {one.hint}", err=True)
    compared = pairs(scored, scorer)
    if json_:
        print_json(document(scored) | {"pairs": [pair.as_json() for pair in compared]})
        return
    show_scores(scored, verbose=verbose, colour=colour)
    for pair in compared if verbose or len(compared) == 1 else ():
        typer.echo(str(pair))


def _read_groups(file: Path) -> Groups:
    from contentfab.delivery.counterfactual import read_groups

    return read_groups(file)


def _show_groups(
    groups: Groups, scored: Sequence[Scored], limit: float | None, json_: bool, colour: bool
) -> int:
    """Prints the gaps; answers the exit code."""
    from contentfab.cli import score_groups
    from contentfab.delivery.counterfactual import gaps
    from contentfab.rules.scoring.counterfactual import LIMIT

    report = gaps(groups, scored, LIMIT if limit is None else limit)
    if json_:
        print_json(score_groups.document(groups, report, scored))
    else:
        score_groups.show_gaps(groups, report, scored, colour=colour)
    return 0 if report.verdict == "within" else 1


def document(scored: Sequence[Scored]) -> dict[str, Any]:
    """`score --json`."""
    return {
        "ok": exit_code(scored) == 0,
        "images": [one.as_json() for one in scored if one.card is not None],
        "failed": [one.as_json() for one in scored if one.card is None],
    }


def exit_code(scored: Sequence[Scored]) -> int:
    """2 when a picture could not be read, else 1 when one misses a gate, else 0."""
    if any(one.card is None for one in scored):
        return 2
    return 1 if any(one.below for one in scored) else 0


def explain_to(output: Path, sources: Sequence[Source]) -> dict[str, Path]:
    """Where the explanation of each picture goes, by its path: one PNG file for one picture, a
    folder for more. InputError for anything else."""
    if output.suffix.lower() == ".png" and not output.is_dir():
        if len(sources) > 1:
            raise InputError(
                f"--explain {output} is one file, and there are {len(sources)} pictures",
                hint="name a folder, such as --explain explained/",
            )
        _check_writable(output, output.parent)
        return {sources[0][0]: output}
    if output.suffix and not output.is_dir():
        raise InputError(
            f"--explain {output}: explanations are PNG files",
            hint="end it in .png, or name a folder",
        )
    _check_writable(output, output)
    found: dict[str, Path] = {}
    taken: set[str] = set()
    for shown, path in sources:
        name, number = path.stem, 2
        while name.lower() in taken:
            name, number = f"{path.stem}-{number}", number + 1
        taken.add(name.lower())
        found[shown] = output / f"{name}.png"
    return found


def _check_writable(output: Path, folder: Path) -> None:
    """Raises StorageError, before anything is scored, when `folder` can be neither written to nor
    made."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path())
    why = "is no folder" if not there.is_dir() else "may not be written to"
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise StorageError(f"--explain {output}: {there} {why}", hint="name another folder")


def _explain(
    scored: Sequence[Scored],
    sources: Sequence[Source],
    outputs: dict[str, Path],
    scorer: Scorer,
    options: Options,
) -> None:
    from contentfab.delivery import scoring
    from contentfab.delivery.score_pictures import draw_explanation, save

    readable = [(one, s) for one, s in zip(scored, sources, strict=True) if one.card is not None]
    for one, source in _watched(iter(readable), len(readable), "explaining"):
        found = scoring.explain(source, scorer, options)
        if found is not None:
            save(draw_explanation(one, *found), outputs[source[0]])
            typer.echo(f"wrote {outputs[source[0]]}", err=True)


def _watched(items: Iterator[T], total: int, what: str) -> Iterator[T]:
    """The items, with a bar on a terminal when there are many."""
    if total < MANY or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, what, total, console=Console(stderr=True), transient=True)
