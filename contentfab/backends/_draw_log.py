"""Keeps what is drawn on a poster, in order, so that it can be drawn again in layers.

Nothing is kept unless somebody asked (`with kept() as log`), and nothing that is drawn depends on
it. Knows nothing about files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from contentfab.records.places import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing drawn into `scene`: an RGBA `image` of the box's size, or a rounded rectangle of
    one colour, on ground that was blurred first when `under` is there. `before` is what the box
    showed, so that the mark can be taken away again; parts outside the page are cut off there."""

    scene: Pixels
    box: Box
    before: Pixels
    image: Pixels | None = None
    radii: tuple[float, ...] = ()
    colour: str = ""
    opacity: float = 1.0
    under: Pixels | None = None


@dataclass(slots=True)
class Log:
    """What was drawn: `base` is the sheet with the picture `visual` (in `frame`, by `fit`), `scene`
    the finished page without its texts, `layer` the typeset page (RGBA)."""

    marks: list[Mark] = field(default_factory=list)
    base: Pixels | None = None
    frame: Any = None
    fit: Any = None
    visual: Any = None
    scene: Pixels | None = None
    layer: Pixels | None = None
    texts: Sequence[Any] = ()


_open: ContextVar[Log | None] = ContextVar("draw_log", default=None)


@contextmanager
def kept() -> Iterator[Log]:
    """A log of everything that is drawn inside the block."""
    log = Log()
    token = _open.set(log)
    try:
        yield log
    finally:
        _open.reset(token)


def image(scene: Pixels, box: Box, layer: Pixels) -> None:
    """`layer` (RGBA) is about to be drawn."""
    if log := _open.get():
        log.marks.append(Mark(scene, box, _part(scene, box), image=layer.copy()))


def shape(
    scene: Pixels,
    box: Box,
    radii: Sequence[float],
    colour: str,
    opacity: float,
    under: NDArray[np.float32] | None = None,
) -> None:
    """A rounded rectangle is about to be drawn."""
    if log := _open.get():
        soft = None if under is None else np.asarray(np.rint(under), np.uint8)
        before = _part(scene, box)
        log.marks.append(
            Mark(scene, box, before, None, tuple(map(float, radii)), colour, opacity, soft)
        )


def sheet(base: Pixels, frame: Any, fit: Any, visual: Any) -> None:
    """The sheet as it is before anything stands on it."""
    if log := _open.get():
        log.base, log.frame, log.fit, log.visual = base.copy(), frame, fit, visual


def finished(scene: Pixels, layer: Pixels, texts: Sequence[Any]) -> None:
    """The page as it is before its texts are inked."""
    if log := _open.get():
        log.scene, log.layer, log.texts = scene, layer, texts


def _part(scene: Pixels, box: Box) -> Pixels:
    return scene[max(0, box.y0) : box.y1, max(0, box.x0) : box.x1].copy()
