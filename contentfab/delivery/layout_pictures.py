"""Draws contact sheets: posters at one scale on paper, with small captions; faults in red.

A sheet is a column of bands, one per family; a band is filled with its tiles from left to right,
their feet on one line, as a wall is hung. Knows nothing of how the posters were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from contentfab.backends._fonts import font_files
from contentfab.delivery.layout_sheets import SheetCell

PAPER, INK, GREY, FAINT = "#F1EEE8", "#1D1D1B", "#77736C", "#DDD8CE"
STATES = {"error": "#C2281D", "warn": "#8A5B00", "skipped": GREY, "ok": GREY}
MARGIN, GUTTER, LINE = 48, 30, 17
"""Pixels of the sheet: around it, between tiles, from one line of a caption to the next."""
HEAD, BAND_HEAD, ROW_GAP, BAND_GAP, CAPTION_GAP = 56, 48, 24, 30, 9
CAPTION_LINES = 6
"""Lines of findings that a caption may have; what is over is counted, not shown."""
NARROWEST = 132
"""Width that a tile takes at least, so that its caption can be read."""
TITLE, NAME, SMALL, CAPTION = 26, 18, 14, 12


@dataclass(frozen=True, slots=True)
class Tile:
    """A poster at the sheet's scale with its caption; `picture` None is an empty frame of `size`.
    `room` is the width that it takes."""

    size: tuple[int, int]
    picture: Image.Image | None
    name: str
    lines: tuple[str, ...]
    state: str
    room: int

    @property
    def caption_height(self) -> int:
        return CAPTION_GAP + LINE * (1 + len(self.lines))


@dataclass(frozen=True, slots=True)
class Band:
    """One family's tiles under its name."""

    title: str
    about: str
    tiles: Sequence[Tile]


def draw_tile(cell: SheetCell, scale: float) -> Tile:
    """A cell at the sheet's scale."""
    place = cell.placement
    size = (max(1, round(place.width * scale)), max(1, round(place.height * scale)))
    picture = None
    if cell.poster is not None:
        picture = Image.fromarray(cell.poster.pixels)
        if picture.size != size:
            picture = picture.resize(size, Image.Resampling.LANCZOS)
    name = f"{cell.family}  {place.width} × {place.height}"
    room = max(NARROWEST, size[0])
    return Tile(size, picture, name, tuple(_findings(cell, room)), cell.state, room)


def contact_sheet(title: str, about: str, bands: Sequence[Band]) -> Image.Image:
    """The sheet, as wide as its widest band needs."""
    inner = max(max(_band_width(band.tiles), _head_width(band)) for band in bands)
    width = inner + 2 * MARGIN
    placed, y = [], MARGIN + HEAD
    for band in bands:
        rows = _rows(band.tiles, inner)
        placed.append((y, band, rows))
        y += BAND_HEAD + sum(_height(row) + ROW_GAP for row in rows) + BAND_GAP
    sheet = Image.new("RGB", (width, y - BAND_GAP - ROW_GAP + MARGIN), PAPER)
    draw = ImageDraw.Draw(sheet)
    end = _write(draw, (MARGIN, MARGIN), title, TITLE, INK, bold=True)
    _write(draw, (end + 16, MARGIN), about, SMALL, GREY)
    for top, band, rows in placed:
        draw.line((MARGIN, top - 14, width - MARGIN, top - 14), fill=FAINT, width=1)
        end = _write(draw, (MARGIN, top + 14), band.title, NAME, INK, bold=True)
        _write(draw, (end + 14, top + 14), band.about, SMALL, GREY)
        line = top + BAND_HEAD
        for row in rows:
            _draw_row(sheet, draw, row, line)
            line += _height(row) + ROW_GAP
    return sheet


def _draw_row(sheet: Image.Image, draw: ImageDraw.ImageDraw, row: Sequence[Tile], top: int) -> None:
    foot, x = top + max(tile.size[1] for tile in row), MARGIN
    for tile in row:
        wide, tall = tile.size
        frame = (x, foot - tall, x + wide - 1, foot - 1)
        if tile.picture is None:
            draw.rectangle(frame, fill=FAINT)
        else:
            sheet.paste(tile.picture, frame[:2])
        colour = STATES[tile.state]
        if tile.state == "error":
            around = (frame[0] - 5, frame[1] - 5, frame[2] + 5, frame[3] + 5)
            draw.rectangle(around, outline=colour, width=2)
        base = foot + CAPTION_GAP + LINE - 4
        _write(draw, (x, base), tile.name, CAPTION, colour if tile.state == "error" else INK)
        for i, line in enumerate(tile.lines, 1):
            _write(draw, (x, base + LINE * i), line, CAPTION, colour)
        x += tile.room + GUTTER


def _findings(cell: SheetCell, width: int) -> list[str]:
    told = [f for f in cell.findings if cell.state != "error" or f.level == "error"]
    lines = [line for f in told for line in _wrapped(f"{f.rule}: {f.message}", width)]
    if len(lines) > CAPTION_LINES:
        lines = [*lines[: CAPTION_LINES - 1], f"… {len(told)} findings in all"]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    font, lines = _font(CAPTION, False), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _rows(tiles: Iterable[Tile], width: int) -> list[list[Tile]]:
    """Tiles broken into rows of at most `width`."""
    rows: list[list[Tile]] = []
    used = width
    for tile in tiles:
        if used + GUTTER + tile.room > width:
            rows.append([])
            used = -GUTTER
        rows[-1].append(tile)
        used += GUTTER + tile.room
    return rows


def _height(row: Sequence[Tile]) -> int:
    return max(tile.size[1] for tile in row) + max(tile.caption_height for tile in row)


def _head_width(band: Band) -> int:
    title, about = (
        _font(NAME, True).getlength(band.title),
        _font(SMALL, False).getlength(band.about),
    )
    return round(title + about) + 14


def _band_width(tiles: Sequence[Tile]) -> int:
    """All tiles side by side, when that is no wider than about five of the tallest."""
    whole = sum(tile.room for tile in tiles) + GUTTER * (len(tiles) - 1)
    return max(
        min(whole, max(2500, 3 * max(tile.size[1] for tile in tiles))),
        max(tile.room for tile in tiles),
    )


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, fill: str, *,
    bold: bool = False,
) -> int:  # fmt: skip
    """Sets one line with its baseline at `at`; answers where it ends."""
    font = _font(size, bold)
    draw.text(at, text, font=font, fill=fill, anchor="ls")
    return round(at[0] + font.getlength(text))


@cache
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    file = next(file for file in font_files() if file.name.startswith("NotoSans["))
    font = ImageFont.truetype(str(file), size)
    # Its axes are weight and width.
    font.set_variation_by_axes([650 if bold else 400, 100])
    return font
