"""The gate for copy (JSON, CSV, Markdown, text): each layer stripped, altered or contradicting."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import label_parts as lp
import pytest
from test_copy_forms import row

from contentfab.delivery.verify import verify
from contentfab.rules.labels.copy_forms import write_csv, write_markdown, write_text
from contentfab.rules.labels.signed_claim import copy_claim

PUBLIC = lp.unkeyed()
FORMS = {
    "ad.json": lp.copy(),
    "ad.csv": write_csv([row(), row(text="Two")]).encode("utf-8-sig"),
    "ad.md": write_markdown(row()).encode(),
    "ad.txt": write_text(row()).encode(),
}


def check(folder: Path, name: str, data: bytes, expect: str | None = None) -> dict[str, Any]:
    (folder / name).write_bytes(data)
    (file,) = verify([folder / name], PUBLIC[0], expect, PUBLIC[1])["files"]
    json.dumps(file)
    return dict(file)


@pytest.mark.parametrize("name", FORMS)
def test_whole_copy_passes(tmp_path: Path, name: str) -> None:
    file = check(tmp_path, name, FORMS[name])
    assert file["ok"], file["findings"]
    states = {layer: reading["state"] for layer, reading in file["layers"].items()}
    metadata = "not_checked" if name == "ad.txt" else "valid"
    assert states == {
        "visible": "valid", "metadata": metadata, "watermark": "not_checked", "c2pa": "absent",
    }  # fmt: skip
    assert check(tmp_path, name, FORMS[name], "cn,eu")["ok"] == (name != "ad.json")


def edit(name: str, **changes: Any) -> Callable[[], bytes]:
    """The copy file with keys changed, or taken out when None."""

    def made() -> bytes:
        document = json.loads(FORMS["ad.json"]) | changes
        return json.dumps({k: v for k, v in document.items() if v is not None}).encode()

    return made


def text(name: str, old: str, new: str, count: int = -1) -> Callable[[], bytes]:
    def made() -> bytes:
        whole = FORMS[name].decode()
        assert old in whole
        return whole.replace(old, new, count).encode()

    return made


RECORD = row()["AIGC"]
BROKEN = {
    "json label gone": ("ad.json", edit("", label=None), "visible", "no visible label"),
    "json label reworded": ("ad.json", edit("", label="By hand"), "visible", "no label of ours"),
    "json AIGC gone": ("ad.json", edit("", AIGC=None), "metadata", "no AIGC record"),
    "json AIGC short": ("ad.json", edit("", AIGC={"Label": "1"}), "metadata", "lacks"),
    "json AIGC of another": ("ad.json", edit("", AIGC=RECORD), "agree", "names asset"),
    "json id of another": ("ad.json", edit("", id="f" * 32), "agree", "names asset"),
    "json text": ("ad.json", text("ad.json", "today", "now"), "agree", "changed after"),
    "csv text": ("ad.csv", text("ad.csv", "Two", "Three"), "agree", "row 2: the text was changed"),
    "csv label gone": ("ad.csv", text("ad.csv", ",AI生成 · AI-generated", ",", 1), "visible",
                       "row 1"),
    "csv AIGC": ("ad.csv", text("ad.csv", '""1""', '""9""', 1), "metadata", "row 1: the AIGC"),
    "csv id": ("ad.csv", text("ad.csv", "cpy-1,0123", "cpy-1,9123", 1), "agree", "row 1: the"),
    "csv columns gone": ("ad.csv", text("ad.csv", ",label,", ",words,"), "file", "no columns"),
    "md text": ("ad.md", text("ad.md", "coffee", "tea"), "agree", "changed after"),
    "md line gone": ("ad.md", text("ad.md", "\n> AI生成 · AI-generated\n", ""), "visible", "label"),
    "md record gone": ("ad.md", text("ad.md", "AIGC:", "Else:"), "metadata", "no AIGC record"),
    "md said not AI": ("ad.md", text("ad.md", "ai_generated: true", "ai_generated: false"),
                       "agree", "changed after"),
    "md front gone": ("ad.md", lambda: FORMS["ad.md"].split(b"---\n")[2], "file", "front matter"),
    "txt label gone": ("ad.txt", text("ad.txt", "AI生成 · AI-generated\n", ""), "visible", "label"),
    "txt hidden": ("ad.txt", text("ad.txt", "dash", "da\u200bsh"), "file", "nobody sees"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_tampered_copy_is_named(tmp_path: Path, case: str) -> None:
    name, made, part, words = BROKEN[case]
    file = check(tmp_path, name, made())
    assert part in file["failed"], file["findings"]
    assert words in "\n".join(file["findings"])


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return lp.keyed(tmp_path_factory.mktemp("keys"))[1]


def sidecar(signer: Any, data: bytes, media_type: str = "application/json") -> bytes:
    asset = json.loads(data)["id"] if data.startswith(b"{") else row()["asset"]
    claim = copy_claim(asset, lp.COPY["provenance"], "2026-11-21T12:00:00Z")  # type: ignore[arg-type]
    return bytes(signer.sign_sidecar(data, media_type, claim))


def test_a_sidecar_is_read(tmp_path: Path, signer: Any) -> None:
    for name, media_type in (("ad.json", "application/json"), ("ad.md", "text/markdown")):
        signed = tmp_path / f"{name}.c2pa"
        signed.write_bytes(sidecar(signer, FORMS[name], media_type))
        file = check(tmp_path, name, FORMS[name])
        assert file["ok"], file["findings"]
        assert file["layers"]["c2pa"]["state"] == "untrusted"
        (file,) = verify([signed], PUBLIC[0], None, PUBLIC[1])["files"]
        assert file["ok"] and file["path"].endswith(name)
    assert len(verify([tmp_path], PUBLIC[0], None, PUBLIC[1])["files"]) == 2


def test_a_swapped_sidecar_is_named(tmp_path: Path, signer: Any) -> None:
    beside, other = tmp_path / "ad.json.c2pa", lp.copy("Something else.")
    beside.write_bytes(sidecar(signer, other))
    file = check(tmp_path, "ad.json", FORMS["ad.json"])
    assert file["failed"] == ["c2pa"]
    assert "changed after it was signed" in file["findings"][0]
    for rubbish in (b"", b"\0\0\0\x20jumb" + b"x" * 50):
        beside.write_bytes(rubbish)
        assert check(tmp_path, "ad.json", FORMS["ad.json"])["failed"] == ["c2pa"]
    claim = copy_claim("e" * 32, lp.COPY["provenance"], "2026-11-21T12:00:00Z")  # type: ignore[arg-type]
    beside.write_bytes(signer.sign_sidecar(FORMS["ad.json"], "application/json", claim))
    file = check(tmp_path, "ad.json", FORMS["ad.json"])
    assert file["failed"] == ["agree"]
    (tmp_path / "ad.json").unlink()
    (file,) = verify([beside], PUBLIC[0], None, PUBLIC[1])["files"]
    assert file["failed"] == ["c2pa"]


def test_long_copy_needs_a_signature_in_the_eu(tmp_path: Path, signer: Any) -> None:
    long = lp.copy("Freshly roasted coffee for slow mornings. " * 40)
    file = check(tmp_path, "ad.json", long, "eu")
    assert file["failed"] == ["c2pa"]
    (tmp_path / "ad.json.c2pa").write_bytes(sidecar(signer, long))
    assert check(tmp_path, "ad.json", long, "eu")["ok"]


def test_other_text_in_a_folder_is_left_alone(tmp_path: Path) -> None:
    for name, data in FORMS.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "README.md").write_text("# Notes\n")
    (tmp_path / "prices.csv").write_text("a,b\n1,2\n")
    result = verify([tmp_path], *PUBLIC[:1])
    assert [Path(file["path"]).name for file in result["files"]] == ["ad.csv", "ad.json", "ad.md"]
    names = [Path(name).name for name in result["skipped"]]
    assert names == ["README.md", "ad.txt", "prices.csv"]
    assert not verify([tmp_path / "README.md"], *PUBLIC[:1])["ok"]
