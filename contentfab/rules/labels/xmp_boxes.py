"""Where an AVIF (or other HEIF) file keeps its XMP packet. Reads bytes, decodes nothing.

The `meta` box lists the file's items (`iinf`) and where each lies (`iloc`); XMP is an item of type
`mime` and content type `application/rdf+xml` (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, A.3).
Hostile boxes end the walk early; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator

BRANDS = (b"avif", b"avis", b"mif1", b"msf1")
_CONTENT_TYPE = b"application/rdf+xml"
_MAX_BOXES = 2_000
_MAX_ITEMS = 10_000
_MAX_ITEM = 64 * 1024 * 1024


def is_heif(data: bytes) -> bool:
    """Whether the file starts as an AVIF or other HEIF picture."""
    return data[4:8] == b"ftyp" and any(
        data[at : at + 4] in BRANDS for at in (8, *range(16, min(len(data), 64), 4))
    )


def xmp_items(data: bytes) -> list[bytes]:
    """Every XMP item of the file, in the order of their ids; cut off where the file is."""
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind == b"meta":
            return _items(data, start + 4, end)  # a full box: version and flags come first
    return []


def _items(data: bytes, start: int, end: int) -> list[bytes]:
    wanted: list[int] = []
    places: dict[int, list[tuple[int, int, int]]] = {}
    store = (0, 0)
    for kind, at, stop in _boxes(data, start, end):
        if kind == b"iinf":
            wanted = _xmp_ids(data, at, stop)
        elif kind == b"iloc":
            places = _places(data[at:stop])
        elif kind == b"idat":
            store = (at, stop)
    return [_item(data, places.get(name, []), store) for name in sorted(set(wanted))]


def _item(data: bytes, extents: list[tuple[int, int, int]], store: tuple[int, int]) -> bytes:
    found = bytearray()
    for method, offset, length in extents:
        if method not in (0, 1) or len(found) + length > _MAX_ITEM:
            break  # an offset into another item is never used for XMP
        first, last = (0, len(data)) if method == 0 else store
        stop = min(first + offset + length, last) if length else last
        found += data[first + offset : stop]
    return bytes(found[:_MAX_ITEM])


def _xmp_ids(data: bytes, at: int, end: int) -> list[int]:
    wide = data[at : at + 1] != b"\0"
    found = []
    for kind, start, stop in _boxes(data, at + (8 if wide else 6), end):
        version = data[start] if start < stop else 0
        if kind != b"infe" or version not in (2, 3):
            continue
        size = 2 if version == 2 else 4
        name = int.from_bytes(data[start + 4 : start + 4 + size], "big")
        rest = data[start + 6 + size : stop]  # after the protection index
        # The item's type, its name, and for type mime the content type, ended by zeros.
        if rest[:4] == b"mime" and rest[4:].split(b"\0")[1:2] == [_CONTENT_TYPE]:
            found.append(name)
    return found


def _places(box: bytes) -> dict[int, list[tuple[int, int, int]]]:
    """(construction method, offset, length) of each item's extents, from an `iloc` box."""
    reader = _Numbers(box)
    version = reader.take(1)
    reader.take(3)
    sizes = reader.take(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version in (1, 2) else 0
    places: dict[int, list[tuple[int, int, int]]] = {}
    for _ in range(min(reader.take(4 if version == 2 else 2), _MAX_ITEMS)):
        name = reader.take(4 if version == 2 else 2)
        method = reader.take(2) & 15 if version in (1, 2) else 0
        reader.take(2)  # the data reference: this file
        base = reader.take(base_size)
        extents = []
        for _ in range(min(reader.take(2), 64)):
            reader.take(index_size)
            offset = base + reader.take(offset_size)
            extents.append((method, offset, reader.take(length_size)))
        if reader.over:
            return places
        places[name] = extents
    return places


class _Numbers:
    """Big-endian numbers one after another; past the end they are 0 and `over` is true."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def over(self) -> bool:
        return self._at > len(self._data)

    def take(self, size: int) -> int:
        found = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(found, "big")


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, first byte of the content, end) of each box in a range."""
    end = min(end, len(data))
    for _ in range(_MAX_BOXES):
        if at + 8 > end:
            return
        size, kind, start = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        stop = end if size == 0 else min(at + size, end)
        if stop < start:
            return
        yield kind, start, stop
        at = stop
