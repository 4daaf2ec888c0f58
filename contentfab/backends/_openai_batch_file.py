"""JSON Lines of the OpenAI Batch API: requests out, answers in. Pure text; no endpoint.

A request's `custom_id` is made of the copy request's key and of what is sent, so that the same
question has the same id in every run and its answer is found again without any local state.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

PATH = "/v1/chat/completions"
MAX_REQUESTS = 50_000
MAX_BYTES = 200_000_000  # of one input file


@dataclass(frozen=True, slots=True)
class Line:
    """One request of an input file."""

    custom_id: str
    body: dict[str, Any]

    def encode(self) -> bytes:
        record = {"custom_id": self.custom_id, "method": "POST", "url": PATH, "body": self.body}
        return json.dumps(record, ensure_ascii=False, sort_keys=True).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of an output or error file: `body` as a live answer has it."""

    custom_id: str
    status: int
    body: Any


def custom_id(key: str, body: dict[str, Any]) -> str:
    """At most 64 characters, the least that providers allow."""
    content = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
    return f"{key[:31]}-{hashlib.sha256(content).hexdigest()[:32]}"


def files(
    lines: Sequence[Line], max_requests: int = MAX_REQUESTS, max_bytes: int = MAX_BYTES
) -> Iterator[tuple[list[str], bytes]]:
    """Input files, each with the ids of its requests, within the limits of the API."""
    ids: list[str] = []
    parts: list[bytes] = []
    size = 0
    for line in lines:
        data = line.encode()
        if ids and (len(ids) == max_requests or size + len(data) > max_bytes):
            yield ids, b"".join(parts)
            ids, parts, size = [], [], 0
        ids.append(line.custom_id)
        parts.append(data)
        size += len(data)
    if ids:
        yield ids, b"".join(parts)


def read_lines(text: str) -> Iterator[Line]:
    """The requests of an input file."""
    for record in _records(text):
        body = record.get("body")
        if isinstance(body, dict):
            yield Line(str(record.get("custom_id", "")), body)


def read_answers(text: str) -> Iterator[Answer]:
    """The answers of an output or error file. A request that was never carried out (the batch
    expired or was cancelled) has status 0."""
    for record in _records(text):
        response = record.get("response")
        name = str(record.get("custom_id", ""))
        if isinstance(response, dict):
            try:
                status = int(response.get("status_code", 0))
            except (TypeError, ValueError):
                status = 0
            yield Answer(name, status, response.get("body"))
        else:
            yield Answer(name, 0, record.get("error"))


def _records(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue  # half a line of a file that was cut off: its request counts as not answered
        if isinstance(record, dict):
            yield record
