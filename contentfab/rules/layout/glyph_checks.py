"""Characters of a campaign's own texts that the brand's fonts cannot set, found before anything is
generated. Which characters those are the caller knows; this module knows which texts posters show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from contentfab.errors import Problem
from contentfab.records.brand import Brand
from contentfab.records.inputs import Product
from contentfab.rules.files.located import Located
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.safe_files import shorten
from contentfab.rules.locales import resolve, resolve_list
from contentfab.rules.views import product_view

Lacking = Callable[[Brand, Path, str, str, str], list[str]]
"""Characters, as a message shows them, that no font has: of a brand in a folder, in a locale, for
a role on the poster, in a text."""


def check_glyphs(
    campaign: Located,
    brand: Brand,
    folder: Path,
    products: Sequence[tuple[Product, Located]],
    locales: Sequence[str],
    lacking: Lacking,
) -> Iterator[Problem]:
    """Products' names, prices and disclaimers, the brand's name and notes, in every locale."""
    for locale in locales:
        for path, entry, role, text in _texts(campaign, brand, products, locale, locales[0]):
            found = lacking(brand, folder, locale, role, text)
            if found:
                message = f"no font of the brand has {', '.join(found)} in '{shorten(text)}'"
                hint = (
                    "change the text, or name a font that has it in the brand guide: "
                    f"`fonts: {{by_language: {{{locale}: …}}}}`"
                )
                yield entry.problem(path, "brief.missing-glyph", message, hint)


def _texts(
    campaign: Located,
    brand: Brand,
    products: Sequence[tuple[Product, Located]],
    locale: str,
    default: str,
) -> Iterator[tuple[FieldPath, Located, str, str]]:
    own = brand.locale or default
    if brand.logo is None:
        name = resolve(brand.name, locale, own, any_locale=True) or ""
        yield ("brand",), campaign, "wordmark", name
    for note in resolve_list(brand.disclosures, locale, own):
        yield ("brand",), campaign, "disclaimer", note
    for product, entry in products:
        view = product_view(product, locale, default)
        yield ("name",), entry, "headline", view.name
        yield ("price",), entry, "price", view.price
        for note in view.disclaimers:
            yield ("disclaimers",), entry, "disclaimer", note
