"""Products, segments and brands as they are in one locale. Pure; knows no channel."""

from __future__ import annotations

import re
from collections.abc import Mapping

from contentfab.records.base import LocalText
from contentfab.records.brand import Brand
from contentfab.records.brief import BrandView, ProductView, SegmentView
from contentfab.records.inputs import Campaign, Product, Segment
from contentfab.rules.locales import best_key, format_price, resolve, resolve_list, resolve_price

# Four letters in a row, or one Han, kana or hangul character, make a word of some language.
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def product_view(product: Product, locale: str, default: str) -> ProductView:
    """The product in `locale`; `default` is the locale of plain text that names none."""
    own = product.locale or default
    price = resolve_price(product.price, locale)
    facts = {name: _fact(value, locale, own) for name, value in product.facts.items()}
    return ProductView(
        id=product.id,
        name=resolve(product.name, locale, own, any_locale=True) or product.id,
        category=resolve(product.category, locale, own) or "",
        description=resolve(product.description, locale, own) or "",
        selling_points=tuple(resolve_list(product.selling_points, locale, own)),
        facts={name: value for name, value in facts.items() if value},
        price=format_price(price, locale) if price else "",
        claims=tuple(resolve_list(product.approved_claims, locale, own)),
        disclaimers=tuple(resolve_list(product.disclaimers, locale, own)),
        url=product.url or "",
    )


def segment_view(segment: Segment, locale: str, default: str) -> SegmentView:
    """The segment in `locale`; text that is missing there is left out, never borrowed."""
    own = segment.locale or default
    return SegmentView(
        id=segment.id,
        name=resolve(segment.name, locale, own, any_locale=True) or segment.id,
        description=resolve(segment.description, locale, own) or "",
        needs=tuple(resolve_list(segment.needs, locale, own)),
        tone=segment.tone,
    )


def brand_view(brand: Brand, campaign: Campaign, locale: str, default: str) -> BrandView:
    """The brand's words in `locale`; the campaign's calls to action win over the brand's."""
    own = brand.locale or default
    cta = resolve_list(campaign.cta, locale, default) or resolve_list(brand.cta, locale, own)
    return BrandView(
        id=brand.id,
        name=resolve(brand.name, locale, own, any_locale=True) or brand.id,
        tagline=resolve(brand.tagline, locale, own) or "",
        tone=brand.voice.tone,
        voice=resolve(brand.voice.description, locale, own) or "",
        banned=tuple(resolve_list(brand.words.banned, locale, own)),
        required=tuple(resolve_list(brand.words.required, locale, own)),
        spelling=brand.words.spelling,
        cta=tuple(cta),
        terms=_terms(brand.words.terms, locale),
    )


def _terms(
    terms: Mapping[str, Mapping[str, str | list[str]]], locale: str
) -> dict[str, tuple[str, ...]]:
    """Our words for things in `locale`, each with the words that we do not use for them."""
    chosen = terms.get(best_key(terms, locale) or "", {})
    return {
        ours: (theirs,) if isinstance(theirs, str) else tuple(theirs)
        for ours, theirs in chosen.items()
    }


def _fact(value: LocalText | int | float | bool, locale: str, own: str) -> str:
    """A fact in words. `250 g` and `pH 5.5` are the same in every language, `Huila` is not."""
    if isinstance(value, str | dict):
        neutral = isinstance(value, str) and not _WORD.search(value)
        return resolve(value, locale, own, any_locale=neutral) or ""
    return str(value)
