"""Turns a sheet and a typeset layer into a finished poster: product, plates, pills, logo, inks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from contentfab.backends import _typst_ink as _ink
from contentfab.backends import _typst_raster as _raster
from contentfab.backends._product_shadow import blend, place_product
from contentfab.backends._typst_data import wordmark
from contentfab.backends._typst_geometry import box_of, grown
from contentfab.backends._typst_logo import Logo, fitting
from contentfab.backends._typst_raster import Line, SetText
from contentfab.backends._typst_sheet import Sheet, Told
from contentfab.records.work import Box, Poster, PosterRequest, TextBox
from contentfab.rules.colour import hex_to_rgb, luminance
from contentfab.rules.cutout import scale_cutout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

LARGE_TYPE = 48 / 1080
"""Type of this size, in shortest sides, is large: 3:1 is enough for it."""
GROUPS = (("headline", "subline", "price"), ("wordmark",), ("ad",), ("disclaimer",))
"""Texts that share one ink, in the order in which they choose."""
DEFAULT_LIGHT = (0.35, -0.08)
PLATE_CONTRAST = 4.9
RESTLESS = 0.06
"""Spread of the luminance under small print from which its ground is calmed."""


def headline_size(told: Told) -> float:
    """Font size of the headline in pixels, as the template set it."""
    return next((float(t["size"]) for t in told.get("text", []) if t["role"] == "headline"), 0.0)


class Painter:
    """Paints one poster. `layer` is the typeset page (RGBA), `told` what the template tells."""

    def __init__(
        self, request: PosterRequest, sheet: Sheet, layer: Pixels, told: Told, logo: Logo | None
    ) -> None:
        self._request, self._sheet, self._layer, self._logo = request, sheet, layer, logo
        self._palette = request.brand.palette
        self._base = sheet.base.copy()
        self._texts = [_set_text(record) for record in told.get("text", [])]
        self._shapes = told.get("shape", [])
        self._logo_places = [box_of(record["rect"]) for record in told.get("logo", [])]
        for text in self._texts:
            _raster.find_glyphs(layer, text)
        self._scene = self._with_product()

    def poster(self) -> Poster:
        """Chooses every colour on the measured ground and draws."""
        self._ink_groups()
        self._calm_ground([t for t in self._texts if t.role == "disclaimer"])
        logo_box = self._draw_logo()
        self._draw_shapes()
        background = self._scene
        pixels = background.copy()
        for text in self._texts:
            _raster.ink_text(pixels, self._layer, text)
        wordmark = next((t.glyphs for t in self._texts if t.role == "wordmark"), None)
        request = self._request
        return Poster(
            key=request.key,
            variant=request.variant,
            placement=request.placement.id,
            layout=request.layout,
            pixels=pixels,
            texts=tuple(self._text_box(text) for text in self._texts if text.glyphs.width),
            product_box=self._sheet.product,
            logo_box=logo_box or wordmark,
            background=background,
        )

    def _with_product(self) -> Pixels:
        scene = self._base.copy()
        box, stand = self._sheet.product, self._request.key_visual.stand
        if box is not None and self._request.product_image is not None:
            place_product(
                scene,
                scale_cutout(self._request.product_image, box.width, box.height),
                box,
                direction=stand.shadow if stand else DEFAULT_LIGHT,
                floats=bool(stand and stand.floats),
                clip=self._sheet.frame,
            )
        return scene

    def _ink_groups(self) -> None:
        first = ""
        for roles in GROUPS:
            texts = [t for t in self._texts if t.role in roles and t.glyphs.width]
            if not texts:
                continue
            colours = _ink.inks(self._palette)
            candidates = [first, *colours] if first else colours
            ink = self._readable_ink(candidates, texts)
            first = first or ink
            for text in texts:
                text.ink = ink

    def _readable_ink(self, candidates: Sequence[str], texts: Sequence[SetText]) -> str:
        """Walks the ladder: an ink that reads, else a scrim under the text, else a panel."""
        edge = LARGE_TYPE * min(self._scene.shape[:2])
        large = [t.glyphs for t in texts if t.size >= edge]
        small = [t.glyphs for t in texts if t.size < edge]
        ink, reads = _ink.choose_ink(candidates, self._scene, small, large)
        if reads:
            return ink
        dark_ink = float(luminance(hex_to_rgb(ink))) < 0.18
        veil = _ink.lightest(self._palette) if dark_ink else _ink.darkest(self._palette)
        region = _raster.union([t.glyphs for t in texts])
        plain = self._base.copy()
        for strength in (0.35, 0.5, 0.65, 0.8):
            self._base = plain.copy()
            _raster.scrim(self._base, region, veil, strength)
            self._scene = self._with_product()
            ink, reads = _ink.choose_ink(candidates, self._scene, small, large)
            if reads:
                return ink
        self._base = plain
        pad = round(0.024 * min(plain.shape[:2]))
        corner = self._request.brand.tokens.corner / 1000 * min(plain.shape[:2])
        _raster.fill(self._base, grown(region, pad), (corner,) * 4, veil, 0.96)
        self._scene = self._with_product()
        return _ink.choose_ink([*candidates, *_ink.inks(self._palette)], self._scene, small, large)[
            0
        ]

    def _calm_ground(self, texts: Sequence[SetText]) -> None:
        """Small print on a restless ground gets a frosted plate, like the label's."""
        shortest = min(self._scene.shape[:2])
        for text in texts:
            glyphs = text.glyphs
            ground = self._scene[glyphs.y0 : glyphs.y1, glyphs.x0 : glyphs.x1]
            if ground.size and float(luminance(ground).std()) > RESTLESS:
                light = float(luminance(ground).mean()) > 0.22
                tint = _ink.lightest(self._palette) if light else _ink.darkest(self._palette)
                box = grown(glyphs, 0.012 * shortest)
                corner = min(self._request.brand.tokens.corner / 1000 * shortest, box.height / 2)
                _raster.frosted(self._scene, box, (corner,) * 4, tint, 0.66)
                text.ink = _ink.best_on(tint, self._palette)[0]

    def _draw_logo(self) -> Box | None:
        if self._logo is None or not self._logo_places:
            return None
        box = self._logo_places[0]
        ground = self._scene[box.y0 : box.y1, box.x0 : box.x1]
        pixels, reads = fitting(self._logo, ground, box)
        if not reads:
            solid = pixels[pixels[..., 3] > 127][:, :3]
            dark = not len(solid) or float(luminance(solid).mean()) < 0.3
            plate = _ink.lightest(self._palette) if dark else _ink.darkest(self._palette)
            pad = round(0.35 * box.height)
            corner = self._request.brand.tokens.corner / 1000 * min(self._scene.shape[:2])
            _raster.fill(self._scene, grown(box, pad), (corner,) * 4, plate)
        blend(self._scene, pixels, box)
        return box

    def _draw_shapes(self) -> None:
        for record in self._shapes:
            box, role = box_of(record["rect"]), str(record["role"])
            texts = [t for t in self._texts if t.role == role and t.glyphs.width]
            if role == "label":
                self._label_plate(box, record["radii"], texts)
            elif role == "cta":
                near = grown(box, 0.2 * box.height)
                ground = self._scene[max(0, near.y0) : near.y1, max(0, near.x0) : near.x1]
                fill, ink = _ink.pill_colours(self._palette, ground)
                _raster.fill(self._scene, box, record["radii"], fill)
                for text in texts:
                    text.ink = ink
            else:
                ink = next((t.ink for t in self._texts if t.role == "headline"), "#000000")
                _raster.fill(self._scene, box, record["radii"], ink, record.get("opacity", 1.0))

    def _label_plate(self, box: Box, radii: Sequence[float], texts: Sequence[SetText]) -> None:
        """Frosted glass in the tone of its surroundings, as clear as the label's contrast lets."""
        area = self._scene[box.y0 : box.y1, box.x0 : box.x1]
        light = float(luminance(area).mean()) > 0.22
        tint = _ink.lightest(self._palette) if light else _ink.darkest(self._palette)
        tint = _ink.mix(tint, "#FFFFFF" if light else "#000000", 0.3)
        ink = _ink.best_on(tint, self._palette)[0]
        glyphs = [text.glyphs for text in texts]
        before = area.copy()
        for opacity in (0.34, 0.46, 0.58, 0.7, 0.82, 0.94):
            area[...] = before
            _raster.frosted(self._scene, box, radii, tint, opacity)
            if _ink.worst(ink, self._scene, glyphs) >= PLATE_CONTRAST:
                break
        ink = _ink.soft_ink(ink, tint, self._scene, glyphs, PLATE_CONTRAST)
        for text in texts:
            text.ink = ink

    def _text_box(self, text: SetText) -> TextBox:
        request = self._request
        wording = wordmark(request) if text.role == "wordmark" else ""
        wording = wording or getattr(request.text, text.role, "")
        return TextBox(
            role=text.role,
            text=wording,
            box=text.glyphs,
            size=round(text.size, 2),
            ink=text.ink,
            weight=text.weight,
            lines=text.count,
        )


def _set_text(record: dict[str, Any]) -> SetText:
    return SetText(
        role=str(record["role"]),
        size=float(record["size"]),
        weight=int(record["weight"]),
        count=int(record["lines"]),
        side=str(record["side"]),
        lines=[
            Line(box_of(rect), (round(left), round(right)))
            for rect, (left, right) in zip(record["boxes"], record["edges"], strict=True)
        ],
    )
