"""Collects single jobs into batches for a backend that must not be copied, such as a GPU model.

While one batch runs the next one gathers; only jobs of the same bucket share a batch. Knows no
stage: it is given the call, the bucket of a state and the largest batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any

from contentfab.flow.calls import StageCall
from contentfab.flow.results import Done, Failure
from contentfab.protocols import Executor

GATHER_SECONDS = 0.02  # long enough for a burst of jobs to arrive, too short to be felt


class Batcher:
    """Batches for one call. `submit` answers each job by itself."""

    def __init__(
        self, call: StageCall, executor: Executor, size: int, bucket: Callable[[Any], Hashable]
    ) -> None:
        self._call, self._executor, self._size, self._bucket = call, executor, size, bucket
        self._waiting: list[tuple[Any, asyncio.Future[Done | Failure]]] = []
        self._drain: asyncio.Task[None] | None = None

    async def submit(self, state: Any) -> Done | Failure:
        """The answer for one state, made in a batch with others."""
        answer: asyncio.Future[Done | Failure] = asyncio.get_running_loop().create_future()
        self._waiting.append((state, answer))
        if self._drain is None or self._drain.done():
            self._drain = asyncio.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        await asyncio.sleep(GATHER_SECONDS)
        while self._waiting:
            first = self._bucket(self._waiting[0][0])
            batch = [item for item in self._waiting if self._bucket(item[0]) == first][: self._size]
            taken = {id(answer) for _, answer in batch}
            self._waiting = [item for item in self._waiting if id(item[1]) not in taken]
            try:
                future = self._executor.submit(self._call, [state for state, _ in batch])
                answers = await asyncio.wrap_future(future)
            except (Exception, asyncio.CancelledError) as error:
                for _, answer in batch:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            for (_, answer), result in zip(batch, answers, strict=True):
                if not answer.done():
                    answer.set_result(result)
