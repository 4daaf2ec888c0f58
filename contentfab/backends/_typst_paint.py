"""Turns a sheet and a typeset layer into a finished poster: product, plates, pills, logo, inks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from contentfab.backends import _draw_log as log
from contentfab.backends import _typst_ink as _ink
from contentfab.backends import _typst_raster as _raster
from contentfab.backends._product_shadow import Shade, blend, place_product, shade_in
from contentfab.backends._typst_data import wordmark
from contentfab.backends._typst_geometry import grown, meets
from contentfab.backends._typst_logo import Logo, fitting, in_proportion
from contentfab.backends._typst_plate import PLATE_SPARE, label_plate
from contentfab.backends._typst_raster import SetText
from contentfab.backends._typst_sheet import Sheet
from contentfab.backends._typst_tokens import corner, unit
from contentfab.backends._typst_told import (
    Block,
    Told,
    read_blocks,
    read_left_out,
    read_logo,
    read_shapes,
    read_texts,
)
from contentfab.records.pictures import Finding, Poster, PosterRequest, TextBox
from contentfab.records.places import Box
from contentfab.rules.layout.type_scale import is_banner, large_size
from contentfab.rules.pixels.colour import luminance, rgb_to_hex
from contentfab.rules.product.cutout import scale_cutout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

GROUPS = (("headline", "subline", "price"), ("wordmark",), ("ad",), ("disclaimer",))
"""Texts that share one ink, in the order in which they choose."""
LARGE_BLOCK_TYPE = 2.2
"""Type on a block counts as large from this size, in those of large type: a price on a sticker has
small parts, which are large, too, then."""
SMALL_PRINT = ("disclaimer", "ad")
SCRIMS = (0.35, 0.5, 0.65, 0.8, 0.92)
"""Strengths of a scrim, least first."""
PLATES = (0.66, 0.8, 0.94)
"""How opaque the plate under small print may be, least first."""
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
        size = request.placement.width, request.placement.height
        self._unit, self._corner = unit(*size), corner(request.brand.tokens, *size)
        self._large, self._banner = large_size(*size), is_banner(*size)
        self._base = sheet.base.copy()
        self._texts = read_texts(request.layout, told)
        self._shapes = read_shapes(request.layout, told)
        self._logo_place = read_logo(request.layout, told)
        self._left_out = read_left_out(request.layout, told)
        self._blocks = read_blocks(request.layout, told)
        self._block_fills = [self._block_fill(block) for block in self._blocks]
        _raster.part_texts(layer, self._texts)
        for text in self._texts:
            _raster.find_glyphs(layer, text)
        self._shade = self._product_shade()
        self._scene = self._with_product()

    def poster(self) -> Poster:
        """Chooses every colour on the measured ground and draws."""
        self._ink_groups()
        self._calm_ground([t for t in self._texts if t.role in SMALL_PRINT])
        logo_box = self._draw_logo()
        self._draw_shapes()
        _raster.draw_rest(self._scene, self._layer, self._texts)
        background = self._scene
        log.finished(background, self._layer, self._texts)
        pixels, neutral = background.copy(), background.copy()
        for text in self._texts:
            _raster.ink_text(pixels, self._layer, text)
            _raster.ink_text(neutral, self._layer, text, neutral=True)
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
            findings=tuple(
                Finding("poster.text-left-out", "warn", f"{role} is left out: there is no room")
                for role in self._left_out
            ),
            background=background,
            frame=self._sheet.frame,
            neutral=neutral,
        )

    def _with_product(self) -> Pixels:
        scene = self._base.copy()
        for block, colour in zip(self._blocks, self._block_fills, strict=True):
            _raster.fill(scene, block.box, block.radii, colour)
        box, product = self._sheet.product, self._request.product_image
        if box is not None and product is not None:
            cutout = scale_cutout(product, box.width, box.height)
            place_product(scene, cutout, box, self._shade)
        return scene

    def _product_shade(self) -> Shade | None:
        box, product, fit = self._sheet.product, self._request.product_image, self._sheet.fit
        if box is None or product is None:
            return None
        cutout = scale_cutout(product, box.width, box.height)
        visual, frame = self._request.key_visual, self._sheet.frame
        shade = shade_in(visual, cutout, box, frame, (fit.scale, fit.dx, fit.dy))
        if shade is None or not any(self._sheet.radii):
            return shade
        # No shadow falls on the page beside a rounded window.
        area = shade.area
        window = _raster.rounded(frame.width, frame.height, self._sheet.radii)
        seen = window[
            area.y0 - frame.y0 : area.y1 - frame.y0, area.x0 - frame.x0 : area.x1 - frame.x0
        ]
        return Shade(area, 1 - (1 - shade.left) * seen)

    def _ink_groups(self) -> None:
        groups = [
            [t for t in self._texts if t.role in roles and t.glyphs.width] for roles in GROUPS
        ]
        groups = [texts for texts in map(self._off_blocks, groups) if texts]
        colours = _ink.inks(self._palette)
        for texts in groups:
            self._set_ink(texts, self._readable_ink(colours, texts))
            # The first group's ink is the one that the others try first.
            colours = list(dict.fromkeys([groups[0][0].ink, *colours]))
        # A scrim for one group may have reached another: look again, now that all are drawn.
        for texts in groups:
            self._set_ink(texts, self._choose([texts[0].ink, *colours], texts)[0])

    def _block_fill(self, block: Block) -> str:
        around = _ink.edge_grounds(self._base, block.box)
        return _ink.block_colour(block.fill, self._palette, around)

    def _off_blocks(self, texts: list[SetText]) -> list[SetText]:
        """Texts that stand on the picture; those on a block get the ink that reads best there."""
        rest = []
        for text in texts:
            on = (
                i
                for i, b in enumerate(self._blocks)
                if meets(text.glyphs, grown(b.box, -0.1 * b.box.height))
            )
            block = next(on, None)
            if block is None:
                rest.append(text)
            else:
                large = text.size >= LARGE_BLOCK_TYPE * self._large
                text.ink = _ink.ink_on(self._block_fills[block], self._palette, large=large)
        return rest

    def _set_ink(self, texts: Sequence[SetText], ink: str) -> None:
        for text in texts:
            text.ink = ink

    def _choose(
        self, candidates: Sequence[str], texts: Sequence[SetText], scene: Pixels | None = None
    ) -> tuple[str, bool]:
        large = [t.glyphs for t in texts if t.size >= self._large]
        small = [t.glyphs for t in texts if t.size < self._large]
        return _ink.choose_ink(candidates, self._scene if scene is None else scene, small, large)

    def _readable_ink(self, candidates: Sequence[str], texts: Sequence[SetText]) -> str:
        """Walks the ladder: an ink that reads, else a scrim under the text, else a panel. Scrims
        are first made of the ground's own colour, as if the wall went on behind the text."""
        ink, reads = self._choose(candidates, texts)
        region = _raster.union([t.glyphs for t in texts])
        plain, keep = self._base, [b for b in (self._sheet.product, self._sheet.podium) if b]
        ground = plain[region.y0 : region.y1, region.x0 : region.x1]
        # Small type over set pieces is hard to read whatever its contrast.
        rough = self._banner and float(luminance(ground[::2, ::2]).std()) > RESTLESS
        if (reads and not rough) or texts[0].role in SMALL_PRINT:
            return ink  # small print gets a plate of its own instead
        veils = _ink.veils(self._palette, ground, ink)
        strengths = SCRIMS[-2:] if rough else SCRIMS
        for veil, strength in itertools.product(veils, strengths):
            self._base = plain.copy()
            _raster.scrim(self._base, region, veil, strength, keep)
            if not self._choose(candidates, texts, self._base)[1]:
                continue
            self._scene = self._with_product()
            ink, reads = self._choose(candidates, texts)
            if reads:
                return ink
        self._base = plain.copy()
        box = grown(region, 0.024 * self._unit)
        panel, ink = _ink.readable_plate(veils[-1], self._palette, PLATE_SPARE * _ink.SMALL)
        _raster.fill(self._base, box, (self._corner,) * 4, panel, 0.96)
        self._scene = self._with_product()
        return self._choose([*candidates, ink], texts)[0]

    def _calm_ground(self, texts: Sequence[SetText]) -> None:
        """Small print on a restless ground, or where no ink reads, gets a frosted plate of the
        ground's own colour."""
        for text in texts:
            glyphs = text.glyphs
            ground = self._scene[glyphs.y0 : glyphs.y1, glyphs.x0 : glyphs.x1]
            if not ground.size:
                continue
            reads = _ink.worst(text.ink, self._scene, [glyphs]) >= _ink.SPARE
            if reads and float(luminance(ground).std()) <= RESTLESS:
                continue
            tint = rgb_to_hex(np.median(ground.reshape(-1, 3), axis=0))
            box = grown(glyphs, 0.012 * self._unit)
            corner, plain = min(self._corner, box.height / 2), self._scene.copy()
            tint, text.ink = _ink.readable_plate(tint, self._palette, PLATE_SPARE * _ink.SMALL)
            for opacity in PLATES:
                self._scene[...] = plain
                _raster.frosted(self._scene, box, (corner,) * 4, tint, opacity)
                self._keep_product(plain)
                if _ink.worst(text.ink, self._scene, [glyphs]) >= _ink.SPARE:
                    break

    def _keep_product(self, before: Pixels) -> None:
        """A plate of small print may reach behind the product, never over it: its pixels are those
        of `before`."""
        box, product = self._sheet.product, self._request.product_image
        if box is not None and product is not None:
            seen = scale_cutout(product, box.width, box.height)[..., 3] > 0
            area = np.s_[box.y0 : box.y1, box.x0 : box.x1]
            self._scene[area][seen] = before[area][seen]

    def _draw_logo(self) -> Box | None:
        box = self._logo_place
        if self._logo is None or box is None:
            return None
        box = in_proportion(self._logo, box)
        ground = self._scene[box.y0 : box.y1, box.x0 : box.x1]
        pixels, reads = fitting(self._logo, ground, box)
        if not reads:
            solid = pixels[pixels[..., 3] > 127][:, :3]
            dark = not len(solid) or float(luminance(solid).mean()) < 0.3
            plate = _ink.lightest(self._palette) if dark else _ink.darkest(self._palette)
            pad = round(0.35 * box.height)
            _raster.fill(self._scene, grown(box, pad), (self._corner,) * 4, plate)
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
                radii: Sequence[float] = shape.radii
                if keyline:  # inside the pill: around it, it could touch another text
                    _raster.fill(self._scene, box, radii, keyline)
                    line = max(1, round(KEYLINE * self._unit))
                    box = grown(box, -line)
                    radii = [max(0.0, radius - line) for radius in radii]
                _raster.fill(self._scene, box, radii, fill)
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
            rows=tuple(text.rows),
        )
