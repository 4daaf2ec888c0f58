"""Every family at every placement in four languages gives a poster that passes inspection."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import poster_cases as cases
import pytest

from contentfab.records.pictures import Poster, PosterText
from contentfab.rules.product.cutout import scale_cutout
from contentfab.stages.compose import compose

FAMILIES = ("hero", "split", "editorial")


def errors(poster: Poster) -> list[str]:
    return [f"{f.rule}: {f.message}" for f in poster.findings if f.level == "error"]


def one(request: object) -> Poster:
    (poster,) = compose([request], cases.layout())  # type: ignore[list-item]
    return poster


def test_the_shipped_families_come_in_their_own_order() -> None:
    assert [name for name in cases.layout().families if name in FAMILIES] == [*FAMILIES]


@pytest.mark.parametrize("size", cases.SIZES)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_placement_and_language_passes_inspection(
    family: str, size: str, tmp_path: Path
) -> None:
    requests = [
        cases.request(tmp_path, family=family, size=size, locale=locale) for locale in cases.TEXTS
    ]
    for request, poster in zip(requests, compose(requests, cases.layout()), strict=True):
        assert errors(poster) == [], request.key
        assert poster.layout == family, request.key
        assert poster.pixels.shape == (*reversed(cases.SIZES[size]), 3)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_label_in_two_languages_finds_room_everywhere(family: str, tmp_path: Path) -> None:
    text = replace(
        cases.TEXTS["en-US"], label="AI 生成 · AI-generated", disclaimer="Tax included.", ad="广告"
    )
    requests = [
        cases.request(tmp_path, family=family, size=size, text=text) for size in cases.SIZES
    ]
    for request, poster in zip(requests, compose(requests, cases.layout()), strict=True):
        assert errors(poster) == [], request.key
        assert poster.layout == family, request.key


SENTENCE = "Brew it slowly and let the first light of the day find you awake already"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("count", [1, 5, 15])
def test_a_headline_of_any_length_fits(family: str, count: int, tmp_path: Path) -> None:
    text = replace(cases.TEXTS["en-US"], headline=" ".join(SENTENCE.split()[:count]))
    requests = [
        cases.request(tmp_path, family=family, size=size, text=text) for size in ("4x5", "1.91x1")
    ]
    for request, poster in zip(requests, cases.layout().render(requests), strict=True):
        height, width = poster.pixels.shape[:2]
        margin = 0.05 * min(width, height)
        for box in poster.texts:
            assert box.box.x0 >= margin and box.box.x1 <= width - margin, (request.key, box)
            assert box.box.y0 >= margin and box.box.y1 <= height - margin, (request.key, box)


def test_a_headline_that_could_only_be_tiny_is_an_error(tmp_path: Path) -> None:
    text = replace(cases.TEXTS["en-US"], headline=" ".join([SENTENCE] * 12))
    (poster,) = compose([cases.request(tmp_path, text=text)], cases.layout(), other_families=False)
    assert any("poster.text-small" in error for error in errors(poster))


def test_the_same_request_gives_the_same_pixels_alone_and_in_a_batch(tmp_path: Path) -> None:
    requests = [cases.request(tmp_path, locale=locale) for locale in cases.TEXTS]
    alone = [cases.layout().render([request])[0].pixels for request in reversed(requests)]
    batch = [poster.pixels for poster in cases.layout().render(requests)]
    for single, member in zip(reversed(alone), batch, strict=True):
        assert np.array_equal(single, member)


def test_the_label_is_tall_enough_where_it_changes_the_picture(tmp_path: Path) -> None:
    for locale, text in cases.TEXTS.items():
        request = cases.request(tmp_path, locale=locale, family="editorial")
        poster = one(request)
        box = next(item.box for item in poster.texts if item.role == "label")
        assert poster.background is not None
        changed = np.abs(poster.pixels.astype(int) - poster.background).max(axis=2) > 24
        rows = np.flatnonzero(changed[box.y0 : box.y1, box.x0 : box.x1].any(axis=1))
        assert rows[-1] + 1 - rows[0] >= 0.05 * 1080, locale
        unlabelled = replace(request, text=replace(text, label=""))
        without = cases.layout().render([unlabelled])[0]
        assert all(item.role != "label" for item in without.texts)


def test_ideographs_are_as_tall_as_asked_and_latin_beside_them_is_not_enlarged(
    tmp_path: Path,
) -> None:
    text = replace(cases.TEXTS["zh-CN"], label="AI 生成")
    poster = cases.layout().render([cases.request(tmp_path, locale="zh-CN", text=text)])[0]
    box = next(item.box for item in poster.texts if item.role == "label")
    assert poster.background is not None
    changed = np.abs(poster.pixels.astype(int) - poster.background).max(axis=2) > 60
    area = changed[box.y0 : box.y1, box.x0 : box.x1]
    latin, ideographs = area[:, : box.width // 4], area[:, box.width // 2 :]
    heights = [np.ptp(np.flatnonzero(part.any(axis=1))) + 1 for part in (latin, ideographs)]
    assert 54 <= heights[1] <= 58
    assert heights[0] < 0.86 * heights[1]


@pytest.mark.parametrize("label", ["AI-generated", "KI-generiert", "Generado por IA"])
def test_a_latin_label_is_as_tall_as_asked_from_ascender_to_descender(
    label: str, tmp_path: Path
) -> None:
    text = replace(cases.TEXTS["en-US"], label=label)
    for size in ("4x5", "1.91x1", "640x800"):
        request = cases.request(tmp_path, size=size, text=text)
        poster = cases.layout().render([request])[0]
        box = next(item.box for item in poster.texts if item.role == "label")
        least = 0.05 * min(poster.pixels.shape[:2])
        assert least <= box.height <= 1.06 * least + 2, size


@pytest.mark.parametrize("size", ["1x1", "4x5", "9x16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_arms_with_other_copy_show_the_same_picture(family: str, size: str, tmp_path: Path) -> None:
    copies = [("Slow brew", "Ready."), ("Bright mornings start here.", "Cold-pressed in 18 hours.")]
    arms = [replace(cases.TEXTS["en-US"], headline=head, subline=sub) for head, sub in copies]
    posters = cases.layout().render(
        [cases.request(tmp_path, family=family, size=size, text=text) for text in arms]
    )
    assert posters[0].product_box == posters[1].product_box
    ends = [poster.logo_box and (poster.logo_box.x0, poster.logo_box.y0) for poster in posters]
    assert ends[0] == ends[1]


def test_a_story_has_a_large_headline_under_logo_and_label(tmp_path: Path) -> None:
    text = replace(cases.TEXTS["en-US"], label="AI-generated")
    for family in FAMILIES:
        poster = one(cases.request(tmp_path, family=family, size="9x16", text=text))
        boxes = {item.role: item for item in poster.texts}
        assert boxes["headline"].size >= 0.085 * 1080, family
        assert boxes["label"].box.y1 < boxes["headline"].box.y0
        product = poster.product_box
        assert product is not None and boxes["disclaimer"].box.y1 < product.y0
        assert 0.68 * 1920 <= product.y1 <= 0.74 * 1920, family


def test_every_glyph_lies_in_the_box_that_its_text_tells(tmp_path: Path) -> None:
    """What lies outside would be drawn uncoloured: black bits under a descender or an accent."""
    accents = PosterText("Ågy Çğ Ñjp", "Ågy jpq", "Ågy", "jp 4", "Çjpq Å", "Ågyjpq")
    for family in FAMILIES:
        for text, locale in ((accents, "en-US"), *((t, loc) for loc, t in cases.TEXTS.items())):
            request = cases.request(tmp_path, family=family, locale=locale, text=text)
            poster = cases.layout().render([replace(request, product_image=None)])[0]
            assert poster.background is not None
            black = np.argwhere(poster.background.max(axis=2) < 6)
            assert black.size == 0, (family, locale, black[0])


def test_the_products_pixels_are_exactly_those_of_its_scaled_picture(tmp_path: Path) -> None:
    for family in FAMILIES:
        request = cases.request(tmp_path, family=family)
        poster = cases.layout().render([request])[0]
        box = poster.product_box
        assert box is not None and request.product_image is not None
        scaled = scale_cutout(request.product_image, box.width, box.height)
        solid = scaled[..., 3] == 255
        assert solid.mean() > 0.5
        shown = poster.pixels[box.y0 : box.y1, box.x0 : box.x1]
        assert np.array_equal(shown[solid], scaled[..., :3][solid])


def test_the_product_stands_on_the_stand_and_casts_a_shadow(tmp_path: Path) -> None:
    request = cases.request(tmp_path)
    poster = cases.layout().render([request])[0]
    box = poster.product_box
    assert box is not None
    foot_x, foot_y = 0.5 * 1080, 0.815 * 1350
    assert abs((box.x0 + box.x1) / 2 - foot_x) <= 1
    # The foot is the middle of the base; the base's front edge lies a little lower.
    assert -1 <= box.y1 - foot_y <= 0.06 * box.width
    beside = np.s_[box.y1 - 12 : box.y1 + 2, box.x1 + 4 : box.x1 + 60]
    assert poster.pixels[beside].mean() < request.key_visual.pixels[beside].mean() - 4


def test_a_products_base_does_not_reach_over_its_stand(tmp_path: Path) -> None:
    product = cases.draw_product(tmp_path / "tin.png", 560, 500)
    for family in FAMILIES:
        request = cases.request(tmp_path, family=family, product_image=product)
        visual = request.key_visual
        assert visual.stand is not None
        narrow = replace(visual, stand=replace(visual.stand, foot_width=0.36))
        poster = one(replace(request, key_visual=narrow))
        box = poster.product_box
        assert errors(poster) == [] and box is not None
        base = scale_cutout(product, box.width, box.height)[-round(0.06 * box.height) :, :, 3]
        columns = np.flatnonzero((base > 200).any(axis=0))
        assert np.ptp(columns) + 1 <= 1.35 * 0.36 * 1080 + 2, family
        assert box.height >= 0.3 * 1350 or box.width >= 0.4 * 1080, family


def test_text_is_set_as_it_was_written(tmp_path: Path) -> None:
    nasty = '#import "x": * #panic() \\ "q" $x$ *b* _i_ `c` <l> @r //'
    text = PosterText(headline=nasty, subline='#eval("1") = heading', label="AI-generated")
    plain = PosterText(headline="Slow brew", subline="Cold", label="AI-generated")
    poster = cases.layout().render([cases.request(tmp_path, text=text)])[0]
    words = {box.role: box.text for box in poster.texts}
    assert words["headline"] == nasty
    short = cases.layout().render([cases.request(tmp_path, text=plain)])[0]
    assert not np.array_equal(poster.pixels, short.pixels)
    box = next(item for item in poster.texts if item.role == "headline")
    assert box.box.width > 400


def test_text_keeps_reading_on_a_busy_picture(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (68, 54, 3), np.uint8)
    busy = np.kron(noise, np.ones((20, 20, 1), np.uint8))[:1350, :1080]
    request = cases.request(tmp_path)
    request = replace(request, key_visual=replace(request.key_visual, pixels=busy, quiet=()))
    poster = one(replace(request, layout="hero"))
    # The noise itself is no picture that a brand could want; what is set on it must read.
    assert [error for error in errors(poster) if "contrast" in error or "text" in error] == []


def test_a_picture_without_a_stand_gets_the_familys_own_place(tmp_path: Path) -> None:
    for size in ("4x5", "1.91x1"):
        request = cases.request(tmp_path, size=size)
        free = replace(request, key_visual=replace(request.key_visual, stand=None, quiet=()))
        assert errors(one(free)) == [], size


def test_a_poster_without_a_product_is_set_over_the_picture(tmp_path: Path) -> None:
    for family in FAMILIES:
        poster = one(cases.request(tmp_path, family=family, product_image=None))
        assert errors(poster) == []
        assert poster.product_box is None


def test_right_to_left_text_is_flush_right(tmp_path: Path) -> None:
    text = PosterText("قهوة الصباح الأولى", "معصورة على البارد", "اطلب الآن", label="مولّد بالذكاء")
    request = cases.request(tmp_path, text=text)
    poster = one(replace(request, locale="ar-EG", layout="split"))
    assert errors(poster) == []
    subline = next(item.box for item in poster.texts if item.role == "subline")
    assert subline.x1 > 0.93 * 1080 and subline.x0 > 0.5 * 1080
