"""Reads files that a user named, and refuses those that no campaign should touch.

A path must stay inside a root folder after `..` and links are resolved; only regular files are
opened, so a FIFO or device can neither hang nor flood a run; size is looked at before reading.
Knows nothing about what the files hold. Does not guard against files swapped while it reads.
"""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

MAX_BYTES = 50 * 1024 * 1024


class FileFault(Exception):
    """Raised when a named file cannot or must not be used; becomes a Problem at its field.

    `line` is set when the fault lies at a line of the file itself."""

    def __init__(self, rule: str, message: str, hint: str, line: int = 0) -> None:
        super().__init__(message)
        self.rule, self.message, self.hint, self.line = rule, message, hint, line


def resolve_inside(root: Path, folder: Path, name: str) -> Path:
    """Path of `name` (relative to `folder`) after links, which must lie inside `root`.

    Raises FileFault for absolute paths, paths that lead out of `root`, and unusable names."""
    if not name.strip():
        raise FileFault("file.missing", "an empty path names no file", "name a file")
    given = Path(name)
    if given.is_absolute() or (len(name) > 1 and name[1] == ":"):
        raise FileFault(
            "file.outside", "the path is absolute", "give a path relative to this file's folder"
        )
    try:
        path = (folder / given).resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise unusable(name, error) from error
    if not path.is_relative_to(root.resolve()):
        raise FileFault(
            "file.outside",
            f"'{shorten(name)}' leads outside the folder '{root.name}'",
            "copy the file into that folder; '..' and links out of it are not followed",
        )
    return path


def read_file(path: Path, limit: int = MAX_BYTES, name: str = "") -> bytes:
    """All bytes of a regular file of at most `limit` bytes. Raises FileFault otherwise; `name` is
    what its message calls the file (default: the path's last part)."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise FileFault("file.folder", "this is a folder, not a file", "name a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise FileFault(
                "file.special", "this is no regular file (a pipe, device or socket)", "name a file"
            )
        if status.st_size > limit:
            raise FileFault(
                "file.too-big",
                f"the file has {status.st_size:,} bytes; the limit is {limit:,}",
                "split it or make it smaller",
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise unusable(name or path.name, error) from error


def digest(data: bytes) -> str:
    """sha256 in hex."""
    return hashlib.sha256(data).hexdigest()


def shorten(text: object, length: int = 60) -> str:
    """`text` on one line, cut to `length` characters, safe to print."""
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def unusable(name: str, error: Exception) -> FileFault:
    """Plain words for what the operating system said; never its absolute path."""
    shown = shorten(name)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return FileFault("file.missing", f"'{shown}' does not exist", "check the path and spelling")
    if isinstance(error, PermissionError):
        return FileFault("file.unreadable", f"'{shown}' may not be read", "check its permissions")
    reason = getattr(error, "strerror", None) or "not a usable path"
    return FileFault("file.unreadable", f"'{shown}' cannot be read: {reason}", "check the path")
