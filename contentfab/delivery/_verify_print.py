"""Verifies the files for printers and designers that belong to a poster: PDF and SVG.

Their pixels are not looked at: bytes and hash are the manifest's, the XMP packet names the asset
and says what the poster's says, and a signature that was there is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from contentfab.delivery._verify_file import content_faults
from contentfab.delivery._verify_result import MAX_PICTURE, WHOLE, Readers
from contentfab.records.assets import Asset, AssetFile
from contentfab.rules.files.safe_files import FileFault, read_file, resolve_inside
from contentfab.rules.labels import xmp

STARTS = {"application/pdf": b"%PDF-", "image/svg+xml": b"<?xml"}


def print_faults(folder: Path, asset: Asset, readers: Readers) -> Iterator[str]:
    """One sentence for everything that is wrong with a file of `asset.files`."""
    for file in asset.files:
        for sentence in _faults(folder, asset, file, readers):
            yield f"its {file.kind} file: {sentence}"


def _faults(folder: Path, asset: Asset, file: AssetFile, readers: Readers) -> Iterator[str]:
    try:
        path = resolve_inside(folder, folder, file.path)
        if (folder / file.path).is_symlink():
            raise FileFault("file.link", f"'{file.path}' is a link, not a file", "copy the file")
        data = read_file(path, MAX_PICTURE)
    except FileFault as fault:
        yield fault.message
        return
    yield from content_faults(data, file.bytes, file.digest.sha256, None)
    if not data.startswith(STARTS.get(file.media_type, b"?")):
        yield f"the content is not {file.media_type}"
        return
    packet = xmp.read(data)
    if packet.state != "valid":
        yield f"metadata: {packet.detail}"
    elif packet.identifier != asset.id:
        yield f"its metadata names asset {packet.identifier}, not {asset.id}"
    said = str(packet.values.get("digital_source_type", "")).removeprefix(xmp.SOURCE_TYPE_BASE)
    if said and said != asset.provenance.digital_source_type:
        yield f"its metadata says {said}, the manifest {asset.provenance.digital_source_type}"
    if "c2pa" in str(packet.values.get("label_layers", "")) and readers.signer is not None:
        reading = readers.signer.verify(data, file.media_type)
        if reading.state not in WHOLE:
            yield f"c2pa: {reading.detail}"
        elif reading.id != asset.id:
            yield f"its signature names asset {reading.id}, not {asset.id}"
