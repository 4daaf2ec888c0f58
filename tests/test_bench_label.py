"""`contentfab bench-label` on a user's own pictures: the table, the gate, and what is not tried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import contentfab, run_json
from pictures import flat, poster
from PIL import Image

from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.rules.labels.payload import payload_for

FEW = ("--attack", "none", "--attack", "jpeg q70", "--workers", "1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One picture with a mark, one without, one that is too small."""
    marked = SpreadWatermark().embed(poster(), payload_for("ab" * 16))
    (tmp_path / "in").mkdir()
    Image.fromarray(marked).save(tmp_path / "in" / "marked.png")
    Image.fromarray(flat(200)).save(tmp_path / "in" / "plain.png")
    Image.fromarray(flat(90, 300, 300)).save(tmp_path / "in" / "small.png")
    return tmp_path


def test_the_evidence_is_a_page_and_a_document(folder: Path) -> None:
    document = run_json("bench-label", "in", *FEW, cwd=folder)
    assert document == json.loads((folder / "label-evidence.json").read_text(encoding="utf-8"))
    assert document["pictures"] == 2 and list(document["skipped"]) == ["in/small.png"]
    assert [(a["name"], a["survived"]) for a in document["attacks"]] == [
        ("none", 2), ("jpeg q70", 2),
    ]  # fmt: skip
    embedded = {trial["path"]: trial["embedded"] for trial in document["trials"]}
    assert embedded == {"in/marked.png": False, "in/plain.png": True}
    assert document["psnr_db"]["pictures"] == 1 and document["psnr_db"]["min"] > 42
    page = (folder / "label-evidence.md").read_text(encoding="utf-8")
    assert "| jpeg q70 | 2 of 2 | 100.0% |" in page and "small.png" in page


def test_two_processes_say_the_same_as_one(folder: Path) -> None:
    one = run_json("bench-label", "in", "--attack", "none", "--workers", "1", cwd=folder)
    assert run_json("bench-label", "in", "--attack", "none", "--workers", "2", cwd=folder) == one


def test_a_mark_found_where_none_should_be_fails(folder: Path) -> None:
    told = contentfab(
        "bench-label", "in/plain.png", "--unmarked", "in/marked.png", *FEW, cwd=folder, code=1
    )
    assert "2 of 2 readings found one" in told.stdout
    clean = contentfab(
        "bench-label", "in/marked.png", "--unmarked", "in/plain.png", *FEW, cwd=folder
    )
    assert "0 of 2 readings found one" in clean.stdout


def test_the_gate_names_what_is_too_weak(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import typer

    from contentfab.cli.bench_label import bench_label
    from contentfab.delivery import _attacks, label_bench

    lost = {**_attacks.ATTACKS, "none": lambda pixels: flat(128)}
    monkeypatch.setattr(label_bench, "ATTACKS", lost)
    with pytest.raises(typer.Exit) as ended:
        bench_label(
            [folder / "in" / "plain.png"], out=folder, attack=["none"], minimum=0.9, workers=1
        )
    assert ended.value.exit_code == 1
    assert "below --min 0.9: none" in capsys.readouterr().err


def test_bad_input_is_told(folder: Path) -> None:
    told = contentfab("bench-label", "in", "--attack", "hammer", cwd=folder, code=2).stderr
    assert "unknown attack 'hammer'" in told and "jpeg q70" in told
    told = contentfab("bench-label", "gone", cwd=folder, code=2).stderr
    assert "gone does not exist" in told
    told = contentfab("bench-label", "in/small.png", cwd=folder, code=2).stderr
    assert "no picture could be tried" in told and "512" in told
