"""Brand fit from vectors: likeness that knows when it says nothing, and words that must tell."""

from __future__ import annotations

import numpy as np
import pytest

from contentfab.rules.scoring.brand_fit import ENOUGH, Exemplars, Strangers, place, tells

DIM = 24


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def drawn(rng: np.random.Generator, count: int) -> np.ndarray:
    """Pictures of no brand: what all pictures have in common, and some of everything."""
    return unit(2 * np.eye(DIM)[0] + rng.normal(size=(count, DIM)))


def brand(rng: np.random.Generator, looks: int, count: int, tight: float = 0.15) -> np.ndarray:
    """`count` pictures of a brand with so many looks, in turn."""
    centres = drawn(rng, looks)
    return unit(centres[np.arange(count) % looks] + rng.normal(0, tight, (count, DIM)))


def test_a_brands_further_pictures_fit_and_strangers_do_not() -> None:
    rng = np.random.default_rng(1)
    strangers = Strangers(drawn(rng, 300))
    pictures = brand(rng, 3, 20)
    exemplars = Exemplars(pictures[:8], None, strangers)
    assert exemplars.informative and exemplars.gap > 0
    fits = [exemplars.likeness(p).value for p in pictures[8:]]
    others = [exemplars.likeness(p).value for p in drawn(rng, 50)]
    assert np.median(fits) > 0.7 > 0.1 > np.median(others)
    assert min(fits) > np.quantile(others, 0.95)
    assert exemplars.likeness(pictures[9]).percentile > 95


def test_random_exemplars_give_no_signal() -> None:
    rng = np.random.default_rng(2)
    strangers = Strangers(drawn(rng, 300))
    told = [Exemplars(drawn(rng, 8), None, strangers).informative for _ in range(100)]
    assert sum(told) <= 1


def test_shuffled_brand_labels_give_no_signal() -> None:
    """Eight brands of one look each; a shuffled label is one picture of each of them."""
    rng = np.random.default_rng(3)
    strangers = Strangers(drawn(rng, 300))
    brands = [brand(rng, 1, 8) for _ in range(8)]
    assert all(Exemplars(pictures, None, strangers).informative for pictures in brands)
    shuffled = [np.stack([of_brand[i] for of_brand in brands]) for i in range(8)]
    assert not any(Exemplars(pictures, None, strangers).informative for pictures in shuffled)


def test_words_that_tell_at_chance_are_found_out() -> None:
    rng = np.random.default_rng(4)
    others, direction = drawn(rng, 300), rng.normal(size=DIM)
    told = [tells(drawn(rng, 8), others, direction)[0] for _ in range(200)]
    assert sum(told) <= 24  # 5 % of them by construction; 24 of 200 is far outside of that
    towards = unit(drawn(rng, 8) + 1.5 * unit(direction))
    assert tells(towards, others, direction)[0]
    assert tells(towards, others, direction)[1] > 0.9


def test_a_picture_like_the_counter_exemplars_fits_less() -> None:
    rng = np.random.default_rng(5)
    strangers = Strangers(drawn(rng, 300))
    pictures, unwanted = brand(rng, 1, 8), brand(rng, 1, 4)
    between = unit(pictures.mean(axis=0) + 1.5 * unwanted.mean(axis=0))
    plain = Exemplars(pictures, None, strangers).likeness(between)
    warned = Exemplars(pictures, unwanted, strangers).likeness(between)
    assert warned.avoided and not plain.avoided
    assert warned.score < plain.score
    own = Exemplars(pictures, unwanted, strangers).likeness(pictures[0])
    assert not own.avoided and own.value > 0.8


def test_lengths_of_pooled_vectors_do_not_matter() -> None:
    rng = np.random.default_rng(6)
    vectors, pictures = drawn(rng, 100), brand(rng, 2, 8)
    one = Exemplars(pictures, None, Strangers(vectors)).likeness(pictures[0])
    two = Exemplars(0.8 * pictures, None, Strangers(0.9 * vectors)).likeness(0.7 * pictures[0])
    assert two.value == pytest.approx(one.value, abs=1e-4)


def test_too_few_exemplars_are_refused() -> None:
    rng = np.random.default_rng(7)
    with pytest.raises(ValueError, match=str(ENOUGH)):
        Exemplars(brand(rng, 1, ENOUGH - 1), None, Strangers(drawn(rng, 50)))


def test_a_margin_has_its_place_among_the_sets() -> None:
    rng = np.random.default_rng(8)
    others, direction = drawn(rng, 200), unit(rng.normal(size=DIM))
    low, high = (place(direction, d * direction, others) for d in (-5.0, 5.0))
    assert (low.percentile, high.percentile) == (0, 100)
    assert low.z < 0 < high.z  # type: ignore[operator]
    flat = place(np.zeros(DIM, np.float32), direction, others)
    assert flat.z is None and flat.percentile == 50
