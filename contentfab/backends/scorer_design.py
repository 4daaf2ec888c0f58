"""Scorer without a model: measures what a designer would check, on one CPU core.

It sees colour, contrast, calm behind type, sharpness, fit, product, balance and logo. It cannot
see what a picture shows or whether anyone likes it: its appeal is craft, not taste, and every
card says that no CLIP model was used. Weights are house values, uncalibrated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from contentfab.backends import _design_criteria as criteria
from contentfab.records.pictures import TextBox
from contentfab.records.places import Box
from contentfab.records.scores import ScoreCard, ScoreRequest
from contentfab.rules.scoring.fusion import FLOOR, weighted_geometric_mean

MODEL = "design-criteria/1"
"""Raise the number with any change of a criterion: it is what keeps old scores apart from new."""

APPEAL = {
    "contrast": 2.0,
    "calm": 1.5,
    "text_fit": 1.5,
    "hierarchy": 1.0,
    "product": 1.5,
    "sharpness": 1.0,
    "balance": 1.0,
}
BRAND_FIT = {"palette": 3.0, "logo": 1.0}
GATE = 0.4
"""Most appeal that a poster with unreadable type can have."""
NOTE = "Measured design criteria; no CLIP model was used. Not calibrated against people or clicks."


class DesignScorer:
    """Has no settings and needs no model; copies may work side by side."""

    parallel = True

    def __init__(self) -> None:
        fixed = (APPEAL, BRAND_FIT, FLOOR, GATE)
        self.id = MODEL
        self.calibration_id = f"{MODEL}@{hashlib.sha256(repr(fixed).encode()).hexdigest()[:12]}"

    def score(self, requests: Sequence[ScoreRequest]) -> list[ScoreCard]:
        """One card per request, in order; about 0.1 s for a poster of two megapixels."""
        return [self._card(request) for request in requests]

    def _card(self, request: ScoreRequest) -> ScoreCard:
        poster = request.poster
        scene = request.pixels
        texts: tuple[TextBox, ...] = ()
        without: tuple[Box, ...] = ()
        if poster is not None:
            texts = tuple(poster.texts)
            scene = request.pixels if poster.background is None else poster.background
            boxes = [poster.product_box, poster.logo_box]
            if poster.background is None:
                boxes += [text.box for text in texts]
            without = tuple(box for box in boxes if box is not None)
        found = [
            criteria.palette(scene, request.brand, without),
            criteria.calm(scene, texts),
            criteria.sharpness(scene),
            criteria.balance(request.pixels),
        ]
        readable = True
        if poster is not None:
            found += [criteria.text_fit(poster), criteria.hierarchy(poster)]
            found += [criteria.product(poster), criteria.logo(poster, request.brand)]
            legibility = criteria.contrast(poster)
            if legibility is not None:
                found.append(legibility[0])
                readable = legibility[1]
        seen = {criterion.name: criterion for criterion in found if criterion is not None}
        appeal = weighted_geometric_mean(seen, APPEAL)
        if appeal is not None and not readable:
            appeal = min(appeal, GATE)
        return ScoreCard(
            key=request.key,
            appeal=appeal,
            brand_fit=weighted_geometric_mean(seen, BRAND_FIT),
            criteria=tuple(seen[name] for name in (*BRAND_FIT, *APPEAL) if name in seen),
            calibration_id=self.calibration_id,
            model=MODEL,
            uses_clip=False,
            note=NOTE,
        )
