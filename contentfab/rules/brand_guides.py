"""Finds a brand guide by name and loads it with its logo, fonts and exemplars.

A name is looked for as a path in the campaign's folder, then in `brand_guides/` there, then in
`brand_guides/` beside that folder, then among the guides shipped with contentfab. Knows nothing
about campaigns but where they lie.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from contentfab.errors import Problem
from contentfab.records.brand import Brand
from contentfab.resources import data_dir
from contentfab.rules.files.located import Located
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.reader import Reader
from contentfab.rules.files.safe_files import FileFault, resolve_inside, shorten
from contentfab.rules.files.shapes import validate
from contentfab.rules.pixels.pictures import Use, check_picture
from contentfab.rules.suggest import did_you_mean

GUIDES = "brand_guides"
NAMED = "brand:"
MAX_FONT_FILES = 60
FONT_FILES = (".ttf", ".otf", ".ttc", ".woff2")


class Guide(NamedTuple):
    """A brand guide and the folder that its paths are relative to; `brand` is None when it has
    problems of shape."""

    brand: Brand | None
    folder: Path


def load_brand(
    reader: Reader, campaign: Located, name: str, fonts: Collection[str] | None
) -> Guide | None:
    """The guide that the campaign's `brand` names; problems go to the reader.

    `fonts` are the installed font families; None skips the check of font names. Files of the guide
    are put into the digests as `brand:<path in its folder>`."""
    folder = _find(reader, campaign, name)
    if folder is None:
        return None
    inside = folder.is_relative_to(reader.root)
    shown = reader.show(folder) if inside else _shown_outside(reader, folder)
    own = reader.elsewhere(folder, shown, NAMED)
    try:
        file = own.open(folder / "brand.yaml")
    except FileFault as fault:
        message = f"{own.show(folder / 'brand.yaml')}: {fault.message}"
        own.problems.append(campaign.problem(("brand",), fault.rule, message, fault.hint))
        return None
    located = own.document(file)
    if located is None:
        return None
    brand, problems = validate(Brand, located)
    own.problems += problems
    _check_pictures(own, located)
    families = _own_fonts(own, folder, located)
    if fonts is not None and brand:
        own.problems += _unknown_fonts(brand, located, {*fonts, *families})
    return Guide(brand, folder)


def _find(reader: Reader, campaign: Located, name: str) -> Path | None:
    places = [reader.root / GUIDES, reader.root.parent / GUIDES, data_dir(GUIDES)]
    is_path = "/" in name or "\\" in name or name in (".", "..")
    if is_path:
        try:
            path = resolve_inside(reader.root, reader.root, name)
            if path.is_dir():
                return path
        except FileFault as fault:
            problem = campaign.problem(("brand",), fault.rule, fault.message, fault.hint)
            reader.problems.append(problem)
            return None
    elif name and "\0" not in name and len(name) < 200:
        for place in [reader.root, *places]:
            if (place / name / "brand.yaml").exists():
                return (place / name).resolve()
    valid = sorted({guide for place in places for guide in _guides_in(place)})
    message = f"no brand guide '{shorten(name)}' with a brand.yaml"
    hint = f"{did_you_mean(name, valid)}; or make {GUIDES}/<name>/brand.yaml beside the campaign"
    reader.problems.append(campaign.problem(("brand",), "brief.unknown-brand", message, hint))
    return None


def _guides_in(folder: Path) -> list[str]:
    try:
        return [path.parent.name for path in folder.glob("*/brand.yaml")]
    except OSError:
        return []


def _shown_outside(reader: Reader, folder: Path) -> str:
    beside = folder.parent == (reader.root.parent / GUIDES).resolve()
    if beside and reader.shown:
        above = PurePosixPath(reader.shown)
        parent = above / ".." if above.name in ("", "..", ".") else above.parent
        return str(parent / GUIDES / folder.name)
    return str(PurePosixPath(GUIDES) / folder.name)


def _check_pictures(reader: Reader, located: Located) -> None:
    for path, name, use in _named_pictures(located.value):
        file = reader.read_named(located, path, name)
        svg = name.lower().endswith(".svg")
        for fault in check_picture(file.data, use, svg=svg) if file else []:
            message = f"{shorten(name)}: {fault.message}"
            reader.problems.append(
                located.problem(path, fault.rule, message, fault.hint, fault.level)
            )


def _named_pictures(value: object) -> Iterator[tuple[FieldPath, str, Use]]:
    if not isinstance(value, dict):
        return
    logo = value.get("logo")
    files = logo if isinstance(logo, dict) else {}
    for key in ("file", "light_file"):
        if isinstance(files.get(key), str):
            yield ("logo", key), files[key], "logo"
    for key in ("exemplars", "counter_exemplars"):
        names = value.get(key)
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str):
                yield (key, index), name, "exemplar"


def _own_fonts(reader: Reader, folder: Path, located: Located) -> set[str]:
    """Families of the files in the guide's `fonts/`; they count as inputs of every poster."""
    families: set[str] = set()
    try:
        paths = sorted(p for p in (folder / "fonts").iterdir() if p.suffix.lower() in FONT_FILES)
    except OSError:
        return families
    for path in paths[:MAX_FONT_FILES]:
        file = reader.read_named(located, ("fonts",), f"fonts/{path.name}")
        if file:
            family = _family(file.path)
            families |= {family} if family else set()
            if not family:
                message, hint = f"fonts/{path.name} is no font", "replace or remove the file"
                reader.problems.append(
                    located.problem(("fonts",), "brief.broken-font", message, hint)
                )
    return families


def _family(path: Path) -> str:
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            return str(font["name"].getBestFamilyName() or "")
    except Exception:  # a font parser fed with hostile bytes may raise anything
        return ""


def _unknown_fonts(brand: Brand, located: Located, families: set[str]) -> Iterator[Problem]:
    known = {family.casefold() for family in families}
    named: list[tuple[FieldPath, str]] = [
        (("fonts", "heading"), brand.fonts.heading),
        (("fonts", "body"), brand.fonts.body),
        *((("fonts", "by_language", k), v) for k, v in brand.fonts.by_language.items()),
    ]
    for path, family in named:
        if family.casefold() not in known:
            package = "fontpkg-" + re.sub(r"[^a-z0-9]+", "-", family.casefold()).strip("-")
            hint = (
                f"{did_you_mean(family, families)}; or put its file into the guide's fonts/, "
                f"or pip install {package}"
            )
            message = f"no font family '{shorten(family)}'"
            yield located.problem(path, "brief.unknown-font", message, hint)
