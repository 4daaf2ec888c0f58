"""Where in space the pixels of a studio plate lie, so that shadows can fall on what is there.

Reads the places that are packed with the plates (`training/plates/`): disparity along the camera's
axis at a fifth of the picture's size. Knows the camera; nothing of colours, light or products.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from contentfab.errors import MissingDependency

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from contentfab.records.pictures import SceneGeometry

FOLDER = Path(__file__).resolve().parents[2] / "models" / "plates"
DISPARITY_RANGE = 4.0
"""Disparity of code 65535, where 1 is that of the foot; code 0 means that nothing is there."""


def world_points(geometry: SceneGeometry, width: int, height: int) -> NDArray[np.float32]:
    """What each pixel of a picture of `width` × `height` shows: float32 of shape (height, width,
    3), x to the right, y up, z towards the eye, origin at the product's foot, in units of the
    picture's height at the foot's distance. NaN where nothing is, or where the plate has no
    places."""
    entry = _entries().get(geometry.plate)
    if entry is None or "places" not in entry["files"]:
        return np.full((height, width, 3), np.nan, np.float32)
    part = geometry.part
    codes = _codes(str(FOLDER / entry["files"]["places"]))
    rows, columns = codes.shape
    across = part.x0 + (part.x1 - part.x0) * (np.arange(width, dtype=np.float32) + 0.5) / width
    down = part.y0 + (part.y1 - part.y0) * (np.arange(height, dtype=np.float32) + 0.5) / height
    x = np.broadcast_to((across * columns - 0.5)[None], (height, width)).astype(np.float32)
    y = np.broadcast_to((down * rows - 0.5)[:, None], (height, width)).astype(np.float32)
    disparity = cv2.remap(codes, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    disparity = np.where(disparity > 0, disparity, np.nan) * (DISPARITY_RANGE / 65535)
    points = _points(entry, across, down, disparity)
    points /= np.float32(entry["camera"]["units"] * (part.y1 - part.y0))
    if geometry.mirrored:
        points = points[:, ::-1] * np.array([-1, 1, 1], np.float32)
    return np.ascontiguousarray(points)


def _points(
    entry: dict[str, Any],
    across: NDArray[Any],
    down: NDArray[Any],
    disparity: NDArray[Any],
) -> NDArray[np.float32]:
    """World points in the plate's units. The camera's axis goes through the anchor; lens shift
    puts the anchor where it is in the picture, so that rays are straight lines from it."""
    camera, (anchor_x, anchor_y) = entry["camera"], entry["anchor"]
    pitch, far, units = math.radians(camera["pitch_degrees"]), camera["distance"], camera["units"]
    right = (across - anchor_x)[None] * (units * entry["width"] / entry["height"])
    up = (anchor_y - down)[:, None] * units
    # Distance along the axis, relative to the foot's.
    near = 1 / disparity
    sine, cosine = math.sin(pitch), math.cos(pitch)
    x = right * near
    height = up * cosine * near + far * sine * (1 - near)
    towards = far * cosine * (1 - near) - up * sine * near
    return np.stack(np.broadcast_arrays(x, height, towards), axis=-1).astype(np.float32)


@lru_cache(maxsize=1)
def _entries() -> dict[str, dict[str, Any]]:
    try:
        index = json.loads((FOLDER / "plates.json").read_text("utf-8"))
    except OSError as error:
        raise MissingDependency(
            f"the studio plates are not installed: {error.strerror} (plates.json)",
            hint="pip install --force-reinstall contentfab",
        ) from error
    return {f"{entry['set']}-{entry['aspect']}": entry for entry in index["plates"]}


@lru_cache(maxsize=4)
def _codes(path: str) -> NDArray[np.float32]:
    codes = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    return np.asarray(codes, np.float32)
