"""Ties are ties: a difference inside the spread of the views is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentfab.errors import InputError
from contentfab.rules.scoring.ties import SURE_Z, Measured, preferred, ranks

ID = "openclip/mini@1/abc"
SCORES = st.builds(Measured, st.floats(-4, 4), st.none() | st.floats(0, 2), st.just(ID))


def scored(value: float, spread: float | None = 0.3) -> Measured:
    return Measured(value, spread, ID)


def test_a_clear_difference_has_a_winner_and_a_small_one_has_none() -> None:
    assert preferred(scored(2.0), scored(0.5)).better == 0
    assert preferred(scored(0.5), scored(2.0)).better == 1
    near = preferred(scored(1.0), scored(0.5))
    assert near.tie and "tie: they differ by 0.5" in near.reason


def test_without_a_known_spread_nothing_is_told_apart() -> None:
    assert preferred(scored(9.0, None), scored(0.0)).tie


def test_the_chance_needs_a_fitted_temperature() -> None:
    assert preferred(scored(1.0), scored(0.0)).probability is None
    chance = preferred(scored(1.0), scored(0.0), temperature=1.0).probability
    assert chance == pytest.approx(0.731, abs=0.001)


def test_numbers_of_different_ids_are_never_compared() -> None:
    other = Measured(0.0, 0.1, "openclip/mini@2/abc")
    with pytest.raises(InputError, match="different calibration ids"):
        preferred(scored(1.0), other)
    with pytest.raises(InputError, match="different calibration ids"):
        ranks([scored(1.0), scored(2.0), other])


def test_equal_pictures_are_told_apart_one_time_in_ten_at_most() -> None:
    """Each side errs in 5 % when views are all that differs."""
    dice = np.random.default_rng(6)
    noisy = dice.normal(0, 0.3, (4000, 2))
    told = sum(not preferred(scored(a), scored(b)).tie for a, b in noisy)
    assert 0.085 < told / 4000 < 0.115


@given(SCORES, SCORES, st.none() | st.floats(0.01, 10))
def test_turning_a_pair_round_turns_the_answer_round(
    one: Measured, other: Measured, temperature: float | None
) -> None:
    there, back = preferred(one, other, temperature), preferred(other, one, temperature)
    assert there.tie == back.tie
    assert there.tie or there.better == 1 - int(back.better or 0)
    if temperature is not None:
        assert there.probability is not None and back.probability is not None
        assert there.probability + back.probability == pytest.approx(1)


@given(st.lists(SCORES, max_size=8))
def test_ranks_agree_with_every_pair(measured: list[Measured]) -> None:
    found = ranks(measured)
    wanted = [1 + sum(preferred(one, other).better == 1 for other in measured) for one in measured]
    assert found == wanted


def test_pictures_within_the_spread_share_a_rank() -> None:
    assert ranks([scored(2.0), scored(1.9), scored(0.0), scored(-0.1)]) == [1, 1, 3, 3]
    assert SURE_Z == 1.64 and ranks([]) == []
