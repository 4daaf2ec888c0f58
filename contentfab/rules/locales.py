"""Text per locale: which one to take, what is missing, how a price is written.

A locale is served by its own text, else by the same language and script (`en` for `en-US`).
Simplified and Traditional Chinese never stand in for each other. Nothing is ever translated.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from contentfab.records.base import LocalList, LocalText
from contentfab.records.inputs import Price, Product

_HANT_REGIONS = {"TW", "HK", "MO"}


def language(locale: str) -> str:
    """Language with script where it matters: `en`, `de`, `zh-Hans`, `zh-Hant`."""
    parts = locale.split("-")
    if parts[0] != "zh":
        return parts[0]
    traditional = "Hant" in parts or ("Hans" not in parts and bool(_HANT_REGIONS & set(parts)))
    return "zh-Hant" if traditional else "zh-Hans"


def resolve(
    value: LocalText | None, locale: str, default_locale: str, any_locale: bool = False
) -> str | None:
    """The text for `locale`, or None when there is none.

    Plain text is in `default_locale`. With `any_locale`, meant for names, plain text serves every
    locale, and a mapping without the language falls back to the default locale's, then its first.
    """
    if value is None:
        return None
    if isinstance(value, str):
        serves = any_locale or language(default_locale) == language(locale)
        return value if serves else None
    key = best_key(value, locale)
    if key is None and any_locale and value:
        key = best_key(value, default_locale) or next(iter(value))
    return value[key] if key is not None else None


def resolve_list(
    values: LocalList, locale: str, default_locale: str, any_locale: bool = False
) -> tuple[str, ...]:
    """The texts for `locale`; entries without one are left out (`missing_fields` names them)."""
    if isinstance(values, dict):
        key = best_key(values, locale)
        return tuple(values[key]) if key is not None else ()
    found = (resolve(value, locale, default_locale, any_locale) for value in values)
    return tuple(text for text in found if text)


def resolve_price(value: Price | Mapping[str, Price] | None, locale: str) -> Price | None:
    """The price for `locale`. A mapping serves the exact locale or the bare language only: the
    price of de-DE is none for de-CH."""
    if value is None or isinstance(value, Price):
        return value
    return value.get(locale) or value.get(locale.split("-")[0])


def missing_fields(product: Product, locale: str, default_locale: str) -> list[str]:
    """Fields that the product has in some locale but not in this one, such as `description` or
    `selling_points[2]`. A product's own `locale` is the one of its plain text."""
    default = product.locale or default_locale
    missing = [
        name
        for name in ("category", "description")
        if getattr(product, name) is not None
        and resolve(getattr(product, name), locale, default) is None
    ]
    if resolve(product.name, locale, default, any_locale=True) is None:
        missing.insert(0, "name")
    for name in ("selling_points", "approved_claims", "disclaimers"):
        missing += _missing_entries(name, getattr(product, name), locale, default)
    missing += [
        f"facts.{key}"
        for key, value in product.facts.items()
        if isinstance(value, dict) and resolve(value, locale, default) is None
    ]
    if isinstance(product.price, dict) and resolve_price(product.price, locale) is None:
        missing.append("price")
    return missing


class _Style(NamedTuple):
    """How a locale writes money: `pattern` places amount and symbol."""

    group: str
    decimal: str
    pattern: str


_NBSP, _NARROW = "\u00a0", "\u202f"
_POINT = _Style(",", ".", "{symbol}{amount}")
_COMMA_AFTER = _Style(".", ",", f"{{amount}}{_NBSP}{{symbol}}")
_SPACE_AFTER = _Style(_NBSP, ",", f"{{amount}}{_NBSP}{{symbol}}")
_STYLES: dict[str, _Style] = {
    "en": _POINT,
    "zh": _POINT,
    "ja": _POINT,
    "ko": _POINT,
    "th": _POINT,
    "he": _Style(",", ".", f"{{amount}}{_NBSP}{{symbol}}"),
    "ar": _Style(",", ".", f"{{amount}}{_NBSP}{{symbol}}"),
    "de": _COMMA_AFTER,
    "es": _COMMA_AFTER,
    "it": _COMMA_AFTER,
    "da": _COMMA_AFTER,
    "el": _COMMA_AFTER,
    "id": _Style(".", ",", f"{{symbol}}{_NBSP}{{amount}}"),
    "nl": _Style(".", ",", f"{{symbol}}{_NBSP}{{amount}}"),
    "tr": _Style(".", ",", "{symbol}{amount}"),
    "pt": _SPACE_AFTER,
    "pt-BR": _Style(".", ",", f"{{symbol}}{_NBSP}{{amount}}"),
    "fr": _Style(_NARROW, ",", f"{{amount}}{_NBSP}{{symbol}}"),
    "pl": _SPACE_AFTER,
    "cs": _SPACE_AFTER,
    "ru": _SPACE_AFTER,
    "uk": _SPACE_AFTER,
    "sv": _SPACE_AFTER,
    "nb": _SPACE_AFTER,
    "fi": _SPACE_AFTER,
    "de-CH": _Style("’", ".", f"{{symbol}}{_NBSP}{{amount}}"),
    "es-MX": _POINT,
    "es-US": _POINT,
}
_SYMBOLS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "KRW": "₩", "INR": "₹",
    "BRL": "R$", "TWD": "NT$", "HKD": "HK$", "AUD": "A$", "CAD": "CA$", "NZD": "NZ$",
    "SGD": "S$", "MXN": "MX$", "PLN": "zł", "CZK": "Kč", "SEK": "kr", "NOK": "kr", "DKK": "kr",
    "TRY": "₺", "ILS": "₪", "THB": "฿", "RUB": "₽", "UAH": "₴",
}  # fmt: skip
# A dollar is just "$" at home; elsewhere it keeps its country.
_AT_HOME = {"AU": "AUD", "CA": "CAD", "NZ": "NZD", "SG": "SGD", "MX": "MXN", "HK": "HKD",
            "TW": "TWD"}  # fmt: skip
# Readers of Arabic know their currencies by these; in other languages they go by their codes.
_ARABIC = {"SAR": "ر.س", "AED": "د.إ", "EGP": "ج.م", "QAR": "ر.ق", "KWD": "د.ك", "MAD": "د.م"}
# ¥ is the yen, but the yuan among readers of Chinese; the other of the two names its country.
_OTHER_YEN = {"zh": "JPY"}
_NO_CENTS = {"JPY", "KRW", "VND", "CLP", "ISK"}
# Where prices keep their cents even when round: 18,00 € but $18.
_GROUPS_LATE = {"es", "pl"}  # 1234,50 but 12.345,50
_KEEPS_CENTS = {"de", "es", "fr", "it", "pt", "nl", "pl", "da", "fi", "el"}


def format_price(price: Price, locale: str) -> str:
    """The price as people of `locale` write it: `$18`, `18,00 €`, `¥128`, `R$ 89,90`.

    Cents are dropped when they are zero where that is the custom. A currency without a known
    symbol is written by its code, before or after the amount as the locale has it.
    """
    tongue = locale.split("-")[0]
    style = _STYLES.get(locale) or _STYLES.get(tongue) or _POINT
    region = locale.split("-")[-1]
    symbol = _SYMBOLS.get(price.currency, price.currency)
    if _AT_HOME.get(region) == price.currency:
        symbol = "$"
    if tongue == "ar":
        symbol = _ARABIC.get(price.currency, symbol)
    if price.currency == _OTHER_YEN.get(tongue, "CNY"):
        symbol = ("JP" if tongue == "zh" else "CN") + symbol
    pattern = style.pattern
    if symbol.isalpha() and pattern == "{symbol}{amount}":
        pattern = f"{{symbol}}{_NBSP}{{amount}}"
    return pattern.format(amount=_amount(price, style, tongue), symbol=symbol)


def _amount(price: Price, style: _Style, tongue: str) -> str:
    if price.currency in _NO_CENTS:
        places = 0
    else:
        round_amount = price.amount == price.amount.to_integral_value()
        places = 0 if round_amount and tongue not in _KEEPS_CENTS else 2
    whole, _, cents = f"{price.amount.quantize(Decimal(1).scaleb(-places)):,f}".partition(".")
    group = "" if tongue in _GROUPS_LATE and len(whole) <= len("9,999") else style.group
    return whole.replace(",", group) + (style.decimal + cents if cents else "")


def best_key(values: Mapping[str, object], locale: str) -> str | None:
    """The key that serves `locale`: the locale itself, else its language (with script), else
    another region of that language; None when there is none."""
    if locale in values:
        return locale
    wanted = language(locale)
    if wanted in values:
        return wanted
    bare = locale.split("-")[0]
    if bare in values and language(bare) == wanted:
        return bare
    return next((key for key in values if language(key) == wanted), None)


def _missing_entries(name: str, values: LocalList, locale: str, default: str) -> list[str]:
    if isinstance(values, dict):
        return [name] if values and best_key(values, locale) is None else []
    lost = [i for i, value in enumerate(values) if resolve(value, locale, default) is None]
    if lost and len(lost) == len(values):
        return [name]
    return [f"{name}[{i}]" for i in lost]
