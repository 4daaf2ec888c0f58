"""Type keeps off the set pieces of a picture: other ways to lay out a page, and stickers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import poster_cases as cases
import pytest

from contentfab.backends._typst_ink import block_colour, edge_grounds
from contentfab.backends._typst_logo import Logo, in_proportion
from contentfab.records.pictures import PosterRequest
from contentfab.records.places import Box, Point


def with_arch(request: PosterRequest, top: float) -> PosterRequest:
    """The request with a wide arch in its picture, from `top` down to the product's foot."""
    visual = request.key_visual
    pixels = visual.pixels.copy()
    height, width = pixels.shape[:2]
    y = (round(top * height), round(0.82 * height))
    cv2.rectangle(
        pixels, (round(0.12 * width), y[0]), (round(0.88 * width), y[1]), (40, 60, 160), -1
    )
    return replace(request, key_visual=replace(visual, pixels=pixels, quiet=()))


def test_an_offer_moves_to_a_panel_where_a_set_piece_stands_under_its_type(tmp_path: Path) -> None:
    request = cases.request(tmp_path, family="offer", size="1x1")
    request = with_arch(request, 0.24)
    poster = cases.layout().render([request])[0]
    assert poster.frame is not None and poster.frame.y0 > 0.3 * 1080
    below = [
        t.role
        for t in poster.texts
        if t.role in ("headline", "subline") and t.box.y1 > poster.frame.y0
    ]
    assert below == []


def test_an_offer_on_a_calm_picture_fills_the_page(tmp_path: Path) -> None:
    request = cases.request(tmp_path, family="offer", size="4x5")
    poster = cases.layout().render([request])[0]
    assert poster.frame == (0, 0, 1080, 1350)


def test_a_hero_sets_its_type_above_the_product_when_the_place_beside_it_is_taken(
    tmp_path: Path,
) -> None:
    request = cases.request(tmp_path, family="hero", size="1x1")
    visual = request.key_visual
    pixels = visual.pixels.copy()
    pixels[420:900, 60:520] = (40, 60, 160)
    taken = replace(request, key_visual=replace(visual, pixels=pixels, quiet=()))
    poster = cases.layout().render([taken])[0]
    boxes = {text.role: text.box for text in poster.texts}
    assert poster.product_box is not None
    assert boxes["headline"].y1 < poster.product_box.y0


def test_an_offers_text_stands_on_the_other_side_of_the_product(tmp_path: Path) -> None:
    """A picture lit from the other side is turned round, and its stand with it."""
    request = cases.request(tmp_path, family="offer", size="1.91x1")
    visual = request.key_visual
    stand = visual.stand
    assert stand is not None
    turned = replace(
        visual,
        pixels=np.ascontiguousarray(visual.pixels[:, ::-1]),
        stand=replace(stand, foot=Point(1 - stand.foot.x, stand.foot.y)),
        quiet=(),
    )
    poster = cases.layout().render([replace(request, key_visual=turned)])[0]
    assert poster.product_box is not None
    boxes = {text.role: text.box for text in poster.texts}
    for role in ("headline", "subline", "price", "cta"):
        assert boxes[role].x0 > poster.product_box.x1, role


def test_a_block_differs_from_all_that_is_around_it() -> None:
    scene = np.empty((400, 400, 3), np.uint8)
    scene[...] = (246, 235, 221)
    scene[200:, :] = (200, 85, 61)  # the accent, under the lower half of the block
    around = edge_grounds(scene, Box(100, 100, 300, 300))
    assert block_colour("accent", cases.WARM.palette, around) != "#C8553D"
    assert block_colour(
        "accent", cases.WARM.palette, edge_grounds(scene, Box(50, 20, 300, 150))
    ) == ("#C8553D")


@pytest.mark.parametrize("width", [113, 114, 116, 117])
def test_a_logo_does_not_become_narrower_than_its_place(width: int) -> None:
    logo = Logo((np.zeros((100, 523, 4), np.uint8),))
    for height in range(18, 30):
        assert in_proportion(logo, Box(10, 10, 10 + width, 10 + height)).width >= width


def test_the_advertising_mark_and_the_logo_do_not_meet_in_any_direction(tmp_path: Path) -> None:
    for locale in ("en-US", "ar-EG"):
        text = replace(cases.TEXTS["en-US"], ad="إعلان" if locale == "ar-EG" else "Ad")
        request = cases.request(tmp_path, family="offer", size="1x1", text=text)
        poster = cases.layout().render([replace(request, locale=locale)])[0]
        boxes = {item.role: item.box for item in poster.texts}
        ad, mark = boxes["ad"], poster.logo_box
        assert mark is not None
        assert ad.x1 <= mark.x0 or mark.x1 <= ad.x0, locale
