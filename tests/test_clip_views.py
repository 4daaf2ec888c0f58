"""Views of a picture: all of it is seen, whatever its shape, and cheaply."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from contentfab.backends._clip_model import ClipModel
from contentfab.backends._clip_views import GAP, LETTERBOX, MOST_TILES, SQUASHED, TILED, views
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.records.brand import Brand, Palette
from contentfab.records.scores import ScoreRequest

SHAPES = [(1350, 1080), (1920, 1080), (628, 1200), (1080, 1080), (90, 728), (600, 160), (33, 50)]


def studio(height: int, width: int, seed: int = 3) -> np.ndarray:
    """A smooth picture with shapes and a little grain."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (7, 5, 3), np.uint8)
    image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    grain = rng.normal(0, 6, (height, width, 1))
    return np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8)


def logo_on(picture: np.ndarray, row: int, size: int = 120) -> np.ndarray:
    """A white-and-red logo of `size` pixels with its centre at `row`, in the middle across."""
    drawn = picture.copy()
    left, top = picture.shape[1] // 2 - size // 2, row - size // 2
    drawn[top : top + size, left : left + size] = (250, 250, 250)
    drawn[top + 20 : top + size - 20, left + 20 : left + size - 20] = (210, 30, 40)
    return drawn


@pytest.mark.parametrize("shape", SHAPES)
def test_weights_sum_to_one_and_views_are_square(shape: tuple[int, int]) -> None:
    found = views(studio(*shape), 32, "bicubic")
    assert sum(weight for weight, _ in found) == pytest.approx(1)
    assert all(view.shape == (32, 32, 3) and view.dtype == np.uint8 for _, view in found)
    if shape[0] == shape[1]:
        assert len(found) == 1
        return
    assert [weight for weight, _ in found[:2]] == [LETTERBOX, SQUASHED]
    assert 2 <= len(found) - 2 <= MOST_TILES
    assert sum(weight for weight, _ in found[2:]) == pytest.approx(TILED)


@pytest.mark.parametrize("shape", [(1350, 1080), (1920, 1080), (628, 1200), (1080, 1080)])
def test_the_quick_way_is_as_good_as_the_proper_filter(shape: tuple[int, int]) -> None:
    """Against Pillow's bicubic filter over all pixels, with its box."""
    side = 128
    picture = studio(*shape)
    image = Image.fromarray(picture)
    height, width = shape
    short = min(shape)
    found = views(picture, side, "bicubic")
    squashed = image.resize((side, side), Image.Resampling.BICUBIC)
    assert short // (GAP * side) > 1, "too small to be averaged first"
    plain = {0: squashed} if height == width else {1: squashed}
    if height != width:
        box = (width - short, height - short, width, height)
        plain[len(found) - 1] = image.resize((side, side), Image.Resampling.BICUBIC, box)
    for at, expected in plain.items():
        off = np.abs(found[at][1].astype(int) - np.asarray(expected).astype(int))
        assert off.max() <= 4 and off.mean() < 0.5


def test_bars_have_the_colour_of_the_border() -> None:
    picture = np.full((400, 200, 3), (30, 90, 150), np.uint8)
    picture[100:300, 50:150] = 255
    letterboxed = views(picture, 64, "bicubic")[0][1]
    assert np.array_equal(letterboxed[:, :15], np.broadcast_to((30, 90, 150), (64, 15, 3)))


@pytest.mark.parametrize("edge", ["top", "bottom"])
def test_a_logo_at_the_edge_of_a_story_is_seen(edge: str) -> None:
    """A centre crop of 1080 × 1080 would see neither of the two rows."""
    model = ClipModel("mini-clip", "cpu", 8)
    plain = studio(1920, 1080)
    row = 150 if edge == "top" else 1920 - 150
    other = 90 if edge == "top" else 1920 - 90
    pooled = [
        weights @ vectors
        for weights, vectors in model.images([plain, logo_on(plain, row), logo_on(plain, other)])
    ]
    crop = [p[420:1500] for p in (plain, logo_on(plain, row))]
    assert np.array_equal(*crop), "the logo must lie outside of the centre crop"
    # Far more than the noise of a batch (1e-6).
    assert np.linalg.norm(pooled[1] - pooled[0]) > 1e-3
    assert np.linalg.norm(pooled[2] - pooled[1]) > 1e-4


def test_a_logo_at_the_edge_of_a_story_moves_the_score() -> None:
    brand = Brand(
        id="aurea",
        name="Aurea",
        palette=Palette(primary="#1F4D43", background="#F3E9DC", text="#1B1B1B", accent="#C8553D"),
    )
    plain = studio(1920, 1080)
    drawn = {"none": plain, "middle": logo_on(plain, 960), "edge": logo_on(plain, 1920 - 90)}
    scorer = OpenClipScorer(model="mini-clip", device="cpu")
    cards = scorer.score([ScoreRequest(key, pixels, brand) for key, pixels in drawn.items()])
    raw = {
        card.key: [round(c.raw, 4) for c in card.criteria if c.raw is not None] for card in cards
    }
    assert raw["none"] and raw["edge"] != raw["none"] and raw["edge"] != raw["middle"]


def test_views_do_not_change_the_picture() -> None:
    picture = studio(300, 200)
    before = picture.copy()
    views(picture, 64, "bilinear")
    assert np.array_equal(picture, before)
