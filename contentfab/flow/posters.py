"""From finished copy and a key visual to a poster task: what is written on it, and where from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contentfab.flow.steps import PosterTask
from contentfab.records.brief import Brief, Cell
from contentfab.records.pictures import PosterText
from contentfab.records.plan import PosterJob
from contentfab.rules.channels import disclosure
from contentfab.rules.keys import seed_of
from contentfab.rules.labels.words import corners, label_text, min_height_fraction
from contentfab.rules.layout.families import Family, find_families, own_folder, template_folders
from contentfab.rules.locales import resolve_list
from contentfab.rules.views import product_view
from contentfab.rules.wording.contract import poster_texts


def task(
    job: PosterJob,
    copy: Mapping[str, Any],
    picture: Mapping[str, Any],
    *,
    brief: Brief,
    folder: Path,
    created: str,
) -> PosterTask:
    """The task for one poster. `copy` and `picture` are the ledger results it is made from."""
    uses_ai = bool(copy["uses_ai"] or picture["provenance"]["uses_ai"])
    return PosterTask(
        key=job.key,
        variant=job.variant,
        placement=job.placement,
        text=written(job.variant.cell, copy["asset"]["fields"], brief, uses_ai=uses_ai),
        picture_path=(folder / picture["path"]).absolute(),
        picture=picture,
        product_image=job.product_image,
        brand=brief.brand,
        brand_dir=brief.brand_dir.absolute(),
        seed=seed_of(job.key),
        uses_ai=uses_ai,
        alone=brief.campaign.variants == 1,
        producer=brief.campaign.label.producer,
        label_height=min_height_fraction(brief.campaign.label.jurisdictions),
        created=created,
        label_corners=corners(brief.campaign.label.jurisdictions),
        text_model=copy["asset"]["provenance"]["model"] if copy["uses_ai"] else "",
    )


def families(templates: Path | None = None, campaign: Path | None = None) -> tuple[Family, ...]:
    """The layout families on disk in their order: the shipped ones, those in `posters/` beside the
    campaign file, and those in a user's template folder. Raises InputError for a bad
    front-matter."""
    own = own_folder(campaign if campaign.is_dir() else campaign.parent) if campaign else None
    return find_families(template_folders(templates, own))


def written(
    cell: Cell, fields: Mapping[str, Any], brief: Brief, *, uses_ai: bool = True
) -> PosterText:
    """What stands on a cell's posters: its copy, and what product, brand, channel and law add."""
    locale, default = cell.locale, brief.campaign.locales[0]
    channel = next(c for c in brief.channels if c.id == cell.channel)
    product = next(p for p in brief.products if p.id == cell.product)
    view = product_view(product, locale, default)
    texts = poster_texts(fields, channel)
    label = brief.campaign.label
    person = label.depicts_synthetic_person
    marked = uses_ai or person or label.policy == "always"
    brand_notes = resolve_list(brief.brand.disclosures, locale, brief.brand.locale or default)
    return PosterText(
        headline=texts["headline"],
        subline=texts.get("subline", ""),
        cta=texts.get("cta", ""),
        price=view.price,
        disclaimer=" ".join((*view.disclaimers, *brand_notes)),
        label=label_text(locale, label.jurisdictions, person=person) if marked else "",
        ad=disclosure(channel, locale),
    )
