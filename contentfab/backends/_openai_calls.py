"""One chat completion at a time against an OpenAI-compatible endpoint, however it behaves.

Owns retries, waiting, concurrency and what the endpoint was found to support; translates every
error of the SDK into ours, without the key. Knows nothing about copy or prompts.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from contentfab.errors import BackendError, BackendUnavailable, BadOutput

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MODES = ("json_schema", "json_object", "text")
TOKEN_FIELDS = ("max_tokens", "max_completion_tokens")
RECORDED = ("temperature", "seed", *TOKEN_FIELDS)
MAX_BACKOFF_S = 60.0
MAX_RETRY_AFTER_S = 120.0
RETRYABLE_STATUS = frozenset({408, 409, 425, 429})
_UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|extra|invalid param|not permitted"
)
_SECRET = re.compile(r"\b(?:sk|pk|key)-[A-Za-z0-9_*-]{6,}|Bearer\s+\S+", re.IGNORECASE)


class Refused(BackendError):
    """The endpoint will refuse every further request too: wrong key, unknown model, no credit."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the endpoint was found to understand, starting from the best."""

    mode: str = MODES[0]
    token_field: str = TOKEN_FIELDS[0]
    swapped: bool = False
    dropped: frozenset[str] = frozenset()
    merge_system: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """How to ask, the same for every request. `timeout` and `backoff` are in seconds."""

    model: str
    temperature: float
    max_tokens: int
    timeout: float
    retries: int
    concurrency: int
    backoff: float


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer that came in time. `sent` are the parameters that shaped it."""

    text: str
    input_tokens: int
    output_tokens: int
    counted: bool
    calls: int
    served_by: str
    fault: BadOutput | None = None
    sent: dict[str, Any] = field(default_factory=dict)


class Endpoint:
    """Bounded, retried access to one endpoint. Use from one event loop only."""

    def __init__(self, client: AsyncOpenAI, options: Options, dialect: Dialect, key: str) -> None:
        self.client = client
        self.options = options
        self.dialect = dialect
        self._key = key
        self._slots = asyncio.Semaphore(options.concurrency)
        self._not_before = 0.0
        self._answers = 0
        self._gave_up_in_a_row = 0

    async def complete(
        self, messages: list[dict[str, str]], schema: dict[str, Any], seed: int
    ) -> Completion:
        """The answer to `messages`. Raises BackendUnavailable when the endpoint is down, Refused
        when it will not serve us at all, else BackendError for this request alone."""
        answers_before = self._answers
        for attempt in range(self.options.retries + 1):
            try:
                completion = await self._attempt(messages, schema, seed, attempt + 1)
            except BackendError as error:
                if not error.retryable or attempt == self.options.retries:
                    raise self._give_up(error, self._answers > answers_before) from None
                await asyncio.sleep(self._delay(attempt))
            else:
                self._answers += 1
                self._gave_up_in_a_row = 0
                return completion
        raise AssertionError("the last attempt returns or raises")

    def _delay(self, attempt: int) -> float:
        """Full jitter (Brooker 2015): any time up to the doubled step."""
        return random.uniform(0, min(MAX_BACKOFF_S, self.options.backoff * 2.0**attempt))

    def _give_up(self, error: BackendError, others_answered: bool) -> BackendError:
        """An endpoint that answers nobody is down; one that answers others failed this request."""
        if not error.retryable or isinstance(error, Refused):
            return error
        self._gave_up_in_a_row += 1
        silent = isinstance(error, BackendUnavailable) and not others_answered
        if silent or self._gave_up_in_a_row >= max(4, self.options.concurrency):
            hint = error.hint or "Wait or lower --set copy.concurrency, then run again."
            return BackendUnavailable(str(error), hint=hint)
        return BackendError(str(error), hint=error.hint, retryable=True)

    async def _attempt(
        self, messages: list[dict[str, str]], schema: dict[str, Any], seed: int, number: int
    ) -> Completion:
        loop = asyncio.get_running_loop()
        async with self._slots:
            while (wait := self._not_before - loop.time()) > 0:
                await asyncio.sleep(wait + random.uniform(0, 0.05))
            dialect = self.dialect
            while True:
                params = self._params(dialect, messages, schema, seed)
                try:
                    async with asyncio.timeout(self.options.timeout):
                        answer = await self.client.chat.completions.create(**params)
                except Exception as error:  # what _translate does not know it raises again
                    milder = _milder(error, dialect)
                    if milder is None:
                        raise await self._translate(error) from None
                    dialect = milder
                else:
                    self.dialect = dialect
                    return _read(answer, params, number)

    def _params(
        self, dialect: Dialect, messages: list[dict[str, str]], schema: dict[str, Any], seed: int
    ) -> dict[str, Any]:
        options = self.options
        params: dict[str, Any] = {
            "model": options.model,
            "messages": _merged(messages) if dialect.merge_system else messages,
            dialect.token_field: options.max_tokens,
            "temperature": options.temperature,
            "seed": seed,
        }
        if dialect.mode == "json_schema":
            named = {"name": "copy", "strict": True, "schema": schema}
            params["response_format"] = {"type": "json_schema", "json_schema": named}
        elif dialect.mode == "json_object":
            params["response_format"] = {"type": "json_object"}
        return {name: value for name, value in params.items() if name not in dialect.dropped}

    async def _translate(self, error: Exception) -> BackendError:
        """An SDK error in our words; a Retry-After sets the pause for everybody."""
        import openai

        if isinstance(error, TimeoutError | openai.APITimeoutError):
            message = f"no answer within {self.options.timeout:g} s"
            return BackendError(message, hint="Raise --set copy.timeout=SECONDS.", retryable=True)
        if isinstance(error, openai.APIStatusError):
            return await self._status_error(error)
        if isinstance(error, openai.APIConnectionError):
            reason = self.scrub(str(error.__cause__ or error)) or "connection closed"
            message = f"{self.place} does not answer: {reason}"
            hint = "Start the server, or set --set copy.base_url=URL to one that runs."
            return BackendUnavailable(message, hint=hint)
        if isinstance(error, openai.OpenAIError | ValueError):
            return BackendError(f"unreadable answer: {self.scrub(str(error))}", retryable=True)
        raise error

    async def _status_error(self, error: Any) -> BackendError:
        status = int(error.status_code)
        detail = self.scrub(_detail(error))
        message = f"{self.place} answered {status}: {detail}"
        if status in (401, 403):
            return Refused(message, hint="Set OPENAI_API_KEY to a key that this endpoint takes.")
        if status == 404:
            return Refused(message, hint=await self._model_hint())
        if status == 402 or getattr(error, "code", None) == "insufficient_quota":
            return Refused(message, hint="The account has no credit left; top it up, run again.")
        if status not in RETRYABLE_STATUS and status < 500:
            return BackendError(message)
        wait = _retry_after(error.response.headers)
        if wait > MAX_RETRY_AFTER_S:
            return BackendError(f"{message} (asks to wait {wait:.0f} s)")
        if wait > 0:
            now = asyncio.get_running_loop().time()
            self._not_before = max(self._not_before, now + wait)
        return BackendError(message, retryable=True)

    async def _model_hint(self) -> str:
        import openai

        fallback = "Check --set copy.model=NAME and --set copy.base_url=URL (often ends in /v1)."
        try:
            async with asyncio.timeout(10):
                models = await self.client.models.list()
            names = ", ".join(sorted(model.id for model in models.data)[:12])
        except (openai.OpenAIError, TimeoutError, ValueError, TypeError, AttributeError):
            # A list that does not come, or is none: the 404 is the error to report.
            return fallback
        return f"Set --set copy.model to one of: {names}." if names else fallback

    @property
    def place(self) -> str:
        """The endpoint as scheme, host and port, without user, path or query."""
        url = self.client.base_url
        port = f":{url.port}" if url.port else ""
        return f"{url.scheme}://{url.host}{port}"

    def scrub(self, text: str) -> str:
        """Text without our key or anything that looks like one."""
        text = text.replace(self._key, "[key]") if self._key else text
        return _SECRET.sub("[key]", text)


def _milder(error: Exception, dialect: Dialect) -> Dialect | None:
    """What to try next when an endpoint rejects the form of a request; None when nothing is left.
    Endpoints say it in many ways, so an unexplained 400 steps down once per answer format."""
    if getattr(error, "status_code", None) not in (400, 415, 422, 501):
        return None
    text = _detail(error).lower()
    if _UNSUPPORTED.search(text):
        if dialect.token_field in text and not dialect.swapped:
            other = TOKEN_FIELDS[1 - TOKEN_FIELDS.index(dialect.token_field)]
            return replace(dialect, token_field=other, swapped=True)
        for name in ("temperature", "seed"):
            if name in text and name not in dialect.dropped:
                return replace(dialect, dropped=dialect.dropped | {name})
        if "system role" in text and not dialect.merge_system:
            return replace(dialect, merge_system=True)
    if dialect.mode == MODES[-1]:
        return None
    return replace(dialect, mode=MODES[MODES.index(dialect.mode) + 1])


def _merged(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"role": "user", "content": "\n\n".join(m["content"] for m in messages)}]


def _detail(error: Any) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    detail = body.get("message") or body.get("detail") or error.message
    return re.sub(r"\s+", " ", str(detail))[:300]


def _retry_after(headers: Any) -> float:
    """Seconds to wait as the server says it (milliseconds, seconds or a date), else 0."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    try:
        when = email.utils.parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError, TypeError):
        return 0.0
    return max(0.0, when.timestamp() - time.time())


def _read(answer: Any, params: dict[str, Any], calls: int) -> Completion:
    """What an answer holds; BadOutput for what some servers send instead of one."""
    choices = getattr(answer, "choices", None)
    if not choices:
        raise BadOutput("the answer is no chat completion", retryable=True)
    usage = answer.usage
    mode = params.get("response_format", {}).get("type", MODES[-1])
    return Completion(
        text=choices[0].message.content or "",
        fault=_fault(choices[0].message, choices[0].finish_reason),
        input_tokens=usage.prompt_tokens if usage else 0,
        output_tokens=usage.completion_tokens if usage else 0,
        counted=usage is not None,
        calls=calls,
        served_by=answer.model or "",
        sent={**{name: params[name] for name in RECORDED if name in params}, "answer_format": mode},
    )


def _fault(message: Any, finish_reason: str | None) -> BadOutput | None:
    """Why the text of an answer is none, if so; its tokens are spent all the same."""
    if getattr(message, "refusal", None) or finish_reason == "content_filter":
        return BadOutput("the model refused to write this copy", hint="Reword the product text.")
    if finish_reason == "length":
        hint = "Raise --set copy.max_tokens=N."
        return BadOutput("the answer was cut off at max_tokens", hint=hint)
    if not message.content:
        return BadOutput("the answer is empty", retryable=True)
    return None
