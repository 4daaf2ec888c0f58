"""Labelled pictures for the gate's tests, and tools to take their files apart and put them back."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path
from typing import Any

import pictures
import pytest

from contentfab.backends.signer_c2pa import C2paSigner
from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.rules.labels.key_files import make_keys
from contentfab.rules.labels.xmp_files import packets
from contentfab.stages.label import asset_id, copy_file, copy_id, label

Part = tuple[Any, bytes]
PNG = b"\x89PNG\r\n\x1a\n"
SEAL = "a secret of these tests"
COPY = {
    "locale": "en",
    "fields": {"headline": ["Wake up", "Slow down"], "text": "Roasted today."},
    "provenance": {
        "digital_source_type": "trainedAlgorithmicMedia", "uses_ai": True, "engine": "openai",
        "model": "openai/tiny@1", "model_revision": "1", "seed": 1,
    },
}  # fmt: skip


def keyed(folder: Path) -> tuple[SpreadWatermark, C2paSigner]:
    """A mark and a signer with keys of their own, made under `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        if not (folder / "seal.key").exists():
            make_keys(folder, "Demo")
        patch.setenv("CONTENTFAB_KEYS", str(folder))
        return SpreadWatermark(key=SEAL), C2paSigner()


def unkeyed() -> tuple[SpreadWatermark, C2paSigner]:
    """What anyone has who got the file from somewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTENTFAB_KEYS", str(Path(__file__).parent))  # a folder without keys
        return SpreadWatermark(), C2paSigner()


def name_of(seed: int) -> str:
    return asset_id(pictures.poster(seed), {"seed": seed})


def picture(seed: int, media_type: str, mark: Any, signer: Any) -> bytes:
    """A labelled poster, as the line makes it."""
    request = pictures.request(
        pixels=pictures.poster(seed), asset_id=name_of(seed), media_type=media_type
    )
    return label([request], mark, signer)[0].data


def copy(words: str = "Roasted today.") -> bytes:
    """A labelled copy file."""
    record = {**COPY, "fields": {**COPY["fields"], "text": words}}  # type: ignore[dict-item]
    return copy_file(copy_id(record), record, locale="en")


def packet_of(data: bytes) -> bytes:
    (found,) = packets(data)
    return found.data


def parts(data: bytes) -> list[Part]:
    """Chunks of a PNG or WebP, segments of a JPEG (its scan as one part `scan`)."""
    found: list[Part] = []
    if data.startswith(PNG):
        at = 8
        while at < len(data):
            length = int.from_bytes(data[at : at + 4], "big")
            found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
            at += 12 + length
    elif data.startswith(b"RIFF"):
        at = 12
        while at < len(data):
            kind, length = struct.unpack_from("<4sI", data, at)
            found.append((kind, data[at + 8 : at + 8 + length]))
            at += 8 + length + length % 2
    else:
        at = 2
        while data[at + 1] != 0xDA:
            length = int.from_bytes(data[at + 2 : at + 4], "big")
            found.append((data[at + 1], data[at + 4 : at + 2 + length]))
            at += 2 + length
        found.append(("scan", data[at:]))
    return found


def joined(given: list[Part]) -> bytes:
    """The file that `parts` took apart."""
    if given[0][0] == b"IHDR":
        return PNG + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in given
        )
    if isinstance(given[0][0], bytes):
        body = b"".join(
            kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
            for kind, body in given
        )
        return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    return b"\xff\xd8" + b"".join(
        body if kind == "scan" else bytes((0xFF, kind)) + (len(body) + 2).to_bytes(2, "big") + body
        for kind, body in given
    )


def is_xmp(part: Part) -> bool:
    kind, body = part
    return kind == b"XMP " or (b"<x:xmpmeta" in body and kind in (b"iTXt", 0xE1))


def is_c2pa(part: Part) -> bool:
    return part[0] in (b"caBX", b"C2PA", 0xEB)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
