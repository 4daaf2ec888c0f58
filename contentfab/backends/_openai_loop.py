"""Runs coroutines on an event loop in a thread of its own and hands results over as they come.

One loop for the life of a backend, because an HTTP connection pool belongs to the loop that it
was opened on. Results change threads in handfuls: waking the other thread for each one costs more
than the result. Knows nothing about what the coroutines do.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, Generic, TypeVar

S = TypeVar("S")
T = TypeVar("T")
HANDFUL_S = 0.01


class LoopThread:
    """An event loop in a daemon thread, started when first used. `close` is awaited at its end."""

    def __init__(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._close = close
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stream(
        self, items: Sequence[S], work: Callable[[S], Coroutine[Any, Any, T]], at_once: int
    ) -> Iterator[T]:
        """`work` of each item, `at_once` at a time, as results are ready. Items that are added
        while results are read are worked on too. The first exception ends the stream; closing the
        iterator cancels what is still running and waits for that."""
        loop = self._started()
        crew = _Crew(loop, work, at_once)
        given = taken = 0
        try:
            while True:
                if given < len(items):
                    new, given = list(items[given:]), len(items)
                    loop.call_soon_threadsafe(crew.give, new)
                if taken == given:
                    return
                for result in crew.results():
                    taken += 1
                    yield result
        finally:
            future = asyncio.run_coroutine_threadsafe(crew.dismiss(), loop)
            with contextlib.suppress(TimeoutError):
                future.result(timeout=10)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs one coroutine to its end, or cancels it when the caller is interrupted."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._started())
        try:
            return future.result()
        finally:
            future.cancel()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                thread = threading.Thread(target=_serve, args=(loop, self._close), daemon=True)
                thread.start()
                weakref.finalize(self, _stop, loop, thread)
                self._loop = loop
            return self._loop


class _Crew(Generic[S, T]):
    """Tasks on the loop that take items from one queue. Only `results` is for other threads."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        work: Callable[[S], Coroutine[Any, Any, T]],
        at_once: int,
    ) -> None:
        self._loop, self._work, self._at_once = loop, work, at_once
        self._items: deque[S] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gathered: list[T] = []
        self._handfuls: queue.SimpleQueue[list[T] | BaseException] = queue.SimpleQueue()

    def results(self) -> list[T]:
        """The next handful. Raises what a coroutine raised."""
        handful = self._handfuls.get()
        if isinstance(handful, BaseException):
            raise handful
        return handful

    def give(self, items: Sequence[S]) -> None:
        self._items.extend(items)
        for _ in range(min(len(items), self._at_once - len(self._tasks))):
            task = self._loop.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def dismiss(self) -> None:
        """Cancel what is still running and wait for its end."""
        await asyncio.gather(*self._stop(), return_exceptions=True)

    def _stop(self) -> list[asyncio.Task[None]]:
        """Cancel all tasks but the one that says so."""
        self._items.clear()
        others = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        return others

    async def _run(self) -> None:
        while self._items:
            item = self._items.popleft()
            try:
                result = await self._work(item)
            except Exception as error:  # whatever it is, it is raised where results are read
                self._hand_over()
                self._handfuls.put(error)
                self._stop()
                return
            self._gathered.append(result)
            if len(self._gathered) == 1:
                self._loop.call_later(HANDFUL_S, self._hand_over)

    def _hand_over(self) -> None:
        if self._gathered:
            self._handfuls.put(self._gathered)
            self._gathered = []


def _serve(loop: asyncio.AbstractEventLoop, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(close())
    finally:
        loop.close()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    """When the owner is gone, or the process ends: open connections are closed in order."""
    loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join(timeout=5)
