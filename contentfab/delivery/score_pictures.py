"""Draws the explanation of one picture's scores: the picture, its maps, its criteria.

Tall and square pictures stand side by side above their criteria; wide ones lie one under another
beside them. Every number has the id of its calibration at the foot. Judges nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from contentfab.delivery._score_records import Scored
from contentfab.delivery.drawn_text import Style, write
from contentfab.delivery.score_map import AGAINST, CARRIES, draw_map, draw_scale, scale_of, signed
from contentfab.errors import StorageError
from contentfab.rules.scoring.occlusion import Effect
from contentfab.rules.scoring.summary import place_words

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture
    from contentfab.records.scores import Criterion, ScoreCard

PAPER, INK, GREY, FAINT = "#F4F1EA", "#1D1D1B", "#6B675F", "#D9D4C9"
WIDTH, MARGIN, GUTTER = 2000, 80, 56
TALLEST, WIDEST = 980, 860
"""Pixels: height of a picture in a row, width of one in a column."""
WIDE = 1.4
"""Width / height from which pictures lie one under another."""
TITLE, NUMBER = Style(44, 700, INK), Style(34, 700, INK)
HEAD, TEXT, SMALL = Style(26, 650, INK), Style(22, 400, GREY), Style(19, 400, GREY)
GATE = Style(22, 650, "#A8440A")
NAME, VALUE = Style(23, 650, INK), Style(23, 500, INK)
PANEL_HEAD, SCALE_ROOM = 56, 92
PANELS, BAR = 3, 8
NAMES = {"appeal": "Appeal", "brand_fit": "Brand fit"}
WHOLE_HEIGHT = 6000


@dataclass(frozen=True, slots=True)
class _Panel:
    """A picture with its heading: `number` stands right of the title, `effect` is that of a map."""

    title: str
    number: str
    effect: Effect | None = None


def draw_explanation(scored: Scored, pixels: Picture, effects: Sequence[Effect]) -> Image.Image:
    """The page for a picture that was scored; `effects` are those of `scoring.explain`."""
    card = scored.card
    assert card is not None
    page = Image.new("RGB", (WIDTH, WHOLE_HEIGHT), PAPER)
    draw = ImageDraw.Draw(page)
    y = _header(draw, scored)
    panels = [_Panel("Picture", f"{scored.width} × {scored.height}")]
    panels += [_Panel(NAMES[e.name], _number(card, e.name), e) for e in effects]
    if pixels.shape[1] / pixels.shape[0] >= WIDE:
        left = _column(page, draw, panels, pixels, y)
        y = max(left, _criteria(draw, card, MARGIN + WIDEST + GUTTER, y, 1))
    elif len(panels) < PANELS:
        left = _row(page, draw, panels, pixels, y)
        beside = MARGIN + len(panels) * (_room() + GUTTER)
        y = max(left, _criteria(draw, card, beside, y, 1))
    else:
        y = _row(page, draw, panels, pixels, y)
        y = _criteria(draw, card, MARGIN, y + 12, 2)
    y = _footer(draw, scored, effects, y)
    return page.crop((0, 0, WIDTH, min(y + MARGIN - 24, WHOLE_HEIGHT)))


def save(page: Image.Image, output: Path) -> None:
    """Writes the page as PNG, making its folder. Raises StorageError."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        page.save(output, "PNG", optimize=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StorageError(f"{output}: {reason}", hint="choose another --explain") from None


def _header(draw: ImageDraw.ImageDraw, scored: Scored) -> int:
    name = TITLE.cut(Path(scored.path).name, WIDTH - 2 * MARGIN)
    write(draw, (MARGIN, MARGIN + 36), name, TITLE)
    told = [f"scored for the brand {scored.brand}" if scored.brand else "scored without a brand"]
    if scored.rank is not None and (scored.tied or scored.rank > 1):
        told.append(f"rank {scored.rank}{' (tied)' if scored.tied else ''} of its batch")
    told += [f"below the gate: {sentence}" for sentence in scored.below]
    write(draw, (MARGIN, MARGIN + 78), "  ·  ".join(told), TEXT)
    return MARGIN + 136


def _number(card: ScoreCard, name: str) -> str:
    if name == "brand_fit":
        return "–" if card.brand_fit is None else f"{card.brand_fit:.2f}"
    if card.appeal_percentile is None:
        return "–" if card.appeal is None else f"{card.appeal:.2f}"
    return f"{place_words(card.appeal_percentile)} percentile"


def _row(
    page: Image.Image,
    draw: ImageDraw.ImageDraw,
    panels: Sequence[_Panel],
    pixels: Picture,
    top: int,
) -> int:
    """Panels side by side; answers where they end."""
    height, width = pixels.shape[:2]
    room = _room()
    scale = min(room / width, TALLEST / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    x = MARGIN
    for panel in panels:
        bottom = _panel(page, draw, panel, pixels, (x, top), size)
        x += room + GUTTER
    return bottom


def _room() -> int:
    """Width of a panel in a row."""
    return (WIDTH - 2 * MARGIN - GUTTER * (PANELS - 1)) // PANELS


def _column(
    page: Image.Image,
    draw: ImageDraw.ImageDraw,
    panels: Sequence[_Panel],
    pixels: Picture,
    top: int,
) -> int:
    """Panels one under another; answers where they end."""
    height, width = pixels.shape[:2]
    size = (WIDEST, max(1, round(height * WIDEST / width)))
    for panel in panels:
        bottom = _panel(page, draw, panel, pixels, (MARGIN, top), size)
        top = bottom + (24 if panel.effect else -SCALE_ROOM + 40)
    return bottom


def _panel(
    page: Image.Image,
    draw: ImageDraw.ImageDraw,
    panel: _Panel,
    pixels: Picture,
    at: tuple[int, int],
    size: tuple[int, int],
) -> int:
    x, top = at
    baseline = top + 30
    write(draw, (x, baseline), panel.title, HEAD)
    style = NUMBER if panel.effect else TEXT
    write(draw, (x + size[0], baseline), panel.number, style, "right")
    y = top + PANEL_HEAD
    if panel.effect is None:
        picture = Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS)
    else:
        picture = draw_map(pixels, panel.effect, size, PAPER)
    page.paste(picture, (x, y))
    draw.rectangle((x - 1, y - 1, x + size[0], y + size[1]), outline=FAINT)
    if panel.effect is not None:
        _scale(page, draw, panel.effect, (x, y + size[1] + 22), size[0])
    return y + size[1] + SCALE_ROOM


def _scale(
    page: Image.Image,
    draw: ImageDraw.ImageDraw,
    effect: Effect,
    at: tuple[int, int],
    width: int,
) -> None:
    x, y = at
    page.paste(draw_scale(width, 14), (x, y))
    full = scale_of(effect)
    ends = (
        (0.0, "left", f"{signed(-full)}  against"),
        (0.5, "middle", "0"),
        (1.0, "right", f"carries it  {signed(full)}"),
    )
    for share, align, told in ends:
        write(draw, (x + width * share, y + 42), told, SMALL, align)


def _criteria(draw: ImageDraw.ImageDraw, card: ScoreCard, x: int, top: int, columns: int) -> int:
    """Failed gates, then every criterion with its number, its bar and its sentence, from `x` to
    the right margin; answers where they end."""
    wide = WIDTH - MARGIN - x
    if columns > 1:
        draw.line((x, top, x + wide, top), fill=FAINT, width=2)
        top += 20
    write(draw, (x, top + 30), "What was measured", HEAD)
    start = top + 64
    for gate in card.failed_gates:
        for line in GATE.wrapped(f"Gate failed: {gate}", wide):
            write(draw, (x, start + 22), line, GATE)
            start += GATE.line()
        start += 14
    width = (wide - GUTTER * (columns - 1)) // columns
    heights = [_height(criterion, width) for criterion in card.criteria]
    most = sum(heights) / columns
    left, y, lowest = x, start, start
    for criterion, height in zip(card.criteria, heights, strict=True):
        if columns > 1 and left == x and y > start and y + height / 2 - start > most:
            left, y = x + width + GUTTER, start
        _criterion(draw, criterion, (left, y), width)
        y += height
        lowest = max(lowest, y)
    return lowest


def _height(criterion: Criterion, width: int) -> int:
    return 58 + len(TEXT.wrapped(criterion.explanation, width)) * TEXT.line() + 26


def _criterion(
    draw: ImageDraw.ImageDraw, criterion: Criterion, at: tuple[int, int], width: int
) -> None:
    x, y = at
    counts = criterion.informative and criterion.value is not None
    name = criterion.name.replace("_", " ")
    write(draw, (x, y + 22), name, NAME if counts else Style(23, 400, GREY))
    told = "–" if criterion.value is None else f"{criterion.value:.2f}"
    if not criterion.informative:
        told = "does not count"
    elif criterion.percentile is not None:
        told = f"{place_words(criterion.percentile)} percentile   {told}"
    write(draw, (x + width, y + 22), told, VALUE if counts else TEXT, "right")
    bar = (x, y + 36, x + width, y + 36 + BAR)
    draw.rounded_rectangle(bar, BAR / 2, fill=FAINT)
    if counts and criterion.value:
        reach = max(BAR, width * criterion.value)
        colour = CARRIES if criterion.value >= 0.5 else AGAINST
        draw.rounded_rectangle((x, y + 36, x + reach, y + 36 + BAR), BAR / 2, fill=colour)
    for number, line in enumerate(TEXT.wrapped(criterion.explanation, width)):
        write(draw, (x, y + 76 + number * TEXT.line()), line, TEXT)


def _footer(draw: ImageDraw.ImageDraw, scored: Scored, effects: Sequence[Effect], top: int) -> int:
    wide = WIDTH - 2 * MARGIN
    draw.line((MARGIN, top + 10, MARGIN + wide, top + 10), fill=FAINT, width=2)
    y = top + 50
    for text in _footnotes(scored, effects):
        for line in SMALL.wrapped(text, wide):
            write(draw, (MARGIN, y), line, SMALL)
            y += SMALL.line()
        y += 6
    return y


def _footnotes(scored: Scored, effects: Sequence[Effect]) -> Iterator[str]:
    card = scored.card
    assert card is not None
    if effects:
        unit = "the score itself"
        if any(effect.unit == "z" for effect in effects):
            unit = "appeal in standard deviations of the background set (z)"
            unit += ", brand fit as it stands" if len(effects) > 1 else ""
        yield (
            "Blue squares carry the score, orange squares work against it: each was covered with "
            "the picture's mean colour, and the picture scored again. Numbers are the change: "
            f"{unit}. Small changes mean nothing."
        )
    if card.appeal_percentile is not None:
        spread = "" if card.appeal_spread is None else f" ± {card.appeal_spread:.2f}"
        z = "" if card.appeal_z is None else f" (z {signed(card.appeal_z)}{spread})"
        yield f"Appeal is a percentile among the pictures of the background set{z}."
    if scored.of_run:
        yield "The maps judge the pixels alone, the scores its layout as well."
    for reason in card.review:
        yield f"A person must look: {reason}"
    if card.note:
        yield card.note
    yield "Scores order pictures; they are no forecast of clicks."
    yield f"Calibration {card.calibration_id}"
