"""The poster job of a variant at one placement, with all that its bytes depend on in its key."""

from __future__ import annotations

from contentfab.records.brief import Brief, Variant
from contentfab.records.channel import Placement
from contentfab.records.plan import BackendIds, PictureJob, PosterJob
from contentfab.rules.keys import key
from contentfab.rules.product import cutout


def poster_job(
    brief: Brief, variant: Variant, placement: Placement, picture: PictureJob, ids: BackendIds
) -> PosterJob:
    """One poster: it waits for the variant's copy and for its picture."""
    image = brief.product_images.get(variant.cell.product)
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
        label=brief.campaign.label,
        backends=(ids.layout, ids.score, ids.watermark, ids.signer),
    )
    return PosterJob(name, variant, placement, picture.key, image)
