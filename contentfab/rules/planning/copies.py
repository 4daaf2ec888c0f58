"""The copy job of a cell: one request, and a key for each line that it will answer."""

from __future__ import annotations

from collections.abc import Sequence

from contentfab.records.brief import Brief
from contentfab.records.copy import CopyRequest, VariantAsk
from contentfab.records.plan import CellViews, CopyJob, CopyOptions
from contentfab.rules.art_choices import art_choices
from contentfab.rules.keys import key, seed_of
from contentfab.rules.planning.pictures import DEFAULT_SCENES
from contentfab.rules.wording.angles import angles_for


def angles_of(views: CellViews, segment: int, options: CopyOptions) -> tuple[str, ...]:
    """Angles that this product can honestly be sold on. Segments start at different ones."""
    usable = angles_for(views.product, options.by_model)
    start = segment % 2
    return usable[start:] + usable[:start]


def copy_job(
    brief: Brief,
    views: CellViews,
    asks: tuple[VariantAsk, ...],
    angles: Sequence[str],
    writer: str,
    seed: int,
    options: CopyOptions,
) -> CopyJob:
    """The request of a cell and its keys. A hand-edited line depends on what it has to obey, not
    on who writes the others."""
    contract = {
        "product": views.product,
        "segment": views.segment,
        "brand": views.brand,
        "fields": views.channel.fields,
        "locale": views.cell.locale,
        "asks": asks,
        "backend": "",
        "seed": 0,
    }
    spares = tuple(
        VariantAsk(f"{views.cell.id}--spare-{n + 1}", angles[(len(asks) + n) % len(angles)])
        for n in range(options.spares(len(asks)))
    )
    imagery = brief.brand.imagery
    art = art_choices(imagery, DEFAULT_SCENES) if options.art_direction else None
    more = {"spares": spares, "art": art} if spares or art else {}
    request_key = key("copy", **{**contract, "backend": writer, "seed": seed, **more})
    request = CopyRequest(
        request_key, views.cell, views.product, views.segment, views.brand, views.channel, asks,
        seed_of(request_key), spares=spares, art=art, arms=asks,
    )  # fmt: skip
    edits = {ask.id: brief.edits[ask.id].edit for ask in asks if ask.id in brief.edits}
    keys = {
        ask.id: key("copy", request=request_key, variant=ask.id)
        if ask.id not in edits
        else key("copy", edit=edits[ask.id], contract=contract)
        for ask in asks
    }
    return CopyJob(request, keys, edits)
