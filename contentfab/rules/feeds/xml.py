"""RSS 2.0 and Atom feeds as tables: one row per `item` or `entry`, one cell per element in it.

Elements below that (a shipping's own price) are passed over. Entities and outside references are
refused (defusedxml). Knows nothing about products.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import Locator

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from contentfab.rules.feeds.tables import MAX_CELL, MAX_ROWS, Row, Table
from contentfab.rules.files.safe_files import FileFault

ROWS = ("item", "entry")


def read_xml(data: bytes, file: str, folder: Path) -> Table:
    """A product feed in XML. Raises FileFault with the line of the first fault."""
    handler = _Items()
    parser = make_parser()
    parser.setContentHandler(handler)
    try:
        parser.parse(io.BytesIO(data))
    except SAXParseException as error:
        message, hint = f"no valid XML: {error.getMessage()}", "export the feed again as UTF-8 XML"
        raise FileFault("file.syntax", message, hint, error.getLineNumber() or 1) from error
    except DefusedXmlException as error:
        message, hint = "the XML defines entities", "export the feed without a DTD"
        raise FileFault("file.syntax", message, hint, 1) from error
    except (SAXException, ValueError, LookupError) as error:
        message, hint = "the XML cannot be read", "export the feed again as UTF-8 XML"
        raise FileFault("file.syntax", message, hint, 1) from error
    if not handler.rows:
        hint = "a product feed has one <item> (RSS) or <entry> (Atom) per product"
        raise FileFault("file.empty", "no <item> or <entry> in the feed", hint)
    headers = tuple(dict.fromkeys(name for row in handler.rows for name in row.cells))
    return Table(file, folder, headers, tuple(handler.rows))


class _Items(ContentHandler):
    """Collects the text of every child of an item, with the item's line."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._locator: Locator | None = None
        self._depth = 0
        self._row_depth = 0
        self._line = 1
        self._cells: dict[str, tuple[str, ...]] = {}
        self._text: list[str] = []

    def setDocumentLocator(self, locator: Locator) -> None:
        self._locator = locator

    def startElement(self, name: str, attrs: Any) -> None:
        self._depth += 1
        if not self._row_depth and _local(name) in ROWS:
            self._row_depth, self._cells = self._depth, {}
            self._line = (self._locator.getLineNumber() if self._locator else None) or 1
        elif self._row_depth and self._depth == self._row_depth + 1:
            self._text = [attrs.get("href", "")] if _local(name) == "link" else []

    def characters(self, content: str) -> None:
        if self._row_depth and self._depth == self._row_depth + 1:
            self._text.append(content)

    def endElement(self, name: str) -> None:
        if self._row_depth and self._depth == self._row_depth + 1:
            text = "".join(self._text).strip()[:MAX_CELL]
            if text:
                key = _local(name)
                self._cells[key] = (*self._cells.get(key, ()), text)
        elif self._row_depth and self._depth == self._row_depth:
            if len(self.rows) >= MAX_ROWS:
                message = f"more than {MAX_ROWS:,} items"
                raise FileFault("file.too-big", message, "split the feed", self._line)
            self.rows.append(Row(self._line, self._cells))
            self._row_depth = 0
        self._depth -= 1


def _local(name: str) -> str:
    """`g:image_link` as `image_link`."""
    return name.rpartition(":")[2]
