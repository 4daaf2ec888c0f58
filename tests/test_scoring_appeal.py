"""Appeal from vectors: qualities on margins, calibrated on a set, fused, with its spread."""

from __future__ import annotations

import numpy as np
import pytest

from contentfab.rules.scoring.appeal import Appeal, Quality, anchors, axis, fused
from contentfab.rules.scoring.background import Background, Encoding

DIM = 12
RNG = np.random.default_rng(4)
ONE_VIEW = np.ones(1, np.float32)


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def background(count: int = 200, bucket: str = "portrait", seed: int = 1) -> Background:
    vectors = unit(np.random.default_rng(seed).normal(size=(count, DIM)))
    return Background("drawn", vectors, (bucket,) * count, Encoding("m", "1", {}, "one"))


def direction(i: int) -> np.ndarray:
    return np.eye(DIM, dtype=np.float32)[i]


def quality(i: int, weight: float = 1.0, **changes: object) -> Quality:
    return Quality(f"q{i}", direction(i), weight, f"more of {i}", **changes)  # type: ignore[arg-type]


def picture(*values: float) -> np.ndarray:
    vector = np.zeros(DIM)
    vector[: len(values)] = values
    vector[-1] = np.sqrt(1 - (vector**2).sum())
    return vector[None].astype(np.float32)


def test_appeal_is_a_percentile_of_the_set_and_keeps_telling_pictures_apart_beyond_it() -> None:
    appeal = Appeal([quality(0)], background())
    low, middle, high, higher = (
        appeal.read(ONE_VIEW, picture(v), "portrait") for v in (-0.9, 0.0, 0.9, 0.95)
    )
    assert low.value == 0 and high.value == 1
    assert middle.value == pytest.approx(0.5, abs=0.1)
    assert middle.percentile == pytest.approx(100 * middle.value)  # type: ignore[operator]
    assert high.value == higher.value and high.z < higher.z  # type: ignore[operator]
    assert "200 portrait pictures of drawn" in middle.among
    assert middle.ratings[0].z == pytest.approx(0, abs=0.3)


def test_a_picture_is_compared_with_pictures_of_its_own_shape() -> None:
    tall, wide = background(), background(bucket="landscape", seed=2)
    shifted = wide.vectors + 0.5 * direction(0)
    both = Background(
        "two", np.concatenate([tall.vectors, shifted]), tall.buckets + wide.buckets, tall.encoding
    )
    appeal = Appeal([quality(0)], both)
    of_tall, of_wide = (appeal.read(ONE_VIEW, picture(0.3), b) for b in ("portrait", "landscape"))
    assert of_tall.value > 0.7 > 0.4 > of_wide.value  # type: ignore[operator]


def test_one_bad_quality_costs_more_than_a_good_one_brings() -> None:
    weights = np.array([0.5, 0.5])
    assert fused(np.array([2.0, -2.0]), weights) < fused(np.array([0.0, 0.0]), weights)
    assert fused(np.array([0.0, -6.0]), weights) > fused(np.array([0.0, -9.0]), weights)


def test_weights_count_and_what_has_none_is_only_reported() -> None:
    seen = picture(0.65, -0.65)
    first = Appeal([quality(0), quality(1, 0.0)], background()).read(ONE_VIEW, seen, "portrait")
    second = Appeal([quality(0, 0.0), quality(1)], background()).read(ONE_VIEW, seen, "portrait")
    assert first.value > 0.95 and second.value < 0.05  # type: ignore[operator]
    assert [r.name for r in first.ratings] == ["q0", "q1"]
    assert first.ratings[1].percentile < 5  # type: ignore[operator]
    nothing = Appeal([quality(0, 0.0)], background()).read(ONE_VIEW, seen, "portrait")
    assert nothing.value is None and nothing.z is None


def test_a_quality_in_which_the_set_is_all_alike_does_not_count() -> None:
    vectors = background().vectors.copy()
    vectors[:, 1] = 0.25
    flat = Background("flat", vectors, ("portrait",) * 200, Encoding("m", "1", {}, "one"))
    with_flat = Appeal([quality(0), quality(1, 5.0)], flat).read(ONE_VIEW, picture(0.3), "portrait")
    alone = Appeal([quality(0)], flat).read(ONE_VIEW, picture(0.3), "portrait")
    assert with_flat.value == alone.value and with_flat.z == pytest.approx(alone.z)
    only_flat = Appeal([quality(1)], flat).read(ONE_VIEW, picture(0.3), "portrait")
    assert only_flat.value is None


def test_views_that_disagree_widen_the_spread() -> None:
    appeal = Appeal([quality(0)], background())
    weights = np.array([0.5, 0.5], np.float32)
    same = np.concatenate([picture(0.2), picture(0.2)])
    apart = np.concatenate([picture(0.5), picture(-0.1)])
    agree, differ = (appeal.read(weights, v, "portrait") for v in (same, apart))
    assert agree.spread == pytest.approx(0, abs=1e-6)
    assert differ.spread > 0.5  # type: ignore[operator]
    assert agree.ratings[0].raw == pytest.approx(differ.ratings[0].raw)


def test_prompts_that_disagree_widen_the_spread() -> None:
    ways = np.stack([direction(0), direction(1)])
    both = Quality("q", ways.mean(axis=0), 1.0, "both", ways=ways)
    agree, differ = (
        Appeal([both], background()).read(ONE_VIEW, picture(*v), "portrait")
        for v in ((0.3, 0.3), (0.6, 0.0))
    )
    assert differ.spread > 3 * agree.spread  # type: ignore[operator]


def test_an_axis_and_anchors_are_differences_and_a_bias_moves_the_raw_number() -> None:
    wanted, opposite = unit(RNG.normal(size=(2, DIM))), unit(RNG.normal(size=(2, DIM)))
    made = axis("craft", wanted, opposite, 0.5, "“sharp”")
    ends = (side.mean(axis=0) / np.linalg.norm(side.mean(axis=0)) for side in (wanted, opposite))
    assert np.allclose(made.direction, np.subtract(*ends), atol=1e-6)
    assert made.ways is not None and np.allclose(made.ways, wanted - opposite)
    assert np.allclose(anchors(wanted[0], opposite[0], 1).direction, wanted[0] - opposite[0])
    lifted = quality(0, bias=0.25)
    raws = [
        Appeal([q], background()).read(ONE_VIEW, picture(0.1), "portrait").ratings[0].raw
        for q in (quality(0), lifted)
    ]
    assert raws[1] - raws[0] == pytest.approx(0.25)


def test_without_a_set_there_is_neither_percentile_nor_z() -> None:
    appeal = Appeal([quality(0)], None)
    low, high = (appeal.read(ONE_VIEW, picture(v), "portrait") for v in (-0.02, 0.02))
    assert (low.percentile, low.z, low.spread, low.ratings[0].percentile) == (None,) * 4
    assert low.value < 0.5 < high.value  # type: ignore[operator]
    assert appeal.place(picture(0.1)[0], "portrait") is None
    with pytest.raises(ValueError, match="at least one"):
        Appeal([], None)


def test_the_place_of_one_view_is_that_of_a_picture_with_this_view_alone() -> None:
    appeal = Appeal([quality(0), quality(1)], background())
    reading = appeal.read(ONE_VIEW, picture(0.4, 0.1), "portrait")
    assert appeal.place(picture(0.4, 0.1)[0], "portrait") == pytest.approx(
        (reading.z, reading.percentile)
    )
