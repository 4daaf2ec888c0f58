"""The AI label set on a picture that was not laid out here: in a free corner, on a quiet plate.

It is the label of the posters, by the same template code and in the same fonts; its colours are
black, white and what lies between, since nothing is known of a brand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from contentfab.backends import _typst_raster as _raster
from contentfab.backends._typst_engine import Engine, FontSet
from contentfab.backends._typst_plate import label_plate
from contentfab.backends._typst_told import read_shapes, read_texts
from contentfab.errors import BackendError
from contentfab.records.brand import Brand, Palette
from contentfab.records.channel import Placement
from contentfab.records.pictures import (
    Caption,
    CaptionRequest,
    KeyVisual,
    PosterRequest,
    PosterText,
    Provenance,
)
from contentfab.records.places import Box
from contentfab.rules.labels.visible_label import free_corner

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

FAMILY = "_caption"
MARGIN = 0.03
"""Room between the plate and the picture's edges, in shortest sides."""
PLAIN = Brand(
    id="plain",
    name="",
    palette=Palette(primary="#1B1D20", background="#FFFFFF", text="#1B1D20", accent="#6B7075"),
)


def as_poster(request: CaptionRequest) -> PosterRequest:
    """The caption as a poster with nothing on it but the label."""
    height, width = request.pixels.shape[:2]
    return PosterRequest(
        key="caption",
        variant="",
        layout=FAMILY,
        placement=Placement(id="picture", width=width, height=height),
        locale=request.locale,
        text=PosterText(headline="", label=request.text),
        key_visual=KeyVisual("", request.pixels, Provenance("", "", "", "")),
        product_image=None,
        brand=PLAIN,
        brand_dir=Path(),
    )


def draw_caption(
    request: CaptionRequest, engine: Engine, fonts: FontSet, data: dict[str, Any]
) -> Caption:
    """The picture with its label. `data` is the caption's as a template reads it."""
    told = engine.layout(FAMILY, fonts, data)
    size = told["label"][0]["rects"][0] if told.get("label") else None
    if size is None:
        raise BackendError("template _caption does not tell the label's size", hint="See its file.")
    places = _places(request.pixels, int(size["x1"]), int(size["y1"]), request.corners)
    corner, busy = free_corner(request.pixels, places)
    plate = places[corner]
    layer, told = engine.draw(FAMILY, fonts, data | {"phase": "type"})
    texts, shapes = read_texts(FAMILY, told), read_shapes(FAMILY, told)
    pixels = request.pixels.copy()
    scene = pixels[plate.y0 : plate.y1, plate.x0 : plate.x1]
    for text in texts:
        _raster.find_glyphs(layer, text)
        # The layer is the plate alone; where there is text, its glyphs are the label's.
        text.glyphs = _moved(text.glyphs, plate.x0, plate.y0)
    label_plate(pixels, plate, shapes[0].radii, texts, PLAIN.palette)
    for text in texts:
        _raster.ink_text(scene, layer, text)
    box = _raster.union([text.glyphs for text in texts])
    return Caption(pixels=pixels, box=box, plate=plate, corner=corner, busy=busy)


def _places(pixels: Picture, wide: int, tall: int, corners: tuple[str, ...]) -> dict[str, Box]:
    height, width = pixels.shape[:2]
    margin = round(MARGIN * min(width, height))
    if wide + margin > width or tall + margin > height:
        raise BackendError(
            f"the label needs {wide} x {tall} pixels, the picture has {width} x {height}",
            hint="Name fewer jurisdictions, or give a larger picture.",
        )
    found = {}
    for corner in corners:
        vertical, _, side = corner.partition("-")
        x = width - margin - wide if side == "right" else margin
        y = height - margin - tall if vertical == "bottom" else margin
        found[corner] = Box(x, y, x + wide, y + tall)
    return found


def _moved(box: Box, x: int, y: int) -> Box:
    return Box(box.x0 + x, box.y0 + y, box.x1 + x, box.y1 + y)
