"""A blocking iterable as an asynchronous one, made in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any


async def in_thread(make: Callable[[], Iterable[Any]]) -> AsyncIterator[Any]:
    """The items of a blocking iterable, made in a thread of its own. The thread is a daemon: a
    run that is stopped does not wait for a server that never answers."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[tuple[str, Any]]()
    stopped = threading.Event()

    def produce() -> None:
        try:
            for item in make():
                if stopped.is_set():
                    return
                loop.call_soon_threadsafe(queue.put_nowait, ("item", item))
            loop.call_soon_threadsafe(queue.put_nowait, ("end", None))
        except Exception as error:
            # Handed over whole: it is raised again in the run's own thread.
            if not stopped.is_set():
                loop.call_soon_threadsafe(queue.put_nowait, ("error", error))

    threading.Thread(target=produce, name="copywriting", daemon=True).start()
    try:
        while (message := await queue.get())[0] == "item":
            yield message[1]
        if message[0] == "error":
            raise message[1]
    finally:
        stopped.set()
