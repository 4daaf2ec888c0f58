"""Pictures too small for the invisible mark: what they need instead, and who else may not go
without it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import label_parts as parts
import numpy as np
import pictures
import pytest
from PIL import Image

from contentfab.backends import watermark_spread, watermark_trustmark
from contentfab.delivery.verify import verify
from contentfab.errors import InputError, LabelError
from contentfab.records.labels import LabelRequest, Origin
from contentfab.records.places import Box
from contentfab.rules.labels.signed_claim import picture_claim
from contentfab.rules.labels.words import least_marked_side, too_small_for_mark
from contentfab.rules.pixels.picture_files import encode
from contentfab.stages.label import label


def banner(width: int = 300, height: int = 250) -> LabelRequest:
    """A banner with its label in the bottom right corner."""
    scene = Image.fromarray(pictures.poster()).resize((width, height))
    corner = Image.fromarray(pictures.poster()[925:1000, 410:800])
    tall = round(0.11 * min(width, height))
    corner = corner.resize((round(tall * 390 / 75), tall), Image.Resampling.LANCZOS)
    x, y = width - corner.width, height - corner.height
    scene.paste(corner, (x, y))
    scale = tall / 75
    box = Box(
        x + round(20 * scale), y + round(13 * scale),
        x + round(360 * scale), y + round(72 * scale),
    )  # fmt: skip
    return pictures.request(
        pixels=np.asarray(scene), visible_box=box, visible_min_height=0.05, max_bytes=150_000
    )


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return parts.keyed(tmp_path_factory.mktemp("keys"))


def judged(folder: Path, data: bytes, keys: Any, **asked: Any) -> dict[str, Any]:
    path = folder / "banner.png"
    path.write_bytes(data)
    mark, signer = keys
    return dict(verify([path], mark, signer=signer, **asked)["files"][0])


def test_both_marks_and_the_rules_agree_on_what_is_small() -> None:
    assert watermark_spread.MIN_SIDE == watermark_trustmark.MIN_SIDE == least_marked_side()
    assert too_small_for_mark(1080, 511)
    assert not too_small_for_mark(512, 512)


@pytest.mark.parametrize("size", [(300, 250), (728, 90), (160, 600)])
def test_a_banner_goes_without_the_mark_when_all_else_is_there(
    size: tuple[int, int], keys: Any, tmp_path: Path
) -> None:
    request = banner(*size)
    (file,) = label([request], *keys)
    layers = {layer.layer: layer for layer in file.layers}
    assert layers["watermark"].state == "absent"
    assert f"{size[0]} x {size[1]}" in layers["watermark"].detail
    assert layers["metadata"].values["label_layers"] == "visible metadata c2pa"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(file.data))), request.pixels)
    for expect in (None, "cn,eu"):
        found = judged(tmp_path, file.data, keys, expect=expect)
        wording = [line for line in found["findings"] if "needs one of" not in line]
        assert wording == [], expect  # the label of this test is English
        assert found["agree"]
        assert any("too small" in note for note in found["notes"])


def test_without_keys_a_banner_is_refused() -> None:
    with pytest.raises(LabelError, match="must be signed") as caught:
        label([banner()], *parts.unkeyed())
    assert "keys init" in caught.value.hint


def test_a_large_picture_may_not_go_without(
    keys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if somebody had told the label stage that posters are small, with the project's keys."""
    monkeypatch.setattr("contentfab.stages.label.too_small_for_mark", lambda *_: "so small")
    (file,) = label([pictures.request()], *keys)
    monkeypatch.undo()
    found = judged(tmp_path, file.data, keys)
    assert found["failed"] == ["watermark"]
    assert "everything that contentfab labels has it" in found["findings"][0]


def test_a_small_picture_must_have_been_made_small(
    keys: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poster shrunk to a banner keeps what its packet says of its size, signed or not."""
    monkeypatch.setattr("contentfab.stages.label.too_small_for_mark", lambda *_: "so small")
    (file,) = label([pictures.request()], *keys)
    monkeypatch.undo()
    with Image.open(io.BytesIO(file.data)) as image:
        packet = image.info["XML:com.adobe.xmp"]
    small = banner(240, 300)
    again = encode(small.pixels, small.media_type, packet)
    again = keys[1].sign(again, small.media_type, picture_claim(small, None))
    found = judged(tmp_path, again, keys)
    assert "watermark" in found["failed"]


def test_a_stripped_or_broken_signature_is_not_forgiven(keys: Any, tmp_path: Path) -> None:
    (file,) = label([banner()], *keys)
    with Image.open(io.BytesIO(file.data)) as image:
        packet = image.info["XML:com.adobe.xmp"]
    unsigned = encode(banner().pixels, "image/png", packet)
    assert set(judged(tmp_path, unsigned, keys)["failed"]) >= {"watermark", "c2pa"}
    flipped = bytearray(file.data)
    flipped[len(flipped) // 2] ^= 1
    assert not judged(tmp_path, bytes(flipped), keys)["ok"]


def test_nobody_who_cannot_check_the_signature_is_content(keys: Any, tmp_path: Path) -> None:
    (file,) = label([banner()], *keys)
    assert "watermark" in judged(tmp_path, file.data, (keys[0], None))["failed"]


def test_a_small_picture_from_elsewhere_is_refused_as_before(keys: Any) -> None:
    with pytest.raises(LabelError, match="512"):
        label([replace(banner(), origin=Origin())], *keys, foreign=True)


def test_an_unknown_media_type_is_named() -> None:
    with pytest.raises(InputError, match="image/gif"):
        label([pictures.request(media_type="image/gif")], parts.unkeyed()[0])
