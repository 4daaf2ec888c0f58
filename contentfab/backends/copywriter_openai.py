"""Copywriter that asks a language model behind any OpenAI-compatible endpoint.

One request asks for all variants of a cell; a repair asks for the failing fields alone. Replies
come as they are ready. It checks that an answer has the shape it asked for and nothing more:
limits, brand words and claims are the copy contract's business, and so is what to do about a
broken one. The API key comes from OPENAI_API_KEY alone and appears in no id, recipe or error.
"""

from __future__ import annotations

import functools
import ipaddress
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contentfab.backends._openai_calls import (
    TOKEN_FIELDS,
    Completion,
    Dialect,
    Endpoint,
    Options,
    Refused,
)
from contentfab.backends._openai_loop import LoopThread
from contentfab.backends._openai_prompts import Messages
from contentfab.backends._openai_replies import Ask, drafts_of
from contentfab.errors import (
    BackendError,
    BackendUnavailable,
    BadOutput,
    InputError,
    MissingDependency,
)
from contentfab.records.copy import CopyReply, CopyRequest, Usage

OFFICIAL_HOST = "api.openai.com"
SEED_RANGE = 2**31
MISSHAPEN = 2
"""How often a request is asked again because its answer had the wrong shape."""


class OpenAICopywriter:
    """Settings: `model` as the endpoint names it; `base_url` (default: OPENAI_BASE_URL, then the
    official API); `temperature`; `max_tokens` per answer; `timeout` in seconds per attempt;
    `concurrency` requests at once; `retries` per request, with full jitter from `backoff` seconds;
    `price` in USD per million tokens as {input: …, output: …} or "in,out" (unset: cost unknown);
    `templates`: a folder whose prompts/copy_*.j2 replace ours; `offline`: loopback hosts only.

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
        concurrency: int = 8,
        retries: int = 4,
        backoff: float = 1.0,
        price: Mapping[str, float] | Sequence[float] | str | None = None,
        templates: str | Path | None = None,
        offline: bool = False,
    ) -> None:
        base_url = base_url or os.environ.get("OPENAI_BASE_URL", "")
        if not model:
            raise InputError("copy.model is not set", hint="Add --set copy.model=NAME.")
        numbers = {
            "temperature": temperature,
            "max_tokens": max_tokens,
            "timeout": timeout,
            "concurrency": concurrency,
            "retries": retries,
            "backoff": backoff,
        }
        for name, value in numbers.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"copy.{name} must be a number, not {value!r}")
        model = str(model)
        if concurrency < 1 or retries < 0 or timeout <= 0 or max_tokens < 1 or backoff < 0:
            hint = "concurrency and max_tokens from 1, retries and backoff from 0, timeout above 0."
            raise InputError("a copy setting is out of range", hint=hint)
        if offline and not _is_loopback(base_url):
            hint = "Set copy.base_url to a server on this machine, or copy.backend=offline."
            raise InputError("--offline: copy.base_url is not on this machine", hint=hint)
        self._price = _price(price)
        self._messages = Messages(templates)
        self.model = _public_name(model)
        self.id = f"openai/{self.model}@{self._messages.digest[:12]}"
        options = Options(model, temperature, max_tokens, timeout, retries, concurrency, backoff)
        self._endpoint = _connect(base_url, options)
        self._loop = LoopThread()

    def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
        """Replies as they are ready. Raises BackendUnavailable when the endpoint is down and
        BackendError when it refuses us; closing the iterator cancels what is under way."""
        jobs = [functools.partial(self._reply, r, *self._messages.build(r)) for r in requests]
        yield from self._loop.stream(jobs)

    async def _reply(
        self, request: CopyRequest, ask: Ask, messages: list[dict[str, str]]
    ) -> CopyReply:
        """Asks until an answer has the shape asked for, MISSHAPEN times at most."""
        recipe: dict[str, Any] = {"model": self.model, "messages": messages}
        usage = Usage(cost_usd=0.0)
        fault = BackendError("not asked")
        for attempt in range(1 + MISSHAPEN):
            seed = (request.seed + attempt) % SEED_RANGE
            try:
                completion = await self._endpoint.complete(messages, ask.schema(), seed)
                usage = self._add(usage, completion)
                recipe |= _sent(completion)
                if completion.fault:
                    raise completion.fault
                drafts = drafts_of(completion.text, ask, request)
            except (BackendUnavailable, Refused):
                raise
            except BadOutput as error:
                fault = error
                if not error.retryable:
                    break
            except BackendError as error:
                fault = error
                break
            else:
                return CopyReply(request.key, drafts, usage, recipe=recipe)
        return CopyReply(
            request.key,
            usage=usage,
            error=f"{fault}. {fault.hint}" if fault.hint else str(fault),
            retryable=fault.retryable,
            recipe=recipe,
        )

    def _add(self, usage: Usage, completion: Completion) -> Usage:
        cost = None
        if self._price is not None and completion.counted and usage.cost_usd is not None:
            per_input, per_output = self._price
            spent = completion.input_tokens * per_input + completion.output_tokens * per_output
            cost = usage.cost_usd + spent / 1e6
        return Usage(
            usage.calls + completion.calls,
            usage.input_tokens + completion.input_tokens,
            usage.output_tokens + completion.output_tokens,
            cost,
        )


def _sent(completion: Completion) -> dict[str, Any]:
    """What the recipe keeps of a call, beside the messages."""
    served_by = _public_name(completion.served_by)
    return completion.sent | {"served_by": served_by, "answer": completion.text}


def _connect(base_url: str, options: Options) -> Endpoint:
    try:
        import openai
    except ImportError as error:
        hint = "pip install openai"
        raise MissingDependency(f"copy.backend=openai needs openai ({error})", hint=hint) from None
    host = _host(base_url) if base_url else OFFICIAL_HOST
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key and host == OFFICIAL_HOST:
        raise MissingDependency(
            "no API key for the OpenAI API",
            hint="Set OPENAI_API_KEY, or --set copy.base_url=URL for a server of your own.",
        )
    client = openai.AsyncOpenAI(
        api_key=key or "none",
        base_url=base_url or f"https://{OFFICIAL_HOST}/v1",
        max_retries=0,
        timeout=options.timeout,
    )
    dialect = Dialect(token_field=TOKEN_FIELDS[host == OFFICIAL_HOST])
    return Endpoint(client, options, dialect, key)


def _host(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = "For example http://127.0.0.1:8000/v1."
        raise InputError("copy.base_url is no http(s) address", hint=hint)
    if parts.username or parts.password:
        raise InputError("copy.base_url holds a password", hint="Put the key in OPENAI_API_KEY.")
    return parts.hostname


def _is_loopback(base_url: str) -> bool:
    host = _host(base_url) if base_url else OFFICIAL_HOST
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _public_name(model: str) -> str:
    """A model name without the path of the machine that serves it."""
    return model.rstrip("/").rsplit("/", 1)[-1] if model.startswith(("/", "~")) else model


def _price(price: Mapping[str, float] | Sequence[float] | str | None) -> tuple[float, float] | None:
    """USD per million input and output tokens."""
    if price is None:
        return None
    try:
        if isinstance(price, Mapping):
            pair = [float(price["input"]), float(price["output"])]
        else:
            parts = price.split(",") if isinstance(price, str) else price
            pair = [float(part) for part in parts]
        per_input, per_output = pair
    except (KeyError, TypeError, ValueError):
        pair = [-1.0, -1.0]
        per_input, per_output = pair
    if min(per_input, per_output) < 0:
        hint = "Give USD per million tokens: --set copy.price=0.15,0.60 (input, output)."
        raise InputError("copy.price is not two prices", hint=hint)
    return per_input, per_output
