"""One campaign through a language model, a diffusion model and a CLIP model, all of them real.

The server speaks the real protocol on this machine; the models have random weights, so what they
make means nothing, but every call, file and record is what a full-size model would give.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from campaigns import BRAND, draw_bottle, make_campaign
from command import contentfab, run_json
from servers import Call, ChatServer, closed_port, good
from tiny_models import save_open_clip, save_stable_diffusion

SMALL = {
    "channels": ["wechat.moments"],
    "placements": {"wechat.moments": ["4x5"]},
    "locales": ["en-US"],
}
KEY = "sk-this-must-never-be-seen-1234567890"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    save_stable_diffusion(folder / "tiny-sd", tint=BRAND["palette"]["background"])
    save_open_clip(folder / "tiny-clip")
    return folder


def words(call: Call, label: str, name: str) -> str:
    """Copy without any number, since the product has none to show for it."""
    kind = {"1": "Slow", "2": "Soft"}.get(label.strip("v"), "Warm")
    return f"{kind} evenings" if name != "cta" else "Shop now"


def settings(server: str, models: Path) -> list[str]:
    wanted = {
        "copy.backend": "openai",
        "copy.model": "small-model",
        "copy.base_url": server,
        "image.backend": "diffusers",
        "image.model": str(models / "tiny-sd"),
        "image.steps": "1",
        "score.backend": "openclip",
        "score.model": f"local-dir:{models / 'tiny-clip'}",
        "executor.workers": "1",
        # Random weights paint dense noise, in which a mark of the usual strength drowns.
        "watermark.strength": "2",
    }
    return [part for key, value in wanted.items() for part in ("--set", f"{key}={value}")]


def test_the_line_with_all_three_models(models: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    with ChatServer(default=good(words)) as server:
        arguments = ["campaign.yaml", "--out", "run", *settings(server.base_url, models)]
        result = run_json("run", *arguments, cwd=tmp_path, OPENAI_API_KEY=KEY)
        assert result["done"] == {"copy": 4, "picture": 2, "poster": 4}
        assert server.calls[0].headers["authorization"] == f"Bearer {KEY}"
        calls = len(server.calls)
        again = run_json("run", *arguments, cwd=tmp_path, OPENAI_API_KEY=KEY)
        assert again["done"] == {} and len(server.calls) == calls

    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    images = [a for a in manifest["assets"] if a["kind"] == "image"]
    copies = [a for a in manifest["assets"] if a["kind"] == "copy"]
    assert len(images) == len(copies) == 4
    for asset in copies:
        assert asset["provenance"]["digital_source_type"] == "trainedAlgorithmicMedia"
        assert asset["provenance"]["uses_ai"]
    for asset in images:
        made = asset["provenance"]
        # A model's picture with the product's own pixels in it.
        assert made["digital_source_type"] == "compositeSynthetic"
        assert made["uses_ai"] and made["steps"] == 1 and len(made["prompt_sha256"]) == 64
        assert all(score["uses_clip"] for score in asset["scores"][:2])
        assert asset["label"]["watermark"]["state"] == "valid"
    recipes = (tmp_path / "run" / "recipes.jsonl").read_text(encoding="utf-8").splitlines()
    hashes = {json.loads(line).get("prompt_sha256") for line in recipes}
    assert {a["provenance"]["prompt_sha256"] for a in images} <= hashes
    assert run_json("verify", "run", cwd=tmp_path)["ok"]
    for path in (tmp_path / "run").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert KEY.encode() not in data, path
            assert str(models).encode() not in data, path


def test_a_campaign_painted_around_its_products(models: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    wanted = {
        "image.backend": "diffusers", "image.model": str(models / "tiny-sd"), "image.steps": "2",
        "image.device": "cpu", "image.around": "inpaint", "watermark.strength": "2",
        "executor.workers": "1",
    }  # fmt: skip
    sets = [part for key, value in wanted.items() for part in ("--set", f"{key}={value}")]
    arguments = ["campaign.yaml", "--out", "run", "--offline", *sets]
    result = run_json("run", *arguments, cwd=tmp_path)
    # A picture for each product; without image.around, products of one look may share one.
    assert result["done"] == {"copy": 4, "picture": 2, "poster": 4}
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    images = [a for a in manifest["assets"] if a["kind"] == "image"]
    assert len({a["key_visual"] for a in images}) == 2
    for asset in images:
        kind = asset["provenance"]["digital_source_type"]
        assert kind == "compositeWithTrainedAlgorithmicMedia"
        assert asset["label"]["watermark"]["state"] == "valid"
    assert run_json("run", *arguments, cwd=tmp_path)["done"] == {}
    # Another picture of the same product is another key visual.
    draw_bottle(tmp_path / "pictures" / "amber-serum.png", "#224466")
    again = run_json("plan", *arguments, cwd=tmp_path)
    assert again["cached"]["picture"] == 1


def test_an_endpoint_that_is_down_ends_in_exit_4_and_a_way_on(models: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    arguments = [*settings(closed_port(), models)[:6], "--set", "copy.retries=0"]
    done = contentfab("run", "campaign.yaml", *arguments, cwd=tmp_path, code=4)
    assert "error:" in done.stderr and "fix:" in done.stderr


def test_a_model_that_is_not_there_ends_in_exit_3(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    for section, name in (("image", "diffusers"), ("score", "openclip")):
        done = contentfab(
            "run", "campaign.yaml", "--offline", "--set", f"{section}.backend={name}",
            "--set", f"{section}.model=nobody/nothing", cwd=tmp_path, code=3,
        )  # fmt: skip
        assert "fix:" in done.stderr
    assert not (tmp_path / "out").exists()
