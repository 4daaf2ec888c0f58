"""A local server that writes copy in four languages, and misbehaves on purpose.

What goes wrong with a request is a function of the cell that it is about and of how often that
cell was asked before, so a run is the same however its requests interleave. Most cells go wrong in
one way and are mended when asked again; some never are.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import servers
import yaml
from servers import Call, ChatServer

WORDS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "storm_words.yaml").read_text(encoding="utf-8")
)
CONTENT = (
    "over-long", "banned", "number", "superlative", "wrong language", "duplicate lines",
    "same variants", "testimonial", "foreign",
)  # fmt: skip
WRAPPED = ("fences", "prose")
SHAPE = ("truncated", "empty", "no json", "left out")
TRANSPORT = (
    "429", "429 with Retry-After", "500", "hang", "reset", "wrong content type", "not a completion",
)  # fmt: skip
FAULTS = ("none", *CONTENT, *WRAPPED, *SHAPE, *TRANSPORT)
HOPELESS = ("refusal", "cut off", "refused with 400")
STUBBORN = 23  # one cell in so many breaks the contract for ever
# What OpenAI sends with an answer; the bucket is full again at once.
BUCKET = {
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": "20ms",
}
_DATA = re.compile(r"<data>\n(.*?)\n</data>", re.DOTALL)
_LOCALE = re.compile(r"^Locale: (\S+?)\.", re.MULTILINE)
_FIELD = re.compile(r"^- (\w+): .*?of at most (.*)", re.MULTILINE)
_LIMIT = re.compile(r"(\d+) (characters|width units)")
_ENTRIES = re.compile(r"(\w+) \((\d+) new texts? for entr")


class StormServer(ChatServer):
    """`faults` counts what was done wrong, `asked` how often each cell was asked."""

    def __init__(self) -> None:
        super().__init__(default=self._misbehave)
        self.faults: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self._counting = threading.Lock()

    def _misbehave(self, call: Call) -> None:
        if len(call.body["messages"]) < 2:
            return call.send_text("pong")  # the client asks whether anybody is there
        about = "\n".join(
            [*_DATA.findall(call.body["messages"][1]["content"])[:2], _LOCALE.findall(call.text)[0]]
        )
        cell = hashlib.sha256((call.body["messages"][0]["content"] + about).encode()).hexdigest()
        with self._counting:
            self.asked[cell] += 1
            fault = fault_of(cell, self.asked[cell])
            self.faults[fault] += 1
            time = self.asked[cell]
        return _answer(call, fault, cell, time)


def fault_of(cell: str, time: int) -> str:
    """What is wrong with the `time`-th answer about a cell, `cell` being a hash."""
    draw = random.Random(cell)
    if draw.randrange(STUBBORN) == 0:
        return draw.choice(CONTENT[:4])
    if draw.randrange(STUBBORN) == 0:
        return draw.choice(HOPELESS)
    wrong = [draw.choice(FAULTS), draw.choice(FAULTS) if draw.random() < 0.25 else "none"]
    return wrong[time - 1] if time <= len(wrong) else "none"


def _answer(call: Call, fault: str, cell: str, time: int) -> None:
    plain = {
        "429": servers.fails(429, headers=BUCKET),
        "429 with Retry-After": servers.fails(429, headers=BUCKET | {"Retry-After": "0.05"}),
        "500": servers.fails(500),
        "hang": servers.hangs,
        "reset": servers.resets,
        "wrong content type": servers.raw(b"<html>Bad gateway</html>", "text/html"),
        "not a completion": servers.raw(b'{"error": {"message": "upstream"}}'),
        "empty": servers.says(""),
        "no json": servers.says("Of course! What would you like me to write?"),
        "refusal": servers.says(None, refusal="I cannot help with that."),
        "cut off": servers.says('{"variants": [{"variant": "v1", "head', "length"),
        "refused with 400": servers.fails(400, "context length exceeded"),
    }
    if fault in plain:
        return plain[fault](call)
    text = json.dumps({"variants": _variants(call, fault, f"{cell}{time}")}, ensure_ascii=False)
    if fault == "truncated":
        text = text[: len(text) * 2 // 3]
    elif fault == "fences":
        text = f"```json\n{text}\n```"
    elif fault == "prose":
        text = f"Sure, here is the copy [as asked]:\n\n{text}\n\nTell me if you {{need}} more!"
    return call.send_text(text)


def _variants(call: Call, fault: str, seed: str) -> list[dict[str, Any]]:
    locale = _LOCALE.findall(call.text)[0]
    words = WORDS[locale.split("-")[0]]
    if fault == "wrong language":
        words = WORDS["de" if locale.startswith("en") else "en"]
    limits = {name: _room(rest, words is WORDS["zh"]) for name, rest in _FIELD.findall(call.text)}
    labels = call.labels[1:] if fault == "left out" else call.labels
    items = []
    for label in labels:
        draw = random.Random(seed if fault == "same variants" else f"{seed}{label}")
        item: dict[str, Any] = {"variant": label}
        for name, many in call.fields.items():
            item[name] = _field(call, name, many, words, limits, draw, fault)
        items.append(item)
    return items


def _room(limits: str, wide: bool) -> int:
    """How many characters a field holds; a Chinese one takes two units of width."""
    found = _LIMIT.findall(limits)
    return min(int(most) // (2 if wide and "width" in unit else 1) for most, unit in found)


def _field(
    call: Call,
    name: str,
    many: bool,
    words: dict[str, Any],
    limits: dict[str, int],
    draw: random.Random,
    fault: str,
) -> str | list[str]:
    room = limits[name]
    if name == "cta":
        return str(draw.choice(words["calls"]))
    if name.startswith("path"):
        return ""
    if not many:
        return _spoilt(_text(words, room, draw), words, fault)
    wanted = [int(n) for field, n in _ENTRIES.findall(call.text) if field == name]
    count = wanted[0] if wanted and call.repairs else (5 if room <= 40 else 3)
    texts: dict[str, None] = {}
    while len(texts) < count:
        text = _text(words, room, draw)
        if json.dumps(text, ensure_ascii=False) not in call.text:  # what it said before
            texts[text] = None
    found = list(texts)
    if fault == "duplicate lines":
        found[-1] = found[0]
    found[0] = _spoilt(found[0], words, fault)
    return found


def _text(words: dict[str, Any], room: int, draw: random.Random) -> str:
    """A line, or sentences as long as there is room."""
    line = ""
    if room >= (40 if words is WORDS["zh"] else 70):
        sentences = draw.sample(words["sentences"], 3)
        while sentences and len(f"{line} {sentences[0]}") <= room:
            line = f"{line} {sentences.pop(0)}".strip()
    while not line or len(line) > room:
        gap = "，" if words is WORDS["zh"] else " "
        line = f"{draw.choice(words['starts'])}{gap}{draw.choice(words['ends'])}"
    return line


def _spoilt(text: str, words: dict[str, Any], fault: str) -> str:
    if fault in ("banned", "number", "superlative", "testimonial", "foreign"):
        return str(words[fault])
    return f"{text} {words['excess']}" if fault == "over-long" else text
