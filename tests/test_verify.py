"""verify: every layer and every invariant, each broken once, on files and on a run folder."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pictures
import pytest
from PIL import Image

from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.delivery.verify import human_report, verify
from contentfab.errors import InputError
from contentfab.records.manifest import FORMAT, Manifest
from contentfab.rules.keys import canonical
from contentfab.rules.labels import xmp
from contentfab.rules.pixels.picture_files import encode
from contentfab.stages.label import COPY_ADDED, asset_id, copy_file, copy_id, label

MARK = SpreadWatermark()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


PROVENANCE = {
    "digital_source_type": "trainedAlgorithmicMedia", "uses_ai": True, "engine": "diffusers",
    "model": "tiny-model", "model_revision": "rev1", "seed": 1,
}  # fmt: skip


def copy_asset(words: str) -> tuple[dict[str, Any], bytes]:
    record = {"locale": "en", "fields": {"headline": words}, "provenance": PROVENANCE}
    name = copy_id(record)
    data = copy_file(name, record, locale="en")
    asset = {
        "id": name, "kind": "copy", "path": f"assets/{name[:2]}/{name}.json",
        "media_type": "application/json", "bytes": len(data), "digest": {"sha256": sha256(data)},
        "locale": "en", "provenance": PROVENANCE, "fields": record["fields"],
        "label": {"visible": {"text": "AI-generated", "state": "valid", "box": None},
                  "metadata": {"state": "valid", "id": name}, "watermark": None},
    }  # fmt: skip
    return asset, data


def image_asset(seed: int) -> tuple[dict[str, Any], bytes]:
    pixels = pictures.poster(seed)
    name = asset_id(pixels, {"seed": seed})
    (file,) = label([pictures.request(pixels=pixels, asset_id=name)], MARK)
    mark = next(layer for layer in file.layers if layer.layer == "watermark")
    asset = {
        "id": name, "kind": "image", "path": f"assets/{name[:2]}/{name}.png",
        "media_type": "image/png", "bytes": len(file.data),
        "digest": {"sha256": sha256(file.data)}, "locale": "en", "provenance": PROVENANCE,
        "width": 800, "height": 1000, "placement": "feed", "key_visual": "kv",
        "label": {"visible": {"text": pictures.LABEL, "state": "valid",
                              "box": list(pictures.LABEL_BOX)},
                  "metadata": {"state": "valid", "id": name},
                  "watermark": {"state": "valid", "id": mark.id}},
    }  # fmt: skip
    return asset, file.data


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with two arms that differ in copy."""
    folder = tmp_path_factory.mktemp("run")
    made = [copy_asset("Wake up"), copy_asset("Slow down"), image_asset(1), image_asset(2)]
    for asset, data in made:
        path = folder / asset["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assets = [asset for asset, _ in made]
    visual = folder / "key_visuals" / "kv.png"
    visual.parent.mkdir()
    Image.fromarray(pictures.gradient(100, 80)).save(visual)
    shared = {
        "product": "coffee", "channel": "meta.feed", "locale": "en", "audience": "all",
        "layout": "hero", "angle": "benefit", "landing_url": "https://example.com", "url_tags": "",
    }  # fmt: skip
    creatives = [
        {
            "id": f"crt-{letter}", "variant": f"cell--{letter}",
            "assets": {"text": assets[i]["id"], "images": {"feed": assets[i + 2]["id"]}}, **shared,
        }
        for i, letter in enumerate("ab")
    ]  # fmt: skip
    experiment = {
        "key": "cell", "hypothesis": "", "factor": "copy", "unit": "user", "audience": "all",
        "condition": {}, "hash": {"seed": "cell"},
        "arms": [
            {"key": "control", "creative": "crt-a", "weight_bp": 5000, "control": True},
            {"key": "v-b", "creative": "crt-b", "weight_bp": 5000, "control": False},
        ],
        "metric": {"name": "ctr", "type": "proportion", "baseline": 0.01, "mde_relative": 0.2},
        "plan": {"alpha": 0.05, "power": 0.8, "correction": "none", "comparisons": 1,
                 "n_per_arm": 1000, "method": "fleiss-pooled"},
    }  # fmt: skip
    document = {
        "manifest_version": FORMAT, "created": "2026-11-21T12:00:00Z",
        "generator": {"name": "contentfab", "version": "0.1.0"},
        "campaign": {"name": "spring", "jurisdictions": ["default"]},
        "products": [{"id": "coffee", "name": "Coffee", "spec_sha256": "0" * 64}],
        "audiences": [{"id": "all", "name": "All", "condition": {}}],
        "key_visuals": [{
            "id": "kv", "path": "key_visuals/kv.png", "bytes": visual.stat().st_size,
            "digest": {"sha256": sha256(visual.read_bytes())}, "width": 80, "height": 100}],
        "assets": assets, "creatives": creatives, "experiments": [experiment], "rejects": [],
        "totals": {"jobs": {}, "failed": 0, "below_gates": 0, "cost": {}},
    }  # fmt: skip
    Manifest.model_validate(document)
    write(folder, document)
    for name in ("run.json", "datapackage.json"):
        (folder / name).write_text("{}\n")
    return folder


@pytest.fixture
def run(whole_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole_run, tmp_path / "spring"))


def write(folder: Path, document: dict[str, Any]) -> None:
    (folder / "manifest.json").write_text(canonical(document), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return document


def sentences(result: dict[str, Any]) -> str:
    files = [f for file in result["files"] for f in file["findings"]]
    return "\n".join([*files, *result["run"]["findings"]])


def asset_path(folder: Path, kind: str, index: int = 0) -> Path:
    paths = [a["path"] for a in read(folder)["assets"] if a["kind"] == kind]
    return folder / paths[index]


def test_a_whole_run_verifies(run: Path) -> None:
    for target in (run, run / "manifest.json", str(run)):
        result = verify([target], MARK)
        assert result["ok"], sentences(result)
        assert result["run"] == {"checked": True, "ok": True, "findings": [], "notes": []}
        assert len(result["files"]) == 4
    file = next(f for f in result["files"] if f["path"].endswith(".png"))
    states = {name: layer["state"] for name, layer in file["layers"].items()}
    assert states == {
        "visible": "valid", "metadata": "valid", "watermark": "valid", "c2pa": "not_checked",
    }  # fmt: skip
    assert file["agree"]
    assert file["layers"]["metadata"]["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    assert file["layers"]["metadata"]["aigc"]["Label"] == "1"
    assert len(file["layers"]["watermark"]["id"]) == 16
    json.dumps(result)
    assert "4 of 4 files verified" in human_report(result)


def edit(change: str) -> Any:
    """Broken manifests, by what is wrong with them."""

    def first(document: dict[str, Any], kind: str) -> dict[str, Any]:
        return next(a for a in document["assets"] if a["kind"] == kind)

    return {
        "weights": lambda d: d["experiments"][0]["arms"][0].update(weight_bp=4000),
        "two controls": lambda d: d["experiments"][0]["arms"][1].update(control=True),
        "factor": lambda d: d["experiments"][0].update(factor="layout"),
        "layout differs": lambda d: d["creatives"][1].update(layout="split"),
        "locale": lambda d: d["creatives"][1].update(locale="de"),
        "same arm": lambda d: d["creatives"][1]["assets"].update(
            text=d["creatives"][0]["assets"]["text"]
        ),
        "no such asset": lambda d: d["creatives"][0]["assets"].update(text="0" * 32),
        "no such product": lambda d: d["creatives"][0].update(product="tea"),
        "no such creative": lambda d: d["experiments"][0]["arms"][0].update(creative="crt-x"),
        "kind": lambda d: d["creatives"][0]["assets"].update(text=first(d, "image")["id"]),
        "bytes": lambda d: first(d, "image").update(bytes=5),
        "hash": lambda d: first(d, "copy")["digest"].update(sha256="0" * 64),
        "width": lambda d: first(d, "image").update(width=801),
        "id": lambda d: first(d, "image").update(id="f" * 32),
        "escape": lambda d: first(d, "image").update(path="../../etc/passwd"),
        "absolute": lambda d: first(d, "image").update(path="/etc/passwd"),
        "recorded mark": lambda d: first(d, "image")["label"]["watermark"].update(id="0" * 16),
        "box": lambda d: first(d, "image")["label"]["visible"].update(box=[0, 900, 200, 950]),
        "no box": lambda d: first(d, "image")["label"]["visible"].update(box=None),
        "height": lambda d: first(d, "image")["label"]["visible"].update(box=[440, 950, 760, 960]),
        "texts": lambda d: first(d, "copy")["fields"].update(headline="Buy now"),
        "copy's label": lambda d: first(d, "copy")["label"]["visible"].update(text="AI生成"),
        "source": lambda d: first(d, "image")["provenance"].update(
            digital_source_type="algorithmicMedia"
        ),
        "signed": lambda d: first(d, "image")["label"].update(c2pa={"state": "valid", "id": ""}),
        "sidecar": lambda d: first(d, "copy").update(
            sidecar={"path": "assets/x.c2pa", "bytes": 3, "digest": {"sha256": "0" * 64}}
        ),
        "wording": lambda d: d["campaign"].update(jurisdictions=["cn"]),
        "person": lambda d: d["campaign"].update(
            jurisdictions=["us-ny"], depicts_synthetic_person=True
        ),
        "jurisdiction": lambda d: d["campaign"].update(jurisdictions=["atlantis"]),
        "secret": lambda d: d["campaign"].update(note="sk-" + "a1B2" * 8),
        "home": lambda d: d["campaign"].update(note="/home/ann/shop/x.png"),
        "reject": lambda d: d["rejects"].append(
            {"job": "j", "stage": "score", "reason": "r", "path": "rejects/x.png"}
        ),
        "version": lambda d: d.update(manifest_version="contentfab-manifest/9"),
        "unknown key": lambda d: d.update(surprise=1),
        "missing part": lambda d: d.pop("assets"),
    }[change]


EXPECTED = {
    "weights": "sum to 9000",
    "two controls": "2 controls",
    "factor": "differs from the control in copy",
    "layout differs": "differs from the control in layout",
    "locale": "its locale is not the control's",
    "same arm": "the same as the control",
    "no such asset": "which is not there",
    "no such product": "names product tea",
    "no such creative": "crt-x, which is not there",
    "kind": "uses image asset",
    "bytes": "the manifest says 5",
    "hash": "sha256 differs",
    "width": "the manifest says 801 x 1000",
    "id": "does not belong to asset ffff",
    "escape": "outside",
    "absolute": "absolute",
    "recorded mark": "the manifest recorded 0000",
    "box": "visible:",
    "no box": "gives no place",
    "height": "the manifest says 'AI-generated' at (440, 950",
    "texts": "the texts in the manifest are not those of the file",
    "copy's label": "the manifest says that the label is",
    "source": "the manifest algorithmicMedia",
    "signed": "the manifest says that the file was signed",
    "sidecar": "its sidecar: 'x.c2pa' does not exist",
    "wording": "needs one of 生成, 合成",
    "person": "does not say that the person in it is AI-generated",
    "jurisdiction": "unknown jurisdiction",
    "secret": "looks like an API key",
    "home": "looks like an absolute path",
    "reject": "does not exist",
    "version": "its version is 'contentfab-manifest/9'",
    "unknown key": "surprise",
    "missing part": "assets",
}


@pytest.mark.parametrize("change", EXPECTED)
def test_a_broken_manifest_is_found(run: Path, change: str) -> None:
    document = read(run)
    edit(change)(document)
    write(run, document)
    result = verify([run], MARK)
    assert not result["ok"]
    assert not result["run"]["ok"]
    assert EXPECTED[change] in sentences(result)
    assert "FAIL" in human_report(result)


def test_a_missing_file_and_a_foreign_file_are_found(run: Path) -> None:
    asset_path(run, "image").unlink()
    (run / "notes.txt").write_text("hello")
    (run / "readme.md").write_text("hello")
    (run / "assets" / "stray.png").write_bytes(b"x")
    (run / "link").symlink_to(run / "run.json")
    (run / "gallery").mkdir()
    (run / "gallery" / "index.html").write_text("<p>hello</p>")
    found = sentences(verify([run], MARK))
    assert "does not exist" in found
    assert "3 files (assets/stray.png, notes.txt, readme.md) are not in the manifest" in found
    assert "link is a link" in found
    assert "gallery" not in found


def test_files_of_earlier_inputs_are_no_fault_while_they_are_whole(run: Path) -> None:
    document = read(run)
    path = asset_path(run, "copy")
    old = json.loads(path.read_text(encoding="utf-8"))
    old["fields"] = {"headline": "An older line"}
    content = {name: value for name, value in old.items() if name not in COPY_ADDED}
    name = copy_id(content)
    old["id"] = old["AIGC"]["ProduceID"] = old["AIGC"]["PropagateID"] = name
    stays = run / "assets" / name[:2] / f"{name}.json"
    stays.parent.mkdir(exist_ok=True)
    stays.write_text(json.dumps(old), encoding="utf-8")
    result = verify([run], MARK)
    assert result["ok"], sentences(result)
    (note,) = result["run"]["notes"]
    assert f"{name}.json is of earlier inputs; contentfab prune" in note
    assert note in human_report(result)
    old["fields"] = {"headline": "Changed by someone"}
    stays.write_text(json.dumps(old), encoding="utf-8")
    assert "is not in the manifest and is no whole asset" in sentences(verify([run], MARK))
    assert read(run) == document


def test_swapped_files_are_found(run: Path) -> None:
    one, two = asset_path(run, "image", 0), asset_path(run, "image", 1)
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    found = sentences(verify([run], MARK))
    assert "does not belong to asset" in found
    assert "the metadata names asset" in found


def test_changed_words_are_found(run: Path) -> None:
    path = asset_path(run, "copy")
    path.write_text(path.read_text().replace("Wake up", "Guaranteed cure"))
    assert "changed after it was labelled" in sentences(verify([path], MARK))


@pytest.mark.parametrize("key", ["label", "AIGC"])
def test_copy_without_a_layer_is_found(run: Path, key: str) -> None:
    path = asset_path(run, "copy")
    document = json.loads(path.read_text())
    del document[key]
    path.write_text(json.dumps(document))
    result = verify([path], MARK)
    assert not result["ok"]
    assert not result["run"]["checked"]


def test_single_files_folders_and_globs(run: Path, tmp_path: Path) -> None:
    picture = asset_path(run, "image")
    result = verify([picture, asset_path(run, "copy")], MARK)
    assert result["ok"], sentences(result)
    assert [f["layers"]["visible"]["state"] for f in result["files"]] == ["valid", "valid"]
    assert result["run"] == {"checked": False, "ok": True, "findings": [], "notes": []}
    plain = tmp_path / "plain"
    plain.mkdir()
    for index in range(3):
        shutil.copy(picture, plain / f"poster {index}.png")
    (plain / "readme.txt").write_text("not looked at")
    assert len(verify([plain], MARK)["files"]) == 3
    assert len(verify([str(plain / "*[01].png")], MARK)["files"]) == 2
    both = verify([tmp_path], MARK)
    assert both["run"]["checked"]
    assert len(both["files"]) == 7
    assert both["ok"], sentences(both)


def test_expect_adds_a_jurisdiction(run: Path) -> None:
    copy, picture = asset_path(run, "copy"), asset_path(run, "image")
    assert verify([copy, picture], MARK, expect="us-ny")["ok"]
    assert "needs one of 生成" in sentences(verify([copy], MARK, expect="cn, eu"))
    assert "needs one of 生成" in sentences(verify([picture], MARK, expect=["cn"]))
    assert "needs one of 生成" in sentences(verify([run], MARK, expect="cn"))
    assert "eu asks for signed metadata" in sentences(verify([run], MARK, expect="eu"))
    with pytest.raises(InputError, match="atlantis"):
        verify([picture], MARK, expect="atlantis")


def test_a_picture_without_ai_needs_no_label(tmp_path: Path) -> None:
    packet = xmp.build(
        xmp.Claims("a" * 32, "algorithmicMedia", "2026-11-21T12:00:00Z", "another tool")
    )
    plain = tmp_path / "plain.png"
    plain.write_bytes(encode(pictures.gradient(640, 600), "image/png", packet))
    assert verify([plain], MARK)["ok"]
    file = verify([plain], MARK, expect="cn")["files"][0]
    assert file["failed"] == ["visible", "metadata", "watermark"]


def test_a_renamed_file_is_found(run: Path, tmp_path: Path) -> None:
    picture = asset_path(run, "image")
    wrong = tmp_path / "poster.jpg"
    shutil.copy(picture, wrong)
    assert "the content is image/png" in sentences(verify([wrong], MARK))
    other = tmp_path / f"{'a' * 32}.png"
    shutil.copy(picture, other)
    assert "the file's name says asset" in sentences(verify([other], MARK))


def test_stripped_metadata_leaves_the_mark(run: Path, tmp_path: Path) -> None:
    stripped = tmp_path / "posted.jpg"
    with Image.open(asset_path(run, "image")) as image:
        image.resize((600, 750)).save(stripped, quality=80)
    result = verify([stripped], MARK)
    layers = result["files"][0]["layers"]
    assert not result["ok"]
    assert layers["metadata"]["state"] == "absent"
    assert layers["watermark"]["state"] == "valid"
    assert "the metadata was stripped" in sentences(result)


def test_an_unlabelled_picture_is_found(tmp_path: Path) -> None:
    path = tmp_path / "holiday.png"
    Image.fromarray(pictures.poster(9)).save(path)
    result = verify([path], MARK)
    assert "carries no AI label" in sentences(result)
    assert not result["files"][0]["agree"]


def test_a_folder_without_a_manifest_is_an_unfinished_run(run: Path) -> None:
    (run / "manifest.json").unlink()
    result = verify([run], MARK)
    assert not result["run"]["ok"]
    assert "manifest.json" in sentences(result)


def test_mutated_manifests_are_findings_or_fine_never_an_exception(run: Path) -> None:
    rng = np.random.default_rng(3)
    manifest = (run / "manifest.json").read_bytes()
    for _ in range(24):
        (run / "manifest.json").write_bytes(mutated(manifest, rng))
        assert "cannot be verified (" not in sentences(verify([run], NoMark()))


class NoMark(SpreadWatermark):
    """Skips the reading of pixels: the fuzz is about manifests."""

    def detect(self, pixels: Any) -> Any:
        from contentfab.records.labels import LayerReading

        return LayerReading("watermark", "absent", "not looked for")


def mutated(source: bytes, rng: np.random.Generator) -> bytes:
    data = bytearray(source)
    head = min(len(data), 4000)
    for _ in range(int(rng.integers(1, 6))):
        data[int(rng.integers(0, head))] = int(rng.integers(0, 256))
    if rng.random() < 0.3:
        data = data[: int(rng.integers(1, len(data)))]
    if rng.random() < 0.2:
        at = int(rng.integers(0, head))
        data[at:at] = rng.bytes(50)
    return bytes(data)
