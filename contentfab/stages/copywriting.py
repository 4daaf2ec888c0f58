"""copywriting: ask, check against the contract, send violations back, accept what holds.

A repair follows as soon as its answer was read, while other cells still wait for theirs. A variant
that cannot be made valid ends as a failure with its reason and every refused draft; it is never
dropped silently. The same answers have the same outcome, in whatever order they come. Knows no
endpoint, no disk and no picture; what happens to one cell is in `rules/wording/attempts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from contentfab.errors import BackendError
from contentfab.protocols import Copywriter
from contentfab.records.copy import CopyOutcome, CopyRequest
from contentfab.rules.wording.attempts import Attempts
from contentfab.rules.wording.diversity import Seen

REPAIRS = 2
WAVE = 64  # cells that are held against other copy at the same time; see _Queue


def copywriting(
    requests: Sequence[CopyRequest],
    writer: Copywriter,
    repairs: int = REPAIRS,
    seen: Seen | None = None,
) -> Iterator[CopyOutcome]:
    """One outcome per request; a request is asked again up to `repairs` times.

    With `seen`, the copy that the campaign has already, a draft that reads like copy of another
    cell is a reason to ask again, too; what still does at the end is accepted with a warning. A
    cell's outcome then waits for those of the cells before it, in its channel and locale. Without
    `seen`, and from a writer that is no model and would write the same again, it waits for none."""
    cells = {request.key: Attempts(request, repairs) for request in _grouped(requests)}
    queues = _queues(cells.values(), seen if getattr(writer, "uses_ai", True) else None)
    asks = [cell.request for cell in cells.values()]
    while asks:
        given, waiting = len(asks), {request.key for request in asks}
        try:
            for reply in writer.write(asks):
                if reply.key not in waiting:
                    raise BackendError(f"{writer.id} answered what it was not asked: {reply.key}")
                queue, cell = queues[reply.key], cells[reply.key]
                again = cell.take(reply)
                follow_ups, outcomes = ([again], []) if again else queue.ready(cell)
                waiting.discard(reply.key)
                waiting.update(request.key for request in follow_ups)
                asks += follow_ups  # a writer that looks again answers these in the same call
                yield from outcomes
        except BackendError:
            for queue in dict.fromkeys(queues.values()):
                yield from queue.rest()  # what was answered has been paid for
            raise
        unseen = {request.key: request for request in asks[given:] if request.key in waiting}
        for key in [key for key in cells if key in waiting and key not in unseen]:
            cells[key].give_up("the copywriter gave no answer")
            follow_ups, outcomes = queues[key].ready(cells[key])
            unseen |= {request.key: request for request in follow_ups}
            yield from outcomes
        asks = list(unseen.values())


class _Queue:
    """Cells of one channel and locale that wait to be held against other copy, in order.

    A cell's copy is compared with that of the cells before it, so it waits for them. In a wave
    those that came too near are asked again together, and compared again when the wave is through:
    a campaign whose cells all read alike takes one repair per wave, not one per cell."""

    def __init__(self, seen: Seen | None) -> None:
        self._seen = seen
        self._later: list[Attempts] = []
        self._wave: list[Attempts] = []
        self._again: list[Attempts] = []
        self._ready: set[int] = set()

    def append(self, cell: Attempts) -> None:
        self._later.append(cell)

    def ready(self, cell: Attempts) -> tuple[list[CopyRequest], list[CopyOutcome]]:
        """A cell has all it will get; what to ask anew, and which outcomes are final by that."""
        if self._seen is None:
            return [], [cell.outcome()]
        self._ready.add(id(cell))
        requests, outcomes = [], []
        while (first := self._first()) is not None and id(first) in self._ready:
            self._wave.pop(0)
            request = first.settle(self._seen)
            if request is None:
                outcomes.append(first.outcome())
            else:
                requests.append(request)
                self._ready.discard(id(first))
                self._again.append(first)
        return requests, outcomes

    def rest(self) -> Iterator[CopyOutcome]:
        """What can be had without a further answer: cells that wait for others before them."""
        for cell in (*self._wave, *self._later):
            if id(cell) in self._ready:
                cell.give_up("")
                cell.settle(self._seen or Seen())
                yield cell.outcome()

    def _first(self) -> Attempts | None:
        """The cell whose turn it is; the next wave starts when one is through."""
        if not self._wave:
            self._wave, self._again = self._again, []
        if not self._wave:
            self._wave, self._later = self._later[:WAVE], self._later[WAVE:]
        return self._wave[0] if self._wave else None


def _queues(cells: Iterable[Attempts], seen: Seen | None) -> dict[str, _Queue]:
    """The queue of each cell, by request key."""
    queues: dict[tuple[str, str], _Queue] = {}
    found = {}
    for cell in cells:
        place = cell.request.cell
        queue = queues.setdefault((place.channel, place.locale), _Queue(seen))
        queue.append(cell)
        found[cell.request.key] = queue
    return found


def _grouped(requests: Sequence[CopyRequest]) -> list[CopyRequest]:
    """Requests in an order in which neighbours share most of their prompt: those of a product on a
    channel in a locale stand together, for servers that cache prefixes."""
    places: dict[tuple[str, ...], int] = {}

    def place(request: CopyRequest) -> tuple[int, int]:
        cell = request.cell
        return (
            places.setdefault((cell.product,), len(places)),
            places.setdefault((cell.channel, cell.locale), len(places)),
        )

    return sorted(requests, key=place)
