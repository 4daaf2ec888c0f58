"""Makes what is missing of a line: what a session has to do, and with what.

Joins copy, edits, signatures and poster tasks into the orders of one session, and gives it an
executor. Publishes nothing.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from contentfab import registry
from contentfab.flow import copies, copy_entries, edits, posters, signing
from contentfab.flow.calls import backend_for
from contentfab.flow.fallback import copy_stage
from contentfab.flow.line import Line
from contentfab.flow.session import Orders, Reporter, Session, Tally
from contentfab.records.plan import Plan
from contentfab.rules.wording.diversity import Seen
from contentfab.store import RunStore


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


def budget_of(line: Line, options: RunOptions) -> float | None:
    """USD that the copywriter may spend: what the command says, else the campaign."""
    return line.brief.campaign.budget if options.budget is None else options.budget


def produce(
    line: Line,
    chosen: Plan,
    to_do: set[str],
    options: RunOptions,
    store: RunStore,
    reporter: Reporter,
    created: str,
) -> Tally:
    """Carry out the jobs `to_do` of the `chosen` part; each result is in the store when it is
    counted. `created` is an ISO date. Raises what stops a run."""
    orders = Orders(
        plan=chosen,
        to_do=to_do,
        settings=line.settings,
        until=options.until,
        max_failures=options.max_failures,
        make_copies=_copies(line, to_do, options, store, reporter),
        copy_files=signing.signing(
            partial(
                copy_entries.files, brief=line.brief, writer=backend_for("copy", line.settings)
            ),
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


def _copies(
    line: Line, to_do: set[str], options: RunOptions, store: RunStore, reporter: Reporter
) -> partial[Any]:
    """Copy for a cell: the lines that were edited by hand as they stand, the rest written so that
    they differ from all copy that there is."""
    done = copies.known(line.plan, store.entries(line.plan.keys()))
    seen = Seen()
    for request, draft in done.values():
        seen.add(draft, request)
    written = partial(
        copies.make,
        stage=copy_stage(line.settings, seen, reporter.warned),
        writer=backend_for("copy", line.settings),
        to_do=to_do,
        budget=budget_of(line, options),
        done=done,
        campaign=line.brief.campaign.name,
        spent=copies.spent(store.entries().values()),
    )
    return partial(edits.make, others=written, to_do=to_do)
