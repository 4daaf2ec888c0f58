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
    "anchors", "background", "batches", "craft", "data", "defect_kinds", "defects", "evaluate",
    "export", "make", "posters", "printed", "products", "report", "scenes", "train", "twins",
    "vocabulary", "world",
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
    clip.twins.draw(folder / "twins", 6, 1, kept_out=False, workers=1)
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
    monkeypatch.setattr(clip.batches, "SIDE", 64)
    torch.manual_seed(0)
    folder = drawn / "mini-clip"
    folder.mkdir()
    tokenizer = clip.make._tokenizer(drawn / "train", folder)
    config = clip.train.config(tokenizer.vocab_size)["model_cfg"]
    config["vision_cfg"]["timm_model_name"] = "mobilenetv4_conv_small_035"
    model = open_clip.CLIP(**config)
    batches = clip.batches.Batches(drawn / "train", tokenizer, 8, 1)
    begun = {k: v.clone() for k, v in model.state_dict().items()}
    for steps in (2, 4):
        clip.train.train(model, batches, drawn, steps=steps, rate=1e-3, device="cpu")
    log = [json.loads(line) for line in (drawn / "log.jsonl").read_text("utf-8").splitlines()]
    assert [record["step"] for record in log] == [2, 4]
    assert [record["side"] for record in log] == [32, 64]
    assert all(np.isfinite(record["match"]) for record in log)
    moved = [k for k, v in model.state_dict().items() if not torch.equal(v, begun[k])]
    assert any(k.startswith("visual.") for k in moved) and "token_embedding.weight" in moved
    groups = clip.craft.Groups(drawn / "train", drawn / "twins", tokenizer, 8, 1)
    learned = {name: value.clone() for name, value in model.state_dict().items()}
    clip.craft.refine(model, groups, drawn, steps=2, rate=1e-3, device="cpu")
    refined = {name: value.clone() for name, value in model.state_dict().items()}
    clip.craft.mix(model, learned, groups)
    name = "visual.trunk.conv_stem.weight"
    assert torch.allclose(model.state_dict()[name], (learned[name] + refined[name]) / 2, atol=1e-6)
    assert not torch.equal(learned[name], refined[name])
    craft = [json.loads(line) for line in (drawn / "craft.jsonl").read_text("utf-8").splitlines()]
    assert [record["step"] for record in craft] == [2] and np.isfinite(craft[0]["moved"])
    drawing = clip.report.curves({"log": log, "craft": craft})
    assert drawing.count("<polyline") == 11 and "nan" not in drawing


def test_twins_are_one_poster_of_training_scenes_in_two_layouts(clip: Any, drawn: Path) -> None:
    pictures, facts = clip.data.load(drawn / "twins")
    assert pictures.shape == (6, 2, clip.data.SIDE, clip.data.SIDE, 3) and len(facts) == 6
    assert not {item.values["scene"] for item in facts} & clip.scenes.kept_out_scenes()
    differ = np.abs(pictures[:, 0].astype(int) - pictures[:, 1]).mean(axis=(1, 2, 3))
    assert differ.max() > 0 and differ.max() < 64


def test_groups_hold_two_sound_views_and_the_same_two_spoiled(clip: Any, drawn: Path) -> None:
    texts: list[str] = []

    def tokens(found: list[str]) -> Any:
        import torch

        texts.extend(found)
        return torch.zeros(len(found), 4)

    groups = clip.craft.Groups(drawn / "train", drawn / "twins", tokens, 16, 3)
    pixels, _, rows, _, same = groups.batch(0)
    defect = clip.world.ATTRIBUTES.index("defect")
    assert pixels.shape == (16, 3, clip.train.SIDE, clip.train.SIDE) and len(texts) == 16
    assert (rows[:8, defect] == 0).all() and (rows[8:, defect] > 0).all()
    assert (rows[:4, 0] == rows[4:8, 0])[same].all() and (rows[:8, 0] == rows[8:, 0]).all()
    assert same.any() and not same.all()
    assert float((pixels[:8] - pixels[8:]).abs().mean(dim=(1, 2, 3)).min()) > 0.01


def test_a_defect_that_cannot_be_seen_is_none(clip: Any) -> None:
    levels = np.random.default_rng(1)
    wall = np.full((128, 128, 3), 140, np.uint8)
    ramp = np.repeat(np.linspace(60, 200, 128).astype(np.uint8)[None, :, None], 128, 0)
    ramp = np.repeat(ramp, 3, 2)
    assert clip.defects.spoiled(wall, clip.defects.LEARNED["banding"][0], levels) is None
    assert clip.defects.spoiled(ramp, clip.defects.LEARNED["banding"][0], levels) is not None
    assert clip.defects.structure(ramp, ramp) == pytest.approx(1)
    for spoil, _ in clip.defects.LEARNED.values():
        found = spoil(ramp, levels)
        assert found.shape == ramp.shape and found.dtype == np.uint8


def test_a_text_that_is_true_of_two_pictures_counts_for_both(clip: Any) -> None:
    import torch

    rows = torch.tensor([[1, 2], [1, 3]])
    said = torch.tensor([[1, -1], [1, 3]])
    assert clip.train.true_pairs(rows, said).tolist() == [[True, False], [True, True]]
    logits = torch.tensor([[9.0, 0.0], [9.0, 9.0]])
    good = clip.train.contrastive(logits, clip.train.true_pairs(rows, said))
    assert good < clip.train.contrastive(-logits, clip.train.true_pairs(rows, said))
