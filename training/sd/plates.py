"""The studio plates as tensors, and their relighting in torch: a batch of plates in a batch of
palettes at once, on any device.

The arithmetic is that of `contentfab.backends._plates_relight`, whose constants it uses; a test
holds the two together. Knows light, weights and albedo; nothing of captions or training.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F

from contentfab.backends import _plates_relight as reference
from contentfab.backends import _plates_store as store
from contentfab.backends._diffusers_tasks import painted_size
from contentfab.backends.image_plates import _LEVELLED as LEVELLED

if TYPE_CHECKING:
    from torch import Tensor

PLACEMENTS = ((1080, 1080), (1080, 1350), (1080, 1920), (1200, 628))
"""Width and height that posters ask for; a bucket is what `image_diffusers` paints for one."""
LIGHTS = ("side", "front")
MARGIN = 1.08
"""Plates are kept this much larger than a picture, so that a crop never looks twice the same."""
THREADS = 8


@dataclass(frozen=True, slots=True)
class Bucket:
    """All sets of one aspect. `light` P x 2 x H' x W' (half precision, 1 where a colour shall look
    as named), `weights` P x 3 x H' x W' (bytes: share of wall, podium and accent; the rest is the
    prop's), `lit` P x 2 x 3 (light on podium, accent, prop); pictures are `width` x `height`."""

    width: int
    height: int
    sets: tuple[str, ...]
    calm: tuple[bool, ...]
    light: Tensor
    weights: Tensor
    lit: Tensor


def sizes(side: int, unit: int) -> tuple[tuple[int, int], ...]:
    """Width and height of the pictures to learn, square first."""
    return tuple(painted_size(width, height, side, unit) for width, height in PLACEMENTS)


def load(side: int, unit: int, sets: int, device: str, margin: float = MARGIN) -> list[Bucket]:
    """Every plate at training size, on the device; `sets` limits the studio sets (0: all)."""
    names = tuple(dict.fromkeys(plate.set for plate in store.plates()))[: sets or None]
    return [_bucket(names, size, device, margin) for size in sizes(side, unit)]


def relight(light: Tensor, weights: Tensor, albedo: Tensor) -> Tensor:
    """Linear light, B x 3 x H x W. `light` B x 1 x H x W, `weights` B x 3 x H x W in 0..1,
    `albedo` B x 4 x 3 (linear RGB a role, already divided by the light that falls on it)."""
    light = light * (1 - reference._FILL) + reference._FILL
    last = albedo[:, 3]
    picture = torch.einsum("brhw,brc->bchw", weights, albedo[:, :3] - last[:, None])
    picture = picture + last[:, :, None, None]
    shade = light * (1 - light / reference._BOUNCE_ENDS).clamp_min(0) * reference._BOUNCE
    sheen = (light - 1).clamp_min(0) * reference._SHEEN
    return picture * (light - shade + shade * _bounce(picture, light)) + sheen


def tone(linear: Tensor) -> Tensor:
    """sRGB levels (floats, 0..255) of linear light, highlights pressed together by a shoulder."""
    knee = reference._KNEE
    room = 1 - knee
    linear = linear.clamp(0, reference._TOP)
    pressed = torch.where(linear < knee, linear, 1 - room * torch.exp(-(linear - knee) / room))
    return to_srgb(pressed) * 255


def to_srgb(linear: Tensor) -> Tensor:
    """sRGB in 0..1 of linear light in 0..1 (IEC 61966-2-1)."""
    root = linear.clamp_min(1e-8) ** (1 / 2.4)
    return torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * root - 0.055)


def to_linear(srgb: Tensor) -> Tensor:
    """Linear light in 0..1 of sRGB in 0..1."""
    return torch.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def albedo(palette: Tensor, lit: Tensor) -> Tensor:
    """B x 4 x 3 linear colours that look as `palette` (B x 4 x 3, sRGB 0..1) where light is
    `lit` (B x 3: podium, accent, prop); the wall's light is 1."""
    linear = to_linear(palette)
    return torch.cat([linear[:, :1], linear[:, 1:] / lit[:, :, None] ** LEVELLED], 1)


def blur(picture: Tensor, sigma: float) -> Tensor:
    """Gaussian blur as OpenCV's of float pictures: 4 sigma wide, mirrored at the border."""
    radius = int(np.rint(sigma * 4 * 2 + 1)) // 2
    across = torch.arange(-radius, radius + 1, device=picture.device, dtype=torch.float32)
    kernel = torch.exp(-(across**2) / (2 * sigma * sigma))
    kernel = (kernel / kernel.sum()).to(picture.dtype)
    channels = picture.shape[1]
    for axis in (2, 3):
        length = picture.shape[axis]
        reach = min(radius, length - 1)
        part = (
            kernel[radius - reach : radius + reach + 1]
            / kernel[radius - reach : radius + reach + 1].sum()
        )
        pad = (0, 0, reach, reach) if axis == 2 else (reach, reach, 0, 0)
        shape = (1, 1, -1, 1) if axis == 2 else (1, 1, 1, -1)
        whole = part.view(shape).repeat(channels, 1, 1, 1)
        picture = F.conv2d(F.pad(picture, pad, mode="reflect"), whole, groups=channels)
    return picture


def _bounce(picture: Tensor, light: Tensor) -> Tensor:
    height, width = light.shape[-2:]
    small = (max(2, height // reference._SHRINK), max(2, width // reference._SHRINK))
    glow = F.interpolate(picture, small, mode="area") * F.interpolate(light, small, mode="area")
    glow = blur(glow, max(small) / 13.0)
    mean = glow.mean(1, keepdim=True) + 1e-4
    glow = glow / mean * (mean / 0.5) ** 0.15
    return F.interpolate(glow, (height, width), mode="bilinear", align_corners=False)


def _bucket(names: Sequence[str], size: tuple[int, int], device: str, margin: float) -> Bucket:
    width, height = size
    kept = (round(width * margin), round(height * margin))
    chosen = [store.nearest(name, width, height) for name in names]

    def read(plate: store.Plate) -> tuple[np.ndarray, np.ndarray]:
        falls = []
        for light in LIGHTS:
            part = store.cut(plate, width, height, light)
            code, weights = store.pixels(plate, part, *kept, light)
            falls.append((code * code * (store.LIGHT_RANGE / 255.0**2)).astype(np.float16))
        return np.stack(falls), np.rint(weights).clip(0, 255).astype(np.uint8).transpose(2, 0, 1)

    with ThreadPoolExecutor(THREADS) as pool:
        read_in = list(pool.map(read, chosen))
    lit = [[[p.lights[n].lit[r] for r in store.ROLES[1:]] for n in LIGHTS] for p in chosen]
    return Bucket(
        width,
        height,
        tuple(names),
        tuple(store.prop_is_ground(name) for name in names),
        torch.from_numpy(np.stack([light for light, _ in read_in])).to(device),
        torch.from_numpy(np.stack([weights for _, weights in read_in])).to(device),
        torch.tensor(lit, device=device),
    )
