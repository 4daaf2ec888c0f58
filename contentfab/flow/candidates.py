"""Key visuals from one or several candidates each; of several the selector's choice goes on.

Knows how a choice is made and recorded, not how good a picture is (`rules/scoring/selection.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contentfab.errors import BackendError
from contentfab.protocols import ImageGenerator
from contentfab.records.pictures import KeyVisual, PictureRequest
from contentfab.records.plan import PictureJob
from contentfab.rules.scoring import selection
from contentfab.stages import picture as picture_stage

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

Made = KeyVisual | BackendError


@dataclass(frozen=True, slots=True)
class Choice:
    """What a job came to: its key visual, or why there is none; with several candidates the record
    of all of them."""

    visual: Made
    selection: Mapping[str, Any] | None = None


def chosen(jobs: Sequence[PictureJob], generator: ImageGenerator) -> list[Choice]:
    """One choice per job, in order. Candidates go to the generator in batches no larger than it
    says; where some of a job's fail, the others are chosen from."""
    asked = [_requests(job) for job in jobs]
    flat = [request for requests in asked for request in requests]
    size = len(flat) if len(flat) == len(jobs) else int(getattr(generator, "batch_size", 1))
    made: list[Made] = []
    for start in range(0, len(flat), max(1, size)):
        made += picture_stage.picture(flat[start : start + size], generator)
    choices, at = [], 0
    for job, requests in zip(jobs, asked, strict=True):
        choices.append(_choice(job, requests, made[at : at + len(requests)]))
        at += len(requests)
    return choices


def content_id(pixels: Picture) -> str:
    """The id of a key visual: a hash of its size and pixels."""
    height, width = pixels.shape[:2]
    return hashlib.sha256(f"{width}x{height}".encode() + pixels.tobytes()).hexdigest()[:32]


def _requests(job: PictureJob) -> list[PictureRequest]:
    request = job.request
    if job.candidates == 1:
        return [request]
    seeds = selection.seeds(request.seed, job.candidates)
    return [replace(request, key=f"{job.key}-{i}", seed=seed) for i, seed in enumerate(seeds)]


def _choice(job: PictureJob, requests: Sequence[PictureRequest], made: Sequence[Made]) -> Choice:
    if job.candidates == 1:
        return Choice(made[0])
    errors = [visual for visual in made if isinstance(visual, BackendError)]
    if len(errors) == len(made):
        return Choice(errors[0])
    scores = [
        None
        if isinstance(visual, BackendError)
        else selection.rate(visual.pixels, job.request.art_direction).score
        for visual in made
    ]
    ids = ["" if isinstance(visual, BackendError) else content_id(visual.pixels) for visual in made]
    seeds = [request.seed for request in requests]
    best = selection.choose(scores)
    visual = made[best]
    assert isinstance(visual, KeyVisual)
    return Choice(replace(visual, key=job.key), selection.record(scores, ids, seeds, best))
