"""What a run's manifest knows of its pictures: composition, placement, brand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contentfab.errors import InputError
from contentfab.records.assets import Asset
from contentfab.records.brand import Brand
from contentfab.records.channel import Placement
from contentfab.records.manifest import FORMAT, Manifest
from contentfab.records.pictures import PosterText, TextBox
from contentfab.records.places import Box
from contentfab.resources import data_dir
from contentfab.rules.channels import load_channels
from contentfab.rules.files.located import from_document
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.files.shapes import validate
from contentfab.rules.files.yaml_lines import load_document
from contentfab.rules.layout.type_scale import LABEL_SHARE
from contentfab.rules.suggest import did_you_mean

MANIFEST = "manifest.json"
MAX_MANIFEST = 256 * 1024 * 1024
GUIDE = "brand.yaml"
MAX_GUIDE = 1024 * 1024
ROLES = ("headline", "subline", "cta", "price", "disclaimer", "label", "ad")


@dataclass(frozen=True, slots=True)
class Known:
    """One poster of a run. `composed` says that the manifest has its record of composition."""

    path: str
    composed: bool
    texts: tuple[TextBox, ...] = ()
    text: PosterText | None = None
    placement: Placement | None = None
    brand: tuple[Brand, Path] | None = None
    product_box: Box | None = None
    logo_box: Box | None = None
    frame: Box | None = None
    label_share: float = LABEL_SHARE


def known_of(folder: Path) -> list[Known]:
    """Every poster of a run folder. Raises InputError when its manifest cannot be read."""
    manifest = _manifest(folder)
    channels = _channels(manifest)
    try:
        brand: tuple[Brand, Path] | None = find_brand(str(manifest.campaign.get("brand", "")))
    except InputError:
        brand = None  # a guide of the campaign's own folder: --brand names it
    return [
        _known(asset, _placement(asset, channels.get(asset.id, "")), brand)
        for asset in manifest.assets
        if asset.kind == "image"
    ]


def of_its_run(path: Path) -> Known | None:
    """What the manifest of the run that a picture lies in knows of it; None for a stranger."""
    for folder in path.absolute().parents[1:3]:
        if (folder / MANIFEST).is_file():
            status = (folder / MANIFEST).stat()
            known = _by_path(folder, status.st_mtime_ns, status.st_size)
            return known.get(path.absolute().relative_to(folder).as_posix())
    return None


@lru_cache(maxsize=4)
def _by_path(folder: Path, changed: int, size: int) -> dict[str, Known]:
    """A run's posters by path, for as long as its manifest is the same."""
    return {known.path: known for known in known_of(folder)}


def find_brand(name: str) -> tuple[Brand, Path]:
    """A brand guide by its folder, or by name among the shipped ones. Raises InputError for an
    unknown one and for one with faults."""
    shipped = data_dir("brand_guides")
    for folder in (Path(name), Path("brand_guides") / name, shipped / name):
        file = folder / GUIDE
        if name and file.is_file():
            return _brand(file), folder
    names = sorted(path.parent.name for path in shipped.glob(f"*/{GUIDE}"))
    hint = f"{did_you_mean(name, names)}; or name the folder that holds its {GUIDE}"
    raise InputError(f"no brand guide {name!r}", hint=hint)


def _brand(file: Path) -> Brand:
    shown = f"{file.parent.name}/{file.name}"
    try:
        data = read_file(file, MAX_GUIDE)
    except FileFault as fault:
        raise InputError(f"{shown}: {fault.message}", hint=fault.hint) from None
    document = load_document(data, shown)
    if document.problems:
        raise InputError(problems=document.problems)
    brand, problems = validate(Brand, from_document(document, shown, file.parent))
    if brand is None:
        raise InputError(problems=problems)
    return brand


def _manifest(folder: Path) -> Manifest:
    try:
        document = json.loads(read_file(folder / MANIFEST, MAX_MANIFEST))
        version = document.get("manifest_version") if isinstance(document, dict) else None
        if version != FORMAT:
            raise InputError(
                f"{folder / MANIFEST}: its version is {version!r}; this program reads {FORMAT!r}",
                hint="run the campaign again with this version",
            )
        return Manifest.model_validate(document)
    except FileFault as fault:
        raise InputError(f"{MANIFEST}: {fault.message}", hint=fault.hint) from None
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise InputError(
            f"{folder / MANIFEST}: {where}: {error.errors()[0]['msg']}",
            hint="run the campaign again",
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{folder / MANIFEST} is no JSON: {error}", hint="run again") from None


def _channels(manifest: Manifest) -> dict[str, str]:
    """Channel by asset id, as the creatives say."""
    return {
        image: creative.channel
        for creative in manifest.creatives
        for image in creative.assets.images.values()
    }


def _placement(asset: Asset, channel: str) -> Placement | None:
    pack = load_channels().get(channel)
    if pack is None:
        return None
    return next((p for p in pack.placements if p.id == asset.placement), None)


def _known(asset: Asset, place: Placement | None, brand: tuple[Brand, Path] | None) -> Known:
    record = asset.composition
    if record is None:
        return Known(asset.path, False, placement=place, brand=brand)
    texts = tuple(
        TextBox(
            role=text.role,
            text=text.text,
            box=Box(*text.box),
            size=text.size,
            ink=text.ink,
            weight=text.weight,
            lines=text.lines,
            rows=tuple(Box(*row) for row in text.rows),
        )
        for text in record.texts
    )
    said: dict[str, Any] = {text.role: text.text for text in texts if text.role in ROLES}
    return Known(
        path=asset.path,
        composed=True,
        texts=texts,
        text=PosterText(**{"headline": "", **said}),
        placement=place,
        brand=brand,
        product_box=_box(record.product_box),
        logo_box=_box(record.logo_box),
        frame=_box(record.frame),
        label_share=record.label_share,
    )


def _box(edges: tuple[int, int, int, int] | None) -> Box | None:
    return Box(*edges) if edges else None
