"""Copywriter without a model: natively written phrase frames, filled with the product's own words.

Deterministic, offline and free; valid within every channel's limits by construction. It knows the
languages that have a phrase book (`_offline_frames/`), translates nothing and invents nothing: a
product without text in the locale is an error that names the field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from contentfab.backends._offline_book import book, book_of, digest, languages
from contentfab.backends._offline_draft import Draft, NothingFits, Used
from contentfab.backends._offline_speech import Speech, selling_points
from contentfab.records.copy import CopyDraft, CopyReply, CopyRequest
from contentfab.rules.wording.angles import ANGLES, lacking
from contentfab.rules.wording.contract import text_violations
from contentfab.rules.wording.diversity import SAME_CELL, grams_of, similarity

# Well under what the contract takes for the same copy (`SAME_CELL`), so that arms differ to read.
APART, ATTEMPTS = SAME_CELL - 0.1, 8


class OfflineCopywriter:
    """Writes copy from phrase frames. Needs nothing; `id` names the frames' wording."""

    uses_ai = False

    def __init__(self) -> None:
        self.id = f"offline/{digest()}"

    def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
        """One reply per request, in order; a request that cannot be written says why."""
        for request in requests:
            yield self._reply(request)

    def _reply(self, request: CopyRequest) -> CopyReply:
        error = _refusal(request)
        if error:
            return CopyReply(key=request.key, error=error)
        tongue = book(book_of(request.cell.locale))
        allowed = tuple(p for p in selling_points(request) if not text_violations(p, request))
        asked = {variant.id for variant in request.variants}
        refused = {draft.variant for draft in request.previous} & asked
        used, worn = Used(), frozenset[str]()
        drafts: list[CopyDraft] = []
        try:
            for variant in dict.fromkeys((*request.arms, *request.variants)):
                speech = Speech(request, variant, tongue, allowed, worn)
                drafts.append(
                    _apart(speech, used, drafts, ATTEMPTS if variant.id in refused else 0)
                )
                worn |= speech.spoken
        except NothingFits as error:
            return CopyReply(key=request.key, error=str(error))
        drafts = [draft for draft in drafts if draft.variant in asked]
        recipe = {"copywriter": self.id, "language": tongue.language, "seed": request.seed}
        return CopyReply(key=request.key, drafts=tuple(drafts), recipe=recipe)


def _apart(speech: Speech, used: Used, others: Sequence[CopyDraft], first: int) -> CopyDraft:
    """The variant's copy, drawn anew while it reads like that of the cell's other variants; of
    ATTEMPTS from `first` on the one furthest from them. Raises NothingFits when not even the first
    can be made."""
    best: tuple[float, CopyDraft, Used, set[str]] | None = None
    for attempt in range(first, first + ATTEMPTS):
        trial = replace(speech, attempt=attempt, spoken=set(), _orders={})
        taken = used.copy()
        try:
            draft = Draft(speech.request, trial, taken).write()
        except NothingFits:
            if best is None:
                raise
            continue
        grams = grams_of(draft, speech.request)
        alike = max(
            (similarity(grams, grams_of(other, speech.request)) for other in others), default=0.0
        )
        if best is None or alike < best[0]:
            best = alike, draft, taken, trial.spoken
        if alike < APART:
            break
    assert best is not None  # the first attempt either raised or made a draft
    used.texts, speech.spoken = best[2].texts, best[3]
    return best[1]


def _refusal(request: CopyRequest) -> str:
    """Why the request cannot be written at all, or ""."""
    product, locale = request.product, request.cell.locale
    if not book_of(locale):
        return (
            f"the offline copywriter has no phrases for {locale}; its languages are "
            f"{', '.join(languages())}: choose one of them, or another copywriter "
            f"(--set copy.backend=openai)"
        )
    if not product.name:
        return f"product {product.id} has no name in {locale}; add one to the product file"
    points = selling_points(request)
    if not points:
        return (
            f"product {product.id} has no selling_points in {locale}; add them to the product file"
        )
    faults = [text_violations(point, request, field=f"“{point}”") for point in points]
    if all(faults):
        return f"product {product.id}, selling_points in {locale}: {faults[0][0].message}"
    for variant in request.variants:
        if variant.angle not in ANGLES:
            return f"unknown angle {variant.angle!r}; angles are {', '.join(ANGLES)}"
        need = lacking(variant.angle, product)
        if need:
            return (
                f"variant {variant.id}: the angle {variant.angle} needs {need}, which product "
                f"{product.id} does not have in {locale}; add it, or choose another angle"
            )
    return ""
