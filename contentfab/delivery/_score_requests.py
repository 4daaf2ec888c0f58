"""From a picture file to what a scorer is asked: its pixels as seen, and what its run knows of it.

A picture that cannot be read, or of which nothing can be told, becomes a record with the reason.
Asks no scorer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contentfab.delivery._inspection_run import Known, of_its_run
from contentfab.delivery._score_records import Scored
from contentfab.errors import InputError
from contentfab.records.brand import Brand, Palette
from contentfab.records.pictures import Poster
from contentfab.records.scores import ScoreRequest
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.pixels.picture_as_seen import as_seen

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

MAX_PICTURE = 256 * 1024 * 1024
LEAST_SIDE = 32
"""Pixels; on less than that there is nothing to judge."""
MOST_LONG = 20
"""Times that one side may be as long as the other: a leaderboard has 11, and no set has more."""
SAVE_AGAIN = "save it again as PNG, JPEG, WebP or AVIF"
UNBRANDED = Brand(
    id="no-brand",
    name="",
    palette=Palette(primary="#808080", background="#FFFFFF", text="#000000", accent="#808080"),
)
"""Stands in the request where no brand is named; what a scorer says of it is thrown away."""


@dataclass(frozen=True, slots=True)
class Options:
    """How pictures are scored. `brand` and `text` win over what a run knows of its posters; the
    gates are in [0, 1], None leaves one unchecked. `as_files` asks no run about its posters, so
    that all pictures are treated alike."""

    brand: tuple[Brand, Path] | None = None
    text: str = ""
    min_appeal: float | None = None
    min_brand_fit: float | None = None
    as_files: bool = False


@dataclass(slots=True)
class Loaded:
    """A picture that could be read, and what to ask about it."""

    result: Scored
    request: ScoreRequest
    branded: bool


def read_picture(path: Path) -> tuple[Picture, tuple[str, ...]]:
    """Pixels as a viewer shows them, and a sentence for each thing that they do not show.
    InputError for a file that is no such picture, or too small or too long to be judged."""
    try:
        pixels, notes = as_seen(read_file(path, MAX_PICTURE))
    except FileFault as fault:
        raise InputError(fault.message, hint=fault.hint) from None
    except InputError as error:
        raise InputError(str(error), hint=error.hint or SAVE_AGAIN) from None
    check_sides(pixels.shape[1], pixels.shape[0])
    return pixels, notes


def check_sides(width: int, height: int) -> None:
    """InputError for sides that are too short, or too different, to be judged."""
    if min(width, height) < LEAST_SIDE:
        raise InputError(
            f"the picture is {width} x {height} pixels; nothing can be told of so little",
            hint=f"both sides must have {LEAST_SIDE} pixels or more",
        )
    if max(width, height) > MOST_LONG * min(width, height):
        raise InputError(
            f"the picture is {width} x {height} pixels; nothing can be told of such a strip",
            hint=f"no side may be more than {MOST_LONG} times as long as the other",
        )


def load(shown: str, path: Path, options: Options) -> Loaded | Scored:
    """What to ask about a picture, or why there is nothing to ask."""
    result = Scored(shown)
    try:
        pixels, result.unseen = read_picture(path)
    except InputError as error:
        result.error, result.hint = str(error), error.hint
        return result
    result.height, result.width = pixels.shape[:2]
    known = None if options.as_files else _known(path)
    brand = options.brand or (known.brand if known else None)
    guide, folder = brand or (UNBRANDED, Path())
    result.brand = guide.id if brand else ""
    result.of_run = known is not None and known.composed
    request = ScoreRequest(
        key=shown,
        pixels=pixels,
        brand=guide,
        text=options.text or _words(known),
        poster=_poster(shown, pixels, known),
        exemplars=tuple(folder / name for name in guide.exemplars),
        counter_exemplars=tuple(folder / name for name in guide.counter_exemplars),
    )
    return Loaded(result, request, brand is not None)


def _known(path: Path) -> Known | None:
    try:
        return of_its_run(path)
    except InputError:
        return None  # a manifest that cannot be read: the picture still can


def _words(known: Known | None) -> str:
    text = known.text if known else None
    return " ".join(filter(None, (text.headline, text.subline))) if text else ""


def _poster(shown: str, pixels: Picture, known: Known | None) -> Poster | None:
    """The layout of a run's poster, as far as its manifest tells."""
    if known is None or not known.composed:
        return None
    return Poster(
        key=shown,
        variant="",
        placement=known.placement.id if known.placement else "",
        layout="",
        pixels=pixels,
        texts=known.texts,
        product_box=known.product_box,
        logo_box=known.logo_box,
        frame=known.frame,
    )
