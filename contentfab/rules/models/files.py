"""What names a model that lies in a folder: a digest of its files.

Knows nothing about what the files hold.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

SMALL_FILE = 1 << 20
SAMPLES, SAMPLE_BYTES = 16, 1 << 16
BESIDE = ("README.md", "appeal.json", "appeal.npz", "background.npz", "calibration.json")
"""Files beside a model that were made from it or tell of it: they name it by its digest or its
weights, have digests of their own, and what a model answers does not depend on them."""


def folder_digest(folder: Path) -> str:
    """12 hex digits over names, sizes and contents. Files over 1 MiB count by 16 blocks of 64 KiB
    spread over them: reading gigabytes at every start would cost more than it tells."""
    digest = hashlib.sha256()
    files = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.is_file())
    files = [path for path in files if path.name not in BESIDE]
    for path in files:
        name = path.relative_to(folder).as_posix()
        size = path.stat().st_size
        digest.update(json.dumps([name, size]).encode())
        with path.open("rb") as file:
            if size <= SMALL_FILE:
                digest.update(file.read())
                continue
            for n in range(SAMPLES):
                file.seek(n * (size - SAMPLE_BYTES) // (SAMPLES - 1))
                digest.update(file.read(SAMPLE_BYTES))
    return digest.hexdigest()[:12]
