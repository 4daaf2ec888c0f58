"""The product lock: no difference on good posters, and every change of the product is named."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import poster_cases as cases
import pytest
from PIL import Image

from contentfab.backends._product_shadow import blend
from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.records.places import Box
from contentfab.rules.product.cutout import load_cutout, scale_cutout
from contentfab.rules.product.lock import check, check_marked, difference, enlarged

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

EXAMPLES = Path(__file__).parent.parent / "examples"
PRODUCTS = {
    "bag": EXAMPLES / "coffee/products/dawn-blend.png",
    "shoe": EXAMPLES / "running/products/stride-2.png",
    "bottle": EXAMPLES / "skincare/products/dew-serum.png",
}
Change = Callable[[Path, Box], "Picture"]


def box_of(product: Path) -> Box:
    """Where a product stands on a 1080 × 1350 poster, at most 520 × 460 pixels."""
    height, width = load_cutout(product).shape[:2]
    scale = min(460 / height, 520 / width)
    wide, tall = round(width * scale), round(height * scale)
    return Box(540 - wide // 2, 1100 - tall, 540 - wide // 2 + wide, 1100)


def placed(layer: Picture, box: Box) -> Picture:
    scene = cases.scene(1080, 1350).copy()
    blend(scene, layer, box)
    return scene


def moved(across: int, down: int) -> Change:
    def change(product: Path, box: Box) -> Picture:
        there = Box(box.x0 + across, box.y0 + down, box.x1 + across, box.y1 + down)
        return placed(scale_cutout(product, box.width, box.height), there)

    return change


def resized(across: float, down: float) -> Change:
    def change(product: Path, box: Box) -> Picture:
        wide, tall = round(across * box.width), round(down * box.height)
        x0 = box.x0 + (box.width - wide) // 2
        return placed(scale_cutout(product, wide, tall), Box(x0, box.y1 - tall, x0 + wide, box.y1))

    return change


def coloured(function: Callable[[np.ndarray], np.ndarray]) -> Change:
    def change(product: Path, box: Box) -> Picture:
        layer = scale_cutout(product, box.width, box.height).copy()
        changed = function(layer[..., :3].astype(np.float32))
        layer[..., :3] = np.clip(np.rint(changed), 0, 255).astype(np.uint8)
        return placed(layer, box)

    return change


def covered(product: Path, box: Box) -> Picture:
    scene = placed(scale_cutout(product, box.width, box.height), box)
    middle = (box.x0 + box.width // 4, box.y0 + box.height // 2)
    cv2.putText(scene, "SALE", middle, 0, 2, (255, 255, 255), 6)
    return scene


def soft(picture: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0))


CHANGES: dict[str, tuple[Change, str]] = {
    "right by 1": (moved(1, 0), "shifted"),
    "down by 1": (moved(0, 1), "shifted"),
    "by (3, -2)": (moved(3, -2), "shifted"),
    "3 levels lighter": (coloured(lambda p: p + 3), "recoloured"),
    "3 levels redder": (coloured(lambda p: p + np.float32([3, 0, 0])), "recoloured"),
    "3 % brighter": (coloured(lambda p: p * 1.03), "recoloured"),
    "sharpened": (coloured(lambda p: p + 0.5 * (p - soft(p))), "sharpened"),
    "blurred": (coloured(soft), "blurred"),
    "mirrored": (coloured(lambda p: p[:, ::-1]), "mirrored"),
    "1 % narrower": (resized(0.99, 1.0), "rescaled"),
    "1 % taller": (resized(1.0, 1.01), "rescaled"),
    "covered": (covered, "covered"),
}


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=list(PRODUCTS))
def test_a_product_as_it_is_differs_nowhere(product: Path) -> None:
    box = box_of(product)
    lock = check(placed(scale_cutout(product, box.width, box.height), box), product, box)
    assert (lock.difference, lock.fault, lock.place) == (0, "", None)
    assert lock.holds and len(lock.mask_sha256) == 64
    assert lock.scale == box.width / load_cutout(product).shape[1]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("product", PRODUCTS.values(), ids=list(PRODUCTS))
def test_every_change_is_found_and_named(product: Path, change: str) -> None:
    make, name = CHANGES[change]
    box = box_of(product)
    lock = check(make(product, box), product, box)
    assert lock.difference > 0 and not lock.holds
    assert lock.fault == name, lock.message
    assert lock.place is not None
    assert box.x0 <= lock.place[0] < box.x1 and box.y0 <= lock.place[1] < box.y1


def test_the_measure_tells_how_much(tmp_path: Path) -> None:
    product = PRODUCTS["shoe"]
    box = box_of(product)
    shifted = check(moved(3, -2)(product, box), product, box)
    assert "(+3.0, -2.0) pixels" in shifted.message
    brighter = check(coloured(lambda p: p + 3)(product, box), product, box)
    assert brighter.difference == 3 and "+3.0, +3.0, +3.0 levels" in brighter.message
    narrow = check(resized(0.99, 1.0)(product, box), product, box)
    assert "99.0% of its width and 100.0% of its height" in narrow.message


def test_one_level_of_one_pixel_is_a_difference() -> None:
    product = PRODUCTS["bottle"]
    box = box_of(product)
    scene = placed(scale_cutout(product, box.width, box.height), box)
    scene[box.y0 + box.height // 2, 540, 1] ^= 1
    lock = check(scene, product, box)
    assert (lock.difference, lock.place) == (1, (540, box.y0 + box.height // 2))


def test_a_product_that_reaches_out_of_the_picture_is_cut_off() -> None:
    product = PRODUCTS["bag"]
    box = box_of(product)
    below = Box(box.x0, 1350 - box.height + 5, box.x1, 1355)
    lock = check(cases.scene(1080, 1350), product, below)
    assert (lock.fault, lock.difference) == ("cut off", 255)


def test_partly_transparent_pixels_must_be_a_blend_of_product_and_some_scene(
    tmp_path: Path,
) -> None:
    glass = np.zeros((40, 40, 4), np.uint8)
    glass[4:36, 4:36] = (200, 40, 40, 128)
    possible = np.full((40, 40, 3), 90, np.uint8)
    blend(possible, glass, Box(0, 0, 40, 40))
    assert difference(possible, glass).max() == 0
    possible[20, 20] = (90, 90, 90)
    # Over black the glass is (100, 20, 20): red may not be less.
    assert difference(possible, glass)[20, 20] == 10
    assert difference(np.zeros_like(possible), glass)[0, 0] == 0


def encoded(picture: Picture, form: str, quality: int) -> Picture:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, form, quality=quality)
    return np.asarray(Image.open(data).convert("RGB"))


FINISHES = {"jpeg": ("JPEG", 85), "webp": ("WEBP", 80)}


@pytest.mark.parametrize("finish", FINISHES)
@pytest.mark.parametrize("product", PRODUCTS.values(), ids=list(PRODUCTS))
def test_a_marked_and_encoded_poster_passes_and_its_mutants_do_not(
    product: Path, finish: str
) -> None:
    mark, box = SpreadWatermark(), box_of(product)
    good = placed(scale_cutout(product, box.width, box.height), box)
    passed = check_marked(encoded(mark.embed(good, b"8 bytes."), *FINISHES[finish]), product, box)
    assert passed.holds, passed.message
    for change, (make, name) in CHANGES.items():
        if change not in ("right by 1", "3 levels lighter", "1 % narrower", "covered", "blurred"):
            continue
        marked = mark.embed(make(product, box), b"8 bytes.")
        lock = check_marked(encoded(marked, *FINISHES[finish]), product, box)
        assert not lock.holds, change
        assert lock.fault == name or change == "covered", (change, lock.message)


def test_too_small_a_picture_is_told_with_both_sizes(tmp_path: Path) -> None:
    product = cases.draw_product(tmp_path / "small.png", 60, 128)
    height, width = load_cutout(product).shape[:2]
    assert enlarged(product, Box(0, 0, width, height)) == ""
    told = enlarged(product, Box(0, 0, 4 * width, 4 * height))
    assert f"{4 * width} × {4 * height}" in told and f"{width} × {height}" in told


def test_the_product_is_never_changed_on_a_poster(tmp_path: Path) -> None:
    """Over families, sizes and products; a hundred posters with CONTENTFAB_ALL=1."""
    families, sizes = ("hero", "split", "editorial"), ("4x5", "1x1", "1.91x1", "9x16")
    products = sorted(EXAMPLES.glob("*/products/*.png"))
    made = [(f, s, p) for p in products for s in sizes for f in families]
    count = 100 if os.environ.get("CONTENTFAB_ALL") else 5
    for family, size, product in (made * 2)[:: max(1, len(made) // count)][:count]:
        request = cases.request(tmp_path, family=family, size=size, product_image=product)
        (poster,) = cases.layout().render([request])
        assert poster.product_box is not None
        lock = check(poster.pixels, product, poster.product_box)
        assert (lock.difference, lock.fault) == (0, ""), (family, size, product.name)
