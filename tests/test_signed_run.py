"""A run with keys, and one that needs them: from the command line to the manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from campaigns import make_campaign
from command import contentfab, files, run_json

SMALL: dict[str, Any] = {
    "channels": ["wechat.moments"],
    "placements": {"wechat.moments": ["1x1"]},
    "locales": ["zh-CN"],
    "variants": 1,
    "label": {"jurisdictions": ["cn", "eu"]},
    "executor": {"workers": 0},
}
TSA = ("--set", "signer.tsa=http://127.0.0.1:9/tsa")


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text())


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, _keys: Path) -> Path:
    """A campaign under cn and eu, run with keys into `run`."""
    folder = tmp_path_factory.mktemp("signed")
    make_campaign(folder, **SMALL)
    contentfab(
        "run", "campaign.yaml", "--out", "run", "--offline", cwd=folder, CONTENTFAB_KEYS=str(_keys)
    )
    return folder


def test_every_asset_is_signed_and_says_so(finished: Path) -> None:
    document = manifest(finished / "run")
    named = {asset["path"] for asset in document["assets"]}
    for asset in document["assets"]:
        signature = asset["label"]["c2pa"]
        assert (signature["state"], signature["id"]) == ("valid", asset["id"])
        assert signature["signer"] == "Hearth & Reed"
        if asset["kind"] == "image":
            assert signature["soft_binding"] == asset["label"]["watermark"]["id"]
            assert signature["soft_binding"].startswith("2")  # sealed with the project's key
            assert asset["sidecar"] is None
        else:
            assert asset["sidecar"]["path"] == asset["path"] + ".c2pa"
            named.add(asset["sidecar"]["path"])
    assert {f for f in files(finished / "run") if f.startswith("assets/")} == named
    package = json.loads((finished / "run" / "datapackage.json").read_text())
    assert named <= {resource["path"] for resource in package["resources"]}


def test_no_key_leaves_the_house(finished: Path, _keys: Path) -> None:
    lines = [(_keys / "seal.key").read_text().strip().encode()]
    lines += (_keys / "signing-key.pem").read_bytes().splitlines()[1:2]
    lines.append(str(_keys).encode())
    for name in files(finished / "run"):
        data = (finished / "run" / name).read_bytes()
        assert not any(line in data for line in lines), name


def test_a_second_run_changes_nothing(finished: Path, project_keys: Path) -> None:
    before = {n: (finished / "run" / n).read_bytes() for n in files(finished / "run")}
    done = contentfab("run", "campaign.yaml", "--out", "run", cwd=finished)
    assert "nothing to do" in done.stderr
    after = {n: (finished / "run" / n).read_bytes() for n in files(finished / "run")}
    assert {n for n in after if after[n] != before[n]} <= {"run.json", "ledger.sqlite"}
    assert contentfab("prune", "campaign.yaml", "--out", "run", cwd=finished).stdout == ""
    ours = run_json("plan", "campaign.yaml", "--out", "run", cwd=finished)
    assert ours["cached"] == ours["jobs"]
    other = run_json("plan", "campaign.yaml", "--out", "run", *TSA, cwd=finished)
    assert other["cached"] == {**ours["jobs"], "poster": 0}  # another signer is another poster


def test_from_scratch_only_signed_files_differ(finished: Path, project_keys: Path) -> None:
    contentfab("run", "campaign.yaml", "--out", "again", cwd=finished)
    first, again = manifest(finished / "run"), manifest(finished / "again")
    assert first != again
    for document in (first, again):
        for asset in document["assets"]:
            for record in (asset, asset["sidecar"]):
                if record and (record is not asset or asset["kind"] == "image"):
                    del record["digest"], record["bytes"]
    assert first == again


def test_verify_says_valid_with_the_keys_and_untrusted_without(
    finished: Path, project_keys: Path, tmp_path: Path
) -> None:
    poster = next(a for a in manifest(finished / "run")["assets"] if a["kind"] == "image")
    path = finished / "run" / poster["path"]
    (ours,) = run_json("verify", path, cwd=finished)["files"]
    assert ours["layers"]["c2pa"]["state"] == "valid"
    environ = {"CONTENTFAB_KEYS": str(tmp_path)}
    (theirs,) = run_json("verify", path, cwd=finished, **environ)["files"]
    assert theirs["layers"]["c2pa"]["state"] == "untrusted"
    assert theirs["ok"]


@pytest.mark.parametrize("command", ["run", "plan", "copy"])
def test_where_the_law_wants_signatures_nothing_is_made_without(
    command: str, tmp_path: Path
) -> None:
    make_campaign(tmp_path, **SMALL)
    before = files(tmp_path)
    done = contentfab(command, "campaign.yaml", cwd=tmp_path, code=5)
    assert "contentfab keys init" in done.stderr
    assert "CONTENTFAB_SIGNING_KEY" in done.stderr
    assert files(tmp_path) == before


def test_check_only_warns_and_names_the_line(tmp_path: Path) -> None:
    path = make_campaign(tmp_path, **SMALL)
    done = contentfab("check", "campaign.yaml", cwd=tmp_path)
    line = path.read_text().splitlines().index("  - eu") + 1
    assert f"campaign.yaml:{line}: label.jurisdictions[1]" in done.stderr


def test_keys_that_come_later_sign_what_is_there(tmp_path: Path, _keys: Path) -> None:
    make_campaign(tmp_path, **{**SMALL, "label": {"jurisdictions": ["cn"]}})
    done = contentfab("run", "campaign.yaml", "--out", "run", cwd=tmp_path)
    assert done.stderr.count("contentfab keys init") == 1
    document = manifest(tmp_path / "run")
    states = {a["label"]["c2pa"]["state"] for a in document["assets"] if a["kind"] == "image"}
    assert states == {"absent"}
    warnings = json.loads((tmp_path / "run" / "run.json").read_text())["last_run"]["warnings"]
    assert "contentfab keys init" in warnings[0]
    keys = {"CONTENTFAB_KEYS": str(_keys)}
    record = run_json("run", "campaign.yaml", "--out", "run", *TSA, cwd=tmp_path, **keys)
    assert record["to_do"]["copy"] == 0
    assert "no time stamp" in record["warnings"][-1]
    signed = [a["label"]["c2pa"] for a in manifest(tmp_path / "run")["assets"]]
    assert {s["state"] for s in signed} == {"valid"}
    assert all("no time stamp" in s["note"] for s in signed)
    lost = next(name for name in files(tmp_path / "run") if name.endswith(".c2pa"))
    (tmp_path / "run" / lost).unlink()
    contentfab("run", "campaign.yaml", "--out", "run", *TSA, cwd=tmp_path, **keys)
    assert (tmp_path / "run" / lost).is_file()
    refused = contentfab(
        "run", "campaign.yaml", "--out", "run", "--offline", *TSA, cwd=tmp_path, code=2, **keys
    )
    assert "--offline" in refused.stderr
