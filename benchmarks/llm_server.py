"""A chat completion server for `benchmarks/llm.py`: as fast as asyncio allows, in its own process.

Answers every request after 50 ms with the same prepared bytes. With `--storm` it lets 50 requests
a second through (a bucket that holds one second's worth), fails 2 % of those with a 500 and lets
1 % hang; `--silent` leaves the rate-limit headers and Retry-After away. GET /stats counts, over
the whole run and up to the last cell that was new (later there is less work than the bucket takes).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import time

LATENCY_S = 0.05
RATE, BURST = 50.0, 50.0
ERRORS, HANGS = 0.02, 0.01
SEED = re.compile(rb'"seed":\s*(\d+)')


class Server:
    """Prepared answers, and the bucket of a storm."""

    def __init__(self, content: str, storm: bool, silent: bool) -> None:
        self.storm, self.silent = storm, silent
        self.dice = random.Random(7)
        self.level, self.at = BURST, time.monotonic()
        self.stats = {"offered": 0, "throttled": 0, "errors": 0, "hangs": 0, "answered": 0}
        self.first = self.last = 0.0
        self.seen: set[bytes] = set()
        self.loaded: dict[str, float] = {}
        answer = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 0,
            "model": "bench",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": content},
                }
            ],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200},
        }
        self.answer = json.dumps(answer).encode()
        self.plain = http(200, self.answer)

    def reply(self, body: bytes) -> tuple[float, bytes]:
        """Seconds to wait and what to send then; b"" for a request that hangs."""
        if not self.storm:
            return LATENCY_S, self.plain
        now = time.monotonic()
        self.first = self.first or now
        self.stats["offered"] += 1
        self.level = min(BURST, self.level + RATE * (now - self.at))
        self.at = now
        if self.level < 1:
            self.stats["throttled"] += 1
            wait = (1 - self.level) / RATE
            headers = self.headers() + f"retry-after-ms: {wait * 1000:.0f}\r\n"
            return 0.002, http(429, b'{"error": {"message": "slow down"}}', headers)
        self.level -= 1
        seed = SEED.search(body)
        if seed and seed[1] not in self.seen:  # a cell that was never tried before
            self.seen.add(seed[1])
            self.loaded = {**self.stats, "seconds": now - self.first}
        chance = self.dice.random()
        if chance < ERRORS:
            self.stats["errors"] += 1
            return LATENCY_S, http(500, b'{"error": {"message": "oops"}}', self.headers())
        if chance < ERRORS + HANGS:
            self.stats["hangs"] += 1
            return 0.0, b""
        self.stats["answered"] += 1
        self.last = now + LATENCY_S
        return LATENCY_S, http(200, self.answer, self.headers())

    def headers(self) -> str:
        if self.silent:
            return ""
        left = max(0, int(self.level))
        reset = (BURST - self.level) / RATE
        return (
            f"x-ratelimit-limit-requests: {BURST:.0f}\r\n"
            f"x-ratelimit-remaining-requests: {left}\r\n"
            f"x-ratelimit-reset-requests: {reset * 1000:.0f}ms\r\n"
        )

    def counted(self) -> bytes:
        whole = {**self.stats, "seconds": self.last - self.first}
        return json.dumps({"whole": whole, "loaded": self.loaded}).encode()


class Connection(asyncio.Protocol):
    """One keep-alive connection. Requests on it come one after the other."""

    def __init__(self, server: Server) -> None:
        self.server, self.received = server, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.received[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.received) < end + 4 + length:
            return
        body, self.received = self.received[end + 4 :][:length], self.received[end + 4 + length :]
        if head.startswith(b"get /stats"):
            self.transport.write(http(200, self.server.counted()))
            return
        wait, reply = self.server.reply(body)
        if reply:
            asyncio.get_running_loop().call_later(wait, self.transport.write, reply)


def http(status: int, body: bytes, headers: str = "") -> bytes:
    """A whole HTTP/1.1 response."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def serve(server: Server) -> None:
    """Serve until killed; the port is the first line of stdout."""
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=2048)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--storm", action="store_true")
    parser.add_argument("--silent", action="store_true")
    arguments = parser.parse_args()
    content = sys.stdin.readline().strip()
    asyncio.run(serve(Server(content, arguments.storm, arguments.silent)))


if __name__ == "__main__":
    main()
