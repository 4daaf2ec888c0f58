"""What a lens and film do to a finished picture: depth of field and grain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from contentfab.rules.pixels.scene_depth import world_points

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture, SceneGeometry

_WIDEST = 0.012  # blur of what is far behind at full depth of field, in shortest sides
_SHARP = 0.12  # picture heights before and behind the foot that stay in focus
_FAR = 0.55  # picture heights from the foot at which the blur is widest
_COARSE = 9.0  # levels of grain at most, standard deviation


def out_of_focus(picture: Picture, geometry: SceneGeometry, amount: float) -> Picture:
    """The picture with what is not at the foot's distance blurred by `amount` (0..1). Two blurs
    are mixed by depth, which is right for smooth scenes and cheap; edges of near things in front
    of far ones keep a little of their own colour in the blur."""
    height, width = picture.shape[:2]
    small = (max(2, width // 4), max(2, height // 4))
    towards = world_points(geometry, *small)[..., 2]
    away = np.abs(np.nan_to_num(towards, nan=_FAR))  # where nothing is, it is far
    coarse = np.clip((away - _SHARP) / (_FAR - _SHARP), 0, 1).astype(np.float32)
    off = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    sigma = max(0.3, amount * _WIDEST * min(width, height))
    half, full = (cv2.GaussianBlur(picture, (0, 0), s) for s in (sigma / 2, sigma))
    near = np.clip(2 * off, 0, 1)[..., None]
    far = np.clip(2 * off - 1, 0, 1)[..., None]
    once = picture + (half.astype(np.float32) - picture) * near
    mixed = once + (full - once) * far
    return np.asarray(np.clip(np.rint(mixed), 0, 255), np.uint8)


def grained(picture: Picture, amount: float, seed: int) -> Picture:
    """The picture with film grain: soft luminance noise, strongest in the middle tones."""
    height, width = picture.shape[:2]
    noise = np.random.default_rng([seed, 5]).standard_normal((height, width), np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 0.7) * np.float32(2.0)
    luma = picture.mean(axis=2) / 255
    strength = amount * _COARSE * (0.35 + 2.6 * luma * (1 - luma))
    levels = np.rint(picture + (noise * strength)[..., None])
    return np.asarray(np.clip(levels, 0, 255), np.uint8)
