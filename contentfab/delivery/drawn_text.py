"""Text on pictures that we draw ourselves: Inter, and for what it lacks a font that has it.

For reports and sheets, not for posters: no shaping beyond what the font library does, and text runs
from left to right. Sizes are pixels; `at` is where the baseline begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

from contentfab.backends._fonts import coverage, font_files
from contentfab.errors import MissingDependency

WANTED = ("Inter[", "NotoSans[", "NotoSansSC[")
"""Starts of file names, the first first; other fonts come after them."""
_WORD = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Style:
    """Size in pixels, weight from 100 to 900, colour."""

    size: int
    weight: int
    colour: str

    def width(self, text: str) -> float:
        """Pixels that one line takes."""
        return sum(_font(file, self).getlength(part) for file, part in _runs(text))

    def line(self) -> int:
        """Pixels from one baseline to the next."""
        return round(self.size * 1.42)

    def wrapped(self, text: str, wide: float) -> list[str]:
        """Lines no wider than `wide`; breaks at blanks, between ideographs and in long words."""
        lines, line = [], ""
        for word in _WORD.findall(" ".join(text.split())):
            while self.width(word.rstrip()) > wide:
                keep = max(1, int(len(word) * wide / self.width(word)))
                lines.append(line + word[:keep]) if not line else lines.append(line.rstrip())
                word, line = (word[keep:], "") if not line else (word, "")
            if self.width(line + word.rstrip()) > wide:
                lines.append(line.rstrip())
                line = ""
            line += word
        return [*lines, line.rstrip()] if line.strip() else lines

    def cut(self, text: str, wide: float) -> str:
        """The text on one line, its middle left out when it is wider than `wide`."""
        if self.width(text) <= wide:
            return text
        keep = len(text)
        while keep > 2 and self.width(_shortened(text, keep)) > wide:
            keep -= 1
        return _shortened(text, keep)


def write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    style: Style,
    align: str = "left",
) -> float:
    """Sets one line that begins (`right`: ends, `middle`: has its middle) at `at`; answers where
    it ends."""
    x, y = at
    if align != "left":
        x -= style.width(text) / (1 if align == "right" else 2)
    for file, part in _runs(text):
        font = _font(file, style)
        draw.text((x, y), part, font=font, fill=style.colour, anchor="ls")
        x += font.getlength(part)
    return x


def _shortened(text: str, keep: int) -> str:
    tail = keep // 2
    return f"{text[: keep - tail]}…{text[len(text) - tail :]}"


def _runs(text: str) -> Iterator[tuple[Path, str]]:
    """Parts of a line with the font file that has their characters."""
    file, part = _files()[0], ""
    for character in text:
        own = _file_for(character)
        if own != file and part:
            yield file, part
            part = ""
        file, part = own, part + character
    if part:
        yield file, part


@cache
def _file_for(character: str) -> Path:
    files = _files()
    return next((file for file in files if ord(character) in coverage(file)), files[0])


@cache
def _files() -> Sequence[Path]:
    upright = [file for file in font_files() if "italic" not in file.name.lower()]
    first = [f for name in WANTED for f in upright if f.name.startswith(name)]
    if not first:
        raise MissingDependency(
            "the font Inter is not there", hint="pip install justmytype-western-core"
        )
    return list(dict.fromkeys([*first, *upright]))


@cache
def _font(file: Path, style: Style) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(file), style.size)
    try:
        axes = font.get_variation_axes()
    except OSError:
        return font  # not a variable font
    font.set_variation_by_axes([_on(axis, style) for axis in axes])
    return font


def _on(axis: object, style: Style) -> float:
    """Where an axis stands: weight and optical size as the style says, the rest by default."""
    assert isinstance(axis, dict)
    name = axis["name"].decode() if isinstance(axis["name"], bytes) else str(axis["name"])
    wanted = {"weight": style.weight, "optical size": style.size}.get(name.lower(), axis["default"])
    return float(min(max(wanted, axis["minimum"]), axis["maximum"]))
