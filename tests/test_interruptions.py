"""A run that is killed, again and again, ends in the same manifest as one that was left alone."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from campaigns import make_campaign
from command import contentfab, files, start

SMALL = {"channels": ["wechat.moments"], "placements": {"wechat.moments": ["4x5"]}}
FOLDERS, KILLS = 4, 5  # 20 random moments in all
RUN = ("run", "campaign.yaml", "--out", "run", "--set", "executor.workers=1")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A run that was left alone, and how long it took."""
    folder = tmp_path_factory.mktemp("undisturbed")
    make_campaign(folder, **SMALL)
    began = time.monotonic()
    contentfab(*RUN, cwd=folder)
    return folder / "run", time.monotonic() - began


@pytest.mark.parametrize("seed", range(FOLDERS))
def test_kill_minus_nine(seed: int, undisturbed: tuple[Path, float], tmp_path: Path) -> None:
    whole, seconds = undisturbed
    make_campaign(tmp_path, **SMALL)
    moments = random.Random(seed)
    for _ in range(KILLS):
        process = start(*RUN, cwd=tmp_path)
        time.sleep(moments.uniform(0.0, seconds))
        # The whole group, as a crash of the machine would: also the workers.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    contentfab(*RUN, cwd=tmp_path)
    assert (tmp_path / "run" / "manifest.json").read_bytes() == (
        whole / "manifest.json"
    ).read_bytes()
    assert files(tmp_path / "run") == files(whole)
    with closing(sqlite3.connect(tmp_path / "run" / "ledger.sqlite")) as db:
        assert db.execute("SELECT max(times) FROM jobs").fetchone() == (1,)


def test_workers_do_not_outlive_a_killed_run(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    process = start(*RUN, cwd=tmp_path)
    workers: set[int] = set()
    deadline = time.monotonic() + 60
    while not workers and time.monotonic() < deadline:
        workers = children(process.pid)
        time.sleep(0.02)
    assert workers, "the run started no worker"
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(alive(pid) for pid in workers)


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(
    undisturbed: tuple[Path, float], tmp_path: Path
) -> None:
    make_campaign(tmp_path, **SMALL)
    process = start(*RUN, cwd=tmp_path)
    ledger = tmp_path / "run" / "ledger.sqlite"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (ledger.exists() and rows(ledger)):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Run the same command to go on" in err and "Traceback" not in err
    assert not [name for name in files(tmp_path / "run") if ".tmp-" in name or "-wal" in name]
    contentfab(*RUN, cwd=tmp_path)
    whole, _ = undisturbed
    assert (tmp_path / "run" / "manifest.json").read_bytes() == (
        whole / "manifest.json"
    ).read_bytes()


def rows(ledger: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM jobs").fetchone()[0])
    except sqlite3.Error:
        return 0


def children(pid: int) -> set[int]:
    """Process ids of a process's children; Linux only, as is the runner of these tests."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return {int(child) for child in path.read_text().split()}
    except OSError:
        return set()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
