"""Which text serves a locale, what is missing, and how a price is written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contentfab.records.inputs import Price, Product
from contentfab.rules.locales import (
    format_price,
    language,
    missing_fields,
    resolve,
    resolve_list,
    resolve_price,
)


@pytest.mark.parametrize(
    ("value", "locale", "text"),
    [
        ("plain", "en-US", "plain"),
        ("plain", "en-GB", "plain"),
        ("plain", "de-DE", None),
        (None, "en-US", None),
        ({"en": "any", "en-US": "exact"}, "en-US", "exact"),
        ({"en": "any"}, "en-US", "any"),
        ({"en-GB": "british"}, "en-US", "british"),
        ({"zh-TW": "繁體"}, "zh-CN", None),
        ({"zh-CN": "简体"}, "zh-TW", None),
        ({"zh-TW": "繁體"}, "zh-HK", "繁體"),
        ({"zh": "简体"}, "zh-CN", "简体"),
        ({"zh": "简体"}, "zh-TW", None),
        ({"zh-Hant": "繁體"}, "zh-TW", "繁體"),
    ],
)
def test_the_right_text_or_none(value, locale: str, text: str | None) -> None:
    assert resolve(value, locale, "en-US") == text


def test_names_serve_every_locale() -> None:
    assert resolve("Kaldo", "ja-JP", "en-US", any_locale=True) == "Kaldo"
    names = {"zh-CN": "卡朵", "en": "Kaldo"}
    assert resolve(names, "de-DE", "en-US", any_locale=True) == "Kaldo"


def test_lists_leave_out_what_is_not_there() -> None:
    values = [{"en-US": "one", "de-DE": "eins"}, {"en-US": "two"}]
    assert resolve_list(values, "de-DE", "en-US") == ("eins",)
    assert resolve_list({"de": ["eins", "zwei"]}, "de-AT", "en-US") == ("eins", "zwei")
    assert resolve_list({"de": ["eins"]}, "fr-FR", "en-US") == ()


def test_script_counts_as_language() -> None:
    assert [language(x) for x in ("zh-CN", "zh-Hant", "zh-HK", "en-GB", "zh-Hans-TW")] == [
        "zh-Hans", "zh-Hant", "zh-Hant", "en", "zh-Hans",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        ("18", "USD", "en-US", "$18"),
        ("18.5", "USD", "en-US", "$18.50"),
        ("1234.5", "GBP", "en-GB", "£1,234.50"),
        ("18", "EUR", "de-DE", "18,00\u00a0€"),
        ("1234.5", "EUR", "de-DE", "1.234,50\u00a0€"),
        ("1234.5", "EUR", "fr-FR", "1\u202f234,50\u00a0€"),
        ("1234.5", "EUR", "es-ES", "1234,50\u00a0€"),
        ("12345", "EUR", "es-ES", "12.345,00\u00a0€"),
        ("128", "CNY", "zh-CN", "¥128"),
        ("128", "CNY", "en-US", "CN¥128"),
        ("1280", "JPY", "ja-JP", "¥1,280"),
        ("1280", "JPY", "zh-CN", "JP¥1,280"),
        ("89.9", "BRL", "pt-BR", "R$\u00a089,90"),
        ("15000", "KRW", "ko-KR", "₩15,000"),
        ("20", "AUD", "en-AU", "$20"),
        ("20", "AUD", "en-US", "A$20"),
        ("20", "CHF", "de-CH", "CHF\u00a020.00"),
        ("20", "CHF", "en-US", "CHF\u00a020"),
        ("68", "SAR", "ar-SA", "68\u00a0ر.س"),
        ("68", "SAR", "en-US", "SAR\u00a068"),
    ],
)
def test_prices(amount: str, currency: str, locale: str, written: str) -> None:
    assert format_price(Price(amount=Decimal(amount), currency=currency), locale) == written


def test_a_price_is_for_its_country() -> None:
    euro = Price(amount=Decimal(18), currency="EUR")
    assert resolve_price({"de-DE": euro}, "de-CH") is None
    assert resolve_price({"de": euro}, "de-CH") == euro
    assert resolve_price(euro, "ja-JP") == euro


def test_missing_fields_are_named() -> None:
    product = Product.model_validate(
        {
            "id": "tide",
            "name": "Slow Tide",
            "description": "Plain text in the default locale.",
            "category": {"en": "Coffee", "de": "Kaffee"},
            "selling_points": [{"en": "One", "de": "Eins"}, {"en": "Two"}],
            "approved_claims": {"en": ["Claim"]},
            "facts": {"origin": {"en": "Huila"}, "volume": "250 ml"},
            "price": {"en-US": {"amount": "18", "currency": "USD"}},
        }
    )
    assert missing_fields(product, "en-US", "en-US") == []
    assert missing_fields(product, "de-DE", "en-US") == [
        "description", "selling_points[1]", "approved_claims", "facts.origin", "price",
    ]  # fmt: skip
