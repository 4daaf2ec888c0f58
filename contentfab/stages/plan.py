"""brief → plan: cells, variants and jobs with stable keys. Pure: reads no disk, starts nothing.

What differs between the variants of a cell is the experiment's factor, and nothing else: `copy`
varies the angle, `picture` the art direction, `layout` the family, `creative` all three.
"""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from string import ascii_lowercase

from contentfab.records.brief import ArtDirection, Brief, Cell, Variant
from contentfab.records.channel import Channel, Placement
from contentfab.records.copy import CopyRequest, VariantAsk
from contentfab.records.inputs import Product, Segment
from contentfab.records.pictures import PictureRequest, ProductShape
from contentfab.records.plan import (
    BackendIds,
    CellViews,
    CopyJob,
    CopyOptions,
    PictureJob,
    Plan,
    PosterJob,
)
from contentfab.rules.art_choices import art_choices
from contentfab.rules.experiments import weights_bp
from contentfab.rules.keys import key, seed_of
from contentfab.rules.layout.families import fitting, poster_roles
from contentfab.rules.layout.placements import copy_space, picture_size
from contentfab.rules.locales import resolve_list
from contentfab.rules.product import cutout
from contentfab.rules.scoring.selection import SELECTOR
from contentfab.rules.views import brand_view, product_view, segment_view
from contentfab.rules.wording.angles import angles_for

DEFAULT_SCENES = ("podium", "arch", "steps", "window light", "leaf shadow", "plinths")
EVERYONE = Segment(id="everyone")


def plan(
    brief: Brief,
    ids: BackendIds,
    families: Sequence[str],
    seed: int = 0,
    options: CopyOptions | None = None,
    needs: Mapping[str, Collection[str]] | None = None,
    *,
    around: bool = False,
    candidates: int = 1,
) -> Plan:
    """All jobs of a brief. `families` are the layout names that the layout backend offers, `needs`
    the texts without which one of them makes no sense: a cell that lacks them passes it over.
    `around` says that pictures are made around the product's own picture; of each as many
    `candidates` are made, and one is chosen."""
    options = options or CopyOptions()
    cells, variants, copies = [], [], []
    pictures: dict[str, PictureJob] = {}
    posters = []
    for views, product_index, segment_index in _cells(brief):
        cells.append(views)
        layouts = _layouts(brief, views, families, needs or {})
        copy_job, arms = _variants(
            brief, views, layouts, ids, seed, product_index, segment_index, options
        )
        copies.append(copy_job)
        variants.extend(arms)
        for variant in arms:
            for placement in placements_of(brief, views.channel):
                shape = brief.product_shapes.get(variant.cell.product)
                picture = _picture(variant.art_direction, placement, shape, ids, seed)
                if around:
                    picture = _around_product(picture, brief, variant.cell.product)
                if candidates > 1:
                    picture = _of_several(picture, candidates)
                pictures.setdefault(picture.key, picture)
                posters.append(_poster(brief, variant, placement, picture, ids))
    return Plan(
        tuple(cells), tuple(variants), tuple(copies), tuple(pictures.values()), tuple(posters)
    )


def _layouts(
    brief: Brief, views: CellViews, families: Sequence[str], needs: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """The campaign's layouts, else all, that have what they need in this cell; where none of the
    campaign's has, any that does."""
    locale, default = views.cell.locale, brief.campaign.locales[0]
    notes = resolve_list(brief.brand.disclosures, locale, brief.brand.locale or default)
    always = brief.campaign.label.policy == "always"
    roles = poster_roles(views.product, views.channel, locale, notes, labelled=always)
    wanted = tuple(brief.campaign.layouts) or tuple(families)
    return fitting(wanted, needs, roles) or fitting(families, needs, roles) or wanted


def placements_of(brief: Brief, channel: Channel) -> list[Placement]:
    """The placements that the campaign asks for on a channel, else the channel's defaults."""
    wanted = brief.campaign.placements.get(channel.id) or channel.default_placements
    return [p for p in channel.placements if not wanted or p.id in wanted]


def select(whole: Plan, *, shard: tuple[int, int] | None = None, only: str = "") -> Plan:
    """The part of a plan in shard i of n (1-based), or whose cell or variant id matches a glob.

    Shards are cut by a hash of the cell id, so adding a cell never moves the others."""

    def wanted(cell: Cell, variant: str = "") -> bool:
        if (
            shard
            and int(hashlib.sha256(cell.id.encode()).hexdigest(), 16) % shard[1] != shard[0] - 1
        ):
            return False
        names = (cell.id, variant, cell.product, cell.segment, cell.channel, cell.locale)
        return not only or any(fnmatch.fnmatchcase(name, only) for name in names if name)

    variants = tuple(v for v in whole.variants if wanted(v.cell, v.id))
    kept = {v.id for v in variants} | {v.shares_copy_of for v in variants}
    copies = []
    for job in whole.copies:
        keys = {name: k for name, k in job.keys.items() if name in kept}
        if keys:
            asks = tuple(ask for ask in job.request.variants if ask.id in keys)
            copies.append(CopyJob(replace(job.request, variants=asks), keys, job.edits))
    posters = tuple(p for p in whole.posters if p.variant.id in kept and p.variant in variants)
    needed = {p.picture_key for p in posters}
    pictures = tuple(p for p in whole.pictures if p.key in needed)
    cells = tuple(c for c in whole.cells if any(v.cell.id == c.cell.id for v in variants))
    return Plan(cells, variants, tuple(copies), pictures, posters)


def _cells(brief: Brief) -> list[tuple[CellViews, int, int]]:
    found = []
    for product_index, product in enumerate(brief.products):
        for segment_index, segment in enumerate(brief.segments or (EVERYONE,)):
            for channel in brief.channels:
                for locale in brief.campaign.locales:
                    views = _views(brief, product, segment, channel, locale)
                    found.append((views, product_index, segment_index))
    return found


def _views(
    brief: Brief, product: Product, segment: Segment, channel: Channel, locale: str
) -> CellViews:
    slug = channel.id.replace(".", "-")
    name = f"{product.id}--{segment.id}--{slug}--{locale.lower()}"
    cell = Cell(name, product.id, segment.id, channel.id, locale)
    default = brief.campaign.locales[0]
    return CellViews(
        cell,
        product_view(product, locale, default),
        segment_view(segment, locale, default),
        brand_view(brief.brand, brief.campaign, locale, default),
        channel,
    )


def _variants(
    brief: Brief,
    views: CellViews,
    layouts: Sequence[str],
    ids: BackendIds,
    seed: int,
    product_index: int,
    segment_index: int,
    options: CopyOptions,
) -> tuple[CopyJob, list[Variant]]:
    factor = brief.campaign.experiment.factor
    count = brief.campaign.variants
    letters = ascii_lowercase[:count]
    varies = {name: factor in (name, "creative") for name in ("copy", "picture", "layout")}
    angles = _angles(views, segment_index, options)
    asks = tuple(
        VariantAsk(f"{views.cell.id}--{letter}", angles[i % len(angles)])
        for i, letter in enumerate(letters if varies["copy"] else "a")
    )
    copy_job = _copy_job(brief, views, asks, angles, ids.copy, seed, options)
    keys = copy_job.keys
    weights = weights_bp(brief.campaign.experiment.weights, count)
    arms = []
    for i, letter in enumerate(letters):
        ask = asks[i] if varies["copy"] else asks[0]
        picture_index = product_index + segment_index + (i if varies["picture"] else 0)
        layout_index = (segment_index + (i if varies["layout"] else product_index)) % len(layouts)
        name = f"{views.cell.id}--{letter}"
        arms.append(
            Variant(
                id=name,
                cell=views.cell,
                letter=letter,
                angle=ask.angle,
                art_direction=_art_direction(brief, views, picture_index),
                layout=layouts[layout_index],
                weight_bp=weights[i],
                copy_key=keys[ask.id],
                shares_copy_of=ask.id if ask.id != name else "",
            )
        )
    return copy_job, arms


def _copy_job(
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


def _angles(views: CellViews, segment_index: int, options: CopyOptions) -> tuple[str, ...]:
    """Angles that this product can honestly be sold on. Segments start at different ones."""
    usable = angles_for(views.product, options.by_model)
    start = segment_index % 2
    return usable[start:] + usable[:start]


def _art_direction(brief: Brief, views: CellViews, index: int) -> ArtDirection:
    imagery, colours = brief.brand.imagery, brief.brand.palette
    scenes = tuple(imagery.scenes) or DEFAULT_SCENES
    second = colours.secondary or colours.primary
    schemes = (
        {"wall": colours.background, "podium": second, "accent": colours.accent},
        {"wall": colours.primary, "podium": colours.background, "accent": colours.accent},
        {"wall": second, "podium": colours.background, "accent": colours.primary},
    )
    return ArtDirection(
        scene=scenes[index % len(scenes)],
        subject=_subject(brief, views.product.id),
        palette=schemes[index % len(schemes)],
        light=imagery.light,
        mood=imagery.mood,
    )


def _subject(brief: Brief, product_id: str) -> str:
    """What is shown, in the campaign's first locale: posters of all locales share a picture."""
    product = next(p for p in brief.products if p.id == product_id)
    view = product_view(product, brief.campaign.locales[0], brief.campaign.locales[0])
    return view.category or view.name


def _picture(
    art: ArtDirection,
    placement: Placement,
    product: ProductShape | None,
    ids: BackendIds,
    seed: int,
) -> PictureJob:
    # One creative keeps its scene, light and colours in every size: size has no part in the seed.
    look = seed_of(key("picture", look=art, product=product, seed=seed))
    art = replace(art, copy_space=copy_space(placement))
    width, height = picture_size(placement)
    name = key(
        "picture",
        art_direction=art,
        product=product,
        backend=ids.image,
        seed=seed,
        width=width,
        height=height,
    )
    return PictureJob(PictureRequest(name, look, width, height, art, product))


def _around_product(picture: PictureJob, brief: Brief, product: str) -> PictureJob:
    """The job with the product's picture, whose content is then part of its key."""
    image = brief.product_images.get(product)
    if image is None:
        return picture
    digest = brief.digests.get(f"image:{product}", "")
    name = key("picture", picture=picture.key, product_image=digest)
    request = replace(picture.request, key=name, seed=seed_of(name), product_image=image)
    return PictureJob(request)


def _of_several(picture: PictureJob, candidates: int) -> PictureJob:
    """The job as a choice among candidates: how many, and by which selector, is in its key."""
    name = key("picture", picture=picture.key, candidates=candidates, selector=SELECTOR)
    return PictureJob(replace(picture.request, key=name), candidates)


def _poster(
    brief: Brief, variant: Variant, placement: Placement, picture: PictureJob, ids: BackendIds
) -> PosterJob:
    image = brief.product_images.get(variant.cell.product)
    campaign = brief.campaign
    name = key(
        "poster",
        variant=variant.id,
        copy=variant.copy_key,
        picture=picture.key,
        layout=variant.layout,
        placement=placement,
        brand=brief.brand,
        brand_files=sorted(d for n, d in brief.digests.items() if n.startswith("brand:")),
        product_image=brief.digests.get(f"image:{variant.cell.product}", ""),
        cutout=cutout.VERSION if image else "",
        label=campaign.label,
        backends=(ids.layout, ids.score, ids.watermark, ids.signer),
    )
    return PosterJob(name, variant, placement, picture.key, image)
