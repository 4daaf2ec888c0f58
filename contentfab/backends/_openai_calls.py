"""One chat completion at a time against an OpenAI-compatible endpoint, however it behaves.

Joins pace, breaker, dialect and purse around one HTTP call, and retries it. Knows nothing about
copy or prompts. The call goes through the SDK's `post`, not through its typed method: building
typed parameters and answers costs twice as much time as the request itself (`make bench-llm`).
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from typing import Any

from contentfab.backends._openai_breaker import Breaker, Down
from contentfab.backends._openai_client import Connection
from contentfab.backends._openai_dialect import FORMATS, TOKEN_FIELDS, Dialect, Discovery, Question
from contentfab.backends._openai_errors import (
    MAX_RETRY_AFTER_S,
    Refused,
    congests,
    retry_after,
    translate,
)
from contentfab.backends._openai_pace import Pace
from contentfab.backends._openai_settings import Options
from contentfab.backends._openai_spend import TYPICAL_BYTES, OverBudget, Purse
from contentfab.errors import BackendError, BackendUnavailable, BadOutput

PATH = "/chat/completions"
RECORDED = ("temperature", "seed", *TOKEN_FIELDS)
MAX_BACKOFF_S = 60.0
PING = [{"role": "user", "content": "ping"}]


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer that came in time. `sent` are the parameters that shaped it; `cost_usd` is None
    when price or usage is unknown."""

    text: str
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    calls: int
    served_by: str
    mode: str
    fault: BadOutput | None = None
    sent: dict[str, Any] = field(default_factory=dict)


class Endpoint:
    """Paced, retried access to one endpoint. Use from one event loop only."""

    def __init__(self, connection: Connection, options: Options, purse: Purse) -> None:
        self.connection, self.options, self.purse = connection, options, purse
        self.discovery = Discovery(Dialect(token_field=TOKEN_FIELDS[connection.official]))
        self.pace = Pace(options.concurrency, options.rate)
        self.breaker = Breaker(self._ping, self._delay, self.pace.shut)
        self._answers = 0

    async def complete(self, question: Question) -> Completion:
        """The answer. Raises BackendUnavailable when the endpoint is down, Refused when it will
        not serve us at all, OverBudget when the request was not sent, else BackendError for this
        request alone."""
        async with self.discovery.turn():
            return await self._tries(question)

    def judged(self, mode: str, well_shaped: bool) -> None:
        """An answer in `mode` had the shape asked for, or had not."""
        self.discovery.judged(mode, well_shaped)

    def facts(self) -> dict[str, Any]:
        """What was found out about the endpoint, for run.json."""
        return {"transport": self.connection.transport, **self.discovery.dialect.facts()}

    async def _tries(self, question: Question) -> Completion:
        answers_before = self._answers
        for attempt in range(self.options.retries + 1):
            await self.breaker.settled()
            try:
                completion = await self._attempt(question, attempt + 1)
            except BackendError as error:
                if not error.retryable or isinstance(error, OverBudget | Down):
                    raise
                if attempt == self.options.retries:
                    raise self._give_up(error, self._answers > answers_before) from None
                await asyncio.sleep(self._delay(attempt))
            else:
                self._answers += 1
                return completion
        raise AssertionError("the last attempt returns or raises")

    def _delay(self, attempt: int) -> float:
        """Full jitter (Brooker 2015): any time up to the doubled step."""
        return random.uniform(0, min(MAX_BACKOFF_S, self.options.backoff * 2.0**attempt))

    def _give_up(self, error: BackendError, others_answered: bool) -> BackendError:
        """An endpoint that answers nobody is down; one that answers others failed this request."""
        if isinstance(error, Refused) or (
            isinstance(error, BackendUnavailable) and not others_answered
        ):
            return error
        return BackendError(str(error), hint=error.hint, retryable=True)

    async def _attempt(self, question: Question, number: int) -> Completion:
        first = dialect = self.discovery.dialect
        while True:
            params = dialect.body(question, self.options)
            try:
                answer = await self._paid(params, question)
            except BackendError:
                raise
            except Exception as error:  # what `translate` does not know it raises again
                milder = self.discovery.rejected(error, dialect, first)
                if milder is None:
                    raise await self._explained(error) from None
                dialect = milder
            else:
                self.discovery.accepted(dialect)
                return read_answer(answer, params, self.purse, number)

    async def _paid(self, params: dict[str, Any], question: Question) -> Any:
        """An answer, with the most that it can cost held back until its cost is known. Whoever
        hangs up or does not answer in time may charge all the same; an error status does not."""
        purse, held, spent = self.purse, 0.0, 0.0
        length = question.length
        if purse.limited:
            held = most(question, self.options, purse)
            await purse.hold(held)
        try:
            await self.pace.enter(tokens := length // TYPICAL_BYTES + self.options.max_tokens)
            try:
                answer = await self._send(params)
                spent = held if (cost := _cost(answer, purse)) is None else cost
            except BaseException as error:
                free = isinstance(error, BackendError) or hasattr(error, "status_code")
                spent = 0.0 if free else held
                raise
            finally:
                self.pace.leave(tokens)
        finally:
            if held:
                purse.settle(held, spent)
        return answer

    async def _send(self, params: dict[str, Any]) -> Any:
        """One HTTP call; the JSON of its answer. Raises what the SDK raises, ValueError for an
        answer that is no JSON."""
        if self.breaker.down is not None:
            await self.breaker.settled()
        clock = asyncio.get_running_loop().time
        sent = clock()
        try:
            async with asyncio.timeout(self.options.timeout):
                response = await self.connection.client.post(
                    PATH, cast_to=self.connection.http.Response, body=params
                )
            answer = json.loads(response.content)
        except Exception as error:
            self._note(error, sent, clock())
            raise
        self.breaker.succeeded()
        self.pace.answered(response.headers)
        return answer

    def _note(self, error: Exception, sent: float, now: float) -> None:
        """Tell pace and breaker of a failure."""
        status = getattr(error, "status_code", None)
        headers = error.response.headers if hasattr(error, "response") else None
        if congests(error):
            wait = retry_after(headers) if headers is not None else 0.0
            wait = 0.0 if wait > MAX_RETRY_AFTER_S else wait  # fails instead of holding all up
            self.pace.refused(sent, headers, wait, throttled=status == 429)
        elif headers is not None:
            self.pace.answered(headers, well=False)
        if status is None or status == 429 or status >= 500:
            self.breaker.failed(sent, now)
        else:
            self.breaker.succeeded()

    async def _explained(self, error: Exception) -> BackendError:
        fault = translate(error, self.connection, self.options.timeout)
        if isinstance(fault, Refused) and getattr(error, "status_code", None) == 404:
            fault.hint = await self._model_hint() or fault.hint
        return fault

    async def _ping(self) -> None:
        """The smallest request there is: whether the endpoint serves at all."""
        token_field = self.discovery.dialect.token_field
        params = {"model": self.options.model, "messages": PING, token_field: 1}
        await asyncio.sleep(self.pace.held_for())
        try:
            await self._send(params)
        except Exception as error:  # what `translate` does not know it raises again
            fault = translate(error, self.connection, self.options.timeout)
            if fault.retryable:
                raise fault from None

    async def _model_hint(self) -> str:
        import openai

        try:
            async with asyncio.timeout(10):
                models = await self.connection.client.models.list()
            names = ", ".join(sorted(model.id for model in models.data)[:12])
        except (openai.OpenAIError, TimeoutError, ValueError, TypeError, AttributeError):
            return ""  # a list that does not come, or is none: the 404 is the error to report
        return f"Set --set copy.model to one of: {names}." if names else ""


def most(question: Question, options: Options, purse: Purse) -> float:
    """The most that an answer can cost in USD, with the schema read as part of the prompt."""
    length = question.length + len(json.dumps(question.schema))
    return purse.most(length, len(question.messages), options.max_tokens)


def read_answer(answer: Any, params: dict[str, Any], purse: Purse, calls: int) -> Completion:
    """What an answer holds. Raises BadOutput for what some servers send instead of one."""
    try:
        choice = answer["choices"][0]
        message, finish = choice["message"], choice.get("finish_reason")
        text = message.get("content") or ""
    except (KeyError, IndexError, TypeError, AttributeError):
        raise BadOutput("the answer is no chat completion", retryable=True) from None
    text = text if isinstance(text, str) else json.dumps(text)
    mode = params.get("response_format", {}).get("type", FORMATS[-1])
    tokens = _tokens(answer)
    return Completion(
        text=text,
        input_tokens=tokens[0] if tokens else 0,
        output_tokens=tokens[1] if tokens else 0,
        cost_usd=_cost(answer, purse),
        calls=calls,
        served_by=str(answer.get("model") or ""),
        mode=mode,
        fault=_fault(message, finish, text),
        sent={**{name: params[name] for name in RECORDED if name in params}, "answer_format": mode},
    )


def _tokens(answer: Any) -> tuple[int, int] | None:
    usage = answer.get("usage") if isinstance(answer, dict) else None
    if not isinstance(usage, dict):
        return None
    try:
        return int(usage["prompt_tokens"]), int(usage["completion_tokens"])
    except (KeyError, TypeError, ValueError):
        return None


def _cost(answer: Any, purse: Purse) -> float | None:
    tokens = _tokens(answer)
    return purse.cost(*tokens) if tokens else None


def _fault(message: Any, finish_reason: str | None, text: str) -> BadOutput | None:
    """Why the text of an answer is none, if so; its tokens are spent all the same."""
    if message.get("refusal") or finish_reason == "content_filter":
        return BadOutput("the model refused to write this copy", hint="Reword the product text.")
    if finish_reason == "length":
        hint = "Raise --set copy.max_tokens=N."
        return BadOutput("the answer was cut off at max_tokens", hint=hint)
    if not text:
        return BadOutput("the answer is empty", retryable=True)
    return None
