"""Reads every label layer back from files, folders and run folders; offline and with no state.

The answer is the JSON that `contentfab verify --json` prints. Whatever is wrong with a file is a
finding in plain words, never an exception. There is nothing here that removes a label.
"""

from __future__ import annotations

import glob
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from contentfab.delivery._verify_file import (
    PICTURES,
    SIDECAR,
    SUFFIXES,
    TEXTS,
    labels_itself,
    verify_file,
)
from contentfab.delivery._verify_report import human_report, junit_report
from contentfab.delivery._verify_result import Expected, FileResult, Readers
from contentfab.delivery._verify_run import KNOWN_FILES, MANIFEST, verify_run
from contentfab.protocols import Signer, Watermark
from contentfab.rules.labels.words import min_height_fraction

__all__ = ["human_report", "junit_report", "verify"]

MAX_FILES = 100_000


def verify(
    paths: Iterable[str | Path],
    watermark: Watermark,
    expect: str | Sequence[str] | None = None,
    signer: Signer | None = None,
) -> dict[str, Any]:
    """Verifies pictures, copy files, folders, glob patterns and run folders (or their manifest).

    `expect` names jurisdictions whose label must be there ("cn,eu", or a list), beside those of a
    run's own campaign; InputError when one is unknown. The result is `{"ok", "files", "run",
    "skipped"}`; `run.checked` says whether a run folder was among `paths`, `skipped` names text
    files in folders that are no labelled copy."""
    also, readers = _jurisdictions(expect), Readers(watermark, signer)
    files: list[FileResult] = []
    runs: list[str] = []
    remarks: list[str] = []
    skipped: list[str] = []
    checked = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow, about files that get a finding anyway
        for shown, path in _expand(paths, skipped):
            folder = path.parent if path.name == MANIFEST else path
            if path.name == MANIFEST or _is_run(path):
                checked = True
                label = str(Path(shown).parent) if path.name == MANIFEST else shown.rstrip("/")
                run_files, findings, notes = _guarded_run(folder, label, readers, also)
                remarks += [f"{label}: {note}" for note in notes]
                files += run_files
                runs += [f"{label}: {finding}" for finding in findings]
            else:
                files.append(_guarded_file(path, shown, readers, also))
    documents = [file.as_json() for file in files]
    ok = not runs and all(document["ok"] for document in documents)
    return {
        "ok": ok and bool(documents or checked),
        "files": documents,
        "run": {"checked": checked, "ok": not runs, "findings": runs, "notes": remarks},
        "skipped": skipped,
    }


def _jurisdictions(expect: str | Sequence[str] | None) -> list[str]:
    names = expect.split(",") if isinstance(expect, str) else expect or ()
    wanted = [name.strip() for name in names if name.strip()]
    min_height_fraction(wanted)  # refuses unknown names
    return wanted


def _guarded_file(path: Path, shown: str, readers: Readers, also: list[str]) -> FileResult:
    try:
        if path.is_dir():
            names = ", ".join(name.removeprefix(".") for name in SUFFIXES)
            return FileResult(
                shown, faults=[("file", f"the folder holds no file to verify ({names})")]
            )
        return verify_file(
            path, shown, readers, Expected(labelled=bool(also) or None, jurisdictions=also)
        )
    except Exception as error:  # a hostile file must not keep the others from being verified
        return FileResult(shown, faults=[("file", f"cannot be verified ({type(error).__name__})")])


def _guarded_run(
    folder: Path, shown: str, readers: Readers, also: list[str]
) -> tuple[list[FileResult], list[str], list[str]]:
    try:
        return verify_run(folder, shown, readers, also)
    except Exception as error:  # fails closed: the run is not verified
        return [], [f"cannot be verified ({type(error).__name__})"], []


def _is_run(path: Path) -> bool:
    """A folder with a manifest, or with other files that only a run folder has."""
    return any((path / name).is_file() for name in KNOWN_FILES)


def _expand(paths: Iterable[str | Path], skipped: list[str]) -> Iterator[tuple[str, Path]]:
    """(as shown, path) of every file and run folder, in order, without repeats."""
    seen: set[str] = set()
    for given in paths:
        for match in _matches(str(given), skipped):
            shown = _signed_by(match)
            if shown not in seen and len(seen) < MAX_FILES:
                seen.add(shown)
                yield shown, Path(shown)


def _signed_by(name: str) -> str:
    """For a sidecar the file that it signs, if that lies beside it."""
    base = name.removesuffix(SIDECAR)
    try:
        return base if base != name and Path(base).exists() else name
    except (OSError, ValueError):
        return name


def _matches(given: str, skipped: list[str]) -> list[str]:
    path = Path(given)
    if not given.strip():
        return [given]
    try:
        if path.is_dir():
            return [given] if _is_run(path) else (_known(path, skipped) or [given])
        if not path.exists() and glob.has_magic(given):
            found = sorted(glob.glob(given, recursive=True))  # noqa: PTH207 (takes absolute patterns)
            return [name for match in found for name in _matches(match, skipped)] or [given]
    except (OSError, ValueError):
        return [given]
    return [given]


def _known(folder: Path, skipped: list[str]) -> list[str]:
    """Files in `folder` that verify knows by their suffix; run folders inside it as such. What
    lies in hidden folders is left alone, and so is text that is no labelled copy."""
    paths = [
        path
        for path in folder.rglob("*")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    runs = {path.parent for path in paths if path.name == MANIFEST}
    found: list[Path] = []
    for path in paths:
        suffix = path.suffix.lower()
        if not runs.isdisjoint(path.parents) or (path.is_dir() and suffix not in PICTURES):
            continue
        if suffix in TEXTS and not (path.is_file() and labels_itself(path)):
            skipped.append(str(path))
        elif suffix in SUFFIXES or suffix == SIDECAR:
            found.append(path)
    skipped.sort()
    return sorted(map(str, [*found, *runs]))
