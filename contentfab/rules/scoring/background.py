"""A named set of pictures, as vectors of one model, that scores are percentiles in.

The vectors are kept, not their scores: any linear score (an axis, anchors, a head, a brand's words)
of the same model is calibrated against the same set, `values = background.vectors @ direction`.
On disk it is `background.npz` (vectors and buckets) beside `calibration.json` (what they are).
Knows neither pictures nor prompts, and not whether the set is like the pictures that are scored;
`familiarity` only says how near they come.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contentfab.errors import InputError
from contentfab.rules.scoring import background_files
from contentfab.rules.scoring.background_files import ABOUT, VECTORS, broken

Vectors = NDArray[np.float32]

BUCKETS: dict[str, float] = {
    "skyscraper": 0.45,
    "story": 0.65,
    "portrait": 0.9,
    "square": 1.1,
    "landscape": 2.4,
    "banner": float("inf"),
}
"""Shapes of picture, each up to this width / height: 160 × 600; 9:16 and 300 × 600; 4:5 and 3:4;
1:1; 300 × 250 and 1.91:1; 970 × 250 and 728 × 90. A square tower sees each of them differently
(letterboxed, squeezed, in tiles), so their scores are different distributions."""

ENOUGH = 60
"""Pictures of a bucket below which the whole set is used: a percentile of 60 is good to ±13."""

NEIGHBOURS = 10
LONELIEST = 0.5
"""Percent of the set's own pictures; so many of its kind are called unlike it by mistake."""
UNLIKE = "Unlike every picture of the background set: its place there says little."
MAD_TO_SD = 1.4826
"""Of a normal distribution (Rousseeuw and Croux 1993)."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How pictures became vectors. `model` is a name for people; `revision` (a commit or a digest),
    `preprocessing` and `views` decide whether vectors may be compared."""

    model: str
    revision: str
    preprocessing: Mapping[str, Any]
    views: str

    @property
    def id(self) -> str:
        """model@revision/digest of preprocessing and views."""
        fixed = [dict(self.preprocessing), self.views]
        return f"{self.model}@{self.revision}/{_digest(fixed)[:8]}"

    def same_as(self, other: Encoding) -> bool:
        """Whether vectors of both may be compared; a model may lie under another name."""
        return self.id.partition("@")[2] == other.id.partition("@")[2]


@dataclass(frozen=True)
class Background:
    """`vectors` (n, d) are views pooled by their weights and not normalised, so that a linear score
    is exact on them; `buckets` (n) are names of BUCKETS; `made_by` says for people what the
    pictures are; `pair_temperatures` holds, by name of a score, what `contentfab calibrate --picks`
    found (`temperature`, `unit`, `calibration_id`, `pairs`)."""

    name: str
    vectors: Vectors
    buckets: tuple[str, ...]
    encoding: Encoding
    made_by: str = ""
    pair_temperatures: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])

    @cached_property
    def id(self) -> str:
        """name@digest of the vectors, their buckets and their encoding."""
        digest = hashlib.sha256(self.vectors.astype("<f2").tobytes())
        digest.update(json.dumps([self.buckets, self.encoding.id]).encode())
        return f"{self.name}@{digest.hexdigest()[:12]}"

    def check(self, encoding: Encoding) -> None:
        """Raises InputError unless the set was made as `encoding` says."""
        if not self.encoding.same_as(encoding):
            raise InputError(
                f"the background set {self.name} was made by {self.encoding.id}, "
                f"but pictures are scored by {encoding.id}: their vectors cannot be compared",
                hint="contentfab calibrate --background DIR --out FOLDER with this model, "
                "then --set score.calibration=FOLDER",
            )

    def members(self, bucket: str) -> NDArray[np.bool_]:
        """Which pictures (n) a value of this bucket is compared with: those of the bucket, or all
        when they are fewer than ENOUGH."""
        own = np.array([name == bucket for name in self.buckets])
        return own if own.sum() >= ENOUGH else np.ones(len(own), bool)

    def among(self, bucket: str) -> str:
        """The pictures that `members` picks, in words."""
        own = self.buckets.count(bucket)
        if own >= ENOUGH:
            return f"{own} {bucket} pictures of {self.name}"
        why = f"only {own} are {bucket}" if own else f"none is {bucket}"
        return f"{len(self.buckets)} pictures of {self.name} of all shapes ({why})"

    def familiarity(self, vector: Vectors) -> float:
        """Share in 0 … 100 of the set's own pictures that are lonelier in it than a picture of
        this pooled vector (d): by mean cosine to the nearest NEIGHBOURS others. Near 0 the picture
        is unlike the whole set, and its percentiles say little."""
        cosines = self._unit @ _unit(vector[None])[0]
        return percentile(float(_nearest(cosines[None])[0]), self._company)

    def unlike(self, vector: Vectors) -> bool:
        """Whether a picture of this pooled vector (d) is lonelier than all but LONELIEST of the
        set, so that what it is a percentile of is not its kind."""
        return self.familiarity(vector) < LONELIEST

    @cached_property
    def _unit(self) -> Vectors:
        return _unit(self.vectors)

    @cached_property
    def _company(self) -> Vectors:
        """Mean cosine of each picture (n) to its nearest others."""
        cosines = self._unit @ self._unit.T
        np.fill_diagonal(cosines, -1)
        return _nearest(cosines)

    def temperature(self, score: str, calibration_id: str, unit: str) -> float | None:
        """Pair temperature of a score, in `unit` ("z" or "value"); None unless one was fitted to
        picks under this very calibration id."""
        stored = self.pair_temperatures.get(score, {})
        if (stored.get("calibration_id"), stored.get("unit")) != (calibration_id, unit):
            return None
        return float(stored["temperature"])

    def save(self, folder: Path) -> None:
        """Writes both files. The vectors are rounded to half precision."""
        about = {
            "name": self.name,
            "id": self.id,
            "n": len(self.buckets),
            "buckets": {name: self.buckets.count(name) for name in BUCKETS},
            "model": self.encoding.model,
            "model_revision": self.encoding.revision,
            "preprocessing": dict(self.encoding.preprocessing),
            "views": self.encoding.views,
            "made_by": self.made_by,
            "pair_temperatures": {k: dict(v) for k, v in self.pair_temperatures.items()},
        }
        background_files.write(folder, self.vectors.astype(np.float16), self.buckets, about)

    @classmethod
    def load(cls, path: Path) -> Background | None:
        """The set in a folder (or beside one of its two files); None when there is none. Raises
        InputError, naming the file, when one is missing, broken or does not belong to the other."""
        folder = path.parent if path.name in (VECTORS, ABOUT) else path
        if not background_files.there(folder):
            return None
        vectors, buckets, about = background_files.read(folder)
        if not set(buckets) <= set(BUCKETS):
            raise broken(folder / VECTORS, f"holds buckets other than {', '.join(BUCKETS)}")
        try:
            encoding = Encoding(
                str(about["model"]),
                str(about["model_revision"]),
                dict(about["preprocessing"]),
                str(about["views"]),
            )
            temperatures = {k: dict(v) for k, v in about.get("pair_temperatures", {}).items()}
            return cls(
                str(about["name"]),
                vectors.astype(np.float32),
                buckets,
                encoding,
                str(about.get("made_by", "")),
                temperatures,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise broken(folder / ABOUT, f"lacks or garbles {error}") from None


def aspect_bucket(width: int, height: int) -> str:
    """Name in BUCKETS of a picture's shape. Raises ValueError for a side that is not positive."""
    if width < 1 or height < 1:
        raise ValueError("width and height must be positive")
    return next(name for name, widest in BUCKETS.items() if width / height <= widest)


def percentile(value: float, values: NDArray[np.floating]) -> float:
    """Share in 0 … 100 of `values` that `value` beats, ties half: the mid-rank ECDF. Raises
    ValueError without values."""
    if not len(values):
        raise ValueError("there are no values to compare with")
    return 100 * float(((values < value) + 0.5 * (values == value)).mean())


def robust_z(value: float, values: NDArray[np.floating]) -> float | None:
    """(value - median) / (1.4826 MAD), which a few outliers cannot move; None when the values do
    not spread, so that nothing can be said."""
    middle = float(np.median(values))
    deviation = MAD_TO_SD * float(np.median(np.abs(values - middle)))
    return (value - middle) / deviation if deviation > 1e-12 else None


def _nearest(cosines: Vectors) -> Vectors:
    """Mean of the NEIGHBOURS highest of each row."""
    count = min(NEIGHBOURS, cosines.shape[1])
    return np.asarray(np.partition(cosines, -count, axis=1)[:, -count:].mean(axis=1), np.float32)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=list).encode()).hexdigest()
