"""What a product, its brand and its campaign say: the evidence that claims are traced to.

Built once per product and locale and kept; every text is read by the same rules as copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import regex

from contentfab.records.brief import BrandView, ProductView
from contentfab.rules.claims.comparisons import Comparison
from contentfab.rules.claims.dates import Date
from contentfab.rules.claims.nouns import content
from contentfab.rules.claims.quantity import Quantity
from contentfab.rules.claims.reading import Reading, language_of, read, script_of
from contentfab.rules.claims.terms import Mention
from contentfab.rules.claims.vocabulary import unit_at, words

_TRUE, _FALSE = {"true", "yes", "ja", "sí", "oui", "是"}, {"false", "no", "nein", "non", "否"}


def _unit_of(label: str) -> str:
    """`battery hours: 40` is 40 hours."""
    for word in label.split():
        unit = unit_at(word, 0)
        if unit and unit[0] == len(word) and len(word) > 1:
            return word
    return ""


def _with_name(reading: Reading, label: str) -> Reading:
    """`caffeine: 180 mg` also says that there is caffeine."""
    named = [m for m in read(label, "en").mentions if m.kind == "ingredient"]
    return replace(reading, mentions=(*reading.mentions, *named))


@dataclass(frozen=True, slots=True)
class Source:
    """One text of the evidence: where it stands (`facts.volume`), what it claims, its words.

    `bare` is set for a fact that is only a number: what it counts is its name's word alone."""

    name: str
    written: str
    reading: Reading
    words: tuple[str, ...]
    bare: bool = False

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        return self.reading.quantities

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        return self.reading.comparisons

    @property
    def dates(self) -> tuple[Date, ...]:
        return self.reading.dates

    @property
    def mentions(self) -> tuple[Mention, ...]:
        return self.reading.mentions


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Everything that copy of one product in one locale may claim. Compared by identity, so that
    it can be the key of a cache; `Evidence.of` gives the same object for the same texts."""

    locale: str
    sources: tuple[Source, ...]
    names: tuple[str, ...]

    @staticmethod
    def of(
        product: ProductView,
        brand: BrandView | None = None,
        locale: str = "en-US",
        extra: Mapping[str, str] | None = None,
    ) -> Evidence:
        """The evidence of `product` in `locale`. `extra` are further texts by source, such as the
        campaign's end date under `campaign.ends`."""
        texts = tuple(_texts(product, brand)) + tuple((extra or {}).items())
        names = (product.name, brand.name if brand else "")
        return _built(locale, texts, tuple(name for name in names if name))


@lru_cache(maxsize=512)
def _built(locale: str, texts: tuple[tuple[str, str], ...], names: tuple[str, ...]) -> Evidence:
    sources = tuple(_source(name, text, locale) for name, text in texts if text)
    return Evidence(locale, sources, names)


def _texts(product: ProductView, brand: BrandView | None) -> Iterator[tuple[str, str]]:
    """Source and text, the firmest first: the first that supports a claim is recorded."""
    yield "price", product.price
    yield from ((f"facts.{key}", value) for key, value in product.facts.items())
    yield from ((f"approved_claims[{i}]", text) for i, text in enumerate(product.claims))
    yield from ((f"selling_points[{i}]", text) for i, text in enumerate(product.selling_points))
    yield "description", product.description
    yield "name", product.name
    yield "category", product.category
    yield from ((f"disclaimers[{i}]", text) for i, text in enumerate(product.disclaimers))
    if brand:
        yield "brand.name", brand.name
        yield "brand.tagline", brand.tagline
        yield from ((f"brand.required[{i}]", text) for i, text in enumerate(brand.required))
        yield from ((f"brand.cta[{i}]", text) for i, text in enumerate(brand.cta))


def _source(name: str, text: str, locale: str) -> Source:
    tongue = words(language_of(locale))
    part, _, key = name.partition(".")
    label = regex.sub(r"[_\W]+", " ", key).lower().strip() if part == "facts" else ""
    if text.lower() in _FALSE and label:
        text, label = "", ""
    elif text.lower() in _TRUE and label:
        text = label
    bare = bool(label) and not regex.search(r"[^\W\d_]{2}", text)
    said = f"{text} {_unit_of(label)} {label}" if bare else text
    reading = read(said, language_of(locale), script_of(locale), lenient=True)
    body = (*content(reading.text, tongue), *content(label, words("en")))
    if label and not bare and regex.search(r"[1-9]|[^\W\d_]{3}", text):
        reading = _with_name(reading, label)
    return Source(name, text, reading, body, bare)
