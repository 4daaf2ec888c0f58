"""Background sets: percentiles by shape, robust z, ids, and files that must not be trusted."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentfab.errors import InputError
from contentfab.rules.models.files import BESIDE, folder_digest
from contentfab.rules.scoring.background import (
    BUCKETS,
    ENOUGH,
    Background,
    Encoding,
    aspect_bucket,
    percentile,
    robust_z,
)
from contentfab.rules.scoring.background_files import ABOUT, VECTORS

DIM = 16
ENCODING = Encoding("mini-clip", "abc123", {"size": 128, "mean": [0.5] * 3}, "letterbox 0.5")
PLENTY = {"square": 100, "story": 100, "banner": ENOUGH - 1}


def background(counts: dict[str, int] = PLENTY, seed: int = 1) -> Background:
    dice = np.random.default_rng(seed)
    buckets = tuple(name for name, count in counts.items() for _ in range(count))
    vectors = dice.normal(0, 1, (len(buckets), DIM)).astype(np.float16).astype(np.float32)
    return Background("posters", vectors, buckets, ENCODING, "drawn for a test")


@pytest.mark.parametrize(
    ("size", "bucket"),
    [
        ((160, 600), "skyscraper"),
        ((300, 600), "story"),
        ((1080, 1920), "story"),
        ((1080, 1350), "portrait"),
        ((1080, 1440), "portrait"),
        ((1080, 1080), "square"),
        ((300, 250), "landscape"),
        ((1200, 628), "landscape"),
        ((970, 250), "banner"),
        ((728, 90), "banner"),
    ],
)
def test_every_placement_has_its_bucket(size: tuple[int, int], bucket: str) -> None:
    assert aspect_bucket(*size) == bucket


def test_a_picture_without_a_side_has_no_shape() -> None:
    with pytest.raises(ValueError, match="positive"):
        aspect_bucket(0, 10)


def test_a_percentile_counts_what_is_beaten_and_half_of_what_is_equal() -> None:
    values = np.array([1.0, 2.0, 2.0, 3.0])
    assert [percentile(v, values) for v in (0, 1, 2, 2.5, 9)] == [0, 12.5, 50, 75, 100]
    with pytest.raises(ValueError, match="no values"):
        percentile(1.0, np.array([]))


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
)
def test_a_higher_score_never_stands_lower(values: list[float], one: float, two: float) -> None:
    low, high = sorted((one, two))
    known = np.array(values)
    assert 0 <= percentile(low, known) <= percentile(high, known) <= 100
    zs = robust_z(low, known), robust_z(high, known)
    assert None in zs or zs[0] <= zs[1]  # type: ignore[operator]


@given(st.lists(st.floats(-100, 100, width=32), min_size=3, max_size=40), st.floats(0.1, 50))
def test_a_percentile_does_not_depend_on_the_scale(values: list[float], scale: float) -> None:
    known = np.array(values)
    ours, theirs = percentile(values[0], known), percentile(scale * values[0], scale * known)
    assert ours == pytest.approx(theirs)


def test_percentiles_are_uniform_for_pictures_of_the_set_in_each_bucket() -> None:
    """A new picture from where the set is from has every percentile as likely as any other."""
    dice = np.random.default_rng(8)
    for bucket in ("square", "story"):
        places = []
        for seed in range(40):
            known = background(seed=seed)
            # Each shape has a distribution of its own, as with a real tower.
            move = {"square": 3.0, "story": -3.0, "banner": 0.0}
            values = known.vectors[:, 0] + np.array([move[name] for name in known.buckets])
            fresh = dice.normal(move[bucket], 1, 50)
            among = values[known.members(bucket)]
            places += [percentile(float(v), among) for v in fresh]
        counts = np.histogram(places, 10, (0, 100))[0]
        # 2,000 draws into 10 bins, but 50 share a set: a spread of the mean of 40 sets of 100
        assert counts.min() > 140 and counts.max() < 260, (bucket, counts)
        assert np.mean(places) == pytest.approx(50, abs=4)


def test_too_few_of_a_shape_are_compared_with_all_and_it_is_said() -> None:
    known = background()
    square = [name == "square" for name in known.buckets]
    assert list(known.members("square")) == square
    assert known.among("square") == "100 square pictures of posters"
    assert known.members("banner").all() and "only 59 are banner" in known.among("banner")
    assert known.members("portrait").all() and "none is portrait" in known.among("portrait")


def test_outliers_and_heavy_tails_do_not_move_a_robust_z() -> None:
    dice = np.random.default_rng(2)
    normal = dice.normal(0, 1, 4000)
    assert robust_z(2.0, normal) == pytest.approx(2.0, abs=0.12)
    spoiled = np.concatenate([normal, np.full(400, 1e6)])
    assert robust_z(2.0, spoiled) == pytest.approx(2.0, abs=0.35)
    # Cauchy: no mean, no variance; its MAD is 1.
    cauchy = dice.standard_cauchy(20_000)
    assert robust_z(1.4826, cauchy) == pytest.approx(1.0, abs=0.06)
    assert abs(cauchy.std()) > 10


def test_values_that_do_not_spread_say_nothing() -> None:
    assert robust_z(1.0, np.zeros(50)) is None
    assert robust_z(0.0, np.array([0.0] * 30 + [1.0] * 5)) is None


def test_a_picture_unlike_the_whole_set_is_told() -> None:
    dice = np.random.default_rng(4)
    centre = np.zeros(DIM)
    centre[0] = 4.0
    vectors = (centre + dice.normal(0, 1, (200, DIM))).astype(np.float32)
    known = Background("near", vectors, ("square",) * 200, ENCODING)
    own = [
        known.familiarity((centre + dice.normal(0, 1, DIM)).astype(np.float32)) for _ in "x" * 90
    ]
    assert 35 < np.mean(own) < 65
    away = -centre.astype(np.float32)
    assert known.familiarity(away) == 0 and known.unlike(away)
    assert not known.unlike(known.vectors[0])


def test_a_set_comes_back_from_its_files_as_it_was(tmp_path: Path) -> None:
    known = background()
    kept = {"appeal": {"temperature": 0.5, "unit": "z", "calibration_id": "clip/1", "pairs": 200}}
    known = replace(known, pair_temperatures=kept)
    known.save(tmp_path)
    for path in (tmp_path, tmp_path / VECTORS, tmp_path / ABOUT):
        found = Background.load(path)
        assert found is not None
        assert np.array_equal(found.vectors, known.vectors)
        assert (found.buckets, found.id, found.made_by) == (known.buckets, known.id, known.made_by)
        assert found.encoding.same_as(ENCODING)
    assert found.temperature("appeal", "clip/1", "z") == 0.5
    assert found.temperature("appeal", "clip/2", "z") is None
    assert found.temperature("appeal", "clip/1", "value") is None
    assert found.temperature("palette", "clip/1", "z") is None
    assert Background.load(tmp_path / "elsewhere") is None


def test_the_id_changes_with_pictures_and_encoding_but_not_with_temperatures() -> None:
    known = background()
    others = (
        background(seed=2),
        replace(known, buckets=("square",) * len(known.buckets)),
        replace(known, encoding=replace(ENCODING, views="squash 1")),
    )
    assert known.id == background().id and len({known.id, *(o.id for o in others)}) == 4
    assert replace(known, pair_temperatures={"appeal": {"temperature": 1}}).id == known.id


@pytest.mark.parametrize(
    "other",
    [
        replace(ENCODING, revision="def456"),
        replace(ENCODING, preprocessing={"size": 224}),
        replace(ENCODING, views="squash 1"),
    ],
)
def test_a_set_of_another_model_or_preprocessing_is_refused(
    tmp_path: Path, other: Encoding
) -> None:
    background().save(tmp_path)
    with pytest.raises(InputError) as refused:
        known = Background.load(tmp_path)
        assert known is not None
        known.check(other)
    assert ENCODING.id in str(refused.value) and other.id in str(refused.value)
    assert "contentfab calibrate --background" in refused.value.hint


def test_a_model_under_another_name_is_the_same_model() -> None:
    moved = Encoding("copy", "abc123", {"mean": (0.5,) * 3, "size": 128}, "letterbox 0.5")
    background().check(moved)
    assert ENCODING.same_as(moved)


def _about(folder: Path, **changes: object) -> None:
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    for name, value in changes.items():
        about.pop(name) if value is None else about.update({name: value})
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")


def _save(folder: Path, vectors: np.ndarray, buckets: object) -> None:
    np.savez(folder / VECTORS, vectors=vectors, buckets=np.array(buckets))


HALVES = np.ones((2, DIM), np.float16)
FAULTS = {
    "no vectors file": lambda f: (f / VECTORS).unlink(),
    "no description": lambda f: (f / ABOUT).unlink(),
    "cut off": lambda f: (f / VECTORS).write_bytes((f / VECTORS).read_bytes()[:200]),
    "no zip": lambda f: (f / VECTORS).write_bytes(b"hello"),
    "pickled": lambda f: np.savez(f / VECTORS, vectors=np.array([{}]), buckets=np.array(["a"])),
    "other vectors": lambda f: _save(f, HALVES, ["square", "square"]),
    "other precision": lambda f: _save(f, HALVES.astype(np.float64), ["square", "square"]),
    "one bucket": lambda f: _save(f, HALVES, ["square"]),
    "not finite": lambda f: _save(f, HALVES * np.float16(np.nan), ["square", "square"]),
    "no json": lambda f: (f / ABOUT).write_text("{", encoding="utf-8"),
    "a list": lambda f: (f / ABOUT).write_text("[]", encoding="utf-8"),
    "other format": lambda f: _about(f, format=99),
    "no model": lambda f: _about(f, model=None),
    "temperatures": lambda f: _about(f, pair_temperatures=[1]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_broken_files_are_named_with_the_fix(tmp_path: Path, fault: str) -> None:
    background().save(tmp_path)
    FAULTS[fault](tmp_path)
    with pytest.raises(InputError) as refused:
        Background.load(tmp_path)
    assert VECTORS in str(refused.value) or ABOUT in str(refused.value)
    assert "calibrate --background" in refused.value.hint


def test_unknown_buckets_are_refused(tmp_path: Path) -> None:
    replace(background(), buckets=("round",) * 259).save(tmp_path)
    with pytest.raises(InputError, match="buckets other than"):
        Background.load(tmp_path)


def test_a_set_beside_a_model_does_not_make_it_another_model(tmp_path: Path) -> None:
    (tmp_path / "open_clip_config.json").write_text("{}", encoding="utf-8")
    before = folder_digest(tmp_path)
    background().save(tmp_path)
    assert {ABOUT, VECTORS} <= set(BESIDE)
    assert folder_digest(tmp_path) == before


def test_the_buckets_are_in_order_and_end_nowhere() -> None:
    edges = list(BUCKETS.values())
    assert edges == sorted(edges) and math.isinf(edges[-1])
