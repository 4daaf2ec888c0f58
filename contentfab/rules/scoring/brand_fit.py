"""How well a picture fits a brand, from vectors: the brand's words, and its exemplar pictures.

A plain cosine says little, since some pictures are close to everything. CSLS (Conneau et al. 2018,
"Word Translation Without Parallel Data", eq. 3) subtracts how close both sides are to pictures of
no brand. Whether a criterion says anything at all is measured on the exemplars themselves before it
says it of a picture. Knows vectors only, and nothing of palettes, logos and type.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contentfab.rules.scoring.background import percentile, robust_z

Vectors = NDArray[np.float32]

NEIGHBOURS = 10
ENOUGH = 5
"""Exemplars needed: with fewer there is no telling how alike the brand's own pictures are."""
STRANGERS = 0.95
"""Quantile of the pictures of no brand that exemplars must be clear of: easy strangers must not
make everybody else fit."""
STEEP = math.log(19)
"""Of the logistic that is 0.5 at the level of strangers, above which a picture is the brand's, and
0.95 at the mean of the brand's own."""
SURE_Z = 1.645
"""One-sided 5 %: how surely words must tell exemplars from other pictures to count."""
FORMULA = "brand-fit/2"
"""Raise the number with any change of a formula here."""


class Strangers:
    """Pictures of no brand: vectors (n, d) of any length. Differences between pictures are what is
    left when their common mean is taken away (Mu and Viswanath 2018, "All-but-the-Top")."""

    def __init__(self, vectors: Vectors) -> None:
        units = _unit(vectors)
        self._mean = units.mean(axis=0)
        self.vectors = self.centred(vectors)
        cosines = self.vectors @ self.vectors.T
        np.fill_diagonal(cosines, -1)
        self.company = _nearest(cosines)

    def centred(self, vectors: Vectors) -> Vectors:
        """Unit vectors (…, d) without the common mean."""
        return _unit(_unit(vectors) - self._mean)

    def nearness(self, vectors: Vectors) -> Vectors:
        """Mean cosine (n) of centred vectors (n, d) to their nearest strangers."""
        return _nearest(vectors @ self.vectors.T)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like the brand's pictures one is: `value` in [0, 1], 0.5 for what only one stranger in
    twenty is; `score` is its CSLS, `percentile` the share of strangers that are less like
    them; `avoided` says that it is nearer to the counter-exemplars."""

    value: float
    score: float
    percentile: float
    avoided: bool


class Exemplars:
    """The brand's pictures (n ≥ ENOUGH, d) and, if any, pictures that it does not want (m, d).

    A brand has more than one look (its wall light, its wall dark), so a picture is compared with
    the exemplar nearest to it, not with the mean of all. `own` are the CSLS of each exemplar to the
    others, `stranger` the level of strangers; `gap` (worst of own less stranger) is what the
    criterion can tell apart."""

    def __init__(self, pictures: Vectors, unwanted: Vectors | None, strangers: Strangers) -> None:
        if len(pictures) < ENOUGH:
            raise ValueError(f"{ENOUGH} exemplars are needed")
        self._strangers = strangers
        self._wanted = _Group(strangers.centred(pictures), strangers)
        self._unwanted = None
        if unwanted is not None and len(unwanted):
            self._unwanted = _Group(strangers.centred(unwanted), strangers)
        self.own = self._wanted.among_themselves()
        self._others = self._wanted.csls(strangers.vectors, strangers.company)
        self.stranger = float(np.quantile(self._others, STRANGERS))
        self.gap = float(self.own.min()) - self.stranger

    @property
    def informative(self) -> bool:
        """Whether every exemplar is more like the others than strangers are."""
        return self.gap > 0

    def likeness(self, pooled: Vectors) -> Likeness:
        """Of a picture's pooled vector (d,)."""
        vector = self._strangers.centred(pooled)[None]
        near = self._strangers.nearness(vector)
        score = float(self._wanted.csls(vector, near)[0])
        avoided = False
        if self._unwanted is not None:
            nearer = float(self._unwanted.csls(vector, near)[0]) - score
            avoided = nearer > 0
            score -= max(0.0, nearer)
        spread = max(float(self.own.mean()) - self.stranger, 1e-3)
        steps = min(4.0, max(-4.0, (score - self.stranger) / spread))
        value = 1 / (1 + math.exp(-STEEP * steps))
        return Likeness(value, score, percentile(score, self._others), avoided)


class _Group:
    """Pictures (n, d) to be like: CSLS of others to the nearest of them."""

    def __init__(self, pictures: Vectors, strangers: Strangers) -> None:
        self._pictures, self._near = pictures, strangers.nearness(pictures)

    def csls(self, vectors: Vectors, near: Vectors) -> Vectors:
        """2 cos(x, p) - r(x) - r(p) for the p where it is largest; `near` is r of `vectors`."""
        scores = 2 * vectors @ self._pictures.T - self._near
        return np.asarray(scores.max(axis=1) - near, np.float32)

    def among_themselves(self) -> Vectors:
        """Of each to the others."""
        scores = 2 * self._pictures @ self._pictures.T - self._near
        np.fill_diagonal(scores, -np.inf)
        return np.asarray(scores.max(axis=1) - self._near, np.float32)


@dataclass(frozen=True, slots=True)
class Place:
    """A linear score among the background's: `percentile` in 0 to 100, robust `z` (None when the
    set does not spread)."""

    raw: float
    percentile: float
    z: float | None


def place(direction: Vectors, pooled: Vectors, of_set: Vectors) -> Place:
    """Where a picture's margin stands among those of pooled vectors `of_set` (n, d)."""
    raw, values = float(pooled @ direction), of_set @ direction
    return Place(raw, percentile(raw, values), robust_z(raw, values))


def tells(exemplars: Vectors, others: Vectors, direction: Vectors) -> tuple[bool, float]:
    """Whether a direction tells the brand's pictures (n, d) from others (m, d) better than chance,
    and the share of pairs that it gets right (Mann and Whitney 1947, one-sided 5 %)."""
    own, rest = exemplars @ direction, others @ direction
    share = float(np.mean([percentile(float(value), rest) for value in own])) / 100
    n, m = len(own), len(rest)
    chance = math.sqrt((n + m + 1) / (12 * n * m))
    return share - SURE_Z * chance > 0.5, share


def _nearest(cosines: Vectors) -> Vectors:
    """Mean of the NEIGHBOURS highest of each row."""
    count = min(NEIGHBOURS, cosines.shape[1])
    return np.asarray(np.sort(cosines, axis=1)[:, -count:].mean(axis=1), np.float32)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
