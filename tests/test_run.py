"""The whole line as a user runs it, with the embedded backends only."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import yaml
from campaigns import make_campaign
from command import contentfab, files, run_json
from PIL import Image

from contentfab.cli import copy_files
from contentfab.records.assets import Score

# The smallest posters there are, made in one process: the line is the same, the test is quick.
SMALL = {"channels": ["wechat.moments", "sms"], "placements": {"wechat.moments": ["4x5"]}}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the small campaign: the folder that holds campaign and `run`."""
    folder = tmp_path_factory.mktemp("finished")
    make_campaign(folder, **SMALL)
    contentfab("run", "campaign.yaml", "--out", "run", "--offline", cwd=folder)
    return folder


def read(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def times(folder: Path) -> dict[str, int]:
    with sqlite3.connect(folder / "ledger.sqlite") as db:
        return dict(db.execute("SELECT key, times FROM jobs"))


def test_run_folder_holds_what_the_manifest_names_and_nothing_else(finished: Path) -> None:
    manifest = read(finished / "run")
    named = {item["path"] for item in (*manifest["assets"], *manifest["key_visuals"])}
    own = {"manifest.json", "datapackage.json", "run.json", "recipes.jsonl", "ledger.sqlite"}
    assert set(files(finished / "run")) == named | own


def test_every_cell_has_its_creatives_and_its_experiment(finished: Path) -> None:
    manifest = read(finished / "run")
    # 2 products × 1 segment × 2 channels × 2 locales, 2 variants each
    assert len(manifest["creatives"]) == 16
    assert len(manifest["experiments"]) == 8
    images = [a for a in manifest["assets"] if a["kind"] == "image"]
    assert len(images) == 8
    assert {(a["width"], a["height"]) for a in images} == {(640, 800)}
    for experiment in manifest["experiments"]:
        assert sum(arm["weight_bp"] for arm in experiment["arms"]) == 10000
        assert [arm["control"] for arm in experiment["arms"]].count(True) == 1
    assert manifest["totals"]["failed"] == 0
    assert manifest["rejects"] == []


def test_variants_of_a_cell_differ_in_copy_and_share_everything_else(finished: Path) -> None:
    manifest = read(finished / "run")
    assets = {a["id"]: a for a in manifest["assets"]}
    by_experiment = {c["id"]: c for c in manifest["creatives"]}
    for experiment in manifest["experiments"]:
        arms = [by_experiment[arm["creative"]] for arm in experiment["arms"]]
        texts = [json.dumps(assets[c["assets"]["text"]]["fields"]) for c in arms]
        assert len(set(texts)) == len(texts)
        assert len({c["layout"] for c in arms}) == 1
        shown = {assets[i]["key_visual"] for c in arms for i in c["assets"]["images"].values()}
        assert len(shown) <= 1


def test_nothing_claims_a_model_that_was_not_used(finished: Path) -> None:
    manifest = read(finished / "run")
    for asset in manifest["assets"]:
        assert asset["provenance"]["uses_ai"] is False
        assert asset["provenance"]["digital_source_type"] == "algorithmicMedia"
        # The default policy marks all that the factory makes, whether a model made it or not.
        assert asset["label"]["visible"]["state"] == "valid"
        if asset["kind"] == "copy":
            text = (finished / "run" / asset["path"]).read_text(encoding="utf-8")
            document = json.loads(text)
            assert document["ai_generated"] is False and document["AIGC"]["ProduceID"]


def test_unmarked_where_the_campaign_asks_for_it(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL, label={"policy": "when_ai"}, locales=["en-US"])
    contentfab("run", "campaign.yaml", "--out", "run", cwd=tmp_path)
    images = [a for a in read(tmp_path / "run")["assets"] if a["kind"] == "image"]
    assert len(images) == 4
    assert {a["label"]["visible"]["text"] for a in images} == {""}
    assert {a["label"]["metadata"]["state"] for a in images} == {"valid"}
    assert run_json("verify", "run", cwd=tmp_path)["ok"]


def test_scores_come_from_the_embedded_model(finished: Path) -> None:
    images = [a for a in read(finished / "run")["assets"] if a["kind"] == "image"]
    for asset in images:
        appeal, brand_fit = asset["scores"][:2]
        assert (appeal["name"], brand_fit["name"]) == ("appeal", "brand_fit")
        assert appeal["uses_clip"] and appeal["model"].startswith("mini-clip@")
        assert all(0 <= s["value"] <= 1 for s in asset["scores"] if s["value"] is not None)
    assert len({asset["scores"][0]["value"] for asset in images}) > 1


def test_the_manifest_says_nothing_that_it_does_not_know(finished: Path) -> None:
    """Scores and checks are most of a manifest; what is left out of them reads back as before."""
    assets = read(finished / "run")["assets"]
    records = [r for asset in assets for r in (*asset["scores"], *asset["checks"])]
    assert {a["kind"] for a in assets if a["scores"]} == {"image", "copy"}
    assert all(v not in (None, "", []) for r in records for k, v in r.items() if k != "value")
    for record in (r for asset in assets for r in asset["scores"]):
        known = Score.model_validate(record)
        assert known.model_dump() == record
        assert Score.model_validate({"z": None, "content": "", "review": [], **record}) == known


def test_scores_say_that_no_clip_model_was_used(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL, locales=["en-US"])
    without = ("--set", "score.backend=design")
    contentfab("run", "campaign.yaml", "--out", "run", *without, cwd=tmp_path)
    images = [a for a in read(tmp_path / "run")["assets"] if a["kind"] == "image"]
    for asset in images:
        assert not any(score["uses_clip"] for score in asset["scores"])
        assert "no CLIP model" in asset["scores"][0]["explanation"]


def test_verify_reads_every_layer_back(finished: Path) -> None:
    result = run_json("verify", "run", cwd=finished)
    assert result["ok"] and result["run"]["ok"]
    images = [f for f in result["files"] if f["path"].endswith((".png", ".jpg"))]
    assert len(images) == 8
    for file in images:
        states = {name: layer["state"] for name, layer in file["layers"].items()}
        assert states["visible"] == states["metadata"] == states["watermark"] == "valid"
        assert file["agree"]


def test_wechat_files_keep_the_platform_limit(finished: Path) -> None:
    for path in (finished / "run" / "assets").rglob("*.jpg"):
        data = path.read_bytes()
        assert len(data) < 300_000
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (640, 800)


def test_a_second_run_changes_nothing(finished: Path) -> None:
    before = {name: (finished / "run" / name).read_bytes() for name in files(finished / "run")}
    result = run_json("run", "campaign.yaml", "--out", "run", cwd=finished)
    assert result["done"] == {} and not any(result["to_do"].values())
    for name in files(finished / "run"):
        if name not in ("run.json", "ledger.sqlite"):
            assert (finished / "run" / name).read_bytes() == before[name], name
    assert set(times(finished / "run").values()) == {1}


def test_a_run_with_nothing_to_do_loads_no_model(finished: Path) -> None:
    code = """
import sys
from contentfab.cli.app import main
sys.argv = ["contentfab", "run", "campaign.yaml", "--out", "run"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
loaded = {"onnxruntime", "safetensors", "ftfy", "torch"} & set(sys.modules)
assert not loaded, loaded
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=finished, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_from_scratch_the_manifest_is_the_same_to_the_byte(finished: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    options = ("--out", "again", "--set", "executor.workers=1")
    contentfab("run", "campaign.yaml", *options, cwd=tmp_path)
    again = (tmp_path / "again" / "manifest.json").read_bytes()
    assert again == (finished / "run" / "manifest.json").read_bytes()


def test_shards_add_up_to_one_run(finished: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    for shard in ("1/3", "2/3", "3/3"):
        contentfab("run", "campaign.yaml", "--out", "run", "--shard", shard, cwd=tmp_path)
        assert not (tmp_path / "run" / "manifest.json").exists()
    result = run_json("run", "campaign.yaml", "--out", "run", cwd=tmp_path)
    assert result["done"] == {}
    whole = (finished / "run" / "manifest.json").read_bytes()
    assert (tmp_path / "run" / "manifest.json").read_bytes() == whole
    assert set(times(tmp_path / "run").values()) == {1}


def test_editing_one_product_redoes_its_cells_only(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "w")
    work = tmp_path / "w"
    before = {a["id"] for a in read(work / "run")["assets"]}
    products = yaml.safe_load((work / "products.yaml").read_text(encoding="utf-8"))
    products[0]["selling_points"][0]["en-US"] = "Sinks in before the kettle boils"
    (work / "products.yaml").write_text(yaml.safe_dump(products, allow_unicode=True))
    plan = run_json("plan", "campaign.yaml", "--out", "run", cwd=work)
    jobs, cached = plan["jobs"], plan["cached"]
    # One product in one locale: one cell on each of two channels, two variants each.
    assert {kind: jobs[kind] - cached[kind] for kind in jobs} == {
        "copy": 4,
        "picture": 0,
        "poster": 2,
    }
    result = run_json("run", "campaign.yaml", "--out", "run", cwd=work)
    assert result["done"] == {"copy": 4, "poster": 2}
    kept = before & {a["id"] for a in read(work / "run")["assets"]}
    assert len(kept) >= len(before) - 6

    left = run_json("prune", "campaign.yaml", "--out", "run", cwd=work)["removed"]
    manifest = read(work / "run")
    named = {item["path"] for item in (*manifest["assets"], *manifest["key_visuals"])}
    assert left and not named & set(left)
    assert run_json("verify", "run", cwd=work)["ok"]


def test_only_some_arms_then_the_rest(finished: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    contentfab("run", "campaign.yaml", "--out", "run", "--only", "*--a", cwd=tmp_path)
    assert set(times(tmp_path / "run").values()) == {1}
    contentfab("run", "campaign.yaml", "--out", "run", cwd=tmp_path)
    whole = (finished / "run" / "manifest.json").read_bytes()
    assert (tmp_path / "run" / "manifest.json").read_bytes() == whole


def test_the_challengers_first_then_the_rest(finished: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    contentfab("run", "campaign.yaml", "--out", "run", "--only", "*--b", cwd=tmp_path)
    contentfab("run", "campaign.yaml", "--out", "run", cwd=tmp_path)
    whole = (finished / "run" / "manifest.json").read_bytes()
    assert (tmp_path / "run" / "manifest.json").read_bytes() == whole


def test_until_copywriting_writes_copy_and_no_manifest(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    rows = run_json("copy", "campaign.yaml", "--out", "run", cwd=tmp_path)
    assert len(rows) == 16
    keys = {"id", "product", "segment", "channel", "locale", "variant", "angle", "backend"}
    assert keys | {"fields", "measures", "warnings"} <= set(rows[0])
    assert set(rows[0]) - keys >= {"asset", "human_edited", "uses_ai"}
    assert not (tmp_path / "run" / "manifest.json").exists()
    assert all(name.endswith((".json", ".sqlite")) for name in files(tmp_path / "run"))
    table = contentfab("copy", "campaign.yaml", "--out", "run", cwd=tmp_path).stdout
    assert "琥珀夜间精华" in table or "夜间" in table


def test_copy_as_csv_and_xlsx(tmp_path: Path) -> None:
    make_campaign(tmp_path, channels=["sms", "google.rsa"])
    command = ("copy", "campaign.yaml", "--out", "run")
    contentfab(*command, "--format", "csv", "-o", "copy.csv", cwd=tmp_path)
    contentfab(*command, "--format", "xlsx", "-o", "copy.xlsx", cwd=tmp_path)
    needs_file = contentfab(*command, "--format", "xlsx", cwd=tmp_path, code=2)
    assert "--output" in needs_file.stderr
    text = (tmp_path / "copy.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf") and text.count(b"\r\n") >= 17
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(tmp_path / "copy.xlsx").active
    assert sheet is not None and sheet.max_row == len(rows) + 1 == 17
    headlines = next(row for row in rows if row["channel"] == "google.rsa")["headline"]
    assert len(headlines.splitlines()) >= 3


def test_copy_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    row = dict.fromkeys(copy_files.COLUMNS, "x") | {
        "fields": {"headline": "=1+1", "text": "-20 %"},
        "measures": {},
        "warnings": [],
        "label": "",
        "AIGC": None,
    }
    for format_ in ("csv", "xlsx"):
        copy_files.write([row], format_, tmp_path / f"copy.{format_}")
    assert ",'=1+1,'-20 %," in (tmp_path / "copy.csv").read_text("utf-8-sig")
    sheet = openpyxl.load_workbook(tmp_path / "copy.xlsx").active
    assert sheet is not None
    cells = {cell.value: cell.data_type for line in sheet.iter_rows() for cell in line}
    assert cells["=1+1"] == "s"


def test_a_lost_file_is_made_again(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "w")
    work = tmp_path / "w"
    image = next((work / "run" / "assets").rglob("*.jpg"))
    before = image.read_bytes()
    image.unlink()
    assert run_json("run", "campaign.yaml", "--out", "run", cwd=work)["done"] == {"poster": 1}
    assert image.read_bytes() == before


def test_gates_decide_the_exit_code(finished: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL, gates={"brand_fit": 1.0})
    shutil.copytree(finished / "run", tmp_path / "run")
    contentfab(
        "run", "campaign.yaml", "--out", "run", "--report", "junit:run.xml", cwd=tmp_path, code=1
    )
    manifest = read(tmp_path / "run")
    assert manifest["totals"]["below_gates"] == len(manifest["rejects"]) > 0
    assert "below the gate 1.0" in manifest["rejects"][0]["reason"]
    assert "failure" in (tmp_path / "run.xml").read_text(encoding="utf-8")


def test_status_tells_done_and_to_do(finished: Path) -> None:
    status = run_json("status", "run", cwd=finished)
    assert status["done"] == {
        "copy": 16,
        "picture": len(read(finished / "run")["key_visuals"]),
        "poster": 8,
    }
    assert status["failed"] == [] and not any(status["todo"].values())
    assert status["cost"] == {"currency": "USD", "amount": 0, "unknown": 0}
