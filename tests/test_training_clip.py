"""The training of mini-clip in miniature: data, vocabulary, steps and report, for real."""

from __future__ import annotations

import importlib
import json
import random
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "training" / "clip"
MODULES = (
    "data", "defects", "evaluate", "make", "posters", "printed", "products", "report", "scenes",
    "train", "vocabulary", "world",
)  # fmt: skip
COUNT = 24


@pytest.fixture(scope="module")
def clip() -> Any:
    """The training modules, which import each other as scripts do."""
    pytest.importorskip("open_clip")
    kept = {name: sys.modules.pop(name) for name in MODULES if name in sys.modules}
    sys.path.insert(0, str(FOLDER))
    try:
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in MODULES})
    finally:
        sys.path.remove(str(FOLDER))
        for name in MODULES:
            sys.modules.pop(name, None)
        sys.modules.update(kept)


@pytest.fixture(scope="module")
def drawn(clip: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    clip.data.draw(folder / "train", COUNT, 1, kept_out=False, workers=1)
    return folder


def test_the_data_do_not_depend_on_how_many_draw_them(clip: Any, drawn: Path) -> None:
    clip.data.draw(drawn / "again", COUNT, 1, kept_out=False, workers=2)
    one, facts = clip.data.load(drawn / "train")
    two, same = clip.data.load(drawn / "again")
    assert facts == same and len(facts) == COUNT
    assert np.array_equal(one, two)
    assert np.asarray(one).std(axis=(1, 2, 3)).min() > 1


def test_nothing_held_out_is_drawn_for_training(clip: Any, drawn: Path) -> None:
    _, facts = clip.data.load(drawn / "train")
    held = clip.scenes.kept_out_scenes()
    assert held and not {item.values["scene"] for item in facts} & held
    dice = random.Random(2)
    for kept_out in (False, True):
        for _ in range(40):
            palette = clip.scenes.palette(dice, kept_out)
            assert clip.scenes._kept_out(palette["wall"], palette["podium"]) is kept_out


def test_a_caption_says_only_what_the_picture_has(clip: Any, drawn: Path) -> None:
    _, facts = clip.data.load(drawn / "train")
    dice = random.Random(3)
    for item in facts:
        caption = clip.world.caption(item, dice, clip.world.craft_words("", (), dice, 1.0))
        assert item.values["wall"] in caption.text
        stated = {k: v for k, v in caption.said.items() if k not in ("quality", "poster")}
        assert all(item.values[name] == value for name, value in stated.items())


def test_training_goes_on_from_its_checkpoint_and_its_report_is_written(
    clip: Any, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import open_clip
    import torch

    monkeypatch.setattr(clip.train, "SMALL", 32)
    monkeypatch.setattr(clip.train, "SMALL_SHARE", 0.6)
    monkeypatch.setattr(clip.train, "SIDE", 64)
    torch.manual_seed(0)
    folder = drawn / "mini-clip"
    folder.mkdir()
    tokenizer = clip.make._tokenizer(drawn / "train", folder)
    config = clip.train.config(tokenizer.vocab_size)["model_cfg"]
    config["vision_cfg"]["timm_model_name"] = "mobilenetv4_conv_small_035"
    model = open_clip.CLIP(**config)
    batches = clip.train.Batches(drawn / "train", tokenizer, 8, 1)
    begun = {k: v.clone() for k, v in model.state_dict().items()}
    for steps in (2, 4):
        clip.train.train(model, batches, drawn, steps=steps, rate=1e-3, device="cpu")
    log = [json.loads(line) for line in (drawn / "log.jsonl").read_text("utf-8").splitlines()]
    assert [record["step"] for record in log] == [2, 4]
    assert [record["side"] for record in log] == [32, 64]
    assert all(np.isfinite(record["match"]) for record in log)
    moved = [k for k, v in model.state_dict().items() if not torch.equal(v, begun[k])]
    assert any(k.startswith("visual.") for k in moved) and "token_embedding.weight" in moved
    drawing = clip.report.curves(log)
    assert drawing.count("<polyline") == 5 and "nan" not in drawing


def test_a_text_that_is_true_of_two_pictures_counts_for_both(clip: Any) -> None:
    import torch

    rows = torch.tensor([[1, 2], [1, 3]])
    said = torch.tensor([[1, -1], [1, 3]])
    assert clip.train.true_pairs(rows, said).tolist() == [[True, False], [True, True]]
    logits = torch.tensor([[9.0, 0.0], [9.0, 9.0]])
    good = clip.train.contrastive(logits, clip.train.true_pairs(rows, said))
    assert good < clip.train.contrastive(-logits, clip.train.true_pairs(rows, said))
