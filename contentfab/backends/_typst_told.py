"""What a template tells, read into records: the frame of the picture, texts, shapes, logo place.

Templates may be a user's own, so nothing that they tell is trusted: what is missing or no number
is a BackendError that names the template.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from contentfab.backends._typst_raster import Line, SetText
from contentfab.errors import BackendError
from contentfab.records.places import Box

FAIR_HEIGHT, MOST_ZOOM = 0.32, 1.35
"""What `Slot.fair` and `Slot.zoom` are when the template does not say."""

Told = dict[str, list[dict[str, Any]]]
Radii = tuple[float, float, float, float]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a product stands in a frame when the picture has no stand: foot (x, y) and largest
    size (w, h), in frame sizes. `pop` is how far a product may rise over the frame's top; `top`,
    in page pixels, is where the room of the type ends; `fair` is the height, in frame heights, of
    a product for which the picture is enlarged, at most `zoom` times, until its stand is wide
    enough; with `reach` it is also enlarged until the stand can be moved to the slot."""

    x: float
    y: float
    w: float
    h: float
    pop: float
    top: float
    fair: float
    zoom: float
    reach: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the picture goes. `ground` is `paper`, `panel` or "" (the picture fills the page);
    `corners` are the places of which the product must leave one free for the label; `ways` is in
    how many ways the family can lay out the page, the one first that it likes best."""

    box: Box
    radii: Radii
    ground: str
    slot: Slot
    corners: tuple[Box, ...]
    ways: int = 1


@dataclass(frozen=True, slots=True)
class Shape:
    """A rounded rectangle under the type; its role says how it is filled."""

    role: str
    box: Box
    radii: Radii


@dataclass(frozen=True, slots=True)
class Block:
    """A rounded rectangle of brand colour under product and type. `fill` says of which; texts that
    stand on it choose their ink by themselves."""

    fill: str
    box: Box
    radii: Radii


def read_frame(family: str, told: Told) -> Frame:
    """The frame of a template's first phase."""
    if not told.get("frame"):
        raise BackendError(
            f"template {family} says nothing about its picture",
            hint='In phase "frame" it must call tell-frame(…); see hero.typ.',
        )
    corners = [rect for record in told.get("label", []) for rect in record.get("rects", ())]

    def frame(record: dict[str, Any]) -> Frame:
        slot = record["slot"]
        return Frame(
            box=_box(record["rect"]),
            radii=_radii(record["radii"]),
            ground=str(record["ground"] or ""),
            slot=Slot(
                _number(slot["x"]),
                _number(slot["y"]),
                _number(slot["w"]),
                _number(slot["h"]),
                _number(slot.get("pop", -0.03)),
                _number(slot.get("top", 0)),
                _number(slot.get("fair", FAIR_HEIGHT)),
                _number(slot.get("zoom", MOST_ZOOM)),
                bool(slot.get("reach", False)),
            ),
            corners=tuple(_box(rect) for rect in corners),
            ways=int(_number(record.get("ways", 1))),
        )

    return _read(family, frame, told["frame"][:1])[0]


def read_texts(family: str, told: Told) -> list[SetText]:
    """The texts of a template's second phase, in the order in which they were set."""

    def text(record: dict[str, Any]) -> SetText:
        return SetText(
            role=str(record["role"]),
            size=_number(record["size"]),
            weight=int(record["weight"]),
            count=int(record["lines"]),
            side=str(record["side"]),
            lines=[
                Line(_box(rect), (round(_number(left)), round(_number(right))))
                for rect, (left, right) in zip(record["boxes"], record["edges"], strict=True)
            ],
            runs=record.get("runs") or [],
            par=record.get("par"),
        )

    return _read(family, text, told.get("text", []))


def read_shapes(family: str, told: Told) -> list[Shape]:
    """Plates, pills and rules, in the order in which they are drawn."""

    def shape(record: dict[str, Any]) -> Shape:
        return Shape(str(record["role"]), _box(record["rect"]), _radii(record["radii"]))

    return _read(family, shape, told.get("shape", []))


def read_blocks(family: str, told: Told) -> list[Block]:
    """Blocks of colour, in the order in which they are drawn."""

    def block(record: dict[str, Any]) -> Block:
        return Block(str(record["fill"]), _box(record["rect"]), _radii(record["radii"]))

    return _read(family, block, told.get("block", []))


def read_logo(family: str, told: Told) -> Box | None:
    """Where the logo goes, if the template has a place for it."""
    boxes = _read(family, lambda record: _box(record["rect"]), told.get("logo", []))
    return boxes[0] if boxes else None


def read_left_out(family: str, told: Told) -> list[str]:
    """Roles of texts for which the template found no room."""
    return _read(family, lambda record: str(record["role"]), told.get("left-out", []))


def headline_size(told: Told) -> float:
    """Font size of the headline in pixels, as the template set it; 0 when it set none."""
    sizes = [t.get("size", 0.0) for t in told.get("text", []) if t.get("role") == "headline"]
    return float(sizes[0]) if sizes else 0.0


def unrest(told: Told) -> float:
    """How restless the ground under the type is, as the template measures it; 0 when it is calm
    enough, or when the template does not say."""
    return max((float(record.get("value", 0.0)) for record in told.get("unrest", [])), default=0.0)


def _read(
    family: str, reader: Callable[[dict[str, Any]], Result], records: list[dict[str, Any]]
) -> list[Result]:
    try:
        return [reader(record) for record in records]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BackendError(
            f"template {family} tells something that cannot be used: {error}",
            hint="Tell with the functions of _page.typ and _type.typ; see hero.typ.",
        ) from error


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is no finite number")
    return number


def _box(rect: dict[str, Any]) -> Box:
    x0, y0, x1, y1 = (round(_number(rect[name])) for name in ("x0", "y0", "x1", "y1"))
    if x1 < x0 or y1 < y0:
        raise ValueError(f"the rectangle {rect} is inside out")
    return Box(x0, y0, x1, y1)


def _radii(radii: list[Any]) -> Radii:
    first, second, third, fourth = (_number(radius) for radius in radii)
    return first, second, third, fourth
