"""Is the product on a poster the product in its picture, pixel for pixel?

`check` is for a composed poster, before any watermark: every pixel must be what its scaled cut-out
makes of it. Where the cut-out is opaque that is one value; where it is partly transparent (edges,
glass) it is the range between a black and a white scene behind it. `check_marked` is for a
finished file: watermark and lossy encoding have moved every pixel a little, so colour, place, size
and sharpness are fitted over the whole product instead, and each small part of it is looked at.
Neither trusts what a layout says of itself, except for the box. What else is in the box (type over
the product is seen, a shadow under glass is not) is not known here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from contentfab.records.places import Box
from contentfab.rules.product.cutout import load_cutout, scale_cutout
from contentfab.rules.product.faults import CUT_OFF, LOCAL, Fault, fault_of, name_fault
from contentfab.rules.product.fit import covered, fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

MOST_ENLARGED = 1.25
"""Scale from which a product looks soft beside sharp type."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The measured product. `difference` is in levels (255 when it is cut off), `place` the pixel
    of the poster where it is largest, (x, y); `fault` is "" or a word of `product_faults.FAULTS`;
    `scale` is shown to given width; `mask_sha256` hashes the scaled alpha."""

    difference: int
    place: tuple[int, int] | None
    fault: str
    message: str
    scale: float
    mask_sha256: str

    @property
    def holds(self) -> bool:
        """Whether the product is unchanged."""
        return not self.fault


def check(pixels: Pixels, cutout: Path, box: Box) -> Lock:
    """The largest difference between a poster (uint8 RGB, before any watermark) and the cut-out
    scaled to `box`; must be 0. Raises InputError when the cut-out cannot be read."""
    scaled = scale_cutout(cutout, box.width, box.height)
    if _outside(pixels, box):
        return _lock(cutout, box, scaled, Fault(CUT_OFF, "it reaches out of the picture"), 255)
    shown = pixels[box.y0 : box.y1, box.x0 : box.x1]
    off = difference(shown, scaled)
    most = int(off.max(initial=0))
    if most == 0:
        return _lock(cutout, box, scaled, None, 0)
    y, x = np.unravel_index(int(off.argmax()), off.shape)
    place = (box.x0 + int(x), box.y0 + int(y))
    return _lock(cutout, box, scaled, name_fault(pixels, scaled, box), most, place)


def check_marked(pixels: Pixels, cutout: Path, box: Box) -> Lock:
    """The same for a finished file: watermarked, perhaps lossy. `difference` is the uniform change
    of colour in whole levels."""
    scaled = scale_cutout(cutout, box.width, box.height)
    if _outside(pixels, box):
        return _lock(cutout, box, scaled, Fault(CUT_OFF, "it reaches out of the picture"), 255)
    found = fit(pixels, scaled, box)
    fault = fault_of(found)
    place = covered(pixels, scaled, box)
    if place is not None:
        whole = name_fault(pixels, scaled, box)
        fault = whole if whole.name in LOCAL else fault or whole
        place = (box.x0 + place[0], box.y0 + place[1])
    levels = int(np.rint(max(map(abs, found.colour))))
    return _lock(cutout, box, scaled, fault, levels if fault else 0, place)


def difference(shown: Pixels, scaled: Pixels) -> NDArray[np.int16]:
    """By how many levels each pixel differs from what the cut-out (RGBA, same size) allows, 0
    where it is transparent. Shape (height, width)."""
    alpha = scaled[..., 3:4].astype(np.int32)
    light = scaled[..., :3] * alpha
    # The composite over black and over white; every scene behind the product lies between.
    low = (light + 127) // 255
    high = (light + 255 * (255 - alpha) + 127) // 255
    off = np.maximum(low - shown, shown - high).max(axis=2)
    return np.asarray(np.where(scaled[..., 3] == 0, 0, np.maximum(off, 0)), np.int16)


def enlarged(cutout: Path, box: Box) -> str:
    """Why the cut-out is too small for its place on a poster; "" when it is not."""
    height, width = load_cutout(cutout).shape[:2]
    if box.height <= MOST_ENLARGED * height and box.width <= MOST_ENLARGED * width:
        return ""
    return (
        f"the product is shown at {box.width} × {box.height} pixels, but {cutout.name} has only "
        f"{width} × {height}: give a larger picture"
    )


def _outside(pixels: Pixels, box: Box) -> bool:
    height, width = pixels.shape[:2]
    return box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height


def _lock(
    cutout: Path,
    box: Box,
    scaled: Pixels,
    fault: Fault | None,
    most: int,
    place: tuple[int, int] | None = None,
) -> Lock:
    mask = hashlib.sha256(f"{box.width}x{box.height}\n".encode())
    mask.update(np.ascontiguousarray(scaled[..., 3]).tobytes())
    at = f" at ({place[0]}, {place[1]})" if place else ""
    message = "the product's pixels are those of its picture"
    if fault is not None:
        message = f"the product is {fault.name}: {fault.detail}"
        if most and most < 255:
            message += f"; it differs by up to {most} levels{at}"
    scale = box.width / load_cutout(cutout).shape[1]
    return Lock(most, place, fault.name if fault else "", message, scale, mask.hexdigest())
