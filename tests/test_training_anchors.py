"""The head of mini-clip's appeal, from drawn vectors: it finds craft and minds nothing else."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "training" / "clip"
DIM, COUNT = 24, 400
CRAFT, WORDS, LAYOUT = 3, 5, 7
"""Directions of the drawn space in which craft, words and another layout change a picture."""


@pytest.fixture(scope="module")
def anchors() -> ModuleType:
    pytest.importorskip("open_clip")
    before = set(sys.modules)
    sys.path.insert(0, str(FOLDER))
    try:
        return importlib.import_module("anchors")
    finally:
        sys.path.remove(str(FOLDER))
        for name in set(sys.modules) - before:
            if str(FOLDER) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


def drawn(anchors: ModuleType, seed: int = 1) -> object:
    """Pictures whose content lies anywhere; words go along with craft by chance of the draw."""
    rng = np.random.default_rng(seed)
    bare = rng.normal(size=(COUNT, DIM))
    good = bare.copy()
    printed = rng.random(COUNT) < 0.5
    good[printed, WORDS] += rng.uniform(0.5, 1.5, printed.sum())
    loss = rng.uniform(0.6, 1.4, COUNT)
    half, full = good.copy(), good.copy()
    half[:, CRAFT] -= 0.5 * loss
    full[:, CRAFT] -= loss
    # Spoiling hides some of the words as well, so that a naive head would learn to like words.
    full[printed, WORDS] -= 0.8
    # And moves what another layout moves as well.
    full[:, LAYOUT] -= 0.6
    twins = np.stack([bare, bare], axis=1)
    twins[:, 1, LAYOUT] += rng.normal(size=COUNT)
    return anchors.Seen(bare, good, half, full, ("blur",) * COUNT, twins)


def test_the_head_finds_craft_and_does_not_mind_words(anchors: ModuleType) -> None:
    head, bias = anchors.bradley_terry(drawn(anchors))
    assert int(np.abs(head).argmax()) == CRAFT and head[CRAFT] > 0
    assert abs(head[WORDS]) < 0.1 * head[CRAFT]
    assert abs(head[LAYOUT]) < 0.15 * head[CRAFT]
    seen = drawn(anchors)
    assert float((seen.good @ head + bias).mean()) == pytest.approx(0, abs=1e-9)  # type: ignore[attr-defined]


def test_without_its_penalties_the_head_would_mind_words_and_layouts(
    anchors: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    minding, _ = anchors.bradley_terry(drawn(anchors))
    monkeypatch.setattr(anchors, "WORDS", 0.0)
    monkeypatch.setattr(anchors, "CONTENT", 0.0)
    monkeypatch.setattr(anchors, "MOVED", 0.0)
    head, _ = anchors.bradley_terry(drawn(anchors))
    for way in (WORDS, LAYOUT):
        assert head[way] / head[CRAFT] > 3 * abs(minding[way]) / minding[CRAFT] + 0.05


def test_a_newton_step_ends_where_the_slope_is_zero(anchors: ModuleType) -> None:
    seen = drawn(anchors)
    head, _ = anchors.bradley_terry(seen)
    pairs = np.concatenate([seen.good - seen.half, seen.half - seen.full, seen.good - seen.full])  # type: ignore[attr-defined]
    words = seen.good - seen.bare  # type: ignore[attr-defined]
    content = seen.good - seen.good.mean(axis=0)  # type: ignore[attr-defined]
    penalty = 3 * (anchors.WORDS * words.T @ words + anchors.CONTENT * content.T @ content)
    moved = seen.twins[:, 0] - seen.twins[:, 1]  # type: ignore[attr-defined]
    penalty += 3 * anchors.MOVED * moved.T @ moved
    penalty += anchors.RIDGE * len(pairs) * np.eye(DIM)
    slope = penalty @ head - pairs.T @ (1 / (1 + np.exp(pairs @ head)))
    assert np.abs(slope).max() < 1e-4 * COUNT
