"""Pictures that a user named: files, folders and glob patterns.

Knows names only; whether a file is a picture is found out when it is read.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path

from contentfab.errors import InputError

SUFFIXES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".avif": "avif"}


def pictures_at(given: str, *without: str) -> Iterator[tuple[Path, str]]:
    """(path, name inside the folder or pattern that was given) of each picture. A folder is
    searched to its bottom, but for hidden folders and those named in `without`; a file that is
    named itself counts whatever its ending. InputError for a path that does not exist."""
    path = Path(given)
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            inside = file.relative_to(path)
            hidden = any(part.startswith(".") or part in without for part in inside.parts)
            if file.suffix.lower() in SUFFIXES and file.is_file() and not hidden:
                yield file, str(inside)
    elif path.exists():
        yield path, path.name
    elif glob.has_magic(given):
        for name in sorted(glob.glob(given, recursive=True)):  # noqa: PTH207 (absolute patterns)
            if Path(name).suffix.lower() in SUFFIXES and Path(name).is_file():
                yield Path(name), Path(name).name
    else:
        raise InputError(f"{given} does not exist", hint="check the path; globs are fine")
