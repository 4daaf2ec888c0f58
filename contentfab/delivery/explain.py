"""A picture of the evidence for one picture file: what each layer says, and where its label stands.

Left the picture with the visible label's box, right a panel per layer with its state and sentence,
the strength of the invisible mark, the ids that must agree, and the findings. Draws a result of
`verify`; judges nothing itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from contentfab.delivery._verify_result import LAYERS, MAX_PICTURE, WHOLE
from contentfab.delivery.drawn_text import Style, write
from contentfab.errors import InputError, StorageError
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.pixels.picture_files import decode

WIDTH, MARGIN, COLUMN = 1600, 48, 820
PICTURE = (672, 1080)
MOST_Z = 20.0
"""Where the bar of the invisible mark's strength ends, in standard deviations."""
_INK, _SOFT, _LINE, _PAPER = "#1d2330", "#5d6675", "#d9dde5", "#ffffff"
_GOOD, _BAD, _OPEN = "#1a7f4b", "#b3261e", "#8a6d00"
_COLOURS = {"valid": _GOOD, "untrusted": _OPEN, "not_checked": _OPEN}
_NAMES = {
    "visible": "Visible label",
    "metadata": "Metadata (XMP)",
    "watermark": "Invisible mark",
    "c2pa": "C2PA signature",
}


def explain(path: Path, file: dict[str, Any], output: Path) -> None:
    """Writes the evidence for the picture at `path` to `output` as PNG. `file` is its entry of
    `verify`. InputError when `path` is no picture, StorageError when `output` cannot be written."""
    try:
        pixels, _ = decode(read_file(path, MAX_PICTURE))
    except FileFault as fault:
        raise InputError(fault.message, hint=fault.hint) from None
    sheet = _Sheet()
    _draw_picture(sheet, Image.fromarray(pixels), file["layers"]["visible"])
    _draw_verdict(sheet, path.name, file)
    for name in LAYERS:
        _draw_layer(sheet, name, file["layers"][name], file["failed"])
    _draw_ids(sheet, file)
    _draw_findings(sheet, file)
    try:
        sheet.finished().save(output, "PNG")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StorageError(f"{output}: {reason}", hint="choose another file name") from None


class _Sheet:
    """A page that grows downwards; `y` is where the right column goes on."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH, 4000), _PAPER)
        self.draw = ImageDraw.Draw(self.image)
        self.x, self.y, self.bottom = COLUMN, MARGIN, MARGIN

    def say(self, text: str, size: int = 22, colour: str = _INK, weight: int = 400) -> None:
        """Text in the right column, wrapped, at most six lines."""
        style = Style(size, weight, colour)
        for line in style.wrapped(text, WIDTH - MARGIN - self.x)[:6]:
            write(self.draw, (self.x, self.y + size), line, style)
            self.y += style.line()

    def rule(self) -> None:
        """A thin line across the right column."""
        self.y += 12
        self.draw.line((COLUMN, self.y, WIDTH - MARGIN, self.y), fill=_LINE, width=2)
        self.y += 14

    def finished(self) -> Image.Image:
        return self.image.crop((0, 0, WIDTH, min(max(self.y, self.bottom) + MARGIN, 4000)))


def _draw_picture(sheet: _Sheet, image: Image.Image, visible: dict[str, Any]) -> None:
    scale = min(PICTURE[0] / image.width, PICTURE[1] / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    sheet.image.paste(image.resize(size, Image.Resampling.LANCZOS), (MARGIN, MARGIN))
    edge = (MARGIN - 1, MARGIN - 1, MARGIN + size[0], MARGIN + size[1])
    sheet.draw.rectangle(edge, outline=_LINE)
    sheet.bottom = MARGIN + size[1]
    colour = _COLOURS.get(visible["state"], _BAD)
    note = f"{image.width} x {image.height} pixels"
    if visible.get("box"):
        x0, y0, x1, y1 = (MARGIN + value * scale for value in visible["box"])
        sheet.draw.rectangle((x0 - 6, y0 - 6, x1 + 6, y1 + 6), outline=_PAPER, width=6)
        sheet.draw.rectangle((x0 - 5, y0 - 5, x1 + 5, y1 + 5), outline=colour, width=4)
        tall = (visible["box"][3] - visible["box"][1]) / min(image.size)
        note += f"; the framed label's box is {tall:.1%} of the shortest side tall"
    write(sheet.draw, (MARGIN, sheet.bottom + 30), note, Style(18, 400, _SOFT))
    sheet.bottom += 40


def _draw_verdict(sheet: _Sheet, name: str, file: dict[str, Any]) -> None:
    sheet.say(name, 24, _SOFT)
    if file["ok"]:
        sheet.say("The label holds", 44, _GOOD, 700)
    else:
        sheet.say("The label does not hold", 44, _BAD, 700)


def _draw_layer(sheet: _Sheet, name: str, layer: dict[str, Any], failed: list[str]) -> None:
    sheet.rule()
    state = layer["state"]
    colour = _BAD if name in failed else _COLOURS.get(state, _SOFT)
    refused = name in failed and state in WHOLE  # whole, but not what is asked for
    pill, style = "not enough" if refused else state.replace("_", " "), Style(20, 700, _PAPER)
    wide = style.width(pill) + 28
    box = (WIDTH - MARGIN - wide, sheet.y + 3, WIDTH - MARGIN, sheet.y + 37)
    sheet.draw.rounded_rectangle(box, 17, fill=colour)
    write(sheet.draw, (box[0] + 14, sheet.y + 27), pill, style)
    sheet.say(_NAMES[name], 27, _INK, 700)
    sheet.say(layer["detail"] or state, 22, _INK)
    facts = {
        "visible": layer.get("text"),
        "metadata": layer.get("digital_source_type"),
        "c2pa": layer.get("signer"),
    }
    if facts.get(name):
        sheet.say(str(facts[name]), 19, _SOFT)
    if name == "watermark" and isinstance(layer.get("z"), int | float):
        _draw_strength(sheet, float(layer["z"]), layer)


def _draw_strength(sheet: _Sheet, z: float, layer: dict[str, Any]) -> None:
    """How well the picture agrees with the mark that was read, and from where on that counts."""
    wide, y, least = WIDTH - MARGIN - COLUMN, sheet.y + 10, float(layer.get("least") or 0.0)
    reach = min(z, MOST_Z) / MOST_Z * wide
    sheet.draw.rounded_rectangle((COLUMN, y, COLUMN + wide, y + 16), 8, fill=_LINE)
    if reach > 16:
        colour = _GOOD if layer["state"] in WHOLE else _SOFT
        sheet.draw.rounded_rectangle((COLUMN, y, COLUMN + reach, y + 16), 8, fill=colour)
    told = f"{z:.1f} standard deviations above chance"
    if least:
        line = COLUMN + min(least, MOST_Z) / MOST_Z * wide
        sheet.draw.line((line, y - 6, line, y + 22), fill=_INK, width=3)
        told += f"; it counts from {least:.1f}"
    sheet.y += 36
    if layer.get("scale") not in (None, 1.0) or layer.get("angle"):
        told += f"; found at scale {layer.get('scale')} and {layer.get('angle')} degrees"
    sheet.say(told, 19, _SOFT)


def _draw_ids(sheet: _Sheet, file: dict[str, Any]) -> None:
    sheet.rule()
    layers = file["layers"]
    sheet.say("One asset?", 27, _INK, 700)
    rows = {
        "XMP": layers["metadata"].get("id"),
        "mark": layers["watermark"].get("id"),
        "C2PA": layers["c2pa"].get("id"),
        "C2PA, bound mark": layers["c2pa"].get("soft_binding"),
    }
    for name, value in rows.items():
        write(sheet.draw, (COLUMN, sheet.y + 20), name, Style(20, 400, _SOFT))
        write(
            sheet.draw, (COLUMN + 200, sheet.y + 20), str(value or "-")[:48], Style(20, 400, _INK)
        )
        sheet.y += 30
    whole = [name for name in LAYERS[1:] if layers[name]["state"] in WHOLE]
    if file["agree"]:
        sheet.say(f"{', '.join(whole)}: all name the same asset", 22, _GOOD, 700)
    else:
        sheet.say("the layers do not all name one asset", 22, _BAD, 700)


def _draw_findings(sheet: _Sheet, file: dict[str, Any]) -> None:
    if file["findings"]:
        sheet.rule()
        sheet.say("Findings", 27, _INK, 700)
        for sentence in file["findings"][:8]:
            sheet.say(sentence, 21, _BAD)
