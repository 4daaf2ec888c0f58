"""Scorer that asks a CLIP model: appeal from axes, anchors and a head, brand fit from words and
exemplars beside the measured palette, copy against picture.

It sees the whole picture in several views, and our own posters without their type, since CLIP reads
flattery; what the words would add to unreadable ones is reported and never counted. Numbers are
percentiles in a named background set where the model has one. They order pictures under one
calibration id and predict no clicks. Type, contrast and logo are gates, from the layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from contentfab.backends import _clip_axes, _clip_heads
from contentfab.backends._clip_brand import TEMPLATE, BrandReader
from contentfab.backends._clip_model import ClipModel
from contentfab.backends._clip_preference import Preference
from contentfab.backends._clip_type import Unread, without_words
from contentfab.backends._clip_views import VIEWS
from contentfab.errors import InputError
from contentfab.prompts import Prompts
from contentfab.records.places import Box
from contentfab.records.score_weights import Scores
from contentfab.records.scores import Criterion, ScoreCard, ScoreRequest
from contentfab.rules.scoring import brand_fit, criteria
from contentfab.rules.scoring.appeal import FORMULA, Appeal, Quality, Reading, anchors
from contentfab.rules.scoring.background import UNLIKE, Background, Encoding, aspect_bucket
from contentfab.rules.scoring.calibration import calibration_id, narrowed
from contentfab.rules.scoring.fusion import FLOOR, weighted_geometric_mean
from contentfab.rules.scoring.gates import CAP, capped, gates

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

Vectors = NDArray[np.float32]
Seen = tuple[Vectors, Vectors]
NONE = "none"
BRAND_FIT = ("palette", "brand_pictures", "brand_words", "copy_match")


class OpenClipScorer:
    """Settings: `model` (mini-clip, a folder with open_clip_config.json and weights, or
    hf-hub:OWNER/NAME), `device` (auto, cpu, cuda, mps), `batch_size` (views at once), `templates`,
    `runtime` (auto, onnx, torch), `threads` (0: all), `calibration` (a folder with a background
    set; none for no set; empty for the one beside the model), `head` (a file with a linear head for
    this model), `preference` (a folder with HPSv2.1 or PickScore)."""

    def __init__(
        self,
        *,
        model: str = "",
        device: str = "auto",
        batch_size: int = 16,
        templates: str | Path | None = None,
        runtime: str = "auto",
        threads: int = 0,
        calibration: str = "",
        head: str = "",
        preference: str = "",
    ) -> None:
        if not model:
            raise InputError("score.model is not set", hint="Add --set score.model=FOLDER.")
        if batch_size < 1:
            raise InputError("score.batch_size must be 1 or more")
        self._prompts = Prompts((_clip_axes.TEMPLATE, TEMPLATE), templates)
        self._axes = _clip_axes.axes(self._prompts.render(_clip_axes.TEMPLATE))
        self._clip = ClipModel(model, device, batch_size, runtime, threads)
        self.batch_size = batch_size
        self.encoding = Encoding(
            self._clip.name, self._clip.revision, self._clip.preprocessing, VIEWS
        )
        self._notes: list[str] = []
        self._background = self._set(calibration)
        self._anchors, note = _clip_heads.anchors_beside(self._clip)
        self._notes += filter(None, [note])
        self._head = _clip_heads.load_head(Path(head), self._clip) if head else None
        self._preference = Preference(Path(preference), device, batch_size) if preference else None
        self._model = f"{self._clip.name}@{self._clip.revision}"
        self.calibration_id = calibration_id(
            "openclip",
            self._model,
            (self._clip.preprocessing, VIEWS, self._prompts.digest),
            self._background.id if self._background else "",
            self._anchors.digest if self._anchors else "",
            self._head[1] if self._head else "",
            (FORMULA, brand_fit.FORMULA, FLOOR, CAP, Scores().model_dump()),
        )
        self.id = self.calibration_id
        if self._preference is not None:
            self.id = narrowed(self.id, self._preference.revision)
        self._of_weights: dict[tuple[float, ...], Appeal] = {}

    def prepare(self) -> None:
        """Loads the model and encodes the prompts of the axes."""
        _ = self._qualities

    def embed(self, pictures: Sequence[Picture]) -> Vectors:
        """One vector (d) a picture, its views pooled by their weights and not normalised."""
        return np.stack([weights @ vectors for weights, vectors in self._clip.images(pictures)])

    def pair_temperature(self, calibration_id: str) -> float | None:
        """Of appeal's z, as `calibrate --picks` fitted it under this very id."""
        known = self._background
        return known.temperature("appeal", calibration_id, "z") if known else None

    def judged(self, request: ScoreRequest) -> Picture:
        """The pixels that the model sees of a request: without words to read."""
        return without_words(request).pixels

    def score(self, requests: Sequence[ScoreRequest]) -> list[ScoreCard]:
        """One card per request, in order."""
        if not requests:
            return []
        unread = [without_words(request) for request in requests]
        seen = self._clip.images([each.pixels for each in unread])
        typed = [i for i, each in enumerate(requests) if unread[i].pixels is not each.pixels]
        # What the words do is measured on one view alone: it is reported and never counted.
        neutral = [i for i in typed if unread[i].neutral is not None]
        asked = [requests[i].pixels for i in typed]
        asked += [picture for i in neutral if (picture := unread[i].neutral) is not None]
        whole = [vectors[0] for _, vectors in self._clip.images(asked, most_views=1)]
        with_words = dict(zip(typed, whole, strict=False))
        without = {i: seen[i][1][0] for i in typed}
        without |= dict(zip(neutral, whole[len(typed) :], strict=True))
        liked = self._liked(requests, unread)
        return [
            self._card(
                request,
                unread[i],
                seen[i],
                (with_words[i], without[i]) if i in with_words else None,
                liked[i],
            )
            for i, request in enumerate(requests)
        ]

    def _card(
        self,
        request: ScoreRequest,
        unread: Unread,
        seen: Seen,
        words: tuple[Vectors, Vectors] | None,
        liked: Criterion | None,
    ) -> ScoreCard:
        guide, notes = request.brand.scores, list(self._notes)
        notes += filter(None, [unread.note])
        bucket = aspect_bucket(request.pixels.shape[1], request.pixels.shape[0])
        weights, vectors = seen
        pooled = np.asarray(weights @ vectors, np.float32)
        appeal = self._appeal(guide)
        reading = appeal.read(weights, vectors, bucket)
        if reading.percentile is None:
            notes.insert(0, "Uncalibrated: compare these within one campaign and id only.")
        elif self._background is not None and self._background.unlike(pooled):
            notes.insert(0, UNLIKE)
        inflation = None
        if words is not None:
            inflation = _inflation(appeal, *words, bucket, reading, notes)
        ratings = _clip_axes.criteria(reading)
        fit = self._fit(request, pooled, bucket, notes)
        judged = gates(request.poster, request.brand)
        failed = tuple(str(gate) for gate in judged if not gate.passed)
        own = "" if guide == Scores() else narrowed(self.calibration_id, guide.model_dump())
        if unread.read:
            own = narrowed(own or self.calibration_id, unread.note)
        named = {c.name: c for c in fit}
        soft = weighted_geometric_mean(named, guide.brand_fit.model_dump(include=set(BRAND_FIT)))
        return ScoreCard(
            key=request.key,
            appeal=capped(reading.value, "appeal", judged),
            brand_fit=capped(soft, "brand_fit", judged),
            criteria=(*ratings, *fit, *filter(None, [liked])),
            calibration_id=own or self.calibration_id,
            model=self._model,
            uses_clip=True,
            appeal_percentile=reading.percentile,
            appeal_confidence=_clip_axes.confidence(reading),
            note=" ".join(dict.fromkeys(notes)),
            appeal_z=reading.z,
            appeal_spread=reading.spread,
            failed_gates=failed,
            text_inflation=inflation,
            brand_calibration_id=narrowed(self.calibration_id, self._brand.digest(request)),
        )

    def _fit(
        self, request: ScoreRequest, pooled: Vectors, bucket: str, notes: list[str]
    ) -> list[Criterion]:
        """The measured palette, then what the model says of the brand."""
        scene, without = _scene(request)
        palette = criteria.palette(scene, request.brand, without)
        found = self._brand.read(request, pooled, bucket, notes)
        return [*filter(None, [palette]), *found]

    def _appeal(self, guide: Scores) -> Appeal:
        """With the brand's own weights; the set's scores are reckoned once for each weighing."""
        given = guide.appeal.model_dump()
        weights = tuple(given.get(q.name, q.weight) for q in self._qualities)
        if weights not in self._of_weights:
            weighed = [q.weighing(w) for q, w in zip(self._qualities, weights, strict=True)]
            self._of_weights[weights] = Appeal(weighed, self._background)
        return self._of_weights[weights]

    @cached_property
    def _qualities(self) -> tuple[Quality, ...]:
        """Head and anchors have no scale without a background set, and are left out then."""
        found = [_clip_axes.quality(axis, self._clip) for axis in self._axes]
        if self._background is not None:
            if self._anchors is not None:
                found.insert(0, anchors(self._anchors.good, self._anchors.bad, 1.0))
            head = self._head[0] if self._head else self._anchors and self._anchors.head
            if head:
                found.insert(0, Quality("head", head.vector, 1.0, head.name, head.bias))
        return tuple(found)

    @cached_property
    def _brand(self) -> BrandReader:
        return BrandReader(self._clip, self._background, self._prompts)

    def _set(self, calibration: str) -> Background | None:
        """The background set that a setting names, which must fit; else the one beside the model,
        which is left out when it was made with other weights."""
        if calibration == NONE:
            return None
        if calibration:
            found = Background.load(Path(calibration))
            if found is None:
                hint = "contentfab calibrate --background DIR --out FOLDER makes a set."
                message = f"score.calibration: {calibration} holds no background set"
                raise InputError(message, hint=hint)
            found.check(self.encoding)
            return found
        found = Background.load(self._clip.folder)
        if found is not None and not found.encoding.same_as(self.encoding):
            self._notes.append(
                f"The background set beside {self._clip.name} was made with other weights or views "
                "and is not used."
            )
            return None
        return found

    def _liked(
        self, requests: Sequence[ScoreRequest], unread: Sequence[Unread]
    ) -> list[Criterion | None]:
        """What a preference model says of each picture and its text."""
        found: list[Criterion | None] = [None] * len(requests)
        asked = [i for i, request in enumerate(requests) if request.text.strip()]
        if self._preference is None or not asked:
            return found
        texts = [requests[i].text for i in asked]
        scores = self._preference.scores([unread[i].pixels for i in asked], texts)
        for i, score in zip(asked, scores, strict=True):
            prompt = (self._preference.name, self._preference.revision, requests[i].text)
            found[i] = Criterion(
                "preference",
                None,
                f"{self._preference.name} gives {score:.2f}: on no scale, orders pictures for this "
                "text only",
                raw=score,
                calibration_id=narrowed(self.calibration_id, *prompt),
            )
        return found


def _scene(request: ScoreRequest) -> tuple[Picture, tuple[Box, ...]]:
    """What wears the brand's colours: the scene, without product, logo and type."""
    poster = request.poster
    if poster is None:
        return request.pixels, ()
    boxes = [poster.product_box, poster.logo_box]
    if poster.background is None:
        boxes += [text.box for text in poster.texts]
    without = tuple(box for box in boxes if box is not None)
    return (request.pixels if poster.background is None else poster.background), without


def _inflation(
    appeal: Appeal,
    with_words: Vectors,
    without: Vectors,
    bucket: str,
    reading: Reading,
    notes: list[str],
) -> float | None:
    """How far the poster's words move appeal, in z, by the view of the whole poster."""
    one, two = appeal.place(with_words, bucket), appeal.place(without, bucket)
    if one is None or two is None or reading.percentile is None:
        notes.append("Scored without its words.")
        return None
    change = one[0] - two[0]
    notes.append(
        f"Scored without its words, which would move appeal by {change:+.2f} sd "
        f"({one[1] - two[1]:+.1f} percentile points)."
    )
    return round(change, 4)
