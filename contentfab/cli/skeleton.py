"""What `contentfab init` writes: the packaged skeleton, into a folder that must be new or empty."""

from __future__ import annotations

from pathlib import Path

from contentfab.errors import InputError, StorageError
from contentfab.resources import data_dir


def write_skeleton(folder: Path) -> list[str]:
    """Copy the skeleton campaign into `folder`; the names of the files written, sorted."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists and is not empty", hint="choose a new folder")
    source = data_dir("templates") / "skeleton"
    names = sorted(p.relative_to(source).as_posix() for p in source.rglob("*") if p.is_file())
    try:
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes((source / name).read_bytes())
    except OSError as error:
        raise StorageError(
            f"{folder}: {error.strerror}", hint="choose a folder that can be written"
        ) from error
    return names
