"""A cut-out from a product photo on a plain background: one colour, a soft gradient, a shadow.

The background is a surface fitted to the picture's border in CIELAB; what can be reached from the
border over that colour, or over something darker of the same hue that changes softly (a shadow),
is background. Only the outline, a few pixels wide, gets a partial alpha and is freed of the
background's colour; every opaque pixel keeps its exact value. Pieces of bare background inside
the product (the handle of a cup) are cut out too. Deterministic. It does not know what a product
is: a busy background, a product in the background's own colour, and a mirror image under the
product are refused or kept, never guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.rules.product.matte_edge import disc, feathered, soft_edged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]

VERSION = "1"
WORKING = 1000
"""Longest side, in pixels, at which background and product are told apart."""
PLAIN = 5.0
"""Colour difference (CIE76) from the fitted background up to which a border pixel belongs to it."""
PLAIN_SHARE = 0.97
"""Share of the border that must belong to it."""
DARKEST_SHADOW = 50.0
"""How far a shadow may lie under the background's lightness."""
SOFT = 2.2
"""Steepest change of lightness inside a shadow, per working pixel."""
BRUSH = 6
"""Least half-width of a shadow, in working pixels."""
LEAST, MOST = 0.01, 0.97
"""Share of the picture that a product covers."""
FAINT = 6.0
"""Colour difference across the outline under which it cannot be trusted."""
MOST_FAINT = 0.07
"""Share of the outline that may be fainter than that."""
NOTCH, MOST_NOTCH = 0.09, 0.012
"""Size of a notch in the outline, of the product's smaller side, and the share of the product that
notches full of shadow may take: more, and the shadow was part of the product."""
HALO = 4
"""How far from the outline a lossy file smears it, in working pixels."""
HOLE_LEAST = 0.0008
"""Smallest piece of background inside a product that is cut out, of the product's area."""
SIDES = ("top", "bottom", "left", "right")


@dataclass(frozen=True, slots=True)
class Matte:
    """`rgba` is the whole picture with its alpha (straight); `holes` are how many pieces of
    background inside the product were cut out."""

    rgba: Pixels
    holes: int


class NotPlain(Exception):
    """Raised when no product can be told from the background; says what was found."""


def cut_out(rgb: Pixels) -> Matte:
    """The product in a photo (uint8 RGB). Raises NotPlain."""
    height, width = rgb.shape[:2]
    scale = min(1.0, WORKING / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    small = rgb
    if scale < 1:
        small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    lab = _lab(small)
    ground, noise = _ground(lab)
    product, holes = _product(lab, ground, noise)
    _trust(lab, ground, noise, product)
    return Matte(feathered(rgb, product), holes)


def with_mask(rgb: Pixels, mask: Pixels) -> Matte:
    """The photo with an alpha that a model made (uint8, same size): nearly opaque becomes opaque,
    with its exact values; what is between keeps its share and is freed of the background. Raises
    NotPlain when the mask shows no product."""
    share = np.asarray(np.clip((mask / 255 - 0.05) / 0.9, 0, 1), np.float32)
    solid, clear = share >= 0.999, share <= 0.001
    if not solid.any() or float((~clear).mean()) < LEAST:
        raise NotPlain("the model found no product in it")
    return Matte(soft_edged(rgb, share), 0)


def _lab(rgb: Pixels) -> Floats:
    soft = cv2.GaussianBlur(np.asarray(rgb, np.float32) / 255, (0, 0), 0.7)
    return np.asarray(cv2.cvtColor(soft, cv2.COLOR_RGB2LAB), np.float32)


def _ground(lab: Floats) -> tuple[Floats, float]:
    """The background's colour at every pixel, a second-degree surface through the border, and how
    far its pixels scatter about it (median)."""
    height, width = lab.shape[:2]
    edge = max(2, round(0.02 * min(height, width)))
    border = np.ones((height, width), bool)
    border[edge:-edge, edge:-edge] = False
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width - 0.5, y / height - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)
    design, colours = terms[border].astype(np.float64), lab[border].astype(np.float64)
    step = max(1, len(design) // 6000)
    design, colours = design[::step], colours[::step]
    off = np.linalg.norm(colours - np.median(colours, axis=0), axis=1)
    kept = off < max(8.0, 3 * float(np.median(off)))
    found = np.zeros((6, 3))
    for _ in range(3):
        normal = design[kept].T @ design[kept] + 1e-3 * np.eye(6)
        found = np.linalg.solve(normal, design[kept].T @ colours[kept])
        off = np.linalg.norm(colours - design @ found, axis=1)
        kept = off < PLAIN
        if kept.mean() < 0.5:
            break
    ground = np.asarray(terms @ found.astype(np.float32), np.float32)
    _refuse_busy(lab, ground, border, edge)
    return ground, float(np.median(off[kept]))


def _refuse_busy(lab: Floats, ground: Floats, border: Mask, edge: int) -> None:
    """A border of one colour, but for shadows, or none of it is background."""
    off = np.linalg.norm(lab - ground, axis=2)
    strange = border & (off > PLAIN) & ~_shadow(lab, ground)
    share = 1 - float(strange.sum()) / float(border.sum())
    if share >= PLAIN_SHARE:
        return
    height, width = border.shape
    strips = (
        strange[:edge], strange[height - edge :], strange[:, :edge], strange[:, width - edge :]
    )  # fmt: skip
    shares = [float(strip.mean()) for strip in strips]
    touched = [name for name, part in zip(SIDES, shares, strict=True) if part > 0.04]
    if len(touched) == 1 and share > 0.75:
        raise NotPlain(f"something reaches the picture's {touched[0]} edge")
    spread = float(np.percentile(off[border], 90))
    raise NotPlain(
        f"its background is not plain ({1 - share:.0%} of the border differs from the rest, by "
        f"up to {spread:.0f} in CIELAB; plain is under {PLAIN:g})"
    )


def _shadow(lab: Floats, ground: Floats) -> Mask:
    """Darker than the background, of its hue, and changing softly."""
    light = lab[..., 0]
    drop = ground[..., 0] - light
    # A shadow keeps the hue and loses chroma with its light.
    left = np.clip(light / np.maximum(ground[..., 0], 1), 0, 1)[..., None]
    hue = np.linalg.norm(lab[..., 1:] - ground[..., 1:] * left, axis=2)
    hue = np.minimum(hue, np.linalg.norm(lab[..., 1:] - ground[..., 1:], axis=2))
    steep = np.hypot(
        cv2.Sobel(light, cv2.CV_32F, 1, 0, scale=1 / 8),
        cv2.Sobel(light, cv2.CV_32F, 0, 1, scale=1 / 8),
    )
    steep = cv2.dilate(steep, np.ones((3, 3), np.uint8))
    return np.asarray(
        (drop > -2) & (drop < DARKEST_SHADOW) & (hue < 2.5 + 0.06 * drop) & (steep < SOFT)
    )


def _product(lab: Floats, ground: Floats, noise: float) -> tuple[Mask, int]:
    """The product's pixels at working size, and how many holes it has."""
    off = np.linalg.norm(lab - ground, axis=2)
    bare = off < max(2.6, 4 * noise)
    # A brush as wide as this cannot slip through the gaps of a faint outline.
    wide = _opened(bare | _shadow(lab, ground), BRUSH)
    open_ground = _opened(bare, 1) | wide
    around = _reached(open_ground, bare)
    product = ~around
    product &= cv2.morphologyEx(product.astype(np.uint8), cv2.MORPH_OPEN, disc(2)) > 0
    for _ in range(2):
        product = _without_halo(_large_parts(product), off)
    if not LEAST <= float(product.mean()) <= MOST:
        raise NotPlain("nothing stands out from its background")
    return _with_holes(product, off, noise)


def _opened(mask: Mask, radius: int) -> Mask:
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, disc(radius)) > 0)


def _reached(open_ground: Mask, bare: Mask) -> Mask:
    """What can be reached from the border over open ground, grown back over the bare pixels that
    the opening took."""
    _, names = cv2.connectedComponents(open_ground.astype(np.uint8), connectivity=4)
    rim = np.concatenate([names[0], names[-1], names[:, 0], names[:, -1]])
    reached = np.isin(names, np.setdiff1d(rim, 0))
    grown = cv2.dilate(reached.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.asarray(reached | (grown & bare))


def _large_parts(product: Mask) -> Mask:
    """Without specks: parts of at least a fiftieth of the largest (a cap beside its bottle)."""
    count, names, stats, _ = cv2.connectedComponentsWithStats(product.astype(np.uint8))
    if count < 2:
        return product
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = 1 + np.flatnonzero(areas >= areas.max() / 50)
    return np.asarray(np.isin(names, large))


def _without_halo(product: Mask, off: Floats) -> Mask:
    """Takes away what a lossy file smeared over the outline: pixels within a few of it that are
    nearly background, beside a product that is far from it."""
    mask = product.astype(np.uint8)
    core = cv2.erode(mask, disc(HALO), borderValue=1) > 0
    if not core.any() or not (product & ~core).any():
        return product
    strong = cv2.blur(np.where(core, off, 0).astype(np.float32), (2 * HALO + 1,) * 2)
    share = cv2.blur(core.astype(np.float32), (2 * HALO + 1,) * 2)
    contrast = np.where(share > 0, strong / np.maximum(share, 1e-6), 0)
    halo = product & ~core & (off < 0.2 * contrast) & (off < 14)
    return np.asarray(
        cv2.morphologyEx((product & ~halo).astype(np.uint8), cv2.MORPH_OPEN, disc(1)) > 0
    )


def _with_holes(product: Mask, off: Floats, noise: float) -> tuple[Mask, int]:
    """Closes the product, then cuts out pieces that are bare background through and through. A
    white label is hardly ever as white as the background, to within its noise."""
    outline, _ = cv2.findContours(
        product.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    filled = np.zeros(product.shape, np.uint8)
    cv2.drawContours(filled, outline, -1, 1, cv2.FILLED)
    same = (filled > 0) & (off < max(1.2, 2.5 * noise))
    same = cv2.morphologyEx(same.astype(np.uint8), cv2.MORPH_OPEN, disc(2)) > 0
    count, names, stats, _ = cv2.connectedComponentsWithStats(same.astype(np.uint8))
    whole, holes = filled > 0, 0
    for name in range(1, count):
        if stats[name, cv2.CC_STAT_AREA] < HOLE_LEAST * filled.sum():
            continue
        piece = names == name
        if float(off[piece].mean()) < max(0.7, 1.5 * noise):
            whole &= ~(cv2.dilate(piece.astype(np.uint8), disc(1)) > 0)
            holes += 1
    return whole, holes


def _trust(lab: Floats, ground: Floats, noise: float, product: Mask) -> None:
    """Refuses a product that melts into the background or into its shadow."""
    mask = product.astype(np.uint8)
    inside = cv2.erode(mask, disc(3), borderValue=0)
    rim = (cv2.erode(mask, disc(1), borderValue=0) > 0) & ~(inside > 0)
    if not rim.any():
        raise NotPlain("nothing stands out from its background")
    off = np.linalg.norm(lab - ground, axis=2)
    faint = float((cv2.dilate(off, np.ones((3, 3), np.uint8))[rim] < FAINT).mean())
    if faint > MOST_FAINT:
        raise NotPlain(f"{faint:.0%} of its outline has the background's own colour")
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    side = min(np.ptp(rows), np.ptp(columns)) + 1
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc(NOTCH * side)) > 0
    dark = closed & ~product & (off > max(2.6, 4 * noise))
    if float(dark.sum()) > MOST_NOTCH * float(mask.sum()):
        raise NotPlain("its shadow cannot be told from it")
