"""Turns a sheet and a typeset layer into a finished poster: product, plates, pills, logo, inks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from contentfab.backends import _typst_ink as _ink
from contentfab.backends import _typst_raster as _raster
from contentfab.backends._product_shadow import blend, place_product
from contentfab.backends._typst_data import wordmark
from contentfab.backends._typst_geometry import grown
from contentfab.backends._typst_logo import Logo, fitting
from contentfab.backends._typst_plate import label_plate
from contentfab.backends._typst_raster import SetText
from contentfab.backends._typst_sheet import Sheet
from contentfab.backends._typst_told import Told, read_logo, read_shapes, read_texts
from contentfab.records.pictures import Poster, PosterRequest, TextBox
from contentfab.records.places import Box
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
RESTLESS = 0.06
"""Spread of the luminance under small print from which its ground is calmed."""

KEYLINE = 2 / 1080
"""Width of the line around a pill that does not stand out from its ground, in shortest sides."""


class Painter:
    """Paints one poster. `layer` is the typeset page (RGBA), `told` what the template tells."""

    def __init__(
        self, request: PosterRequest, sheet: Sheet, layer: Pixels, told: Told, logo: Logo | None
    ) -> None:
        self._request, self._sheet, self._layer, self._logo = request, sheet, layer, logo
        self._palette = request.brand.palette
        self._base = sheet.base.copy()
        self._texts = read_texts(request.layout, told)
        self._shapes = read_shapes(request.layout, told)
        self._logo_place = read_logo(request.layout, told)
        _raster.part_texts(layer, self._texts)
        for text in self._texts:
            _raster.find_glyphs(layer, text)
        self._scene = self._with_product()

    def poster(self) -> Poster:
        """Chooses every colour on the measured ground and draws."""
        self._ink_groups()
        self._calm_ground([t for t in self._texts if t.role == "disclaimer"])
        logo_box = self._draw_logo()
        self._draw_shapes()
        _raster.draw_rest(self._scene, self._layer, self._texts)
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
        groups = [
            [t for t in self._texts if t.role in roles and t.glyphs.width] for roles in GROUPS
        ]
        groups = [texts for texts in groups if texts]
        colours = _ink.inks(self._palette)
        for texts in groups:
            self._set_ink(texts, self._readable_ink(colours, texts))
            # The first group's ink is the one that the others try first.
            colours = list(dict.fromkeys([groups[0][0].ink, *colours]))
        # A scrim for one group may have reached another: look again, now that all are drawn.
        for texts in groups:
            self._set_ink(texts, self._choose([texts[0].ink, *colours], texts)[0])

    def _set_ink(self, texts: Sequence[SetText], ink: str) -> None:
        for text in texts:
            text.ink = ink

    def _choose(self, candidates: Sequence[str], texts: Sequence[SetText]) -> tuple[str, bool]:
        edge = LARGE_TYPE * min(self._scene.shape[:2])
        large = [t.glyphs for t in texts if t.size >= edge]
        small = [t.glyphs for t in texts if t.size < edge]
        return _ink.choose_ink(candidates, self._scene, small, large)

    def _readable_ink(self, candidates: Sequence[str], texts: Sequence[SetText]) -> str:
        """Walks the ladder: an ink that reads, else a scrim under the text, else a panel."""
        ink, reads = self._choose(candidates, texts)
        if reads:
            return ink
        dark_ink = float(luminance(hex_to_rgb(ink))) < 0.18
        veil = _ink.lightest(self._palette) if dark_ink else _ink.darkest(self._palette)
        region = _raster.union([t.glyphs for t in texts])
        plain = self._base
        for strength in (0.35, 0.5, 0.65, 0.8):
            self._base = plain.copy()
            _raster.scrim(self._base, region, veil, strength)
            self._scene = self._with_product()
            ink, reads = self._choose(candidates, texts)
            if reads:
                return ink
        shortest = min(plain.shape[:2])
        corner = self._request.brand.tokens.corner / 1000 * shortest
        self._base = plain.copy()
        _raster.fill(self._base, grown(region, 0.024 * shortest), (corner,) * 4, veil, 0.96)
        self._scene = self._with_product()
        return self._choose(candidates, texts)[0]

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
        box = self._logo_place
        if self._logo is None or box is None:
            return None
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
        for shape in self._shapes:
            box, role = shape.box, shape.role
            texts = [t for t in self._texts if t.role == role and t.glyphs.width]
            if role == "label":
                label_plate(self._scene, box, shape.radii, texts, self._palette)
            elif role == "cta":
                fill, ink, keyline = _ink.pill_colours(self._palette, self._scene, box)
                if keyline:
                    line = max(2, round(KEYLINE * min(self._scene.shape[:2])))
                    radii = tuple(radius + line for radius in shape.radii)
                    _raster.fill(self._scene, grown(box, line), radii, keyline)
                _raster.fill(self._scene, box, shape.radii, fill)
                for text in texts:
                    text.ink = ink
            else:
                ink = next((t.ink for t in self._texts if t.role == "headline"), "#000000")
                _raster.fill(self._scene, box, shape.radii, ink)

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
