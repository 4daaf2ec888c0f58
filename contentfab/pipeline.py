"""The front door: brief → plan → copywriting → picture → compose → score → label → manifest.

`open_line` reads and checks everything a campaign names; `run` makes what is missing; both can be
called from Python as well as from the command line. How work moves through the stages is in
`flow/`; here it is put together.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from contentfab.errors import InputError
from contentfab.flow import copies, edits, posters, print_run, signing, views
from contentfab.flow.calls import backend_for
from contentfab.flow.line import Line, check, open_line
from contentfab.flow.produce import RunOptions, budget_of, produce
from contentfab.flow.prune import prune
from contentfab.flow.publish import counts, now, publish, reached, run_facts
from contentfab.flow.session import Reporter, Tally
from contentfab.flow.views import overview
from contentfab.rules.planning.part import select
from contentfab.store import MANIFEST, RunStore

__all__ = [
    "STAGES",
    "Line",
    "RunOptions",
    "RunReport",
    "check",
    "copy_rows",
    "import_copy",
    "open_line",
    "overview",
    "prune",
    "run",
]

STAGES = ("brief", "plan", "copywriting", "picture", "compose", "score", "label", "manifest")


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run went. `manifest` is None when the run was partial; `exit_code` as in errors.py."""

    folder: Path
    manifest: Mapping[str, Any] | None
    to_do: Mapping[str, int]
    cached: Mapping[str, int]
    tally: Tally
    seconds: float
    exit_code: int = 0
    warnings: Sequence[str] = field(default_factory=tuple)


def run(line: Line, reporter: Reporter, options: RunOptions | None = None) -> RunReport:
    """Make what is missing of a line and, when the whole plan is covered, write the manifest."""
    options = options or RunOptions()
    began = time.perf_counter()
    chosen = select(line.plan, shard=options.shard, only=options.only)
    if not chosen.variants:
        raise InputError(
            f"--only {options.only!r} matches no cell" if options.only else "this shard is empty",
            hint="contentfab plan lists the cells",
        )
    writer = backend_for("copy", line.settings)
    copies.check_budget(writer, budget_of(line, options))
    print_run.require(options.files, backend_for("layout", line.settings))
    with RunStore(line.folder, line.brief.campaign.name) as store:
        done = store.finished()
        to_do = chosen.keys() - done
        missing, cached = counts(chosen, to_do), counts(chosen, chosen.keys() - to_do)
        reporter.started(reached(missing, options.until), cached)
        signer = backend_for("signer", line.settings)
        warnings = [told for text in line.warnings for told in _told(reporter, text)]
        warnings += _told(reporter, signing.missing_keys(signer))
        tally = Tally()
        created = now()
        if to_do & {job.key for job in chosen.pictures}:
            getattr(backend_for("image", line.settings), "prepare", lambda: None)()
        if to_do:
            store.remove(MANIFEST)  # its existence means that the run is complete
            tally = produce(line, chosen, to_do, options, store, reporter, created)
        signing.sign_the_rest(store, chosen.keys(), signer, created)
        if options.files:
            task = partial(posters.task, brief=line.brief, folder=line.folder, created=created)
            print_run.add(chosen, store, options.files, line.settings, task, reporter, tally)
        warnings += _told(reporter, signing.unstamped(store.entries(chosen.keys()).values()))
        published = None
        if not options.partial:
            published = publish(line.brief, line.plan, line.settings.profile, store, created)
        seconds = time.perf_counter() - began
        facts = run_facts(line.settings, line.plan, tally, seconds)
        facts["copywriter"] = {"id": writer.id, **getattr(writer, "facts", dict)()}
        store.write_run({**facts, "last_run": {**facts["last_run"], "warnings": warnings}})
    code = _exit_code(tally, published)
    return RunReport(line.folder, published, missing, cached, tally, seconds, code, warnings)


def import_copy(line: Line, path: Path) -> edits.Imported:
    """Take an edited table of `contentfab copy` (XLSX, CSV, TSV) back. Raises InputError with
    every fault, at its cell; then nothing is changed. Open the line again to run with the edits."""
    return edits.take_back(path, line.brief, line.plan, copy_rows(line))


def copy_rows(line: Line, only: str = "") -> list[dict[str, Any]]:
    """The copy that is done, as `copy --format json` shows it; `only` is a glob as in `run`."""
    producer = line.brief.campaign.label.producer
    part, weights = select(line.plan, only=only), line.brief.brand.scores.copy_
    return views.copy_rows(part, line.folder, producer, weights=weights, among=line.plan)


def _told(reporter: Reporter, warning: str) -> list[str]:
    if warning:
        reporter.warned(warning)
    return [warning] if warning else []


def _exit_code(tally: Tally, published: Mapping[str, Any] | None) -> int:
    if 5 in tally.failures:
        return 5
    if tally.failures or (published and published["totals"]["failed"]):
        return 7
    return 1 if published and published["totals"]["below_gates"] else 0
