"""What names a model that lies in a folder: a digest of its files.

Knows nothing about what the files hold.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

SMALL_FILE = 1 << 20
SAMPLES, SAMPLE_BYTES = 16, 1 << 16


def folder_digest(folder: Path) -> str:
    """12 hex digits over names, sizes and contents. Files over 1 MiB count by 16 blocks of 64 KiB
    spread over them: reading gigabytes at every start would cost more than it tells."""
    digest = hashlib.sha256()
    files = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if p.is_file())
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
