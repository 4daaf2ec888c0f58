"""Copy through Batch API jobs, against a server that speaks files and batches: what is submitted
once is never submitted or paid again, whatever is killed in between."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import servers
from batch_server import USAGE, BatchServer
from campaigns import make_campaign
from command import contentfab, start
from test_copywriter_openai import environment, request  # noqa: F401

from contentfab.backends import _openai_batch_file as batch_file
from contentfab.backends.copywriter_openai import OpenAICopywriter
from contentfab.errors import BackendError
from contentfab.records.copy import CopyReply, CopyRequest

REQUESTS = [request(key * 64) for key in "abc"]


def writer(server: BatchServer, **settings: Any) -> OpenAICopywriter:
    quick = {"model": "small-model", "backoff": 0.01, "timeout": 20.0, "price": "2,10"}
    made = OpenAICopywriter(base_url=server.base_url, mode="batch", **quick | settings)
    made.begin("spring", None)
    return made


def ask(
    server: BatchServer, requests: list[CopyRequest] = REQUESTS, **settings: Any
) -> list[CopyReply]:
    """A run of its own: nothing is remembered between two calls but what the server has."""
    return list(writer(server, **settings).write(requests))


def test_submit_then_collect_at_half_the_price() -> None:
    with BatchServer() as server:
        first = ask(server)
        assert [reply.error for reply in first] == [
            "batch batch_1 is in_progress (0 of 3 done); run the same command again"
        ] * 3
        assert all(reply.retryable and reply.usage.cost_usd == 0 for reply in first)
        ask(server)  # looks again, submits nothing
        assert len(server.batches) == 1
        server.finish()
        replies = ask(server)
    assert [reply.key for reply in replies] == [one.key for one in REQUESTS]
    assert all(len(reply.drafts) == 2 and not reply.error for reply in replies)
    expected = (USAGE["prompt_tokens"] * 2 + USAGE["completion_tokens"] * 10) / 1e6 / 2
    assert replies[0].usage.cost_usd == pytest.approx(expected)
    assert replies[0].recipe["batch"] == "batch_1"
    assert len(server.batches) == 1 and not server.calls


def test_a_batch_names_its_campaign_and_its_requests() -> None:
    with BatchServer() as server:
        ask(server)
        other = writer(server)
        other.begin("autumn", None)
        list(other.write(REQUESTS[:1]))
    spring, autumn = (batch["metadata"] for batch in server.batches)
    assert spring["made_by"] == "contentfab"
    assert spring["campaign"] != autumn["campaign"]
    lines = server.requests[0]
    assert [line["custom_id"][:31] for line in lines] == [one.key[:31] for one in REQUESTS]
    assert {line["url"] for line in lines} == {"/v1/chat/completions"}
    assert len({line["custom_id"] for line in lines}) == 3
    assert all(len(line["custom_id"]) <= 64 for line in lines)


def test_waiting_collects_in_one_run() -> None:
    with BatchServer() as server:
        server.at_once_status = "completed"
        replies = ask(server, batch_wait=20)
    assert not any(reply.error for reply in replies)


def test_finished_work_of_an_expired_batch_is_used_and_the_rest_is_asked_again() -> None:
    with BatchServer() as server:
        ask(server)
        server.finish(status="expired", only=2)
        replies = ask(server)
        assert [bool(reply.drafts) for reply in replies] == [True, True, False]
        assert "batch_2" in replies[2].error
        assert [len(lines) for lines in server.requests] == [3, 1]
        server.finish()
        assert all(reply.drafts for reply in ask(server))
        assert len(server.batches) == 2


def test_errors_of_single_requests() -> None:
    """A 500 is asked again, a 400 is an answer, and neither costs anything."""

    def answer(body: dict[str, Any]) -> tuple[int, Any]:
        if body["seed"] == 1:
            return 500, {"error": {"message": "boom"}}
        if body["seed"] == 2:
            return 400, {"error": {"message": "context length exceeded"}}
        return server.answer_of(body)

    asked = [request(key * 64) for key in "abc"]
    for seed, one in enumerate(asked):
        object.__setattr__(one, "seed", seed)
    with BatchServer() as server:
        ask(server, asked)
        for _ in range(3):  # a 400 may be about the answer format: each is tried once
            server.finish(answer=answer)
            replies = {reply.key[0]: reply for reply in ask(server, asked)}
    assert replies["a"].drafts
    assert "in_progress" in replies["b"].error
    assert "context length exceeded" in replies["c"].error and not replies["c"].retryable


def test_a_failed_batch_says_why_and_is_asked_again() -> None:
    with BatchServer() as server:
        ask(server)
        server.finish(status="failed")
        replies = ask(server)
    assert "Enqueued token limit" in replies[0].error
    assert [len(lines) for lines in server.requests] == [3, 3]


def test_a_lost_answer_to_a_creation_creates_no_second_batch() -> None:
    with BatchServer() as server:
        server.lose_answers = 1
        replies = ask(server)
        assert "batch_1 is in_progress" in replies[0].error
    assert len(server.batches) == 1


def test_a_misshapen_answer_is_asked_again_in_the_next_batch() -> None:
    with BatchServer(default=servers.says("no JSON here")) as server:
        ask(server)
        server.finish()
        server.default = servers.good()
        (*_, reply) = ask(server)
        assert "batch_2" in reply.error
        server.finish()
        replies = ask(server)
    assert all(reply.drafts and reply.usage.calls == 2 for reply in replies)


def test_more_requests_while_replies_are_read_go_into_a_following_batch() -> None:
    with BatchServer() as server:
        server.at_once_status = "completed"
        asked = list(REQUESTS[:1])
        seen = []
        for reply in writer(server, batch_wait=20).write(asked):
            seen.append(reply)
            if len(asked) == 1:
                asked.append(REQUESTS[1])
    assert [reply.key for reply in seen] == [one.key for one in REQUESTS[:2]]
    assert len(server.batches) == 2


def test_the_budget_counts_what_is_under_way() -> None:
    with BatchServer() as server:
        made = writer(server)
        _, high = made.estimate(REQUESTS[:1]) or (0.0, 0.0)
        budget = 2.5 * high / 3  # two of three requests; the high end has each asked three times
        made.begin("spring", budget)
        errors = {reply.key[0]: reply.error for reply in made.write(REQUESTS)}
        assert [name for name, error in errors.items() if "budget" in error] == ["c"]
        again = writer(server)
        again.begin("spring", budget)
        list(again.write(REQUESTS))  # what is under way counts against the budget again
        assert len(server.batches) == 1
        server.finish()
        third = writer(server)
        third.begin("spring", budget)  # the first two were cheaper than they might have been
        replies = list(third.write(REQUESTS))
    assert [reply.key[0] for reply in replies if reply.drafts] == ["a", "b"]
    assert len(server.batches) == 2


def test_an_endpoint_without_the_batch_api_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with BatchServer() as server, pytest.raises(BackendError, match="answered 404") as caught:
        monkeypatch.setattr(server, "_do", lambda *_: (404, {"error": {"message": "no path"}}))
        ask(server)
    assert "--llm-mode live" in caught.value.hint


def test_files_are_split_by_count_and_size() -> None:
    lines = [batch_file.Line(f"id{n}", {"model": "m", "text": "é" * 50}) for n in range(10)]
    by_count = list(batch_file.files(lines, max_requests=4))
    assert [len(ids) for ids, _ in by_count] == [4, 4, 2]
    by_size = list(batch_file.files(lines, max_bytes=2 * len(lines[0].encode())))
    assert [len(ids) for ids, _ in by_size] == [2] * 5
    assert all(len(data) <= 2 * len(lines[0].encode()) for _, data in by_size)
    again = [line for _, data in by_count for line in batch_file.read_lines(data.decode())]
    assert again == lines


def test_half_a_line_of_an_output_file_counts_as_no_answer() -> None:
    text = (
        '{"custom_id": "a", "response": {"status_code": 200, "body": {}}}\n{"custom_id": "b", "re'
    )
    assert [answer.custom_id for answer in batch_file.read_answers(text)] == ["a"]


CAMPAIGN: dict[str, Any] = {"channels": ["meta.feed"], "locales": ["en-US"], "variants": 2}


def options(server: BatchServer) -> list[str]:
    settings = {
        "backend": "openai",
        "model": "small-model",
        "base_url": server.base_url,
        "price": "2,10",
        "backoff": 0.01,
    }
    return [part for name, value in settings.items() for part in ("--set", f"copy.{name}={value}")]


@pytest.mark.parametrize(
    ("moment", "repairs"),
    [("POST /v1/files", 0), ("POST /v1/batches", 1), (r"GET /v1/files/\w+/content", 0)],
)
def test_a_kill_at_any_step_submits_and_pays_nothing_twice(
    tmp_path: Path, moment: str, repairs: int
) -> None:
    """SIGKILL after the server did its part and before the client hears of it."""
    make_campaign(tmp_path, **CAMPAIGN)
    command = ["copy", "campaign.yaml", "--llm-mode", "batch", "--format", "json"]
    command += ["--set", f"copy.repairs={repairs}"]
    with BatchServer() as server:
        if moment.startswith("GET"):
            contentfab(*command, *options(server), cwd=tmp_path, code=7)
            server.finish()
        process = start(*command, *options(server), cwd=tmp_path)

        def kill() -> None:
            server.after.clear()
            os.killpg(process.pid, signal.SIGKILL)

        server.after[moment] = kill
        process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL
        if not moment.startswith("GET"):
            waiting = contentfab(*command, *options(server), cwd=tmp_path, code=7)
            assert "run the same command again" in waiting.stderr
            server.finish()
        for _ in range(4):  # repairs go into batches of their own
            process = start(*command, *options(server), cwd=tmp_path)
            _, said = process.communicate(timeout=120)
            if "in_progress" not in said:
                break
            server.finish()
        assert process.returncode in (0, 7) and "in_progress" not in said, said
        assert "Unclosed" not in said  # connections are closed in order when the process ends
        asked = [line["custom_id"] for lines in server.requests for line in lines]
    assert len(asked) == len(set(asked))
    first = {line["custom_id"] for line in server.requests[0]}
    assert len(first) == len({name[:31] for name in first})
    (run,) = tmp_path.glob("out/*/run.json")
    facts = json.loads(run.read_text(encoding="utf-8"))
    assert facts["copywriter"]["mode"] == "batch"
