"""What `copy.fallback` means: when the endpoint is down, another writer takes over, and says so.

Without it a run stops at BackendUnavailable and goes on where it was when it is run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from contentfab.errors import BackendUnavailable
from contentfab.flow import copies
from contentfab.flow.calls import backend_for
from contentfab.protocols import Copywriter
from contentfab.records.copy import Author, CopyOutcome, CopyRequest
from contentfab.rules.wording.diversity import Seen
from contentfab.settings import Settings
from contentfab.stages.copywriting import REPAIRS, copywriting

Stage = Callable[[Sequence[CopyRequest], Copywriter], Iterator[CopyOutcome]]


def copy_stage(settings: Settings, seen: Seen, tell: Callable[[str], None]) -> Stage:
    """Copywriting as the settings want it: how many repairs, and with which fallback. `seen` is
    the copy that the campaign has already."""
    stage = partial(copywriting, repairs=copies.repairs(settings, REPAIRS), seen=seen)
    name = settings.option("copy", "fallback")
    if name is None:
        return stage
    substitute = replace(settings, sections={**settings.sections, "copy": {"backend": name}})
    return with_fallback(stage, lambda: backend_for("copy", substitute), tell)


def with_fallback(
    stage: Stage, substitute: Callable[[], Copywriter], tell: Callable[[str], None]
) -> Stage:
    """`stage`, whose unanswered requests go to `substitute` once the writer is unavailable.
    `tell` gets one sentence for the user."""

    def run(requests: Sequence[CopyRequest], writer: Copywriter) -> Iterator[CopyOutcome]:
        waiting = {request.key: request for request in requests}
        try:
            for outcome in stage(requests, writer):
                waiting.pop(outcome.request.key, None)
                yield outcome
        except BackendUnavailable as error:
            other = substitute()
            tell(f"{error}; {len(waiting)} cells go to {other.id} (copy.fallback)")
            remark = f"written by {other.id}, because {writer.id} was not available"
            author = Author(other.id, bool(getattr(other, "uses_ai", True)), remark=remark)
            for outcome in stage(list(waiting.values()), other):
                yield replace(outcome, author=author)

    return run
