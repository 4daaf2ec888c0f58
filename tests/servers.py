"""A local server that speaks /v1/chat/completions, well or badly, as a test asks.

Real sockets and the real protocol: what the SDK sends is what the server sees. Each behaviour is
a function of one `Call`; `ChatServer(script=[…])` plays them in order and then behaves well.
"""

from __future__ import annotations

import json
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

WORDS = ("amber", "birch", "cedar", "daisy", "elder", "fern", "grass", "hazel", "iris", "jade")
LABEL = re.compile(r'^(?:- |Variant )"(v\d+)"', re.MULTILINE)
FIELD = re.compile(r'each item has "variant"[^,]*((?:, "[^"]+")+)')


@dataclass
class Call:
    """One request as it arrived, with what a behaviour needs to answer it."""

    body: dict[str, Any]
    headers: dict[str, str]
    server: ChatServer
    handler: BaseHTTPRequestHandler
    text: str = field(init=False)
    extra_headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.text = "\n".join(m["content"] for m in self.body.get("messages", ()))

    @property
    def mode(self) -> str:
        return str(self.body.get("response_format", {}).get("type", "text"))

    @property
    def repairs(self) -> bool:
        return "An earlier answer broke rules" in self.text

    @property
    def labels(self) -> list[str]:
        """Labels of the variants asked for; in a repair only those with faults."""
        text = self.text.split("An earlier answer broke rules")[-1]
        return list(dict.fromkeys(LABEL.findall(text)))

    @property
    def fields(self) -> dict[str, bool]:
        """Field names asked for, and whether each is a list."""
        if self.mode == "json_schema":
            schema = self.body["response_format"]["json_schema"]["schema"]
            properties = schema["properties"]["variants"]["items"]["properties"]
            return {k: v["type"] == "array" for k, v in properties.items() if k != "variant"}
        names = re.findall(r'"([^"]+)"', FIELD.findall(self.text)[-1])
        return {name: f"- {name}: a list of" in self.text for name in names}

    def send(self, status: int, payload: bytes, headers: dict[str, str] | None = None) -> None:
        handler = self.handler
        handler.send_response(status)
        sent = {"Content-Type": "application/json", **self.extra_headers, **(headers or {})}
        for name, value in sent.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(payload)))
        handler.end_headers()
        handler.wfile.write(payload)

    def send_text(self, content: str | None, finish: str = "stop", **message: Any) -> None:
        """A well-formed chat completion with this content."""
        answer = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 0,
            "model": self.body["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": finish,
                    "message": {"role": "assistant", "content": content, **message},
                }
            ],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
        }
        self.send(200, json.dumps(answer).encode())


Behaviour = Callable[[Call], None]
Writer = Callable[[Call, str, str], str]


def plain_words(call: Call, label: str, name: str) -> str:
    """Short copy without numbers that tells its field and variant; another one on repair."""
    start = "New " if call.repairs else ""
    field = re.sub(r"[\d_]+", " ", name).strip()
    return f"{start}{field} {WORDS[int(label[1:]) - 1]}".capitalize()


def variants(call: Call, writer: Writer = plain_words, count: int = 4) -> dict[str, Any]:
    """The answer a good model would give: every label, every field, in the asked shape."""
    items = []
    for label in call.labels:
        item: dict[str, Any] = {"variant": label}
        for name, many in call.fields.items():
            text = writer(call, label, name)
            item[name] = [f"{text} {word}" for word in WORDS[-count:]] if many else text
        items.append(item)
    return {"variants": items}


def good(writer: Writer = plain_words, *, delay: float = 0.0, wrap: str = "{}") -> Behaviour:
    """Answers well after `delay` seconds; `wrap` puts fences or prose around the JSON."""

    def behave(call: Call) -> None:
        time.sleep(delay)
        call.send_text(wrap.replace("{}", json.dumps(variants(call, writer), ensure_ascii=False)))

    return behave


def says(content: str | None, finish: str = "stop", **message: Any) -> Behaviour:
    """Answers with exactly this content."""
    return lambda call: call.send_text(content, finish, **message)


def fails(
    status: int, message: str = "no", *, headers: dict[str, str] | None = None, **error: Any
) -> Behaviour:
    """Answers with an error status in the API's own shape."""
    body = json.dumps({"error": {"message": message, "type": "error", **error}}).encode()
    return lambda call: call.send(status, body, headers)


def raw(payload: bytes, content_type: str = "application/json") -> Behaviour:
    """Answers 200 with these bytes, whatever they are."""
    return lambda call: call.send(200, payload, {"Content-Type": content_type})


def hangs(call: Call) -> None:
    """Never answers, until the server closes."""
    call.server.closing.wait(30)
    call.handler.close_connection = True


hangs_forever = hangs  # under a name that no parameter hides


def resets(call: Call) -> None:
    """Cuts the connection with a TCP reset."""
    linger = struct.pack("ii", 1, 0)
    call.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    call.handler.connection.close()
    call.handler.close_connection = True


def knows_only(*modes: str, then: Behaviour | None = None) -> Behaviour:
    """Rejects with 400 every answer format but these (`json_object`, `text`)."""

    def behave(call: Call) -> None:
        if call.mode in modes:
            return (then or good())(call)
        return fails(400, f"response_format type {call.mode!r} is not supported")(call)

    return behave


def rejects_parameter(name: str, then: Behaviour | None = None) -> Behaviour:
    """Rejects with 400 a parameter that the model does not take."""

    def behave(call: Call) -> None:
        if name not in call.body:
            return (then or good())(call)
        return fails(400, f"Unsupported parameter: '{name}' is not supported", param=name)(call)

    return behave


def storm(
    rate: float,
    *,
    burst: float = 10,
    errors: float = 0.0,
    hangs: float = 0.0,
    headers: bool = True,
    retry_after: str = "ms",
    then: Behaviour | None = None,
    seed: int = 7,
) -> tuple[Behaviour, dict[str, int]]:
    """Lets `rate` requests a second through and answers the others 429; of the first, shares fail
    with a 500 or hang. `retry_after` is ms, s or "" (none); `headers` adds x-ratelimit-*. Returns
    the behaviour and what it counted."""
    counts = dict.fromkeys(("offered", "throttled", "errors", "hangs", "answered"), 0)
    lock, dice = threading.Lock(), random.Random(seed)
    level, at = burst, time.monotonic()

    def admitted() -> tuple[bool, dict[str, str]]:
        nonlocal level, at
        now = time.monotonic()
        level, at = min(burst, level + rate * (now - at)), now
        wait = max(0.0, (1 - level) / rate)
        ok = level >= 1
        level -= ok
        sent = {}
        if headers:
            sent |= {
                "x-ratelimit-limit-requests": f"{burst:g}",
                "x-ratelimit-remaining-requests": str(int(level)),
                "x-ratelimit-reset-requests": f"{(burst - level) / rate * 1000:.0f}ms",
            }
        if not ok and retry_after:
            ms = retry_after == "ms"
            name, value = ("retry-after-ms", wait * 1000) if ms else ("retry-after", wait)
            sent[name] = f"{value:.3f}"
        return ok, sent

    def behave(call: Call) -> None:
        with lock:
            ok, sent = admitted()
            chance = dice.random() if ok else 1.0
            fate = "answered" if ok else "throttled"
            if chance < errors + hangs:
                fate = "errors" if chance < errors else "hangs"
            counts["offered"] += 1
            counts[fate] += 1
        call.extra_headers = sent
        if fate == "hangs":
            hangs_forever(call)
        elif fate == "answered":
            (then or good())(call)
        else:
            fails(429 if fate == "throttled" else 500, fate)(call)

    return behave, counts


class ChatServer:
    """Plays `script` in order of arrival, then `default`. `calls` holds what arrived."""

    def __init__(self, script: Iterable[Behaviour] = (), default: Behaviour | None = None) -> None:
        self.script = list(script)
        self.default = default or good()
        self.models = ["small-model", "large-model"]
        self.calls: list[Call] = []
        self.at_once = 0
        self.most_at_once = 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [call.body for call in self.calls]

    def answer(self, call: Call) -> None:
        with self._lock:
            self.calls.append(call)
            behaviour = self.script.pop(0) if self.script else self.default
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            behaviour(call)
        finally:
            with self._lock:
                self.at_once -= 1

    def serves(self, handler: BaseHTTPRequestHandler, data: bytes) -> bool:
        """For servers that know more than chat: answers a request of another path, if so."""
        return False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of some tests."""


def _handler_for(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            data = self.rfile.read(length)
            if server.serves(self, data):
                return None
            body = json.loads(data or b"{}")
            call = Call(body, {k.lower(): v for k, v in self.headers.items()}, server, self)
            if self.path != "/v1/chat/completions":
                return call.send(404, b'{"error": {"message": "no such path"}}')
            return server.answer(call)

        def do_GET(self) -> None:
            if server.serves(self, b""):
                return
            call = Call({}, dict(self.headers.items()), server, self)
            listed = [{"id": name, "object": "model"} for name in server.models]
            call.send(200, json.dumps({"object": "list", "data": listed}).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler


def closed_port() -> str:
    """A base_url where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
