"""Writes contact sheets as the posters come: one picture of everything, or a sheet per family.

A poster is drawn into its tile and let go, so that seventy of them need no memory. Pictures get
the form of their file's ending; a folder gets JPEG sheets.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PIL import Image

from contentfab.delivery.layout_pictures import Band, Tile, contact_sheet, draw_tile
from contentfab.delivery.layout_sheets import SheetCell
from contentfab.errors import InputError, StorageError
from contentfab.rules.layout.families import Family
from contentfab.store import publish_file

FORMS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
LARGEST = 65_000
"""Pixels a side that a JPEG may have."""


class SheetFiles:
    """Where sheets go. `out` is a picture or a folder, `scale` the size of posters on a sheet;
    with `posters`, each poster goes into the folder at its full size, too. Raises InputError."""

    def __init__(self, out: Path, scale: float, *, posters: bool = False) -> None:
        self._out, self._scale, self._posters = out, scale, posters
        self._form = FORMS.get(out.suffix.lower())
        if self._form is None and out.suffix and not out.is_dir():
            raise InputError(
                f"--out: {out.suffix} is no form of a sheet",
                hint=f"end it in {', '.join(FORMS)}, or name a folder",
            )
        if posters and self._form is not None:
            raise InputError("--posters needs a folder", hint=f"--out {out.with_suffix('')}")
        self.written: list[Path] = []

    def write(
        self, title: str, families: Iterable[Family], cells: Iterable[SheetCell]
    ) -> list[SheetCell]:
        """Draws every cell and writes the sheets; answers the cells without their posters."""
        named = {family.id: family for family in families}
        tiles: dict[str, list[Tile]] = {name: [] for name in named}
        kept = []
        for cell in cells:
            tiles[cell.family].append(draw_tile(cell, self._scale))
            if self._posters and cell.poster is not None:
                name = f"{cell.family}-{cell.placement.id}.png"
                self._put(self._out / name, Image.fromarray(cell.poster.pixels), "PNG")
            kept.append(replace(cell, poster=None, made=cell.poster is not None))
        bands = [
            Band(named[name].name, named[name].about, made) for name, made in tiles.items() if made
        ]
        about = f"posters at {self._scale:.0%} of their size"
        if self._form is not None:
            self._put(self._out, contact_sheet(title, about, bands), self._form)
        else:
            for family, band in zip(tiles, bands, strict=True):
                sheet = contact_sheet(title, about, [band])
                self._put(self._out / f"{family}.jpg", sheet, "JPEG")
        return kept

    def _put(self, path: Path, picture: Image.Image, form: str) -> None:
        if max(picture.size) > LARGEST:
            raise InputError("the sheet is too large", hint="--out FOLDER, or a smaller --scale")
        options = {"PNG": {"compress_level": 3}, "JPEG": {"quality": 88}}.get(form, {})
        data = io.BytesIO()
        picture.save(data, form, **options)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"{path.parent} cannot be made: {error.strerror}", hint="choose another --out"
            ) from error
        publish_file(path, data.getvalue())
        self.written.append(path)
