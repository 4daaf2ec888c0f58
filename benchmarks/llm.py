"""How fast the copy engine's LLM client is, as ratios against the bare SDK, and in a 429 storm.

Throughput: a local server answers after 50 ms. At 64 requests at once our copywriter, prompts and
parsing included, against a bare `AsyncOpenAI` loop on aiohttp; at 512 against the SDK's default
transport. The sides take turns, so that a busy machine slows both; the median of the rounds'
ratios counts. Storm: 50 requests a second, 2 % errors, 1 % hangs, with and without rate-limit
headers. Writes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai

from contentfab.backends._openai_prompts import Messages
from contentfab.backends.copywriter_openai import OpenAICopywriter
from contentfab.records.brief import BrandView, Cell, ProductView, SegmentView
from contentfab.records.channel import Channel, FieldRule
from contentfab.records.copy import CopyRequest, VariantAsk

AT_64, AT_512 = 0.9, 2.0
GOODPUT, WASTE = 0.95, 0.05
TIMEOUT_S = 2.0  # of an attempt in the storm: forty times the latency

LIMIT = {"metric": "graphemes", "source": "benchmark", "verified_at": "2026-11-21"}
CHANNEL = Channel(
    id="bench.feed",
    name="Feed",
    fields=[
        FieldRule(name="headline", max=40, **LIMIT),
        FieldRule(name="body", max=125, newline=True, **LIMIT),
    ],
)


def request(number: int) -> CopyRequest:
    """A cell of the usual size: three variants, a product with facts, an audience."""
    cell = Cell(f"serum-{number}--parents--bench-feed--en-us", "serum", "parents", "bench", "en-US")
    facts = {"volume": "30 ml", "ingredients": "rosehip oil, squalane, vitamin E", "skin": "dry"}
    return CopyRequest(
        key=f"{number:064d}",
        cell=cell,
        product=ProductView(f"serum-{number}", f"Amber Serum {number}", facts=facts, price="$38"),
        segment=SegmentView("parents", "Busy parents", needs=("five quiet minutes", "one bottle")),
        brand=BrandView("aurea", "Aurea", banned=("cheap", "miracle")),
        channel=CHANNEL,
        variants=tuple(VariantAsk(f"{cell.id}--{letter}", "benefit") for letter in "abc"),
        seed=number,
    )


@contextmanager
def server(*options: str) -> Iterator[str]:
    """The address of a server in a process of its own."""
    ask, _ = Messages(None).build(request(0))
    texts = dict.fromkeys(ask.names, "Soft light, every single morning")
    items = [{"variant": label, **texts} for label in ask.labels.values()]
    script = Path(__file__).with_name("llm_server.py")
    process = subprocess.Popen(
        [sys.executable, str(script), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    print(json.dumps({"variants": items}), file=process.stdin, flush=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.wait()


class Bare:
    """The SDK and nothing else: messages ready made, answers not looked at."""

    def __init__(self, base_url: str, transport: Callable[[], Any], at_once: int) -> None:
        self._runner = asyncio.Runner()
        self._at_once = at_once
        self._client = openai.AsyncOpenAI(
            api_key="none",
            base_url=base_url,
            max_retries=0,
            timeout=600.0,  # its default of 5 s to connect does not last on a busy machine
            http_client=transport(),
        )

    def run(self, count: int) -> None:
        messages = Messages(None)
        built = [(number, *messages.build(request(number))) for number in range(count)]
        self._began = time.perf_counter(), time.process_time()
        self._runner.run(self._all(built))

    def measured(self) -> tuple[float, float]:
        return time.perf_counter() - self._began[0], time.process_time() - self._began[1]

    def close(self) -> None:
        self._runner.run(self._client.close())
        self._runner.close()

    async def _all(self, built: list[Any]) -> None:
        slots = asyncio.Semaphore(self._at_once)

        async def one(number: int, ask: Any, messages: Any) -> str | None:
            async with slots:
                answer = await self._client.chat.completions.create(
                    model="bench",
                    messages=messages,
                    max_tokens=2048,
                    temperature=0.8,
                    seed=number,
                    response_format={
                        "type": "json_schema",
                        "json_schema": {"name": "copy", "strict": True, "schema": ask.schema()},
                    },
                )
            return answer.choices[0].message.content

        await asyncio.gather(*(one(*item) for item in built))


class Ours:
    """The copywriter as a run uses it, from request to drafts."""

    def __init__(self, base_url: str, at_once: int) -> None:
        self._writer = OpenAICopywriter(model="bench", base_url=base_url, concurrency=at_once)

    def run(self, count: int) -> None:
        requests = [request(number) for number in range(count)]
        self._began = time.perf_counter(), time.process_time()
        replies = list(self._writer.write(requests))
        assert len(replies) == count
        assert all(len(reply.drafts) == 3 for reply in replies)

    def measured(self) -> tuple[float, float]:
        return time.perf_counter() - self._began[0], time.process_time() - self._began[1]

    def close(self) -> None:
        """The writer closes its connections when it goes."""


def compare(name: str, sides: dict[str, Any], count: int, rounds: int, least: float) -> bool:
    """Rounds of both sides in turn; whether the second side's rate is `least` times the first's."""
    rates: dict[str, list[float]] = {side: [] for side in sides}
    cpu: dict[str, list[float]] = {side: [] for side in sides}
    for side in sides.values():
        side.run(min(count, 600))  # connections, dialect, window
    for turn in range(rounds):
        for side in list(sides)[:: 1 if turn % 2 else -1]:
            sides[side].run(count)
            wall, busy = sides[side].measured()
            rates[side].append(count / wall)
            cpu[side].append(busy / count * 1000)
    for side in sides.values():
        side.close()
    print(f"{name}, {count} requests, {rounds} rounds, load {os.getloadavg()[0]:.1f}")
    for side in sides:
        rate, busy = statistics.median(rates[side]), statistics.median(cpu[side])
        print(f"  {side:32} {rate:7.0f} req/s  {busy:5.2f} ms CPU a request")
    first, second = rates.values()
    ratios = [ours / theirs for theirs, ours in zip(first, second, strict=True)]
    ratio = statistics.median(ratios)
    verdict = "ok" if ratio >= least else "MISSED"
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"  ratio {ratio:.2f} ({spread}; at least {least:g}: {verdict})")
    return ratio >= least


def throughput(rounds: int) -> bool:
    with server() as url:
        at_64 = compare(
            "64 at once",
            {
                "AsyncOpenAI, aiohttp": Bare(url, openai.DefaultAioHttpClient, 64),
                "OpenAICopywriter": Ours(url, 64),
            },
            1500,
            rounds,
            AT_64,
        )
        at_512 = compare(
            "512 at once",
            {
                "AsyncOpenAI, default transport": Bare(url, openai.DefaultAsyncHttpxClient, 512),
                "OpenAICopywriter": Ours(url, 512),
            },
            3000,
            rounds,
            AT_512,
        )
    return at_64 and at_512


def storm(count: int, *options: str) -> bool:
    """All requests through a server that throttles, fails and hangs."""
    with server("--storm", *options) as url:
        writer = OpenAICopywriter(model="bench", base_url=url, timeout=TIMEOUT_S, retries=6)
        replies = list(writer.write([request(number) for number in range(count)]))
        with urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats") as answer:
            stats = json.load(answer)
    lost = count - sum(1 for reply in replies if len(reply.drafts) == 3)
    goodput = {
        part: stats[part]["answered"] / (50.0 * stats[part]["seconds"] + 50.0) for part in stats
    }
    whole = stats["whole"]
    waste = (whole["offered"] - whole["answered"]) / whole["offered"]
    name = "without" if options else "with"
    print(f"429 storm, 50 requests/s, 2 % errors, 1 % hangs, {name} rate-limit headers")
    counts = ", ".join(f"{value:.0f} {name}" for name, value in whole.items())
    print(f"  {counts}")
    passed = goodput["loaded"] >= GOODPUT and waste < WASTE and not lost
    print(
        f"  goodput {goodput['loaded']:.3f} of the bucket while cells wait (at least {GOODPUT:g}), "
        f"{goodput['whole']:.3f} to the last retry; wasted calls {waste:.1%} (below {WASTE:.0%}); "
        f"lost {lost}: {'ok' if passed else 'MISSED'}"
    )
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=3000, help="of each storm")
    parser.add_argument("--only", choices=("throughput", "storm"))
    arguments = parser.parse_args()
    os.environ.pop("OPENAI_BASE_URL", None)
    passed = True
    if arguments.only != "storm":
        passed &= throughput(arguments.rounds)
    if arguments.only != "throughput":
        passed &= storm(arguments.requests)
        passed &= storm(arguments.requests, "--silent")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
