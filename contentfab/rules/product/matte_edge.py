"""The edge of a cut-out: the share of product in each pixel of the outline, and its own colour.

Only pixels on the outline change; every opaque pixel keeps its exact value. It does not know how
product and background were told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Floats = NDArray[np.float32]
    Mask = NDArray[np.bool_]


def feathered(rgb: Pixels, product: Mask) -> Pixels:
    """The photo with alpha by the mask `product`, which may be smaller: 255 inside, 0 outside, and
    in a band along the outline the share of product in each pixel, whose colour is then the
    product's alone."""
    height, width = rgb.shape[:2]
    scale = width / product.shape[1]
    whole = cv2.resize(product.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    inner = cv2.erode((whole > 0.5).astype(np.uint8), disc(1.2 * scale + 0.8), borderValue=1)
    outer = cv2.dilate((whole > 0.5).astype(np.uint8), disc(1.2 * scale + 0.8), borderValue=0)
    rgba = np.dstack([rgb, np.where(inner > 0, 255, 0).astype(np.uint8)])
    rows, columns = np.nonzero((outer > 0) & (inner == 0))
    if not len(rows) or not inner.any() or outer.all():
        return rgba
    seen = rgb[rows, columns].astype(np.float32)
    own = rgb[nearest(inner == 0, rows, columns)].astype(np.float32)
    behind = rgb[nearest(outer > 0, rows, columns)].astype(np.float32)
    across = own - behind
    length = np.maximum((across * across).sum(axis=1), 1.0)
    share = ((seen - behind) * across).sum(axis=1) / length
    # Where product and background are alike, the shape alone decides.
    sure = np.clip((np.sqrt(length) - 12) / 24, 0, 1)
    share = sure * share + (1 - sure) * whole[rows, columns]
    share = np.clip((share - 0.04) / 0.92, 0, 1)
    rgba[rows, columns, :3] = freed(seen, own, behind, share)
    rgba[rows, columns, 3] = np.rint(share * 255).astype(np.uint8)
    return rgba


def soft_edged(rgb: Pixels, share: Floats) -> Pixels:
    """The photo with the alpha `share` (0 … 1): where it is partial, freed of the background."""
    solid, clear = share >= 0.999, share <= 0.001
    rgba = np.dstack([rgb, np.rint(share * 255).astype(np.uint8)])
    rows, columns = np.nonzero(~solid & ~clear)
    if len(rows) and clear.any():
        own = rgb[nearest(~solid, rows, columns)].astype(np.float32)
        behind = rgb[nearest(~clear, rows, columns)].astype(np.float32)
        seen = rgb[rows, columns].astype(np.float32)
        rgba[rows, columns, :3] = freed(seen, own, behind, share[rows, columns])
    return rgba


def freed(seen: Floats, own: Floats, behind: Floats, share: Floats) -> Pixels:
    """The product's own colour in pixels that it shares with the background: what is left when
    the background's part is taken away, or, where that part is large, the nearest solid colour."""
    part = share[:, None]
    free = (seen - (1 - part) * behind) / np.maximum(part, 0.05)
    trust = np.clip((part - 0.25) / 0.5, 0, 1)
    colour = trust * np.clip(free, 0, 255) + (1 - trust) * own
    solid = share >= 0.999
    colour[solid] = seen[solid]
    return np.asarray(np.rint(colour), np.uint8)


def nearest(
    blank: Mask, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of the nearest pixel that is not blank."""
    _, names = cv2.distanceTransformWithLabels(
        blank.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    where = np.zeros(int(names.max()) + 1, np.int64)
    full = np.flatnonzero(~blank)
    where[names.ravel()[full]] = full
    found = where[names[rows, columns]]
    return found // blank.shape[1], found % blank.shape[1]


def disc(radius: float) -> Pixels:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
