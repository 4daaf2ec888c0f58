"""Local servers with real sockets: one speaks /v1/images, well or badly, as a test asks; one speaks
the part of the Hugging Face hub's protocol that a download needs."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import numpy as np
from PIL import Image


class Server(ABC):
    """Base: serves until the `with` block ends. `handle` is called for every request."""

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.handle(self)

            do_POST = do_HEAD = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    @abstractmethod
    def handle(self, handler: BaseHTTPRequestHandler) -> None: ...


def reply(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    headers: dict[str, str] | None = None,
    *,
    length: int | None = None,
) -> None:
    """Sends an answer; with `length` greater than the body's, the connection breaks off."""
    handler.send_response(status)
    for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)
    if length is not None and length > len(body) and handler.command != "HEAD":
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.close()


@dataclass
class Call:
    """One request for a picture. `files` are the pictures sent to /images/edits."""

    path: str
    fields: dict[str, Any]
    headers: dict[str, str]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        width, height = str(self.fields["size"]).split("x")
        return int(width), int(height)


Behaviour = Callable[["ImagesServer", BaseHTTPRequestHandler, Call], None]


class ImagesServer(Server):
    """Answers with a drawn picture of the asked size. `script` are behaviours for the first
    requests, in order; `by_url` gives addresses instead of base64."""

    def __init__(self, *script: Behaviour, by_url: bool = False) -> None:
        super().__init__()
        self.base_url = f"{self.url}/v1"
        self.calls: list[Call] = []
        self.fetched: list[dict[str, str]] = []
        self.under_way = self.most_under_way = 0
        self._script, self._by_url, self._lock = list(script), by_url, threading.Lock()
        self._pictures: dict[str, bytes] = {}

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "GET":
            self.fetched.append({k.lower(): v for k, v in handler.headers.items()})
            reply(handler, 200, self._pictures[handler.path], {"Content-Type": "image/png"})
            return
        call = _call(handler)
        with self._lock:
            self.calls.append(call)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            behave = self._script.pop(0) if self._script else well
        try:
            behave(self, handler, call)
        finally:
            with self._lock:
                self.under_way -= 1

    def answer(self, picture: bytes) -> bytes:
        item: dict[str, str] = {"b64_json": base64.b64encode(picture).decode()}
        if self._by_url:
            path = f"/files/{hashlib.sha256(picture).hexdigest()[:8]}.png"
            self._pictures[path] = picture
            item = {"url": self.url + path}
        return json.dumps({"created": 1, "data": [item]}).encode()


def well(server: ImagesServer, handler: BaseHTTPRequestHandler, call: Call) -> None:
    """A picture that depends on prompt and seed; of an edit, only what the mask leaves open."""
    width, height = call.size
    seed = hashlib.sha256(f"{call.fields['prompt']}{call.fields.get('seed')}".encode()).digest()
    coarse = np.random.default_rng(list(seed)).integers(0, 255, (8, 8, 3), np.uint8)
    picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    if call.files:
        given = Image.open(io.BytesIO(call.files["image"])).convert("RGB")
        kept = Image.open(io.BytesIO(call.files["mask"])).getchannel("A")
        picture.paste(given, mask=kept)
    reply(handler, 200, server.answer(_png(picture)))


def says(status: int, message: str = "no", *, headers: dict[str, str] | None = None,
         **error: Any) -> Behaviour:  # fmt: skip
    """An error status in the API's own shape."""
    body = json.dumps({"error": {"message": message, **error}}).encode()
    return lambda server, handler, call: reply(handler, status, body, headers)


def raw(body: bytes) -> Behaviour:
    """Exactly these bytes, with status 200."""
    return lambda server, handler, call: reply(handler, 200, body)


def _call(handler: BaseHTTPRequestHandler) -> Call:
    data = handler.rfile.read(int(handler.headers["Content-Length"]))
    headers = {k.lower(): v for k, v in handler.headers.items()}
    if headers["content-type"].startswith("application/json"):
        return Call(handler.path, json.loads(data), headers)
    head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
    fields: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for part in BytesParser().parsebytes(head + data).walk():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_filename():
            files[name.removesuffix("[]")] = content
        else:
            fields[name] = content.decode()
    return Call(handler.path, fields, headers, files)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


class HubServer(Server):
    """A hub with repositories {name: {file: bytes}}, each at one commit, which is also `main`.
    A file in `breaks` breaks off once, half way."""

    def __init__(
        self, repositories: dict[str, dict[str, bytes]], commit: str, breaks: str = ""
    ) -> None:
        super().__init__()
        self.repositories, self.commit, self._breaks = repositories, commit, breaks
        self.served: list[tuple[str, str]] = []
        self.tokens: set[str | None] = set()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        self.tokens.add(handler.headers.get("authorization"))
        path = handler.path.partition("?")[0]
        if api := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(?:revision|tree)/([^/]+))?", path):
            self._listing(handler, api[1], api[2] or "main", tree="/tree/" in path)
        elif file := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(handler, file[1], file[2], file[3])
        else:
            reply(handler, 404, b"{}")

    def _listing(
        self, handler: BaseHTTPRequestHandler, name: str, revision: str, *, tree: bool
    ) -> None:
        if "gated" in name:
            reply(handler, 403, b"{}", {"X-Error-Code": "GatedRepo", "X-Error-Message": "gated"})
            return
        if name not in self.repositories:
            reply(handler, 404, b"{}", {"X-Error-Code": "RepoNotFound"})
            return
        if revision not in ("main", self.commit):
            reply(handler, 404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            return
        files = self.repositories[name]
        if tree:
            body: Any = [
                {"type": "file", "path": path, "size": len(data), "oid": _etag(data)}
                for path, data in files.items()
            ]
        else:
            siblings = [{"rfilename": path} for path in files]
            body = {"id": name, "modelId": name, "sha": self.commit, "siblings": siblings}
        reply(handler, 200, json.dumps(body).encode())

    def _file(self, handler: BaseHTTPRequestHandler, name: str, revision: str, path: str) -> None:
        data = self.repositories[name][path]
        headers = {
            "ETag": f'"{_etag(data)}"', "X-Repo-Commit": self.commit,
            "Content-Type": "application/octet-stream",
        }  # fmt: skip
        if handler.command == "HEAD":
            reply(handler, 200, data, headers)
            return
        self.served.append((revision, path))
        if path == self._breaks:
            self._breaks = ""
            reply(handler, 200, data[: len(data) // 2], headers, length=len(data))
        else:
            reply(handler, 200, data, headers)


def _etag(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()
