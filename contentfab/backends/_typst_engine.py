"""Runs Typst in a private folder: templates in, a transparent text layer and its records out.

The folder holds copies of the templates and nothing else, so a template can read no other file;
text enters as JSON in `sys.inputs` and is never parsed as markup. One compiler is kept for every
template and set of fonts. Knows nothing about what the templates draw.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from contentfab.errors import BackendError, ContentfabError, InputError, MissingDependency
from contentfab.rules.layout.families import find_families

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

PACKAGE_IMPORT = re.compile(r'(?:import|include)\s*\(?\s*"@')
NOTHING = 1.0
"""Pixels per inch at which a page is only laid out: its raster is a few pixels."""


@dataclass(frozen=True, slots=True)
class FontSet:
    """Fonts of one brand: typst's own handle, the families, and each family's upright files."""

    handle: Any
    families: tuple[str, ...]
    files: dict[str, tuple[Path, ...]]


class Engine:
    """Compiles `<family>.typ` from the folders given; later folders win over earlier ones.

    Raises MissingDependency without typst, InputError for a folder without templates or with a
    front-matter that cannot be used."""

    def __init__(self, folders: Sequence[Path]) -> None:
        try:
            import typst
        except ImportError as error:
            raise MissingDependency(
                "the layout backend needs the package typst", hint="pip install 'typst>=0.14'"
            ) from error
        self._typst = typst
        self._lock = RLock()
        self._compilers: dict[tuple[str, int], Any] = {}
        self._font_sets: dict[tuple[str, ...], FontSet] = {}
        self._keep = tempfile.TemporaryDirectory(prefix="contentfab-typst-")
        self._root = Path(self._keep.name).resolve() / "root"
        self._root.mkdir()
        self.sources = _copy_templates(folders, self._root)
        named = "".join(
            f"{n}\0{(self._root / n).with_suffix('.typ').read_text()}\0" for n in self.sources
        )
        self.digest = hashlib.sha256(named.encode()).hexdigest()[:12]
        self.families = find_families(folders)

    @property
    def root(self) -> Path:
        """The private folder with a copy of every template."""
        return self._root

    def fonts(self, files: Sequence[Path]) -> FontSet:
        """The families in `files`; where two files bring the same family, the first folder wins."""
        key = tuple(map(str, files))
        with self._lock:
            if key not in self._font_sets:
                self._font_sets[key] = self._load_fonts(files)
            return self._font_sets[key]

    def layout(
        self, family: str, fonts: FontSet, data: dict[str, Any]
    ) -> dict[str, list[dict[str, Any]]]:
        """What the template tells, by label, without drawing anything."""
        return self._compile(family, fonts, data, NOTHING)[1]

    def draw(
        self, family: str, fonts: FontSet, data: dict[str, Any]
    ) -> tuple[Pixels, dict[str, list[dict[str, Any]]]]:
        """The page as straight-alpha RGBA of shape (height, width, 4), and what it tells."""
        page, told = self._compile(family, fonts, data, 72.0)
        return _decoded(page, family), told

    def svg(self, file: Path, width: int, height: int) -> Pixels:
        """A vector picture as straight-alpha RGBA that fits into `width` × `height` pixels."""
        with tempfile.TemporaryDirectory(prefix="contentfab-logo-") as folder:
            (Path(folder) / "logo.svg").write_bytes(file.read_bytes())
            main = Path(folder) / "main.typ"
            main.write_text(
                f"#set page(width: {width}pt, height: {height}pt, margin: 0pt, fill: none)\n"
                '#image("logo.svg", width: 100%, height: 100%, fit: "contain")\n'
            )
            page = self._typst.compile(str(main), root=folder, format="png", ppi=72.0)
        return _decoded(page, "logo")

    def _compile(
        self, family: str, fonts: FontSet, data: dict[str, Any], ppi: float
    ) -> tuple[bytes, dict[str, list[dict[str, Any]]]]:
        with self._lock:
            key = (family, id(fonts.handle))
            if key not in self._compilers:
                self._compilers[key] = self._typst.Compiler(
                    str(self._root / f"{family}.typ"),
                    root=str(self._root),
                    font_paths=fonts.handle,
                    ignore_system_fonts=True,
                )
            compiler = self._compilers[key]
            try:
                page = compiler.compile(
                    format="png", ppi=ppi, sys_inputs={"data": json.dumps(data, sort_keys=True)}
                )
                found = json.loads(compiler.query("metadata"))
            except RuntimeError as error:
                raise _explained(family, self.sources[family], error) from error
        if isinstance(page, list):
            raise BackendError(
                f"template {family} made {len(page)} pages; a poster is one",
                hint=f"Place everything absolutely in posters/{self.sources[family].name}.",
            )
        told: dict[str, list[dict[str, Any]]] = {}
        for record in found:
            told.setdefault(str(record.get("label", "")).strip("<>"), []).append(record["value"])
        return page, told

    def _load_fonts(self, files: Sequence[Path]) -> FontSet:
        folder = Path(self._keep.name) / f"fonts{len(self._font_sets)}"
        folder.mkdir()
        by_family: dict[str, list[Path]] = {}
        for file in files:
            alone = self._open_fonts([file])
            for family in {info.family for info in alone}:
                known = by_family.setdefault(family, [])
                if not known or known[0].parent == file.parent:
                    known.append(file)
        chosen = sorted({file for known in by_family.values() for file in known})
        for i, file in enumerate(chosen):
            (folder / f"{i:03}{file.suffix}").symlink_to(file)
        handle = self._typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
        )
        upright = {
            family: tuple(sorted(known, key=lambda f: ("italic" in f.name.lower(), f.name)))
            for family, known in sorted(by_family.items())
        }
        return FontSet(handle, tuple(upright), upright)

    def _open_fonts(self, files: Sequence[Path]) -> list[Any]:
        with tempfile.TemporaryDirectory() as folder:
            for i, file in enumerate(files):
                (Path(folder) / f"{i}{file.suffix}").symlink_to(file.resolve())
            fonts = self._typst.Fonts(
                include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
            )
            return list(fonts.fonts())


def _decoded(page: bytes, name: str) -> Pixels:
    layer = cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_UNCHANGED)
    if layer is None or layer.ndim != 3 or layer.shape[2] != 4:
        raise BackendError(f"template {name}: typst made no transparent page")
    return np.asarray(cv2.cvtColor(layer, cv2.COLOR_BGRA2RGBA), np.uint8)


def _copy_templates(folders: Sequence[Path], root: Path) -> dict[str, Path]:
    sources: dict[str, Path] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.typ")):
            if file.is_symlink() or not file.is_file():
                raise InputError(f"template {file} is no plain file", hint="Copy it there.")
            text = file.read_text(encoding="utf-8")
            if PACKAGE_IMPORT.search(text):
                raise InputError(
                    f"template {file} imports a Typst package; posters are made offline",
                    hint="Copy the functions that it needs into the template.",
                )
            (root / file.name).write_text(text, encoding="utf-8")
            sources[file.stem] = file
    if not any(not name.startswith("_") for name in sources):
        raise InputError(
            f"no poster templates in {', '.join(map(str, folders))}",
            hint="A template folder has posters/<family>.typ files.",
        )
    return sources


def _explained(family: str, source: Path, error: RuntimeError) -> ContentfabError:
    """Typst's message without its source excerpt, which would show users' text and our paths. A
    template that reaches for other files is bad input: no poster of it can be made."""
    message = str(getattr(error, "message", "") or error).split("\n")[0]
    message = re.sub(r"\(searched at [^)]*\)", "", message).strip()
    if any(words in message for words in ("access denied", "would escape", "not found (")) or (
        "file not found" in message
    ):
        message += "; a template can read only the .typ files beside it"
        return InputError(f"template {source.name}: {message}", hint=f"Mend posters/{source.name}.")
    return BackendError(f"template {family}: {message}", hint=f"Mend posters/{source.name}.")
