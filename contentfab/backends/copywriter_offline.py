"""Copywriter without a model: natively written phrase frames, filled with the product's own words.

Deterministic, offline and free; valid within every channel's limits by construction. It knows the
languages that have a phrase book (`_offline_frames/`), translates nothing and invents nothing: a
product without text in the locale is an error that names the field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from contentfab.backends._offline_book import book, digest, languages
from contentfab.backends._offline_draft import Draft, NothingFits, Used
from contentfab.backends._offline_speech import Speech, selling_points
from contentfab.records.copy import CopyReply, CopyRequest
from contentfab.rules.angles import ANGLES, lacking
from contentfab.rules.contract import text_violations
from contentfab.rules.locales import language


class OfflineCopywriter:
    """Writes copy from phrase frames. Needs nothing; `id` names the frames' wording."""

    uses_ai = False

    def __init__(self) -> None:
        self.id = f"offline/{digest()}"

    def list_angles(self) -> tuple[str, ...]:
        """Copy angles that this copywriter has frames for."""
        return tuple(ANGLES)

    def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
        """One reply per request, in order; a request that cannot be written says why."""
        for request in requests:
            yield self._reply(request)

    def _reply(self, request: CopyRequest) -> CopyReply:
        error = _refusal(request)
        if error:
            return CopyReply(key=request.key, error=error)
        used = Used()
        asked = {variant.id for variant in request.variants}
        for draft in request.previous:
            if draft.variant not in asked:
                for name, value in draft.fields.items():
                    for text in [value] if isinstance(value, str) else value:
                        used.take(name, text)
        tongue = book(language(request.cell.locale))
        allowed = tuple(p for p in selling_points(request) if not text_violations(p, request))
        drafts = []
        try:
            for variant in request.variants:
                drafts.append(
                    Draft(request, Speech(request, variant, tongue, allowed), used).write()
                )
        except NothingFits as error:
            return CopyReply(key=request.key, error=str(error))
        recipe = {"copywriter": self.id, "language": tongue.language, "seed": request.seed}
        return CopyReply(key=request.key, drafts=tuple(drafts), recipe=recipe)


def _refusal(request: CopyRequest) -> str:
    """Why the request cannot be written at all, or ""."""
    product, locale = request.product, request.cell.locale
    if language(locale) not in languages():
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
