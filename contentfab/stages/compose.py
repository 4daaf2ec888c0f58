"""Stage `compose`: posters from the layout backend, each one inspected on its finished pixels.

A poster that fails inspection may be laid out again with the next family; when no family passes,
the first one comes back with its findings, and the pipeline fails the job. Arms of an experiment
may not: they would differ in more than the declared factor. Knows nothing about how a poster is
laid out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contentfab.errors import BackendError, BackendUnavailable, BadOutput
from contentfab.protocols import Layout
from contentfab.records.pictures import Finding, Poster, PosterRequest
from contentfab.rules.inspect import inspect

VERSION = "1"


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
    return [_inspected(request, poster) for request, poster in zip(requests, posters, strict=True)]


def _mended(request: PosterRequest, poster: Poster, layout: Layout) -> Poster:
    if passes(poster):
        return poster
    start = layout.families.index(request.layout) if request.layout in layout.families else 0
    others = layout.families[start + 1 :] + layout.families[:start]
    for family in others:
        (again,) = _render([replace(request, layout=family)], layout)
        if passes(again):
            return again
    return poster


def _inspected(request: PosterRequest, poster: Poster) -> Poster:
    found = inspect(poster, request.placement, request.text, request.product_image)
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
