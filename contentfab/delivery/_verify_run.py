"""Verifies a run folder against its manifest: files, references, experiments, nothing foreign.

Reads the manifest as any other program would: from JSON, with no state of the run. Label layers
are read by `_verify_file.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from contentfab.delivery._verify_file import MAX_SIDECAR, content_faults, verify_file
from contentfab.delivery._verify_leftovers import leftovers
from contentfab.delivery._verify_links import experiments, references
from contentfab.delivery._verify_print import print_faults
from contentfab.delivery._verify_result import (
    MAX_PICTURE,
    WHOLE,
    Expected,
    FileResult,
    Readers,
    load_json,
)
from contentfab.delivery._verify_text import text_faults
from contentfab.errors import InputError
from contentfab.records.assets import Asset
from contentfab.records.manifest import FORMAT, KeyVisualFile, Manifest
from contentfab.records.places import Box
from contentfab.rules.files.safe_files import FileFault, read_file, resolve_inside
from contentfab.rules.labels.words import jurisdiction_names, min_height_fraction

MANIFEST = "manifest.json"
MAX_MANIFEST = 256 * 1024 * 1024
MAX_FILES = 1_000_000
KNOWN_FILES = (
    MANIFEST, "datapackage.json", "run.json", "recipes.jsonl",
    "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm",
)  # fmt: skip


def verify_run(
    folder: Path,
    shown: str,
    readers: Readers,
    also: Sequence[str] = (),
) -> tuple[list[FileResult], list[str], list[str]]:
    """One result per asset of the manifest, what is wrong with the run as a whole, and remarks
    that are no fault. `also` are jurisdictions to meet beside those of the campaign."""
    try:
        manifest = _load(folder)
    except (FileFault, InputError) as fault:
        return [], [f"{MANIFEST}: {fault}"], []
    names = _files(folder)
    findings = [
        *references(manifest),
        *experiments(manifest),
        *_key_visuals(folder, manifest.key_visuals),
        *_rejects(folder, manifest),
        *text_faults(folder, names),
    ]
    jurisdictions = _jurisdictions(manifest)
    if jurisdictions is None:
        jurisdictions = ["default"]
        findings.append(f"{MANIFEST}: campaign.jurisdictions names an unknown jurisdiction")
    jurisdictions = list(dict.fromkeys([*jurisdictions, *also]))
    person = manifest.campaign.get("depicts_synthetic_person") is True
    files = [
        _asset(folder, shown, asset, jurisdictions, readers, person) for asset in manifest.assets
    ]
    rest = leftovers(folder, names, _known(manifest), readers, jurisdictions)
    findings += rest.findings
    bad = sum(bool(file.faults) for file in files)
    if bad:
        findings.append(f"{bad} of {len(files)} assets have findings")
    return files, findings, rest.notes


def _load(folder: Path) -> Manifest:
    data = read_file(folder / MANIFEST, MAX_MANIFEST)
    document = load_json(data)
    version = document.get("manifest_version") if isinstance(document, dict) else None
    if version != FORMAT:
        raise InputError(f"its version is {version!r}; this program reads {FORMAT!r}")
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{where}: {first['msg']} ({error.error_count()} faults)") from None


def _jurisdictions(manifest: Manifest) -> list[str] | None:
    given, known = manifest.campaign.get("jurisdictions", ["default"]), jurisdiction_names()
    if isinstance(given, list) and all(name in known for name in given):
        return given
    return None


def _asset(
    folder: Path,
    shown: str,
    asset: Asset,
    jurisdictions: list[str],
    readers: Readers,
    person: bool,
) -> FileResult:
    visible = asset.label.visible
    text = visible.get("text")
    labelled = asset.provenance.uses_ai or visible.get("state") == "valid"
    name = f"{shown}/{asset.path}"
    try:
        path = _inside(folder, asset.path)
    except FileFault as fault:
        return FileResult(name, faults=[("manifest", fault.message)])
    expected = Expected(
        asset_id=asset.id,
        labelled=labelled or None,
        visible=text if isinstance(text, str) and asset.kind == "image" else "",
        visible_box=_box(visible.get("box")),
        min_height=min_height_fraction(jurisdictions),
        jurisdictions=jurisdictions,
        bytes=asset.bytes,
        sha256=asset.digest.sha256,
        media_type=asset.media_type,
        pixels=(asset.width or 0, asset.height or 0) if asset.kind == "image" else None,
        source_type=asset.provenance.digital_source_type,
        fields=asset.fields if asset.kind == "copy" else None,
        label=text if isinstance(text, str) and asset.kind == "copy" else "",
        signed=(asset.label.c2pa or {}).get("state") in WHOLE,
        person=person and asset.kind == "image",
    )
    result = verify_file(path, name, readers, expected)
    if asset.kind == "image" and labelled and not expected.visible_box:
        result.fault("manifest", "the manifest gives no place for the visible label")
    for sentence in (*_recorded(asset, result), *_sidecar(folder, asset), *_product(asset)):
        result.fault("manifest", sentence)
    for sentence in print_faults(folder, asset, readers):
        result.fault("file", sentence)
    return result


def _sidecar(folder: Path, asset: Asset) -> Iterator[str]:
    """The signature beside a copy file must be the one in the manifest."""
    if asset.sidecar is None:
        return
    try:
        data = read_file(_inside(folder, asset.sidecar.path), MAX_SIDECAR)
    except FileFault as fault:
        yield f"its sidecar: {fault.message}"
        return
    for fault_ in content_faults(data, asset.sidecar.bytes, asset.sidecar.digest.sha256, None):
        yield f"its sidecar: {fault_}"


def _recorded(asset: Asset, result: FileResult) -> Iterator[str]:
    """What the manifest recorded of the label layers must be what the file says now."""
    label = asset.label
    for name in ("metadata", "watermark", "c2pa"):
        record = getattr(label, name)
        known, found = (record or {}).get("id"), result.layers.get(name, {}).get("id")
        if known and found and known != found:
            yield f"{name}: the manifest recorded {known}, the file says {found}"


def _product(asset: Asset) -> Iterator[str]:
    """The product was measured as unchanged, inside the picture."""
    if asset.product is None:
        return
    if asset.product.max_difference:
        yield f"product: its pixels differ by {asset.product.max_difference} levels from its file"
    x0, y0, x1, y1 = asset.product.box
    if not (0 <= x0 < x1 <= (asset.width or 0) and 0 <= y0 < y1 <= (asset.height or 0)):
        yield f"product: its box {asset.product.box} is not inside the picture"


def _inside(folder: Path, name: str) -> Path:
    """The path of a manifest entry: relative, in the folder, and no link."""
    path = resolve_inside(folder, folder, name)
    if (folder / name).is_symlink():
        raise FileFault("file.link", f"'{name}' is a link, not a file", "copy the file itself")
    return path


def _box(value: object) -> Box | None:
    if isinstance(value, list) and len(value) == 4 and all(type(v) is int for v in value):
        return Box(*value)
    return None


def _key_visuals(folder: Path, files: Iterable[KeyVisualFile]) -> Iterator[str]:
    for file in files:
        try:
            path = _inside(folder, file.path)
            data = read_file(path, MAX_PICTURE)
        except FileFault as fault:
            yield f"key visual {file.path}: {fault.message}"
            continue
        faults = content_faults(data, file.bytes, file.digest.sha256, (file.width, file.height))
        yield from (f"key visual {file.path}: {fault}" for fault in faults)


def _files(folder: Path) -> list[str]:
    """Every file and link below `folder`, relative, sorted."""
    found = []
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            found.append(path.relative_to(folder).as_posix())
        if len(found) >= MAX_FILES:
            break
    return sorted(found)


def _known(manifest: Manifest) -> set[str]:
    known = {asset.path for asset in manifest.assets} | {f.path for f in manifest.key_visuals}
    known |= {asset.sidecar.path for asset in manifest.assets if asset.sidecar}
    known |= {file.path for asset in manifest.assets for file in asset.files}
    return known | {*KNOWN_FILES, *(reject.path for reject in manifest.rejects if reject.path)}


def _rejects(folder: Path, manifest: Manifest) -> Iterator[str]:
    for reject in manifest.rejects:
        if reject.path:
            try:
                read_file(_inside(folder, reject.path), MAX_PICTURE)
            except FileFault as fault:
                yield f"reject {reject.job}: {fault.message}"
