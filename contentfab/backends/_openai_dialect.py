"""What an endpoint understands, found out once: answer format, parameters, system messages.

Steps down from JSON Schema over `json_object` to plain text, when the endpoint rejects a request
or when it accepts the format and does not keep to it. Sends nothing itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from contentfab.backends._openai_errors import detail
from contentfab.backends._openai_settings import Options

FORMATS = ("json_schema", "json_object", "text")
TOKEN_FIELDS = ("max_tokens", "max_completion_tokens")
REJECTED = frozenset({400, 415, 422, 501})
MISSHAPEN = 3
"""As many misshapen answers before a well-shaped one say that a format is not kept to."""
FAILED_PROBES = 3
"""After so many requests that were rejected in every form, the form is not at fault."""
PATIENCE_S = 2.0  # a rejection comes at once; an answer that takes longer is being written
_UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|extra|invalid param|not permitted"
)
_ABOUT_FORMAT = re.compile(r"response_format|json_schema|json_object|guided|grammar")


@dataclass(frozen=True, slots=True)
class Question:
    """One request as the endpoint is asked it. `key` names it, `schema` is its answer's."""

    key: str
    messages: list[dict[str, str]]
    schema: dict[str, Any]
    seed: int

    @property
    def length(self) -> int:
        """UTF-8 bytes that a model reads, without the schema."""
        return sum(len(message["content"].encode()) for message in self.messages)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the endpoint was found to understand, starting from the best."""

    mode: str = FORMATS[0]
    token_field: str = TOKEN_FIELDS[0]
    swapped: bool = False
    dropped: frozenset[str] = frozenset()
    merge_system: bool = False

    def body(self, question: Question, options: Options) -> dict[str, Any]:
        """The body of a request."""
        messages = question.messages
        body: dict[str, Any] = {
            "model": options.model,
            "messages": _merged(messages) if self.merge_system else messages,
            self.token_field: options.max_tokens,
            "temperature": options.temperature,
            "seed": question.seed,
        }
        if self.mode == "json_schema":
            named = {"name": "copy", "strict": True, "schema": question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        elif self.mode == "json_object":
            body["response_format"] = {"type": "json_object"}
        return {name: value for name, value in body.items() if name not in self.dropped}

    def facts(self) -> dict[str, Any]:
        """For recipe and run.json."""
        facts: dict[str, Any] = {"answer_format": self.mode, "token_field": self.token_field}
        if self.dropped:
            facts["left_out"] = sorted(self.dropped)
        if self.merge_system:
            facts["system_in_user"] = True
        return facts


class Discovery:
    """The dialect in use. Until one request was accepted, requests go one at a time."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._settled = False
        self._probe = asyncio.Lock()
        self._rejected_probes = 0
        self._misshapen = 0
        self._kept = False

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Lets one request through while the dialect is unknown, all once it is known. A probe
        that takes long (a slow model, a hang) holds the others up for PATIENCE_S at most."""
        mine = False
        if not self._settled:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    mine = await self._probe.acquire()
            except TimeoutError:
                mine = False
            if mine and self._settled:
                self._probe.release()
                mine = False
        try:
            yield
        finally:
            if mine:
                self._probe.release()

    def accepted(self, dialect: Dialect) -> None:
        """A request in `dialect` was answered."""
        if not self._settled:
            self.dialect, self._settled = dialect, True
        elif FORMATS.index(dialect.mode) >= FORMATS.index(self.dialect.mode):
            self.dialect = dialect

    def rejected(self, error: Exception, tried: Dialect, first: Dialect) -> Dialect | None:
        """What to try next after an error; None when the form of the request is not at fault.
        `first` is the dialect that the request began with: others may have found a better one."""
        if getattr(error, "status_code", None) not in REJECTED:
            return None
        if self._settled and tried == first != self.dialect:
            return self.dialect
        found = milder(detail(error), tried, explained=self._settled)
        if found is None and not self._settled:
            self._rejected_probes += 1
            self._settled = self._rejected_probes >= FAILED_PROBES
        return found

    def judged(self, mode: str, well_shaped: bool) -> None:
        """An answer in `mode` had the shape asked for, or had not."""
        if mode != self.dialect.mode or self._kept:
            return
        self._kept = well_shaped
        self._misshapen = 0 if well_shaped else self._misshapen + 1
        if self._misshapen >= MISSHAPEN and mode != FORMATS[-1]:
            self.dialect = replace(self.dialect, mode=FORMATS[FORMATS.index(mode) + 1])
            self._misshapen = 0


def milder(message: str, dialect: Dialect, *, explained: bool = False) -> Dialect | None:
    """What to try next when an endpoint rejects the form of a request; None when nothing is left.
    Endpoints say it in many ways, so an unexplained rejection steps down once per answer format;
    not so when only an `explained` one counts."""
    text = message.lower()
    if _UNSUPPORTED.search(text):
        if dialect.token_field in text and not dialect.swapped:
            other = TOKEN_FIELDS[1 - TOKEN_FIELDS.index(dialect.token_field)]
            return replace(dialect, token_field=other, swapped=True)
        for name in ("temperature", "seed"):
            if name in text and name not in dialect.dropped:
                return replace(dialect, dropped=dialect.dropped | {name})
        if "system role" in text and not dialect.merge_system:
            return replace(dialect, merge_system=True)
    if dialect.mode == FORMATS[-1] or (explained and not _ABOUT_FORMAT.search(text)):
        return None
    return replace(dialect, mode=FORMATS[FORMATS.index(dialect.mode) + 1])


def _merged(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"role": "user", "content": "\n\n".join(m["content"] for m in messages)}]
