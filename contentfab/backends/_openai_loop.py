"""Runs coroutines on an event loop in a thread of its own and hands results over as they come.

One loop for the life of a backend, because an HTTP connection pool belongs to the loop that it
was opened on. Knows nothing about what the coroutines do.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Job = Callable[[], Coroutine[Any, Any, T]]


class LoopThread:
    """An event loop in a daemon thread, started when first used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stream(self, jobs: Sequence[Job[T]]) -> Iterator[T]:
        """Runs all jobs at once and yields results as they are ready. The first exception ends
        the stream; closing the iterator cancels what is still running and waits for that."""
        results: queue.SimpleQueue[T | BaseException] = queue.SimpleQueue()
        finished = threading.Event()
        future = asyncio.run_coroutine_threadsafe(_run(jobs, results, finished), self._started())
        try:
            for _ in jobs:
                result = results.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            future.cancel()
            finished.wait(timeout=10)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs one coroutine to its end."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._started()).result()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                threading.Thread(target=_serve, args=(loop,), daemon=True).start()
                weakref.finalize(self, loop.call_soon_threadsafe, loop.stop)
                self._loop = loop
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _run(
    jobs: Sequence[Job[T]],
    results: queue.SimpleQueue[T | BaseException],
    finished: threading.Event,
) -> None:
    async def one(job: Job[T]) -> None:
        try:
            results.put(await job())
        except Exception as error:
            results.put(error)

    tasks = [asyncio.ensure_future(one(job)) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            finished.set()
