"""`contentfab calibrate`: what a score is worth against the team's own choices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contentfab.cli.options import Json, NoColor, Verbose, finish, print_json


def calibrate(
    run: Annotated[Path, typer.Argument(help="Run folder.")],
    picks: Annotated[
        Path, typer.Option(help="CSV with the columns picked and other: ids or paths of posters.")
    ],
    score: Annotated[str, typer.Option(help="Which score: appeal, brand_fit, palette, …")] = (
        "appeal"
    ),
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Tell how often a score agrees with your team's picks between posters, with its interval, or
    that there are too few picks to tell (exit code 1)."""
    from contentfab.delivery.picks import weigh

    found, facts = weigh(run, picks, score)
    if json_:
        print_json(facts)
    elif found is None:
        typer.echo(f"not enough data: {facts['picks']} picks, {facts['needed']} needed")
    else:
        low, high = facts["interval"]
        typer.echo(
            f"{score}: the picked poster scores higher in {found.auc:.0%} of {found.pairs} picks "
            f"(95 %: {low:.0%} to {high:.0%})"
        )
        if found.tells:
            typer.echo(
                f"pair temperature {found.temperature:.4f}; probabilities are off by "
                f"{found.calibration_error:.3f} on average"
            )
        else:
            typer.echo("no better than a coin: do not choose by this score")
    finish(1 if found is None else 0)
