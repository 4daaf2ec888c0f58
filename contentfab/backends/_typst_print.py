"""A poster as a PDF for the printer: bleed, crop marks, type as type in embedded subset fonts.

Set by Typst from the layers of the finished poster (`_typst_layers.py`), so that it shows what the
poster shows; pypdf then brings it to its size in print, names its boxes (ISO 32000-2, 14.11.2) and
puts the XMP packet in. Colours are sRGB; the printer converts them. Knows nothing about campaigns.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from contentfab.backends._draw_log import Mark
from contentfab.backends._typst_layers import Layers
from contentfab.backends._typst_raster import rounded
from contentfab.errors import BackendError, InputError
from contentfab.rules.product.cutout import load_cutout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contentfab.backends._typst_engine import Engine, FontSet

    Pixels = NDArray[np.uint8]

POINTS, MM = 72.0, 25.4
"""Points and millimetres in an inch."""
GAP_MM, MARK_MM, EDGE_MM, HAIR = 1.0, 5.0, 2.0, 0.25
"""Crop marks: room to the bleed, length, room to the sheet's edge; thickness in points."""
MOST_DPI = 600
"""No picture is put in finer than this."""


@dataclass(frozen=True, slots=True)
class Trim:
    """The size in print: `bleed_mm` of picture beyond the cut, and either how many of the poster's
    pixels go into an inch or how wide the cut sheet is. Raises InputError for what cannot be."""

    bleed_mm: float = 3.0
    dpi: float = 150.0
    width_mm: float = 0.0

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("layout.bleed_mm", self.bleed_mm, 0, 50),
            ("layout.print_dpi", self.dpi, 20, 1200),
            ("layout.print_width_mm", self.width_mm, 0, 5000),
        ):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(f"{name}: {value!r} is no number", hint=f"{least} to {most}")
            if not least <= value <= most:
                raise InputError(f"{name}: {value:g} is out of range", hint=f"{least} to {most}")

    def per_inch(self, width: int) -> float:
        """Pixels of a poster of that width that go into an inch."""
        return width / self.width_mm * MM if self.width_mm else self.dpi

    def bleed(self, width: int) -> int:
        """The bleed in pixels of the poster, whole ones."""
        return round(self.bleed_mm / MM * self.per_inch(width))


def pdf(
    layers: Layers,
    engine: Engine,
    fonts: FontSet,
    data: dict[str, Any],
    trim: Trim,
    product: Path | None,
    packet: str,
) -> bytes:
    """The sheet as PDF, one page, with `packet` as its XMP. `data` is what the family was told,
    `product` the cut-out file, which goes in at its own resolution. Same input, same bytes."""
    height, width = layers.poster.pixels.shape[:2]
    per_inch = trim.per_inch(width)
    per_mm = per_inch / MM
    off = layers.bleed + round((GAP_MM + MARK_MM + EDGE_MM) * per_mm)
    pictures: dict[str, Pixels] = {"ground.png": layers.ground}
    told = {
        "title": layers.title,
        "off": off,
        "bleed": layers.bleed,
        "gap": GAP_MM * per_mm,
        "length": MARK_MM * per_mm,
        "hair": HAIR * per_inch / POINTS,
        "marks": [
            told
            for i, mark in enumerate(layers.marks)
            for told in _told(mark, i, layers, pictures, product, MOST_DPI / per_inch)
        ],
        "texts": [_text(text) for text in layers.texts],
    }
    page = _compiled(engine, fonts, data | {"phase": "print", "print": told}, pictures)
    return _boxed(page, (width, height), off, layers.bleed, POINTS / per_inch, packet)


def shifted_runs(text: Any) -> list[dict[str, Any]]:
    """The stretches of a set text where the renderer put them."""
    shifts = [line.shift for line in text.lines]
    return [
        run | {"x": run["x"] + shift}
        for runs, shift in zip(text.runs, shifts, strict=False)
        for run in runs
    ]


def _text(text: Any) -> dict[str, Any]:
    shift = text.lines[0].shift if text.lines else 0
    par = text.par and text.par | {"x": text.par["x"] + shift}
    runs = [] if par else shifted_runs(text)
    return {"role": text.role, "size": text.size, "ink": text.ink, "runs": runs, "par": par}


def _told(
    mark: Mark,
    index: int,
    layers: Layers,
    pictures: dict[str, Pixels],
    product: Path | None,
    finest: float,
) -> list[dict[str, Any]]:
    """A mark as the template reads it; its picture is added to `pictures`."""
    box = mark.box
    place = {"x": box.x0, "y": box.y0, "w": box.width, "h": box.height}
    plain: dict[str, Any] = {"image": None, "colour": None, "radii": [0, 0, 0, 0], "opacity": 1.0}
    found: list[dict[str, Any]] = []
    picture = picture_of(mark, layers, product, finest)
    if picture is not None:
        name = f"mark{index}.png"
        pictures[name] = picture
        found.append({**plain, **place, "image": name})
    if mark.colour:
        look: dict[str, Any] = {
            "colour": mark.colour,
            "radii": list(mark.radii),
            "opacity": mark.opacity,
        }
        found.append({**plain, **place, **look})
    return found


def picture_of(mark: Mark, layers: Layers, product: Path | None, finest: float) -> Pixels | None:
    """The RGBA picture of a mark, if it has one; the product's at its own resolution, at most
    `finest` times as fine as on the poster."""
    if mark.under is not None:
        alpha = np.rint(255 * rounded(mark.box.width, mark.box.height, mark.radii))
        return np.dstack([mark.under, alpha[: mark.under.shape[0], : mark.under.shape[1]]]).astype(
            np.uint8
        )
    if mark.image is None or product is None or mark.box != layers.poster.product_box:
        return mark.image
    own = load_cutout(product)
    if own.shape[1] <= mark.box.width:
        return mark.image
    zoom = min(finest, own.shape[1] / mark.box.width)
    size = round(mark.box.width * zoom), round(mark.box.height * zoom)
    soft = Image.fromarray(own).convert("RGBa").resize(size, Image.Resampling.LANCZOS)
    return np.asarray(soft.convert("RGBA"))


def _compiled(
    engine: Engine, fonts: FontSet, data: dict[str, Any], pictures: dict[str, Pixels]
) -> bytes:
    import typst

    with tempfile.TemporaryDirectory(prefix="contentfab-print-") as name:
        folder = Path(name) / "root"
        shutil.copytree(engine.root, folder)
        for file, pixels in pictures.items():
            Image.fromarray(pixels).save(folder / file, "PNG", compress_level=1)
        try:
            page = typst.compile(
                str(folder / "_print.typ"),
                root=str(folder),
                font_paths=fonts.handle,
                ignore_system_fonts=True,
                format="pdf",
                sys_inputs={"data": json.dumps(data, sort_keys=True)},
            )
        except RuntimeError as error:
            raise BackendError(
                f"the PDF could not be set: {str(error).splitlines()[0]}",
                hint="report this as a bug, with the campaign's layout section",
            ) from error
    return bytes(page)


def _boxed(
    page: bytes, size: tuple[int, int], off: int, bleed: int, scale: float, packet: str
) -> bytes:
    """The page at its size in print, with its boxes and its packet."""
    from pypdf import PdfWriter
    from pypdf.generic import NameObject, RectangleObject, StreamObject

    writer = PdfWriter(clone_from=io.BytesIO(page))
    sheet = writer.pages[0]
    width, height = size
    sheet.trimbox = RectangleObject((off, off, off + width, off + height))
    reach = off - bleed
    sheet.bleedbox = RectangleObject((reach, reach, off + width + bleed, off + height + bleed))
    sheet.scale_by(scale)
    stream = StreamObject()
    stream[NameObject("/Type")] = NameObject("/Metadata")
    stream[NameObject("/Subtype")] = NameObject("/XML")
    stream.set_data(packet.encode())
    # In the place of typst's own packet: a file has one.
    own = writer.root_object.raw_get("/Metadata")
    writer._replace_object(own, stream)
    writer.metadata = {"/Creator": "contentfab"}
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
