"""Three hundred hostile files: a finding for each, no exception, no flood of memory, no hang."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from typing import Any

import hostile
import label_parts as lp
import pytest
from command import contentfab
from PIL import Image

from contentfab.delivery.verify import human_report, junit_report, verify

PUBLIC = lp.unkeyed()
LIMIT = 500 * 1024  # kB by which the memory of the process may grow


def test_hostile_files_are_findings(tmp_path_factory: pytest.TempPathFactory) -> None:
    signer = lp.keyed(tmp_path_factory.mktemp("keys"))[1]
    folder = tmp_path_factory.mktemp("hostile")
    paths = []
    for name, data in hostile.files(signer):
        assert not (folder / name).exists(), name
        (folder / name).write_bytes(data)
        paths.append(folder / name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    paths += hostile.places(folder)
    assert len(paths) >= 300
    result = verify(paths, PUBLIC[0], None, PUBLIC[1])
    assert not result["ok"]
    assert len(result["files"]) == len(paths)
    silent = [Path(file["path"]).name for file in result["files"] if not file["findings"]]
    assert silent == []
    crashed = [f for file in result["files"] for f in file["findings"] if "be verified (" in f]
    assert crashed == []
    json.dumps(result)
    human_report(result)
    junit_report(result)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < LIMIT


def test_a_folder_of_them_hides_none(tmp_path: Path) -> None:
    hostile.places(tmp_path)
    names = {Path(f["path"]).name for f in verify([tmp_path], PUBLIC[0])["files"]}
    assert names == {
        "folder.png",
        "pipe.jpg",
        "device.png",
        "loop.webp",
        "nowhere.png",
        "parent.avif",
    }


def test_names_that_are_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff poster.png")
    (tmp_path / name).write_bytes(hostile.picture_of((64, 64)))
    out = contentfab("verify", ".", cwd=tmp_path, code=5).stdout
    assert "? poster.png" in out
    for form in ("json", "junit"):
        contentfab("verify", ".", "--format", form, cwd=tmp_path, code=5)


def sentences(result: dict[str, Any]) -> str:
    return "\n".join(f for file in result["files"] for f in file["findings"])


ODD = {
    "empty.png": b"",
    "text.png": b"hello",
    "header.png": b"\x89PNG\r\n\x1a\n",
    "short.jpg": b"\xff\xd8\xff\xe0",
    "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    "list.json": b"[1]",
    "other.json": b'{"a": 1}',
    "deep.json": b'{"a":' + b"[" * 100_000,
    "nan.json": b'{"a": NaN}',
    "latin.json": b'{"a": "\xff"}',
    "number.json": b'{"a": ' + b"9" * 10_000 + b"}",
    "types.json": b'{"format":"contentfab-copy/1","id":[],"label":7,"AIGC":[],"provenance":3}',
    "nulls.json": b'{"format":"contentfab-copy/1","ai_generated":true,"AIGC":{"Label":null}}',
}


@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_findings(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(ODD[name])
    result = verify([path], PUBLIC[0])
    assert not result["ok"]
    assert result["files"][0]["findings"]
    assert "cannot be verified (" not in sentences(result)


def test_odd_paths_are_findings(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.png").symlink_to(tmp_path / "nowhere")
    given = [
        tmp_path / "pipe.png",
        tmp_path / "none.png",
        tmp_path / "broken.png",
        "a\0b",
        "",
        "*x",
    ]
    result = verify(given, PUBLIC[0])
    assert len(result["files"]) == len(given)
    assert all(file["findings"] for file in result["files"])
    assert not verify([tmp_path / "empty"], PUBLIC[0])["ok"]
    assert not verify([], PUBLIC[0])["ok"]


def test_a_decompression_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path)
    assert path.stat().st_size < 100_000
    result = verify([path], PUBLIC[0])
    assert "limit" in sentences(result) or "cannot be read" in sentences(result)
