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
from typing import Any

from contentfab.backends import _fonts
from contentfab.backends import _typst_caption as _caption
from contentfab.backends import _typst_data as _data
from contentfab.backends._typst_engine import Engine, FontSet
from contentfab.backends._typst_geometry import rect_of
from contentfab.backends._typst_logo import Logo, load_logo, logo_size
from contentfab.backends._typst_paint import Painter
from contentfab.backends._typst_sheet import Sheet, compose_sheet, stand_product
from contentfab.backends._typst_told import Frame, headline_size, read_frame
from contentfab.errors import BackendError, InputError
from contentfab.records.pictures import Caption, CaptionRequest, Poster, PosterRequest
from contentfab.resources import data_dir

REVISION = "1"
LEAST_HEADLINE = 0.066
"""Headline size, in shortest sides, under which the product gives up some of its room. Above it
the product has one size for all texts, so that the arms of a copy test show the same picture."""
SMALLER_PRODUCTS = (0.86, 0.74)
"""Sizes, of that which stand and family allow, that the product may shrink to."""


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same while one poster is tried with smaller and smaller products."""

    request: PosterRequest
    fonts: FontSet
    data: dict[str, Any]
    logo: Logo | None


class TypstLayout:
    """Layout families are the `<name>.typ` files of `templates/posters`; a folder given as
    `templates` adds to them and overrides them by name.

    Raises MissingDependency without typst or without a font family that the brand names, and
    InputError for a bad template folder or an unknown family."""

    parallel = True

    def __init__(self, templates: Path | str | None = None) -> None:
        folders = [data_dir("templates") / "posters"]
        if templates is not None:
            own = Path(templates)
            folders.append(own / "posters" if (own / "posters").is_dir() else own)
        self._engine = Engine(folders)
        self.families: tuple[str, ...] = self._engine.families
        breakers = (f"{name}=={version(name)}" for name in ("budoux", "pyphen", "rjieba"))
        made_of = "\n".join([self._engine.digest, *_fonts.packages(), *breakers])
        digest = hashlib.sha256(made_of.encode()).hexdigest()[:12]
        self.id = f"typst/{version('typst')}+layout.{REVISION}+{digest}"
        self._logos: dict[tuple[str, str], Logo | None] = {}

    def render(self, requests: Sequence[PosterRequest]) -> list[Poster]:
        """One poster per request, in order, of exactly the placement's size.

        Raises InputError (unknown family, unreadable picture or logo), MissingDependency (font
        family), BadOutput (a character that no font has), BackendError (the template failed)."""
        return [self._render(request) for request in requests]

    def caption(self, requests: Sequence[CaptionRequest]) -> list[Caption]:
        """Each picture with its AI label in a free corner. Raises as `render` does."""
        return [self._caption(request) for request in requests]

    def _caption(self, request: CaptionRequest) -> Caption:
        job = self._job(_caption.as_poster(request))
        return _caption.draw_caption(request, self._engine, job.fonts, job.data)

    def _render(self, request: PosterRequest) -> Poster:
        job = self._job(request)
        told = self._engine.layout(request.layout, job.fonts, job.data)
        frame = read_frame(request.layout, told)
        sheet = compose_sheet(request, frame)
        quiet = [rect_of(area) for area in sheet.quiet]
        data = job.data | {"phase": "type", "busy": sheet.busy, "quiet": quiet}
        sheet = self._with_room(job, frame, sheet, data)
        data["product"] = rect_of(sheet.product)
        layer, told = self._engine.draw(request.layout, job.fonts, data)
        if layer.shape[:2] != sheet.base.shape[:2]:
            raise BackendError(
                f"template {request.layout} made a page of another size than the poster",
                hint="Wrap its content in #poster(context { … }); see hero.typ.",
            )
        return Painter(request, sheet, layer, told, job.logo).poster()

    def _with_room(self, job: _Job, frame: Frame, sheet: Sheet, data: dict[str, Any]) -> Sheet:
        """Type that is too small asks the product for room, and gets it if that helps."""
        request = job.request
        shortest = min(request.placement.width, request.placement.height)
        best, largest = sheet, 0.0
        for shrink in (1.0, *SMALLER_PRODUCTS):
            if sheet.product is None:
                break
            sheet = replace(sheet, product=stand_product(request, frame, shrink))
            told = self._engine.layout(
                request.layout, job.fonts, data | {"product": rect_of(sheet.product)}
            )
            size = headline_size(told) / shortest
            if size > 1.04 * largest:
                best, largest = sheet, size
            if size >= LEAST_HEADLINE:
                break
        return best

    def _job(self, request: PosterRequest) -> _Job:
        if request.layout not in (*self.families, _caption.FAMILY):
            raise InputError(
                f"unknown layout {request.layout!r}",
                hint=f"layouts are {', '.join(self.families)}",
            )
        fonts = self._engine.fonts(_fonts.font_files(request.brand_dir))
        chains = _data.faces(request.brand, request.locale, fonts)
        logo = self._logo(request)
        _data.check_fonts(request, fonts, chains, logo is not None)
        placement = request.placement
        size = logo_size(logo, request.brand, placement.width, placement.height) if logo else None
        return _Job(request, fonts, _data.poster_data(request, fonts, chains, size), logo)

    def _logo(self, request: PosterRequest) -> Logo | None:
        key = (str(request.brand_dir), request.brand.logo.file if request.brand.logo else "")
        if key not in self._logos:
            self._logos[key] = load_logo(request.brand, request.brand_dir, self._engine.svg)
        return self._logos[key]
