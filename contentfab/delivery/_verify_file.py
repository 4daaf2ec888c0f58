"""Verifies one file: reads every label layer back and says in sentences what is wrong.

Takes bytes from anywhere; a file that cannot be read is a finding. Knows nothing about run folders
but what the caller expects of the file.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from contentfab.delivery._verify_copy import verify_copy
from contentfab.delivery._verify_result import MAX_PICTURE, Expected, FileResult, layer_json
from contentfab.errors import InputError
from contentfab.protocols import Signer, Watermark
from contentfab.records.labels import LayerReading
from contentfab.rules import xmp
from contentfab.rules.labels import metadata_needed, wording_faults
from contentfab.rules.picture_files import size_of
from contentfab.rules.safe_files import FileFault, read_file
from contentfab.stages.label import disagreements, read_layers

SUFFIXES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".json": "application/json",
}
_MAGIC = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
    b"{": "application/json",
}
_AI_SOURCES = (
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "compositeSynthetic",
)
_ASSET_NAME = re.compile(r"[0-9a-f]{32}")


def verify_file(
    path: Path,
    shown: str,
    watermark: Watermark,
    signer: Signer | None,
    expected: Expected,
) -> FileResult:
    """Everything that `path` says about itself, against what is expected of it."""
    result = FileResult(shown)
    try:
        data = read_file(path, MAX_PICTURE)
    except FileFault as fault:
        result.findings.append(fault.message)
        return result
    kind = next(
        (kind for magic, kind in _MAGIC.items() if data[:64].lstrip().startswith(magic)), ""
    )
    named = SUFFIXES.get(path.suffix.lower())
    if not data:
        result.findings.append("the file is empty")
    elif not kind:
        result.findings.append("the file is neither a PNG, JPEG or WebP picture nor a copy file")
    else:
        if named and named != kind:
            result.findings.append(f"the name ends in {path.suffix}, but the content is {kind}")
        if expected.media_type and expected.media_type != kind:
            result.findings.append(
                f"the content is {kind}, the manifest says {expected.media_type}"
            )
        if kind == "application/json":
            verify_copy(result, data, expected)
        else:
            _picture(result, data, watermark, signer, expected)
    _check_name(result, path)
    result.findings += content_faults(data, expected.bytes, expected.sha256, expected.pixels)
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


def _picture(
    result: FileResult,
    data: bytes,
    watermark: Watermark,
    signer: Signer | None,
    expected: Expected,
) -> None:
    try:
        layers = read_layers(
            data,
            watermark,
            signer,
            visible=expected.visible,
            visible_box=expected.visible_box,
            min_height=expected.min_height,
        )
    except InputError as error:
        result.findings.append(str(error))
        packet = xmp.read(data)
        layers = (
            LayerReading("metadata", packet.state, packet.detail, packet.identifier, packet.values),
        )
        result.layers = {layer.layer: layer_json(layer) for layer in layers}
        return
    result.layers = {layer.layer: layer_json(layer) for layer in layers}
    read = {layer.layer: layer for layer in layers}
    labelled = _is_labelled(read["metadata"]) if expected.labelled is None else expected.labelled
    _judge(result, read, labelled)
    if labelled and read["metadata"].state == "valid":
        for name in metadata_needed(expected.jurisdictions):
            if name not in read["metadata"].values:
                result.findings.append(f"metadata: the {name} record is missing")
    if expected.visible:
        result.findings += wording_faults(expected.visible, expected.jurisdictions)
    asset = expected.asset_id or read["metadata"].id
    faults = disagreements(layers, asset) if asset else []
    result.findings += faults
    ids = [layer.id for layer in (read["metadata"], read["watermark"]) if layer.id]
    result.agree = not faults and len(ids) == (2 if labelled else 1)


def _judge(result: FileResult, read: dict[str, LayerReading], labelled: bool) -> None:
    metadata, mark = read["metadata"], read["watermark"]
    if metadata.state == "absent" and mark.state == "absent":
        result.findings.append("the file carries no AI label: neither metadata nor invisible mark")
    else:
        if metadata.state != "valid":
            result.findings.append(f"metadata: {metadata.detail}")
        if mark.state == "invalid" or (labelled and mark.state == "absent"):
            result.findings.append(f"watermark: {mark.detail}")
        if metadata.state == "absent" and mark.id:
            result.findings.append(
                f"the metadata was stripped, but the invisible mark {mark.id} is still there"
            )
    for layer in (read["visible"], read["c2pa"]):
        if layer.state in ("invalid", "absent"):
            result.findings.append(f"{layer.layer}: {layer.detail}")
    result.notes += [f"{la.layer}: {la.detail}" for la in read.values() if la.state == "untrusted"]


def _is_labelled(metadata: LayerReading) -> bool:
    """Whether the file declares itself made by a model; a file that lost its metadata counts."""
    source = str(metadata.values.get("digital_source_type", ""))
    return (
        metadata.state != "valid"
        or "aigc" in metadata.values
        or source.removeprefix(xmp.SOURCE_TYPE_BASE) in _AI_SOURCES
    )


def _check_name(result: FileResult, path: Path) -> None:
    """A file named by an asset id must be that asset."""
    named = _ASSET_NAME.fullmatch(path.stem)
    own = result.layers.get("metadata", {}).get("id")
    if named and own and own != path.stem:
        result.findings.append(f"the file's name says asset {path.stem}, its label says {own}")
