"""Checks of products and segments beyond their shape: ids, text in every locale, pictures.

Knows the campaign's locales and channels as plain values; knows no file format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from contentfab.errors import Problem
from contentfab.records.inputs import Price, Product, Segment
from contentfab.rules.campaign_checks import check_address
from contentfab.rules.files.located import Located
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.reader import Reader
from contentfab.rules.files.safe_files import shorten
from contentfab.rules.locales import missing_fields, resolve_list
from contentfab.rules.pixels.pictures import check_picture
from contentfab.rules.wording.leaks import first_order, in_tags

MIN_SELLING_POINTS = 2
MAX_AMOUNT = Decimal(10) ** 12
MAX_DECIMALS = 4


def check_ids(kind: str, entries: Iterable[Located]) -> Iterator[Problem]:
    """Ids must be unique, and must not hold `--`, which joins ids to names of cells."""
    seen: dict[str, str] = {}
    for entry in entries:
        name = entry.value.get("id") if isinstance(entry.value, dict) else None
        if not isinstance(name, str):
            continue
        place = entry.where(("id",))
        if name in seen:
            message = f"the {kind} id '{shorten(name)}' was already used at {seen[name]}"
            yield entry.problem(("id",), "brief.duplicate-id", message, "give each its own id")
        seen.setdefault(name, f"{place.file}:{place.line}" if place.line else place.field)
        if "--" in name:
            message = f"'{shorten(name)}' has two hyphens in a row, which join ids to names"
            hint = f"write '{'-'.join(part for part in name.split('-') if part)}'"
            yield entry.problem(("id",), "brief.no-slug", message, hint)


def check_product(product: Product, entry: Located, locales: Sequence[str]) -> Iterator[Problem]:
    """Text in every locale, a price that can be printed, an address that is one."""
    for locale in locales:
        yield from _check_locale(product, entry, locale, locales[0])
    yield from check_address(entry, ("url",), product.url)
    prices = product.price if isinstance(product.price, dict) else {"": product.price}
    for locale, price in prices.items():
        if price is not None and not _printable(price):
            path: FieldPath = ("price", locale, "amount") if locale else ("price", "amount")
            message = f"the amount {shorten(price.amount)} cannot be printed"
            hint = f"use less than {MAX_AMOUNT:,} with at most {MAX_DECIMALS} decimals"
            yield entry.problem(path, "brief.out-of-range", message, hint)


def check_orders(record: Product | Segment, entry: Located) -> Iterator[Problem]:
    """Texts that speak to a model instead of to customers. They are passed on as data and copy that
    obeys them is refused; whoever put them there should know."""
    for path, text in _text_fields(record.model_dump(mode="json"), ()):
        if len(unseen := in_tags(text)) > 3:
            message = f"invisible characters say '{shorten(unseen)}'"
            yield entry.problem(path, "brief.hidden-text", message, "type the text anew")
        elif order := first_order(text):
            message = f"'{shorten(order)}' reads like an order to a language model"
            hint = "copy made from this passage is refused; remove it if it is no mistake"
            yield entry.problem(path, "brief.order", message, hint, "warn")


def load_image(product: Product, entry: Located, reader: Reader) -> Path | None:
    """The product's picture, checked; problems go to the reader. None without a usable one."""
    if product.image is None:
        return None
    file = reader.read_named(entry, ("image",), product.image)
    if file is None:
        return None
    faults = check_picture(file.data)
    for fault in faults:
        message = f"{shorten(product.image)}: {fault.message}"
        reader.problems.append(
            entry.problem(("image",), fault.rule, message, fault.hint, fault.level)
        )
    reader.digests[f"image:{product.id}"] = reader.digests[file.name]
    return None if any(fault.level == "error" for fault in faults) else file.path


def no_image(entry: Located) -> Problem:
    """A poster can do without the product, but hardly anyone wants that."""
    message = "no picture: its posters will show no product"
    hint = "add `image: pictures/<file>.png`, a cut-out with transparent background"
    return entry.problem(("image",), "brief.no-image", message, hint, "warn")


def _check_locale(product: Product, entry: Located, locale: str, default: str) -> Iterator[Problem]:
    own = product.locale or default
    missing = missing_fields(product, locale, default)
    points = resolve_list(product.selling_points, locale, own)
    if "name" in missing or not _any_text(product.name):
        message, hint = f"no name for {locale}", f"add `{locale}:` below `name`"
        yield entry.problem(("name",), "brief.no-text", message, hint)
    if len(points) < MIN_SELLING_POINTS:
        message = (
            f"{len(points)} selling points for {locale}; at least {MIN_SELLING_POINTS} are needed"
        )
        hint = f"add text for {locale}: `selling_points: {{{locale}: [first, second]}}`"
        yield entry.problem(("selling_points",), "brief.no-text", message, hint)
    for name in missing:
        if name != "name" and not name.startswith("selling_points"):
            path = _path_of(name)
            message = f"no {path[0]} for {locale}; it is left out there"
            hint = f"add text for {locale}, or remove {locale} from the campaign's locales"
            yield entry.problem(path, "brief.partly-no-text", message, hint, "warn")


def _text_fields(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _text_fields(item, (*path, key))


def _any_text(name: str | dict[str, str]) -> bool:
    texts = name.values() if isinstance(name, dict) else [name]
    return all(text.strip() for text in texts)


def _path_of(name: str) -> FieldPath:
    """`facts.volume` and `disclaimers[1]`, as rules/locales.py writes them, as a path."""
    head, dot, key = name.partition(".")
    if dot:
        return (head, key)
    head, bracket, index = name.partition("[")
    return (head, int(index[:-1])) if bracket else (head,)


def _printable(price: Price) -> bool:
    exponent = price.amount.normalize().as_tuple().exponent
    return price.amount < MAX_AMOUNT and isinstance(exponent, int) and -exponent <= MAX_DECIMALS
