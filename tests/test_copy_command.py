"""What copywriters do with `contentfab copy`: read it, edit it, bring it back; and the fallback."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from campaigns import make_campaign
from command import contentfab, run_json
from openpyxl import load_workbook
from test_session import MoodyWriter, moody, run

from contentfab.errors import BackendUnavailable, InputError

assert moody  # a fixture
SMALL = {"channels": ["wechat.moments"], "placements": {"wechat.moments": ["4x5"]}}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign with its copy as XLSX and CSV."""
    folder = tmp_path_factory.mktemp("copy")
    make_campaign(folder, channels=["meta.feed", "google.rsa"])
    contentfab("copy", "campaign.yaml", "--out", "run", "-o", "copy.xlsx", cwd=folder)
    contentfab("copy", "campaign.yaml", "--out", "run", "-o", "copy.csv", cwd=folder)
    return folder


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(exported, tmp_path / "campaign"))


def rows(folder: Path, *options: str) -> dict[str, dict[str, Any]]:
    found = run_json("copy", "campaign.yaml", "--out", "run", *options, cwd=folder)
    return {row["id"]: row for row in found}


def edit(folder: Path, channel: str, changes: dict[str, str], name: str = "edited.xlsx") -> str:
    """Change texts of the first line of `channel` in the workbook; its id and row."""
    book = load_workbook(folder / "copy.xlsx")
    sheet = book["copy"]
    headings = [cell.value for cell in sheet[1]]
    at = next(n for n, row in enumerate(sheet.values, 1) if channel in row and "en-US" in row)
    for field, text in changes.items():
        sheet.cell(at, headings.index(field) + 1).value = text
    book.save(folder / name)
    return str(sheet.cell(at, 1).value)


def test_an_edited_workbook_comes_back_with_the_same_ids(folder: Path) -> None:
    before = rows(folder)
    line = edit(folder, "meta.feed", {"headline": "A calmer kind of evening"})
    after = rows(folder, "--import", "edited.xlsx")
    assert list(after) == list(before)  # ids, and their order
    assert after[line]["fields"]["headline"] == "A calmer kind of evening"
    assert after[line]["human_edited"] and not before[line]["human_edited"]
    assert after[line]["asset"] != before[line]["asset"]
    unchanged = [name for name in before if name != line]
    told = [{**found[n], "scores": None} for found in (before, after) for n in unchanged]
    assert told[: len(unchanged)] == told[len(unchanged) :]  # scores compare with the edited line


def test_edits_reach_the_poster_and_the_manifest(folder: Path) -> None:
    contentfab("run", "campaign.yaml", "--out", "run", cwd=folder)
    line = edit(folder, "meta.feed", {"headline": "A calmer kind of evening"})
    rows(folder, "--import", "edited.xlsx")
    done = run_json("run", "campaign.yaml", "--out", "run", cwd=folder)
    assert done["to_do"]["copy"] == done["to_do"]["picture"] == 0
    manifest = json.loads((folder / "run" / "manifest.json").read_text(encoding="utf-8"))
    (asset,) = [a for a in manifest["assets"] if a["provenance"]["human_edited"]]
    assert asset["line"] == line and asset["fields"]["headline"] == "A calmer kind of evening"
    (creative,) = [c for c in manifest["creatives"] if c["assets"]["text"] == asset["id"]]
    assert done["to_do"]["poster"] == len(creative["assets"]["images"]) > 0


def test_importing_the_same_file_twice_changes_nothing(folder: Path) -> None:
    edit(folder, "meta.feed", {"headline": "A calmer kind of evening"})
    first = rows(folder, "--import", "edited.xlsx")
    kept = (folder / "copy_edits.yaml").read_bytes()
    assert rows(folder, "--import", "edited.xlsx") == first
    assert (folder / "copy_edits.yaml").read_bytes() == kept


def test_a_broken_contract_names_sheet_row_and_column(folder: Path) -> None:
    edit(folder, "google.rsa", {"headline": "Short\nA headline that is far too long for its slot"})
    edit(folder, "google.rsa", {"headline": "One\nTwo\nTwo"}, "twice.xlsx")
    edit(folder, "meta.feed", {"headline": "A miracle in a bottle"}, "banned.xlsx")
    for name, words in (
        ("edited.xlsx", ("has 2 entries", "over the limit of 30")),
        ("twice.xlsx", ("repeats entry 2",)),
        ("banned.xlsx", ("miracle",)),
    ):
        args = ("copy", "campaign.yaml", "--out", "run", "--import", name)
        told = contentfab(*args, cwd=folder, code=2).stderr
        assert f"{name}:" in told and "copy!" in told and "(headline)" in told, told
        assert all(word in told for word in words), told
        assert "nothing was imported" in told
        assert not (folder / "copy_edits.yaml").exists()


def test_rows_that_were_mixed_up_are_refused(folder: Path) -> None:
    with (folder / "copy.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.reader(file))
    table[1][0], table[2][0] = table[2][0], table[1][0]
    table[3][0] = "cpy-000000000000"
    table[4][0] = table[5][0]
    with (folder / "mixed.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    args = ("copy", "campaign.yaml", "--out", "run", "--import", "mixed.csv")
    told = contentfab(*args, cwd=folder, code=2).stderr
    assert "mixed.csv:2" in told and "sort and move whole rows" in told
    assert "there is no line 'cpy-000000000000'" in told


def test_formulas_survive_the_round_trip_as_text(folder: Path) -> None:
    line = edit(folder, "meta.feed", {"description": "+ a softer night"})
    after = rows(folder, "--import", "edited.xlsx")
    assert after[line]["fields"]["description"] == "+ a softer night"
    contentfab("copy", "campaign.yaml", "--out", "run", "-o", "again.csv", cwd=folder)
    assert "'+ a softer night" in (folder / "again.csv").read_text(encoding="utf-8-sig")
    assert rows(folder, "--import", "again.csv") == after


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- nonsense", "expected a list under `edits:`"),
        ("edits:\n- {id: x, variant: y, base: z, ai: no, fields: {}}", "expected"),
        ("edits:\n- {id: x, variant: y, base: z, ai: false, fields: {}}", "different lines"),
        ("edits: [", "copy_edits.yaml:"),
    ],
)
def test_a_broken_edits_file_is_told_with_its_line(folder: Path, text: str, words: str) -> None:
    (folder / "copy_edits.yaml").write_text(text, encoding="utf-8")
    told = contentfab("check", "campaign.yaml", cwd=folder, code=2).stderr
    assert "copy_edits.yaml:" in told and words in told


def test_a_hand_written_edit_must_keep_the_contract(folder: Path) -> None:
    edit(folder, "meta.feed", {"headline": "A calmer kind of evening"})
    rows(folder, "--import", "edited.xlsx")
    path = folder / "copy_edits.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("calmer", "miracle"), encoding="utf-8")
    for command in (("check",), ("run", "--out", "run")):
        told = contentfab(command[0], "campaign.yaml", *command[1:], cwd=folder, code=2).stderr
        assert "copy_edits.yaml:4" in told and "headline" in told and "miracle" in told


def test_an_edit_of_a_product_that_is_gone_is_a_warning(folder: Path) -> None:
    edit(folder, "meta.feed", {"headline": "A calmer kind of evening"})
    rows(folder, "--import", "edited.xlsx")
    campaign = folder / "campaign.yaml"
    text = campaign.read_text(encoding="utf-8").replace("- meta.feed", "- email")
    campaign.write_text(text, encoding="utf-8")
    told = contentfab("check", "campaign.yaml", cwd=folder).stderr
    assert "has no variant" in told and "warning" in told


def test_output_picks_its_format_by_name(folder: Path) -> None:
    contentfab("copy", "campaign.yaml", "--out", "run", "-o", "copy.json", cwd=folder)
    assert json.loads((folder / "copy.json").read_text(encoding="utf-8"))
    told = contentfab("copy", "campaign.yaml", "-o", "copy.doc", cwd=folder, code=2).stderr
    assert "xlsx" in told


@pytest.fixture
def down(moody: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(MoodyWriter, "down", True)
    yield


def test_without_a_fallback_a_dead_endpoint_stops_the_run(down: None, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    with pytest.raises(BackendUnavailable) as stopped:
        run(tmp_path, "copy.backend=moody")
    assert stopped.value.exit_code == 4


def test_the_fallback_is_never_silent(down: None, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL, copy={"backend": "moody", "fallback": "offline"})
    report, reporter = run(tmp_path)
    assert report.exit_code == 0 and report.manifest is not None
    (told,) = [text for text in reporter.warnings if "copy.fallback" in text]
    assert "no answer from the server" in told and "offline" in told
    copies = [a for a in report.manifest["assets"] if a["kind"] == "copy"]
    by_rule = {a["id"]: [c["rule"] for c in a["checks"]] for a in copies}
    substituted = [name for name, rules in by_rule.items() if "copy.author" in rules]
    assert 0 < len(substituted) < len(copies)  # two cells were answered before it went down
    assert all(
        "because" in c["message"] for a in copies for c in a["checks"] if c["rule"] == "copy.author"
    )


def test_an_unknown_fallback_is_refused_before_any_work(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL, copy={"fallback": "offlin"})
    with pytest.raises(InputError, match="offlin") as refused:
        run(tmp_path)
    assert "did you mean 'offline'" in refused.value.hint
    assert not (tmp_path / "run").exists()


def test_every_form_carries_its_label_and_verifies(folder: Path) -> None:
    for name in ("copy.md", "copy.txt"):
        contentfab("copy", "campaign.yaml", "--out", "run", "-o", name, cwd=folder)
    told = contentfab("verify", "copy.csv", "copy.md", "copy.txt", cwd=folder).stdout
    assert "3 of 3 files verified" in told
    text = (folder / "copy.md").read_text(encoding="utf-8")
    changed = text.replace("## headline\n\n", "## headline\n\nGuaranteed. ", 1)
    (folder / "copy.md").write_text(changed, encoding="utf-8")
    contentfab("verify", "copy.md", cwd=folder, code=5)
