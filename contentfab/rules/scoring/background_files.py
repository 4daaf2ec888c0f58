"""The two files of a background set: arrays of vectors and buckets, and what they are as JSON.

Reads files from anywhere without trusting them: no pickles, and every fault is an InputError that
names the file. Knows nothing about scores.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contentfab.errors import InputError, StorageError

VECTORS, ABOUT = "background.npz", "calibration.json"
FORMAT = 1
Halves = NDArray[np.float16]


def there(folder: Path) -> bool:
    """Whether a folder holds either file."""
    return (folder / VECTORS).exists() or (folder / ABOUT).exists()


def write(folder: Path, halves: Halves, buckets: tuple[str, ...], about: Mapping[str, Any]) -> None:
    """Both files, each whole or not at all, the description last. Raises StorageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".tmp-{VECTORS}"
        np.savez_compressed(temporary, vectors=halves, buckets=np.array(buckets))
        temporary.replace(folder / VECTORS)
        write_about(folder, {**about, "format": FORMAT, "vectors_sha256": sha256(halves)})
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error}") from None


def write_about(folder: Path, about: Mapping[str, Any]) -> None:
    """The description alone."""
    text = json.dumps(about, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    temporary = folder / f".tmp-{ABOUT}"
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(folder / ABOUT)


def read(folder: Path) -> tuple[Halves, tuple[str, ...], dict[str, Any]]:
    """Vectors (n, d), names of buckets (n), description."""
    about = _about(folder / ABOUT)
    halves, buckets = _arrays(folder / VECTORS)
    if sha256(halves) != about.get("vectors_sha256"):
        raise broken(folder / VECTORS, f"does not hold the vectors that {ABOUT} describes")
    return halves, buckets, about


def broken(path: Path, what: str) -> InputError:
    """The error that says what is wrong with a file of a set."""
    return InputError(
        f"{path.name} of the background set in {path.parent} {what}",
        hint="contentfab calibrate --background DIR --out FOLDER makes a set anew",
    )


def sha256(halves: Halves) -> str:
    """Of the vectors, little-endian."""
    return hashlib.sha256(halves.astype("<f2").tobytes()).hexdigest()


def _about(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise broken(path, f"is missing beside {VECTORS}") from None
    except (OSError, ValueError) as error:
        raise broken(path, f"cannot be read: {error}") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise broken(path, f"is not a description of format {FORMAT}")
    return about


def _arrays(path: Path) -> tuple[Halves, tuple[str, ...]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            halves, buckets = file["vectors"], tuple(str(name) for name in file["buckets"])
    except FileNotFoundError:
        raise broken(path, f"is missing beside {ABOUT}") from None
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise broken(path, f"cannot be read: {error}") from None
    if halves.ndim != 2 or halves.dtype != np.float16 or len(halves) != len(buckets):
        raise broken(path, "does not hold one half-precision vector per name of a bucket")
    if not halves.size or not np.isfinite(halves).all():
        raise broken(path, "holds no vectors, or no finite ones")
    return halves, buckets
