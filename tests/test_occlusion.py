"""Occlusion maps: they find what was planted, they cover the whole picture, they do not depend on
how pictures are batched, and their drawing shows what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pictures
import pytest

from contentfab.backends.scorer_design import DesignScorer
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.delivery.score_map import AGAINST, CARRIES, draw_map, scale_of, signed
from contentfab.records.brand import Brand, Palette
from contentfab.records.pictures import Poster, TextBox
from contentfab.records.places import Box
from contentfab.records.scores import ScoreCard, ScoreRequest
from contentfab.rules.pixels.colour import hex_to_rgb
from contentfab.rules.scoring.occlusion import CELLS, Effect, grid, occlude, squares

TEAL, CREAM = "#0F766E", "#F3ECDD"
BRAND = Brand(
    id="hearth",
    name="Hearth",
    palette=Palette(primary=TEAL, background=CREAM, text="#16302B", accent="#C9A227"),
)
NEON = (235, 20, 200)


def _request(pixels: np.ndarray) -> ScoreRequest:
    return ScoreRequest("a", pixels, BRAND)


def _cell(number: int, width: int, height: int) -> tuple[int, int, int, int]:
    return list(squares(width, height, *grid(width, height)))[number]


def _planted(ground: tuple[int, int, int], patch: tuple[int, int, int], number: int) -> np.ndarray:
    """A ground with some life in it, and a patch that fills one square and a bit."""
    picture = np.full((600, 480, 3), ground, np.int16)
    picture += np.random.default_rng(3).integers(-6, 7, picture.shape, np.int16)
    x0, y0, x1, y1 = _cell(number, 480, 600)
    picture[y0 - 4 : y1 + 4, x0 - 4 : x1 + 4] = patch
    return picture.clip(0, 255).astype(np.uint8)


def _effect(effects: tuple[Effect, ...], name: str) -> Effect:
    return next(effect for effect in effects if effect.name == name)


@pytest.mark.parametrize(
    ("size", "columns", "rows"),
    [
        ((1080, 1080), 7, 7),
        ((1080, 1350), 6, 8),
        ((1080, 1920), 5, 9),
        ((1200, 628), 10, 5),
        ((728, 90), 16, 2),
        ((160, 600), 4, 13),
    ],
)
def test_squares_are_nearly_square_and_about_as_many(
    size: tuple[int, int], columns: int, rows: int
) -> None:
    assert grid(*size) == (columns, rows)
    wide, tall = size[0] / columns, size[1] / rows
    assert 0.6 < wide / tall < 1.7
    assert CELLS * 0.6 < columns * rows < CELLS * 1.2


def test_squares_cover_every_pixel_once() -> None:
    seen = np.zeros((91, 733), int)
    for x0, y0, x1, y1 in squares(733, 91, *grid(733, 91)):
        seen[y0:y1, x0:x1] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize("number", [8, 27, 40])
def test_the_one_patch_in_the_brands_colour_carries_brand_fit(number: int) -> None:
    effects = occlude(_request(_planted((120, 120, 120), hex_to_rgb(TEAL), number)), _score)
    cells = _effect(effects, "brand_fit").cells
    assert int(cells.argmax()) == number
    others = np.delete(cells.ravel(), number)
    assert cells.ravel()[number] > 3 * np.abs(others).max()


@pytest.mark.parametrize("number", [8, 27, 40])
def test_a_foreign_colour_on_a_brand_picture_works_against_it(number: int) -> None:
    effects = occlude(_request(_planted(hex_to_rgb(TEAL), NEON, number)), _score)
    cells = _effect(effects, "brand_fit").cells
    assert int(cells.argmin()) == number
    assert cells.min() < 0


def test_batches_and_the_layout_record_change_nothing_and_pixels_stay() -> None:
    picture = _planted((120, 120, 120), hex_to_rgb(TEAL), 27)
    before = picture.copy()
    asked: list[int] = []

    def counted(requests: Sequence[ScoreRequest]) -> list[ScoreCard]:
        asked.append(len(requests))
        return _score(requests)

    one, other = occlude(_request(picture), counted, 5), occlude(_request(picture), _score, 64)
    assert max(asked) == 5
    assert sum(asked) == 1 + 48
    for a, b in zip(one, other, strict=True):
        assert (a.name, a.unit, a.base) == (b.name, b.unit, b.base)
        assert np.array_equal(a.cells, b.cells)
    assert np.array_equal(picture, before)


def test_appeal_is_told_in_z_where_there_is_one() -> None:
    """A percentile stands still at both ends, where a z goes on."""

    def scorer(requests: Sequence[ScoreRequest]) -> list[ScoreCard]:
        return [
            ScoreCard(r.key, 0.99, None, (), "c", "m", True, appeal_z=float(r.pixels.mean()) / 100)
            for r in requests
        ]

    (effect,) = occlude(_request(_planted((60, 60, 60), (255, 255, 255), 27)), scorer)
    assert (effect.name, effect.unit) == ("appeal", "z")
    assert int(effect.cells.argmax()) == 27


def test_the_map_of_a_model_is_of_what_it_judges_and_does_not_depend_on_batches() -> None:
    """Words that are painted over before scoring carry nothing."""
    scorer = OpenClipScorer(model="mini-clip", batch_size=8)
    picture = pictures.poster(3)
    box = Box(40, 50, 640, 150)
    text = TextBox("headline", "Morning light", box, 92.0, "#1E283C")
    layout = Poster("a", "", "", "", picture, (text,), None, None)
    request = ScoreRequest("a", picture, BRAND, poster=layout)
    seen = scorer.judged(request)
    assert not np.array_equal(seen[50:150, 40:640], picture[50:150, 40:640])
    effects = occlude(request, scorer.score, 16, seen)
    again = occlude(replace(request, pixels=seen, poster=None), scorer.score, 7)
    for one, other in zip(effects, again, strict=True):
        assert one.cells.shape == (8, 6)
        assert np.isfinite(one.cells).all()
        assert one.strongest > 0
        assert np.allclose(one.cells, other.cells, atol=2e-3)


def test_the_map_is_blue_where_the_score_comes_from_and_orange_where_it_does_not() -> None:
    cells = np.zeros((7, 7), np.float32)
    cells[2, 3], cells[5, 1] = 0.8, -0.8
    image = np.asarray(
        draw_map(_planted((120, 120, 120), NEON, 3), Effect("appeal", "z", 0.0, cells), (560, 560),
        "#FFFFFF")
    ).astype(int)  # fmt: skip
    blue, orange, plain = image[164, 244], image[404, 84], image[324, 404]
    assert np.abs(blue - CARRIES).max() < 60
    assert np.abs(orange - AGAINST).max() < 60
    assert plain.max() - plain.min() < 3


@pytest.mark.parametrize(
    ("strongest", "unit", "full"),
    [
        (0.82, "z", 1.0),
        (0.02, "z", 0.3),
        (2.4, "z", 3.0),
        (0.001, "score", 0.02),
        (0.06, "score", 0.06),
    ],
)
def test_small_effects_never_look_large(strongest: float, unit: str, full: float) -> None:
    effect = Effect("appeal", unit, 0.0, np.array([[0, strongest]], np.float32))
    assert scale_of(effect) == pytest.approx(full)


def test_numbers_have_a_sign_only_when_they_are_not_nothing() -> None:
    assert [signed(v) for v in (0.423, -0.06, -0.001, 0.0)] == ["+0.42", "−0.06", "0", "0"]


def _score(requests: Sequence[ScoreRequest]) -> list[ScoreCard]:
    return DesignScorer().score(requests)
