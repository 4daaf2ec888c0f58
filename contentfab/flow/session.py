"""One run under way: copy, pictures and posters as a stream, each result stored as it comes.

Posters wait for their copy and their key visual, pictures for the first copy that needs them; how
many are under way is bounded by the executor. Everything that touches the run folder goes through
one thread. Knows how work flows, not what a stage does.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from contentfab.errors import BackendError, JobsFailed
from contentfab.flow.batcher import Batcher
from contentfab.flow.calls import STEPS, StageCall, backend_for
from contentfab.flow.key_visuals import PictureFile
from contentfab.flow.results import Done, Failure
from contentfab.flow.steps import PosterFile, PosterTask
from contentfab.flow.streams import in_thread
from contentfab.protocols import Executor
from contentfab.records.copy import CopyOutcome
from contentfab.records.plan import CopyJob, PictureJob, Plan, PosterJob
from contentfab.settings import Settings
from contentfab.store import Entry, RunStore

POSTER_STAGES = ("compose", "score", "label")
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/avif": "avif"}


class Reporter(Protocol):
    """Who is told how a run goes. Called from the run's own thread."""

    def started(self, to_do: Mapping[str, int], cached: Mapping[str, int]) -> None: ...

    def done(self, stage: str, job: str) -> None: ...

    def failed(self, stage: str, job: str, reason: str) -> None: ...

    def warned(self, text: str) -> None: ...


@dataclass(slots=True)
class Tally:
    """What a session did: jobs carried out, failures by exit code, seconds per stage, and USD where
    the price is known."""

    done: dict[str, int] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Orders:
    """What a session has to do and may spend. `make_copies` yields outcomes for copy jobs;
    `copy_files` and `poster_task` turn jobs into what is stored and what is sent to workers."""

    plan: Plan
    to_do: set[str]
    settings: Settings
    until: str
    max_failures: int | None
    make_copies: Callable[[Sequence[CopyJob]], Any]
    copy_files: Callable[[CopyJob, CopyOutcome], list[tuple[Entry, dict[str, bytes]]]]
    poster_task: Callable[[PosterJob, Mapping[str, Any], Mapping[str, Any]], PosterTask]


class Session:
    """Carries out what is to do of a plan. Use `run` once."""

    def __init__(
        self, orders: Orders, store: RunStore, executor: Executor, reporter: Reporter
    ) -> None:
        self.orders, self.store, self.executor, self.reporter = orders, store, executor, reporter
        self.tally = Tally()
        self.entries: dict[str, Entry] = {}
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._copies: dict[str, asyncio.Event] = {}
        self._pictures: dict[str, asyncio.Task[Entry]] = {}
        self._picture_jobs = {job.key: job for job in orders.plan.pictures}
        self._batchers: dict[tuple[str, ...], Batcher] = {}

    async def run(self) -> Tally:
        """Everything that is to do. Raises what stops a run: StorageError, BackendUnavailable."""
        self.entries = self.store.entries(self.orders.plan.keys())
        self._slots = asyncio.Semaphore(self._slot_count())
        copies = [
            job for job in self.orders.plan.copies if self.orders.to_do & {*job.keys.values()}
        ]
        asked = {key for job in copies for key in job.keys.values()} & self.orders.to_do
        self._copies = {key: asyncio.Event() for key in asked}
        posters = self.orders.plan.posters if self.orders.until != "copywriting" else ()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write(copies))
                for job in posters:
                    if job.key in self.orders.to_do:
                        group.create_task(self._poster(job))
        except* Exception as errors:
            raise _first(errors) from None
        finally:
            self._disk.shutdown(wait=True)
        return self.tally

    async def _write(self, jobs: list[CopyJob]) -> None:
        """Copy, cell by cell, as the copywriter answers."""
        by_request = {job.request.key: job for job in jobs}
        async for outcome in in_thread(lambda: self.orders.make_copies(jobs)):
            job = by_request[outcome.request.key]
            for entry, files in self.orders.copy_files(job, outcome):
                await self._keep(entry, files)
                self._copies[entry.key].set()

    async def _poster(self, job: PosterJob) -> None:
        """One poster, once its copy and its key visual are there."""
        if waiting := self._copies.get(job.variant.copy_key):
            await waiting.wait()
        name = f"{job.variant.id}--{job.placement.id}"
        copy = self.entries.get(job.variant.copy_key)
        if copy is None or copy.state != "done":
            reason = "its copy failed" if copy else "its copy is not part of this run"
            await self._keep(_failed(job.key, "poster", name, Failure(reason, True)))
            return
        picture = await self._picture(job.picture_key)
        if self.orders.until == "picture":
            return
        if picture.state != "done":
            await self._keep(
                _failed(job.key, "poster", name, Failure("its key visual failed", True))
            )
            return
        task = self.orders.poster_task(job, copy.result, picture.result)
        answer = await self._through(POSTER_STAGES, task)
        if isinstance(answer, Failure):
            await self._keep(_failed(job.key, "poster", name, answer), answer.files)
        elif isinstance(answer.state, PosterFile):
            await self._keep(*_poster_entry(job, name, answer))

    async def _picture(self, key: str) -> Entry:
        """The key visual of `key`, made once for all posters that share it."""
        if key not in self._pictures:
            self._pictures[key] = asyncio.ensure_future(self._make_picture(key))
        return await asyncio.shield(self._pictures[key])

    async def _make_picture(self, key: str) -> Entry:
        if key not in self.orders.to_do:
            return self.entries[key]
        job = self._picture_jobs[key]
        answer = await self._through(("picture",), job)
        name = _picture_name(job)
        if isinstance(answer, Failure):
            return await self._keep(_failed(key, "picture", name, answer))
        return await self._keep(*_picture_entry(key, name, answer))

    async def _through(self, stages: Sequence[str], state: Any) -> Done | Failure:
        """Send a job through stages; those that run in the same place go as one call."""
        if self.orders.until in stages:
            stages = stages[: stages.index(self.orders.until) + 1]
        seconds: dict[str, float] = {}
        async with self._slots:
            for exclusive, group in itertools.groupby(stages, self._exclusive):
                call = StageCall(tuple(group), self.orders.settings, exclusive)
                try:
                    answer = await (
                        self._batched(call, state) if exclusive else self._one(call, state)
                    )
                except BrokenExecutor as error:
                    raise BackendError(
                        "a worker process died, most likely for lack of memory",
                        hint="run the same command again with --set executor.workers=1",
                    ) from error
                if isinstance(answer, Failure):
                    return answer
                state, seconds = answer.state, seconds | answer.seconds
        return Done(state, seconds)

    async def _one(self, call: StageCall, state: Any) -> Done | Failure:
        (answer,) = await asyncio.wrap_future(self.executor.submit(call, [state]))
        return cast("Done | Failure", answer)

    async def _batched(self, call: StageCall, state: Any) -> Done | Failure:
        if call.stages not in self._batchers:
            size = self._batch_size(call.stages)
            self._batchers[call.stages] = Batcher(call, self.executor, size, _bucket)
        return await self._batchers[call.stages].submit(state)

    def _batch_size(self, stages: Sequence[str]) -> int:
        backends = (backend_for(STEPS[stage][0], self.orders.settings) for stage in stages)
        return min(int(getattr(backend, "batch_size", 1)) for backend in backends)

    def _slot_count(self) -> int:
        """Enough to keep every worker busy, and to fill the largest batch while one runs."""
        stages = [stage for stage in STEPS if self._exclusive(stage)]
        return max([self.executor.slots, *(2 * self._batch_size([stage]) for stage in stages)])

    def _exclusive(self, stage: str) -> bool:
        """A backend is exclusive unless it says that copies of it may work side by side."""
        backend = backend_for(STEPS[stage][0], self.orders.settings)
        return not getattr(backend, "parallel", False)

    async def _keep(
        self,
        entry: Entry,
        files: Mapping[str, bytes] | None = None,
        seconds: Mapping[str, float] | None = None,
    ) -> Entry:
        """Files first, then the ledger: a row that says done is never without its file. What an
        earlier failure left in `rejects/` goes when its job succeeds."""
        before = self.entries.get(entry.key)
        failed = before.result if before and before.state == "failed" else {}
        outdated = {str(failed[name]) for name in ("path", "picture") if failed.get(name)}
        outdated -= {*(files or ()), entry.result.get("path")}

        def keep() -> None:
            for name, data in (files or {}).items():
                self.store.publish(name, data)
            self.store.record(entry)
            for name in sorted(outdated):
                self.store.remove(name)

        await asyncio.get_running_loop().run_in_executor(self._disk, keep)
        self.entries[entry.key] = entry
        for stage, value in (seconds or {}).items():
            self.tally.seconds[stage] = self.tally.seconds.get(stage, 0.0) + value
        self.tally.cost_usd += entry.cost_usd or 0.0
        if entry.state == "done":
            self.tally.done[entry.stage] = self.tally.done.get(entry.stage, 0) + 1
            self.reporter.done(entry.stage, entry.job)
        else:
            self.tally.failures.append(int(entry.result.get("exit_code", 7)))
            self.reporter.failed(entry.stage, entry.job, entry.reason)
            limit = self.orders.max_failures
            if limit is not None and len(self.tally.failures) > limit:
                count = len(self.tally.failures)
                raise JobsFailed(
                    f"stopped after {count} failed jobs (--max-failures {limit})",
                    hint="contentfab status shows the reasons; run again to go on",
                )
        return entry


def _bucket(state: Any) -> tuple[int, int]:
    """Pictures of one size share a batch."""
    size = state.placement if isinstance(state, PosterTask) else state.request
    return size.width, size.height


def _picture_name(job: PictureJob) -> str:
    request = job.request
    return f"{request.art_direction.scene} {request.width}x{request.height} {job.key[:8]}"


def _picture_entry(
    key: str, name: str, answer: Done
) -> tuple[Entry, dict[str, bytes], dict[str, float]]:
    file: PictureFile = answer.state
    identity = file.result["id"]
    path = f"key_visuals/{identity[:2]}/{identity}.webp"
    result = {**file.result, "path": path, "prompt": file.prompt}
    entry = Entry(key, "picture", name, "done", result=result, seconds=sum(answer.seconds.values()))
    return entry, {path: file.data}, answer.seconds


def _poster_entry(
    job: PosterJob, name: str, answer: Done
) -> tuple[Entry, dict[str, bytes], dict[str, float]]:
    file: PosterFile = answer.state
    identity = file.asset["id"]
    path = f"assets/{identity[:2]}/{identity}.{ENDINGS[file.asset['media_type']]}"
    result = {"asset": {**file.asset, "path": path}, "path": path, "bytes": len(file.data)}
    seconds = sum(answer.seconds.values())
    entry = Entry(job.key, "poster", name, "done", result=result, seconds=seconds)
    return entry, {path: file.data}, answer.seconds


def _failed(key: str, stage: str, name: str, failure: Failure) -> Entry:
    result = {"exit_code": failure.exit_code, **failure.kept}
    return Entry(key, stage, name, "failed", failure.reason, failure.retryable, result)


def _first(errors: BaseExceptionGroup[Exception]) -> Exception:
    """The error that stopped the run: the others are its consequence."""
    inner = errors.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
