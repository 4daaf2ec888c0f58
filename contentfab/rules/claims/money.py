"""Amounts of money: symbols, codes and words of currencies around a number. Knows no prices."""

from __future__ import annotations

from dataclasses import replace

import regex

from contentfab.rules.claims.quantity import Quantity
from contentfab.rules.claims.vocabulary import Words

_CURRENCIES = (
    ("USD", r"us\$|usd|us-dollar"), ("CAD", r"ca\$|cad"), ("AUD", r"a\$|aud"),
    ("TWD", r"nt\$|twd|新台币|新臺幣"), ("HKD", r"hk\$|hkd|港币|港元"),
    ("BRL", r"r\$|brl|reais|real"),
    ("MXN", r"mx\$|mxn|pesos?"), ("JPY", r"jp¥|jpy|日元|円|yen"),
    ("CNY", r"cn¥|cny|rmb|人民币|yuan"),
    ("EUR", r"€|eur(?:os?)?|欧元|ユーロ|유로|يورو"), ("GBP", r"£|gbp|英镑|pounds sterling|ポンド"),
    ("USD", r"美元|美金|달러|ドル|دولار"), ("KRW", r"₩|krw|원"), ("INR", r"₹|inr|rupees"),
    ("CHF", r"chf|franken|fr\."), ("AED", r"aed|درهم"), ("SAR", r"sar|ريال"),
    ("TWD JPY CNY", r"元|圆"), ("CNY", r"块钱?"), ("JPY CNY", r"¥"),
    ("USD CAD AUD TWD HKD MXN NZD SGD", r"\$|dollars?|dólares|bucks"),
)  # fmt: skip
_LATIN_END = r"(?!\p{Latin})"
_MONEY = regex.compile(
    "|".join(f"(?P<c{i}>(?:{pattern}){_LATIN_END})" for i, (_, pattern) in enumerate(_CURRENCIES))
)
_MONEY_BEFORE = regex.compile(
    "(?:"
    + "|".join(f"(?P<c{i}>{pattern})" for i, (_, pattern) in enumerate(_CURRENCIES))
    + r")\s?$"
)
_CENTS = regex.compile(r"\s?(?:¢|cents?|céntimos?|centimes|centavos)(?!\p{Latin})")


def money(text: str, base: Quantity, words: Words) -> Quantity | None:
    """`base` as a price, when a currency stands before or after it."""
    before = _MONEY_BEFORE.search(text[max(0, base.start - 5) : base.start])
    cents = _CENTS.match(text, base.end)
    if cents:
        values = tuple(value / 100 for value in base.values)
        both = frozenset({"USD", "EUR", "AUD", "CAD", "BRL", "MXN"})
        return replace(base, end=cents.end(), dimension="price", values=values, currencies=both)
    if before:
        names = _names(before, words)
        start = base.start - (before.end() - before.start())
        return replace(base, start=start, dimension="price", currencies=names)
    position = base.end + (text[base.end : base.end + 1] in (" ", "-"))
    after = _MONEY.match(text, position)
    if after is None:
        return None
    return replace(base, end=after.end(), dimension="price", currencies=_names(after, words))


def _names(hit: regex.Match[str], words: Words) -> frozenset[str]:
    group = next(name for name, value in hit.groupdict().items() if value)
    names = frozenset(_CURRENCIES[int(group[1:])][0].split())
    home = {"zh": "CNY", "ja": "JPY"}.get(words.language)
    return frozenset({home}) if home in names and hit[0].strip() in ("¥", "円") else names
