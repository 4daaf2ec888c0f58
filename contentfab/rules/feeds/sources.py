"""Products and segments from the files a campaign names, or from the campaign itself.

Formats: YAML and JSON (a list, `{products: [...]}`, or one product), CSV, TSV and XLSX with our
columns (`columns.py`) or mapped ones, Google Merchant feeds (TSV or RSS/Atom XML) and Shopify
product exports (CSV) as they are. What comes out is unchecked but for what the format can tell;
each entry knows its file, line and field. Nothing is fetched from the web.
"""

from __future__ import annotations

from typing import Any, Literal

from contentfab.errors import Problem
from contentfab.records.inputs import ProductSource
from contentfab.rules.feeds.columns import own_products, own_segments
from contentfab.rules.feeds.merchant import is_merchant, merchant_products
from contentfab.rules.feeds.shopify import is_shopify, shopify_products
from contentfab.rules.feeds.tables import Table, read_csv
from contentfab.rules.feeds.xlsx import read_xlsx
from contentfab.rules.feeds.xml import read_xml
from contentfab.rules.files.located import Located
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.reader import Reader, SourceFile
from contentfab.rules.files.safe_files import FileFault, shorten
from contentfab.rules.files.shape_words import found
from contentfab.rules.files.shapes import validate

Kind = Literal["products", "segments"]

_BY_SUFFIX = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "tsv",
    ".xlsx": "xlsx",
    ".xml": "xml",
}


def load_products(reader: Reader, campaign: Located, locale: str) -> list[Located]:
    """Every product entry of the campaign; problems go to the reader.

    `locale` is the one of plain text, needed where a table has plain and per-locale columns."""
    return _load(reader, campaign, "products", locale)


def load_segments(reader: Reader, campaign: Located, locale: str) -> list[Located]:
    """Every segment entry of the campaign: from YAML, JSON or table files, or inline."""
    return _load(reader, campaign, "segments", locale)


def _load(reader: Reader, campaign: Located, kind: Kind, locale: str) -> list[Located]:
    value = campaign.value.get(kind)
    sources: list[tuple[FieldPath, Any]] = [((kind,), value)]
    if isinstance(value, list):
        sources = [((kind, index), entry) for index, entry in enumerate(value)]
    entries: list[Located] = []
    faults = len(reader.problems)
    for path, source in sources:
        if isinstance(source, str):
            entries += _from_file(reader, campaign, path, ProductSource(file=source), locale)
        elif isinstance(source, dict) and kind == "products" and "file" in source:
            record, problems = validate(ProductSource, campaign.child(*path))
            reader.problems += problems
            path = (*path, "file")
            entries += _from_file(reader, campaign, path, record, locale) if record else []
        elif isinstance(source, dict) and isinstance(value, list):
            entries.append(campaign.child(*path))
        elif source is not None or kind in campaign.value:
            message = f"expected a file or a list of {kind}, found {found(source)}"
            hint = f"write `{kind}: {kind}.yaml`, or a list of entries that start with `- id:`"
            reader.problems.append(campaign.problem(path, "brief.wrong-type", message, hint))
    if kind == "products" and not entries and len(reader.problems) == faults:
        message, hint = "there are no products", "add at least one"
        reader.problems.append(campaign.problem((kind,), "brief.empty", message, hint))
    return entries


def _from_file(
    reader: Reader, campaign: Located, path: FieldPath, source: ProductSource, locale: str
) -> list[Located]:
    file = reader.read_named(campaign, path, source.file)
    if file is None:
        return []
    kind: Kind = "products" if path[0] == "products" else "segments"
    form = source.format if source.format != "auto" else ""
    suffix = _BY_SUFFIX.get(file.path.suffix.lower(), "")
    if form in ("yaml", "json") or (not form and suffix in ("yaml", "json")):
        return _document_entries(reader, file, kind)
    try:
        table = _table(file, source, form, suffix)
        entries = _table_entries(table, source, form, kind, locale)
    except FileFault as fault:
        problem = campaign.problem(
            path, fault.rule, f"{shorten(source.file)}: {fault.message}", fault.hint
        )
        if fault.line:
            problem = Problem(file.shown, fault.line, "", fault.message, fault.hint, fault.rule)
        reader.problems.append(problem)
        return []
    reader.problems += table.problems
    return entries


def _document_entries(reader: Reader, file: SourceFile, kind: Kind) -> list[Located]:
    located = reader.document(file)
    if located is None:
        return []
    value = located.value
    if isinstance(value, dict) and kind in value:
        located, value = located.child(kind), value[kind]
        label = ""
    else:
        label = kind
    if isinstance(value, dict):
        return [located]
    if isinstance(value, list):
        return [_labelled(located.child(index), label) for index in range(len(value))]
    message = f"expected a list of {kind}, found {found(value)}"
    hint = f"write {kind} as a list, each with `- id:`"
    reader.problems.append(located.problem((), "brief.wrong-type", message, hint))
    return []


def _labelled(entry: Located, label: str) -> Located:
    """Fields of a file that is a list are shown as `products[0].name`, not `[0].name`."""
    if not label:
        return entry

    def where(path: FieldPath) -> Any:
        place = entry.where(path)
        return place._replace(field=label + place.field)

    return Located(entry.value, entry.folder, where)


def _table(file: SourceFile, source: ProductSource, form: str, suffix: str) -> Table:
    folder = file.path.parent
    if form == "xlsx" or suffix == "xlsx":
        return read_xlsx(file.data, file.shown, folder, source.sheet)
    if suffix == "xml":
        return read_xml(file.data, file.shown, folder)
    if form or suffix:
        return read_csv(file.data, file.shown, folder, tabs=form == "tsv" or suffix == "tsv")
    message = f"'{shorten(file.path.suffix)}' says no format"
    hint = "use .yaml, .json, .csv, .tsv, .xlsx or .xml, or say `format:` beside `file:`"
    raise FileFault("feed.unknown-format", message, hint)


def _table_entries(
    table: Table, source: ProductSource, form: str, kind: Kind, locale: str
) -> list[Located]:
    if kind == "segments":
        return own_segments(table, locale)
    if form == "shopify" or (not form and not source.columns and is_shopify(table)):
        return shopify_products(table, source.columns)
    if form == "google-merchant" or (not form and not source.columns and is_merchant(table)):
        return merchant_products(table, source.columns)
    return own_products(table, source.columns, locale)
