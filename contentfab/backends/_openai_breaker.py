"""Tells an endpoint that is down from requests that fail: a circuit breaker over all requests.

Opens after FAILURES failures in a row, each of a request that was sent after the failure before it
(a burst that fails together is one), then probes with growing pauses; a probe that is answered
closes it. Knows nothing of HTTP: it is given the probe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from contentfab.errors import BackendError, BackendUnavailable

FAILURES = 8
PROBES = 4
HINT = "Then run the same command again: what is done is kept."


class Down(BackendUnavailable):
    """The endpoint was probed and does not serve."""


class Breaker:
    """`probe` raises BackendError while the endpoint does not serve; `pause` gives the seconds to
    wait before the n-th probe; `shut` holds all requests back or lets them go."""

    def __init__(
        self,
        probe: Callable[[], Awaitable[None]],
        pause: Callable[[int], float],
        shut: Callable[[bool], None],
    ) -> None:
        self._probe, self._pause, self._shut = probe, pause, shut
        self._in_a_row = 0
        self._last_at = float("-inf")
        self._probing: asyncio.Task[None] | None = None
        self.down: Down | None = None

    def succeeded(self) -> None:
        """Any request was answered."""
        self._in_a_row = 0

    def failed(self, sent: float, now: float) -> None:
        """A request sent at `sent` failed in a way that may be the endpoint's fault."""
        if sent < self._last_at or self._probing is not None:
            return
        self._in_a_row, self._last_at = self._in_a_row + 1, now
        if self._in_a_row >= FAILURES:
            self._probing = asyncio.ensure_future(self._half_open())

    async def settled(self) -> None:
        """Waits while the breaker probes. Raises Down when it stays open."""
        if self._probing is not None:
            await asyncio.shield(self._probing)
        if self.down is not None:
            down, self.down = self.down, None
            raise down

    async def _half_open(self) -> None:
        self._shut(True)
        try:
            for number in range(PROBES):
                await asyncio.sleep(self._pause(number))
                try:
                    await self._probe()
                except BackendError as error:
                    fault = error
                else:
                    return
            hint = fault.hint if HINT in fault.hint else f"{fault.hint} {HINT}".strip()
            self.down = Down(str(fault), hint=hint)
        finally:
            self._in_a_row, self._probing = 0, None
            self._shut(False)
