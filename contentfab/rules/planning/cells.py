"""Cells: product × segment × channel × locale, and which sizes and layouts each is shown in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from contentfab.records.brief import Brief, Cell
from contentfab.records.channel import Channel, Placement
from contentfab.records.inputs import Product, Segment
from contentfab.records.plan import CellViews
from contentfab.rules.layout.families import fitting, poster_roles
from contentfab.rules.locales import resolve_list
from contentfab.rules.views import brand_view, product_view, segment_view

EVERYONE = Segment(id="everyone")


@dataclass(frozen=True, slots=True)
class PlacedCell:
    """A cell, and the places of its product and its segment in the campaign, from 0: cells that
    differ in them begin with other angles, scenes and layouts."""

    views: CellViews
    product: int
    segment: int


def cells_of(brief: Brief) -> list[PlacedCell]:
    """All cells in the campaign's order. A campaign without segments speaks to everyone."""
    return [
        PlacedCell(_views(brief, product, segment, channel, locale), at_product, at_segment)
        for at_product, product in enumerate(brief.products)
        for at_segment, segment in enumerate(brief.segments or (EVERYONE,))
        for channel in brief.channels
        for locale in brief.campaign.locales
    ]


def placements_of(brief: Brief, channel: Channel) -> list[Placement]:
    """The placements that the campaign asks for on a channel, else the channel's defaults."""
    wanted = brief.campaign.placements.get(channel.id) or channel.default_placements
    return [p for p in channel.placements if not wanted or p.id in wanted]


def layouts_of(
    brief: Brief, views: CellViews, families: Sequence[str], needs: Mapping[str, Collection[str]]
) -> tuple[str, ...]:
    """The campaign's layouts, else all `families`, that have the texts which they need in this
    cell; where none of the campaign's has, any that does."""
    locale, default = views.cell.locale, brief.campaign.locales[0]
    notes = resolve_list(brief.brand.disclosures, locale, brief.brand.locale or default)
    always = brief.campaign.label.policy == "always"
    roles = poster_roles(views.product, views.channel, locale, notes, labelled=always)
    wanted = tuple(brief.campaign.layouts) or tuple(families)
    return fitting(wanted, needs, roles) or fitting(families, needs, roles) or wanted


def _views(
    brief: Brief, product: Product, segment: Segment, channel: Channel, locale: str
) -> CellViews:
    slug = channel.id.replace(".", "-")
    name = f"{product.id}--{segment.id}--{slug}--{locale.lower()}"
    default = brief.campaign.locales[0]
    return CellViews(
        Cell(name, product.id, segment.id, channel.id, locale),
        product_view(product, locale, default),
        segment_view(segment, locale, default),
        brand_view(brief.brand, brief.campaign, locale, default),
        channel,
    )
