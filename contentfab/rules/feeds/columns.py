"""Tables with our own columns, or with foreign ones that a column map translates.

Columns of products: `id`, `name`, `category`, `description`, `selling_points` (parted by `|`),
`price` (`18.00 USD`; or `18.00` beside `currency`), `image`, `url`, `approved_claims` and
`disclaimers` (parted by `|`), `locale`, and `fact:<name>` for each fact. Texts and prices may be
per locale: `name[zh-CN]`, `selling_points[de-DE]`, `price[de-DE]`; a plain column beside them is
in the row's `locale`, else in the campaign's first. Columns of segments: `id`, `name`,
`description`, `needs` (parted by `|`), `tone`, `locale`, `condition:<attribute>`.

A column map gives, for our column, the header of theirs; `currency` may also be a code such as
USD. With a map, columns that it does not name are passed over; without one, an unknown column is
a problem, since it may be a typo.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from contentfab.rules.feeds.tables import Entry, Row, Table
from contentfab.rules.files.located import Located
from contentfab.rules.files.safe_files import FileFault, shorten
from contentfab.rules.files.shape_words import is_locale, locale_like
from contentfab.rules.suggest import did_you_mean

PRODUCT_COLUMNS = (
    "id", "name", "category", "description", "selling_points", "price", "currency", "image", "url",
    "approved_claims", "disclaimers", "locale",
)  # fmt: skip
SEGMENT_COLUMNS = ("id", "name", "description", "needs", "tone", "locale")
LISTS = ("selling_points", "approved_claims", "disclaimers", "needs")
LOCALISED = ("name", "category", "description", "price", "facts", *LISTS)
CURRENCY = re.compile(r"[A-Z]{3}")
_MONEY = re.compile(r"(?:(?P<before>[A-Z]{3})\s*)?(?P<amount>\d[\d.,]*)(?:\s*(?P<after>[A-Z]{3}))?")


class Column(NamedTuple):
    """What a header means: our field, the key below it (a fact's name), the locale."""

    header: str
    field: str
    key: str
    locale: str


def own_products(table: Table, columns: Mapping[str, str], locale: str) -> list[Located]:
    """The products of a table; problems go to the table. Raises FileFault on a wrong map."""
    meanings = list(_meanings(table, columns, PRODUCT_COLUMNS, {"fact": "facts"}))
    return [_entry(table, row, meanings, columns, locale) for row in table.rows]


def own_segments(table: Table, locale: str) -> list[Located]:
    """The segments of a table; problems go to the table."""
    meanings = list(_meanings(table, {}, SEGMENT_COLUMNS, {"condition": "condition"}))
    return [_entry(table, row, meanings, {}, locale) for row in table.rows]


def parse_price(text: str, currency: str = "") -> dict[str, str] | None:
    """`18.00 USD`, `USD 1,299.00` or `18,50` with a known currency; None when it is no price."""
    match = _MONEY.fullmatch(text.strip())
    if match is None:
        return None
    code = match["after"] or match["before"] or currency
    amount = match["amount"].rstrip(".,")
    decimal_comma = re.fullmatch(r"(\d{1,3}(?:\.\d{3})*|\d+),(\d{1,2})", amount)
    if decimal_comma:
        amount = decimal_comma[1].replace(".", "") + "." + decimal_comma[2]
    elif re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", amount):
        amount = amount.replace(",", "")
    if not code or not re.fullmatch(r"\d{1,20}(\.\d{1,10})?", amount):
        return None
    return {"amount": amount, "currency": code}


def split_list(text: str) -> list[str]:
    """Entries parted by `|`, without blanks around them."""
    return [part.strip() for part in text.split("|") if part.strip()]


def check_map(table: Table, columns: Mapping[str, str], ours: Collection[str]) -> None:
    """Raises FileFault when a column map names a field of ours or a header that is not there."""
    for name, header in columns.items():
        base = name.partition("[")[0]
        if base not in ours and not base.startswith(("fact:", "condition:")):
            message = f"the column map has an unknown field '{shorten(name)}'"
            raise FileFault("feed.unknown-column", message, did_you_mean(name, ours))
        is_code = name == "currency" and CURRENCY.fullmatch(header)
        if header not in table.headers and not is_code:
            message = f"the column map names '{shorten(header)}', which is no column"
            raise FileFault("feed.unknown-column", message, did_you_mean(header, table.headers))


def _meanings(
    table: Table, columns: Mapping[str, str], ours: Collection[str], prefixes: Mapping[str, str]
) -> Iterator[Column]:
    check_map(table, columns, ours)
    names = {header: name for name, header in columns.items()}
    line = 1
    for header in dict.fromkeys(table.headers):
        if columns and header not in names:
            continue
        name, bracket, rest = names.get(header, header).partition("[")
        prefix, colon, key = name.partition(":")
        field = prefixes.get(prefix.strip(), "") if colon else name.strip()
        locale = rest.rstrip("] ") if bracket else ""
        if header and (not field or (not colon and field not in ours)):
            hint = f"{did_you_mean(header, ours)}; a fact is `fact:<name>`; remove other columns"
            message = f"unknown column '{shorten(header)}'"
            table.problem(line, header, "feed.unknown-column", message, hint)
        elif header and bracket and (field not in LOCALISED or not is_locale(locale)):
            fix = locale_like(locale)
            hint = f"write '{name}[{fix}]'" if fix else "write for example name[zh-CN]"
            message = f"'{shorten(header)}' is no column per locale"
            table.problem(line, header, "feed.unknown-column", message, hint)
        elif header:
            yield Column(header, field, key.strip(), locale)


def _entry(
    table: Table, row: Row, meanings: list[Column], columns: Mapping[str, str], locale: str
) -> Located:
    entry = Entry(table, row)
    cells = {c.header: row.text(c.header) for c in meanings}
    plain_in = next((cells[c.header] for c in meanings if c.field == "locale"), "") or locale
    localised = {(c.field, c.key) for c in meanings if c.locale and cells[c.header]}
    currency = next((cells[c.header] for c in meanings if c.field == "currency"), "")
    if not currency and CURRENCY.fullmatch(columns.get("currency", "")):
        currency = columns["currency"]
    for column in meanings:
        text = cells[column.header]
        if column.field == "currency" or not text:
            continue
        value: object = split_list(text) if column.field in LISTS else text
        if column.field == "price":
            value = parse_price(text, currency)
            if value is None:
                tell_price(table, row, column.header, text)
        path = (column.field, column.key) if column.key else (column.field,)
        if column.locale:
            path = (*path, column.locale)
        elif (column.field, column.key) in localised:
            path = (*path, plain_in)
        entry.put(path, value, column.header)
    return entry.located()


def tell_price(table: Table, row: Row, header: str, text: str) -> None:
    """The problem of a cell that is no price."""
    message = f"'{shorten(text)}' is no price with a currency"
    hint = "write `18.00 USD`, or add a column `currency`"
    table.problem(row.line, header, "feed.no-price", message, hint)
