"""Commands that make things: init, check, plan, run, status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from contentfab.cli.options import (
    Campaign,
    Commercial,
    Json,
    LlmMode,
    NoColor,
    Offline,
    Out,
    Profile,
    Seed,
    Sets,
    Templates,
    Verbose,
    finish,
    one_of,
    open_line,
    print_json,
)
from contentfab.errors import InputError

CHECK_FORMATS = ("text", "json", "junit", "sarif", "github")


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")]) -> None:
    """Make a runnable campaign to start from."""
    from contentfab.cli.skeleton import write_skeleton

    for name in write_skeleton(folder):
        typer.echo(f"wrote {folder / name}", err=True)
    typer.echo(f"next: contentfab run {folder / 'campaign.yaml'}", err=True)


def check(
    campaign: Campaign,
    format_: Annotated[
        str, typer.Option("--format", help=f"One of {', '.join(CHECK_FORMATS)}.")
    ] = "text",
    templates: Templates = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Validate a campaign and everything it names, without generating anything."""
    from contentfab import pipeline
    from contentfab.rules import reports

    one_of("--format", format_, CHECK_FORMATS)
    problems = pipeline.check(campaign, templates)
    chosen = "json" if json_ else format_
    typer.echo(reports.FORMATS[chosen](problems), nl=False, err=chosen == "text")
    finish(2 if any(problem.level == "error" for problem in problems) else 0)


def plan(
    campaign: Campaign,
    out: Out = None,
    profile: Profile = None,
    sets: Sets = None,
    offline: Offline = False,
    templates: Templates = None,
    seed: Seed = None,
    commercial: Commercial = False,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Show cells, variants, what is cached and to do, and what it will cost."""
    from contentfab import pipeline

    line = open_line(campaign, out, profile, sets, offline, templates, seed, commercial=commercial)
    for warning in line.warnings:
        typer.echo(f"warning: {warning}", err=True)
    overview = pipeline.overview(line)
    if json_:
        print_json(overview)
        return
    jobs, cached, cost = overview["jobs"], overview["cached"], overview["cost"]
    typer.echo(f"{overview['cells']} cells, {overview['variants']} variants")
    for kind in ("copy", "picture", "poster"):
        to_do = jobs[kind] - cached[kind]
        several = kind == "picture" and overview["generations"] != to_do
        made = f"  ({overview['generations']} candidates)" if several else ""
        typer.echo(f"{kind:8} {jobs[kind]:5}  cached {cached[kind]:5}  to do {to_do:5}{made}")
    unknown = f", {cost['unknown']} requests of unknown price" if cost["unknown"] else ""
    typer.echo(f"cost     {cost['low']:.2f} to {cost['high']:.2f} {cost['currency']}{unknown}")
    if verbose:
        for variant in line.plan.variants:
            art = variant.art_direction
            typer.echo(f"  {variant.id}: {variant.angle}, {variant.layout}, {art.scene}")


def run(
    campaign: Campaign,
    out: Out = None,
    profile: Profile = None,
    sets: Sets = None,
    llm_mode: LlmMode = None,
    until: Annotated[str, typer.Option(help="Stop after this stage.")] = "manifest",
    only: Annotated[str, typer.Option(help="Only cells, variants or ids matching a glob.")] = "",
    shard: Annotated[str, typer.Option(help="Part i of n of the cells, as i/n.")] = "",
    budget: Annotated[
        float | None, typer.Option(min=0, help="USD; stop before passing it.")
    ] = None,
    offline: Offline = False,
    executor: Annotated[str | None, typer.Option(help="Where work runs: local.")] = None,
    max_failures: Annotated[
        int | None, typer.Option(min=0, help="Stop after more failed jobs than this.")
    ] = None,
    seed: Seed = None,
    commercial: Commercial = False,
    templates: Templates = None,
    print_: Annotated[
        bool, typer.Option("--print", help="Also a PDF of each poster, with bleed and crop marks.")
    ] = False,
    editable: Annotated[
        bool, typer.Option("--editable", help="Also an SVG of each poster, with text as text.")
    ] = False,
    report: Annotated[
        list[str] | None,
        typer.Option(metavar="FORMAT:FILE", help="Write findings as junit, sarif, json, github."),
    ] = None,
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Run the line: copy, pictures, posters, scores, labels, manifest. Safe to repeat."""
    from contentfab import pipeline
    from contentfab.cli.progress import reporter
    from contentfab.cli.summary import run_lines, run_record, write_reports

    one_of("--until", until, pipeline.STAGES)
    reports = _reports(report or [])
    line = open_line(
        campaign, out, profile, sets, offline, templates, seed, executor, llm_mode, commercial
    )
    forms = tuple(name for name, on in (("print", print_), ("editable", editable)) if on)
    options = pipeline.RunOptions(until, only, _shard(shard), budget, max_failures, forms)
    if until in ("brief", "plan"):
        typer.echo(f"stopped after {until}: {len(line.plan.variants)} variants planned", err=True)
        return
    try:
        with reporter(plain=json_ or no_color, verbose=verbose) as progress:
            result = pipeline.run(line, progress, options)
    except KeyboardInterrupt:
        typer.echo("\nstopped; what is done is kept. Run the same command to go on.", err=True)
        finish(130)
    write_reports(result, reports)
    if json_:
        print_json(run_record(result))
    for text in run_lines(result):
        typer.echo(text, err=True)
    finish(result.exit_code)


def status(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    json_: Json = False,
    verbose: Verbose = False,
    no_color: NoColor = False,
) -> None:
    """Show what is done, what failed and why, and what it cost."""
    from contentfab.cli.summary import score_lines
    from contentfab.flow import views
    from contentfab.rules.scoring.summary import Summary

    record = views.status(run_folder)
    if json_:
        print_json(record)
        return
    done = ", ".join(f"{count} {stage}" for stage, count in sorted(record["done"].items()))
    typer.echo(f"done: {done or 'nothing'}")
    for failure in record["failed"]:
        again = "run again" if failure["retryable"] else "needs a change"
        typer.echo(f"failed: {failure['stage']} {failure['job']}: {failure['reason']} ({again})")
    todo = ", ".join(f"{count} {stage}" for stage, count in sorted(record["todo"].items()) if count)
    typer.echo(f"to do: {todo or 'nothing'}")
    for line in score_lines([Summary(**summary) for summary in record["scores"]]):
        typer.echo(line)
    cost = record["cost"]
    unknown = f", {cost['unknown']} of unknown price" if cost["unknown"] else ""
    typer.echo(f"cost: {cost['amount']:.4f} {cost['currency']}{unknown}")


def _shard(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    part, slash, whole = text.partition("/")
    if not (slash and part.isdigit() and whole.isdigit() and 1 <= int(part) <= int(whole)):
        raise InputError(f"--shard {text!r} is not i/n", hint="for example --shard 1/3")
    return int(part), int(whole)


def _reports(wanted: list[str]) -> list[tuple[str, Path]]:
    parsed = []
    for item in wanted:
        name, colon, path = item.partition(":")
        if not (colon and path and name in CHECK_FORMATS):
            raise InputError(
                f"--report {item!r} is not FORMAT:FILE", hint="for example --report junit:run.xml"
            )
        parsed.append((name, Path(path)))
    return parsed
