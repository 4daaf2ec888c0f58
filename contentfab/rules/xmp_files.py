"""Where PNG, JPEG and WebP files keep their XMP packet. Reads bytes, decodes nothing.

Walks chunks and segments only, so it also works on files whose picture is broken; a file that
ends early gives the packets up to there. Extended XMP (JPEG, over 64 kB) is not read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEYWORD = b"XML:com.adobe.xmp\0"
_JPEG_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_MAX_PARTS = 20_000


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as stored; `fault` says in words why it cannot be used."""

    data: bytes
    fault: str = ""


def packets(data: bytes) -> list[Packet]:
    """Every XMP packet of a file, in order; [] for other formats."""
    if data.startswith(_PNG):
        return [_png_packet(body) for kind, body in _png_chunks(data) if _is_png_xmp(kind, body)]
    if data.startswith(b"\xff\xd8"):
        return [
            Packet(body[len(_JPEG_HEADER) :])
            for marker, body in _jpeg_segments(data)
            if marker == 0xE1 and body.startswith(_JPEG_HEADER)
        ]
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return [Packet(body) for kind, body in _riff_chunks(data) if kind == b"XMP "]
    return []


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    for _ in range(_MAX_PARTS):
        if at + 12 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"iTXt":
            yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _is_png_xmp(kind: bytes, body: bytes) -> bool:
    return kind == b"iTXt" and body.startswith(_PNG_KEYWORD)


def _png_packet(body: bytes) -> Packet:
    rest = body[len(_PNG_KEYWORD) :]
    if rest[:1] != b"\0":
        return Packet(b"", "the XMP packet is compressed; readers of AI labels refuse that")
    parts = rest[2:].split(b"\0", 2)  # language tag, translated keyword, text
    return Packet(parts[2]) if len(parts) == 3 else Packet(b"", "the XMP chunk is cut off")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    for _ in range(_MAX_PARTS):
        if at + 4 > len(data) or data[at] != 0xFF:
            return
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in (0xD9, 0xDA):  # end of image, start of scan
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    for _ in range(_MAX_PARTS):
        if at + 8 > len(data):
            return
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
