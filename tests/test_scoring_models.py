"""Published heads and preference models through their real loaders, with random weights."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_models
from PIL import Image

from contentfab.backends._clip_heads import load_head
from contentfab.backends._clip_preference import Preference
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.errors import InputError, MissingDependency
from contentfab.records.brand import Brand, Palette
from contentfab.records.scores import ScoreRequest
from contentfab.rules.scoring.background import Background
from contentfab.rules.scoring.calibration import comparable

torch = pytest.importorskip("torch")

BRAND = Brand(
    id="aurea",
    name="Aurea",
    palette=Palette(primary="#1F4D43", background="#F3E9DC", text="#1B1B1B", accent="#C8553D"),
)
V2_SIZES = (768, 1024, 128, 64, 16, 1)


class Tower:
    """What a head is checked against: the configuration of a model, without the model."""

    def __init__(self, dim: int, layers: int, patch: int, quick_gelu: bool = True) -> None:
        self.name, self.dim = f"vit-{patch}", dim
        vision = {"layers": layers, "patch_size": patch}
        self.config = {"model_cfg": {"vision_cfg": vision, "quick_gelu": quick_gelu}}


L14, B32 = Tower(768, 24, 14), Tower(512, 12, 32)


def aesthetic_v2() -> dict[str, Any]:
    """A state dict with the names and shapes of sac+logos+ava1-l14-linearMSE.pth."""
    generator = torch.Generator().manual_seed(0)
    state = {}
    for number, (n, m) in zip((0, 2, 4, 6, 7), itertools.pairwise(V2_SIZES), strict=True):
        state[f"layers.{number}.weight"] = torch.randn(m, n, generator=generator) / n**0.5
        state[f"layers.{number}.bias"] = torch.randn(m, generator=generator)
    return state


def saved(path: Path, state: dict[str, Any]) -> Path:
    torch.save(state, path)
    return path


def noise(seed: int, side: int = 40) -> np.ndarray:
    small = np.random.default_rng(seed).integers(0, 255, (5, 5, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((side, side)), np.uint8)


def test_laions_predictor_is_one_linear_head(tmp_path: Path) -> None:
    state = aesthetic_v2()
    head, digest = load_head(saved(tmp_path / "linearMSE.pth", state), L14)  # type: ignore[arg-type]
    assert head.dim == 768 and len(digest) == 12 and head.name == "LAION aesthetic v2"
    stack = torch.nn.Sequential(*(torch.nn.Linear(n, m) for n, m in itertools.pairwise(V2_SIZES)))
    for layer, number in zip(stack, (0, 2, 4, 6, 7), strict=True):
        layer.weight.data = state[f"layers.{number}.weight"]
        layer.bias.data = state[f"layers.{number}.bias"]
    pictures = torch.nn.functional.normalize(torch.randn(20, 768), dim=1)
    with torch.no_grad():
        whole = stack(pictures)[:, 0].numpy()
    assert np.allclose(pictures.numpy() @ head.vector + head.bias, whole, atol=1e-5)


def test_laions_first_heads_fit_the_tower_in_their_name(tmp_path: Path) -> None:
    state = {"weight": torch.randn(1, 512), "bias": torch.randn(1)}
    head, _ = load_head(saved(tmp_path / "sa_0_4_vit_b_32_linear.pth", state), B32)  # type: ignore[arg-type]
    assert head.dim == 512 and np.allclose(head.vector, state["weight"][0].numpy())


@pytest.mark.parametrize(
    "tower", [B32, Tower(768, 24, 14, quick_gelu=False), Tower(768, 12, 14), Tower(768, 24, 16)]
)
def test_a_head_on_a_tower_that_it_was_not_trained_on_is_refused(
    tmp_path: Path, tower: Tower
) -> None:
    path = saved(tmp_path / "linearMSE.pth", aesthetic_v2())
    with pytest.raises(InputError, match="ViT-L/14 with quick_gelu"):
        load_head(path, tower)  # type: ignore[arg-type]


class Dangerous:
    def __reduce__(self) -> Any:
        return (print, ("run by a pickle",))


def test_a_file_that_is_no_head_is_named_and_runs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match="not there"):
        load_head(tmp_path / "no.pth", L14)  # type: ignore[arg-type]
    (tmp_path / "text.pth").write_text("no head")
    np.savez(tmp_path / "other.npz", vector=np.ones(4))
    np.savez(tmp_path / "long.npz", head=np.ones(9), bias=0.0)
    files = {
        "text.pth": "cannot be read",
        "other.npz": "no linear head",
        "long.npz": "takes 9 numbers",
        "pickle.pth": "cannot be read",
        "half.pth": "no linear head",
    }
    saved(tmp_path / "pickle.pth", {"weight": Dangerous()})
    saved(tmp_path / "half.pth", {"weight": torch.ones(1, 768)})
    for name, says in files.items():
        with pytest.raises(InputError, match=says):
            load_head(tmp_path / name, L14)  # type: ignore[arg-type]
    assert "run by a pickle" not in capsys.readouterr().out


def test_a_head_from_a_file_leads_appeal(tmp_path: Path) -> None:
    folder = tiny_models.save_open_clip(tmp_path / "tiny")
    scorer = OpenClipScorer(model=str(folder), device="cpu")
    pictures = [noise(n) for n in range(70)]
    background = Background("noises", scorer.embed(pictures), ("square",) * 70, scorer.encoding)
    background.save(tmp_path / "set")
    np.savez(tmp_path / "mine.npz", head=background.vectors[0], bias=0.0)
    own = OpenClipScorer(
        model=str(folder), device="cpu", calibration=str(tmp_path / "set"),
        head=str(tmp_path / "mine.npz"),
    )  # fmt: skip
    card, other = own.score([ScoreRequest(str(n), pictures[n], BRAND) for n in (0, 1)])
    assert card.criteria[0].name == "head" and "mine" in card.criteria[0].explanation
    assert card.criteria[0].percentile > other.criteria[0].percentile  # type: ignore[operator]
    assert not comparable(own.calibration_id, scorer.calibration_id)


def reduced_hps(folder: Path) -> Path:
    """A reduced ViT-H-14 checkpoint as HPSv2.1 is: a state dict under `state_dict`."""
    from safetensors.torch import load_file

    made = tiny_models.save_open_clip(folder)
    state = load_file(made / "open_clip_model.safetensors")
    torch.save({"state_dict": state, "epoch": 1}, made / "HPS_v2.1_compressed.pt")
    (made / "open_clip_model.safetensors").unlink()
    return made


def pickscore(folder: Path) -> Path:
    """A reduced transformers CLIP folder as PickScore's is."""
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor

    torch.manual_seed(0)
    config = CLIPConfig(
        text_config={
            "vocab_size": 49408, "hidden_size": 32, "intermediate_size": 37,
            "num_attention_heads": 4, "num_hidden_layers": 2, "max_position_embeddings": 77,
        },
        vision_config={
            "hidden_size": 32, "intermediate_size": 37, "num_attention_heads": 4,
            "num_hidden_layers": 2, "image_size": 32, "patch_size": 8,
        },
        projection_dim=16,
    )  # fmt: skip
    CLIPModel(config).save_pretrained(folder, safe_serialization=True)
    crop = {"height": 32, "width": 32}
    processor = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=crop)
    CLIPProcessor(processor, tiny_models.clip_tokenizer()).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("make", [reduced_hps, pickscore])
def test_a_preference_orders_pictures_for_one_text_and_counts_for_nothing(
    tmp_path: Path, make: Any
) -> None:
    model = tiny_models.save_open_clip(tmp_path / "tiny")
    liked = make(tmp_path / "liked")
    pictures, text = [noise(1), noise(2)], "a bottle on a podium"
    scorer = OpenClipScorer(model=str(model), device="cpu", preference=str(liked))
    plain = OpenClipScorer(model=str(model), device="cpu")
    requests = [ScoreRequest(str(n), p, BRAND, text=text) for n, p in enumerate(pictures)]
    one, two = scorer.score(requests)
    found = [next(c for c in card.criteria if c.name == "preference") for card in (one, two)]
    assert found[0].value is None and found[0].raw != found[1].raw
    assert found[0].raw is not None and abs(found[0].raw) <= 100
    assert "for this text only" in found[0].explanation
    assert comparable(found[0].calibration_id, found[1].calibration_id)
    (elsewhere,) = scorer.score([ScoreRequest("k", pictures[0], BRAND, text="a red car")])
    assert not comparable(elsewhere.criteria[-1].calibration_id, found[0].calibration_id)
    assert one.appeal == plain.score(requests)[0].appeal and scorer.id != plain.id
    alone = Preference(liked, "cpu", 1).scores(pictures, [text, text])
    assert alone == pytest.approx([c.raw for c in found], abs=1e-3)


def test_a_preference_folder_at_fault_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not there"):
        Preference(tmp_path / "no", "cpu", 1)
    with pytest.raises(InputError, match="holds neither"):
        Preference(tmp_path, "cpu", 1)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text(json.dumps({"model_type": "clip"}))
    with pytest.raises(MissingDependency, match="broken"):
        Preference(broken, "cpu", 1).scores([noise(1)], ["a"])
