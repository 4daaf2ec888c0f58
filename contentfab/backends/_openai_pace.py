"""When the next request may go: a window on how many are under way, and buckets on how many start.

The window is AIMD (Chiu and Jain 1989) as TCP has it: it doubles each round until the first sign
of congestion, then gains one a round, and is halved at most once a round trip. Knows nothing of
HTTP but the names of headers.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import Any

from contentfab.backends._openai_limits import Bucket, LearnedRate, read_limits

START = 8
JITTER_S = 0.05


class Window:
    """How many requests may be under way: from 1 to `limit`."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = float(min(START, limit))
        self._growing_fast = True
        self._cut_at = float("-inf")

    def succeeded(self, under_way: int) -> None:
        """An answer came. A window that is not made use of does not grow."""
        if 2 * under_way >= self.size:
            gain = 1.0 if self._growing_fast else 1.0 / self.size
            self.size = min(float(self.limit), self.size + gain)

    def congested(self, sent: float, now: float) -> bool:
        """Halve, unless the request was sent before the last cut: that cut was for it too."""
        if sent < self._cut_at:
            return False
        self.size = max(1.0, self.size / 2)
        self._growing_fast, self._cut_at = False, now
        return True


class Pace:
    """Lets requests through in order of arrival. Use from one event loop only."""

    def __init__(self, limit: int, rate: float = 0.0) -> None:
        self.window = Window(limit)
        self.under_way = 0
        self._own = Bucket(rate, max(1.0, rate / 10)) if rate else Bucket()
        self._requests, self._tokens = Bucket(), Bucket()
        self._learned = LearnedRate()
        self._queue: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._tokens_under_way = 0
        self._not_before = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._shut = False

    async def enter(self, tokens: int) -> None:
        """Waits for its turn. `tokens` is what the endpoint will count for the request."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((tokens, turn))
        self._pump()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(tokens)
            raise

    def leave(self, tokens: int) -> None:
        """A request is no longer under way, however it ended."""
        self.under_way -= 1
        self._tokens_under_way -= tokens
        self._pump()

    def answered(self, headers: Any, *, well: bool = True) -> None:
        """Any answer but `refused` ones; `well` when it can be used. Call before `leave`."""
        if well:
            self.window.succeeded(self.under_way)
        self._learned.served(asyncio.get_running_loop().time())
        self._read(headers)

    def refused(self, sent: float, headers: Any, wait: float, *, throttled: bool) -> None:
        """A 429 (`throttled`), a 503 or a timeout of a request sent at `sent` (loop time). `wait`
        seconds, where the endpoint asked for them, hold everybody back."""
        now = asyncio.get_running_loop().time()
        told = self._read(headers)
        if self.window.congested(sent, now) and throttled and not told:
            self._learned.refused(now)
        if wait > 0:
            until = now + wait + random.uniform(0, min(JITTER_S, wait))
            self._not_before = max(self._not_before, until)

    def held_for(self) -> float:
        """Seconds for which the endpoint asked to be left alone."""
        return max(0.0, self._not_before - asyncio.get_running_loop().time())

    def shut(self, shut: bool) -> None:
        """Let nobody through, or everybody again."""
        self._shut = shut
        self._pump()

    def _read(self, headers: Any) -> bool:
        """Update the buckets from headers; whether they say that a bucket is empty."""
        empty = False
        if headers is None:
            return empty
        pairs = (
            ("requests", self._requests, self.under_way - 1),
            ("tokens", self._tokens, self._tokens_under_way),
        )
        for what, bucket, under_way in pairs:
            found = read_limits(headers, what)
            if found is not None:
                bucket.wait(0, asyncio.get_running_loop().time())
                bucket.told(*found, under_way)
                empty = empty or found[1] < 1
        return empty

    def _pump(self) -> None:
        while self._queue:
            tokens, turn = self._queue[0]
            if turn.done():
                self._queue.popleft()
                continue
            if self._shut or self.under_way >= int(self.window.size):
                return
            loop = asyncio.get_running_loop()
            now = loop.time()
            wait = self._wait(tokens, now)
            if wait > 0:
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = loop.call_later(wait, self._pump)
                return
            self._queue.popleft()
            for bucket in (self._own, self._requests, self._learned.bucket):
                bucket.take(1, now)
            self._tokens.take(tokens, now)
            self.under_way += 1
            self._tokens_under_way += tokens
            turn.set_result(None)

    def _wait(self, tokens: int, now: float) -> float:
        one = (self._own, self._requests, self._learned.bucket)
        waits = (bucket.wait(1, now) for bucket in one)
        return max(self._not_before - now, self._tokens.wait(tokens, now), *waits)
