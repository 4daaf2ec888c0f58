"""Where PNG, JPEG, WebP, AVIF, SVG and PDF files keep their XMP packet. Decodes nothing.

Walks chunks and segments only, so it also works on files whose picture is broken; a file that
ends early gives the packets up to there. A JPEG packet of more than 64 kB goes on in extensions
(XMP specification part 3, 1.1.3.1); they are put together and checked against their digest.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from contentfab.rules.labels.xmp_boxes import is_heif, xmp_items

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEYWORD = b"XML:com.adobe.xmp\0"
_JPEG_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENSION_HEADER = b"http://ns.adobe.com/xmp/extension/\0"
_MAX_PARTS = 20_000
_MAX_EXTENSION = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet as stored; `fault` says in words why it cannot be used. An `extension` goes on
    where a JPEG's packet ends."""

    data: bytes
    fault: str = ""
    extension: bool = False


def packets(data: bytes) -> list[Packet]:
    """Every XMP packet of a file, in order; [] for other formats."""
    if data.startswith(_PNG):
        return [_png_packet(body) for kind, body in _png_chunks(data) if _is_png_xmp(kind, body)]
    if data.startswith(b"\xff\xd8"):
        bodies = [body for marker, body in _jpeg_segments(data) if marker == 0xE1]
        main = [Packet(b[len(_JPEG_HEADER) :]) for b in bodies if b.startswith(_JPEG_HEADER)]
        return [*main, *_extensions(bodies)]
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return [Packet(body) for kind, body in _riff_chunks(data) if kind == b"XMP "]
    if is_heif(data):
        return [Packet(item) for item in xmp_items(data)]
    if data.startswith((b"%PDF-", b"<?xml", b"<svg")):
        return [Packet(packet) for packet in _plain_packets(data)]
    return []


def _plain_packets(data: bytes) -> Iterator[bytes]:
    """Packets that stand in a file as they are: in an SVG, or in a PDF whose metadata is not
    compressed, as the standard wants it. What other streams of a PDF hold is not found."""
    at = 0
    for _ in range(_MAX_PARTS):
        start = data.find(b"<x:xmpmeta", at)
        end = data.find(b"</x:xmpmeta>", start)
        if start < 0 or end < 0:
            return
        at = end + len(b"</x:xmpmeta>")
        yield data[start:at]


def _extensions(bodies: list[bytes]) -> list[Packet]:
    """The extended packets of a JPEG, each put together from its parts."""
    parts: dict[bytes, list[tuple[int, int, bytes]]] = {}
    for body in bodies:
        if body.startswith(_EXTENSION_HEADER):
            name, rest = body[35:67], body[67:]
            whole, offset = int.from_bytes(rest[:4], "big"), int.from_bytes(rest[4:8], "big")
            parts.setdefault(name, []).append((offset, whole, rest[8:]))
    return [_joined(name, pieces) for name, pieces in parts.items()]


def _joined(name: bytes, pieces: list[tuple[int, int, bytes]]) -> Packet:
    data, whole = b"", pieces[0][1]
    for offset, said, piece in sorted(pieces):
        if offset != len(data) or said != whole or whole > _MAX_EXTENSION:
            return Packet(b"", "the XMP packet's extension has gaps or overlaps", extension=True)
        data += piece
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest().upper().encode()
    if len(data) != whole or digest != name.upper():
        return Packet(b"", "the XMP packet's extension is damaged", extension=True)
    return Packet(data, extension=True)


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
