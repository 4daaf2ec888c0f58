"""The words in which wrong shapes are told to users: what was expected, what was found, the fix.

Pure text; knows patterns of `records/base.py` by their spelling so that each gets its own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import Any, Protocol

from contentfab.records import base
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.safe_files import shorten
from contentfab.rules.suggest import did_you_mean, slug


class Wrong(Protocol):
    """What this module needs to know of an error."""

    @property
    def path(self) -> FieldPath: ...
    @property
    def kind(self) -> str: ...
    @property
    def context(self) -> Mapping[str, Any]: ...
    @property
    def message(self) -> str: ...
    @property
    def key(self) -> bool: ...


EXAMPLES = {
    "id": "id: amber-serum",
    "brand": "brand: amberleaf",
    "products": "products: products.yaml",
    "channels": "channels: [meta.feed]",
    "locales": "locales: [en-US]",
    "palette": "palette: {primary: '#B5502B', background: '#F3E6D4', text: '#2B1D14', "
    "accent: '#6B7A4B'}",
    "amount": "amount: 18.00",
    "currency": "currency: USD",
    "file": "file: logo.png",
    "primary": "primary: '#B5502B'",
    "background": "background: '#F3E6D4'",
    "text": "text: '#2B1D14'",
    "accent": "accent: '#6B7A4B'",
}
KEYED = {
    "price": "price: {amount: 18.00, currency: USD}",
    "voice": "voice: {tone: warm}",
    "logo": "logo: {file: logo.png}",
    "facts": "facts: {volume: 30 ml}",
    "palette": EXAMPLES["palette"],
    "placements": "placements: {meta.feed: [4x5]}",
}
_BOUNDS = {
    "greater_than": ("gt", "must be more than"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"),
    "less_than_equal": ("le", "must be at most"),
}
_PLAIN = {
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "int_type": "a whole number",
    "float_type": "a number",
    "decimal_type": "a number",
    "bool_type": "true or false",
}


def found(value: Any) -> str:
    """What stands there, in a few words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {shorten(value)}"
    if isinstance(value, str):
        return f"the text '{shorten(value)}'"
    return "a list" if isinstance(value, list) else "keys with values"


def expected(kinds: Set[str], keys: Sequence[str]) -> str:
    """What should stand there; `kinds` are pydantic's, `keys` those of the record, if any."""
    words = [word for kind, word in _PLAIN.items() if kind in kinds]
    if {"int_type", "float_type"} <= kinds:
        words.remove("a whole number")
    if kinds & {"model_type", "model_attributes_type"}:
        words.append(f"the keys {', '.join(keys)}")
    if "dict_type" in kinds:
        per_locale = {"string_type": "text per locale", "list_type": "lists per locale"}
        first = next((p for k, p in per_locale.items() if k in kinds), "")
        words.append(first or ("one per locale" if words else "keys with values"))
    words = list(dict.fromkeys(words))
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else "".join(words)


def type_hint(name: str, words: str, value: Any) -> str:
    """The fix for a value of the wrong type; `words` say what was expected."""
    if value is None and "text" in words:
        return "in YAML a # starts a comment; put colours in quotes"
    if name in KEYED:
        return f"write `{KEYED[name]}`"
    if words.startswith("text") and not isinstance(value, dict | list):
        return "put it in quotes"
    if isinstance(value, str) and "number" in words:
        return "write it without quotes, digits only"
    if words.startswith("a list"):
        return f"write `{name}: [first, second]`"
    return f"write {words}"


def wording(wrong: Wrong, value: Any, keys: Sequence[str]) -> tuple[str, str, str]:
    """(rule, message, hint) of an error that is not about a type. `keys` are those allowed
    beside the field."""
    name = str(wrong.path[-1]) if wrong.path else ""
    shown = shorten(name)
    if wrong.kind == "missing":
        example = EXAMPLES.get(name, f"{shown}: …")
        if name == "name" and "channels" in keys:  # a campaign's name is an id, others are text
            example = "name: spring-launch"
        return "brief.missing", f"'{shown}' is missing", f"add `{example}`"
    if wrong.kind == "extra_forbidden":
        return "brief.unknown-key", f"unknown key '{shown}'", did_you_mean(name, keys)
    if wrong.kind == "string_pattern_mismatch":
        return _pattern(str(wrong.context.get("pattern")), name if wrong.key else str(value), name)
    if wrong.kind == "literal_error":
        valid = re.findall(r"'([^']*)'", str(wrong.context.get("expected")))
        text = value if isinstance(value, str) else ""
        return "brief.unknown-name", f"{found(value)} is none of these", did_you_mean(text, valid)
    if wrong.kind in _BOUNDS:
        key, words = _BOUNDS[wrong.kind]
        limit = f"{words} {wrong.context.get(key)}"
        return "brief.out-of-range", f"{limit}, found {found(value)}", "change the number"
    if wrong.kind == "too_short":
        return "brief.empty", "the list is empty", f"add `{EXAMPLES.get(name, 'an entry')}`"
    if wrong.kind == "decimal_parsing":
        return "brief.wrong-type", f"expected a number, found {found(value)}", "write 18.00"
    return "brief.invalid", f"{wrong.message.lower()}, found {found(value)}", "mend the value"


def _pattern(pattern: str, text: str, field: str) -> tuple[str, str, str]:
    shown = f"'{shorten(text)}'"
    if pattern == _pattern_of(base.Slug):
        fix = slug(text) or f"{slug(field) or 'item'}-1"
        rule = "small letters a–z, digits and hyphens, at most 64"
        return "brief.no-slug", f"{shown} is no id ({rule})", f"write '{fix}'"
    if pattern == _pattern_of(base.Locale):
        fix = locale_like(text)
        hint = f"write '{fix}'" if fix else "write for example 'en-US' or 'zh-CN'"
        return "brief.no-locale", f"{shown} is no locale", hint
    if pattern == _pattern_of(base.HexColour):
        hint = (
            "write it as six hex digits in quotes, such as '#B5502B'; names and rgb() do not work"
        )
        return "brief.no-colour", f"{shown} is no colour", hint
    if field == "currency":
        hint = "write three capital letters, such as USD"
        return "brief.no-currency", f"{shown} is no currency code", hint
    if field == "producer":
        hint = "use at most 64 printable ASCII characters without space, quote or backslash"
        return "brief.no-producer", f"{shown} is no producer code", hint
    return "brief.invalid", f"{shown} does not match {pattern}", "change the text"


def is_locale(text: str) -> bool:
    """Whether `text` is written as locales are here."""
    return re.fullmatch(_pattern_of(base.Locale), text) is not None


def locale_like(text: str) -> str:
    """`en_us` as `en-US`; "" when no locale can be made of it."""
    parts = re.split(r"[-_]", text.strip())
    shaped = [parts[0].lower()]
    shaped += [p.title() if len(p) == 4 else p.upper() for p in parts[1:]]
    made = "-".join(shaped)
    return made if is_locale(made) else ""


def _pattern_of(annotated: Any) -> str:
    """The regular expression of one of the text types of `records/base.py`."""
    constraints = annotated.__metadata__[0].metadata
    return next(str(c.pattern) for c in constraints if getattr(c, "pattern", None))
