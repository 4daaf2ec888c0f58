"""Google Merchant product feeds, TSV or XML, as they are.

Read: id, title, description, link, image_link (a local file; web addresses are not fetched),
price, sale_price, brand, gtin, product_type or google_product_category, product_highlight. Ids
become slugs. Without highlights the first sentences of the description are the selling points.
Field names: https://support.google.com/merchants/answer/7052112. Availability, shipping and
variants of one item group are not looked at.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping

from contentfab.rules.feeds.columns import CURRENCY, parse_price, tell_price
from contentfab.rules.feeds.shops import (
    local_picture,
    plain_text,
    points_from_text,
    product_id,
    require,
    tell_remote,
)
from contentfab.rules.feeds.tables import Entry, Row, Table
from contentfab.rules.files.located import Located

COPIED = {"title": ("name",), "link": ("url",), "brand": ("facts", "brand")}
COPIED |= {"gtin": ("facts", "gtin")}
CATEGORIES = ("product_type", "google_product_category")


def is_merchant(table: Table) -> bool:
    """Whether the headers are those of a Merchant feed."""
    return {"id", "title"} <= set(_names(table)) and "name" not in _names(table)


def merchant_products(table: Table, columns: Mapping[str, str]) -> list[Located]:
    """The products of a feed; problems go to the table. `columns` maps Merchant names to other
    headers; `currency` may be a code for prices without one. Raises FileFault."""
    headers = _names(table) | dict(columns)
    renamed = Table(table.file, table.folder, tuple(headers), (), table.problems)
    require(renamed, ("id", "title"), "Google Merchant feed")
    remote: list[Row] = []
    entries = []
    for row in table.rows:
        cells = {name: row.cells.get(header, ()) for name, header in headers.items()}
        picture = "".join(cells.get("image_link", ())[:1])
        if picture and not local_picture(picture):
            remote.append(row)
        entries.append(_entry(table, row, headers, cells, columns.get("currency", "")))
    tell_remote(table, headers.get("image_link", "image_link"), remote)
    return entries


def _names(table: Table) -> dict[str, str]:
    """Merchant names by header: Google's own templates write `image link` or `Image_Link`."""
    return {h.lower().replace(" ", "_").removeprefix("g:"): h for h in table.headers if h}


def _entry(
    table: Table,
    row: Row,
    headers: Mapping[str, str],
    cells: Mapping[str, tuple[str, ...]],
    currency: str,
) -> Located:
    entry = Entry(table, row)
    entry.put(("id",), product_id(table, row, headers["id"]), headers["id"])
    for name, path in COPIED.items():
        entry.put(path, "".join(cells.get(name, ())[:1]), headers.get(name, name))
    category = next((c for c in CATEGORIES if cells.get(c)), "")
    if category:
        text = cells[category][0].rpartition(">")[2].strip()
        entry.put(("category",), "" if text.isdigit() else text, headers[category])
    description, _ = plain_text("".join(cells.get("description", ())[:1]))
    entry.put(("description",), description, headers.get("description", "description"))
    highlights = [h for text in cells.get("product_highlight", ()) for h in _highlights(text)]
    origin = headers.get("product_highlight" if highlights else "description", "product_highlight")
    entry.put(("selling_points",), highlights or points_from_text(description), origin)
    entry.put(("image",), local_picture("".join(cells.get("image_link", ())[:1])), "image_link")
    price = "sale_price" if cells.get("sale_price") else "price"
    text = "".join(cells.get(price, ())[:1])
    if text:
        value = parse_price(text, currency if CURRENCY.fullmatch(currency) else "")
        if value is None:
            tell_price(table, row, headers[price], text)
        entry.put(("price",), value, headers[price])
    return entry.located()


def _highlights(text: str) -> list[str]:
    """Several highlights in one cell are quoted and parted by commas; one alone is plain."""
    if not text.startswith('"'):
        return [text]
    found = next(csv.reader([text.replace("\n", " ")], skipinitialspace=True), [])
    return [part.strip() for part in found if part.strip()]
