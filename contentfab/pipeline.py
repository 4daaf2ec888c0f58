"""The front door: brief → plan → copywriting → picture → compose → score → label → manifest.

`open_line` reads and checks everything a campaign names; `run` makes what is missing; both can be
called from Python as well as from the command line. Only this module joins stages and backends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from contentfab import registry
from contentfab.errors import InputError, Problem
from contentfab.flow import copies, edits, posters, print_run, signing, views
from contentfab.flow.calls import backend_for
from contentfab.flow.fallback import copy_stage
from contentfab.flow.publish import counts, now, publish, reached, run_facts
from contentfab.flow.session import Orders, Reporter, Session, Tally
from contentfab.records.brief import Brief
from contentfab.records.plan import BackendIds, Plan
from contentfab.rules.labels.project_keys import find_keys
from contentfab.rules.layout.families import own_folder
from contentfab.rules.models.use import licence_warnings, uses
from contentfab.rules.scoring import selection
from contentfab.rules.wording.diversity import Seen
from contentfab.settings import Settings, profile_names, resolve_settings
from contentfab.stages.brief import Known, check_brief, load_brief
from contentfab.stages.copywriting import REPAIRS
from contentfab.stages.plan import plan, select
from contentfab.store import MANIFEST, RunStore, check_owner, read_entries

STAGES = ("brief", "plan", "copywriting", "picture", "compose", "score", "label", "manifest")


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign that is ready to run: valid, with its backends known and its jobs planned."""

    brief: Brief
    settings: Settings
    ids: BackendIds
    plan: Plan
    folder: Path
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How much of a line to run. A shard is (i, n), 1-based; a budget is in USD; `files` are the
    other forms in which every poster is wanted, `print` or `editable`."""

    until: str = "manifest"
    only: str = ""
    shard: tuple[int, int] | None = None
    budget: float | None = None
    max_failures: int | None = None
    files: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        return bool(self.only or self.shard or self.until != "manifest")


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


def open_line(
    campaign: Path,
    *,
    out: Path | None = None,
    profile: str | None = None,
    sets: Sequence[str] = (),
    offline: bool = False,
    templates: Path | None = None,
    seed: int | None = None,
    executor: str | None = None,
    commercial: bool = False,
) -> Line:
    """Load, check and plan a campaign. Raises InputError with every problem, MissingDependency
    when a backend or a model is not there, GateFailed when `commercial` work meets a licence that
    forbids it; writes nothing."""
    brief = load_brief(campaign, known=_known(campaign, templates))
    sections = {
        "copy": brief.campaign.copy_,
        "image": brief.campaign.image,
        "layout": brief.campaign.layout,
        "score": brief.campaign.score,
        "watermark": brief.campaign.watermark,
        "signer": brief.campaign.signer,
        "executor": brief.campaign.executor,
    }
    if executor:
        sets = [*sets, f"executor.backend={executor}"]
    settings = resolve_settings(
        profile or brief.campaign.profile,
        sections,
        sets=sets,
        folder=brief.root,
        offline=offline,
        templates=templates,
        posters=own_folder(brief.root),
    )
    licences = licence_warnings(uses(settings.sections), commercial=commercial)
    ids = BackendIds(
        **{
            name: backend_for(name, settings).id
            for name in ("copy", "image", "layout", "score", "watermark", "signer")
        }
    )
    signing.require_keys(brief.campaign.label.jurisdictions, backend_for("signer", settings))
    if (substitute := settings.option("copy", "fallback")) is not None:
        registry.load("copywriters", str(substitute))  # an unknown name is told before any work
    layout = backend_for("layout", settings)
    whole = plan(
        brief,
        ids,
        layout.families,
        brief.campaign.seed if seed is None else seed,
        copies.options(settings, backend_for("copy", settings)),
        needs=getattr(layout, "needs", {}),
        around=getattr(backend_for("image", settings), "around_product", False),
        candidates=_candidates(settings, ids),
    )
    if brief.campaign.label.policy == "always":
        signing.require_keys_for_small(whole.posters, backend_for("signer", settings))
    copies.repairs(settings, REPAIRS)  # what cannot be is told before any work
    wrong = [p for p in edits.faults(brief, whole) if p.level == "error"]
    if wrong:
        raise InputError(problems=wrong, hint=f"mend {wrong[0].file}")
    folder = out or Path("out") / brief.campaign.name
    check_owner(folder, brief.campaign.name)
    return Line(brief, settings, ids, whole, folder, tuple(licences))


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
    copies.check_budget(writer, _budget(line, options))
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
            tally = _produce(line, chosen, to_do, options, store, reporter, created)
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


def check(campaign: Path, templates: Path | None = None) -> tuple[Problem, ...]:
    """Every problem of a campaign, warnings included, without constructing any backend."""
    known = _known(campaign, templates)
    brief, problems = check_brief(campaign, known=known)
    if brief is None:
        return problems
    ids = BackendIds(**dict.fromkeys(BackendIds.__dataclass_fields__, ""))
    whole = plan(
        brief, ids, list(known.layouts or ()), brief.campaign.seed, needs=known.layout_needs
    )
    return (*problems, *edits.faults(brief, whole))


def import_copy(line: Line, path: Path) -> edits.Imported:
    """Take an edited table of `contentfab copy` (XLSX, CSV, TSV) back. Raises InputError with
    every fault, at its cell; then nothing is changed. Open the line again to run with the edits."""
    return edits.take_back(path, line.brief, line.plan, copy_rows(line))


def copy_rows(line: Line, only: str = "") -> list[dict[str, Any]]:
    """The copy that is done, as `copy --format json` shows it; `only` is a glob as in `run`."""
    producer = line.brief.campaign.label.producer
    part, weights = select(line.plan, only=only), line.brief.brand.scores.copy_
    return views.copy_rows(part, line.folder, producer, weights=weights, among=line.plan)


def cost(line: Line, to_do: set[str]) -> dict[str, Any]:
    """What the copy that is to do will cost: USD low and high, and how many jobs have no price."""
    writer = backend_for("copy", line.settings)
    requests = [job.request for job in line.plan.copies if to_do & {*job.keys.values()}]
    estimate = getattr(writer, "estimate", None)
    found = estimate(requests) if estimate and requests else None
    if found is not None:
        return {"currency": "USD", "low": found[0], "high": found[1], "unknown": 0}
    free = line.settings.backend("copy") == "offline"
    return {"currency": "USD", "low": 0, "high": 0, "unknown": 0 if free else len(requests)}


def overview(line: Line) -> dict[str, Any]:
    """`plan --json`: cells, variants, jobs, what is cached, cost of the rest."""
    done = {key for key, entry in read_entries(line.folder).items() if entry.state == "done"}
    keys = line.plan.keys()
    return {
        "campaign": line.brief.campaign.name,
        "cells": len(line.plan.cells),
        "variants": len(line.plan.variants),
        "jobs": counts(line.plan, keys),
        "cached": counts(line.plan, keys & done),
        "generations": sum(job.candidates for job in line.plan.pictures if job.key not in done),
        "cost": cost(line, keys - done),
    }


def prune(line: Line, *, dry_run: bool = False) -> list[str]:
    """Remove files and ledger rows that the campaign as it is now does not need. Returns them."""
    with RunStore(line.folder, line.brief.campaign.name) as store:
        entries = store.entries()
        wanted = line.plan.keys()
        needed = [entry for key, entry in entries.items() if key in wanted]
        kept = {entry.result.get(name, "") for entry in needed for name in ("path", "picture")}
        kept.update(signing.sidecar_paths(needed), print_run.paths(needed))
        surplus = [
            name
            for name in store.files()
            if name.split("/")[0] in ("assets", "key_visuals", "rejects") and name not in kept
        ]
        if not dry_run:
            store.forget(key for key in entries if key not in wanted)
            for name in surplus:
                store.remove(name)
    return surplus


def _produce(
    line: Line,
    chosen: Plan,
    to_do: set[str],
    options: RunOptions,
    store: RunStore,
    reporter: Reporter,
    created: str,
) -> Tally:
    writer = backend_for("copy", line.settings)
    budget = _budget(line, options)
    done = copies.known(line.plan, store.entries(line.plan.keys()))
    seen = Seen()
    for request, draft in done.values():
        seen.add(draft, request)
    stage = copy_stage(line.settings, seen, reporter.warned)
    orders = Orders(
        plan=chosen,
        to_do=to_do,
        settings=line.settings,
        until=options.until,
        max_failures=options.max_failures,
        make_copies=partial(
            edits.make,
            others=partial(
                copies.make,
                stage=stage,
                writer=writer,
                to_do=to_do,
                budget=budget,
                done=done,
                campaign=line.brief.campaign.name,
                spent=copies.spent(store.entries().values()),
            ),
            to_do=to_do,
        ),
        copy_files=signing.signing(
            partial(copies.files, brief=line.brief, writer=writer),
            backend_for("signer", line.settings),
            created,
        ),
        poster_task=partial(posters.task, brief=line.brief, folder=line.folder, created=created),
    )
    options_of = line.settings.section("executor")
    executor = registry.build("executor", options_of, settings=line.settings)
    try:
        return asyncio.run(Session(orders, store, executor, reporter).run())
    finally:
        executor.close()


def _budget(line: Line, options: RunOptions) -> float | None:
    return line.brief.campaign.budget if options.budget is None else options.budget


def _candidates(settings: Settings, ids: BackendIds) -> int:
    """Key visuals to choose each one from. Raises InputError for a number that cannot be, and for
    a scorer that would report what was chosen by."""
    found = selection.count(settings.option("image", "candidates", 1))
    selection.check_reporter(found, ids.score)
    return found


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


def _known(campaign: Path, templates: Path | None) -> Known:
    from contentfab.backends._fonts import installed_families, lacking

    families = posters.families(templates, campaign)
    return Known(
        layouts=[family.id for family in families],
        layout_needs={family.id: family.needs for family in families},
        profiles=profile_names(campaign.parent),
        fonts=installed_families(),
        lacking_glyphs=lacking,
        can_sign=find_keys().can_sign,
    )
