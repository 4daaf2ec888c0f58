"""The invisible mark: read back after ordinary processing, never read where there is none."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pictures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from contentfab.backends import _spread_code as code
from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.errors import InputError, LabelError
from contentfab.protocols import Watermark
from contentfab.rules.payload import payload_for, payload_matches

Pixels = NDArray[np.uint8]
ASSET = "0123456789abcdef" * 2
PAYLOAD = payload_for(ASSET)
HOSTS: dict[str, Callable[[], Pixels]] = {
    "poster": pictures.poster,
    "flat": pictures.flat,
    "gradient": pictures.gradient,
    "noise": pictures.noise,
    "white": lambda: pictures.flat(255),
    "black": lambda: pictures.flat(0),
}


@pytest.fixture(scope="module")
def mark() -> SpreadWatermark:
    return SpreadWatermark()


@pytest.fixture(scope="module")
def marked(mark: SpreadWatermark) -> dict[str, Pixels]:
    return {name: mark.embed(draw(), PAYLOAD) for name, draw in HOSTS.items()}


def saved(pixels: Pixels, form: str, quality: int) -> Pixels:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form, quality=quality)
    return np.asarray(Image.open(out).convert("RGB"))


def resized(pixels: Pixels, factor: float) -> Pixels:
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def cropped(pixels: Pixels, share: float) -> Pixels:
    height, width = (int(n * share) for n in pixels.shape[:2])
    return pixels[17 : 17 + height, 29 : 29 + width]


def turned(pixels: Pixels, degrees: float) -> Pixels:
    return np.asarray(Image.fromarray(pixels).rotate(degrees, Image.Resampling.BICUBIC))


ATTACKS: dict[str, Callable[[Pixels], Pixels]] = {
    "none": lambda p: p,
    "JPEG q90": lambda p: saved(p, "JPEG", 90),
    "JPEG q70": lambda p: saved(p, "JPEG", 70),
    "JPEG q50": lambda p: saved(p, "JPEG", 50),
    "WebP q80": lambda p: saved(p, "WEBP", 80),
    "half size": lambda p: resized(p, 0.5),
    "three quarters": lambda p: resized(p, 0.75),
    "crop 90 %": lambda p: cropped(p, 0.9),
    "crop 70 %": lambda p: cropped(p, 0.7),
    "brightness": lambda p: np.clip(p * 1.05, 0, 255).astype(np.uint8),
    "blur": lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 1), np.uint8),
    "one degree": lambda p: turned(p, 1),
    "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
    "quarter turn": lambda p: np.ascontiguousarray(np.rot90(p)),
    "screenshot": lambda p: saved(cropped(resized(p, 0.8), 0.85), "JPEG", 80),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("host", ["poster", "gradient"])
def test_all_bits_survive(
    mark: SpreadWatermark, marked: dict[str, Pixels], host: str, attack: str
) -> None:
    reading = mark.detect(ATTACKS[attack](marked[host]))
    assert (reading.state, reading.id) == ("valid", PAYLOAD.hex()), reading
    assert payload_matches(bytes.fromhex(reading.id), ASSET)


@pytest.mark.parametrize("attack", ["none", "JPEG q70", "crop 70 %", "half size"])
@pytest.mark.parametrize("host", ["flat", "white", "black", "noise"])
def test_hard_hosts(
    mark: SpreadWatermark, marked: dict[str, Pixels], host: str, attack: str
) -> None:
    assert mark.detect(ATTACKS[attack](marked[host])).id == PAYLOAD.hex()


@pytest.mark.parametrize("host", HOSTS)
def test_the_mark_cannot_be_seen(marked: dict[str, Pixels], host: str) -> None:
    original = HOSTS[host]().astype(np.float64)
    error = np.mean((marked[host] - original) ** 2)
    assert 10 * np.log10(255**2 / error) >= 42
    if host in ("flat", "white", "black"):
        assert np.abs(marked[host] - original).max() <= 4


def test_unmarked_pictures_read_as_absent(mark: SpreadWatermark) -> None:
    rng = np.random.default_rng(11)
    for index in range(15):
        host = [pictures.poster(index), pictures.noise(), pictures.gradient()][index % 3]
        y, x = rng.integers(0, 300), rng.integers(0, 200)
        picture = saved(host[y : y + 560, x : x + 540], "JPEG", int(rng.integers(50, 96)))
        reading = mark.detect(picture)
        assert reading.state == "absent", reading
        assert reading.values["z"] < 7


def test_scale_and_angle_are_reported(mark: SpreadWatermark, marked: dict[str, Pixels]) -> None:
    values = mark.detect(resized(marked["poster"], 0.5)).values
    assert values["scale"] == pytest.approx(0.5, abs=0.005)
    values = mark.detect(turned(marked["poster"], 1)).values
    assert abs(values["angle"]) == pytest.approx(1, abs=0.1)
    assert values["z"] >= 7


def test_marking_is_deterministic_and_leaves_the_original_alone(mark: SpreadWatermark) -> None:
    original = pictures.poster().copy()
    first = mark.embed(original, PAYLOAD)
    assert np.array_equal(first, SpreadWatermark().embed(original, PAYLOAD))
    assert np.array_equal(original, pictures.poster())
    assert isinstance(mark, Watermark)


def test_small_pictures_are_refused_not_skipped(mark: SpreadWatermark) -> None:
    with pytest.raises(LabelError, match="512"):
        mark.embed(pictures.flat(100, 511, 900), PAYLOAD)
    smallest = mark.embed(pictures.poster()[:512, :512], PAYLOAD)
    assert mark.detect(smallest).id == PAYLOAD.hex()
    assert mark.detect(pictures.flat(100, 40, 40)).state == "absent"


def test_wrong_pixels_and_strength_are_named(mark: SpreadWatermark) -> None:
    with pytest.raises(LabelError, match="RGB"):
        mark.embed(np.zeros((600, 600), np.uint8), PAYLOAD)
    with pytest.raises(LabelError, match="8 bytes"):
        mark.embed(pictures.poster(), b"short")
    with pytest.raises(InputError, match="strength"):
        SpreadWatermark(strength=0)


def test_a_key_seals_the_mark() -> None:
    keyed = SpreadWatermark(key="project key")
    picture = keyed.embed(pictures.poster(), PAYLOAD)
    own = keyed.detect(picture)
    assert own.state == "valid"
    assert payload_matches(bytes.fromhex(own.id), ASSET)
    assert SpreadWatermark().detect(picture).state == "untrusted"
    assert SpreadWatermark(key="another").detect(picture).state == "invalid"
    plain = SpreadWatermark().embed(pictures.poster(), PAYLOAD)
    assert keyed.detect(plain).state == "invalid"
    assert keyed.id != SpreadWatermark(key="another").id
    assert "project key" not in keyed.id


def test_the_key_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTENTFAB_SEAL_KEY", "project key")
    assert SpreadWatermark().id == SpreadWatermark(key="project key").id


def test_a_false_seal_is_invalid(mark: SpreadWatermark) -> None:
    forged = PAYLOAD[:7] + bytes([PAYLOAD[7] ^ 1])
    assert mark.detect(mark.embed(pictures.poster(), forged)).state == "invalid"


def test_payload_layout() -> None:
    assert PAYLOAD[0] >> 4 == 1
    assert payload_for(ASSET, b"key")[0] >> 4 == 2
    assert payload_matches(payload_for(ASSET, b"key"), ASSET)
    assert not payload_matches(PAYLOAD, ASSET[:-1] + "0")
    assert not payload_matches(b"short", ASSET)


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=8, max_size=8), st.integers(0, 2**32 - 1))
def test_the_code_corrects_errors(payload: bytes, seed: int) -> None:
    coded = code.encode(payload)
    assert coded.shape == (code.CODED_BITS,)
    rng = np.random.default_rng(seed)
    wrong = rng.choice(code.CODED_BITS, 12, replace=False)
    coded[wrong] *= -1
    assert code.decode(coded + rng.normal(0, 0.2, coded.shape)) == (payload, True)


def test_noise_does_not_decode() -> None:
    rng = np.random.default_rng(5)
    assert not any(code.decode(rng.normal(size=code.CODED_BITS))[1] for _ in range(200))
