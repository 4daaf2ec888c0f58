"""Copywriter that asks a language model behind any OpenAI-compatible endpoint.

One request asks for all variants of a cell; a repair asks for the failing fields alone. Replies
come as they are ready. It checks that an answer has the shape it asked for and nothing more:
limits, brand words and claims are the copy contract's business, and so is what to do about a
broken one. The API key comes from OPENAI_API_KEY alone and appears in no id, recipe or error.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from contentfab.backends._openai_batch import BatchJobs, Pending
from contentfab.backends._openai_calls import Completion, Endpoint, most
from contentfab.backends._openai_client import connect
from contentfab.backends._openai_dialect import Question
from contentfab.backends._openai_errors import Refused
from contentfab.backends._openai_loop import LoopThread
from contentfab.backends._openai_prompts import Messages
from contentfab.backends._openai_replies import drafts_of
from contentfab.backends._openai_settings import (
    Options,
    Price,
    check_mode,
    endpoint_host,
    price_of,
    public_name,
)
from contentfab.backends._openai_spend import TYPICAL_BYTES, Purse
from contentfab.errors import BackendError, BackendUnavailable, BadOutput, InputError
from contentfab.records.copy import CopyReply, CopyRequest, Usage
from contentfab.rules.endpoints import is_loopback

SEED_RANGE = 2**31
MISSHAPEN = 2
"""How often a request is asked again because its answer had the wrong shape."""
BATCH_SHARE = 0.5  # of the price, as OpenAI charges batch jobs
REPAIRS = 2  # rounds that the high end of an estimate allows for
SHORT_TOKENS = 12  # of a field, for the low end of an estimate


class _Asked(Protocol):
    """Where an answer comes from: the endpoint at once, or a batch job."""

    async def complete(self, question: Question) -> Completion: ...

    def judged(self, mode: str, well_shaped: bool) -> None: ...

    def facts(self) -> dict[str, Any]: ...


class OpenAICopywriter:
    """Settings: `model` as the endpoint names it; `base_url` (default: OPENAI_BASE_URL, then the
    official API); `temperature`; `max_tokens` per answer; `timeout` in seconds per attempt;
    `concurrency`: requests at once at most (as many as the endpoint takes are found out);
    `rate`: requests a second at most (0: as the endpoint allows); `retries` per request, with full
    jitter from `backoff` seconds; `price` in USD per million tokens as {input: …, output: …} or
    "in,out" (unset: cost unknown); `mode`: live, or batch for OpenAI Batch API jobs, which are
    collected when the same is asked again, or waited for up to `batch_wait` seconds; `templates`:
    a folder whose prompts/copy_*.j2 replace ours; `offline`: loopback hosts only.

    Raises InputError for settings or templates at fault, MissingDependency without a key for the
    official API."""

    def __init__(
        self,
        *,
        model: str = "",
        base_url: str = "",
        temperature: float = 0.8,
        max_tokens: int = 2048,
        timeout: float = 120.0,
        concurrency: int = 64,
        rate: float = 0.0,
        retries: int = 4,
        backoff: float = 1.0,
        price: Price = None,
        mode: str = "live",
        batch_wait: float = 0.0,
        templates: str | Path | None = None,
        offline: bool = False,
    ) -> None:
        base_url = base_url or os.environ.get("OPENAI_BASE_URL", "")
        options = Options(
            str(model), temperature, max_tokens, timeout, retries, concurrency, backoff, rate,
            batch_wait,
        )  # fmt: skip
        if offline and not is_loopback(endpoint_host(base_url)):
            hint = "Set copy.base_url to a server on this machine, or copy.backend=offline."
            raise InputError("--offline: copy.base_url is not on this machine", hint=hint)
        batch = check_mode(mode) == "batch"
        self._options, self._price = options, price_of(price)
        self._purse = Purse(self._price, BATCH_SHARE if batch else 1.0)
        self._messages = Messages(templates)
        self.model = public_name(options.model)
        self.id = f"openai/{self.model}@{self._messages.digest[:12]}"
        connection = connect(base_url, options)
        self._batch = BatchJobs(connection, options, self._purse, self.id) if batch else None
        self._asked: _Asked = self._batch or Endpoint(connection, options, self._purse)
        self._loop = LoopThread(connection.client.close)

    @property
    def priced(self) -> bool:
        """Whether a budget can be kept: what a request costs is known."""
        return self._price is not None

    def begin(self, campaign: str, budget: float | None) -> None:
        """A run begins: whose it is, and what it may spend at most, in USD."""
        self._purse.allow(budget)
        if self._batch is not None:
            self._batch.campaign = campaign

    def facts(self) -> dict[str, Any]:
        """What was found out about the endpoint, for run.json."""
        return self._asked.facts()

    def estimate(self, requests: Sequence[CopyRequest]) -> tuple[float, float] | None:
        """USD (low, high): low when each request is answered at once in few words, high when each
        is repaired twice and every answer is as long as `max_tokens`. None without a price."""
        low = high = 0.0
        for request in requests:
            ask, messages = self._messages.build(request)
            question = Question(request.key, messages, ask.schema(), request.seed)
            words = SHORT_TOKENS * len(ask.names) * len(request.variants)
            read, written = question.length / TYPICAL_BYTES, min(words, self._options.max_tokens)
            least = self._purse.cost(read, written)
            if least is None:
                return None
            low += least
            high += most(question, self._options, self._purse) * (1 + REPAIRS)
        return low, high

    def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
        """Replies as they are ready. Looks at `requests` again as replies are read, so that more
        may be added meanwhile. Raises BackendUnavailable when the endpoint is down and BackendError
        when it refuses us; closing the iterator cancels what is under way."""
        if self._batch is None:
            window = self._options.concurrency
            # Somewhat more than the window: those who back off must not keep it from filling.
            yield from self._loop.stream(requests, self._reply, window + window // 4 + 2)
        else:
            yield from self._collect(requests, self._batch)

    def _collect(self, requests: Sequence[CopyRequest], jobs: BatchJobs) -> Iterator[CopyReply]:
        """Replies from batch jobs: what is finished is read, what was never asked is submitted."""
        until = time.monotonic() + self._options.batch_wait
        done = 0
        waiting: list[tuple[CopyRequest, Pending]] = []
        while done < len(requests) or waiting:
            new = [*(request for request, _ in waiting), *requests[done:]]
            done = len(requests)
            answers = self._loop.run(self._round(new, jobs))
            waiting = []
            for request, answer in zip(new, answers, strict=True):
                if isinstance(answer, CopyReply):
                    yield answer
                else:
                    waiting.append((request, answer))
            if waiting and done == len(requests):
                if time.monotonic() < until:
                    self._loop.run(jobs.wait(until - time.monotonic()))
                    continue
                for request, pending in waiting:
                    yield _unfinished(request, jobs.progress(pending))
                waiting = []

    async def _round(
        self, requests: Sequence[CopyRequest], jobs: BatchJobs
    ) -> list[CopyReply | Pending]:
        """A reply for each request, or that its batch job is not finished."""
        await jobs.refresh()
        answers = [await self._from_batch(request) for request in requests]
        await jobs.submit()
        for n, answer in enumerate(answers):
            if isinstance(answer, Pending) and (refusal := jobs.refusal(answer)):
                answers[n] = _failed(requests[n], refusal)
        return answers

    async def _from_batch(self, request: CopyRequest) -> CopyReply | Pending:
        try:
            return await self._reply(request)
        except Pending as pending:
            return pending

    async def _reply(self, request: CopyRequest) -> CopyReply:
        """Asks until an answer has the shape asked for, MISSHAPEN times at most."""
        ask, messages = self._messages.build(request)
        recipe: dict[str, Any] = {"model": self.model, "messages": messages}
        schema, usage = ask.schema(), Usage(cost_usd=0.0)
        fault = BackendError("not asked")
        for attempt in range(1 + MISSHAPEN):
            seed = (request.seed + attempt) % SEED_RANGE
            try:
                question = Question(request.key, messages, schema, seed)
                completion = await self._asked.complete(question)
                usage = _add(usage, completion)
                recipe |= _sent(completion) | {"endpoint": self._asked.facts()}
                if completion.fault:
                    raise completion.fault
                drafts = drafts_of(completion.text, ask, request)
            except (BackendUnavailable, Refused, Pending):
                raise
            except BadOutput as error:
                fault = error
                if not error.retryable:
                    break
                self._asked.judged(str(recipe.get("answer_format", "")), False)
            except BackendError as error:
                fault = error
                break
            else:
                self._asked.judged(completion.mode, True)
                return CopyReply(request.key, drafts, usage, recipe=recipe)
        return replace(_failed(request, fault), usage=usage, recipe=recipe)


def _add(usage: Usage, completion: Completion) -> Usage:
    known = usage.cost_usd is not None and completion.cost_usd is not None
    return Usage(
        usage.calls + completion.calls,
        usage.input_tokens + completion.input_tokens,
        usage.output_tokens + completion.output_tokens,
        (usage.cost_usd or 0.0) + (completion.cost_usd or 0.0) if known else None,
    )


def _sent(completion: Completion) -> dict[str, Any]:
    """What the recipe keeps of a call, beside the messages."""
    served_by = public_name(completion.served_by)
    return completion.sent | {"served_by": served_by, "answer": completion.text}


def _failed(request: CopyRequest, fault: BackendError) -> CopyReply:
    error = f"{fault}. {fault.hint}" if fault.hint else str(fault)
    return CopyReply(request.key, error=error, retryable=fault.retryable)


def _unfinished(request: CopyRequest, progress: str) -> CopyReply:
    """The reply for a request whose batch job is not finished; `pending` says so to the line."""
    error = f"{progress}; run the same command again"
    return CopyReply(request.key, error=error, retryable=True, recipe={"pending": True})
