"""Brand fit of a picture in a CLIP space: the brand's words, its exemplars, and what the copy says.

What depends on the brand alone (prompts, exemplar vectors, what they can tell apart) is made once
per brand and model. Palette, logo and type are not asked of a model; they are measured elsewhere.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import regex
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from contentfab.backends._clip_model import ClipModel
from contentfab.errors import InputError
from contentfab.prompts import Prompts
from contentfab.records.brand import Brand
from contentfab.records.scores import Criterion
from contentfab.rules.scoring import brand_fit
from contentfab.rules.scoring.background import Background
from contentfab.rules.scoring.brand_look import look
from contentfab.rules.scoring.flattery import without_flattery

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture
    from contentfab.records.scores import ScoreRequest

Vectors = NDArray[np.float32]
TEMPLATE = "score_brand.j2"
SLOPE = 40.0
"""Steepness of the logistic from a margin of cosines to [0, 1] where there is no background set."""
KNOWN = 0.75
"""Share of a text's words that the tower must know: the rest it would spell in syllables."""
WORD = regex.compile(r"[\p{L}\p{M}]+")
UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")
MOST_BRANDS = 16


@dataclass(frozen=True, slots=True)
class Known:
    """What a brand is in this space. `words` is the direction of its prompts (d,), None when its
    guide says nothing that the tower can read; `untold` says why they tell nothing, "" when they
    do. `exemplars` is None with `missing` saying why."""

    words: Vectors | None
    untold: str
    exemplars: brand_fit.Exemplars | None
    missing: str
    notes: tuple[str, ...]
    digest: str


class BrandReader:
    """Criteria of brand fit for pooled vectors of one model."""

    def __init__(self, clip: ClipModel, background: Background | None, prompts: Prompts) -> None:
        self._clip, self._background, self._prompts = clip, background, prompts
        self._known: dict[tuple[object, ...], Known] = {}
        self._guides: dict[int, tuple[Brand, str]] = {}
        self._strangers: brand_fit.Strangers | None = None

    def read(
        self, request: ScoreRequest, pooled: Vectors, bucket: str, notes: list[str]
    ) -> list[Criterion]:
        """The criteria that can be measured, and those that were found to tell nothing; `notes`
        gains what a reader must know."""
        known = self._brand(request)
        notes += known.notes
        found = []
        if known.words is not None:
            found.append(self._words(known, pooled, bucket))
        if known.exemplars is not None:
            found.append(_pictures(known.exemplars, pooled))
        elif known.missing:
            notes.append(known.missing)
        if request.text.strip():
            found.append(self._match(request.text, pooled, bucket))
        return found

    def _words(self, known: Known, pooled: Vectors, bucket: str) -> Criterion:
        assert known.words is not None
        name, over = "brand_words", "of the brand's words over those of other brands"
        if self._background is None:
            margin = float(pooled @ known.words)
            value = 1 / (1 + math.exp(-SLOPE * margin))
            text = f"margin {margin:+.4f} {over} (uncalibrated)"
            return Criterion(name, value, text, raw=margin)
        of_set = self._background.vectors[self._background.members(bucket)]
        at = brand_fit.place(known.words, pooled, of_set)
        if known.untold or at.z is None:
            why = known.untold or "they do not tell the background set's pictures apart"
            return Criterion(name, None, f"no signal: {why}", raw=at.raw, informative=False)
        text = (
            f"margin {at.raw:+.4f} {over}, {at.z:+.1f} sd: beats {at.percentile:.0f} % of "
            f"{self._background.among(bucket)}"
        )
        return Criterion(name, at.percentile / 100, text, at.raw, at.percentile)

    def _match(self, text: str, pooled: Vectors, bucket: str) -> Criterion:
        """Copy against picture: the cosine's place among the background's for the same text."""
        name, text = "copy_match", without_flattery(text)
        words = WORD.findall(text)
        pieces = self._clip.pieces(words) if words else []
        whole = sum(map(_whole, words, pieces))
        if not words or whole < KNOWN * len(words):
            some = f"{len(words) - whole} of {len(words)} words of the copy" if words else "a word"
            return Criterion(
                name, None, f"not measured: this tower does not know {some}", informative=False
            )
        read = self._clip.fitted(text)
        cut = "" if read == text else f"; the tower reads only “{read}”"
        (vector,) = self._clip.texts([read])
        cosine = float(_unit(pooled) @ vector)
        if self._background is None:
            text = f"cosine {cosine:.3f} of picture and copy, on no scale: no background set{cut}"
            return Criterion(name, None, text, raw=cosine)
        of_set = _unit(self._background.vectors[self._background.members(bucket)])
        at = brand_fit.place(vector, _unit(pooled), of_set)
        text = (
            f"cosine {cosine:.3f} of picture and copy: nearer than {at.percentile:.0f} % of "
            f"{self._background.among(bucket)}{cut}"
        )
        return Criterion(name, at.percentile / 100, text, cosine, at.percentile)

    def digest(self, request: ScoreRequest) -> str:
        """Of the brand guide and its pictures: with another, brand fit is on another scale."""
        return self._brand(request).digest

    def _brand(self, request: ScoreRequest) -> Known:
        guide = self._guides.get(id(request.brand))
        if guide is None or guide[0] is not request.brand:
            if len(self._guides) >= MOST_BRANDS:
                self._guides.clear()
            # Kept with the record itself, so that its id cannot come to mean another.
            guide = self._guides[id(request.brand)] = (
                request.brand,
                request.brand.model_dump_json(),
            )
        files = tuple(_stamp(path) for path in (*request.exemplars, *request.counter_exemplars))
        key = (guide[1], len(request.exemplars), files)
        if key not in self._known:
            if len(self._known) >= MOST_BRANDS:
                self._known.clear()
            self._known[key] = self._made(request)
        return self._known[key]

    def _made(self, request: ScoreRequest) -> Known:
        wanted, others, notes = self._lines(request.brand)
        words = None
        if wanted and others:
            sides = (self._clip.texts(side).mean(axis=0) for side in (wanted, others))
            ours, theirs = sides
            words = ours - theirs
        count = len(request.exemplars)
        if count < brand_fit.ENOUGH:
            missing = (
                f"Not compared with the brand's pictures: {count} of {brand_fit.ENOUGH} exemplars."
                if request.brand.name
                else ""
            )
            return Known(words, "", None, missing, tuple(notes), _digest(request))
        pictures = self._whole([_file(path) for path in request.exemplars])
        counter = [_file(path) for path in request.counter_exemplars]
        unwanted = self._whole(counter) if counter else None
        untold = ""
        if words is not None and self._background is not None:
            tells, share = brand_fit.tells(pictures, self._background.vectors, words)
            if not tells:
                untold = (
                    f"the brand's words pick its own exemplars from other pictures {share:.0%} of "
                    "the time, which may be chance"
                )
        exemplars = brand_fit.Exemplars(pictures, unwanted, self._of_no_brand())
        return Known(words, untold, exemplars, "", tuple(notes), _digest(request))

    def _of_no_brand(self) -> brand_fit.Strangers:
        if self._strangers is None:
            if self._background is not None:
                vectors = self._background.vectors
            else:
                vectors = self._whole(unrelated_pictures())
            self._strangers = brand_fit.Strangers(vectors)
        return self._strangers

    def _whole(self, pictures: Sequence[Picture]) -> Vectors:
        return np.stack([weights @ vectors for weights, vectors in self._clip.images(pictures)])

    def _lines(self, brand: Brand) -> tuple[list[str], list[str], list[str]]:
        """Lines of score_brand.j2 by side; a line that the encoder would cut is cut here and
        noted."""
        seen = look(brand)
        rendered = self._prompts.render(
            TEMPLATE,
            brand=brand.id,
            scenes=brand.imagery.scenes,
            mood=brand.imagery.mood,
            light=brand.imagery.light,
            avoid=brand.imagery.avoid,
            colours=list(seen.colours),
            looks=list(seen.looks),
            other_colours=list(seen.other_colours),
            other_looks=list(seen.other_looks),
        )
        sides: dict[str, list[str]] = {"+": [], "-": []}
        notes = []
        for line in filter(None, map(str.strip, rendered.splitlines())):
            if line[0] not in sides:
                raise InputError(f"score_brand.j2: {line!r} starts with neither + nor -")
            text = self._clip.fitted(line[1:].strip())
            if text != line[1:].strip():
                notes.append(f"The model reads only “{text}” of a longer brand prompt.")
            if text:
                sides[line[0]].append(text)
        return sides["+"], sides["-"], notes


def _pictures(exemplars: brand_fit.Exemplars, pooled: Vectors) -> Criterion:
    name, count = "brand_pictures", len(exemplars.own)
    if not exemplars.informative:
        text = (
            f"no signal: the least alike of {count} exemplars is {-exemplars.gap:.3f} (CSLS) less "
            "like the others than 5 % of unrelated pictures are"
        )
        return Criterion(name, None, text, raw=exemplars.gap, informative=False)
    like = exemplars.likeness(pooled)
    text = (
        f"CSLS {like.score:.3f} to {count} exemplars, where they among themselves have "
        f"{float(exemplars.own.mean()):.3f} and unrelated pictures up to {exemplars.stranger:.3f} "
        f"(gap {exemplars.gap:.3f})"
    )
    if like.avoided:
        text += "; it is nearer to the counter-exemplars"
    return Criterion(name, round(like.value, 4), text, like.score, like.percentile)


def _whole(word: str, pieces: int) -> bool:
    """Whether a text encoder knows a word: as one token or few long ones; in scripts without spaces
    with no more tokens than characters, where unknown ones take two or three bytes each."""
    if UNSPACED.search(word):
        return pieces <= len(word)
    return pieces <= max(1, len(word) // 4)


def _digest(request: ScoreRequest) -> str:
    """Over the guide and the contents of its pictures, wherever they lie."""
    digest = hashlib.sha256(request.brand.model_dump_json().encode())
    for path in (*request.exemplars, *request.counter_exemplars):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        stat = path.stat()
    except OSError:
        raise _no_picture(path) from None
    return str(path), stat.st_mtime_ns, stat.st_size


def _file(path: Path) -> Picture:
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"), np.uint8)
    except (OSError, UnidentifiedImageError):
        raise _no_picture(path) from None


def _no_picture(path: Path) -> InputError:
    hint = "Replace it or take it out of the brand guide's exemplars."
    return InputError(f"{path.name}: an exemplar that is no picture", hint=hint)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)


def unrelated_pictures(side: int = 96, count: int = 24) -> list[Picture]:
    """Seeded studio-like pictures in colours of no brand (a wall, a floor, a shape, light), for a
    model without a background set."""
    rng = np.random.default_rng(20)
    rows, columns = np.mgrid[0:side, 0:side] / side
    pictures = []
    for _ in range(count):
        wall, floor, shape = rng.integers(20, 240, (3, 3))
        picture = np.where((rows > rng.uniform(0.5, 0.8))[..., None], floor, wall).astype(float)
        x, y, radius = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.7), rng.uniform(0.08, 0.3)
        inside = (columns - x) ** 2 + (rows - y) ** 2 < radius**2
        picture[inside] = shape
        light = 1 + rng.uniform(-0.5, 0.5) * (columns - 0.5) + rng.uniform(-0.5, 0.5) * (rows - 0.5)
        picture = picture * light[..., None] + rng.normal(0, rng.uniform(0, 12), (side, side, 1))
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
    return pictures
