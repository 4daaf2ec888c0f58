"""Run folders that cannot be used, and files that appear whole or not at all."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from campaigns import make_campaign
from command import contentfab, files

from contentfab.errors import InputError, StorageError
from contentfab.store import Entry, RunStore, read_entries

SMALL = {"channels": ["sms"]}


def test_a_folder_of_another_campaign_is_refused(tmp_path: Path) -> None:
    make_campaign(tmp_path / "one", **SMALL)
    make_campaign(tmp_path / "two", **SMALL, name="morning-care")
    contentfab("run", "one/campaign.yaml", "--out", "run", cwd=tmp_path)
    before = files(tmp_path)
    done = contentfab("run", "two/campaign.yaml", "--out", "run", cwd=tmp_path, code=2)
    assert "belongs to campaign 'evening-care', not 'morning-care'" in done.stderr
    assert "--out" in done.stderr
    assert files(tmp_path) == before


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    make_campaign(tmp_path / "one", **SMALL)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.txt").write_text("cat")
    done = contentfab("run", "one/campaign.yaml", "--out", "photos", cwd=tmp_path, code=2)
    assert "holds no run of contentfab" in done.stderr
    assert files(tmp_path / "photos") == ["cat.txt"]


def test_a_run_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    make_campaign(tmp_path / "one", **SMALL)
    (tmp_path / "run").write_text("")
    done = contentfab("run", "one/campaign.yaml", "--out", "run", cwd=tmp_path, code=2)
    assert "is a file" in done.stderr


@pytest.fixture
def tiny_disk(tmp_path: Path):
    """A file system of one megabyte, where this machine lets us mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk(tiny_disk: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, channels=["wechat.moments"])
    out = tiny_disk / "run"
    done = contentfab("run", "campaign.yaml", "--out", out, cwd=tmp_path, code=6)
    assert "No space left" in done.stderr and "what is done is kept" in done.stderr
    assert not [name for name in files(out) if ".tmp-" in name]
    subprocess.run(["mount", "-o", "remount,size=200m", str(tiny_disk)], check=True)
    contentfab("run", "campaign.yaml", "--out", out, cwd=tmp_path)


def test_a_read_only_folder(tiny_disk: Path, tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    done = contentfab("run", "campaign.yaml", "--out", tiny_disk / "run", cwd=tmp_path, code=6)
    assert "Read-only" in done.stderr
    subprocess.run(["mount", "-o", "remount,rw", str(tiny_disk)], check=True)


def test_publish_leaves_nothing_behind_when_it_fails(tmp_path: Path) -> None:
    with RunStore(tmp_path / "run", "spring") as store:
        (tmp_path / "run" / "assets").write_text("a file where a folder should be")
        with pytest.raises(StorageError, match="run folder run"):
            store.publish("assets/ab/x.png", b"x")
    assert files(tmp_path / "run") == ["assets", "ledger.sqlite", "run.json"]


def test_leftovers_of_dead_processes_are_swept(tmp_path: Path) -> None:
    RunStore(tmp_path / "run", "spring").close()
    dead = subprocess.Popen(["true"])
    dead.wait()
    (tmp_path / "run" / f".tmp-{dead.pid}-1").write_text("half a fi")
    (tmp_path / "run" / f".tmp-{os.getpid()}-1").write_text("another shard, at work")
    RunStore(tmp_path / "run", "spring").close()
    assert f".tmp-{dead.pid}-1" not in files(tmp_path / "run")
    assert f".tmp-{os.getpid()}-1" in files(tmp_path / "run")


def test_a_broken_ledger_is_one_clear_message(tmp_path: Path) -> None:
    RunStore(tmp_path / "run", "spring").close()
    (tmp_path / "run" / "ledger.sqlite").write_text("this is no database" * 100)
    with pytest.raises(StorageError, match="not a database"):
        RunStore(tmp_path / "run", "spring")


def test_ledger_counts_and_replaces(tmp_path: Path) -> None:
    with RunStore(tmp_path / "run", "spring") as store:
        store.record(Entry("k", "copy", "cell--a", "failed", "busy", retryable=True))
        store.record(Entry("k", "copy", "cell--a", "done", result={"path": "x"}))
    entry = read_entries(tmp_path / "run")["k"]
    assert (entry.state, entry.reason, entry.times) == ("done", "", 2)
    assert entry.result == {"path": "x"}


def test_names_in_messages_are_never_absolute(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "x").write_text("")
    with pytest.raises(InputError) as caught:
        RunStore(folder, "spring")
    assert str(tmp_path) not in str(caught.value)
