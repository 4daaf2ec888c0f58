"""Shopify product exports (CSV) as they are: several rows per handle are one product.

Read: Handle, Title, Body (HTML), Vendor, Type (else Product Category), Tags, Variant Price, Image
Src (a local file; web addresses are not fetched), Status. List items of the body are the selling
points, else its first sentences. Exports carry no currency: `columns: {currency: USD}` gives it,
else the price is left out with a warning. Drafts and archived products are passed over.
Columns: https://help.shopify.com/en/manual/products/import-export/using-csv
"""

from __future__ import annotations

from collections.abc import Mapping

from contentfab.rules.feeds.columns import CURRENCY, parse_price, tell_price
from contentfab.rules.feeds.shops import (
    MAX_POINTS,
    local_picture,
    plain_text,
    points_from_text,
    product_id,
    require,
    tell_remote,
)
from contentfab.rules.feeds.tables import Entry, Row, Table
from contentfab.rules.files.located import Located

BODY, PRICE, PICTURE = "Body (HTML)", "Variant Price", "Image Src"


def is_shopify(table: Table) -> bool:
    """Whether the headers are those of a Shopify export."""
    return {"Handle", "Title"} <= set(table.headers)


def shopify_products(table: Table, columns: Mapping[str, str]) -> list[Located]:
    """The products of an export; problems go to the table. Raises FileFault."""
    require(table, ("Handle", "Title"), "Shopify product export")
    currency = columns.get("currency", "")
    currency = currency if CURRENCY.fullmatch(currency) else ""
    groups: dict[str, list[Row]] = {}
    for row in table.rows:
        if row.text("Handle"):
            groups.setdefault(row.text("Handle"), []).append(row)
        else:
            hint = "every row of an export has its product's handle"
            table.problem(row.line, "Handle", "feed.no-handle", "the row has no Handle", hint)
    active = [rows for rows in groups.values() if _first(rows, "Status") in ("", "active")]
    if len(active) < len(groups):
        message = f"{len(groups) - len(active)} products are drafts or archived; passed over"
        table.problem(1, "Status", "feed.inactive", message, "set them active to use them", "warn")
    tell_remote(table, PICTURE, [r[0] for r in active if _is_remote(_first(r, PICTURE))])
    if not currency and any(_first(rows, PRICE) for rows in active):
        message, hint = "prices have no currency; left out", "add `columns: {currency: USD}`"
        table.problem(1, PRICE, "feed.no-currency", message, hint, "warn")
    return [_entry(table, rows, currency) for rows in active]


def _entry(table: Table, rows: list[Row], currency: str) -> Located:
    entry = Entry(table, rows[0])
    entry.put(("id",), product_id(table, rows[0], "Handle"), "Handle")
    entry.put(("name",), _first(rows, "Title"), "Title")
    category = _first(rows, "Type") or _first(rows, "Product Category").rpartition(">")[2].strip()
    entry.put(("category",), category, "Type")
    description, items = plain_text(_first(rows, BODY))
    entry.put(("description",), description, BODY)
    entry.put(("selling_points",), items[:MAX_POINTS] or points_from_text(description), BODY)
    entry.put(("facts", "vendor"), _first(rows, "Vendor"), "Vendor")
    entry.put(("facts", "tags"), _first(rows, "Tags"), "Tags")
    entry.put(("image",), local_picture(_first(rows, PICTURE)), PICTURE)
    priced = next((row for row in rows if row.text(PRICE)), None)
    if priced and currency:
        value = parse_price(priced.text(PRICE), currency)
        if value is None:
            tell_price(table, priced, PRICE, priced.text(PRICE))
        entry.put(("price",), value, PRICE)
    return entry.located()


def _first(rows: list[Row], header: str) -> str:
    return next((row.text(header) for row in rows if row.text(header)), "")


def _is_remote(picture: str) -> bool:
    return bool(picture) and not local_picture(picture)
