"""Fonts for posters: which families there are, in which files, and which characters they have.

Families come from the brand's `fonts/` folder, from pip packages that carry fonts (`justmytype-*`,
`fontpkg-*`), from `contentfab/fonts` (emoji, which no such package brings), and from nowhere else:
a poster must look the same on every machine, so system fonts are not seen. Knows nothing about
posters or text layout.
"""

from __future__ import annotations

import importlib.util
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

import regex
from fontTools.pens.boundsPen import BoundsPen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from contentfab.errors import BadOutput, MissingDependency
from contentfab.records.brand import Brand
from contentfab.resources import PACKAGE

PACKS = (
    "justmytype_western_core",
    "justmytype_intl_cjk",
    "justmytype_intl_rtl",
    "justmytype_intl_sea",
    "justmytype_intl_south_asia",
    "justmytype_intl_africa",
)

SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")

SCRIPT_FAMILY = {
    "zh": "Noto Sans SC",
    "zh-Hant": "Noto Sans TC",
    "zh-TW": "Noto Sans TC",
    "zh-HK": "Noto Sans TC",
    "ja": "Noto Sans JP",
    "ko": "Noto Sans KR",
    "ar": "Noto Sans Arabic",
    "fa": "Noto Sans Arabic",
    "ur": "Noto Sans Arabic",
    "he": "Noto Sans Hebrew",
    "th": "Noto Sans Thai",
    "lo": "Noto Sans Lao",
    "km": "Noto Sans Khmer",
    "my": "Noto Sans Myanmar",
    "hi": "Noto Sans Devanagari",
    "mr": "Noto Sans Devanagari",
    "bn": "Noto Sans Bengali",
    "ta": "Noto Sans Tamil",
    "te": "Noto Sans Telugu",
    "am": "Noto Sans Ethiopic",
}
"""Family that sets a language's own script; a locale wins over its language."""

LAST_RESORTS = ("Inter", "Noto Sans", "Noto Emoji", "Noto Sans SC", "Noto Sans Symbols 2")

HEADING_ROLES = frozenset(("headline", "wordmark"))
"""Texts that are set in the brand's heading family; all others are in its body family."""

UNSEEN = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{White_Space}]")
"""Joiners, variation selectors, direction marks and spaces: they are never drawn themselves."""
GRAPHEME = regex.compile(r"\X")


def font_files(brand_dir: Path | None = None) -> list[Path]:
    """Font files that may be used, the brand's own first, in a stable order."""
    own = _files(brand_dir / "fonts") if brand_dir else []
    return [*own, *_package_files()]


def packages() -> list[str]:
    """Font packages with their versions, and the own fonts: what a poster's glyphs depend on."""
    names = {name.replace("_", "-") for name in PACKS}
    found = {
        f"{distribution.metadata['Name']}-{distribution.version}"
        for distribution in distributions()
        if str(distribution.metadata["Name"]).lower() in names or _is_fontpkg(distribution)
    }
    own = {f"{file.name}-{file.stat().st_size}" for file in _files(PACKAGE / "fonts")}
    return sorted(found | own)


def installed_families() -> frozenset[str]:
    """Families that pip packages bring here; a brand's own files come on top."""
    return frozenset(name for file in _package_files() for name in _family_names(file))


def chain(families: Iterable[str], locale: str, available: Sequence[str]) -> tuple[str, ...]:
    """Fallback order: the wished families, the locale's script, then what covers most."""
    language = locale.split("-")[0]
    script = next((SCRIPT_FAMILY[tag] for tag in _tags(locale) if tag in SCRIPT_FAMILY), "")
    wished = [*families, script, *LAST_RESORTS]
    if language in ("zh", "ja", "ko"):
        wished += ["Noto Sans JP", "Noto Sans TC", "Noto Sans KR"]
    return tuple(dict.fromkeys(name for name in wished if name in available))


def family_for(wished: str, overrides: dict[str, str], locale: str) -> str:
    """`wished` unless `by_language` overrides it for the locale or its language."""
    return next((overrides[tag] for tag in _tags(locale) if tag in overrides), wished)


def require(family: str, available: Sequence[str]) -> None:
    """Raises MissingDependency with the pip line when no file brings `family`."""
    if family in available:
        return
    package = "fontpkg-" + family.lower().replace(" ", "-")
    raise MissingDependency(
        f"font family {family!r} is not installed",
        hint=f"pip install {package}, put its files into the brand's fonts/ folder, or choose one "
        f"of: {', '.join(sorted(available))}",
    )


def check_coverage(text: str, files: Sequence[Path], families: Sequence[str], role: str) -> None:
    """Raises BadOutput naming every character of `text` that no file has a glyph for."""
    lacking = missing(text, files)
    if lacking:
        raise BadOutput(
            f"{role}: no glyph for {', '.join(map(named, lacking))} in {', '.join(families)}",
            hint="Change the text, or name a font that has it under fonts.by_language.",
        )


def missing(text: str, files: Sequence[Path]) -> list[str]:
    """Characters of `text` that would show as a box. A letter and its marks are set in one font,
    so one file must have them all, apart or composed; parts of an emoji may come one by one."""
    lacking: set[str] = set()
    for grapheme in GRAPHEME.findall(text):
        forms = {unicodedata.normalize(form, grapheme) for form in ("NFC", "NFD")} | {grapheme}
        wanted = [{c for c in form if not UNSEEN.match(c)} for form in sorted(forms)]
        if any(not form - _covered(file) for form in wanted for file in files):
            continue
        alone = {c for c in wanted[0] if not any(ord(c) in coverage(file) for file in files)}
        lacking |= alone or ({grapheme} if unicodedata.combining(grapheme[-1]) else set())
    return sorted(lacking)


def lacking(brand: Brand, brand_dir: Path, locale: str, role: str, text: str) -> list[str]:
    """Characters of a text of that role, as messages name them, that the brand's fonts lack."""
    by_family = _by_family(brand_dir)
    wished = brand.fonts.heading if role in HEADING_ROLES else brand.fonts.body
    family = family_for(wished, brand.fonts.by_language, locale)
    files = [by_family[name] for name in chain((family, wished), locale, tuple(by_family))]
    return [named(character) for character in missing(text, files)]


def named(character: str) -> str:
    """A character as a message shows it: itself, its code point and its Unicode name."""
    codes = " ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'unnamed').lower()}" for c in character)
    return f"{character!r} ({codes})"


@cache
def _by_family(brand_dir: Path) -> dict[str, Path]:
    """An upright file of each family, the brand's own first."""
    found: dict[str, Path] = {}
    for file in sorted(font_files(brand_dir), key=lambda f: "italic" in f.name.lower()):
        for family in _family_names(file):
            found.setdefault(family, file)
    return found


@cache
def _covered(file: Path) -> frozenset[str]:
    return frozenset(map(chr, coverage(file)))


@cache
def coverage(file: Path) -> frozenset[int]:
    """Code points that the font file has glyphs for."""
    with TTFont(file, lazy=True, fontNumber=0) as font:
        return frozenset(font.getBestCmap() or {})


@cache
def cap_height(file: Path) -> float:
    """Height of a flat capital, in em."""
    low, high = _outline("H", file) if ord("H") in coverage(file) else (0.0, 0.72)
    return high - low


def _outline(character: str, file: Path) -> tuple[float, float]:
    with TTFont(file, lazy=True, fontNumber=0) as font:
        glyphs = font.getGlyphSet()
        pen = BoundsPen(glyphs)
        glyphs[font.getBestCmap()[ord(character)]].draw(pen)
        unit = font["head"].unitsPerEm
    return (pen.bounds[1] / unit, pen.bounds[3] / unit) if pen.bounds else (0.0, 0.0)


def _family_names(file: Path) -> set[str]:
    """The typographic family (name id 16), else the plain one (id 1), of a file's first font; none
    for a file that is no font, of which the check of the brand guide tells."""
    try:
        with TTFont(file, lazy=True, fontNumber=0) as font:
            name = font["name"].getBestFamilyName()
    except Exception:  # a font parser fed with broken bytes may raise anything
        return set()
    return {name} if name else set()


def _tags(locale: str) -> list[str]:
    parts = locale.split("-")
    return list(dict.fromkeys([locale, "-".join(parts[:2]), parts[0]]))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(f for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES and f.is_file())


@cache
def _package_files() -> tuple[Path, ...]:
    folders = []
    for name in PACKS:
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            folders.append(Path(spec.origin).parent / "fonts")
    files = {
        Path(str(file.locate()))
        for distribution in distributions()
        if _is_fontpkg(distribution)
        for file in distribution.files or ()
        if Path(str(file)).suffix.lower() in SUFFIXES
    }
    packed = [file for folder in folders for file in _files(folder)]
    return (*packed, *sorted(files), *_files(PACKAGE / "fonts"))


def _is_fontpkg(distribution: Distribution) -> bool:
    return str(distribution.metadata["Name"]).lower().startswith("fontpkg")
