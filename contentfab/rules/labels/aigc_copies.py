"""Copies of the AIGC record that stand in a file beside its XMP packet.

GB 45438-2025, 6.1 c) allows one record per file. Other tools keep it in EXIF or in a PNG text chunk
(Annex B); a file that has it there as well as in the packet says the same thing in two places,
which may come to differ. Reads bytes only, whatever the format; a record inside a compressed text
chunk is known by the chunk's keyword.
"""

from __future__ import annotations

from contentfab.rules.labels.xmp_files import packets

_KEY = "ContentProducer"
_FORMS = ("ascii", "utf-16-le", "utf-16-be")
_EXIF = b"ASCII\0\0\0"
_CHUNKS = (b"zTXtAIGC\0", b"iTXtAIGC\0")


def other_copies(data: bytes) -> list[str]:
    """Where the AIGC record stands outside of the XMP packets, in words, once per copy."""
    found = [at for form in _FORMS for at in _positions(data, _KEY.encode(form))]
    spans = [_span(data, packet.data) for packet in packets(data)] if found else []
    outside = [at for at in found if not any(start <= at < end for start, end in spans)]
    hidden = [name for name in _CHUNKS for at in _positions(data, name) if _compressed(data, at)]
    return [*(_place(data, at) for at in outside), *("a compressed text chunk" for _ in hidden)]


def _span(data: bytes, packet: bytes) -> tuple[int, int]:
    start = data.find(packet) if packet else -1
    return (start, start + len(packet)) if start >= 0 else (0, 0)


def _positions(data: bytes, key: bytes) -> list[int]:
    found: list[int] = []
    at = data.find(key)
    while at >= 0 and len(found) < 100:
        found.append(at)
        at = data.find(key, at + len(key))
    return found


def _compressed(data: bytes, at: int) -> bool:
    return data[at : at + 4] == b"zTXt" or data[at + 9 : at + 10] == b"\1"


def _place(data: bytes, at: int) -> str:
    before = data[max(0, at - 200) : at]
    if _EXIF in before:
        return "the EXIF user comment"
    if b"tEXtAIGC\0" in before or b"iTXtAIGC\0" in before:
        return "a PNG text chunk"
    return "another place of the file"
