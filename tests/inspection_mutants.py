"""Posters with one fault each, made from good ones: by pixel operations, or set anew.

A mutant keeps what the layout told, unless the fault is that the layout itself set it so (a text
moved into the safe area is told there). `MUTANTS` names the rule that must find each kind.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from inspection_posters import Good, brand, layout
from PIL import Image, ImageCms, ImageDraw, ImageFont

from contentfab.backends import _fonts
from contentfab.records.pictures import Poster, TextBox
from contentfab.records.places import Box
from contentfab.rules.inspection import Subject
from contentfab.rules.pixels.colour import delta_e, hex_to_rgb, srgb_to_lab
from contentfab.rules.product.cutout import scale_cutout
from contentfab.stages.compose import subject

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

Mutation = Callable[[Good, int], Subject]


def good_subject(good: Good, poster: Poster | None = None) -> Subject:
    """A poster as the line inspects it."""
    request = good.request
    masters = layout().masters(request.brand, request.brand_dir)
    return subject(request, poster or good.poster, masters)


# --- parts of a poster ---------------------------------------------------------------------------


def ink(poster: Poster) -> NDArray[np.bool_]:
    """Where type changed the picture."""
    assert poster.background is not None
    return np.asarray((poster.pixels != poster.background).any(axis=2))


def text(poster: Poster, role: str) -> TextBox:
    return next(t for t in poster.texts if t.role == role)


def without(poster: Poster, box: Box) -> Pixels:
    """The pixels with a box's type taken away."""
    assert poster.background is not None
    pixels = poster.pixels.copy()
    part = np.s_[max(0, box.y0) : box.y1, max(0, box.x0) : box.x1]
    pixels[part] = poster.background[part]
    return pixels


def reset(poster: Poster, role: str, x: int, y: int, scale: float = 1.0) -> Poster:
    """A text set elsewhere and told there: its own ink, scaled, its top left at (x, y)."""
    assert poster.background is not None
    item = text(poster, role)
    box = item.box
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    plain = poster.background[part].astype(np.float32)
    shown = poster.pixels[part].astype(np.float32)
    colour = np.array(hex_to_rgb(item.ink), np.float32)
    along = colour - plain
    cover = ((shown - plain) * along).sum(axis=2) / np.maximum((along * along).sum(axis=2), 1)
    size = (max(2, round(box.width * scale)), max(2, round(box.height * scale)))
    cover = np.clip(cv2.resize(cover, size, interpolation=cv2.INTER_AREA), 0, 1)
    pixels = without(poster, box)
    height, width = pixels.shape[:2]
    new = Box(max(0, x), max(0, y), min(width, x + size[0]), min(height, y + size[1]))
    cover = cover[new.y0 - y : new.y1 - y, new.x0 - x : new.x1 - x, None]
    under = pixels[new.y0 : new.y1, new.x0 : new.x1]
    pixels[new.y0 : new.y1, new.x0 : new.x1] = under * (1 - cover) + colour * cover + 0.5
    told = replace(item, box=new, rows=(new,), size=item.size * scale)
    texts = tuple(told if t.role == role else t for t in poster.texts)
    return replace(poster, pixels=pixels, texts=texts)


def rescened(poster: Poster, change: Callable[[Pixels], Pixels]) -> Poster:
    """Another scene under the same product, logo and type."""
    assert poster.background is not None
    old = poster.background
    new = change(old.copy())
    for box in (poster.product_box, poster.logo_box, *(pill(t) for t in poster.texts)):
        if box is not None:
            part = np.s_[max(0, box.y0) : box.y1, max(0, box.x0) : box.x1]
            new[part] = old[part]
    return replace(
        poster, background=new, pixels=np.where(ink(poster)[..., None], poster.pixels, new)
    )


def pill(item: TextBox) -> Box:
    room = round(item.box.height / item.lines) if item.role in ("cta", "label") else 0
    box = item.box
    return Box(box.x0 - room, box.y0 - room, box.x1 + room, box.y1 + room)


def relogoed(good: Good, draw: Callable[[Pixels, Pixels, Box], Box | None]) -> Poster:
    """The poster with its logo taken away and another drawn by `draw(page, master, box)`, which
    answers where it stands."""
    poster = good.poster
    assert poster.background is not None and poster.logo_box is not None
    box = poster.logo_box
    page = unlogoed(poster.background, box)
    request = good.request
    masters = layout().masters(request.brand, request.brand_dir)
    seen = poster.background[box.y0 : box.y1, box.x0 : box.x1].astype(float)

    def off(master: Pixels) -> float:
        small = np.asarray(
            Image.fromarray(master).resize((box.width, box.height)).convert("RGBA"), float
        )
        solid = small[..., 3] > 200
        return float(np.abs(small[..., :3] - seen)[solid].mean())

    place = draw(page, min(masters, key=off), box)
    pixels = np.where(ink(poster)[..., None], poster.pixels, page)
    return replace(poster, background=page, pixels=pixels, logo_box=place)


def unlogoed(page: Pixels, box: Box) -> Pixels:
    """A page with a box filled smoothly from around it."""
    mask = np.zeros(page.shape[:2], np.uint8)
    mask[max(0, box.y0 - 2) : box.y1 + 2, max(0, box.x0 - 2) : box.x1 + 2] = 1
    window = np.s_[max(0, box.y0 - 9) : box.y1 + 9, max(0, box.x0 - 9) : box.x1 + 9]
    out = page.copy()
    out[window] = cv2.inpaint(
        np.ascontiguousarray(page[window]), mask[window], 3, cv2.INPAINT_TELEA
    )
    return out


def paste(page: Pixels, rgba: Pixels, box: Box) -> None:
    """Draws a picture scaled to a box."""
    scaled = Image.fromarray(rgba).convert("RGBa").resize((box.width, box.height), 3)
    small = np.asarray(scaled.convert("RGBA"), np.float32)
    cover = small[..., 3:] / 255
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    page[part] = page[part] * (1 - cover) + small[..., :3] * cover + 0.5


def reproducted(good: Good, change: Callable[[Pixels, Pixels], Pixels]) -> Poster:
    """The product's pixels changed by `change(shown, cutout)`, in both pictures."""
    poster = good.poster
    assert poster.background is not None
    assert poster.product_box is not None and good.request.product_image is not None
    box = poster.product_box
    cutout = scale_cutout(good.request.product_image, box.width, box.height)
    page = poster.background.copy()
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    page[part] = change(page[part].copy(), cutout)
    pixels = np.where(ink(poster)[..., None], poster.pixels, page)
    return replace(poster, background=page, pixels=pixels)


# --- type ----------------------------------------------------------------------------------------


def clipped_text(good: Good, n: int) -> Subject:
    """The headline's lower third, right fifth, left fifth or top third is gone."""
    box = text(good.poster, "headline").box
    third, fifth = box.height // 3, box.width // 5
    gone = (
        box._replace(y0=box.y1 - max(third // max(1, text(good.poster, "headline").lines), 8)),
        box._replace(x0=box.x1 - fifth),
        box._replace(x1=box.x0 + fifth),
        box._replace(y1=box.y0 + max(8, third // max(1, text(good.poster, "headline").lines))),
        box._replace(x0=box.x1 - 2 * fifth),
    )[n]
    return good_subject(good, replace(good.poster, pixels=without(good.poster, gone)))


def hole_in_text(good: Good, n: int) -> Subject:
    """The middle of a line is gone."""
    item = text(good.poster, ("headline", "headline", "headline", "headline", "headline")[n])
    row = max(item.rows, key=lambda r: r.width)
    middle, half = (row.x0 + row.x1) // 2, max(round(1.2 * item.size), row.width // 8)
    hole = row._replace(x0=middle - half, x1=middle + half)
    return good_subject(good, replace(good.poster, pixels=without(good.poster, hole)))


def tofu(good: Good, n: int) -> Subject:
    """Some of the headline's characters come out as the font's box for what it lacks."""
    item = text(good.poster, "headline")
    row = item.rows[0]
    family = good.request.brand.fonts.heading if n % 2 else good.request.brand.fonts.body
    count = 2 + n
    font = ImageFont.truetype(str(_file_of(family)), round(item.size))
    width = round(font.getlength("\U0010fffd" * count))
    x = row.x0 + max(0, (row.width - width) // 2)
    pixels = without(good.poster, Box(x - 4, row.y0, min(row.x1, x + width + 4), row.y1))
    page = Image.fromarray(pixels)
    ImageDraw.Draw(page).text((x, row.y1), "\U0010fffd" * count, item.ink, font, anchor="ls")
    return good_subject(good, replace(good.poster, pixels=np.array(page)))


def _file_of(family: str) -> Path:
    files = layout()._engine.fonts(_fonts.font_files(brand("northlight")[1])).files
    return files[family][0]


def low_contrast(good: Good, n: int) -> Subject:
    """A text's ink has faded into its ground."""
    role = ("headline", "cta", "subline", "headline", "subline")[n]
    poster = good.poster
    item = text(poster, role)
    assert poster.background is not None
    part = np.s_[item.box.y0 : item.box.y1, item.box.x0 : item.box.x1]
    plain, pixels = poster.background[part].astype(np.float32), poster.pixels.copy()
    pixels[part] = plain + (0.22 - 0.02 * n) * (poster.pixels[part] - plain) + 0.5
    return good_subject(good, replace(poster, pixels=pixels))


def wrong_ink(good: Good, n: int) -> Subject:
    """A text was set, and told, in an ink too near its ground."""
    role = ("headline", "subline", "headline", "cta", "subline")[n]
    poster = good.poster
    item = text(poster, role)
    assert poster.background is not None
    part = np.s_[item.box.y0 : item.box.y1, item.box.x0 : item.box.x1]
    plain = poster.background[part].astype(np.float32)
    old = np.array(hex_to_rgb(item.ink), np.float32)
    new = np.rint(np.median(plain.reshape(-1, 3), axis=0) * 0.72 + 0.28 * old)
    along = old - plain
    cover = ((poster.pixels[part] - plain) * along).sum(2) / np.maximum((along * along).sum(2), 1)
    cover = np.clip(cover, 0, 1)[..., None]
    pixels = poster.pixels.copy()
    pixels[part] = plain * (1 - cover) + new * cover + 0.5
    told = "#{:02X}{:02X}{:02X}".format(*map(int, new))
    texts = tuple(replace(t, ink=told) if t.role == role else t for t in poster.texts)
    return good_subject(good, replace(poster, pixels=pixels, texts=texts))


def blurred_text(good: Good, n: int) -> Subject:
    """A text is out of focus."""
    item = text(good.poster, ("headline", "subline")[n % 2])
    room = 8
    box = item.box
    part = np.s_[max(0, box.y0 - room) : box.y1 + room, max(0, box.x0 - room) : box.x1 + room]
    pixels = good.poster.pixels.copy()
    pixels[part] = cv2.GaussianBlur(pixels[part], (0, 0), 1.8 + 0.5 * n)
    return good_subject(good, replace(good.poster, pixels=pixels))


def text_missing(good: Good, n: int) -> Subject:
    """The layout told a text that is not on the picture, or left it out altogether."""
    role = ("headline", "cta", "price", "subline", "headline")[n]
    if n < 3:
        box = text(good.poster, role).box
        return good_subject(good, replace(good.poster, pixels=without(good.poster, box)))
    role = ("cta", "headline")[n - 3]
    pixels = without(good.poster, text(good.poster, role).box)
    texts = tuple(t for t in good.poster.texts if t.role != role)
    return good_subject(good, replace(good.poster, pixels=pixels, texts=texts))


def text_small(good: Good, n: int) -> Subject:
    """A text is set smaller than its role allows."""
    role = ("headline", "headline", "cta", "subline", "headline")[n]
    item = text(good.poster, role)
    least = {"headline": 0.04, "cta": 0.022, "subline": 0.022}[role]
    scale = 0.9 * least * min(good.poster.pixels.shape[:2]) / item.size
    return good_subject(good, reset(good.poster, role, item.box.x0, item.box.y0, scale))


def text_in_safe_area(good: Good, n: int) -> Subject:
    """A text stands where the platform covers the picture, in a story or over the page's edge."""
    role = ("headline", "subline", "cta", "headline", "subline")[n]
    box = text(good.poster, role).box
    height, width = good.poster.pixels.shape[:2]
    x, y = (
        (box.x0, round(0.04 * height)), (box.x0, round(0.09 * height)),
        (box.x0, height - box.height - 40), (3, box.y0), (width - box.width - 5, box.y0),
    )[n]  # fmt: skip
    return good_subject(good, reset(good.poster, role, x, y))


def text_overflow(good: Good, n: int) -> Subject:
    """A text runs off the page."""
    role = ("headline", "subline", "headline", "cta", "headline")[n]
    box = text(good.poster, role).box
    height, width = good.poster.pixels.shape[:2]
    x, y = (
        (width - box.width // 2, box.y0), (width - 3 * box.width // 4, box.y0),
        (-box.width // 4, box.y0), (box.x0, height - box.height // 2), (box.x0, -box.height // 3),
    )[n]  # fmt: skip
    return good_subject(good, reset(good.poster, role, x, y))


def text_over_its_measure(good: Good, n: int) -> Subject:
    """A text is larger than the box that the layout still tells, or beside it."""
    role = ("headline", "subline", "headline", "cta", "subline")[n]
    kept = text(good.poster, role)
    shift = (0, 0, 0, 30, 40)[n]
    scale = (1.25, 1.3, 1.15, 1.0, 1.1)[n]
    moved = reset(good.poster, role, kept.box.x0 + shift, kept.box.y0, scale)
    texts = tuple(kept if t.role == role else t for t in moved.texts)
    return good_subject(good, replace(moved, texts=texts))


def text_overlap(good: Good, n: int) -> Subject:
    """A text stands on another one."""
    role, on = (
        ("subline", "headline"), ("price", "headline"), ("cta", "headline"),
        ("price", "subline"), ("subline", "cta"),
    )[n]  # fmt: skip
    box = text(good.poster, on).box
    return good_subject(good, reset(good.poster, role, box.x0 + 4, box.y0 + 4))


def text_on_product(good: Good, n: int) -> Subject:
    """A text stands on the product."""
    product = good.poster.product_box
    assert product is not None
    role = ("subline", "price", "cta", "headline", "price")[n]
    box = text(good.poster, role).box
    x = (product.x0 + product.x1 - box.width) // 2
    y = product.y0 + round((0.3 + 0.1 * n) * product.height)
    return good_subject(good, reset(good.poster, role, x, y))


# --- the product ---------------------------------------------------------------------------------


def product_recoloured(good: Good, n: int) -> Subject:
    """Every product pixel is three levels off in one channel."""

    def change(shown: Pixels, cutout: Pixels) -> Pixels:
        solid = cutout[..., 3] == 255
        own = shown[..., n % 3].astype(int) + np.where(shown[..., n % 3] > 127, -3, 3)
        shown[..., n % 3] = np.where(solid, own, shown[..., n % 3])
        return shown

    return good_subject(good, reproducted(good, change))


def product_shifted(good: Good, n: int) -> Subject:
    """The product stands one pixel beside where it was told."""
    dx, dy = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1))[n]

    def change(shown: Pixels, cutout: Pixels) -> Pixels:
        moved = np.roll(cutout, (dy, dx), (0, 1))
        cover = moved[..., 3:] / 255
        return (shown * (1 - cover) + moved[..., :3] * cover + 0.5).astype(np.uint8)

    return good_subject(good, reproducted(good, change))


def product_blurred(good: Good, n: int) -> Subject:
    """The product is out of focus."""

    def change(shown: Pixels, cutout: Pixels) -> Pixels:
        soft = cv2.GaussianBlur(shown, (0, 0), 1.0 + 0.4 * n)
        return np.where(cutout[..., 3:] == 255, soft, shown)

    return good_subject(good, reproducted(good, change))


def product_cut(good: Good, n: int) -> Subject:
    """A straight strip of the product is gone; or it reaches out of the page."""

    def change(shown: Pixels, cutout: Pixels) -> Pixels:
        height, width = shown.shape[:2]
        down, across = height // 5, width // 5
        part = (np.s_[:down], np.s_[-down:], np.s_[:, :across], np.s_[:, -across:])[n]
        shown[part] = (245, 8, 245)
        return shown

    if n < 4:
        return good_subject(good, reproducted(good, change))
    box = good.poster.product_box
    assert box is not None
    out = good.poster.pixels.shape[0] - box.y1 + 30
    moved = Box(box.x0, box.y0 + out, box.x1, box.y1 + out)
    return good_subject(good, replace(good.poster, product_box=moved))


def product_missing(good: Good, n: int) -> Subject:
    """There is no product, or another thing in its place."""
    if n < 2:
        (poster,) = layout().render([replace(good.request, product_image=None)])
        return good_subject(good, poster)

    def change(shown: Pixels, cutout: Pixels) -> Pixels:
        cover = cutout[..., 3:] / 255
        other = (cutout[..., :3][:, ::-1], cutout[::-1, :, :3], 255 - cutout[..., :3])[n - 2]
        if n == 2:
            other = np.roll(other, cutout.shape[0] // 3, axis=0)
        return (shown * (1 - cover) + other * cover + 0.5).astype(np.uint8)

    return good_subject(good, reproducted(good, change))


def product_small(good: Good, n: int) -> Subject:
    """The product is a speck."""
    (poster,) = layout().render([replace(good.request, product_image=None)])
    assert poster.background is not None and good.request.product_image is not None
    own = good.poster.product_box
    assert own is not None
    scale = np.sqrt((0.006 + 0.001 * n) * poster.pixels[..., 0].size / (own.width * own.height))
    size = (max(8, round(own.width * scale)), max(8, round(own.height * scale)))
    x, y = (own.x0 + own.x1) // 2, (own.y0 + own.y1) // 2
    box = Box(x, y, x + size[0], y + size[1])
    cutout = scale_cutout(good.request.product_image, *size)
    page = poster.background.copy()
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    alpha = cutout[..., 3:].astype(np.uint32)
    page[part] = (cutout[..., :3] * alpha + page[part] * (255 - alpha) + 127) // 255
    pixels = np.where(ink(poster)[..., None], poster.pixels, page)
    return good_subject(good, replace(poster, background=page, pixels=pixels, product_box=box))


# --- the logo ------------------------------------------------------------------------------------


def logo_squeezed(good: Good, n: int) -> Subject:
    """The logo is 4 % narrower or lower than its master."""

    def draw(page: Pixels, master: Pixels, box: Box) -> Box:
        narrow = n % 2 == 0
        new = (
            box._replace(x1=box.x0 + round(0.96 * box.width))
            if narrow
            else box._replace(y1=box.y0 + round(0.96 * box.height))
        )
        paste(page, master, new)
        return new if n > 2 else box  # told as it stands, or as it should

    return good_subject(good, relogoed(good, draw))


def logo_recoloured(good: Good, n: int) -> Subject:
    """The logo is in another colour."""

    def draw(page: Pixels, master: Pixels, box: Box) -> Box:
        other = master.copy()
        colour = ((200, 30, 60), (20, 90, 200), (230, 180, 20), (110, 40, 140), (30, 150, 80))[n]
        other[..., :3] = colour
        paste(page, other, box)
        return box

    return good_subject(good, relogoed(good, draw))


def logo_replaced(good: Good, n: int) -> Subject:
    """Another brand's logo stands in its place."""
    others = [name for name in ("northlight", "veltra", "yunlu") if name != good.request.brand.id]
    guide, folder = brand(others[n % 2])
    stranger = layout().masters(guide, folder)[n // 3]

    def draw(page: Pixels, master: Pixels, box: Box) -> Box:
        paste(page, stranger, box)
        return box

    return good_subject(good, relogoed(good, draw))


def logo_missing(good: Good, n: int) -> Subject:
    return good_subject(good, relogoed(good, lambda page, master, box: None))


def logo_small(good: Good, n: int) -> Subject:
    """The logo is smaller than its guide allows."""
    guide = good.request.brand.logo
    assert guide is not None
    wide = round((0.6 + 0.06 * n) * guide.min_width / 1000 * good.poster.pixels.shape[1])

    def draw(page: Pixels, master: Pixels, box: Box) -> Box:
        tall = round(wide * master.shape[0] / master.shape[1])
        new = Box(box.x0, box.y0, box.x0 + wide, box.y0 + tall)
        paste(page, master, new)
        return new

    return good_subject(good, relogoed(good, draw))


def logo_faint(good: Good, n: int) -> Subject:
    """The logo has faded into its ground."""

    def draw(page: Pixels, master: Pixels, box: Box) -> Box:
        faint = master.copy()
        faint[..., 3] = faint[..., 3] * (0.2 + 0.02 * n)
        paste(page, faint, box)
        return box

    return good_subject(good, relogoed(good, draw))


def logo_crowded(good: Good, n: int) -> Subject:
    """A text stands in the logo's clear space."""
    box = good.poster.logo_box
    assert box is not None
    role = ("subline", "price", "cta", "subline", "price")[n]
    y = box.y1 + max(1, round(0.1 * box.height)) if n % 2 else box.y0
    x = box.x0 if n % 2 else box.x1 + max(2, round(0.15 * box.height))
    return good_subject(good, reset(good.poster, role, x, y, 0.6))


# --- the label -----------------------------------------------------------------------------------


def label_missing(good: Good, n: int) -> Subject:
    """The AI label was not set, or its ink is gone."""
    pixels = without(good.poster, text(good.poster, "label").box)
    texts = tuple(t for t in good.poster.texts if t.role != "label")
    kept = replace(good.poster, pixels=pixels)
    return good_subject(good, kept if n % 2 else replace(kept, texts=texts))


def label_small(good: Good, n: int) -> Subject:
    """The AI label is lower than the law asks."""
    box = text(good.poster, "label").box
    return good_subject(good, reset(good.poster, "label", box.x0, box.y0, 0.88 - 0.06 * n))


def label_faint(good: Good, n: int) -> Subject:
    """The AI label has faded."""
    poster, box = good.poster, text(good.poster, "label").box
    assert poster.background is not None
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    plain, pixels = poster.background[part].astype(np.float32), poster.pixels.copy()
    pixels[part] = plain + (0.5 - 0.05 * n) * (poster.pixels[part] - plain) + 0.5
    return good_subject(good, replace(poster, pixels=pixels))


# --- the picture ---------------------------------------------------------------------------------


def banded(good: Good, n: int) -> Subject:
    """The scene's tones are cut down to a few steps."""
    step = (8, 12, 16, 20, 24)[n]
    return good_subject(good, rescened(good.poster, lambda p: p // step * step + step // 2))


def blurred_scene(good: Good, n: int) -> Subject:
    """The whole scene is out of focus."""
    sigma = (4.5 + n) * min(good.poster.pixels.shape[:2]) / 1080
    return good_subject(good, rescened(good.poster, lambda p: cv2.GaussianBlur(p, (0, 0), sigma)))


def noisy(good: Good, n: int) -> Subject:
    """The scene is full of noise."""
    noise = np.random.default_rng(n).normal(0, 9 + 3 * n, good.poster.pixels.shape)
    return good_subject(
        good, rescened(good.poster, lambda p: np.clip(p + noise, 0, 255).astype(np.uint8))
    )


def blocky(good: Good, n: int) -> Subject:
    """The scene was compressed far too hard."""

    def change(page: Pixels) -> Pixels:
        out = io.BytesIO()
        Image.fromarray(page).save(out, "JPEG", quality=4 + 2 * n)
        return np.array(Image.open(out))

    return good_subject(good, rescened(good.poster, change))


def near_uniform(good: Good, n: int) -> Subject:
    """The picture is black, or one colour, as a safety filter makes it."""
    level = (0, 127, 255, 20, 240)[n]
    page = np.full_like(good.poster.pixels, level)
    page[::2, ::3] += np.uint8(1) if level < 255 else np.uint8(0)
    pixels = np.where(ink(good.poster)[..., None], good.poster.pixels, page)
    return good_subject(good, replace(good.poster, background=page, pixels=pixels))


def off_palette(good: Good, n: int) -> Subject:
    """The scene is in colours that are not the brand's."""
    own = srgb_to_lab(
        np.array([hex_to_rgb(c) for c in good.request.brand.palette.colours()], np.uint8)
    )
    hues = np.array([[[hue, 150, 150]] for hue in range(0, 180, 10)], np.uint8)
    labs = srgb_to_lab(cv2.cvtColor(hues, cv2.COLOR_HSV2RGB)[:, 0])
    away = np.stack([delta_e(labs, colour) for colour in own]).min(axis=0)
    hue = int(np.argsort(-away)[n % 3]) * 10

    def change(page: Pixels) -> Pixels:
        hsv = cv2.cvtColor(page, cv2.COLOR_RGB2HSV)
        hsv[..., 0], hsv[..., 1] = hue, 150
        hsv[..., 2] = np.clip(hsv[..., 2], 90, 200)
        return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)

    return good_subject(good, rescened(good.poster, change))


def over_saturated(good: Good, n: int) -> Subject:
    """The scene's colours are driven into the corners of the colour space."""

    def change(page: Pixels) -> Pixels:
        hsv = cv2.cvtColor(page, cv2.COLOR_RGB2HSV).astype(np.int16)
        hsv[..., 1] = 255
        hsv[..., 2] = np.clip(hsv[..., 2] * 1.5 + 90, 0, 255)
        hsv[..., 0] = (60, 62, 58, 64, 56)[n]
        return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), np.uint8)

    return good_subject(good, rescened(good.poster, change))


def wrong_size(good: Good, n: int) -> Subject:
    """A poster of another size than its placement."""
    height, width = good.poster.pixels.shape[:2]
    size = ((width, height - 1), (width + 2, height), (width // 2, height // 2),
            (height, width), (width, height + 8))[n]  # fmt: skip
    if size == (width, height):
        size = (width, height - 4)
    whole = good_subject(good)
    pixels = cv2.resize(good.poster.pixels, size, interpolation=cv2.INTER_AREA)
    return replace(whole, pixels=pixels, background=None)


MUTANTS: dict[str, tuple[Mutation, str]] = {
    "clipped text": (clipped_text, "poster.text-clipped"),
    "hole in text": (hole_in_text, "poster.text-clipped"),
    "tofu": (tofu, "poster.tofu"),
    "low contrast": (low_contrast, "poster.contrast"),
    "wrong ink": (wrong_ink, "poster.contrast"),
    "blurred text": (blurred_text, "poster.text-blurred"),
    "text missing": (text_missing, "poster.text-missing"),
    "text too small": (text_small, "poster.text-small"),
    "text in the safe area": (text_in_safe_area, "poster.safe-area"),
    "text overflow": (text_overflow, "poster.text-overflow"),
    "text over its measure": (text_over_its_measure, "poster.text-stray"),
    "text overlap": (text_overlap, "poster.overlap"),
    "text on the product": (text_on_product, "poster.product-covered"),
    "product recoloured": (product_recoloured, "poster.product-locked"),
    "product shifted": (product_shifted, "poster.product-locked"),
    "product blurred": (product_blurred, "poster.product-blurred"),
    "product cut off": (product_cut, "poster.product-cut"),
    "product missing": (product_missing, "poster.product-missing"),
    "product too small": (product_small, "poster.product-size"),
    "logo squeezed": (logo_squeezed, "poster.logo-shape"),
    "logo recoloured": (logo_recoloured, "poster.logo-colour"),
    "logo replaced": (logo_replaced, "poster.logo-pixels"),
    "logo missing": (logo_missing, "poster.logo-missing"),
    "logo too small": (logo_small, "poster.logo-size"),
    "logo faint": (logo_faint, "poster.logo-contrast"),
    "logo crowded": (logo_crowded, "poster.logo-space"),
    "label missing": (label_missing, "poster.label"),
    "label too small": (label_small, "poster.label"),
    "label faint": (label_faint, "poster.label-contrast"),
    "banded": (banded, "poster.banded"),
    "blurred scene": (blurred_scene, "poster.blurred"),
    "noisy": (noisy, "poster.noise"),
    "blocky": (blocky, "poster.blocky"),
    "near-uniform": (near_uniform, "poster.blank"),
    "off-palette": (off_palette, "poster.palette"),
    "over-saturated": (over_saturated, "poster.burnt"),
    "wrong size": (wrong_size, "poster.size"),
}


# --- the file ------------------------------------------------------------------------------------


def _encoded(pixels: Pixels, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, **options)  # type: ignore[arg-type]
    return out.getvalue()


def heavy_file(good: Good, n: int) -> bytes:
    return _encoded(good.poster.pixels, compress_level=n)


def wrong_format(good: Good, n: int) -> bytes:
    return _encoded(good.poster.pixels, ("JPEG", "WEBP", "AVIF", "JPEG", "WEBP")[n])


def wrong_profile(good: Good, n: int) -> bytes:
    name = ("XYZ", "LAB", "XYZ", "LAB", "XYZ")[n]
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]
    return _encoded(
        good.poster.pixels, ("PNG", "PNG", "JPEG", "JPEG", "WEBP")[n], icc_profile=profile
    )


def broken_file(good: Good, n: int) -> bytes:
    whole = _encoded(good.poster.pixels, ("PNG", "JPEG", "WEBP", "PNG", "JPEG")[n])
    return whole[: len(whole) * (n + 1) // 8]


def animated_file(good: Good, n: int) -> bytes:
    out = io.BytesIO()
    small = Image.fromarray(good.poster.pixels).resize((200 + n, 250))
    other = Image.eval(small, lambda v: 255 - v)
    small.save(out, ("PNG", "WEBP")[n % 2], save_all=True, append_images=[other] * (n + 1))
    return out.getvalue()


FILE_MUTANTS: dict[str, tuple[Callable[[Good, int], bytes], str]] = {
    "file too heavy": (heavy_file, "file.bytes"),
    "wrong format": (wrong_format, "file.format"),
    "wrong colour profile": (wrong_profile, "file.profile"),
    "broken file": (broken_file, "file.readable"),
    "animation": (animated_file, "file.animated"),
}
