"""How fast an endpoint may be asked: what its rate-limit headers say, and what its 429s teach.

Pure arithmetic on a clock that is passed in (seconds); sends nothing and waits for nothing.
"""

from __future__ import annotations

import re
import time
from collections import deque
from datetime import datetime
from typing import Any

DEFAULT_PERIOD_S = 60.0  # providers count by the minute where they give no time of reset
SEEN_SHARE = 0.25  # of a bucket used up, from where its refill can be told from its reset time
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Bucket:
    """A token bucket. `rate` is refill a second, None while unknown; `level` what may be taken."""

    def __init__(self, rate: float | None = None, burst: float = float("inf")) -> None:
        self.rate, self.burst, self.level = rate, burst, burst
        self._at = 0.0

    def wait(self, amount: float, now: float) -> float:
        """Seconds until `amount` may be taken; more than the bucket holds counts as all of it."""
        if self.burst == float("inf"):
            return 0.0
        self._refill(now)
        lacking = min(amount, self.burst) - self.level
        if lacking <= 1e-9:
            return 0.0
        return lacking / (self.rate or self.burst / DEFAULT_PERIOD_S)

    def take(self, amount: float, now: float) -> None:
        self._refill(now)
        self.level -= amount

    def told(self, limit: float, remaining: float, reset: float, under_way: float) -> None:
        """What the endpoint said with an answer: size, what is left, seconds until it is full
        again. Requests under way may be counted in what is left or not, so the level is only
        drawn into those bounds; one more is allowed for what was rounded off."""
        if self.burst == float("inf"):
            self.level = remaining
        self.burst = max(limit, 1.0)
        used = limit - remaining
        if used >= SEEN_SHARE * limit and reset > 0:
            self.rate = max(used / reset, self.rate or 0.0) if remaining else used / reset
        self.level = min(max(self.level, remaining - under_way), remaining + 1)

    def _refill(self, now: float) -> None:
        if self.burst != float("inf"):
            rate = self.rate or self.burst / DEFAULT_PERIOD_S
            self.level = min(self.burst, self.level + rate * (now - self._at))
        self._at = now


class LearnedRate:
    """A request rate learned from 429s, for endpoints that tell nothing: a cut to what was served
    lately, then growth, slow near the rate of the last cut and faster away from it (after CUBIC,
    RFC 9438, and the adaptive retry mode of the AWS SDKs). The first cut comes out of a burst, and
    says little about the rate: growth is fastest until the second."""

    FIRST_CUT, CUT = 0.7, 0.97
    FAST, FASTEST = (0.05, 1.0), (0.2, 10.0)
    """Growth in a second: a share of the rate, and at least so many requests a second."""
    SLOW = 0.0002  # growth with each request, so that a 429 comes once in 150 at any rate
    FIRST_RATE = 10.0  # at least, before the first cut: a first 429 says little
    NEAR, LONG = 0.9, 1000  # of the last cut's rate; requests since then
    SPAN_S = 1.0
    FORGET = 50.0  # times the rate of the last cut: the limit is gone

    def __init__(self) -> None:
        self.bucket = Bucket()
        self._answers: deque[float] = deque(maxlen=4096)
        self._peak = 0.0
        self._cuts = 0
        self._since_cut = 0
        self._grown_at = 0.0

    def served(self, now: float) -> None:
        """A request was let through, whatever became of it: grow."""
        self._answers.append(now)
        rate = self.bucket.rate
        if rate is None:
            return
        self._since_cut += 1
        if self._cuts > 1 and rate > self.NEAR * self._peak and self._since_cut < self.LONG:
            rate += rate * self.SLOW
        else:
            share, least = self.FASTEST if self._cuts == 1 else self.FAST
            rate += max(share * rate, least) * min(1.0, now - self._grown_at)
        self._grown_at = now
        if rate > self.FORGET * self._peak:
            self.bucket, self._cuts = Bucket(), 0
        else:
            self._set(rate)

    def refused(self, now: float) -> None:
        """A request was answered 429."""
        while self._answers and self._answers[0] < now - self.SPAN_S:
            self._answers.popleft()
        first = self.bucket.rate is None
        least = max(0.5, (self.bucket.rate or 2 * self.FIRST_RATE) / 2)  # halved at most
        served = max(len(self._answers) / self.SPAN_S, least)
        self._peak = min(self.bucket.rate or served, served)
        self._set(self._peak * (self.FIRST_CUT if first else self.CUT))
        self._grown_at = now
        self._cuts, self._since_cut = self._cuts + 1, 0
        if first:
            self.bucket.take(0.0, now)
            self.bucket.level = 0.0

    def _set(self, rate: float) -> None:
        self.bucket.rate = rate
        self.bucket.burst = max(2.0, rate / 10)


def read_limits(headers: Any, what: str) -> tuple[float, float, float] | None:
    """Limit, remaining and seconds until reset of `requests` or `tokens`, from the headers
    `x-ratelimit-*`; None where they are missing or make no sense."""
    try:
        limit = float(headers[f"x-ratelimit-limit-{what}"])
        remaining = float(headers[f"x-ratelimit-remaining-{what}"])
    except (KeyError, ValueError):
        return None
    if not (0 < limit < float("inf") and 0 <= remaining <= limit):
        return None
    return limit, remaining, seconds_of(headers.get(f"x-ratelimit-reset-{what}", ""))


def seconds_of(text: str) -> float:
    """Seconds from now of `6m0s`, `120ms`, `12.5`, an epoch (s or ms) or an ISO time; else 0."""
    text = text.strip()
    parts = _DURATION.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(float(number) * _SECONDS[unit] for number, unit in parts)
    try:
        value = float(text)
    except ValueError:
        try:
            return max(0.0, datetime.fromisoformat(text).timestamp() - time.time())
        except ValueError:
            return 0.0
    for epoch in (value, value / 1000):
        if 1e9 <= epoch < 1e10:
            return max(0.0, epoch - time.time())
    return max(0.0, value) if value < 1e9 else 0.0
