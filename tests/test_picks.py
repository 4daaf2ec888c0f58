"""Calibration on a team's choices: sample sizes, intervals and the temperature, by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from contentfab.rules.scoring.picks import agreement, pairs_needed, probability, wilson


def test_the_sample_sizes_are_those_of_the_textbook() -> None:
    assert [pairs_needed(share) for share in (0.60, 0.65)] == [194, 85]


@pytest.mark.parametrize("share", (0.5, 1.0, 0.2))
def test_a_share_that_cannot_be_told_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        pairs_needed(share)


def simulated(count: int, temperature: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores of picked and other pictures, by a team that picks with a known temperature."""
    dice = np.random.default_rng(seed)
    one, other = dice.normal(0, 1, (2, count))
    first = dice.random(count) < 1 / (1 + np.exp(-(one - other) / temperature))
    return np.where(first, one, other), np.where(first, other, one)


def test_the_temperature_of_simulated_picks_is_found_again() -> None:
    for temperature in (0.3, 1.0, 3.0):
        found = agreement(*simulated(20_000, temperature, 1)).temperature
        assert found == pytest.approx(temperature, rel=0.06)


@pytest.mark.parametrize("count", (40, 194, 400))
def test_the_interval_covers_the_truth_as_often_as_it_says(count: int) -> None:
    truth = agreement(*simulated(400_000, 1.0, 2)).auc
    inside = 0
    for seed in range(1000):
        found = agreement(*simulated(count, 1.0, seed))
        inside += found.low <= truth <= found.high
    # 95 %, give or take three standard errors of a thousand tries
    assert 0.929 <= inside / 1000 <= 0.971


def test_random_picks_show_no_signal() -> None:
    dice = np.random.default_rng(5)
    told = sum(agreement(*dice.normal(0, 1, (2, 194))).tells for _ in range(400))
    assert told / 400 < 0.06
    same = agreement([1.0, 1.0], [1.0, 1.0])
    assert (same.auc, same.temperature) == (0.5, math.inf)
    assert probability(2.0, 1.0, same.temperature) == 0.5


def test_a_score_against_the_picks_is_no_score() -> None:
    picked, other = simulated(500, 0.5, 3)
    found = agreement(other, picked)
    assert not found.tells
    assert math.isinf(found.temperature)


def test_promised_probabilities_come_true() -> None:
    picked, other = simulated(20_000, 0.7, 4)
    assert agreement(picked, other).calibration_error < 0.02


def test_perfect_agreement_keeps_an_honest_interval() -> None:
    found = agreement([1.0] * 30, [0.0] * 30)
    assert found.auc == 1.0
    assert found.low == pytest.approx(wilson(1.0, 30)[0]) == pytest.approx(0.886, abs=0.001)


def told(share: float, pairs: int, tries: int) -> float:
    """How often a score that agrees with `share` of all picks is seen to be better than a coin."""
    dice = np.random.default_rng(7)
    found = 0
    for agree in dice.random((tries, pairs)) < share:
        picked = agree.astype(float)
        found += agreement(picked, 1 - picked).tells
    return found / tries


def test_as_many_pairs_as_are_asked_for_are_enough() -> None:
    """Power 80 % at the asked number of pairs, and clearly less with a third of them."""
    for share in (0.60, 0.65):
        assert told(share, pairs_needed(share), 1500) == pytest.approx(0.80, abs=0.045)
    assert told(0.60, pairs_needed(0.60) // 3, 600) < 0.5


def test_the_temperature_is_right_on_average_with_the_pairs_that_a_team_has() -> None:
    found = [agreement(*simulated(pairs_needed(), 0.8, seed)).temperature for seed in range(300)]
    assert np.median(found) == pytest.approx(0.8, rel=0.06)
    low, high = np.quantile(found, (0.05, 0.95))
    assert 0.5 < low < high < 1.5


def test_the_calibration_error_shows_a_wrong_temperature() -> None:
    """A score that is rounded to yes and no promises the same for all: right on average, while
    picks that turn round with the size of the difference cannot be promised by any temperature."""
    dice = np.random.default_rng(9)
    apart = dice.uniform(0.1, 3, 4000)
    first = dice.random(4000) < np.where(apart < 1.5, 0.95, 0.55)
    found = agreement(np.where(first, apart, 0), np.where(first, 0, apart))
    assert found.calibration_error > 0.12
