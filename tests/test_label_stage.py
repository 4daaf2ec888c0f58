"""The label stage: every layer is in the final bytes, or nothing comes out."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
import pictures
import pytest
from PIL import Image

from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.errors import InputError, LabelError
from contentfab.records.labels import LayerReading
from contentfab.records.places import Box
from contentfab.rules.labels.layers import read_layers
from contentfab.rules.labels.payload import payload_matches
from contentfab.rules.labels.words import (
    corner,
    jurisdiction_names,
    label_text,
    min_height_fraction,
    wording_faults,
)
from contentfab.rules.pixels.picture_files import decode
from contentfab.stages.label import asset_id, copy_file, copy_id, label

MARK = SpreadWatermark()
ASSET = "0123456789abcdef" * 2


@pytest.mark.parametrize("form", ["image/png", "image/jpeg", "image/webp"])
def test_every_layer_is_in_the_final_bytes(form: str) -> None:
    (file,) = label([pictures.request(media_type=form)], MARK)
    states = {layer.layer: layer.state for layer in file.layers}
    assert states == {
        "visible": "valid", "metadata": "valid", "watermark": "valid", "c2pa": "not_checked",
    }  # fmt: skip
    assert (file.width, file.height, file.media_type) == (800, 1000, form)
    again = {layer.layer: layer for layer in read_layers(file.data, MARK)}
    assert again["metadata"].id == ASSET
    assert payload_matches(bytes.fromhex(again["watermark"].id), ASSET)
    assert again["visible"].state == "not_checked"


def test_a_png_is_exactly_the_marked_picture_and_tagged_srgb() -> None:
    request = pictures.request()
    (file,) = label([request], MARK)
    with Image.open(io.BytesIO(file.data)) as image:
        assert image.info["srgb"] == 0
    pixels, _ = decode(file.data)
    difference = np.abs(pixels.astype(int) - request.pixels)
    assert 0 < difference.max() <= 8


def test_the_same_request_gives_the_same_bytes() -> None:
    for form in ("image/png", "image/jpeg", "image/webp"):
        request = pictures.request(media_type=form)
        assert label([request], MARK)[0].data == label([request], SpreadWatermark())[0].data


def test_jpeg_quality_goes_down_to_the_limit_and_no_further() -> None:
    free = label([pictures.request(media_type="image/jpeg")], MARK)[0]
    limit = int(len(free.data) * 0.6)
    small = label([pictures.request(media_type="image/jpeg", max_bytes=limit)], MARK)[0]
    assert len(small.data) <= limit
    assert next(la for la in small.layers if la.layer == "watermark").state == "valid"
    with pytest.raises(LabelError, match="allows 5,000"):
        label([pictures.request(media_type="image/jpeg", max_bytes=5000)], MARK)
    with pytest.raises(LabelError, match="allows 5,000") as caught:
        label([pictures.request(max_bytes=5000)], MARK)
    assert "jpeg" in caught.value.hint


BAD_VISIBLE = {
    "no text there": {"visible_box": Box(300, 500, 500, 540)},
    "outside the picture": {"visible_box": Box(700, 980, 820, 1010)},
    "too small": {"visible_min_height": 0.08},
    "no box": {"visible_box": None},
    "no label": {"visible": ""},
}


@pytest.mark.parametrize("name", BAD_VISIBLE)
def test_a_visible_label_that_is_not_there_stops_the_file(name: str) -> None:
    with pytest.raises(LabelError, match="visible label"):
        label([pictures.request(**BAD_VISIBLE[name])], MARK)


def test_a_covered_label_is_found() -> None:
    covered = pictures.poster().copy()
    covered[930:, 500:] = 20
    with pytest.raises(LabelError, match="visible"):
        label([pictures.request(pixels=covered)], MARK)


class WeakMark:
    """A watermark that loses what it writes."""

    id = "weak"

    def embed(self, pixels: pictures.Pixels, payload: bytes) -> pictures.Pixels:
        return pixels

    def detect(self, pixels: pictures.Pixels) -> LayerReading:
        return LayerReading("watermark", "absent", "nothing")


class StrayMark(WeakMark):
    """A watermark that reads another asset's id."""

    def detect(self, pixels: pictures.Pixels) -> LayerReading:
        return LayerReading("watermark", "valid", "", "10" * 8)


def test_a_mark_that_does_not_read_back_stops_the_file() -> None:
    with pytest.raises(LabelError, match="watermark does not read back") as caught:
        label([pictures.request()], WeakMark())
    assert caught.value.exit_code == 5
    with pytest.raises(LabelError, match="does not belong"):
        label([pictures.request()], StrayMark())


def test_a_picture_that_is_marked_already_is_refused() -> None:
    (file,) = label([pictures.request()], MARK)
    again = pictures.request(pixels=decode(file.data)[0], asset_id="f" * 32)
    with pytest.raises(LabelError, match="already carries"):
        label([again], MARK, foreign=True)


def test_small_pictures_and_wrong_types_stop_with_a_label_error() -> None:
    with pytest.raises(LabelError, match="512"):
        small = pictures.poster()[600:, :]
        label([pictures.request(pixels=small, visible_box=Box(520, 342, 780, 384))], MARK)
    with pytest.raises(InputError, match="image/gif"):
        label([pictures.request(media_type="image/gif")], MARK)
    with pytest.raises(LabelError, match="producer"):
        label([pictures.request(producer="我们")], MARK)


def test_a_picture_without_a_model_gets_metadata_only() -> None:
    made = replace(pictures.MODEL, digital_source_type="digitalCreation", uses_ai=False)
    plain = pictures.request(provenance=made, visible="", visible_box=None)
    (file,) = label([plain], MARK)
    assert np.array_equal(decode(file.data)[0], plain.pixels)
    layers = {layer.layer: layer for layer in read_layers(file.data, MARK)}
    assert layers["metadata"].state == "valid"
    assert "aigc" not in layers["metadata"].values
    assert layers["watermark"].state == "absent"


def test_asset_ids_follow_pixels_shape_and_metadata() -> None:
    pixels = pictures.poster()
    first = asset_id(pixels, {"a": 1, "b": 2})
    assert first == asset_id(pixels.copy(), {"b": 2, "a": 1})
    assert len(first) == 32
    touched = pixels.copy()
    touched[0, 0, 0] ^= 1
    others = {
        asset_id(touched, {"a": 1, "b": 2}),
        asset_id(pixels, {"a": 1, "b": 3}),
        asset_id(pixels.reshape(800, 1000, 3), {"a": 1, "b": 2}),
    }
    assert len(others | {first}) == 4


def test_copy_files_carry_label_and_record() -> None:
    record = {"locale": "zh-CN", "fields": {"headline": "早安\u200d"}}
    name = copy_id(record)
    data = copy_file(name, record, locale="zh-CN", producer="001191440300708461136T1XGW3")
    document = json.loads(data)
    assert document["label"] == "AI生成"
    assert document["ai_generated"] is True
    assert document["AIGC"]["ProduceID"] == document["id"] == name
    assert document["fields"]["headline"] == "早安\u200d"
    assert data == copy_file(name, record, locale="zh-CN", producer="001191440300708461136T1XGW3")
    assert data.decode().count("\u200d") == 1
    assert not any(c in data.decode() for c in "\u200b\u200c\u2060\ufeff")
    plain = json.loads(copy_file(name, record, locale="en", uses_ai=False, labelled=False))
    assert plain["ai_generated"] is False
    assert "AIGC" not in plain
    assert "label" not in plain


@pytest.mark.parametrize(
    ("locale", "jurisdictions", "text"),
    [
        ("en", ["default"], "AI-generated"),
        ("en-US", ["cn"], "AI生成 · AI-generated"),
        ("zh-CN", ["cn", "eu"], "AI生成"),
        ("ja", ["default"], "AI生成"),
        ("de-DE", ["eu"], "KI-generiert"),
        ("de", ["cn"], "AI生成 · KI-generiert"),
        ("eo", ["default"], "AI-generated"),
    ],
)
def test_label_words(locale: str, jurisdictions: list[str], text: str) -> None:
    assert label_text(locale, jurisdictions) == text
    assert wording_faults(text, jurisdictions) == []


def test_what_jurisdictions_ask_for() -> None:
    assert jurisdiction_names() == ["cn", "default", "eu", "us-ny"]
    assert min_height_fraction(["default", "cn"]) == 0.05
    assert min_height_fraction([]) == min_height_fraction(["default"]) == 0.05
    assert corner(["cn"]) == "bottom-right"
    assert corner(["cn", "eu"]) == "top-right"
    assert len(wording_faults("AI", ["cn"])) == 1
    with pytest.raises(InputError, match="atlantis") as caught:
        label_text("en", ["atlantis"])
    assert "cn" in caught.value.hint
