"""The built wheel carries everything: installed alone, outside the repo, it runs a campaign."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_wheel_runs_init_and_run(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    environ = {**os.environ, "PYTHONPATH": str(site)}

    def python(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = python("-c", "import contentfab; print(contentfab.__file__)")
    assert where.startswith(str(site))
    python("-m", "contentfab", "init", "x")
    python("-m", "contentfab", "run", "x/campaign.yaml", "--offline")
    (manifest,) = tmp_path.glob("out/*/manifest.json")
    assets = json.loads(manifest.read_text(encoding="utf-8"))["assets"]
    scores = [score for asset in assets if asset["kind"] == "image" for score in asset["scores"]]
    assert any(score["model"].startswith("mini-clip@") for score in scores)


def test_wheel_is_small_and_holds_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        plates = sum(
            info.file_size for info in archive.infolist() if "models/plates/" in info.filename
        )
        clip = {
            info.filename.rpartition("/")[2]: info.file_size
            for info in archive.infolist()
            if "models/mini-clip/" in info.filename
        }
    assert 0 < plates <= 14_000_000
    assert sum(clip.values()) <= 8_000_000
    files = "open_clip_config.json open_clip_model.safetensors vocabulary.txt.gz README.md"
    assert {*files.split(), "image.onnx", "text.onnx"} <= set(clip)
    assert not [n for n in names if n.startswith(("tests/", "examples/", "training/"))]
    assert any(n.endswith("posters/hero.typ") for n in names)
    assert any(n.endswith("northlight/brand.yaml") for n in names)
