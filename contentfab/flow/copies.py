"""Copy jobs on their way to the copywriter: what is asked for, what is there, what may be spent.

A budget is the copywriter's to keep, request by request; here it is handed over. What comes back
is kept by `copy_entries.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from contentfab.errors import InputError
from contentfab.protocols import Copywriter
from contentfab.records.copy import CopyDraft, CopyOutcome, CopyRequest, Usage
from contentfab.records.plan import CopyJob, CopyOptions, Plan
from contentfab.settings import Settings
from contentfab.store import Entry

Stage = Callable[[Sequence[CopyRequest], Copywriter], Iterator[CopyOutcome]]


def options(settings: Settings, writer: Copywriter) -> CopyOptions:
    """How copy is asked for, from the section `copy`. Raises InputError for what it cannot be."""
    return CopyOptions(
        surplus=_count(settings, "surplus", None, 3),
        art_direction=_flag(settings, "art_direction"),
        by_model=bool(getattr(writer, "uses_ai", True)),
    )


def repairs(settings: Settings, default: int) -> int:
    """How often a cell is asked again at most."""
    found = _count(settings, "repairs", default, 10)
    return default if found is None else found


def known(plan: Plan, entries: Mapping[str, Entry]) -> dict[str, tuple[CopyRequest, CopyDraft]]:
    """The copy that the run folder has already, by variant."""
    found = {}
    for job in plan.copies:
        for variant, key in job.keys.items():
            entry = entries.get(key)
            if entry is not None and entry.state == "done":
                asset = entry.result["asset"]
                draft = CopyDraft(variant, asset["angle"], asset["fields"])
                found[variant] = (job.request, draft)
    return found


def make(
    jobs: Sequence[CopyJob],
    *,
    stage: Stage,
    writer: Copywriter,
    to_do: set[str],
    budget: float | None,
    done: Mapping[str, tuple[CopyRequest, CopyDraft]],
    campaign: str = "",
    spent: float = 0.0,
) -> Iterator[CopyOutcome]:
    """Outcomes for the variants that are to do; `done` is the copy that there is already. `budget`
    and what is `spent` of it are in USD. A copywriter that can `begin` a run keeps the budget
    request by request; any other is asked cell by cell, while what the dearest cell so far cost
    still fits."""
    requests = [_missing(job, to_do, done) for job in jobs]
    left = None if budget is None else max(0.0, budget - spent)
    if begin := getattr(writer, "begin", None):
        begin(campaign, left)
        left = None
    if left is None:
        yield from map(_whole, stage(requests, writer))
        return
    dearest = 0.0
    for request in requests:
        if dearest > left or left <= 0:
            yield _over_budget(request, budget)
            continue
        cost = 0.0
        for outcome in stage([request], writer):
            cost += outcome.usage.cost_usd or 0.0
            yield outcome
        left, dearest = left - cost, max(dearest, cost)


def spent(entries: Iterable[Entry]) -> float:
    """USD that a run folder has cost so far, as far as it is known."""
    return sum(entry.cost_usd or 0.0 for entry in entries)


def check_budget(writer: Copywriter, budget: float | None) -> None:
    """Raises InputError when a budget cannot be kept, since nobody said what a request costs."""
    if budget is not None and not getattr(writer, "priced", True):
        raise InputError(
            f"a budget of {budget:g} USD cannot be kept: the price of {writer.id} is unknown",
            hint="Add --set copy.price=IN,OUT (USD per million tokens; 0,0 for a server of your "
            "own), or leave the budget out.",
        )


def _whole(outcome: CopyOutcome) -> CopyOutcome:
    """An outcome whose answer is still to come (`pending` in its recipe) is kept back as a whole:
    asked again in the same words, it finds every answer that it got so far."""
    if not outcome.recipe.get("pending"):
        return outcome
    reason = next(iter(outcome.failures.values()), "")
    failures = {ask.id: reason for ask in outcome.request.variants}
    return CopyOutcome(outcome.request, (), (), (), failures, True, Usage())


def _missing(
    job: CopyJob, to_do: set[str], done: Mapping[str, tuple[CopyRequest, CopyDraft]]
) -> CopyRequest:
    asks = tuple(ask for ask in job.request.variants if job.keys[ask.id] in to_do)
    mates = (done[name][1] for name, key in job.keys.items() if key not in to_do and name in done)
    return replace(job.request, variants=asks, previous=tuple(mates))


def _over_budget(request: CopyRequest, budget: float | None) -> CopyOutcome:
    reason = f"not asked: the budget of {budget:g} USD would be passed"
    failures = {ask.id: reason for ask in request.variants}
    return CopyOutcome(request, (), (), (), failures, True, Usage())


def _count(settings: Settings, name: str, default: int | None, most: int) -> int | None:
    value = settings.option("copy", name, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        hint = f"for example --set copy.{name}=1"
        raise InputError(f"copy.{name} must be a number from 0 to {most}, not {value!r}", hint=hint)
    return value


def _flag(settings: Settings, name: str) -> bool:
    value = settings.option("copy", name, False)
    if not isinstance(value, bool):
        hint = f"--set copy.{name}=true"
        raise InputError(f"copy.{name} must be true or false, not {value!r}", hint=hint)
    return value
