"""`contentfab verify` as a user or a CI job runs it: exit codes, formats, and the evidence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import label_parts as lp
import pytest
from campaigns import make_campaign
from command import contentfab, run_json
from PIL import Image

NO_KEYS = {"CONTENTFAB_KEYS": str(Path(__file__).parent)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a signed poster, a poster whose packet is gone, and copy with its sidecar."""
    folder = tmp_path_factory.mktemp("made")
    mark, signer = lp.keyed(tmp_path_factory.mktemp("keys"))
    whole = lp.picture(1, "image/png", mark, signer)
    (folder / "good").mkdir()
    (folder / "good/poster.png").write_bytes(whole)
    (folder / "good/ad.json").write_bytes(lp.copy())
    (folder / "bad").mkdir()
    stripped = lp.joined([part for part in lp.parts(whole) if not lp.is_xmp(part)])
    (folder / "bad/stripped.png").write_bytes(stripped)
    yield folder


def test_exit_codes_and_sentences(made: Path) -> None:
    good = contentfab("verify", "good", cwd=made, **NO_KEYS).stdout
    assert "2 of 2 files verified" in good
    assert "valid; signer not on a public trust list" in good
    bad = contentfab("verify", "good", "bad/*.png", cwd=made, code=5, **NO_KEYS).stdout
    assert "FAIL  bad/stripped.png" in bad
    assert "finding: metadata: the metadata was stripped" in bad
    contentfab("verify", "good/poster.png", "--expect", "eu", cwd=made, **NO_KEYS)
    contentfab("verify", "good/poster.png", "--expect", "cn", cwd=made, code=5, **NO_KEYS)
    refused = contentfab("verify", "good", "--expect", "atlantis", cwd=made, code=2, **NO_KEYS)
    assert "jurisdictions are cn, default, eu, us-ny" in refused.stderr
    assert "formats are" in contentfab("verify", "good", "--format", "x", cwd=made, code=2).stderr


def test_json_has_its_shape(made: Path) -> None:
    result = run_json("verify", "good", "bad", cwd=made, code=5, **NO_KEYS)
    assert set(result) == {"ok", "files", "run", "skipped"}
    for file in result["files"]:
        assert {"path", "ok", "layers", "agree", "findings", "failed", "notes"} == set(file)
        assert set(file["layers"]) == {"visible", "metadata", "watermark", "c2pa"}
        states = {layer["state"] for layer in file["layers"].values()}
        assert states <= {"valid", "untrusted", "absent", "invalid", "not_checked"}
    poster = next(file for file in result["files"] if file["path"] == "good/poster.png")
    bound = poster["layers"]["c2pa"]["soft_binding"]
    assert bound == poster["layers"]["watermark"]["id"]


def test_junit_has_a_case_per_file_and_layer(made: Path) -> None:
    text = contentfab(
        "verify", "good", "bad", "--format", "junit", cwd=made, code=5, **NO_KEYS
    ).stdout
    root = ElementTree.fromstring(text.encode())
    cases = root.findall("./testsuite/testcase")
    assert len(cases) == 3 * 5
    failed = {
        (c.get("classname"), str(c.get("name")).split()[0])
        for c in cases
        if c.find("failure") is not None
    }
    assert failed == {("bad/stripped.png", "metadata"), ("bad/stripped.png", "c2pa")}
    assert root.get("failures") == "2"
    skipped = [case for case in cases if case.find("skipped") is not None]
    assert len(skipped) == 2  # the mark of the copy, and the label of the stripped poster


def test_the_evidence_is_a_picture(made: Path, tmp_path: Path) -> None:
    for name, code in (("good/poster.png", 0), ("bad/stripped.png", 5)):
        out = tmp_path / "evidence.png"
        contentfab("verify", name, "--explain", out, cwd=made, code=code, **NO_KEYS)
        with Image.open(out) as image:
            assert image.format == "PNG"
            assert image.width == 1600
            colours = image.convert("RGB").getcolors(1 << 24)
        assert colours is not None
        count = {rgb: number for number, rgb in colours}
        verdict = (0x1A, 0x7F, 0x4B) if code == 0 else (0xB3, 0x26, 0x1E)
        assert count.get(verdict, 0) > 3_000
    two = contentfab("verify", "good", "--explain", "x.png", cwd=made, code=2, **NO_KEYS)
    assert "name one file" in two.stderr
    no = contentfab("verify", "good/ad.json", "--explain", "x.png", cwd=made, code=2, **NO_KEYS)
    assert "cannot be read" in no.stderr


def test_a_fault_of_the_run_alone_ends_in_one(tmp_path: Path) -> None:
    contentfab("init", "shop", cwd=tmp_path, **NO_KEYS)
    shop = tmp_path / "shop"
    campaign = shop / "campaign.yaml"
    contentfab("run", campaign.name, "--out", "run", cwd=shop, **NO_KEYS)
    assert run_json("verify", "run", cwd=shop, **NO_KEYS)["ok"]
    (shop / "run/stray.txt").write_text("hello")
    result = run_json("verify", "run", cwd=shop, code=1, **NO_KEYS)
    assert not result["run"]["ok"]
    assert all(file["ok"] for file in result["files"])
    manifest = json.loads((shop / "run/manifest.json").read_text())
    poster = next(a for a in manifest["assets"] if a["kind"] == "image")
    shutil.copy(shop / "run" / poster["path"], shop / "alone.png")
    file = run_json("verify", "alone.png", cwd=shop, **NO_KEYS)["files"][0]
    assert file["layers"]["visible"]["state"] == "valid"
    assert file["layers"]["metadata"]["id"] == poster["id"]


def test_a_text_only_channel_makes_no_experiment_of_pictures(tmp_path: Path) -> None:
    make_campaign(
        tmp_path,
        channels=["google.rsa", "meta.feed"],
        variants=2,
        experiment={"factor": "picture"},
    )
    contentfab("run", "campaign.yaml", "--out", "run", "--offline", cwd=tmp_path)
    contentfab("verify", "run", cwd=tmp_path)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["experiments"]
    assert all("meta-feed" in record["key"] for record in manifest["experiments"])
