"""How the engine composes: calm areas, corners of the law, tokens, scrims, and fixed products."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import poster_cases as cases
import pytest

from contentfab.backends._typst_calm import calm_map, quiet_areas
from contentfab.backends._typst_raster import scrim
from contentfab.records.brand import Tokens
from contentfab.records.pictures import Poster, PosterRequest, PosterText
from contentfab.records.places import Area, Box
from contentfab.rules.labels.words import corners
from contentfab.rules.product.cutout import scale_cutout
from contentfab.stages.compose import compose

FAMILIES = ("hero", "split", "editorial")


def one(request: PosterRequest) -> Poster:
    (poster,) = compose([request], cases.layout(), other_families=False)
    return poster


def errors(poster: Poster) -> list[str]:
    return [f"{f.rule}: {f.message}" for f in poster.findings if f.level == "error"]


def box_of(poster: Poster, role: str) -> Box:
    return next(item.box for item in poster.texts if item.role == role)


def test_the_calm_side_of_a_picture_is_found_without_being_told() -> None:
    scene = np.full((540, 960, 3), 200, np.uint8)
    scene[:, 480:] = np.random.default_rng(1).integers(0, 256, (540, 480, 3), np.uint8)
    busy = calm_map(scene, ())
    assert busy[:, :18].max() < 0.3 < busy[:, 22:].min()
    (first, *_) = quiet_areas(busy, 960, 540)
    assert first.x1 <= 500 and first.width * first.height > 0.35 * 960 * 540


def test_type_goes_to_the_calm_side_of_a_picture_that_says_nothing(tmp_path: Path) -> None:
    """As pictures of image models are: neither stand nor quiet areas are known."""
    request = cases.request(tmp_path, size="1.91x1", product_image=None)
    visual = request.key_visual
    for calm_left in (True, False):
        pixels = np.array(visual.pixels)
        stripes = (np.indices((628, 600)).sum(axis=0) // 12 % 2 * 90 + 120).astype(np.uint8)
        side = slice(600, 1200) if calm_left else slice(0, 600)
        pixels[...] = (226, 168, 92)
        pixels[:, side] = stripes[..., None]
        bare = replace(visual, pixels=pixels, stand=None, quiet=())
        box = box_of(one(replace(request, key_visual=bare)), "headline")
        assert (box.x1 <= 640) if calm_left else (box.x0 >= 560)


@pytest.mark.parametrize("size", ["1x1", "4x5", "1.91x1", "9x16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_label_goes_where_the_law_wants_it(family: str, size: str, tmp_path: Path) -> None:
    product = cases.draw_product(tmp_path / "tin.png", 400, 300)
    for law, top in (("eu", True), ("cn", False)):
        request = cases.request(tmp_path, family=family, size=size, product_image=product)
        poster = one(replace(request, label_corners=corners([law])))
        assert errors(poster) == [], law
        height, width = poster.pixels.shape[:2]
        box = box_of(poster, "label")
        assert box.x0 > width / 2
        # A story's foot is covered; an arch has no upper corners; a wide page has no room under a
        # product, and China's law takes any corner.
        if size != "9x16" and size != "1.91x1":
            assert (box.y1 < height / 2) == top


@pytest.mark.parametrize("family", FAMILIES)
def test_right_to_left_pages_with_an_ad_mark_have_no_collisions(
    family: str, tmp_path: Path
) -> None:
    text = PosterText(
        "قهوة الصباح الأولى", "معصورة على البارد", "اطلب الآن", "٤٫٥٠ $", "",
        "تم إنشاؤه بالذكاء الاصطناعي", "إعلان",
    )  # fmt: skip
    for size in ("1x1", "4x5", "9x16", "1.91x1"):
        request = cases.request(tmp_path, family=family, size=size, text=text)
        poster = one(replace(request, locale="ar-EG"))
        assert errors(poster) == [], size
        # Who reads from the right begins at the right: the headline lies right of the middle.
        box = box_of(poster, "headline")
        assert (box.x0 + box.x1) / 2 > poster.pixels.shape[1] / 2, size


def test_a_wide_right_to_left_page_has_its_picture_turned(tmp_path: Path) -> None:
    text = PosterText("قهوة الصباح الأولى", label="مولّد بالذكاء")
    request = cases.request(tmp_path, size="1.91x1", text=text)
    left = one(replace(request, locale="ar-EG")).product_box
    right = one(cases.request(tmp_path, size="1.91x1")).product_box
    assert left is not None and right is not None
    assert left.x1 < 600 < right.x0


@pytest.mark.parametrize("family", FAMILIES)
def test_a_product_that_the_picture_was_made_around_stays_in_its_place(
    family: str, tmp_path: Path
) -> None:
    request = cases.request(tmp_path, family=family)
    visual = request.key_visual
    assert visual.stand is not None and request.product_image is not None
    fixed = Area(400 / 1080, 550 / 1350, 700 / 1080, 1190 / 1350)
    around = replace(visual, stand=replace(visual.stand, fixed=fixed))
    poster = one(replace(request, key_visual=around))
    box, frame = poster.product_box, poster.frame
    assert box is not None and frame is not None
    scale = max(frame.width / 1080, frame.height / 1350)
    assert abs(box.width - 300 * scale) <= 1 and abs(box.height - 640 * scale) <= 1
    cutout = scale_cutout(request.product_image, box.width, box.height)
    shown = poster.pixels[box.y0 : box.y1, box.x0 : box.x1]
    solid = cutout[..., 3] == 255
    assert np.array_equal(shown[solid], cutout[..., :3][solid])
    # Its shadow is in the picture: none is drawn, beside the product the wall is untouched.
    if family == "hero":
        beside = np.s_[box.y1 - 6 : box.y1, box.x1 + 6 : box.x1 + 30]
        assert np.array_equal(poster.pixels[beside], visual.pixels[beside])


def test_tokens_change_the_look_and_not_the_place(tmp_path: Path) -> None:
    request = cases.request(tmp_path, family="split")
    posters = {
        name: one(replace(request, brand=cases.WARM.model_copy(update={"tokens": tokens})))
        for name, tokens in {
            "plain": Tokens(),
            "quiet": Tokens(tone="quiet", scale="minor-third", panel="tinted"),
            "loud": Tokens(tone="loud", scale="golden"),
        }.items()
    }
    sizes = {
        name: next(t.size for t in poster.texts if t.role == "headline")
        for name, poster in posters.items()
    }
    assert sizes["quiet"] < sizes["plain"] <= sizes["loud"]
    assert all(errors(poster) == [] for poster in posters.values())
    panel = {name: poster.pixels[-20, 20].astype(int) for name, poster in posters.items()}
    assert tuple(panel["plain"]) == (0x12, 0x34, 0x3B)
    assert panel["quiet"].sum() > panel["plain"].sum() + 150
    # The picture's own ground is the same at every size of a creative.
    for size in ("1x1", "9x16", "1.91x1"):
        ground = one(cases.request(tmp_path, family="split", size=size)).background
        assert ground is not None
        page = [tuple(int(v) for v in row) for row in ground[::40, 3]]
        assert (0x12, 0x34, 0x3B) in page, size


def test_a_scrim_fades_neither_product_nor_podium() -> None:
    scene = np.full((1080, 1080, 3), 120, np.uint8)
    podium = Box(300, 860, 780, 1000)
    scrim(scene, Box(60, 980, 600, 1010), "#FFFFFF", 0.8, [podium])
    assert scene[995, 280].min() > 190  # under the text, beside the podium
    assert abs(int(scene[900, 700, 0]) - 120) <= 2  # the podium, away from the text
    free = np.full((1080, 1080, 3), 120, np.uint8)
    scrim(free, Box(60, 980, 600, 1010), "#FFFFFF", 0.8)
    assert free[900, 700, 0] > 150


def test_the_ladder_ends_in_text_that_reads(tmp_path: Path) -> None:
    """Stripes of the brand's lightest and darkest colour: no ink reads without help."""
    request = cases.request(tmp_path, family="hero", product_image=None)
    stripes = np.where(
        np.arange(1350)[:, None, None] // 30 % 2, (18, 52, 59), (246, 235, 221)
    ).astype(np.uint8)
    pixels = np.ascontiguousarray(np.broadcast_to(stripes, (1350, 1080, 3)))
    striped = replace(request.key_visual, pixels=pixels, quiet=(), stand=None)
    poster = one(replace(request, key_visual=striped))
    assert [e for e in errors(poster) if "contrast" in e] == []
