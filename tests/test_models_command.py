"""`contentfab models`, `models pull` against a local hub, and the check of models and licences that
comes before a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from campaigns import make_campaign
from command import contentfab, run_json
from image_server import HubServer
from tiny_models import save_stable_diffusion

from contentfab.delivery.models import pull
from contentfab.errors import GateFailed, InputError, MissingDependency
from contentfab.rules.models.cards import COMMERCIAL, cards, licence_of
from contentfab.rules.models.sources import locate, missing_weights, snapshot
from contentfab.rules.models.use import licence_warnings, uses
from contentfab.settings import PROFILES

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SMALL = {
    "channels": ["wechat.moments"],
    "placements": {"wechat.moments": ["4x5"]},
    "locales": ["en-US"],
}


@pytest.fixture(scope="module")
def sd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_stable_diffusion(tmp_path_factory.mktemp("models") / "tiny-sd")


def repository(folder: Path) -> dict[str, bytes]:
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}
    return files | {"README.md": b"---\nlicense: mit\n---\n", "unet/old.bin": b"may hold code"}


def hub(server: HubServer, cache: Path) -> dict[str, str]:
    return {"HF_ENDPOINT": server.url, "HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "0"}


def test_every_model_is_listed_with_what_it_may_be_used_for(tmp_path: Path) -> None:
    records = run_json("models", cwd=tmp_path, HF_HUB_CACHE=str(tmp_path))["models"]
    by_name = {record["name"]: record for record in records}
    assert records[0]["name"] == "plates" and records[0]["present"] and records[0]["digest"]
    for profile, sections in PROFILES.items():
        for section in ("image", "score"):
            model = str(sections[section].get("model", "")).removeprefix("hf-hub:")
            if "/" in model:
                assert profile in by_name[model]["profiles"]
                assert len(by_name[model]["revision"]) == 40, f"{model} is not pinned"
    for record in records:
        assert record["commercial_use"] in COMMERCIAL and record["evidence"]
        assert record["present"] == (not record["get"])
    assert by_name["black-forest-labs/FLUX.1-dev"]["commercial_use"] == "no"
    table = contentfab("models", cwd=tmp_path, HF_HUB_CACHE=str(tmp_path)).stdout
    assert "get it: contentfab models pull stabilityai/sd-turbo" in table
    assert "unpinned" in table and "2.6 GB" in table


def test_cards_are_whole() -> None:
    for card in cards().values():
        assert card.commercial in COMMERCIAL and card.licence and card.evidence and card.files
        assert len(card.revision) in (0, 40)
        assert not any(pattern.endswith((".bin", ".ckpt", ".pt", "*")) for pattern in card.files if
                       "image_encoder" not in pattern)  # fmt: skip


def test_a_model_is_pulled_at_its_commit_although_the_connection_breaks(
    sd: Path, tmp_path: Path
) -> None:
    files = repository(sd)
    large = "unet/diffusion_pytorch_model.safetensors"
    with HubServer({"org/tiny": files}, COMMIT, breaks=large) as server:
        environ = hub(server, tmp_path / "cache")
        done = run_json("models", "pull", "org/tiny", cwd=tmp_path, HF_TOKEN="hf_secret", **environ)
        assert done["name"] == "org/tiny" and done["revision"] == COMMIT
        served = [path for _, path in server.served]
        assert served.count(large) == 2 and len(served) == len(files)  # less old.bin, one twice
        assert "unet/old.bin" not in served
        assert "Bearer hf_secret" in server.tokens
        count = len(server.served)
        run_json("models", "pull", f"org/tiny@{COMMIT}", cwd=tmp_path, **environ)
        assert len(server.served) == count  # what is here is not fetched again
    found = tmp_path / "cache" / "models--org--tiny" / "snapshots" / COMMIT
    assert (found / large).read_bytes() == files[large]
    assert missing_weights(found) == []


def test_what_the_hub_refuses(tmp_path: Path) -> None:
    bare = {"model_index.json": b'{"unet": ["diffusers", "X"]}'}
    with HubServer({"org/bare": bare}, COMMIT) as server:
        environ = hub(server, tmp_path)
        for name, code, words in (
            ("org/nothing", 2, "the hub has no org/nothing"),
            ("org/gated", 3, "is gated"),
            ("org/bare", 4, "no safetensors weights of unet"),
        ):
            told = contentfab("models", "pull", name, cwd=tmp_path, code=code, **environ).stderr
            assert words in told and "fix:" in told
    with pytest.raises(InputError, match="no OWNER/NAME"):
        pull("plain-name")
    offline = {"HF_HUB_CACHE": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    told = contentfab("models", "pull", "org/x", cwd=tmp_path, code=4, **offline).stderr
    assert "HF_HUB_OFFLINE" in told


def test_a_run_without_its_models_names_them_all_before_any_work(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    arguments = ["campaign.yaml", "--profile", "standard", "--set", "copy.backend=offline"]
    told = contentfab("run", *arguments, cwd=tmp_path, code=3, HF_HUB_CACHE=str(tmp_path)).stderr
    assert "image.model: stabilityai/sd-turbo is not on this machine" in told
    assert "score.model: laion/CLIP-ViT-B-32" in told
    assert told.count("contentfab models pull") == 2
    assert not (tmp_path / "out").exists()


def test_commercial_work_and_licences(sd: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    (tmp_path / "model").symlink_to(sd)
    arguments = ["campaign.yaml", "--set", "image.backend=diffusers", "--set", "image.model=model"]
    told = contentfab("plan", *arguments, "--commercial", cwd=tmp_path).stderr
    assert "commercial use unknown" in told

    own = tmp_path / "own"
    own.mkdir()
    for path in sd.iterdir():
        (own / path.name).symlink_to(path)
    (own / "README.md").write_text(
        "---\nlicense: other\nlicense_name: flux-1-dev-non-commercial-license\n---\nA model.\n"
    )
    arguments[-1] = "image.model=own"
    told = contentfab("plan", *arguments, cwd=tmp_path).stderr
    assert "warning: not for commercial use: image.model=own" in told
    told = contentfab("run", *arguments, "--commercial", cwd=tmp_path, code=1).stderr
    assert "not allowed by the licence of image.model=own" in told and "fix:" in told
    assert not (tmp_path / "out").exists()


def test_every_model_of_a_run_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    for name in ("base", "lora", "clip"):
        (tmp_path / name).mkdir()
        licence = "cc-by-nc-4.0" if name == "lora" else "apache-2.0"
        (tmp_path / name / "README.md").write_text(f"---\nlicense: {licence}\n---\n")
    sections = {
        "image": {"backend": "diffusers", "model": str(tmp_path / "base"),
                  "lora": str(tmp_path / "lora")},
        "score": {"backend": "openclip", "model": f"local-dir:{tmp_path / 'clip'}"},
    }  # fmt: skip
    found = uses(sections)
    assert [use.setting for use in found] == ["image.model", "image.lora", "score.model"]
    assert [use.licence.commercial for use in found] == ["yes", "no", "yes"]
    with pytest.raises(GateFailed, match=r"image\.lora=lora"):
        licence_warnings(found, commercial=True)
    assert uses({"image": {"backend": "plates"}, "score": {"backend": "design"}}) == []
    sections["image"]["controlnet"] = "org/net@v2"
    with pytest.raises(MissingDependency, match=r"image\.controlnet: org/net") as caught:
        uses(sections)
    assert "models pull org/net@v2" in caught.value.hint


def test_a_pinned_revision_comes_before_main(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    cached = tmp_path / "models--stabilityai--sd-turbo"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs" / "main").write_text(COMMIT)
    (cached / "snapshots" / COMMIT).mkdir(parents=True)
    assert locate("stabilityai/sd-turbo", "image.model").revision == COMMIT
    pinned = cards()["stabilityai/sd-turbo"].revision
    (cached / "snapshots" / pinned).mkdir()
    assert locate("stabilityai/sd-turbo", "image.model").revision == pinned
    assert locate("stabilityai/sd-turbo@main", "image.model").revision == COMMIT
    assert snapshot("stabilityai/sd-turbo", "v9") is None
    assert licence_of("stabilityai/sd-turbo", None).commercial == "conditional"


def test_an_interrupted_download_is_seen(sd: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    (folder / "unet").mkdir(parents=True)
    (folder / "model_index.json").write_text(
        json.dumps(
            {"unet": ["diffusers", "X"], "scheduler": ["diffusers", "Y"], "vae": [None, None]}
        )
    )
    assert missing_weights(folder) == ["unet"]
    (folder / "unet" / "config.json").write_text("{}")
    index = folder / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}))
    (folder / "unet" / "one.safetensors").touch()
    assert missing_weights(folder) == ["unet"]
    (folder / "unet" / "two.safetensors").symlink_to(tmp_path / "not-here-yet")
    assert missing_weights(folder) == ["unet"]
    (tmp_path / "not-here-yet").touch()
    assert missing_weights(folder) == []
    assert missing_weights(folder, "fp16") == ["unet"]
    (folder / "unet" / "model.fp16.safetensors").touch()
    assert missing_weights(folder, "fp16") == []
    index.unlink()
    (folder / "unet" / "one.safetensors").unlink()
    (folder / "unet" / "two.safetensors").unlink()
    assert missing_weights(folder) == ["unet"]  # other weights than these were asked for
    assert missing_weights(sd, "fp16") == ["text_encoder", "unet", "vae"]
