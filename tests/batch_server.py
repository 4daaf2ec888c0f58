"""A local server that also speaks the OpenAI Batch API: /v1/files, /v1/batches.

Batches stay where they are until a test moves them on with `finish`; answers are those that the
chat side would give. `before` and `after` are hooks on "METHOD /path", where a test may kill the
client; they run around what the server does and before it answers.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from servers import Call, ChatServer

USAGE = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
Hook = Callable[[], None]


class BatchServer(ChatServer):
    """`files` by id, `batches` in order of creation (as the API shows them)."""

    def __init__(self, **chat: Any) -> None:
        super().__init__(**chat)
        self.files: dict[str, bytes] = {}
        self.batches: list[dict[str, Any]] = []
        self.after: dict[str, Hook] = {}
        self.seen: list[str] = []
        self.lose_answers = 0  # to batches.create: it works, but the client does not hear of it
        self.at_once_status = ""  # what becomes of a batch as soon as it is created
        self._api = threading.Lock()

    def serves(self, handler: BaseHTTPRequestHandler, data: bytes) -> bool:
        path = urlsplit(handler.path)
        if not path.path.startswith(("/v1/files", "/v1/batches")):
            return False
        with self._api:
            name = f"{handler.command} {path.path}"
            self.seen.append(name)
            status, body = self._do(name, parse_qs(path.query), data, handler)
            for pattern, hook in list(self.after.items()):
                if re.fullmatch(pattern, name):
                    hook()
        if name == "POST /v1/batches" and self.lose_answers:
            self.lose_answers -= 1
            handler.close_connection = True
            return True
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        Call({}, {}, self, handler).send(status, content)
        return True

    @property
    def requests(self) -> list[list[dict[str, Any]]]:
        """The lines of each batch's input file."""
        return [
            [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
            for batch in self.batches
        ]

    def finish(
        self,
        number: int = -1,
        status: str = "completed",
        *,
        answer: Callable[[dict[str, Any]], Any] | None = None,
        only: int | None = None,
    ) -> None:
        """End a batch. `answer` makes a response (status, body) from a request, or None for one
        that was never carried out; `only` so many are carried out at all."""
        batch, lines = self.batches[number], self.requests[number]
        out, errors = [], []
        for n, line in enumerate(lines):
            found = (answer or self.answer_of)(line["body"]) if only is None or n < only else None
            record: dict[str, Any] = {"id": f"r{n}", "custom_id": line["custom_id"]}
            if found is None:
                record |= {"response": None, "error": {"code": "batch_expired", "message": "late"}}
            else:
                record |= {"response": {"status_code": found[0], "body": found[1]}, "error": None}
            (out if found and found[0] == 200 else errors).append(json.dumps(record))
        batch["status"] = status
        counts = {"total": len(lines), "completed": len(out), "failed": len(errors)}
        batch["request_counts"] = counts
        if status == "failed":
            batch["errors"] = {"object": "list", "data": [{"message": "Enqueued token limit"}]}
            return
        for field, records in (("output_file_id", out), ("error_file_id", errors)):
            if records:
                batch[field] = self._store("\n".join(records).encode())

    def answer_of(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What the chat side says to a request."""
        sent: list[bytes] = []
        call = Call(body, {}, self, cast("Any", None))
        object.__setattr__(call, "send", lambda status, payload, headers=None: sent.append(payload))
        self.default(call)
        return 200, json.loads(sent[0])

    def _do(
        self, name: str, query: dict[str, list[str]], data: bytes, handler: BaseHTTPRequestHandler
    ) -> tuple[int, Any]:
        if name == "POST /v1/files":
            kind = handler.headers["Content-Type"].partition("boundary=")[2].strip('"')
            part = next(p for p in data.split(f"--{kind}".encode()) if b'name="file"' in p)
            content = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
            return 200, self._file(self._store(content), len(content))
        if name == "POST /v1/batches":
            return 200, self._create(json.loads(data))
        if name == "GET /v1/batches":
            newest_first = self.batches[::-1]
            after = query.get("after", [""])[0]
            ids = [batch["id"] for batch in newest_first]
            start = ids.index(after) + 1 if after else 0
            page = newest_first[start : start + 2]  # small pages, so that paging is seen to work
            more = start + 2 < len(ids)
            return 200, {"object": "list", "data": page, "has_more": more}
        if found := re.fullmatch(r"GET /v1/files/(\w+)/content", name):
            return 200, self.files[found[1]]
        return 404, {"error": {"message": f"no {name}"}}

    def _create(self, wanted: dict[str, Any]) -> dict[str, Any]:
        total = len(self.files[wanted["input_file_id"]].splitlines())
        batch = {
            "id": f"batch_{len(self.batches) + 1}",
            "object": "batch",
            "created_at": 1_790_000_000 + len(self.batches),
            "status": "in_progress",
            "request_counts": {"total": total, "completed": 0, "failed": 0},
            **wanted,
        }
        self.batches.append(batch)
        if self.at_once_status:
            self.finish(status=self.at_once_status)
        return batch

    def _store(self, content: bytes) -> str:
        name = f"file_{len(self.files) + 1}"
        self.files[name] = content
        return name

    def _file(self, name: str, size: int) -> dict[str, Any]:
        return {
            "id": name,
            "object": "file",
            "bytes": size,
            "created_at": 1_790_000_000,
            "filename": "input.jsonl",
            "purpose": "batch",
            "status": "processed",
        }
