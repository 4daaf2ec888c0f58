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

from PIL import Image

from contentfab.delivery._verify_file import SUFFIXES, verify_file
from contentfab.delivery._verify_result import Expected, FileResult
from contentfab.delivery._verify_run import KNOWN_FILES, MANIFEST, verify_run
from contentfab.protocols import Signer, Watermark
from contentfab.rules.labels import min_height_fraction

MAX_FILES = 100_000
MANY_FILES = 30


def verify(
    paths: Iterable[str | Path],
    watermark: Watermark,
    expect: str | Sequence[str] | None = None,
    signer: Signer | None = None,
) -> dict[str, Any]:
    """Verifies pictures, copy files, folders, glob patterns and run folders (or their manifest).

    `expect` names jurisdictions whose rules every label must meet ("cn,eu", or a list), beside
    those of a run's own campaign; InputError when one is unknown. The result is `{"ok", "files",
    "run"}`; `run.checked` says whether a run folder was among `paths`."""
    also = _jurisdictions(expect)
    files: list[FileResult] = []
    runs: list[str] = []
    checked = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we have our own limit
        for shown, path in _expand(paths):
            folder = path.parent if path.name == MANIFEST else path
            if path.name == MANIFEST or _is_run(path):
                checked = True
                label = str(Path(shown).parent) if path.name == MANIFEST else shown.rstrip("/")
                run_files, findings = _guarded_run(folder, label, watermark, signer, also)
                files += run_files
                runs += [f"{label}: {finding}" for finding in findings]
            else:
                files.append(_guarded_file(path, shown, watermark, signer, also))
    documents = [file.as_json() for file in files]
    ok = not runs and all(document["ok"] for document in documents)
    return {
        "ok": ok and bool(documents or checked),
        "files": documents,
        "run": {"checked": checked, "ok": not runs, "findings": runs},
    }


def human_report(result: dict[str, Any]) -> str:
    """A result of `verify` as plain lines, findings indented below their file. Of many files only
    those with findings or notes are listed."""
    lines = []
    many = len(result["files"]) > MANY_FILES
    for file in result["files"]:
        if many and file["ok"] and not file["notes"]:
            continue
        states = ", ".join(f"{name} {layer['state']}" for name, layer in file["layers"].items())
        lines.append(f"{'ok  ' if file['ok'] else 'FAIL'}  {file['path']}  ({states})")
        lines += [f"      {sentence}" for sentence in file["findings"]]
        lines += [f"      note: {sentence}" for sentence in file["notes"]]
    run = result["run"]
    if run["checked"]:
        lines.append("ok    the run folder is whole" if run["ok"] else "FAIL  the run folder")
        lines += [f"      {sentence}" for sentence in run["findings"]]
    good = sum(file["ok"] for file in result["files"])
    lines.append(f"{good} of {len(result['files'])} files verified")
    return "\n".join(lines)


def _jurisdictions(expect: str | Sequence[str] | None) -> list[str]:
    names = expect.split(",") if isinstance(expect, str) else expect or ()
    wanted = [name.strip() for name in names if name.strip()]
    min_height_fraction(wanted)  # refuses unknown names
    return wanted


def _guarded_file(
    path: Path, shown: str, watermark: Watermark, signer: Signer | None, also: list[str]
) -> FileResult:
    try:
        return verify_file(path, shown, watermark, signer, Expected(jurisdictions=also))
    except Exception as error:  # a hostile file must not keep the others from being verified
        return FileResult(shown, findings=[f"cannot be verified ({type(error).__name__})"])


def _guarded_run(
    folder: Path, shown: str, watermark: Watermark, signer: Signer | None, also: list[str]
) -> tuple[list[FileResult], list[str]]:
    try:
        return verify_run(folder, shown, watermark, signer, also)
    except Exception as error:  # fails closed: the run is not verified
        return [], [f"cannot be verified ({type(error).__name__})"]


def _is_run(path: Path) -> bool:
    """A folder with a manifest, or with other files that only a run folder has."""
    return any((path / name).is_file() for name in KNOWN_FILES)


def _expand(paths: Iterable[str | Path]) -> Iterator[tuple[str, Path]]:
    """(as shown, path) of every file and run folder, in order, without repeats."""
    seen: set[str] = set()
    for given in paths:
        for shown in _matches(str(given)):
            if shown not in seen and len(seen) < MAX_FILES:
                seen.add(shown)
                yield shown, Path(shown)


def _matches(given: str) -> list[str]:
    path = Path(given)
    if not given.strip():
        return [given]
    try:
        if path.is_dir():
            return [given] if _is_run(path) else _pictures(path)
        if not path.exists() and glob.has_magic(given):
            found = sorted(glob.glob(given, recursive=True))  # noqa: PTH207 (takes absolute patterns)
            return [name for match in found for name in _matches(match)] or [given]
    except (OSError, ValueError):
        return [given]
    return [given]


def _pictures(folder: Path) -> list[str]:
    """Files in `folder` that verify knows by their suffix; run folders inside it as such. What
    lies in hidden folders is left alone."""
    paths = [
        path
        for path in folder.rglob("*")
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    runs = {path.parent for path in paths if path.name == MANIFEST}
    found = [
        path
        for path in paths
        if path.suffix.lower() in SUFFIXES and path.is_file() and runs.isdisjoint(path.parents)
    ]
    return sorted(map(str, [*found, *runs]))
