"""Appeal of a picture from its vector: antonym axes, good and bad anchors, a linear head.

Every quality is linear, so it is exact on pooled views and can be calibrated on any set whose
vectors are kept. Axes follow CLIP-IQA (Wang et al. 2023, "Exploring CLIP for Assessing the Look and
Feel of Images"), but on the margin: the softmax of the original is at its end for margins of 0.03.
Anchors follow QUASAR (Kazmi et al. 2024, arXiv 2403.06866): mean vectors of a good and of a bad set
in place of words. Knows vectors only; predicts nobody's clicks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from contentfab.rules.scoring.background import MAD_TO_SD, Background, percentile

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]

SLOPE = 60.0
"""Steepness of the logistic from an axis margin to [0, 1] where there is no background set: margins
of real CLIP models stay within ±0.05."""
TO_NORMAL = 1.702
"""The logistic of 1.702 z is within 0.01 of the normal distribution function (Camilli 1994)."""
FORMULA = "appeal/3"
"""Raise the number with any change of a formula here."""


@dataclass(frozen=True, slots=True)
class Quality:
    """One linear score: `direction` (d,) and `bias`. `ways` (m, d) are the directions that its
    `direction` is the mean of (one per pair of prompts): what they disagree by is uncertainty.
    `towards` says in words what a high score means."""

    name: str
    direction: Vectors
    weight: float
    towards: str
    bias: float = 0.0
    ways: Vectors | None = None

    def weighing(self, weight: float) -> Quality:
        """The same with another weight."""
        return replace(self, weight=weight)


@dataclass(frozen=True, slots=True)
class Rating:
    """One quality of one picture; `z` and `percentile` are None without a background set."""

    name: str
    raw: float
    value: float
    towards: str
    z: float | None = None
    percentile: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Appeal of one picture: `value` in [0, 1] is `percentile` / 100 where it is calibrated. `z` is
    in robust standard deviations of the set's own appeal, `spread` the standard deviation of that
    over views and prompts; `among` says which pictures it is a percentile of. All are None when no
    quality counts, or when nothing in the set spreads."""

    value: float | None
    ratings: tuple[Rating, ...]
    z: float | None = None
    percentile: float | None = None
    spread: float | None = None
    among: str = ""


def axis(name: str, wanted: Vectors, opposite: Vectors, weight: float, towards: str) -> Quality:
    """The antonym axis of prompts: `wanted` and `opposite` are unit vectors, (m, d) each, the i-th
    of one side being the opposite of the i-th of the other."""
    direction = _unit(wanted.mean(axis=0)) - _unit(opposite.mean(axis=0))
    return Quality(name, direction, weight, towards, ways=wanted - opposite)


def anchors(good: Vectors, bad: Vectors, weight: float) -> Quality:
    """Nearer to the mean of good pictures than to that of bad ones; both (d,), as means of unit
    vectors."""
    towards = "what good pictures have in common, away from spoiled ones"
    return Quality("anchors", np.asarray(good - bad, np.float32), weight, towards)


class Appeal:
    """Qualities of weight 0 are reported and do not count. Without a background set only the mean
    margin of the qualities is known."""

    def __init__(self, qualities: Sequence[Quality], background: Background | None) -> None:
        if not qualities:
            raise ValueError("appeal needs at least one quality")
        self.qualities = tuple(qualities)
        self._background = background
        self._directions = np.stack([q.direction for q in qualities]).astype(np.float64)
        self._biases = np.array([q.bias for q in qualities])
        self._weights = np.array([q.weight for q in qualities], np.float64)
        self._scales: dict[str, _Scale] = {}

    def read(self, weights: Vectors, vectors: Vectors, bucket: str) -> Reading:
        """Appeal of a picture from its views: `weights` (v,), unit `vectors` (v, d)."""
        margins = vectors @ self._directions.T + self._biases  # views × qualities
        raw = weights @ margins
        if self._background is None:
            return self._uncalibrated(raw)
        scale = self._scale(self._background, bucket)
        z = scale.z(raw)
        among = self._background.among(bucket)
        ratings = tuple(
            _rating(quality, float(raw[i]), scale.values[:, i], float(z[i]))
            for i, quality in enumerate(self.qualities)
        )
        if not scale.shares.any():
            return Reading(None, ratings, among=among)
        value = float(fused(z, scale.shares))
        place = percentile(value, scale.fused)
        views = fused(scale.z(margins), scale.shares)
        of_views = float(weights @ (views - weights @ views) ** 2)
        of_prompts = scale.prompts(np.asarray(weights @ vectors), z)
        spread = float(np.sqrt(of_views + of_prompts)) / scale.unit if scale.unit else None
        return Reading(place / 100, ratings, scale.fused_z(value), place, spread, among)

    def place(self, vector: Vectors, bucket: str) -> tuple[float, float] | None:
        """Appeal's z and percentile of one vector (d,), such as a single view; None where `read`
        has none."""
        if self._background is None:
            return None
        scale = self._scale(self._background, bucket)
        if not scale.shares.any():
            return None
        raw = vector @ self._directions.T + self._biases
        value = float(fused(scale.z(raw), scale.shares))
        z = scale.fused_z(value)
        return None if z is None else (z, percentile(value, scale.fused))

    def _uncalibrated(self, raw: Floats) -> Reading:
        values = 1 / (1 + np.exp(-SLOPE * raw))
        ratings = tuple(
            Rating(q.name, float(raw[i]), float(values[i]), q.towards)
            for i, q in enumerate(self.qualities)
        )
        if not self._weights.any():
            return Reading(None, ratings)
        mean = float(np.average(raw, weights=self._weights))
        return Reading(1 / (1 + float(np.exp(-SLOPE * mean))), ratings)

    def _scale(self, background: Background, bucket: str) -> _Scale:
        if bucket not in self._scales:
            vectors = background.vectors[background.members(bucket)]
            values = vectors @ self._directions.T + self._biases
            self._scales[bucket] = _Scale(self.qualities, self._weights, vectors, values)
        return self._scales[bucket]


class _Scale:
    """What the background set's pictures of one aspect bucket have: `values` (n, k) of the
    qualities, and their appeal."""

    def __init__(
        self, qualities: Sequence[Quality], weights: Floats, vectors: Vectors, values: Floats
    ) -> None:
        self.values = values
        self._medians, self._deviations = _spread(values)
        counted = weights * (self._deviations > 0)
        self.shares = counted / max(float(counted.sum()), 1e-9)
        self.fused = fused(self.z(values), self.shares)
        middle, unit = _spread(self.fused[:, None])
        self._middle, self.unit = float(middle[0]), float(unit[0])
        self._ways = [
            (i, quality.ways, *_spread(vectors @ quality.ways.T))
            for i, quality in enumerate(qualities)
            if quality.ways is not None and len(quality.ways) > 1 and counted[i]
        ]

    def z(self, raw: Floats) -> Floats:
        """Robust z of raw values (…, k); 0 for a quality that does not spread."""
        known = self._deviations > 0
        apart = (raw - self._medians) / np.where(known, self._deviations, 1.0)
        return np.asarray(np.where(known, apart, 0.0))

    def fused_z(self, value: float) -> float | None:
        return (value - self._middle) / self.unit if self.unit else None

    def prompts(self, pooled: Floats, z: Floats) -> float:
        """Variance of the fused score by what an axis' pairs of prompts disagree by: the squared
        standard error of each axis, through the slope of `fused`."""
        slope = self.shares * TO_NORMAL / (1 + np.exp(np.clip(TO_NORMAL * z, -60, 60)))
        total = 0.0
        for i, ways, medians, deviations in self._ways:
            each = ((ways @ pooled - medians) / np.maximum(deviations, 1e-12))[deviations > 0]
            if len(each) > 1:
                total += float(slope[i] ** 2 * each.var(ddof=1) / len(each))
        return total


def fused(z: Floats, shares: Floats) -> Floats:
    """Logarithm of the weighted geometric mean, over the last axis, of what share of the set each z
    beats (taken as normal): one bad quality costs more than one good one brings. Smooth, and not
    bounded below, so that bad pictures are told apart as well. `shares` sum to 1."""
    return np.asarray(-np.logaddexp(0.0, -TO_NORMAL * z) @ shares)


def _rating(quality: Quality, raw: float, of_set: Floats, z: float) -> Rating:
    place = percentile(raw, of_set)
    return Rating(quality.name, raw, place / 100, quality.towards, z, place)


def _spread(values: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Median and robust standard deviation of each column; 0 where a column does not spread."""
    medians = np.median(values, axis=0)
    deviations = MAD_TO_SD * np.median(np.abs(values - medians), axis=0)
    return np.asarray(medians), np.asarray(np.where(deviations > 1e-12, deviations, 0.0))


def _unit(vector: Vectors) -> Vectors:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
