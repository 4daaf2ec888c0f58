"""The file that leaves the line: its format, its colours, and the channel's limit in bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import label_parts as parts
import numpy as np
import pictures
import pytest
from PIL import Image, ImageCms
from pydantic import ValidationError

from contentfab.errors import LabelError
from contentfab.records.channel import Placement
from contentfab.records.labels import LabelRequest
from contentfab.rules.pixels.encoding import fitted, within
from contentfab.rules.pixels.picture_files import FLOOR, PNG_LEVELS, decode, encode, settings_of
from contentfab.stages.label import label

PACKET = '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
FORMATS = ("image/png", "image/jpeg", "image/webp", "image/avif")
MARK, NO_KEYS = parts.unkeyed()


def opened(data: bytes) -> Any:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return parts.keyed(tmp_path_factory.mktemp("keys"))


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_that_its_colours_are_srgb(form: str) -> None:
    image = opened(encode(pictures.poster(), form, PACKET))
    if form == "image/png":
        assert image.info["srgb"] == 0
        return
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


@pytest.mark.parametrize("form", FORMATS)
def test_colours_come_back(form: str) -> None:
    pixels, kind = decode(encode(pictures.poster(), form, PACKET))
    assert kind == form
    off = np.abs(pixels.astype(int) - pictures.poster())
    assert off.max() == 0 if form == "image/png" else off.mean() < 2


@pytest.mark.parametrize("level", PNG_LEVELS)
def test_every_png_level_is_lossless_and_smaller_than_the_one_before(level: int) -> None:
    data = encode(pictures.poster(), "image/png", PACKET, level)
    assert np.array_equal(decode(data)[0], pictures.poster())
    if level != PNG_LEVELS[0]:
        before = PNG_LEVELS[PNG_LEVELS.index(level) - 1]
        assert len(data) < len(encode(pictures.poster(), "image/png", PACKET, before))


def test_type_in_jpeg_keeps_its_chroma() -> None:
    """Red on cyan of equal lightness: with chroma at half size its edges would be grey."""
    for setting in (95, 70):
        image = opened(encode(pictures.poster(), "image/jpeg", PACKET, setting))
        assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3, setting


def test_the_best_setting_that_fits_is_found() -> None:
    sizes = {s: 1000 * s for s in settings_of("image/jpeg")}
    tries: list[int] = []

    def write(setting: int) -> bytes:
        tries.append(setting)
        return bytes(sizes[setting])

    for limit in (95_000, 94_999, 70_500, 48_000):
        tries.clear()
        assert len(fitted(write, settings_of("image/jpeg"), limit)) == limit // 1000 * 1000
        assert len(tries) <= 8
    assert len(fitted(write, settings_of("image/jpeg"), 10)) == 1000 * FLOOR  # so that it tells
    assert len(fitted(write, settings_of("image/jpeg"), 0)) == 95_000


def test_the_signature_counts() -> None:
    def write(_: str, setting: int) -> bytes:
        return bytes(1000 * setting)

    def signed(data: bytes, _: str) -> bytes:
        return data + bytes(4_500)

    found = list(within(write, signed, ["image/jpeg"], 80_000, {}))
    assert [len(data) for data, _ in found] == [79_500]


@pytest.mark.parametrize("form", ["image/jpeg", "image/webp", "image/avif"])
def test_a_limit_is_met_and_every_layer_reads_back(form: str, keys: Any) -> None:
    request = pictures.request(media_type=form)
    free = label([request], *keys)[0].data
    limit = int(0.6 * len(free))
    (file,) = label([pictures.request(media_type=form, max_bytes=limit)], *keys)
    assert 0.75 * limit < len(file.data) <= limit
    assert {layer.state for layer in file.layers} == {"valid"}


def png_sizes(keys: Any) -> tuple[int, int]:
    fast = label([pictures.request()], *keys)[0].data
    return len(fast), len(encode(decode(fast)[0], "image/png", PACKET, PNG_LEVELS[-1]))


def test_a_png_is_packed_tighter_before_it_becomes_a_jpeg(keys: Any) -> None:
    fast, least = png_sizes(keys)
    tight = pictures.request(max_bytes=(fast + least) // 2, formats=("image/jpeg",))
    (file,) = label([tight], *keys)
    assert file.media_type == "image/png"
    assert len(file.data) <= tight.max_bytes
    tighter = pictures.request(max_bytes=least // 2, formats=("image/jpeg",))
    (file,) = label([tighter], *keys)
    assert file.media_type == "image/jpeg"
    assert len(file.data) <= tighter.max_bytes


def test_what_does_not_fit_names_bytes_and_limit(keys: Any) -> None:
    with pytest.raises(LabelError, match=r"image/png has [\d,]+ bytes, the placement allows 5,000"):
        label([pictures.request(max_bytes=5000)], *keys)
    both = pictures.request(max_bytes=5000, formats=("image/jpeg",))
    with pytest.raises(LabelError, match=r"image/png has [\d,]+ bytes, image/jpeg has [\d,]+"):
        label([both], *keys)


class PngOnly:
    """A mark that reads only from the very pixels it was put into."""

    id, alg = "png-only", "test"

    def embed(self, pixels: Any, payload: bytes) -> Any:
        self.made = MARK.embed(pixels, payload)
        return self.made

    def detect(self, pixels: Any) -> Any:
        return MARK.detect(pixels if np.array_equal(pixels, self.made) else np.zeros_like(pixels))


def test_an_encoding_that_loses_the_mark_gives_way_to_the_next() -> None:
    request = pictures.request(media_type="image/jpeg", formats=("image/png",))
    (file,) = label([request], PngOnly(), NO_KEYS)
    assert file.media_type == "image/png"
    with pytest.raises(LabelError, match="watermark does not read back"):
        label([pictures.request(media_type="image/jpeg")], PngOnly(), NO_KEYS)


def test_a_placement_may_name_more_formats() -> None:
    banner = Placement(id="b", width=300, height=250, max_bytes=150_000, formats=("jpeg",))
    assert banner.formats == ("jpeg",)
    with pytest.raises(ValidationError):
        Placement(id="b", width=300, height=250, formats=("gif",))  # type: ignore[arg-type]


def test_equal_requests_give_equal_bytes(tmp_path: Path) -> None:
    def made(form: str) -> bytes:
        request: LabelRequest = pictures.request(media_type=form, max_bytes=60_000)
        return label([request], MARK)[0].data

    for form in ("image/jpeg", "image/avif"):
        assert made(form) == made(form)
