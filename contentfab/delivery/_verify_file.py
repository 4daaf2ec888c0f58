"""Verifies one file of any kind: what it is, what its label says, and whether it is what a manifest
says of it. Takes bytes from anywhere; a file that cannot be read is a finding.

Knows nothing about run folders but what the caller expects of the file.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from contentfab.delivery._verify_copy import verify_copy
from contentfab.delivery._verify_picture import verify_picture
from contentfab.delivery._verify_result import MAX_PICTURE, Expected, FileResult, Readers
from contentfab.errors import InputError
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.pixels.picture_files import size_of

SIDECAR = ".c2pa"
PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
}
TEXTS = {".csv": "text/csv", ".md": "text/markdown", ".txt": "text/plain"}
SUFFIXES = {**PICTURES, ".json": "application/json", **TEXTS}
MAX_SIDECAR = 4 * 1024 * 1024
_ASSET_NAME = re.compile(r"[0-9a-f]{32}")


def verify_file(path: Path, shown: str, readers: Readers, expected: Expected) -> FileResult:
    """Everything that `path` says about itself, against what is expected of it."""
    result = FileResult(shown)
    try:
        data = read_file(path, MAX_PICTURE)
        sidecar = _sidecar(path)
    except FileFault as fault:
        result.fault("file", fault.message)
        return result
    kind, named = _kind(data, path.suffix.lower()), SUFFIXES.get(path.suffix.lower())
    if not data:
        result.fault("file", "the file is empty")
    elif kind == "application/c2pa":
        result.fault("c2pa", "the file that this signature belongs to does not lie beside it")
    elif not kind:
        result.fault(
            "file", "the file is no picture (PNG, JPEG, WebP, AVIF) and no copy file that"
            " contentfab labels (JSON, CSV, Markdown, text)"
        )  # fmt: skip
    else:
        if named and named != kind:
            result.fault("file", f"the name ends in {path.suffix}, but the content is {kind}")
        if expected.media_type and expected.media_type != kind:
            told = f"the content is {kind}, the manifest says {expected.media_type}"
            result.fault("manifest", told)
        if kind in PICTURES.values():
            verify_picture(result, data, kind, readers, expected)
        else:
            verify_copy(result, data, kind, sidecar, readers, expected)
    _check_name(result, path)
    for sentence in content_faults(data, expected.bytes, expected.sha256, expected.pixels):
        result.fault("manifest", sentence)
    return result


def content_faults(
    data: bytes, size: int | None, sha256: str, pixels: tuple[int, int] | None
) -> list[str]:
    """How `data` differs from what a manifest says of its bytes, hash, width and height."""
    faults = []
    if size is not None and len(data) != size:
        faults.append(f"the file has {len(data)} bytes, the manifest says {size}")
    elif sha256 and hashlib.sha256(data).hexdigest() != sha256:
        faults.append("the file is not the one in the manifest: its sha256 differs")
    if pixels:
        try:
            found = size_of(data)
        except InputError as error:
            return [*faults, str(error)]
        if found != pixels:
            shown = " x ".join(map(str, found)), " x ".join(map(str, pixels))
            faults.append(f"the picture is {shown[0]}, the manifest says {shown[1]}")
    return faults


def labels_itself(path: Path) -> bool:
    """Whether a text file looks like labelled copy: a folder may hold any other text as well."""
    if path.with_name(path.name + SIDECAR).exists():
        return True
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return True  # verify_file says what is wrong
    first = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    if path.suffix.lower() == ".csv":
        return b"AIGC" in first or b"ai_generated" in first
    return first.strip() == b"---" and (b"\nAIGC:" in head or b"\nai_generated:" in head)


def _sidecar(path: Path) -> bytes | None:
    beside = path.with_name(path.name + SIDECAR)
    if path.suffix.lower() in PICTURES or not beside.exists():
        return None
    return read_file(beside, MAX_SIDECAR)


def _kind(data: bytes, suffix: str) -> str:
    """Media type by content; for text, which has no signature, by the name."""
    if data.startswith(b"\x89PNG"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF":
        return "image/webp"
    if data[4:8] == b"ftyp" and b"avi" in data[8:64]:
        return "image/avif"
    if data[4:8] == b"jumb" or suffix == SIDECAR:
        return "application/c2pa"
    if suffix not in TEXTS and data[:64].lstrip().startswith(b"{"):
        return "application/json"
    return TEXTS.get(suffix, "") if b"\0" not in data else ""


def _check_name(result: FileResult, path: Path) -> None:
    """A file named by an asset id must be that asset."""
    named = _ASSET_NAME.fullmatch(path.stem)
    own = result.layers.get("metadata", {}).get("id")
    if named and own and own != path.stem:
        result.fault("file", f"the file's name says asset {path.stem}, its label says {own}")
