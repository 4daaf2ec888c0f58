"""Banners are shown pixel for pixel: everything on them is legible, in every family and shape."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import poster_cases as cases
import pytest
from test_label_visible import key_visual

from contentfab.records.channel import Placement
from contentfab.records.pictures import Poster, PosterRequest, PosterText
from contentfab.rules.channels import load_channels
from contentfab.rules.layout.placements import copy_space, picture_size
from contentfab.rules.layout.type_scale import LABEL_PIXELS, is_banner, least_label, least_size
from contentfab.stages.compose import compose

FAMILIES = ("hero", "split", "editorial")
BANNERS = load_channels()["display.banner"].placements
TEXTS = {
    "en-US": PosterText(
        "Slow brew. Bright morning.", "Cold-pressed for 18 hours.", "Find your cup", "$4.50",
        "Contains caffeine.", "AI-generated",
    ),
    "de-DE": PosterText(
        "Lauf lauter als gestern.", "212 Gramm leicht.", "Paar wählen", "149,90 €",
        "Preis inkl. MwSt.", "KI-generiert", "Anzeige",
    ),
    "zh-CN": PosterText(
        "慢萃十八小时", "低温冷压，开瓶即饮。", "尝第一瓶", "¥39", "含咖啡因。", "AI生成", "广告",
    ),
}  # fmt: skip


def banner(
    folder: Path, place: Placement, family: str = "hero", locale: str = "en-US", **changes: object
) -> PosterRequest:
    request = cases.request(folder, family=family, size="1x1", locale=locale, text=TEXTS[locale])
    visual = key_visual(place, cases.BRANDS[locale] is cases.LOUD)
    return replace(request, placement=place, key_visual=visual, **changes)  # type: ignore[arg-type]


def one(request: PosterRequest) -> Poster:
    (poster,) = compose([request], cases.layout(), other_families=False)
    return poster


@pytest.mark.parametrize("family", FAMILIES)
def test_every_banner_keeps_everything_legible(family: str, tmp_path: Path) -> None:
    for place in BANNERS:
        for locale, text in TEXTS.items():
            poster = one(banner(tmp_path, place, family, locale))
            about = (family, place.id, locale)
            errors = [f.message for f in poster.findings if f.level == "error"]
            assert errors == [], about
            roles = {item.role for item in poster.texts}
            wanted = {role for role in text.__slots__ if getattr(text, role)} - {"subline"}
            assert wanted <= roles, about
            for item in poster.texts:
                if item.role != "label":
                    assert item.size >= least_size(item.role, place.width, place.height), about


def test_a_sub_line_without_room_is_left_out_and_told(tmp_path: Path) -> None:
    strip = next(place for place in BANNERS if place.id == "728x90")
    long = replace(
        TEXTS["de-DE"],
        headline="Geschwindigkeitsrausch für lange Sonntagsläufe",
        subline="212 Gramm leicht, für alle, die zwei Schritte voraus sind und nicht umkehren.",
        disclaimer="Gewicht gemessen an Größe EU 42. Preis inkl. MwSt., solange Vorrat reicht.",
    )
    poster = one(banner(tmp_path, strip, "split", "de-DE", text=long))
    roles = {item.role for item in poster.texts}
    assert "subline" not in roles
    assert {"headline", "cta", "price", "disclaimer", "label", "ad"} <= roles
    told = [f for f in poster.findings if f.rule == "poster.text-left-out"]
    assert [f.level for f in told] == ["warn"] and "subline" in told[0].message


def test_a_family_keeps_its_ground_on_banners(tmp_path: Path) -> None:
    """The idea of a family: hero fills the page with the picture where that is calm under the
    type, the others set it beside."""
    for place in BANNERS:
        frames = {family: one(banner(tmp_path, place, family)).frame for family in FAMILIES}
        page = place.width * place.height
        for family in FAMILIES:
            frame = frames[family]
            if family == "hero" and frame == (0, 0, place.width, place.height):
                continue
            assert frame is not None and frame.width * frame.height < 0.62 * page, place.id


def test_a_banners_product_is_a_fair_part_of_it(tmp_path: Path) -> None:
    for place in BANNERS:
        for family in FAMILIES:
            box = one(banner(tmp_path, place, family)).product_box
            assert box is not None
            assert box.height >= 0.2 * place.height, (place.id, family)
            assert max(box.height / place.height, box.width / place.width) >= 0.3


def test_least_sizes_are_absolute_on_banners_and_shares_on_posters() -> None:
    assert least_size("headline", 728, 90) == 13.0 and least_size("disclaimer", 160, 600) == 8.0
    assert least_size("headline", 1080, 1350) == pytest.approx(0.04 * 1080)
    assert least_label(728, 90) == LABEL_PIXELS and least_label(300, 250) == 13
    assert least_label(1080, 1350) == 54
    assert is_banner(970, 250) and is_banner(300, 600) and not is_banner(640, 640)


def test_a_banners_key_visual_is_large_enough_to_be_a_picture() -> None:
    for place in BANNERS:
        width, height = picture_size(place)
        assert min(width, height) == 512 and max(width, height) <= 1024
        assert width % 8 == 0 and height % 8 == 0
    assert picture_size(cases.placement("4x5")) == (1080, 1350)
    sides = {place.id: copy_space(place) for place in BANNERS}
    assert sides["300x250"] == sides["728x90"] == "left" and sides["160x600"] == "top"
