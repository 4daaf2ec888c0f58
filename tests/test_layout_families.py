"""Card, big type, offer, quote and minimal: every size, brand and script without a fault; a family
of one's own; what a family may need."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import poster_cases as cases
import pytest

from contentfab.delivery.layout_sheets import SIZES, placements
from contentfab.records.brand import Brand, Tokens
from contentfab.records.pictures import KeyVisual, Poster, PosterText
from contentfab.records.places import Area
from contentfab.rules.pixels.colour import delta_e, hex_to_rgb, srgb_to_lab
from contentfab.stages.compose import compose

FAMILIES = ("card", "big-type", "offer", "quote", "minimal")
PLACEMENTS = {placement.id: placement for placement in placements(SIZES)}
CALM = cases.WARM.model_copy(update={"id": "calm", "tokens": Tokens(corner=36, spacing="airy")})
BRANDS = {"warm": cases.WARM, "loud": cases.LOUD, "calm": CALM}
LOCALES = tuple(cases.TEXTS)


def poster(
    folder: Path, family: str, size: str, brand: Brand, locale: str, **changes: object
) -> Poster:
    placement = PLACEMENTS[size]
    cases.SIZES[size] = (placement.width, placement.height)
    visual = cases.key_visual(size, brand is cases.LOUD)
    fields = {"placement": placement, "brand": brand, "key_visual": visual}
    known = locale if locale in cases.TEXTS else "en-US"
    request = cases.request(folder, family=family, size="1x1", locale=known, **(fields | changes))
    request = replace(request, locale=locale)
    return compose([request], cases.layout(), other_families=False)[0]


def faults(made: Poster) -> list[str]:
    """Errors of the layout. Nothing here was encoded: blocks are no fault that it can have."""
    return [
        f"{finding.rule}: {finding.message}"
        for finding in made.findings
        if finding.level == "error" and finding.rule != "poster.blocky"
    ]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("size", SIZES)
def test_no_family_has_a_fault_at_any_size(tmp_path: Path, family: str, size: str) -> None:
    # Brands and languages go round, so that each family meets each of them at some size.
    turn = FAMILIES.index(family) + SIZES.index(size)
    brand = tuple(BRANDS.values())[turn % len(BRANDS)]
    made = poster(tmp_path, family, size, brand, LOCALES[turn % len(LOCALES)])
    assert faults(made) == []
    wanted = {"headline", "cta", "price", "label", "disclaimer"}
    if min(PLACEMENTS[size].width, PLACEMENTS[size].height) > 300:
        wanted.add("subline")  # which a banner may leave out
    assert {text.role for text in made.texts} >= wanted


@pytest.mark.parametrize("family", FAMILIES)
def test_a_poster_with_a_headline_alone(tmp_path: Path, family: str) -> None:
    price = "$4.50" if family == "offer" else ""
    text = replace(cases.TEXTS["en-US"], subline="", cta="", disclaimer="", label="", price=price)
    made = poster(tmp_path, family, "1080x1350", cases.WARM, "en-US", text=text, product_image=None)
    assert faults(made) == []


@pytest.mark.parametrize("size", ("1080x1080", "1200x628"))
def test_the_price_of_an_offer_is_its_largest_text_on_a_sticker_clear_of_the_product(
    tmp_path: Path, size: str
) -> None:
    made = poster(tmp_path, "offer", size, cases.WARM, "en-US")
    size_of = {text.role: text for text in made.texts}
    price = size_of["price"]
    assert price.size > size_of["headline"].size
    assert price.text == "$4.50"
    assert made.background is not None
    ground = made.background[price.box.y0 : price.box.y1, price.box.x0 : price.box.x1]
    colour = srgb_to_lab(np.median(ground.reshape(-1, 3), axis=0))
    palette = [srgb_to_lab(hex_to_rgb(c)) for c in cases.WARM.palette.colours()]
    assert min(float(delta_e(colour, of_brand)) for of_brand in palette) < 4


def test_the_headline_of_big_type_is_far_larger_than_a_heros(tmp_path: Path) -> None:
    sizes = {}
    for family in ("hero", "big-type"):
        made = poster(tmp_path, family, "1080x1350", cases.WARM, "en-US")
        sizes[family] = next(text.size for text in made.texts if text.role == "headline")
    assert sizes["big-type"] > 1.25 * sizes["hero"]


def test_pages_turn_with_the_direction_of_reading(tmp_path: Path) -> None:
    text = PosterText(
        "الأشياء الجيدة تأخذ وقتها", cta="انظر", price="89 ر.س", label="تم إنشاؤه بالذكاء الاصطناعي"
    )
    for family in ("card", "quote", "minimal"):
        made = poster(tmp_path, family, "1200x628", cases.WARM, "ar-SA", text=text)
        plain = poster(tmp_path, family, "1200x628", cases.WARM, "en-US")
        assert faults(made) == []
        assert made.product_box is not None
        assert plain.product_box is not None
        middle = 600
        first, second = (
            (box.x0 + box.x1) / 2 - middle for box in (made.product_box, plain.product_box)
        )
        assert first * second < 0, family


def test_families_are_different_compositions(tmp_path: Path) -> None:
    """No two families put product, headline and action in the same places."""
    seen = {}
    for family in ("hero", "split", "editorial", *FAMILIES):
        made = poster(tmp_path, family, "1080x1350", cases.WARM, "en-US")
        boxes = {text.role: text.box for text in made.texts}
        assert made.product_box is not None
        seen[family] = np.array([*boxes["headline"], *boxes["cta"], *made.product_box])
    names = list(seen)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert np.abs(seen[one] - seen[other]).max() > 60, (one, other)


def fixed(size: str, area: Area) -> KeyVisual:
    """A picture with the product painted into `area`."""
    visual = cases.key_visual(size)
    assert visual.stand is not None
    return replace(visual, stand=replace(visual.stand, fixed=area))


@pytest.mark.parametrize("family", ("big-type", "split"))
def test_a_page_that_would_cut_off_a_painted_product_is_another_family(
    tmp_path: Path, family: str
) -> None:
    """The product is most of the picture: only a picture over all the page shows it whole."""
    visual = fixed("1x1", Area(0.1, 0.3, 0.9, 0.85))
    request = cases.request(tmp_path, family=family, size="1x1", key_visual=visual)
    (alone,) = compose([request], cases.layout(), other_families=False)
    assert [finding.rule for finding in alone.findings] == ["poster.render"]
    assert "would cut off the product" in alone.findings[0].message
    (made,) = compose([request], cases.layout())
    assert made.layout != family
    assert made.product_box is not None
    box = made.product_box
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= 1080
    assert box.y1 <= 1080


def test_a_picture_is_moved_to_show_a_painted_product_whole(tmp_path: Path) -> None:
    visual = fixed("4x5", Area(0.3, 0.1, 0.7, 0.5))
    made = poster(tmp_path, "split", "1080x1350", cases.WARM, "en-US", key_visual=visual)
    assert made.product_box is not None
    assert made.frame is not None
    assert made.frame.y0 <= made.product_box.y0
    assert made.product_box.y1 <= made.frame.y1


@pytest.mark.parametrize("family", ("quote", "big-type"))
@pytest.mark.parametrize("size", ("1080x1080", "1080x1350"))
@pytest.mark.parametrize("label", ("AI", "Made with generative artificial intelligence"))
def test_a_long_label_leaves_the_product_its_size(
    tmp_path: Path, family: str, size: str, label: str
) -> None:
    text = replace(cases.TEXTS["en-US"], label=label)
    made = poster(tmp_path, family, size, cases.WARM, "en-US", text=text)
    assert faults(made) == []
    assert made.product_box is not None
    assert made.product_box.height > 0.26 * 1080


def test_the_line_of_a_quote_is_larger_than_its_sub_line(tmp_path: Path) -> None:
    made = poster(tmp_path, "quote", "1080x1080", cases.WARM, "de-DE")
    size_of = {text.role: text.size for text in made.texts}
    assert size_of["headline"] > 1.3 * size_of["subline"]


@pytest.mark.parametrize("family", ("split", "editorial"))
def test_a_short_chinese_headline_takes_few_lines_in_a_column(tmp_path: Path, family: str) -> None:
    text = replace(cases.TEXTS["zh-CN"], headline="忙了一天，对自己好点")
    made = poster(tmp_path, family, "1080x1080", cases.WARM, "zh-CN", text=text)
    headline = next(text for text in made.texts if text.role == "headline")
    assert headline.lines == 2


@pytest.mark.parametrize("family", ("split", "quote"))
def test_one_creative_has_one_ground_in_every_arm(tmp_path: Path, family: str) -> None:
    grounds = set()
    for seed in (1, 2):
        visual = cases.key_visual("4x5")  # beside which two panel colours of the brand stand out
        made = poster(
            tmp_path, family, "1080x1350", cases.LOUD, "en-US", seed=seed, key_visual=visual
        )
        assert made.background is not None
        grounds.add(tuple(made.background[-4, 4]))
    assert len(grounds) == 1


def test_no_shadow_falls_on_the_page_beside_a_round_window(tmp_path: Path) -> None:
    """A shadow thrown far to the side ends where the window does."""
    visual = cases.key_visual("4x5")
    assert visual.stand is not None
    far = replace(visual, stand=replace(visual.stand, shadow=(1.1, -0.6)))
    request = cases.request(tmp_path, family="quote", size="4x5", key_visual=far)
    (made,) = cases.layout().render([request])
    assert made.frame is not None
    frame, radius = made.frame, made.frame.width / 2
    y, x = np.mgrid[frame.y0 : frame.y1, frame.x0 : frame.x1]
    away = np.hypot(x - frame.x0 - radius, y - frame.y0 - radius) > radius + 2
    page = made.pixels[frame.y0 : frame.y1, frame.x0 : frame.x1][away]
    assert len(np.unique(page, axis=0)) == 1


def test_what_a_quote_says_ends_over_its_window(tmp_path: Path) -> None:
    line = ("A sub-line that goes on and on " * 4)[:96]
    text = replace(cases.TEXTS["en-US"], headline="Slow brew today.", subline=line)
    made = poster(tmp_path, "quote", "1080x1350", CALM, "en-US", text=text)
    assert faults(made) == []
    assert made.frame is not None
    action = next(text for text in made.texts if text.role == "cta")
    assert action.box.y1 + 30 < made.frame.y0
