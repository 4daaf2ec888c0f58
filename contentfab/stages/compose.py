"""Stage `compose`: posters from the layout backend, each one inspected on its finished pixels.

A poster that fails inspection may be laid out again with the next family; when no family passes,
the first one comes back with its findings, and the pipeline fails the job. Arms of an experiment
may not: they would differ in more than the declared factor. Knows nothing about how a poster is
laid out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from contentfab.errors import BackendError, BackendUnavailable, BadOutput
from contentfab.protocols import Layout
from contentfab.records.pictures import Finding, Poster, PosterRequest
from contentfab.rules.inspection import Subject, inspect
from contentfab.rules.layout.families import fitting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = "2"


def compose(
    requests: Sequence[PosterRequest], layout: Layout, *, other_families: bool = True
) -> list[Poster]:
    """One inspected poster per request, in order; `layout` of a poster is the family that it was
    set in at last, another than asked for only with `other_families`. A request that the backend
    cannot set comes back as its bare key visual with an error finding, so that the others of the
    batch go on. Raises BackendUnavailable, and InputError or MissingDependency for what no other
    family could mend."""
    return [
        _mended(request, poster, layout) if other_families else poster
        for request, poster in zip(requests, _render(requests, layout), strict=True)
    ]


def passes(poster: Poster) -> bool:
    """Whether inspection found no error."""
    return not any(finding.level == "error" for finding in poster.findings)


def subject(
    request: PosterRequest, poster: Poster, masters: Sequence[NDArray[np.uint8]] = ()
) -> Subject:
    """A composed poster as inspection takes it; `masters` are the brand's logo files (RGBA)."""
    return Subject(
        pixels=poster.pixels,
        placement=request.placement,
        text=request.text,
        texts=poster.texts,
        product=request.product_image,
        product_box=poster.product_box,
        logo_box=poster.logo_box,
        masters=tuple(masters),
        brand=request.brand,
        background=poster.background,
        frame=poster.frame,
        composed=True,
    )


def _render(requests: Sequence[PosterRequest], layout: Layout) -> list[Poster]:
    if not requests:
        return []
    try:
        posters = layout.render(requests)
    except BackendUnavailable:
        raise
    except BackendError as error:
        if len(requests) == 1:
            return [_failed(requests[0], error)]
        return [poster for request in requests for poster in _render([request], layout)]
    if [poster.key for poster in posters] != [request.key for request in requests]:
        raise BadOutput(
            f"{layout.id} answered {len(posters)} of {len(requests)} posters, or out of order",
            hint="Report this to the backend's author, or choose another layout.backend.",
        )
    return [
        _inspected(request, poster, layout)
        for request, poster in zip(requests, posters, strict=True)
    ]


def _mended(request: PosterRequest, poster: Poster, layout: Layout) -> Poster:
    if passes(poster):
        return poster
    start = layout.families.index(request.layout) if request.layout in layout.families else 0
    there = [role for role in request.text.__slots__ if getattr(request.text, role).strip()]
    others, tried = layout.families[start + 1 :] + layout.families[:start], list[Finding]()
    for family in fitting(others, getattr(layout, "needs", {}), there):
        (again,) = _render([replace(request, layout=family)], layout)
        if passes(again):
            return again
        tried.append(_also_failed(again))
    return replace(poster, findings=(*poster.findings, *tried))


def _also_failed(poster: Poster) -> Finding:
    """That another family does not pass either, and why."""
    why = next(finding for finding in poster.findings if finding.level == "error")
    message = f"as {poster.layout} it fails too: {why.rule}: {why.message}"
    return Finding("poster.other-layout", "warn", message)


def _inspected(request: PosterRequest, poster: Poster, layout: Layout) -> Poster:
    masters = getattr(layout, "masters", None)
    logos = masters(request.brand, request.brand_dir) if masters else ()
    found = inspect(subject(request, poster, logos)).findings
    return replace(poster, findings=(*poster.findings, *found))


def _failed(request: PosterRequest, error: BackendError) -> Poster:
    message = f"{error} ({error.hint})" if error.hint else str(error)
    return Poster(
        key=request.key,
        variant=request.variant,
        placement=request.placement.id,
        layout=request.layout,
        pixels=request.key_visual.pixels,
        texts=(),
        product_box=None,
        logo_box=None,
        findings=(Finding("poster.render", "error", message),),
    )
