"""What a picture is told of its product: silhouette and side of its light, from brief to plan."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from campaigns import make_campaign
from PIL import Image

from contentfab.records.pictures import ProductShape
from contentfab.records.plan import BackendIds
from contentfab.rules.product.cutout import base_depth, load_cutout, sunk
from contentfab.rules.product.shape import shape_of
from contentfab.stages.brief import load_brief
from contentfab.stages.plan import plan

EXAMPLES = Path(__file__).parent.parent / "examples"
KNOWN = {
    "coffee/dawn-blend": ("tall", ""),
    "coffee/pocket-tin": ("square", "left"),
    "coffee/slow-brew": ("tall", "left"),
    "running/pace-one": ("wide", "front"),
    "running/ridge-trail": ("wide", "front"),
    "running/stride-2": ("wide", "front"),
    "skincare/calm-cream": ("square", "left"),
    "skincare/dew-serum": ("tall", "left"),
    "skincare/mist-toner": ("tall", "left"),
}


def picture_of(product: str) -> Path:
    folder, name = product.split("/")
    return EXAMPLES / folder / "products" / f"{name}.png"


@pytest.mark.parametrize("product", KNOWN)
def test_the_examples_lit_from_the_left(product: str) -> None:
    """All are: where that cannot be told from the picture, it says front, never right."""
    silhouette, light = KNOWN[product]
    found = shape_of(picture_of(product))
    assert found.silhouette == silhouette
    assert found.light == light or (light == "" and found.light in ("left", "front"))


@pytest.mark.parametrize("product", [p for p, (_, light) in KNOWN.items() if light == "left"])
def test_mirrored_products_are_lit_from_the_right(product: str, tmp_path: Path) -> None:
    Image.fromarray(load_cutout(picture_of(product))[:, ::-1]).save(tmp_path / "mirrored.png")
    assert shape_of(tmp_path / "mirrored.png").light == "right"


def test_a_pattern_that_is_lighter_on_one_side_is_no_light(tmp_path: Path) -> None:
    box = np.zeros((400, 300, 4), np.uint8)
    box[20:380, 20:280] = (60, 90, 160, 255)
    box[20:380, 20:120] = (240, 200, 60, 255)
    Image.fromarray(box).save(tmp_path / "box.png")
    assert shape_of(tmp_path / "box.png") == ProductShape("square", "front")


def test_a_changed_file_is_measured_again(tmp_path: Path) -> None:
    flat = np.full((200, 600, 4), 255, np.uint8)
    flat[:, :10, 3] = 0
    Image.fromarray(flat).save(tmp_path / "p.png")
    assert shape_of(tmp_path / "p.png").silhouette == "wide"
    Image.fromarray(np.rot90(flat).copy()).save(tmp_path / "p.png")
    assert shape_of(tmp_path / "p.png").silhouette == "tall"


def test_a_round_base_is_deeper_than_a_flat_one_and_sinks_further() -> None:
    tin, bag = (load_cutout(picture_of(f"coffee/{n}")) for n in ("pocket-tin", "dawn-blend"))
    assert base_depth(tin)[1] > 0.8 * base_depth(tin)[0]
    assert 0 < sunk(bag) < sunk(tin) < 0.08


def test_a_straight_base_is_not_taken_for_a_round_one() -> None:
    box = np.zeros((300, 300, 4), np.uint8)
    cv2.rectangle(box, (10, 10), (290, 299), (90, 90, 90, 255), -1)
    half, depth = base_depth(box)
    assert depth < 0.5 * half


IDS = BackendIds("copy", "image", "layout", "score", "mark")


def test_shapes_go_from_the_brief_into_every_picture_request(tmp_path: Path) -> None:
    brief = load_brief(make_campaign(tmp_path))
    images = brief.product_images
    assert brief.product_shapes == {name: shape_of(image) for name, image in images.items()}
    asked = {job.request.product for job in plan(brief, IDS, ["hero"]).pictures}
    assert asked == set(brief.product_shapes.values())


def test_another_shape_is_another_picture(tmp_path: Path) -> None:
    brief = load_brief(make_campaign(tmp_path))
    name = next(iter(brief.product_images))
    other = replace(brief, product_shapes={name: ProductShape("wide", "right")})
    keys = [{j.key for j in plan(b, IDS, ["hero"]).pictures} for b in (brief, other)]
    assert keys[0] != keys[1]
    bare = replace(brief, product_images={}, product_shapes={})
    assert {j.request.product for j in plan(bare, IDS, ["hero"]).pictures} == {None}
