"""Scorer that asks a CLIP model: appeal from antonym prompts, brand fit from words and exemplars.

It sees the whole picture in several views, and our own posters without their type, since CLIP
reads flattery. Its numbers order pictures of one campaign under one calibration id; they are not
calibrated against people and predict no clicks. Type, contrast and logo are the layout's findings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from contentfab.backends._clip_brand import ENOUGH, likeness, unrelated_pictures
from contentfab.backends._clip_model import ClipModel
from contentfab.backends._clip_views import LETTERBOX, SQUASHED, TILED
from contentfab.errors import InputError
from contentfab.prompts import Prompts
from contentfab.records.inputs import Brand
from contentfab.records.scores import Criterion, ScoreCard, ScoreRequest
from contentfab.rules.pixels.colour_names import colour_name
from contentfab.rules.scoring.fusion import weighted_geometric_mean

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

Vectors = NDArray[np.float32]
TEMPLATES = ("score_appeal.j2", "score_brand.j2")
APPEAL_SLOPE, BRAND_SLOPE = 60.0, 40.0
"""Steepness of the logistic from a margin of cosines to [0, 1]: margins of real CLIP models stay
within ±0.05, and the model's own temperature (100) would push them all to the ends."""

BRAND_FIT = {"brand_words": 1.0, "brand_pictures": 2.0}


@dataclass(frozen=True, slots=True)
class Axis:
    """One quality: `wanted` and `opposite` are prompts whose vectors are averaged."""

    name: str
    wanted: tuple[str, ...]
    opposite: tuple[str, ...]


class OpenClipScorer:
    """Settings: `model` (a folder with open_clip_config.json and weights, or hf-hub:OWNER/NAME),
    `device` (auto, cpu, cuda, mps), `batch_size` (views at once), `templates`."""

    def __init__(
        self,
        *,
        model: str = "",
        device: str = "auto",
        batch_size: int = 16,
        templates: str | Path | None = None,
    ) -> None:
        if not model:
            raise InputError("score.model is not set", hint="Add --set score.model=FOLDER.")
        if batch_size < 1:
            raise InputError("score.batch_size must be 1 or more")
        self._prompts = Prompts(TEMPLATES, templates)
        self._clip = ClipModel(model, device, batch_size)
        self._axes = _axes(self._prompts.render("score_appeal.j2"))
        self._directions = np.stack([self._direction(axis) for axis in self._axes])
        self._unrelated = self._whole(unrelated_pictures())
        self._files: dict[tuple[str, int, int], Vectors] = {}
        self.batch_size = batch_size
        self._model = f"{self._clip.name}@{self._clip.revision}"
        fixed = [
            self._clip.preprocessing,
            (LETTERBOX, SQUASHED, TILED),
            (APPEAL_SLOPE, BRAND_SLOPE, sorted(BRAND_FIT.items())),
            self._prompts.digest,
        ]
        digest = hashlib.sha256(json.dumps(fixed, sort_keys=True, default=str).encode())
        self.calibration_id = f"openclip/{self._model}/{digest.hexdigest()[:12]}"
        self.id = self.calibration_id

    def score(self, requests: Sequence[ScoreRequest]) -> list[ScoreCard]:
        """One card per request, in order."""
        if not requests:
            return []
        seen = self._clip.images([_without_type(request) for request in requests])
        typed = [i for i, request in enumerate(requests) if _has_type(request)]
        whole = self._clip.images([requests[i].pixels for i in typed]) if typed else []
        with_type = dict(zip(typed, whole, strict=True))
        return [
            self._card(request, *seen[i], with_type.get(i)) for i, request in enumerate(requests)
        ]

    def _card(
        self,
        request: ScoreRequest,
        weights: Vectors,
        vectors: Vectors,
        typed: tuple[Vectors, Vectors] | None,
    ) -> ScoreCard:
        margins = vectors @ self._directions.T  # views × axes
        per_axis = weights @ margins
        criteria = {
            axis.name: Criterion(
                axis.name,
                _logistic(APPEAL_SLOPE, float(margin)),
                f"margin {margin:+.4f} towards “{axis.wanted[0]}” (uncalibrated)",
            )
            for axis, margin in zip(self._axes, per_axis, strict=True)
        }
        overall = float(per_axis.mean())
        per_view = margins.mean(axis=1)
        spread = float(np.sqrt(weights @ (per_view - overall) ** 2))
        notes = ["CLIP scores are uncalibrated: compare them within one campaign and id only."]
        if typed is not None:
            inflated = _logistic(
                APPEAL_SLOPE, float((typed[0] @ (typed[1] @ self._directions.T)).mean())
            )
            change = inflated - _logistic(APPEAL_SLOPE, overall)
            notes.append(f"Scored without its type, which would move appeal by {change:+.3f}.")
        picture = _unit(weights @ vectors)
        criteria |= self._brand(request, picture, notes)
        high, low = (_logistic(APPEAL_SLOPE, overall + d) for d in (spread, -spread))
        return ScoreCard(
            key=request.key,
            appeal=_logistic(APPEAL_SLOPE, overall),
            brand_fit=weighted_geometric_mean(criteria, BRAND_FIT),
            criteria=tuple(criteria.values()),
            calibration_id=self.calibration_id,
            model=self._model,
            uses_clip=True,
            appeal_confidence=round(1 - (high - low), 4),
            note=" ".join(notes),
        )

    def _brand(
        self, request: ScoreRequest, picture: Vectors, notes: list[str]
    ) -> dict[str, Criterion]:
        found = {}
        wanted, neutral = self._brand_prompts(request.brand, notes)
        if wanted and neutral:
            margin = float(
                (self._clip.texts(wanted) @ picture).mean()
                - (self._clip.texts(neutral) @ picture).mean()
            )
            text = f"margin {margin:+.4f} of the brand's words over neutral ones (uncalibrated)"
            value = _logistic(BRAND_SLOPE, margin)
            found["brand_words"] = Criterion("brand_words", value, text)
        if len(request.exemplars) < ENOUGH:
            count = len(request.exemplars)
            notes.append(f"Not compared with the brand's pictures: {count} of {ENOUGH} exemplars.")
            return found
        exemplars = np.stack([self._file(path) for path in request.exemplars])
        unrelated = self._unrelated
        if request.counter_exemplars:
            counter = [self._file(path) for path in request.counter_exemplars]
            unrelated = np.concatenate([unrelated, np.stack(counter)])
        like = likeness(picture, exemplars, unrelated)
        if not like.informative:
            notes.append(
                "Not compared with the brand's pictures: unrelated ones are as alike as they are."
            )
            return found
        found["brand_pictures"] = Criterion(
            "brand_pictures",
            round(like.value, 4),
            f"CSLS {like.score:.3f} to {len(exemplars)} exemplars, where they among themselves "
            f"have {like.own:.3f} and unrelated pictures {like.other:.3f}",
        )
        return found

    def _brand_prompts(self, brand: Brand, notes: list[str]) -> tuple[list[str], list[str]]:
        """Lines of score_brand.j2; a line that the encoder would cut is cut here and noted."""
        rendered = self._prompts.render(
            "score_brand.j2",
            brand=brand.id,
            scenes=brand.imagery.scenes,
            mood=brand.imagery.mood,
            light=brand.imagery.light,
            avoid=brand.imagery.avoid,
            colours=list(dict.fromkeys(map(colour_name, brand.palette.colours()))),
        )
        sides: dict[str, list[str]] = {"+": [], "-": []}
        for line in filter(None, map(str.strip, rendered.splitlines())):
            if line[0] not in sides:
                raise InputError(f"score_brand.j2: {line!r} starts with neither + nor -")
            text = self._clip.fitted(line[1:].strip())
            if text != line[1:].strip():
                notes.append(f"The model reads only “{text}” of a longer brand prompt.")
            if text:
                sides[line[0]].append(text)
        return sides["+"], sides["-"]

    def _direction(self, axis: Axis) -> Vectors:
        for prompt in (*axis.wanted, *axis.opposite):
            if not self._clip.fits(prompt):
                hint = "Shorten this line of prompts/score_appeal.j2."
                raise InputError(f"the model would not read all of “{prompt}”", hint=hint)
        sides = (
            _unit(self._clip.texts(side).mean(axis=0)) for side in (axis.wanted, axis.opposite)
        )
        wanted, opposite = sides
        return wanted - opposite

    def _whole(self, pictures: Sequence[Picture]) -> Vectors:
        seen = self._clip.images(pictures)
        return np.stack([_unit(weights @ vectors) for weights, vectors in seen])

    def _file(self, path: Path) -> Vectors:
        stat = path.stat()
        name = (str(path), stat.st_mtime_ns, stat.st_size)
        if name not in self._files:
            try:
                with Image.open(path) as image:
                    pixels = np.asarray(image.convert("RGB"), np.uint8)
            except (OSError, UnidentifiedImageError):
                hint = "Replace it or take it out of the brand guide's exemplars."
                raise InputError(
                    f"{path.name}: an exemplar that is no picture", hint=hint
                ) from None
            self._files[name] = self._whole([pixels])[0]
        return self._files[name]


def _axes(rendered: str) -> tuple[Axis, ...]:
    """Axes of score_appeal.j2: `axis | wanted | opposite` lines, those of one name together."""
    sides: dict[str, tuple[list[str], list[str]]] = {}
    for line in filter(None, map(str.strip, rendered.splitlines())):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not all(parts):
            hint = "Each line is: axis | what is wanted | its opposite."
            raise InputError(f"score_appeal.j2: {line!r} is no pair of prompts", hint=hint)
        wanted, opposite = sides.setdefault(parts[0], ([], []))
        wanted.append(parts[1])
        opposite.append(parts[2])
    if not sides:
        raise InputError("score_appeal.j2 holds no pair of prompts")
    return tuple(Axis(name, tuple(w), tuple(o)) for name, (w, o) in sides.items())


def _has_type(request: ScoreRequest) -> bool:
    return request.poster is not None and request.poster.background is not None


def _without_type(request: ScoreRequest) -> Picture:
    poster = request.poster
    if poster is None or poster.background is None:
        return request.pixels
    return poster.background


def _logistic(slope: float, margin: float) -> float:
    return round(float(1 / (1 + np.exp(-slope * margin))), 4)


def _unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)
