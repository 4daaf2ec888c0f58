"""The command line itself: what it loads, what it prints, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from campaigns import make_campaign
from command import contentfab, run_json

HEAVY = ("torch", "diffusers", "transformers", "open_clip", "ray", "typst", "c2pa", "cryptography")
COMMANDS = (
    "init", "check", "plan", "run", "copy", "status", "verify", "models", "doctor", "schema",
    "prune", "keys",
)  # fmt: skip


def test_loading_every_command_imports_nothing_heavy() -> None:
    script = f"""
import sys
for name in {HEAVY!r}:
    sys.modules[name] = None  # an import of it now raises ImportError
from typer.testing import CliRunner
from contentfab.cli.app import app
for command in {COMMANDS!r}:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0, (command, result.output)
import contentfab.pipeline, contentfab.cli.summary
import contentfab.cli.copy_table, contentfab.cli.copy_files
import contentfab.delivery.verify, contentfab.delivery.environment
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_help_is_plain_and_names_every_command(tmp_path: Path) -> None:
    text = contentfab("--help", cwd=tmp_path).stdout
    assert all(f"  {name} " in text for name in COMMANDS)


def test_init_then_check(tmp_path: Path) -> None:
    contentfab("init", "x", cwd=tmp_path)
    contentfab("check", "x/campaign.yaml", cwd=tmp_path)
    again = contentfab("init", "x", cwd=tmp_path, code=2)
    assert "not empty" in again.stderr


@pytest.mark.parametrize("name", ["json", "junit", "sarif", "github", "text"])
def test_check_formats(name: str, tmp_path: Path) -> None:
    make_campaign(tmp_path, channels=["meta.fed"])
    done = contentfab("check", "campaign.yaml", "--format", name, cwd=tmp_path, code=2)
    assert "meta.feed" in done.stdout + done.stderr  # the nearest valid name
    if name in ("json", "sarif"):
        json.loads(done.stdout)


def test_an_unknown_font_is_a_problem_of_the_guide(tmp_path: Path) -> None:
    make_campaign(tmp_path, guide={"fonts": {"heading": "Playfair Displai", "body": "Intre"}})
    done = contentfab("check", "campaign.yaml", cwd=tmp_path, code=2)
    assert "fonts.heading" in done.stderr and "pip install fontpkg-playfair-displai" in done.stderr
    assert "did you mean 'Inter'" in done.stderr


def test_errors_are_json_when_json_is_asked_for(tmp_path: Path) -> None:
    make_campaign(tmp_path, variants="two")
    body = run_json("plan", "campaign.yaml", cwd=tmp_path, code=2)
    assert body["exit_code"] == 2
    assert body["problems"][0]["field"] == "variants"
    assert body["problems"][0]["line"] > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "copy.model"), "section.key=value"),
        (("--set", "copi.model=x"), "sections are"),
        (("--set", "copy.api_key=sk-1"), "OPENAI_API_KEY"),
        (("--set", "image.backend=plate"), "did you mean 'plates'"),
        (("--set", "image.stepz=3"), "no such option"),
        (("--profile", "maxi"), "mini, standard, studio"),
        (("--shard", "4/3"), "--shard 1/3"),
        (("--until", "lunch"), "copywriting"),
        (("--only", "no-such-*"), "matches no cell"),
        (("--report", "pdf:x"), "FORMAT:FILE"),
    ],
)
def test_wrong_options_say_what_is_right(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    make_campaign(tmp_path)
    before = sorted(p.name for p in tmp_path.iterdir())
    done = contentfab("run", "campaign.yaml", *arguments, cwd=tmp_path, code=2)
    assert words in done.stderr
    assert "sk-1" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_environment_and_campaign_settings(tmp_path: Path) -> None:
    make_campaign(tmp_path)
    done = contentfab("plan", "campaign.yaml", cwd=tmp_path, code=2, CONTENTFAB_IMAGE_BACKEND="x")
    assert "unknown backend 'x'" in done.stderr
    contentfab(
        "plan", "campaign.yaml", "--set", "image.backend=plates", cwd=tmp_path,
        CONTENTFAB_IMAGE_BACKEND="x",
    )  # fmt: skip


def test_verifying_what_is_not_there(tmp_path: Path) -> None:
    assert (
        "nope.png does not exist" in contentfab("verify", "nope.png", cwd=tmp_path, code=2).stderr
    )


def test_models_doctor_and_schema(tmp_path: Path) -> None:
    models = run_json("models", cwd=tmp_path)["models"]
    assert models[0]["name"] == "plates" and models[0]["present"]
    doctor = run_json("doctor", cwd=tmp_path)
    assert doctor["ok"]
    checks = {check["name"]: check for check in doctor["checks"]}
    assert checks["project keys"]["fix"] == "contentfab keys init"
    assert not checks["project keys"]["ok"] and checks["c2pa"]["ok"]
    campaign = json.loads(contentfab("schema", "campaign", cwd=tmp_path).stdout)
    assert campaign["$schema"].endswith("2020-12/schema")
    wrong = contentfab("schema", "campain", cwd=tmp_path, code=2)
    assert "campaign" in wrong.stderr


def test_generated_docs_are_what_the_code_says() -> None:
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=root, check=True)
