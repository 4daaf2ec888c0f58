"""Art directions of a brand, and the picture job that one of them becomes at a placement."""

from __future__ import annotations

from dataclasses import replace

from contentfab.records.brief import ArtDirection, Brief
from contentfab.records.channel import Placement
from contentfab.records.pictures import PictureRequest, ProductShape
from contentfab.records.plan import CellViews, PictureJob
from contentfab.rules.keys import key, seed_of
from contentfab.rules.layout.placements import copy_space, picture_size
from contentfab.rules.scoring.selection import SELECTOR
from contentfab.rules.views import product_view

DEFAULT_SCENES = ("podium", "arch", "steps", "window light", "leaf shadow", "plinths")


def art_direction(brief: Brief, views: CellViews, index: int) -> ArtDirection:
    """The brand's art direction number `index`: scenes and colour schemes go round."""
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


def picture_job(
    brief: Brief,
    product: str,
    art: ArtDirection,
    placement: Placement,
    backend: str,
    seed: int,
    *,
    around: bool = False,
    candidates: int = 1,
) -> PictureJob:
    """The key visual of `art` for a placement, to be made around the product's own picture, or
    chosen among several candidates, where that is asked for. Posters that need the same get jobs
    with the same key."""
    picture = _picture(art, placement, brief.product_shapes.get(product), backend, seed)
    if around:
        picture = _around_product(picture, brief, product)
    return _of_several(picture, candidates) if candidates > 1 else picture


def _subject(brief: Brief, product_id: str) -> str:
    """What is shown, in the campaign's first locale: posters of all locales share a picture."""
    product = next(p for p in brief.products if p.id == product_id)
    view = product_view(product, brief.campaign.locales[0], brief.campaign.locales[0])
    return view.category or view.name


def _picture(
    art: ArtDirection, placement: Placement, product: ProductShape | None, backend: str, seed: int
) -> PictureJob:
    # One creative keeps its scene, light and colours in every size: size has no part in the seed.
    look = seed_of(key("picture", look=art, product=product, seed=seed))
    art = replace(art, copy_space=copy_space(placement))
    width, height = picture_size(placement)
    name = key(
        "picture",
        art_direction=art,
        product=product,
        backend=backend,
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
