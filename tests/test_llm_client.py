"""How the client paces itself, finds out what an endpoint understands, gives up, and keeps a
budget: against a local server where a user would see it, on a clock of its own where not."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import servers
from campaigns import make_campaign
from servers import ChatServer
from test_copywriter_openai import environment, request, writer  # noqa: F401
from test_session import run

from contentfab.backends._openai_limits import Bucket, LearnedRate, read_limits, seconds_of
from contentfab.backends._openai_pace import START, Window
from contentfab.errors import BackendUnavailable, InputError


def test_the_window_doubles_then_adds_one_and_is_halved_once_a_round_trip() -> None:
    window = Window(64)
    for size in (2 * START, 4 * START):
        for _ in range(int(window.size)):
            window.succeeded(under_way=int(window.size))
        assert window.size == size
    assert window.congested(sent=1.0, now=2.0)
    assert not window.congested(sent=1.9, now=2.1)  # sent before the cut: it was for it too
    assert window.size == 2 * START
    for _ in range(int(window.size) + 1):
        window.succeeded(under_way=int(window.size))
    assert 2 * START + 0.9 < window.size < 2 * START + 1.1
    window.succeeded(under_way=1)
    assert window.size < 2 * START + 1.1
    for n in range(20):
        window.congested(sent=3.0 + n, now=3.5 + n)
    assert window.size == 1


def test_a_bucket_is_fed_by_headers() -> None:
    bucket = Bucket()
    assert bucket.wait(1e9, 0.0) == 0
    bucket.take(1, 0.0)
    bucket.told(limit=100, remaining=0, reset=2.0, under_way=0)
    assert bucket.rate == 50
    bucket.take(1, 0.0)
    assert bucket.wait(1, 0.0) == pytest.approx(2 / 50)
    assert bucket.wait(1, 0.04) == 0
    bucket.told(limit=100, remaining=90, reset=0.2, under_way=5)
    assert 85 <= bucket.level <= 91


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1s", 1), ("6m0s", 360), ("120ms", 0.12), ("1h2m3.5s", 3723.5), ("7", 7), ("", 0), ("x", 0)],
)
def test_times_of_reset(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


def test_epochs_and_dates_of_reset() -> None:
    soon = time.time() + 30
    for text in (f"{soon:.0f}", f"{soon * 1000:.0f}"):
        assert 25 < seconds_of(text) < 35


def test_headers_that_make_no_sense_are_none() -> None:
    good = {"x-ratelimit-limit-tokens": "10", "x-ratelimit-remaining-tokens": "4"}
    assert read_limits(good, "tokens") == (10, 4, 0)
    assert read_limits(good, "requests") is None
    assert read_limits({**good, "x-ratelimit-remaining-tokens": "40"}, "tokens") is None
    assert read_limits({**good, "x-ratelimit-limit-tokens": "many"}, "tokens") is None


@pytest.mark.parametrize("limit", [2.0, 50.0, 400.0])
def test_a_rate_is_learned_from_429s_alone(limit: float) -> None:
    """Simulated: a server that lets `limit` through, a tenth of a second's worth at once."""
    burst = max(1.0, limit / 10)
    learned, now, at, level = LearnedRate(), 0.0, 0.0, burst
    let_through = refused = 0
    while now < 240:
        now += max(0.002, learned.bucket.wait(1, now))
        learned.bucket.take(1, now)
        level, at = min(burst, level + limit * (now - at)), now
        ok = level >= 1
        level -= ok
        (learned.served if ok else learned.refused)(now)
        if now > 120:
            let_through, refused = let_through + ok, refused + (not ok)
    assert let_through >= 0.85 * limit * 120
    assert refused <= 0.1 * let_through


def test_concurrency_is_the_upper_limit_and_rate_a_cap() -> None:
    with ChatServer(default=servers.good(delay=0.02)) as server:
        began = time.monotonic()
        replies = list(
            writer(server, rate=50, concurrency=4).write([request(str(n)) for n in range(20)])
        )
        took = time.monotonic() - began
    assert not any(reply.error for reply in replies)
    assert server.most_at_once <= 4
    assert took >= (20 - 5) / 50  # a tenth of a second's worth may go at once


def test_the_answer_format_is_probed_by_one_request_while_others_wait() -> None:
    with ChatServer(default=servers.knows_only("text")) as server:
        replies = list(writer(server).write([request(str(n)) for n in range(30)]))
    assert not any(reply.error for reply in replies)
    modes = [call.mode for call in server.calls]
    assert modes.count("json_schema") == modes.count("json_object") == 1
    assert replies[0].recipe["endpoint"]["answer_format"] == "text"


def test_a_format_that_is_taken_and_not_kept_to_is_given_up() -> None:
    """A server that ignores response_format and answers in prose: asked three times in each, and
    what is on its way then, but never again."""

    def prose_unless_text(call: servers.Call) -> None:
        (servers.good() if call.mode == "text" else servers.says("Here is some copy!"))(call)

    with ChatServer(default=prose_unless_text) as server:
        copywriter = writer(server, concurrency=1)
        replies = list(copywriter.write([request(str(n)) for n in range(8)]))
    modes = [call.mode for call in server.calls]
    assert modes.count("json_schema") <= 5 and modes.count("json_object") <= 5
    assert set(modes[-5:]) == {"text"}
    assert sum(bool(reply.error) for reply in replies) <= 3
    assert copywriter.facts()["answer_format"] == "text"


def test_one_bad_answer_after_good_ones_changes_no_format() -> None:
    script = [servers.good(), *[servers.says("prose")] * 4]
    with ChatServer(script) as server:
        copywriter = writer(server, concurrency=1)
        list(copywriter.write([request(str(n)) for n in range(4)]))
    assert copywriter.facts()["answer_format"] == "json_schema"


def test_a_rejection_of_one_request_is_no_discovery() -> None:
    def too_long(call: servers.Call) -> None:
        long = '"Long"' in call.text
        (servers.fails(400, "context length exceeded") if long else servers.good())(call)

    asked = [request(str(n)) for n in range(4)]
    object.__setattr__(asked[2].product, "name", "Long")
    with ChatServer(default=too_long) as server:
        replies = {r.key: r for r in writer(server, concurrency=1).write(asked)}
    assert "context length" in replies["2"].error
    assert len(server.calls) == 4


def test_an_endpoint_that_comes_back_is_waited_for() -> None:
    """A crash in mid-run: the breaker opens, its probe finds the server again, nothing is lost."""
    back = threading.Event()
    pings: list[bool] = []

    def sometimes(call: servers.Call) -> None:
        if len(server.calls) <= 5:
            return servers.good()(call)
        if call.text == "ping":
            pings.append(back.is_set())
            back.set()
        return (servers.good() if back.is_set() else servers.fails(502, "gateway"))(call)

    with ChatServer(default=sometimes) as server:
        replies = list(writer(server, retries=9).write([request(str(n)) for n in range(60)]))
    assert not any(reply.error for reply in replies)
    assert pings == [False]


def test_requests_that_fail_alone_do_not_stop_an_endpoint_that_answers() -> None:
    """Twenty cells at the end of a run that always fail: each is told, the run goes on."""

    def cursed(call: servers.Call) -> None:
        (servers.fails(500, "boom") if "Cursed" in call.text else servers.good())(call)

    asked = [request(str(n)) for n in range(30)]
    for one in asked[10:]:
        object.__setattr__(one.product, "name", "Cursed")
    with ChatServer(default=cursed) as server:
        replies = {r.key: r for r in writer(server, retries=2).write(asked)}
    assert len(replies) == 30
    assert sum("boom" in reply.error and reply.retryable for reply in replies.values()) == 20


def test_a_server_that_dies_ends_the_run() -> None:
    with (
        ChatServer([servers.good()] * 5, default=servers.fails(503, "shutting down")) as server,
        pytest.raises(BackendUnavailable, match="shutting down") as caught,
    ):
        list(writer(server, retries=9).write([request(str(n)) for n in range(60)]))
    assert "run" in caught.value.hint
    assert len(server.calls) < 60


def answer_tokens(server: ChatServer) -> float:
    """USD of one answer of the local server at 2 and 10 USD per million tokens."""
    return (1000 * 2 + 200 * 10) / 1e6


@pytest.mark.parametrize("concurrency", [1, 16])
def test_the_budget_stops_before_the_request_that_could_pass_it(concurrency: int) -> None:
    asked = [request(str(n)) for n in range(40)]
    with ChatServer() as server:
        copywriter = writer(server, price="2,10", concurrency=concurrency)
        _, high = copywriter.estimate(asked[:1]) or (0.0, 0.0)
        one, most = answer_tokens(server), high / 3
        budget = 10 * one + most
        copywriter.begin("spring", budget)
        replies = list(copywriter.write(asked))
    spent = sum(reply.usage.cost_usd or 0.0 for reply in replies)
    assert spent == pytest.approx(len(server.calls) * one)
    assert budget - most - one < spent <= budget  # as close as an upper bound allows
    refused = [reply for reply in replies if reply.error]
    assert len(refused) == 40 - len(server.calls)
    assert all("budget" in reply.error and reply.retryable for reply in refused)


def test_a_call_without_an_answer_counts_as_spent_but_not_as_cost() -> None:
    """It may have been charged: the budget is not to be passed either way."""
    with ChatServer([servers.resets]) as server:
        copywriter = writer(server, price="2,10", retries=3)
        _, high = copywriter.estimate([request()]) or (0.0, 0.0)
        copywriter.begin("spring", 1.5 * high / 3)
        (reply,) = copywriter.write([request()])
    assert "budget" in reply.error
    assert len(server.calls) == 1


def test_a_budget_without_a_price_is_refused_before_anything(tmp_path: Any) -> None:
    make_campaign(tmp_path, channels=["meta.feed"], locales=["en-US"])
    with ChatServer() as server, pytest.raises(InputError, match="price") as caught:
        settings = ("copy.backend=openai", "copy.model=m", f"copy.base_url={server.base_url}")
        run(tmp_path, *settings, budget=5.0)
    assert "copy.price" in caught.value.hint
    assert not server.calls and not (tmp_path / "run").exists()


def test_a_larger_budget_goes_on_where_a_smaller_one_stopped(tmp_path: Any) -> None:
    make_campaign(tmp_path, channels=["meta.feed"], locales=["en-US", "zh-CN"])
    with ChatServer() as server:
        settings = (
            "copy.backend=openai",
            "copy.model=m",
            f"copy.base_url={server.base_url}",
            "copy.price=2,10",
            "copy.concurrency=1",
        )
        first, _ = run(tmp_path, *settings, until="copywriting", budget=0.03)
        sent = len(server.calls)
        assert 0 < first.tally.cost_usd <= 0.03
        assert any("budget" in reason for reason in reasons(tmp_path))
        run(tmp_path, *settings, until="copywriting", budget=0.03)
        assert len(server.calls) - sent <= 1  # what was spent counts: no second budget
        run(tmp_path, *settings, until="copywriting", budget=5.0)
    assert not any("budget" in reason for reason in reasons(tmp_path))


def reasons(folder: Any) -> list[str]:
    from contentfab.flow import views

    return [failure["reason"] for failure in views.status(folder / "run")["failed"]]


def test_the_default_transport_serves_where_aiohttp_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("contentfab.backends._openai_client.find_spec", lambda name: None)
    with ChatServer() as server:
        copywriter = writer(server)
        (reply,) = copywriter.write([request()])
    assert not reply.error
    assert copywriter.facts()["transport"] != "aiohttp"
    assert reply.recipe["endpoint"]["transport"] == copywriter.facts()["transport"]
