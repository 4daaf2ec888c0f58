"""What shop exports have in common: ids that become slugs, HTML that becomes text, picture links.

Knows no single format.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from contentfab.rules.feeds.tables import Row, Table
from contentfab.rules.files.safe_files import FileFault
from contentfab.rules.suggest import slug

MAX_POINTS = 5
MAX_POINT = 160
_BLOCKS = {"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table"}
_SILENT = {"script", "style"}


def product_id(table: Table, row: Row, header: str) -> str:
    """The shop's id as a slug; one that holds no Latin letter or digit becomes a problem, and the
    row's line stands in for it."""
    text = row.text(header)
    made = slug(text)
    if text and not made:
        hint = "give the product an id of Latin letters and digits"
        table.problem(row.line, header, "brief.no-slug", f"no id can be made of '{text}'", hint)
        return f"line-{row.line}"
    return made


def points_from_text(text: str) -> list[str]:
    """The first sentences of a description: what stands for highlights when a feed has none."""
    sentences = re.split(r"(?<=[.!?])\s+|(?<=[。！？；])\s*|\n+", text)
    usable = [s.strip() for s in sentences if 4 <= len(s.strip()) <= MAX_POINT]
    return [s.rstrip("。.；") for s in usable][:MAX_POINTS]


def local_picture(text: str) -> str:
    """The path of a picture file, or "" for a web address."""
    return "" if re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*:)?//", text) else text.strip()


def tell_remote(table: Table, header: str, rows: list[Row]) -> None:
    """One warning for all pictures that are web addresses."""
    if rows:
        message = f"{len(rows)} pictures are web addresses, which are not fetched"
        hint = "download them and name the files, relative to the feed; else no product is shown"
        table.problem(rows[0].line, header, "feed.remote-picture", message, hint, "warn")


def plain_text(html: str) -> tuple[str, list[str]]:
    """HTML without tags, paragraphs on lines of their own, and the texts of its list items."""
    stripper = _Stripper()
    stripper.feed(html)
    stripper.close()
    text = re.sub(r"[^\S\n]+", " ", "".join(stripper.parts))
    lines = [line.strip() for line in text.split("\n")]
    items = [" ".join("".join(item).split()) for item in stripper.items]
    return "\n".join(line for line in lines if line), [item for item in items if item]


def require(table: Table, headers: tuple[str, ...], name: str) -> None:
    """Raises FileFault when columns that a format always has are not there."""
    missing = [header for header in headers if header not in table.headers]
    if missing:
        message = f"no column {', '.join(missing)}, which every {name} has"
        raise FileFault("feed.missing-column", message, "export it again, or use `columns:`")


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.items: list[list[str]] = []
        self._in_item = False
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")
        if tag == "li":
            self.items.append([])
            self._in_item = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT and self._silent:
            self._silent -= 1
        if tag in _BLOCKS:
            self.parts.append("\n")
        if tag == "li":
            self._in_item = False

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.parts.append(data)
        if self._in_item:
            self.items[-1].append(data)
