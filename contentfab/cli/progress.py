"""Progress for people: live bars on a terminal, plain lines everywhere else. Always to stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from contentfab.flow.session import Reporter

STAGES = {"copy": "copywriting", "picture": "pictures", "poster": "posters"}
QUIET_SECONDS = 2.0  # at least this long between two plain progress lines


@contextmanager
def reporter(*, plain: bool, verbose: bool) -> Iterator[Reporter]:
    """A reporter for one run; bars only where somebody can see them move."""
    if plain or not sys.stderr.isatty():
        yield PlainReporter(verbose)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Eta

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(), rate, Eta())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        yield BarReporter(progress, verbose)


class PlainReporter:
    """One line now and then, and one for each failure."""

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self._counts: dict[str, int] = {}
        self._totals: Mapping[str, int] = {}
        self._began = self._said = time.monotonic()

    def started(self, to_do: Mapping[str, int], cached: Mapping[str, int]) -> None:
        self._totals = to_do
        _say(_opening(to_do, cached))

    def done(self, stage: str, job: str) -> None:
        self._counts[stage] = self._counts.get(stage, 0) + 1
        if self._verbose:
            _say(f"done: {stage} {job}")
        elif time.monotonic() - self._said > QUIET_SECONDS or self._complete():
            self._said = time.monotonic()
            _say(self._progress())

    def failed(self, stage: str, job: str, reason: str) -> None:
        self._counts[stage] = self._counts.get(stage, 0) + 1
        _say(f"failed: {stage} {job}: {reason}")

    def warned(self, text: str) -> None:
        _say(f"warning: {text}")

    def _complete(self) -> bool:
        return all(self._counts.get(stage, 0) >= n for stage, n in self._totals.items())

    def _progress(self) -> str:
        parts = [
            f"{STAGES[stage]} {self._counts.get(stage, 0)}/{total}"
            for stage, total in self._totals.items()
            if total
        ]
        elapsed = time.monotonic() - self._began
        share = sum(self._counts.values()) / max(1, sum(self._totals.values()))
        left = f", about {elapsed / share - elapsed:.0f} s left" if 0 < share < 1 else ""
        return f"{', '.join(parts)} in {elapsed:.0f} s{left}"


class BarReporter:
    """A bar per kind of job, with rate and time left."""

    def __init__(self, progress: Progress, verbose: bool) -> None:
        self._progress, self._verbose = progress, verbose
        self._bars: dict[str, TaskID] = {}
        self._began = time.monotonic()

    def started(self, to_do: Mapping[str, int], cached: Mapping[str, int]) -> None:
        self._progress.console.print(_opening(to_do, cached), highlight=False)
        for stage, total in to_do.items():
            if total:
                self._bars[stage] = self._progress.add_task(STAGES[stage], total=total, rate="")

    def done(self, stage: str, job: str) -> None:
        if self._verbose:
            self._progress.console.print(f"done: {stage} {job}", highlight=False)
        self._advance(stage)

    def failed(self, stage: str, job: str, reason: str) -> None:
        self._progress.console.print(f"failed: {stage} {job}: {reason}", highlight=False)
        self._advance(stage)

    def warned(self, text: str) -> None:
        self._progress.console.print(f"warning: {text}", highlight=False)

    def _advance(self, stage: str) -> None:
        if stage in self._bars:
            bar = self._bars[stage]
            count = self._progress.tasks[bar].completed + 1
            rate = count / max(time.monotonic() - self._began, 1e-6)
            self._progress.update(bar, advance=1, rate=f"{rate:.1f}/s")


def _opening(to_do: Mapping[str, int], cached: Mapping[str, int]) -> str:
    work = ", ".join(f"{n} {STAGES[stage]}" for stage, n in to_do.items() if n)
    kept = sum(cached.values())
    if not work:
        return f"nothing to do: {kept} results are up to date"
    return f"to do: {work}" + (f"; {kept} results are up to date" if kept else "")


def _say(text: str) -> None:
    typer.echo(text, err=True)
