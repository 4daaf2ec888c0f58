"""A copywriter that follows a script, and valid copy for it to give."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from copy_cases import make_request

from contentfab.records.copy import CopyDraft, CopyReply, CopyRequest, Usage, VariantAsk

LINES = (
    "Put the kettle on and let the day wait outside for a while.",
    "There is a chair by the window, and nobody else wants it.",
    "Some things deserve a table, a friend and an open door.",
    "When the house is quiet, a small habit feels like a holiday.",
    "Leave the phone in the other room and listen to the rain.",
    "A walk through the garden, wet grass, and then back inside.",
    "Ask your neighbour in, pull up a stool, talk about nothing.",
    "The street is loud, the stairs are long, then you are home.",
    "Bring it along to the lake, to the office or to your sister.",
    "Rain on the roof, a book on your knees, nothing else to do.",
    "Grind the beans slowly while the radio hums in the kitchen.",
    "Fill the big bowl while the smell of bread comes from next door.",
)
Answer = Callable[[CopyRequest, int], Sequence[CopyDraft]]


def fields(number: int, **changes: str) -> dict[str, str]:
    """Valid copy for meta.feed; another number is other copy."""
    line, next_line = LINES[number % len(LINES)], LINES[(number * 5 + 3) % len(LINES)]
    return {
        "primary_text": f"{line} {next_line}",
        "headline": " ".join(line.split()[:4]).strip(",."),
        "subline": next_line,
        "cta": "Shop now",
    } | changes


def drafts(request: CopyRequest, *numbers: int) -> list[CopyDraft]:
    asks = (*request.variants, *request.spares)
    return [
        CopyDraft(a.id, a.angle, fields(n)) for a, n in zip(asks, numbers, strict=False) if n >= 0
    ]


class Scripted:
    """Answers each time a cell is asked with `answer(request, time)`, time counting from 1.
    `order` shuffles replies; `looks_again` is false for a writer that takes requests once."""

    id = "scripted/1"

    def __init__(
        self, answer: Answer, *, order: random.Random | None = None, looks_again: bool = True
    ) -> None:
        self.answer, self.order, self.looks_again = answer, order, looks_again
        self.asked: list[CopyRequest] = []

    def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
        given = 0
        open_requests: list[CopyRequest] = []
        while given < len(requests) or open_requests:
            if given == 0 or self.looks_again:
                open_requests += requests[given:]
                given = len(requests)
            if not open_requests:
                return
            at = self.order.randrange(len(open_requests)) if self.order else 0
            request = open_requests.pop(at)
            self.asked.append(request)
            time = sum(asked.key == request.key for asked in self.asked)
            found = tuple(self.answer(request, time))
            yield CopyReply(request.key, found, Usage(1, 10, 5, 0.5))


def cell(name: str, *, variants: str = "ab", spares: int = 0, locale: str = "en-US") -> CopyRequest:
    base = make_request(locale, product={"id": name})
    place = replace(base.cell, id=f"{name}--cell", product=name)
    asks = tuple(VariantAsk(f"{name}--{v}", "benefit") for v in variants)
    extra = tuple(VariantAsk(f"{name}--spare-{n + 1}", "curiosity") for n in range(spares))
    return replace(base, key=name, cell=place, variants=asks, spares=extra)
