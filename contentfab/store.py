"""The run folder: files that appear whole or not at all, and a ledger of what is done.

A file is written under a temporary name, synced and renamed; only then does the ledger say done.
A crash in between leaves a file without a row: the job is done again and writes the same file.
One process writes at a time per job; several shards may share a folder (SQLite in WAL mode).
Knows nothing about what the files mean.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contentfab.errors import InputError, StorageError

LEDGER = "ledger.sqlite"
RUN = "run.json"
MANIFEST = "manifest.json"
TEMPORARY = ".tmp-"
SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  key TEXT PRIMARY KEY,
  stage TEXT NOT NULL,
  job TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('done', 'failed')),
  reason TEXT NOT NULL DEFAULT '',
  retryable INTEGER NOT NULL DEFAULT 0,
  result TEXT NOT NULL DEFAULT '{}',
  seconds REAL NOT NULL DEFAULT 0,
  cost_usd REAL,
  times INTEGER NOT NULL DEFAULT 1
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger. `job` is its readable name; `result` what the stage returned;
    `times` how often it was carried to an end; `cost_usd` None when the price is unknown."""

    key: str
    stage: str
    job: str
    state: str
    reason: str = ""
    retryable: bool = False
    result: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    cost_usd: float | None = 0.0
    times: int = 1


class RunStore:
    """One run folder, open for writing. Use as a context manager."""

    def __init__(self, folder: Path, campaign: str) -> None:
        self.folder = folder
        self.campaign = campaign
        check_owner(folder, campaign)
        self._lock = threading.Lock()
        with _storage(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self._db = _connect(folder / LEDGER)
            self._db.execute(SCHEMA)
            if not (folder / RUN).exists():
                self.write_run({})

    def __enter__(self) -> RunStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Fold the write-ahead log into the ledger, so that one file is left."""
        with _storage(self.folder):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.close()

    def entries(self, keys: Iterable[str] | None = None) -> dict[str, Entry]:
        """Rows by key; only those in `keys` when given."""
        wanted = None if keys is None else set(keys)
        with self._lock, _storage(self.folder):
            rows = list(_rows(self._db))
        return {row.key: row for row in rows if wanted is None or row.key in wanted}

    def record(self, entry: Entry) -> None:
        """Insert or replace a row; `times` counts up, and so does the cost."""
        values = (
            entry.key, entry.stage, entry.job, entry.state, entry.reason, int(entry.retryable),
            json.dumps(entry.result, sort_keys=True, ensure_ascii=False), entry.seconds,
            entry.cost_usd,
        )  # fmt: skip
        with self._lock, _storage(self.folder), self._db:
            self._db.execute(
                "INSERT INTO jobs (key, stage, job, state, reason, retryable, result, seconds,"
                " cost_usd) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT(key) DO UPDATE SET"
                " state=excluded.state, reason=excluded.reason, retryable=excluded.retryable,"
                " result=excluded.result, seconds=excluded.seconds,"
                " cost_usd=cost_usd+excluded.cost_usd, times=times+1",
                values,
            )

    def finished(self) -> set[str]:
        """Keys whose row says done and whose file is still there, whole."""
        done = set()
        for key, entry in self.entries().items():
            path = entry.result.get("path")
            if entry.state != "done":
                continue
            try:
                whole = not path or (self.folder / path).stat().st_size == entry.result["bytes"]
            except OSError:
                whole = False
            if whole:
                done.add(key)
        return done

    def forget(self, keys: Iterable[str]) -> None:
        """Drop rows, so that their jobs are to do again."""
        with self._lock, _storage(self.folder), self._db:
            self._db.executemany("DELETE FROM jobs WHERE key = ?", [(key,) for key in keys])

    def publish(self, name: str, data: bytes) -> None:
        """Write `data` to `name` (relative to the folder): temporary name, sync, rename."""
        with _storage(self.folder):
            _publish(self.folder / name, data)

    def remove(self, name: str) -> None:
        """Delete a file if it is there, and the folders that this leaves empty."""
        path = self.folder / name
        with _storage(self.folder):
            path.unlink(missing_ok=True)
            for parent in path.parents:
                if parent == self.folder or not parent.is_dir() or any(parent.iterdir()):
                    break
                parent.rmdir()

    def write_run(self, facts: Mapping[str, Any]) -> None:
        """`run.json`: whose folder this is and how the last run went."""
        record = {"campaign": self.campaign, "format": "contentfab-run/1", **facts}
        text = json.dumps(record, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
        self.publish(RUN, text.encode())

    def files(self) -> list[str]:
        """Every file in the folder, relative, sorted."""
        return sorted(
            p.relative_to(self.folder).as_posix() for p in self.folder.rglob("*") if p.is_file()
        )

    def _sweep(self) -> None:
        """Remove temporary files of processes that are no longer there."""
        for path in self.folder.rglob(f"{TEMPORARY}*"):
            owner = path.name.removeprefix(TEMPORARY).partition("-")[0]
            if not (owner.isdigit() and _alive(int(owner))):
                path.unlink(missing_ok=True)


def publish_file(path: Path, data: bytes) -> None:
    """Write a file that lies in no run folder in the same way: whole or not at all. Raises
    StorageError."""
    try:
        _publish(path, data)
    except OSError as error:
        raise StorageError(
            f"{path.name}: {error.strerror}", hint="free space or fix its folder's permissions"
        ) from error


def read_entries(folder: Path) -> dict[str, Entry]:
    """The ledger of a run folder, read-only; {} when there is none yet."""
    if not (folder / LEDGER).is_file():
        return {}
    with _storage(folder):
        db = _connect(folder / LEDGER)
        try:
            return {row.key: row for row in _rows(db)}
        finally:
            db.close()


def check_owner(folder: Path, campaign: str) -> None:
    """Raise InputError when `folder` holds another campaign's run, or something else entirely."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder.name}: the run folder is a file", hint="choose another --out")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    try:
        owner = json.loads((folder / RUN).read_text(encoding="utf-8"))["campaign"]
    except FileNotFoundError:
        leftovers = {p.name for p in folder.iterdir()} - {LEDGER, f"{LEDGER}-wal", f"{LEDGER}-shm"}
        if all(name.startswith(TEMPORARY) for name in leftovers):
            return  # killed before its first file was in place
        raise InputError(
            f"{folder.name}: this folder is not empty and holds no run of contentfab",
            hint="choose another --out",
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{folder.name}/{RUN} cannot be read: {error}", hint="choose another --out"
        ) from error
    if owner != campaign:
        raise InputError(
            f"{folder.name}: this run folder belongs to campaign {owner!r}, not {campaign!r}",
            hint="choose another --out, or rename the campaign back",
        )


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=30, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    return db


def _rows(db: sqlite3.Connection) -> Iterator[Entry]:
    columns = "key, stage, job, state, reason, retryable, result, seconds, cost_usd, times"
    for row in db.execute(f"SELECT {columns} FROM jobs"):
        key, stage, job, state, reason, retryable, result, seconds, cost, times = row
        yield Entry(
            key,
            stage,
            job,
            state,
            reason,
            bool(retryable),
            json.loads(result),
            seconds,
            cost,
            times,
        )


def _publish(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{threading.get_ident()}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


@contextmanager
def _storage(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StorageError(
            f"run folder {folder.name}: {reason}",
            hint="free space or fix its permissions, then run the same command again; "
            "what is done is kept",
        ) from error


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows syncs the rename itself
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
