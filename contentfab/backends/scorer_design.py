"""Scorer without a model: measures what a designer would check, on one CPU core.

It sees colour, contrast, calm behind type, sharpness, fit, product, balance and logo. It cannot
see what a picture shows or whether anyone likes it: its appeal is craft, not taste, and every
card says that no CLIP model was used. Weights are the brand guide's, uncalibrated.
"""

from __future__ import annotations

from collections.abc import Sequence

from contentfab.records.pictures import TextBox
from contentfab.records.places import Box
from contentfab.records.score_weights import Scores
from contentfab.records.scores import ScoreCard, ScoreRequest
from contentfab.rules.scoring import criteria
from contentfab.rules.scoring.calibration import calibration_id, narrowed
from contentfab.rules.scoring.fusion import FLOOR, weighted_geometric_mean
from contentfab.rules.scoring.gates import CAP, capped, gates

MODEL = "design-criteria/2"
"""Raise the number with any change of a criterion: it is what keeps old scores apart from new."""

APPEAL = ("contrast", "calm", "text_fit", "hierarchy", "product", "sharpness", "balance")
BRAND_FIT = ("palette", "logo")
NOTE = "Measured design criteria; no CLIP model was used. Not calibrated against people or clicks."


class DesignScorer:
    """Has no settings and needs no model; copies may work side by side."""

    parallel = True

    def __init__(self) -> None:
        self.id = MODEL
        self.calibration_id = calibration_id("design", MODEL, FLOOR, CAP, Scores().model_dump())

    def score(self, requests: Sequence[ScoreRequest]) -> list[ScoreCard]:
        """One card per request, in order; about 0.1 s for a poster of two megapixels."""
        return [self._card(request) for request in requests]

    def _card(self, request: ScoreRequest) -> ScoreCard:
        poster, guide = request.poster, request.brand.scores
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
            # Type that is still on the picture hides the ground that it stands on.
            criteria.calm(scene, texts) if not texts or scene is not request.pixels else None,
            criteria.sharpness(scene),
            criteria.balance(request.pixels),
        ]
        if poster is not None:
            found += [criteria.text_fit(poster), criteria.hierarchy(poster)]
            found += [criteria.product(poster), criteria.logo(poster, request.brand)]
            legibility = criteria.contrast(poster)
            found.append(legibility[0] if legibility else None)
        seen = {criterion.name: criterion for criterion in found if criterion is not None}
        judged = gates(poster, request.brand)
        appeal = weighted_geometric_mean(seen, guide.appeal.model_dump(include=set(APPEAL)))
        brand_fit = weighted_geometric_mean(
            seen, guide.brand_fit.model_dump(include=set(BRAND_FIT))
        )
        own = "" if guide == Scores() else narrowed(self.calibration_id, guide.model_dump())
        return ScoreCard(
            key=request.key,
            appeal=capped(appeal, "appeal", judged),
            brand_fit=capped(brand_fit, "brand_fit", judged),
            criteria=tuple(seen[name] for name in (*BRAND_FIT, *APPEAL) if name in seen),
            calibration_id=own or self.calibration_id,
            model=MODEL,
            uses_clip=False,
            note=NOTE,
            failed_gates=tuple(str(gate) for gate in judged if not gate.passed),
        )
