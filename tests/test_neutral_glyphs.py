"""Neutral glyphs: a poster's type with the same ink in the same places, and no words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import poster_cases
import pytest
from script_cases import SCRIPTS

from contentfab.backends._clip_type import _finder
from contentfab.backends._typst_neutral import scrambled
from contentfab.records.brand import Brand
from contentfab.records.pictures import Poster, PosterRequest
from contentfab.resources import data_dir, parse_yaml

SCRIPTS_HERE = ("en", "ar", "th", "hi", "zh-CN", "ko")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("neutral")


def composed(request: PosterRequest) -> Poster:
    (poster,) = poster_cases.layout().render([request])
    assert poster.neutral is not None and poster.background is not None
    return poster


def ink(picture: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """How far each pixel is from the ground, summed over the channels."""
    return np.abs(picture.astype(int) - ground).sum(axis=2)


@pytest.mark.parametrize("script", SCRIPTS_HERE)
def test_every_line_keeps_its_place_and_its_ink_and_loses_its_shape(
    script: str, folder: Path
) -> None:
    text = SCRIPTS[script].text(5)
    request = poster_cases.request(folder, text=text, size="800x800")
    poster = composed(replace(request, locale=SCRIPTS[script].locale))
    real = ink(poster.pixels, poster.background)
    neutral = ink(poster.neutral, poster.background)
    outside = np.ones(real.shape, bool)
    for box in (box for item in poster.texts for box in item.rows):
        part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
        outside[part] = False
        assert neutral[part].sum() == pytest.approx(real[part].sum(), rel=0.02)
        columns = np.flatnonzero(neutral[part].any(axis=0))
        # Pieces keep the blank beside their letters, so that an end may be a few pixels off.
        assert columns[0] < 0.3 * box.height and columns[-1] > box.width - 0.3 * box.height
    assert not neutral[outside].any()
    headline = next(item.box for item in poster.texts if item.role == "headline")
    part = np.s_[headline.y0 : headline.y1, headline.x0 : headline.x1]
    moved = np.abs(real[part] - neutral[part]).sum() / real[part].sum()
    assert moved > 0.5


def test_logo_and_product_keep_their_pixels(folder: Path) -> None:
    guide = data_dir("brand_guides") / "northlight"
    brand = Brand.model_validate(parse_yaml((guide / "brand.yaml").read_text("utf-8")))
    poster = composed(poster_cases.request(folder, brand=brand, brand_dir=guide))
    assert all(item.role != "wordmark" for item in poster.texts)
    for box in (poster.logo_box, poster.product_box):
        assert box is not None
        part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
        assert np.array_equal(poster.pixels[part], poster.neutral[part])


def test_the_same_poster_gives_the_same_glyphs(folder: Path) -> None:
    one, two = (composed(poster_cases.request(folder, size="800x800")) for _ in range(2))
    assert np.array_equal(one.neutral, two.neutral)


def test_nobody_reads_them(folder: Path) -> None:
    poster = composed(poster_cases.request(folder, locale="de-DE"))
    words = set(re.findall(r"\w{3,}", " ".join(item.text for item in poster.texts).lower()))
    assert len(words & read(poster.pixels)) > 0.8 * len(words)
    assert not words & read(poster.neutral)


def test_words_keep_their_width_and_a_line_its_columns() -> None:
    rng = np.random.default_rng(3)
    line = (rng.random((40, 300)) * 255).astype(np.uint8)
    line[:, 120:140] = 0
    found = scrambled(line, 40.0, seed=5)
    assert not np.array_equal(found, line)
    assert not found[:, 120:140].any() and found[:, 119].any() and found[:, 140].any()
    for word in (np.s_[:, :120], np.s_[:, 140:]):
        assert sorted(found[word].sum(axis=0)) == sorted(line[word].sum(axis=0))


def test_a_line_without_ink_stays_as_it_is() -> None:
    assert not scrambled(np.zeros((20, 50), np.uint8), 20.0, seed=1).any()


@cache
def reader():
    pytest.importorskip("rapidocr")
    return _finder()


def read(pixels: np.ndarray) -> set[str]:
    found = reader()(np.ascontiguousarray(pixels[..., ::-1]), use_cls=False)
    return set(re.findall(r"\w{3,}", " ".join(found.txts or ()).lower()))
