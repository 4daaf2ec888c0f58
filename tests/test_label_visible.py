"""The visible label, measured on the raster: in every layout, placement and jurisdiction."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pictures
import poster_cases as cases
import pytest
from PIL import Image, ImageFilter

from contentfab.records.channel import Placement
from contentfab.records.pictures import CaptionRequest, KeyVisual, Provenance, Stand
from contentfab.records.places import Area, Box
from contentfab.rules.channels import load_channels
from contentfab.rules.inspection import inspect
from contentfab.rules.labels.visible_label import free_corner, measure, visible_fault
from contentfab.rules.labels.words import corners, jurisdiction_names, label_text
from contentfab.stages.compose import subject

FAMILIES = ("editorial", "hero", "split")
LOCALES = {"zh-CN": "zh-CN", "en": "en-US", "de": "de-DE"}


def placements() -> list[Placement]:
    """Every placement of every channel; those that differ in nothing but their name, once."""
    found: dict[object, Placement] = {}
    for channel in load_channels().values():
        for place in channel.placements:
            found.setdefault((place.width, place.height, place.safe), place)
    return list(found.values())


PLACEMENTS = placements()
NAMES = jurisdiction_names()
# Every family at every placement; jurisdictions and locales take turns.
CHOSEN = [
    (family, place, NAMES[i % len(NAMES)], list(LOCALES)[i % len(LOCALES)])
    for i, (family, place) in enumerate(itertools.product(FAMILIES, PLACEMENTS))
]


def key_visual(place: Placement, loud: bool = False) -> KeyVisual:
    """The drawn set of the poster cases at any size."""
    wide, tall = place.width > 1.3 * place.height, place.height > 1.6 * place.width
    foot = cases._foot(place.width, place.height)
    most = 0.65 if wide else 0.26 if tall else 0.42
    quiet = Area(0.04, 0.05, 0.5, 0.9) if wide else Area(0.04, 0.05, 0.96, foot.y - most)
    made = Provenance("algorithmicMedia", "test", "drawn", "1")
    stand = Stand(foot, 0.42 if wide else 0.74, most, 0.45, (0.31, -0.05))
    return KeyVisual("picture", cases.scene(place.width, place.height, loud), made, stand, (quiet,))


def test_every_jurisdiction_meets_every_locale() -> None:
    assert {(case[2], case[3]) for case in CHOSEN} == set(itertools.product(NAMES, LOCALES))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_label_is_tall_clear_and_alone_in_every_placement(family: str, tmp_path: Path) -> None:
    for _, place, name, locale in (case for case in CHOSEN if case[0] == family):
        known = LOCALES[locale]
        text = replace(cases.TEXTS[known], label=label_text(locale, [name]), ad="")
        request = replace(
            cases.request(tmp_path, family=family, size="1x1", locale=known, text=text),
            placement=place,
            key_visual=key_visual(place, cases.BRANDS[known] is cases.LOUD),
        )
        (poster,) = cases.layout().render([request])
        about = (family, place.id, place.width, place.height, name, locale)
        found = inspect(subject(request, poster)).findings
        assert [str(f.message) for f in found if f.level == "error"] == [], about
        box = next(item.box for item in poster.texts if item.role == "label")
        measured = measure(poster.pixels, text.label, box)
        assert measured is not None, about
        assert measured.height >= 0.05 * min(place.width, place.height), (about, measured)
        assert measured.contrast >= 4.5, (about, measured)


@pytest.mark.parametrize("locale", ["ar", "he", "th", "ko", "fr", "pl", "zh-Hant-TW", "ja"])
def test_labels_in_other_scripts_are_as_tall(locale: str, tmp_path: Path) -> None:
    for name, person in (("cn", False), ("us-ny", True)):
        label = label_text(locale, [name], person=person)
        base = replace(cases.TEXTS["en-US"], label=label, disclaimer="")
        request = replace(cases.request(tmp_path, size="1x1", text=base), locale=locale)
        (poster,) = cases.layout().render([request])
        errors = inspect(subject(request, poster)).findings
        assert [f.message for f in errors if f.level == "error"] == [], (locale, name)


@pytest.mark.parametrize("text", ["AI生成", "AI生成 · AI-generated", "Généré par IA", "מ AI生成"])
def test_the_measured_height_is_that_of_the_characters(text: str) -> None:
    ground = np.full((900, 900, 3), 235, np.uint8)
    locale = "he" if text.startswith("מ") else "en"
    (caption,) = cases.layout().caption([CaptionRequest(ground, text, locale, ("top-left",))])
    found = measure(caption.pixels, text, caption.box)
    assert found is not None
    assert 45 <= found.height <= 49, found
    assert 4.5 < found.contrast < 12
    small = caption.pixels.copy()
    tall = caption.box.height
    half = Image.fromarray(small[caption.box.y0 : caption.box.y1, caption.box.x0 : caption.box.x1])
    half = half.resize((caption.box.width // 2, tall // 2), Image.Resampling.LANCZOS)
    area = small[caption.plate.y0 : caption.plate.y1, caption.plate.x0 : caption.plate.x1]
    area[...] = np.median(area, axis=(0, 1))
    y, x = caption.box.y0, caption.box.x0
    small[y : y + half.height, x : x + half.width] = np.asarray(half)
    shrunk = Box(x, y, x + half.width, y + half.height)
    assert "pixels tall" in visible_fault(small, text, shrunk, 0.05)


def labelled() -> tuple[pictures.Pixels, str, Box]:
    text = "AI生成 · AI-generated"
    wanted = CaptionRequest(pictures.gradient(), text, "en", ("bottom-right",))
    (caption,) = cases.layout().caption([wanted])
    return caption.pixels, text, caption.box


def test_a_label_survives_encoders_and_not_cover_fading_or_cutting() -> None:
    pixels, text, box = labelled()
    assert visible_fault(pixels, text, box, 0.05) == ""
    for form, quality in (("JPEG", 60), ("WEBP", 60), ("AVIF", 60)):
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, form, quality=quality)
        with Image.open(out) as image:
            assert visible_fault(np.asarray(image.convert("RGB")), text, box, 0.05) == "", form
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    ground = np.median(pixels[part], axis=(0, 1))
    covered, faded, cut = pixels.copy(), pixels.copy(), pixels.copy()
    covered[part] = ground
    assert "no text" in visible_fault(covered, text, box, 0.05)
    faded[part] = (ground + 0.45 * (pixels[part] - ground)).astype(np.uint8)
    assert "contrast" in visible_fault(faded, text, box, 0.05)
    cut[box.y0 + box.height // 2 : box.y1, box.x0 : box.x1] = ground
    assert "pixels tall" in visible_fault(cut, text, box, 0.05)
    blurred = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(9)))
    assert visible_fault(blurred, text, box, 0.05)
    assert "outside" in visible_fault(pixels, text, Box(0, 0, 9999, 10), 0.05)


def test_a_label_goes_where_nothing_is() -> None:
    picture = pictures.gradient().copy()
    picture[700:, 300:] = pictures.noise()[700:, 300:]  # something at the foot, to the right
    order = corners(["default"])
    wanted = CaptionRequest(picture, "AI-generated", "en", order)
    (caption,) = cases.layout().caption([wanted])
    assert caption.corner == "bottom-left"
    changed = np.abs(caption.pixels.astype(int) - picture).max(axis=2) > 0
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert caption.plate.y0 <= rows[0] and rows[-1] < caption.plate.y1
    assert caption.plate.x0 <= columns[0] and columns[-1] < caption.plate.x1
    assert min(caption.plate.x0, 1000 - caption.plate.y1) >= 0.02 * 800
    everywhere = {name: Box(0, 0, 100, 60) for name in order}
    assert free_corner(pictures.flat(), everywhere) == ("bottom-right", 0.0)
