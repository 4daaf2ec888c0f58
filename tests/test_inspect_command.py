"""`contentfab inspect`, and what a run does with posters that fail: as a user meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from campaigns import make_campaign
from command import contentfab, files, run_json
from PIL import Image, ImageDraw

from contentfab.delivery.inspection import Options, find_brand, find_placement, inspect_paths
from contentfab.errors import InputError
from contentfab.resources import data_dir

SMALL = {
    "channels": ["wechat.moments"],
    "placements": {"wechat.moments": ["4x5"]},
    "locales": ["en-US"],
}
HEADLESS = """
#import "_lib.typ": *
// A family with a fault: it sets the AI label and nothing else.
#poster(context {
  let label = label-item()
  let corners = label-corners(L, R, B, item: label)
  if d.phase == "frame" {
    tell-frame(rect(0, 0, W, H))
    tell-label(corners)
  } else { put-label(label, corners.first()) }
})
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a campaign with a finished run in `run`."""
    folder = tmp_path_factory.mktemp("finished")
    make_campaign(folder, **SMALL, variants=1)
    contentfab("run", "campaign.yaml", "--out", "run", "--offline", cwd=folder)
    return folder


def posters(folder: Path) -> list[dict]:
    manifest = json.loads((folder / "run" / "manifest.json").read_text(encoding="utf-8"))
    return [asset for asset in manifest["assets"] if asset["kind"] == "image"]


def spoiled(folder: Path, target: Path) -> dict:
    """A copy of the run whose first poster has a bar over half of its headline."""
    shutil.copytree(folder, target)
    asset = posters(target)[0]
    path = target / "run" / asset["path"]
    x0, y0, x1, y1 = next(
        text["box"] for text in asset["composition"]["texts"] if text["role"] == "headline"
    )
    with Image.open(path) as image:
        page = image.convert("RGB")
    ground = page.getpixel((x0 - 3, y0))
    ImageDraw.Draw(page).rectangle((x0 - 2, y0 - 2, (x0 + x1) // 2, y1 + 2), fill=ground)
    page.save(path)
    return asset


def test_the_manifest_says_how_a_poster_is_composed(finished: Path) -> None:
    for asset in posters(finished):
        record = asset["composition"]
        assert (record["family"], record["placement"]) == (asset["layout"], asset["placement"])
        roles = {text["role"] for text in record["texts"]}
        assert {"headline", "label"} <= roles
        assert record["logo_box"] and record["product_box"] and record["frame"]
        rules = {check["rule"]: check for check in asset["checks"]}
        assert rules["poster.product-locked"]["measure"] == 0
        assert rules["poster.label"]["box"] and rules["file.bytes"]["limit"]


def test_a_finished_run_passes(finished: Path) -> None:
    found = run_json("inspect", "run", cwd=finished)
    assert found["ok"] and len(found["files"]) == len(posters(finished))
    for file in found["files"]:
        assert file["ok"] and file["placement"] == "4x5"
        assert {"poster.contrast", "poster.label", "poster.logo-pixels", "poster.palette"} <= {
            finding["rule"] for finding in file["findings"]
        }
        # The product's own picture is not in the run folder.
        assert "poster.product-locked" in {item["rule"] for item in file["not_checked"]}


def test_with_the_cutout_the_product_is_compared_too(finished: Path) -> None:
    asset = posters(finished)[0]
    product = finished / "pictures" / asset["product"]["file"]
    found = run_json("inspect", f"run/{asset['path']}", "--product", product, cwd=finished)
    (file,) = found["files"]
    assert "poster.product-locked" in {finding["rule"] for finding in file["findings"]}
    # Of a file, the picture without its type is gone.
    assert [item["rule"] for item in file["not_checked"]] == ["poster.text-stray"]


def test_a_spoiled_file_of_a_run_fails_with_its_rule(finished: Path, tmp_path: Path) -> None:
    asset = spoiled(finished, tmp_path / "copy")
    cwd = tmp_path / "copy"
    told = contentfab("inspect", "run", cwd=cwd, code=1).stdout
    assert f"run/{asset['path']}: FAILED" in told
    line = next(line for line in told.splitlines() if "poster.text-clipped" in line)
    assert "headline is cut off" in line and "measure" in line and "limit" in line and "box" in line
    contentfab("inspect", f"run/{asset['path']}", "--annotate", "drawn.png", cwd=cwd, code=1)
    with Image.open(cwd / "drawn.png") as drawn, Image.open(cwd / "run" / asset["path"]) as plain:
        assert drawn.size == plain.size
        assert drawn.convert("RGB").tobytes() != plain.convert("RGB").tobytes()


def test_reports_for_ci(finished: Path, tmp_path: Path) -> None:
    spoiled(finished, tmp_path / "copy")
    cwd = tmp_path / "copy"
    tree = ElementTree.fromstring(
        contentfab("inspect", "run", "--format", "junit", cwd=cwd, code=1).stdout
    )
    assert int(tree.attrib["failures"]) >= 1
    assert tree.findall(".//skipped")
    github = contentfab("inspect", "run", "--format", "github", cwd=cwd, code=1).stdout
    assert "::error file=run/assets/" in github and "title=poster.text-clipped" in github


def test_a_strangers_picture_and_what_is_not_checked(finished: Path, tmp_path: Path) -> None:
    asset = posters(finished)[0]
    shutil.copy(finished / "run" / asset["path"], tmp_path / "stranger.jpg")
    found = run_json("inspect", "stranger.jpg", cwd=tmp_path)
    assert found["ok"]
    (file,) = found["files"]
    assert {"poster.palette", "poster.size", "file.bytes", "poster.contrast"} <= {
        item["rule"] for item in file["not_checked"]
    }
    more = run_json(
        "inspect", "stranger.jpg", "--brand", finished / "brand_guides" / "hearth",
        "--placement", "meta.feed/4x5", cwd=tmp_path, code=1,
    )  # fmt: skip
    (file,) = more["files"]
    errors = [f["rule"] for f in file["findings"] if f["level"] == "error"]
    assert errors == ["file.format", "poster.size"]
    assert "poster.palette" in {finding["rule"] for finding in file["findings"]}


def test_mistakes_are_told_with_the_valid_names(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    assert "cannot be read" in contentfab("inspect", "text.png", cwd=tmp_path, code=1).stdout
    told = contentfab("inspect", "text.png", "--format", "pdf", cwd=tmp_path, code=2).stderr
    assert "junit" in told
    with pytest.raises(InputError, match=r"nowhere\.png does not exist"):
        list(inspect_paths(["nowhere.png"], Options()))
    for call, argument, hint in (
        (find_brand, "northlihgt", "northlight"),
        (find_placement, "meta.feed/5x5", "meta.feed/4x5"),
        (find_placement, "1x1", "linkedin.single/1x1"),
    ):
        with pytest.raises(InputError) as caught:
            call(argument)
        assert argument in str(caught.value) and hint in caught.value.hint


def test_posters_that_fail_are_rejects_with_picture_and_findings(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL, layouts=["headless"])
    (tmp_path / "posters").mkdir()
    (tmp_path / "posters" / "headless.typ").write_text(HEADLESS, encoding="utf-8")
    contentfab("run", "campaign.yaml", "--out", "run", "--offline", cwd=tmp_path, code=7)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["rejects"]) == manifest["totals"]["failed"] == 4
    kept = files(tmp_path / "run")
    for reject in manifest["rejects"]:
        assert reject["stage"] == "poster" and "headline is not on the poster" in reject["reason"]
        assert "poster.text-missing" in {finding["rule"] for finding in reject["findings"]}
        assert reject["path"] in kept and reject["picture"] in kept
        document = json.loads((tmp_path / "run" / reject["path"]).read_text(encoding="utf-8"))
        assert document["findings"] == reject["findings"] and document["layout"] == "headless"
        with Image.open(tmp_path / "run" / reject["picture"]) as picture:
            assert picture.size == (640, 800)
    told = run_json("status", "run", cwd=tmp_path)
    assert "headline is not on the poster" in told["failed"][0]["reason"]
    checked = run_json("verify", "run", cwd=tmp_path)
    assert checked["run"]["ok"], checked["run"]["findings"]
    contentfab("prune", "campaign.yaml", "--out", "run", "--offline", cwd=tmp_path)
    assert files(tmp_path / "run") == kept  # what failed is kept until it succeeds


def test_a_poster_that_stands_alone_is_set_in_another_family(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL, layouts=["headless"], variants=1)
    shutil.copytree(data_dir("templates") / "posters", tmp_path / "posters")
    (tmp_path / "posters" / "headless.typ").write_text(HEADLESS, encoding="utf-8")
    contentfab("run", "campaign.yaml", "--out", "run", "--offline", cwd=tmp_path)
    assert {asset["layout"] for asset in posters(tmp_path)}.isdisjoint({"headless"})
