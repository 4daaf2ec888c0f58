"""Runs stage calls on this machine: CPU-bound ones in processes, exclusive ones in one thread.

A call whose `exclusive` is true owns a device or a connection and runs here, one at a time; every
other call is pickled to a worker process. Workers die with their parent, and leave Ctrl-C to it.
Knows nothing about stages.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from contentfab.errors import InputError


class LocalExecutor:
    """Executor on this machine. `workers` processes; 0 runs everything in this process, which
    suits debuggers and tests; None takes the number of cores."""

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and (not isinstance(workers, int) or not 0 <= workers <= 256):
            raise InputError(
                f"executor.workers: {workers!r} is no number of processes",
                hint="give a whole number from 0 (this process) to 256",
            )
        self.workers = _cores() if workers is None else workers
        self.id = "local"
        self.slots = 2 * max(1, self.workers)
        self._pool: ProcessPoolExecutor | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="exclusive")

    def submit(self, call: Callable[[Any], Any], batch: Any) -> Future[Any]:
        """Start `call(batch)` where it belongs."""
        if self.workers == 0 or getattr(call, "exclusive", False):
            return self._thread.submit(call, batch)
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.workers, multiprocessing.get_context("spawn"), _start_worker, (os.getpid(),)
            )
        with _interrupts_held():
            return self._pool.submit(call, batch)

    def close(self) -> None:
        """Drop what has not started and wait for the rest."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits until this is over. Workers are started by the first job and inherit it: one
    that is interrupted before it can look after itself would print a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield  # Windows sends Ctrl-C in another way
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(parent: int) -> None:
    """In each worker: one thread per library, no Ctrl-C, and no life without the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    try:
        import cv2

        cv2.setNumThreads(1)
    except ImportError:  # a worker without OpenCV has no threads of it to tame
        pass
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: int) -> None:
    # A killed parent cannot tell its workers; they would wait for work for ever.
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
