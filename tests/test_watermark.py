"""The invisible mark: read back after ordinary processing, never read where there is none."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pictures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from contentfab.backends import _spread_code as code
from contentfab.backends import _spread_tile as tiles
from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.delivery._attacks import ATTACKS, WHAT
from contentfab.errors import InputError, LabelError
from contentfab.protocols import Watermark
from contentfab.rules.labels.payload import payload_for, payload_matches

Pixels = NDArray[np.uint8]
ASSET = "0123456789abcdef" * 2
PAYLOAD = payload_for(ASSET)
HOSTS: dict[str, Callable[[], Pixels]] = {
    "poster": pictures.poster,
    "flat": lambda: pictures.flat(200),
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


def resized(pixels: Pixels, across: float, down: float) -> Pixels:
    size = (round(pixels.shape[1] * across), round(pixels.shape[0] * down))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def tilted(pixels: Pixels, degrees: float) -> Pixels:
    return np.asarray(Image.fromarray(pixels).rotate(degrees, Image.Resampling.BICUBIC))


@pytest.mark.parametrize("attack", ATTACKS)
def test_all_bits_survive(mark: SpreadWatermark, marked: dict[str, Pixels], attack: str) -> None:
    before = marked["poster"].copy()
    reading = mark.detect(ATTACKS[attack](marked["poster"]))
    assert (reading.state, reading.id) == ("valid", PAYLOAD.hex()), reading
    assert payload_matches(bytes.fromhex(reading.id), ASSET)
    assert np.array_equal(before, marked["poster"])


@pytest.mark.parametrize(
    "attack", ["none", "jpeg q70", "webp q80", "crop 70 %", "resize 0.5", "rotate +3°", "0.95 in y"]
)
@pytest.mark.parametrize("host", ["flat", "gradient", "white", "black", "noise"])
def test_hard_hosts(
    mark: SpreadWatermark, marked: dict[str, Pixels], host: str, attack: str
) -> None:
    assert mark.detect(ATTACKS[attack](marked[host])).id == PAYLOAD.hex()


@pytest.mark.parametrize("scale", [0.3, 0.45, 0.9, 1.3, 2.2])
def test_any_scale_is_found(mark: SpreadWatermark, marked: dict[str, Pixels], scale: float) -> None:
    reading = mark.detect(resized(marked["poster"], scale, scale))
    assert reading.id == PAYLOAD.hex()
    assert reading.values["scale"] == pytest.approx(scale, rel=0.005)


@pytest.mark.parametrize(("across", "down"), [(0.93, 1), (1.07, 1), (1, 0.93), (1, 1.07)])
def test_a_stretched_picture_is_read(
    mark: SpreadWatermark, marked: dict[str, Pixels], across: float, down: float
) -> None:
    reading = mark.detect(resized(marked["poster"], across, down))
    assert reading.id == PAYLOAD.hex()
    assert reading.values["scale_x"] == pytest.approx(across, rel=0.005)
    assert reading.values["scale_y"] == pytest.approx(down, rel=0.005)


@pytest.mark.parametrize("degrees", [-5, -3.4, 4, 5])
def test_a_tilt_is_found(mark: SpreadWatermark, marked: dict[str, Pixels], degrees: float) -> None:
    reading = mark.detect(tilted(marked["poster"], degrees))
    assert reading.id == PAYLOAD.hex()
    assert reading.values["angle"] == pytest.approx(-degrees, abs=0.2)


def test_mirrored_turned_and_shrunk_at_once(
    mark: SpreadWatermark, marked: dict[str, Pixels]
) -> None:
    turned = np.ascontiguousarray(np.rot90(marked["poster"][:, ::-1]))
    reading = mark.detect(saved(resized(turned, 0.7, 0.7), "JPEG", 70))
    assert reading.id == PAYLOAD.hex()
    assert reading.values["mirrored"] == 1


@pytest.mark.parametrize("size", [(800, 640), (628, 1200), (512, 512)])
def test_small_placements_hold_the_mark(mark: SpreadWatermark, size: tuple[int, int]) -> None:
    height, width = size
    poster = np.asarray(Image.fromarray(pictures.poster(3)).resize((width, height)))
    picture = mark.embed(poster, PAYLOAD)
    for attack in ("jpeg q50", "webp q50", "resize 0.5", "crop 70 %", "screenshot"):
        assert mark.detect(ATTACKS[attack](picture)).id == PAYLOAD.hex(), attack


@pytest.mark.parametrize("host", HOSTS)
def test_the_mark_cannot_be_seen(marked: dict[str, Pixels], host: str) -> None:
    original = HOSTS[host]().astype(np.float64)
    error = np.mean((marked[host] - original) ** 2)
    assert 10 * np.log10(255**2 / error) >= (42 if host == "noise" else 45)
    if host in ("flat", "white", "black"):
        assert np.abs(marked[host] - original).max() <= 4


def test_unmarked_pictures_read_as_absent(mark: SpreadWatermark) -> None:
    rng = np.random.default_rng(11)
    for index in range(30):
        host = [pictures.poster(index), pictures.noise(), pictures.gradient()][index % 3]
        y, x = rng.integers(0, 300), rng.integers(0, 200)
        picture = saved(host[y : y + 560, x : x + 540], "JPEG", int(rng.integers(50, 96)))
        reading = mark.detect(picture)
        assert reading.state == "absent", reading
        assert reading.values["z"] < 7.5


def test_agreement_keeps_its_bound_on_any_picture() -> None:
    """The tail bound behind the false-positive figure: P(agreement > t) <= exp(-t²/2)."""
    folded = np.random.default_rng(2).normal(size=(tiles.GRID, tiles.GRID))
    folded += 5 * np.cos(np.arange(tiles.GRID) * (2 * np.pi * 7 / tiles.GRID))  # a striped host
    spectrum, coded = tiles.Spectrum(folded), code.encode(PAYLOAD)
    heights = np.array(
        [
            spectrum.agreement(tiles.Sync(0.0, family, turn, (float(shift), 31.0)), coded)
            for family in range(0, 256, 2)
            for turn in range(8)
            for shift in range(0, tiles.SIDE, 24)
        ]
    )
    for t in (1.0, 2.0, 2.5, 3.0):
        assert np.mean(heights > t) <= np.exp(-(t**2) / 2)
    assert heights.std() == pytest.approx(1, abs=0.05)


def test_geometry_reads_as_none_when_there_is_none(
    mark: SpreadWatermark, marked: dict[str, Pixels]
) -> None:
    values = mark.detect(marked["poster"]).values
    assert (values["scale"], values["angle"], values["mirrored"], values["turned"]) == (1, 0, 0, 0)
    assert values["family"] == 0
    assert values["z"] >= 13


def test_marking_is_deterministic_and_leaves_the_original_alone(mark: SpreadWatermark) -> None:
    original = pictures.poster().copy()
    first = mark.embed(original, PAYLOAD)
    assert np.array_equal(first, SpreadWatermark().embed(original, PAYLOAD))
    assert np.array_equal(original, pictures.poster())
    assert isinstance(mark, Watermark)


def test_a_grey_picture_stays_grey(marked: dict[str, Pixels]) -> None:
    assert np.ptp(marked["flat"], axis=2).max() == 0


def test_small_pictures_are_refused_not_skipped(mark: SpreadWatermark) -> None:
    with pytest.raises(LabelError, match="512"):
        mark.embed(pictures.flat(100, 511, 900), PAYLOAD)
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
    picture = ATTACKS["jpeg q70"](keyed.embed(pictures.poster(), PAYLOAD))
    own = keyed.detect(picture)
    assert own.state == "valid"
    assert payload_matches(bytes.fromhex(own.id), ASSET)
    stranger = SpreadWatermark().detect(picture)
    assert (stranger.state, stranger.id) == ("untrusted", own.id)
    assert "CONTENTFAB_SEAL_KEY" in stranger.detail
    assert SpreadWatermark(key="another").detect(picture).state == "invalid"
    plain = SpreadWatermark().embed(pictures.poster(), PAYLOAD)
    assert keyed.detect(plain).state == "invalid"


@pytest.mark.parametrize(
    "attack", ["resize 0.5", "rotate -3°", "turn 90°", "screenshot", "webp q50"]
)
def test_anyone_reads_a_sealed_mark_after_an_attack(mark: SpreadWatermark, attack: str) -> None:
    picture = SpreadWatermark(key="project key").embed(pictures.poster(), PAYLOAD)
    reading = mark.detect(ATTACKS[attack](picture))
    assert reading.state == "untrusted", reading
    assert payload_matches(bytes.fromhex(reading.id), ASSET)


def test_another_key_never_reads_valid() -> None:
    poster = pictures.poster()
    for number in range(12):
        picture = SpreadWatermark(key=f"key {number}").embed(poster, PAYLOAD)
        assert SpreadWatermark(key=f"other {number}").detect(picture).state == "invalid"


def test_every_project_has_its_own_phases() -> None:
    """What averaging one project's posters would find does not cancel another's mark."""
    names = [b"one", b"two", b"three", None]
    families = [tiles.family_of(name) for name in names]
    assert len(set(families)) == len(names)
    assert families[-1] == 0
    drawn = [tiles.draw(code.encode(PAYLOAD), family) for family in families]
    for index, tile in enumerate(drawn[1:]):
        assert abs(np.mean(tile * drawn[index])) < 0.15


def test_the_id_names_version_strength_and_key() -> None:
    assert SpreadWatermark(0.8).id == "spread/2@0.8"
    keyed = SpreadWatermark(key="project key").id
    assert keyed.startswith("spread/2@1+key-")
    assert len(keyed.rpartition("-")[2]) == 8
    assert keyed != SpreadWatermark(key="another").id
    assert "project key" not in keyed


def test_the_key_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SpreadWatermark().id == "spread/2@1"
    monkeypatch.setenv("CONTENTFAB_SEAL_KEY", "project key, long enough to be one")
    assert SpreadWatermark().id == SpreadWatermark(key="project key, long enough to be one").id


def test_the_key_can_come_from_the_projects_folder(project_keys: Path) -> None:
    assert SpreadWatermark().id.startswith("spread/2@1+key-")


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


def test_every_attack_says_what_it_does() -> None:
    assert list(ATTACKS) == list(WHAT)
    assert all(sentence.endswith(".") for sentence in WHAT.values())


def test_dense_texture_is_marked_more_strongly_until_it_reads() -> None:
    """Grass and gravel drown the mark that flat ground can hide; what is busy can hide more."""
    rough = np.random.default_rng(5).standard_normal((720, 720))
    rough = cv2.GaussianBlur(rough, (0, 0), 0.8)
    grey = 128 + 60 * rough / rough.std()
    texture = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    mark = SpreadWatermark()
    assert mark.detect(mark.embed(texture, PAYLOAD)).id == PAYLOAD.hex()
    half = np.concatenate([texture[:, :360], np.full((720, 360, 3), 200, np.uint8)], axis=1)
    change = np.abs(mark.embed(half, PAYLOAD).astype(int) - half)
    assert change[:, 400:].max() <= 3  # flat ground stays as quiet as it was
