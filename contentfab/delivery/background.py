"""`contentfab calibrate --background`: a background set of the user's own pictures.

Pictures are encoded by the scorer that will use the set, once, as they are; the files are not
kept. A picture that cannot be read is named and left out; of pictures with the same pixels one
counts. Knows nothing about what makes a picture good: percentiles are relative to this set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from contentfab import registry
from contentfab.delivery._score_requests import read_picture
from contentfab.delivery.scoring import pictures
from contentfab.errors import InputError
from contentfab.rules.scoring.background import (
    BUCKETS,
    ENOUGH,
    Background,
    Encoding,
    aspect_bucket,
)
from contentfab.settings import resolve_settings

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

LEAST = 100
"""Pictures of a set: a percentile among fewer is good to no better than ±10."""
BATCH, MOST_AT_ONCE = 16, 64_000_000
"""Pictures and pixels that are held in memory before they are encoded."""
MODEL = "mini-clip"

Progress = Callable[[int, int], None]
"""Told how many pictures are done, of how many."""


@runtime_checkable
class Encoder(Protocol):
    """What a scorer must offer besides: `embed` gives a vector (d) for each picture, its views
    pooled and not normalised; `encoding` says how."""

    encoding: Encoding

    def embed(self, pictures: Sequence[Picture]) -> NDArray[np.float32]: ...


@dataclass(slots=True)
class Gathered:
    """What became of a folder of pictures. `unreadable` are (path as shown, why); `twice` counts
    pictures that were left out because another one has the same pixels."""

    vectors: list[NDArray[np.float32]] = field(default_factory=list)
    buckets: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    twice: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A set that was written, and what was left out of it."""

    background: Background
    folder: Path
    unreadable: tuple[tuple[str, str], ...]
    twice: int

    def as_json(self) -> dict[str, Any]:
        """`calibrate --background --json`."""
        buckets = {name: self.background.buckets.count(name) for name in BUCKETS}
        return {
            "ok": True,
            "folder": str(self.folder),
            "id": self.background.id,
            "name": self.background.name,
            "model": self.background.encoding.id,
            "pictures": len(self.background.buckets),
            "buckets": buckets,
            "too_few": [name for name, count in buckets.items() if 0 < count < ENOUGH],
            "unreadable": [{"path": path, "why": why} for path, why in self.unreadable],
            "same_pixels": self.twice,
        }


def open_encoder(model: str = "", sets: Sequence[str] = ()) -> Encoder:
    """The scorer named by settings of the section score; with `model` alone, or without anything,
    the openclip scorer. It loads no set of its own. Raises InputError for a scorer that has no
    vectors."""
    options = resolve_settings("mini", {}, sets=sets).section("score")
    if options["backend"] == "design":
        options = {"backend": "openclip"}
    if options["backend"] == "openclip":
        options = {"model": MODEL, **options, "calibration": "none"}
    if model:
        options["model"] = model
    scorer = registry.build("score", options)
    if not isinstance(scorer, Encoder):
        raise InputError(
            f"score.backend={options['backend']} makes no vectors to calibrate by",
            hint="--set score.backend=openclip",
        )
    return scorer


def make(
    source: Path,
    encoder: Encoder,
    folder: Path,
    *,
    name: str = "",
    progress: Progress | None = None,
) -> Made:
    """Encodes the pictures of `source` (a folder, searched to its bottom, or a run folder) and
    writes the set into `folder`. Raises InputError for fewer than LEAST pictures, with every one
    that cannot be read, and for a folder that holds another set already."""
    sources = pictures([str(source)])
    if len(sources) < LEAST:
        raise _too_few(source, len(sources), [])
    gathered = gather(sources, encoder, progress)
    if len(gathered.vectors) < LEAST:
        raise _too_few(source, len(gathered.vectors), gathered.unreadable)
    background = Background(
        name or source.resolve().name,
        np.stack(gathered.vectors),
        tuple(gathered.buckets),
        encoder.encoding,
        f"contentfab calibrate: {len(gathered.vectors)} pictures of {source.resolve().name}, "
        f"scored as they are",
    )
    there = Background.load(folder)
    if there is not None and there.id != background.id:
        raise InputError(
            f"{folder} holds another background set already: {there.id}",
            hint="name another folder with --out, or delete that one",
        )
    if there is None:
        background.save(folder)
    return Made(there or background, folder, tuple(gathered.unreadable), gathered.twice)


def gather(
    sources: Sequence[tuple[str, Path]], encoder: Encoder, progress: Progress | None = None
) -> Gathered:
    """Vectors and buckets of the pictures that can be read."""
    found = Gathered()
    seen: set[bytes] = set()
    waiting: list[Picture] = []
    for done, (shown, path) in enumerate(sources, 1):
        try:
            pixels, _ = read_picture(path)
        except InputError as fault:
            found.unreadable.append((shown, str(fault)))
        else:
            digest = hashlib.sha256(str(pixels.shape).encode() + pixels.tobytes()).digest()
            found.twice += digest in seen
            if digest not in seen:
                waiting.append(pixels)
                found.buckets.append(aspect_bucket(pixels.shape[1], pixels.shape[0]))
            seen.add(digest)
        held = sum(pixels.shape[0] * pixels.shape[1] for pixels in waiting)
        if len(waiting) == BATCH or held >= MOST_AT_ONCE or done == len(sources):
            found.vectors += list(encoder.embed(waiting)) if waiting else []
            waiting = []
        if progress:
            progress(done, len(sources))
    return found


def _too_few(source: Path, count: int, unreadable: list[tuple[str, str]]) -> InputError:
    lines = [f"not enough: {count} pictures in {source}, {LEAST} needed"]
    lines += [f"{path} cannot be used: {why}" for path, why in unreadable]
    return InputError("\n".join(lines), hint="add pictures of the kind that will be scored")
