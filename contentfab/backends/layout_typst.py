"""Posters set by Typst over a composed picture: the built-in Layout.

Order of work for one poster: the family's template says where the picture goes; the product is
put on the picture's stand; the template sets the type (black, on a transparent page) into what is
left free; then every text, plate and pill gets its brand colour from the pixels that it stands
on. Same request, same pixels. Text is data throughout and is never parsed as Typst markup.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contentfab.backends import _draw_log as log
from contentfab.backends import _fonts
from contentfab.backends import _typst_caption as _caption
from contentfab.backends import _typst_data as _data
from contentfab.backends._typst_engine import Engine, FontSet
from contentfab.backends._typst_geometry import rect_of
from contentfab.backends._typst_layers import layers
from contentfab.backends._typst_logo import Logo, load_logo, logo_size
from contentfab.backends._typst_mirror import turned
from contentfab.backends._typst_paint import Painter
from contentfab.backends._typst_print import MOST_DPI, Trim, pdf
from contentfab.backends._typst_sheet import Sheet, compose_sheet, stand_product
from contentfab.backends._typst_svg import svg
from contentfab.backends._typst_told import Frame, Told, headline_size, read_frame, unrest
from contentfab.errors import BackendError, InputError
from contentfab.records.brand import Brand
from contentfab.records.pictures import Caption, CaptionRequest, Poster, PosterRequest
from contentfab.rules.layout.families import template_folders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REVISION = "2"
SMALLER_PRODUCTS = (0.86, 0.74)
"""Sizes, of that which stand and family allow, that the product may shrink to."""
MOST_WAYS = 4
"""Ways to lay out a page that are looked at, whatever a family says."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same while one poster is tried with smaller and smaller products."""

    request: PosterRequest
    fonts: FontSet
    data: dict[str, Any]
    logo: Logo | None


class TypstLayout:
    """Layout families are the `<name>.typ` files of `templates/posters`; the folders `posters`
    (a campaign's own) and `templates` add to them and override them by name. `about` has what
    each says of itself, `needs` the texts that it cannot do without. `bleed_mm`, `print_dpi` (the
    poster's pixels per inch) or `print_width_mm` (of the cut sheet) are of the files for printers;
    `files_id` changes when these do.

    Raises MissingDependency without typst or without a font family that the brand names, and
    InputError for a bad template folder or an unknown family."""

    parallel = True

    def __init__(
        self,
        templates: Path | str | None = None,
        posters: Path | None = None,
        bleed_mm: float = 3.0,
        print_dpi: float = 150.0,
        print_width_mm: float = 0.0,
    ) -> None:
        self._trim = Trim(bleed_mm, print_dpi, print_width_mm)
        own = Path(templates) if templates is not None else None
        self._engine = Engine(template_folders(own, posters))
        self.about = {family.id: family for family in self._engine.families}
        self.families: tuple[str, ...] = tuple(self.about)
        self.needs = {name: family.needs for name, family in self.about.items()}
        breakers = (f"{name}=={version(name)}" for name in ("budoux", "pyphen", "regex", "rjieba"))
        made_of = "\n".join([self._engine.digest, *_fonts.packages(), *breakers])
        digest = hashlib.sha256(made_of.encode()).hexdigest()[:12]
        self.id = f"typst/{version('typst')}+layout.{REVISION}+{digest}"
        self.files_id = f"{self.id}+{self._trim}"
        self._logos: dict[tuple[str, str], Logo | None] = {}

    def render(self, requests: Sequence[PosterRequest]) -> list[Poster]:
        """One poster per request, in order, of exactly the placement's size.

        Raises InputError (unknown family, unreadable picture or logo), MissingDependency (font
        family), BadOutput (a character that no font has), BackendError (the template failed)."""
        return [self._render(turned(request)) for request in requests]

    def caption(self, requests: Sequence[CaptionRequest]) -> list[Caption]:
        """Each picture with its AI label in a free corner. Raises as `render` does."""
        return [self._caption(request) for request in requests]

    def masters(self, brand: Brand, brand_dir: Path) -> tuple[NDArray[np.uint8], ...]:
        """The brand's logo files as RGBA, cropped to what is visible, for inspection; none when
        it has no logo. Raises InputError for an unreadable one."""
        logo = self._logo(brand, brand_dir)
        return logo.files if logo else ()

    def files(
        self, request: PosterRequest, kinds: Sequence[str], packet: str
    ) -> tuple[Poster, dict[str, bytes]]:
        """The poster, and it once more in other forms: `print` is a PDF for the printer, `editable`
        an SVG with type as text; `packet` is their XMP. Raises as `render` does."""
        request = turned(request)
        with log.kept() as kept:
            poster = self._render(request)
        job, product = self._job(request), request.product_image
        width, made = request.placement.width, {}
        if "print" in kinds:
            finest = MOST_DPI / self._trim.per_inch(width)
            parts = layers(kept, poster, self._trim.bleed(width), finest)
            made["print"] = pdf(
                parts, self._engine, job.fonts, job.data, self._trim, product, packet
            )
        if "editable" in kinds:
            parts = layers(kept, poster, 0, 1.0, paragraphs=False)
            rtl = job.data["style"]["dir"] == "rtl"
            made["editable"] = svg(parts, request.locale, rtl, product, packet)
        return poster, made

    def _caption(self, request: CaptionRequest) -> Caption:
        job = self._job(_caption.as_poster(request))
        return _caption.draw_caption(request, self._engine, job.fonts, job.data)

    def _render(self, request: PosterRequest) -> Poster:
        job = self._job(request)
        frame, sheet, data = self._calmest(job)
        log.sheet(sheet.base, frame, sheet.fit, request.key_visual)
        layer, told = self._engine.draw(request.layout, job.fonts, data)
        if layer.shape[:2] != sheet.base.shape[:2]:
            raise BackendError(
                f"template {request.layout} made a page of another size than the poster",
                hint="Wrap its content in #poster(context { … }); see hero.typ.",
            )
        return Painter(request, sheet, layer, told, job.logo).poster()

    def _calmest(self, job: _Job) -> tuple[Frame, Sheet, dict[str, Any]]:
        """The page in the way that its family likes best; where its type would stand on restless
        ground, in the first of its other ways in which it does not, else in the calmest."""
        request = job.request
        best, least = None, float("inf")
        for way in range(MOST_WAYS):
            data = job.data | {"way": way}
            told = self._engine.layout(request.layout, job.fonts, data)
            frame = read_frame(request.layout, told)
            last = way + 1 >= min(frame.ways, MOST_WAYS)
            try:
                sheet = compose_sheet(request, frame)
            except BackendError:
                if best is None and last:
                    raise
                continue
            quiet = [rect_of(area) for area in sheet.quiet]
            data |= {"phase": "type", "busy": sheet.busy, "quiet": quiet}
            sheet, told = self._with_room(job, frame, sheet, data)
            data["product"] = rect_of(sheet.product)
            if best is None or unrest(told) < least:
                best, least = (frame, sheet, data), unrest(told)
            if least <= 0 or last:
                break
        assert best is not None
        return best

    def _with_room(
        self, job: _Job, frame: Frame, sheet: Sheet, data: dict[str, Any]
    ) -> tuple[Sheet, Told]:
        """Type that is too small asks the product for room, and gets it if that helps. As long as
        the headline is of fair size the product has one size for all texts, so that the arms of a
        copy test show the same picture."""
        request = job.request
        shortest = min(request.placement.width, request.placement.height)
        if sheet.product is None:
            found = self._engine.layout(request.layout, job.fonts, data) if frame.ways > 1 else {}
            return sheet, found
        best, largest, found = sheet, 0.0, {}
        for shrink in (1.0, *SMALLER_PRODUCTS):
            sheet = replace(sheet, product=stand_product(request, frame, shrink))
            told = self._engine.layout(
                request.layout, job.fonts, data | {"product": rect_of(sheet.product)}
            )
            size = headline_size(told) / shortest
            if size > 1.04 * largest:
                best, largest, found = sheet, size, told
            if size >= data["fair"]:
                break
        return best, found

    def _job(self, request: PosterRequest) -> _Job:
        if request.layout not in (*self.families, _caption.FAMILY):
            raise InputError(
                f"unknown layout {request.layout!r}",
                hint=f"layouts are {', '.join(self.families)}",
            )
        fonts = self._engine.fonts(_fonts.font_files(request.brand_dir))
        chains = _data.faces(request.brand, request.locale, fonts)
        logo = self._logo(request.brand, request.brand_dir)
        _data.check_fonts(request, fonts, chains, logo is not None)
        placement = request.placement
        size = logo_size(logo, request.brand, placement.width, placement.height) if logo else None
        return _Job(request, fonts, _data.poster_data(request, fonts, chains, size), logo)

    def _logo(self, brand: Brand, brand_dir: Path) -> Logo | None:
        key = (str(brand_dir), brand.logo.file if brand.logo else "")
        if key not in self._logos:
            self._logos[key] = load_logo(brand, brand_dir, self._engine.svg)
        return self._logos[key]
