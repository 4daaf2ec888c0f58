"""The client in a storm of 429s, errors and hangs: nothing is lost, little is wasted.

Counts what the server saw instead of seconds: a client that ignores the limits is throttled on
most of its calls, one that waits too long leaves the bucket full and is not told apart here; the
goodput is measured by `make bench-llm`.
"""

from __future__ import annotations

import pytest
import servers
from servers import ChatServer
from test_copywriter_openai import environment, request, writer  # noqa: F401

COUNT = 150


@pytest.mark.parametrize(
    ("headers", "retry_after", "wasted"),
    [(True, "ms", 0.05), (True, "", 0.05), (False, "s", 0.30), (False, "", 0.30)],
)
def test_a_storm_wastes_few_calls_and_loses_nothing(
    headers: bool, retry_after: str, wasted: float
) -> None:
    """150 requests against 100 a second: without the server's headers the first burst is spent on
    learning the rate, so that more may be wasted."""
    behaviour, counts = servers.storm(
        100, burst=20, errors=0.02, hangs=0.01, headers=headers, retry_after=retry_after
    )
    with ChatServer(default=behaviour) as server:
        copywriter = writer(server, timeout=1.0, retries=6, concurrency=64)
        replies = list(copywriter.write([request(str(n)) for n in range(COUNT)]))
    assert sorted(int(reply.key) for reply in replies) == list(range(COUNT))
    assert not any(reply.error for reply in replies)
    assert counts["answered"] == COUNT
    assert counts["offered"] == sum(reply.usage.calls for reply in replies)
    assert counts["throttled"] <= wasted * counts["offered"]


def test_every_throttled_call_is_tried_again_when_the_bucket_is_tiny() -> None:
    behaviour, counts = servers.storm(40, burst=1, headers=False, retry_after="")
    with ChatServer(default=behaviour) as server:
        replies = list(writer(server, retries=8).write([request(str(n)) for n in range(40)]))
    assert not any(reply.error for reply in replies)
    assert counts["throttled"] < counts["offered"] / 2
