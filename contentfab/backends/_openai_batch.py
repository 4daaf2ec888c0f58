"""Copy through OpenAI Batch API jobs: half the price, within a day, collected by running again.

Keeps no state of its own. What was submitted is found by the metadata of the account's batches and
by the ids in their files, so a kill between any two steps loses nothing and pays nothing twice: a
file without a batch costs nothing, a batch that was created is found again. Finished work of
expired and cancelled batches is charged, and used.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from contentfab.backends import _openai_batch_file as batch_file
from contentfab.backends._openai_calls import Completion, most, read_answer
from contentfab.backends._openai_client import Connection
from contentfab.backends._openai_dialect import TOKEN_FIELDS, Dialect, Question, milder
from contentfab.backends._openai_errors import RETRYABLE_STATUS, Refused, scrub, translate
from contentfab.backends._openai_settings import Options
from contentfab.backends._openai_spend import OverBudget, Purse
from contentfab.errors import BackendError, BackendUnavailable

if TYPE_CHECKING:
    from openai.types import Batch

T = TypeVar("T")
MADE_BY = "contentfab"
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
FIRST_POLL_S, MAX_POLL_S, POLL_GROWTH = 1.0, 60.0, 1.5


class Pending(Exception):
    """The answer is not there yet: `custom_id` is asked for in a batch, or will be."""

    def __init__(self, custom_id: str) -> None:
        super().__init__(custom_id)
        self.custom_id = custom_id


class BatchJobs:
    """The batches of one campaign. Call `refresh`, then `complete` for each question, then
    `submit` what those left to ask. Use from one event loop only."""

    def __init__(
        self, connection: Connection, options: Options, purse: Purse, copywriter: str
    ) -> None:
        self.connection, self.options, self.purse = connection, options, purse
        self.campaign = ""
        self._copywriter = copywriter
        self._dialect = Dialect(token_field=TOKEN_FIELDS[connection.official])
        self._batches: dict[str, Batch] = {}
        self._where: dict[str, str] = {}  # custom_id → id of the newest batch that asks it
        self._read: set[str] = set()  # batches that ended and whose files were read
        self._answers: dict[str, batch_file.Answer] = {}
        self._held: dict[str, float] = {}  # custom_id → USD held back
        self._to_ask: dict[str, tuple[batch_file.Line, float]] = {}
        self._refused: dict[str, OverBudget] = {}
        self._failure = ""
        self._poll = FIRST_POLL_S

    def judged(self, mode: str, well_shaped: bool) -> None:
        """Nothing is learned from one answer for others: the same question must keep its id."""

    def facts(self) -> dict[str, Any]:
        """For recipe and run.json."""
        return {"transport": self.connection.transport, "mode": "batch", **self._dialect.facts()}

    async def refresh(self) -> None:
        """Read what became of this campaign's batches since the last look."""
        found = await self._call(self._list)
        for batch in reversed(found):  # oldest first, so that the newest has the last word
            self._batches[batch.id] = batch
            if batch.id in self._read:
                continue
            if batch.id not in self._where.values():
                await self._read_input(batch)
            if batch.status in ENDED:
                await self._read_results(batch)

    async def complete(self, question: Question) -> Completion:
        """The answer. Raises Pending while there is none, BackendError when it was rejected."""
        dialect: Dialect | None = self._dialect
        message = ""
        while dialect is not None:
            body = dialect.body(question, self.options)
            name = batch_file.custom_id(question.key, body)
            answer = self._answers.get(name)
            if answer is None:
                if name not in self._where:
                    held = most(question, self.options, self.purse)
                    self._to_ask[name] = batch_file.Line(name, body), held
                raise Pending(name)
            if answer.status == 200:
                completion = read_answer(answer.body, body, self.purse, 1)
                self.purse.settle(0.0, completion.cost_usd or 0.0)
                completion.sent["batch"] = self._where[name]
                return completion
            message = _message(answer.body)
            dialect = milder(message, dialect)
        message = scrub(message, self.connection.key)
        raise BackendError(f"{self.connection.place} rejected the request: {message}")

    async def submit(self) -> None:
        """Send off what `complete` left to ask, as far as the budget goes: what was answered was
        paid for before it."""
        lines = []
        self._refused = {}
        for name, (line, held) in self._to_ask.items():
            try:
                self.purse.hold_now(held)
            except OverBudget as error:
                self._refused[name] = error
            else:
                self._held[name] = held
                lines.append(line)
        self._to_ask = {}
        for names, data in batch_file.files(lines):
            batch = await self._submitted(data)
            self._batches[batch.id] = batch
            self._where |= dict.fromkeys(names, batch.id)

    def refusal(self, pending: Pending) -> OverBudget | None:
        """Why a question was not submitted, if so."""
        return self._refused.get(pending.custom_id)

    async def wait(self, seconds: float) -> None:
        """Sleep until the next look is due, for `seconds` at most."""
        await asyncio.sleep(max(0.0, min(self._poll, seconds)))
        self._poll = min(MAX_POLL_S, self._poll * POLL_GROWTH)

    def progress(self, pending: Pending) -> str:
        """`batch batch_1 is in_progress (3 of 10 done)`."""
        batch = self._batches[self._where[pending.custom_id]]
        counts = batch.request_counts
        done = f" ({counts.completed + counts.failed} of {counts.total} done)" if counts else ""
        before = f"; one before failed: {self._failure}" if self._failure else ""
        return f"batch {batch.id} is {batch.status}{done}{before}"

    @property
    def _metadata(self) -> dict[str, str]:
        campaign = hashlib.sha256(self.campaign.encode()).hexdigest()[:16]
        return {"made_by": MADE_BY, "campaign": campaign, "copywriter": self._copywriter}

    async def _list(self) -> list[Batch]:
        """This campaign's batches, newest first."""
        ours = self._metadata.items()
        pages = self.connection.client.batches.list(limit=100)
        return [batch async for batch in pages if ours <= (batch.metadata or {}).items()]

    async def _read_input(self, batch: Batch) -> None:
        """Which questions a batch of an earlier run asks, and what they may cost."""
        for line in batch_file.read_lines(await self._content(batch.input_file_id)):
            self._where[line.custom_id] = batch.id
            if line.custom_id not in self._held:
                size = len(json.dumps(line.body, ensure_ascii=False).encode())
                tokens = max(int(line.body.get(name, 0)) for name in TOKEN_FIELDS)
                held = self.purse.most(size, len(line.body.get("messages", ())), tokens)
                self._held[line.custom_id] = held
                self.purse.commit(held)

    async def _read_results(self, batch: Batch) -> None:
        """Answers of a batch that ended. What was not answered may be asked again."""
        for file in (batch.output_file_id, batch.error_file_id):
            for answer in batch_file.read_answers(await self._content(file) if file else ""):
                final = answer.status == 200 or (
                    400 <= answer.status < 500 and answer.status not in RETRYABLE_STATUS
                )
                if final:
                    self._answers[answer.custom_id] = answer
        if batch.status == "failed":
            errors = (batch.errors.data if batch.errors else None) or []
            text = "; ".join(error.message for error in errors if error.message)
            self._failure = scrub(text or "no reason given", self.connection.key)
        for name in [name for name, where in self._where.items() if where == batch.id]:
            self.purse.settle(self._held.pop(name, 0.0), 0.0)
            if name not in self._answers:
                del self._where[name]
        self._read.add(batch.id)

    async def _submitted(self, data: bytes) -> Batch:
        digest = hashlib.sha256(data).hexdigest()
        name = f"{MADE_BY}-{digest[:16]}.jsonl"
        client = self.connection.client
        file = await self._call(lambda: client.files.create(file=(name, data), purpose="batch"))
        metadata = {**self._metadata, "input": digest[:32]}
        known = set(self._batches)

        async def create() -> Batch:
            return await client.batches.create(
                input_file_id=file.id,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata=metadata,
            )

        async def created_before() -> Batch | None:
            """An answer that was lost on its way does not mean that nothing was created."""
            for batch in await self._list():
                if batch.id not in known and (batch.metadata or {}).get("input") == digest[:32]:
                    return batch
            return None

        return await self._call(create, created_before)

    async def _content(self, file: str) -> str:
        async def read() -> str:
            return (await self.connection.client.files.content(file)).text

        return await self._call(read)

    async def _call(
        self,
        action: Callable[[], Awaitable[T]],
        done_before: Callable[[], Awaitable[T | None]] | None = None,
    ) -> T:
        """One step against the API, tried again when it fails in passing. `done_before` looks
        whether a try that seemed to fail has worked after all."""
        for attempt in range(self.options.retries + 1):
            try:
                if attempt and done_before and (result := await done_before()) is not None:
                    return result
                return await action()
            except Exception as error:  # what `translate` does not know it raises again
                fault = translate(error, self.connection, self.options.timeout)
                if isinstance(fault, Refused) and getattr(error, "status_code", 0) == 404:
                    fault.hint = "This endpoint has no Batch API; use --llm-mode live."
                if not fault.retryable:
                    raise fault from None
            await asyncio.sleep(random.uniform(0, self.options.backoff * 2.0**attempt))
        raise BackendUnavailable(str(fault), hint="Wait, then run the same command again.")


def _message(body: Any) -> str:
    """What an error body says."""
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message", error) if isinstance(error, dict) else error
    return " ".join(str(message).split())[:300]
