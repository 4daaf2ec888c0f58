"""Inspects finished pictures: files of a run, with what its manifest knows of them, and strangers.

A run's poster is checked against its record of composition: its texts, logo and label are where
they were set, and still read. Of a stranger's picture only what needs no record is checked. Rules
that were not run are named with the reason, and are never a pass. Reads only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contentfab.delivery._inspection_run import MANIFEST, Known, find_brand, known_of, of_its_run
from contentfab.errors import InputError
from contentfab.records.brand import Brand
from contentfab.records.channel import Placement
from contentfab.records.pictures import Finding
from contentfab.rules.channels import load_channels
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.inspection import Subject, inspect, inspect_file
from contentfab.rules.inspection.front import FILE_RULES, NEEDS
from contentfab.rules.pixels.picture_files import decode
from contentfab.rules.suggest import did_you_mean

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

__all__ = ["Inspected", "Options", "find_brand", "find_placement", "inspect_paths"]

MAX_PICTURE = 256 * 1024 * 1024
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".avif")
Masters = Callable[[Brand, Path], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller knows of all pictures; each may be None. `masters` gives a brand's logo files
    as pixels."""

    brand: tuple[Brand, Path] | None = None
    placement: Placement | None = None
    product: Path | None = None
    masters: Masters | None = None


@dataclass(slots=True)
class Inspected:
    """One picture and what was found. `pixels` are None when the file could not be read."""

    path: str
    findings: tuple[Finding, ...] = ()
    not_checked: Mapping[str, str] = field(default_factory=dict)
    placement: str = ""
    pixels: Picture | None = None

    @property
    def ok(self) -> bool:
        return not any(finding.level == "error" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """An entry of `files`."""
        return {
            "path": self.path,
            "ok": self.ok,
            "placement": self.placement,
            "findings": [_finding(finding) for finding in self.findings],
            "not_checked": [{"rule": r, "why": why} for r, why in sorted(self.not_checked.items())],
        }


def inspect_paths(paths: Iterable[str], options: Options) -> Iterator[Inspected]:
    """Pictures, folders, glob patterns and run folders, each picture as it is done. Raises
    InputError for a path that is not there or holds no picture."""
    for shown, path in _expand(paths):
        if path.name == MANIFEST or (path / MANIFEST).is_file():
            folder = path.parent if path.name == MANIFEST else path
            label = str(Path(shown).parent) if path.name == MANIFEST else shown.rstrip("/")
            for known in known_of(folder):
                yield _inspected(folder / known.path, f"{label}/{known.path}", options, known)
        elif path.is_dir():
            found = sorted(p for p in path.iterdir() if p.suffix.lower() in ENDINGS)
            if not found:
                names = ", ".join(ending.removeprefix(".") for ending in ENDINGS)
                raise InputError(f"{shown} holds no picture", hint=f"pictures end in {names}")
            for file in found:
                yield _inspected(file, f"{shown.rstrip('/')}/{file.name}", options, None)
        else:
            yield _inspected(path, shown, options, of_its_run(path))


def find_placement(name: str) -> Placement:
    """A placement by `channel/id`, or by its id alone where all channels agree on it. Raises
    InputError with the valid names."""
    channel, _, wanted = name.rpartition("/")
    found: dict[str, Placement] = {}
    for pack in load_channels().values():
        for placement in pack.placements:
            if placement.id == wanted and channel in ("", pack.id):
                found[f"{pack.id}/{placement.id}"] = placement
    kinds = {_kind(placement) for placement in found.values()}
    if len(kinds) == 1:
        return next(iter(found.values()))
    every = [f"{pack.id}/{p.id}" for pack in load_channels().values() for p in pack.placements]
    if found:
        raise InputError(
            f"placement {name} differs between channels", hint=f"one of {', '.join(found)}"
        )
    raise InputError(f"unknown placement {name!r}", hint=did_you_mean(name, every))


def _kind(placement: Placement) -> tuple[Any, ...]:
    return (
        placement.width,
        placement.height,
        placement.format,
        placement.max_bytes,
        placement.safe,
    )


def _expand(paths: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for shown in paths:
        if Path(shown).exists():
            yield shown, Path(shown)
            continue
        found = sorted(map(str, Path().glob(shown))) if not Path(shown).is_absolute() else []
        if not found:
            raise InputError(f"{shown} does not exist", hint="check the path; globs are fine")
        yield from ((name, Path(name)) for name in found)


def _inspected(path: Path, shown: str, options: Options, known: Known | None) -> Inspected:
    placement = options.placement or (known.placement if known else None)
    name = placement.id if placement else ""
    try:
        data = read_file(path, MAX_PICTURE)
        found = inspect_file(data, placement)
        pixels = decode(data)[0]
    except FileFault as fault:
        return Inspected(shown, (Finding("file.readable", "error", fault.message),), {}, name)
    except InputError:
        return Inspected(shown, found, {}, name)
    report = inspect(_subject(pixels, placement, options, known))
    missing = dict(report.not_checked)
    if placement is None:
        lacking = (rule.id for rule in FILE_RULES if "placement" in rule.needs)
        missing |= dict.fromkeys(lacking, NEEDS["placement"])
    return Inspected(shown, (*found, *report.findings), missing, name, pixels)


def _subject(
    pixels: Picture, placement: Placement | None, options: Options, known: Known | None
) -> Subject:
    brand = options.brand or (known.brand if known else None)
    masters = tuple(options.masters(*brand)) if brand and options.masters else ()
    if known is None:
        return Subject(pixels, placement, brand=brand[0] if brand else None)
    return Subject(
        pixels,
        placement,
        text=known.text,
        texts=known.texts,
        product=options.product if known.product_box else None,
        product_box=known.product_box,
        logo_box=known.logo_box,
        masters=masters,
        brand=brand[0] if brand else None,
        frame=known.frame,
        label_share=known.label_share,
        composed=known.composed,
        marked=True,
    )


def _finding(finding: Finding) -> dict[str, Any]:
    record = asdict(finding)
    return record | {"box": list(finding.box) if finding.box else None}
