"""A picture file as a viewer shows it: upright, in sRGB, opaque; what scores judge.

`picture_files.decode` answers the pixels as they are stored, which is what a label needs. Here a
camera's orientation is applied, colours of another profile go to sRGB, 16 bits become 8, what is
transparent shows white, and of an animation there is the first frame. Knows nothing about scores.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, ImageOps

from contentfab.rules.pixels.picture_files import check_size, eight_bit, opened

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

ANIMATED = "The picture is animated: this is its first frame."
TRANSPARENT = "Transparent parts were put on white."


def as_seen(data: bytes) -> tuple[Picture, tuple[str, ...]]:
    """Pixels (height, width, 3), and a sentence for each thing that they do not show. InputError
    when `data` is no picture, is cut off, or has too many pixels."""
    notes = []
    with opened(data) as image:
        check_size(image)
        if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
            notes.append(ANIMATED)
        profile = image.info.get("icc_profile") or b""
        upright = _opaque(eight_bit(ImageOps.exif_transpose(image)), notes)
        return np.asarray(_in_srgb(upright, profile).convert("RGB")), tuple(notes)


def _opaque(image: Image.Image, notes: list[str]) -> Image.Image:
    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    if layer.getchannel("A").getextrema()[0] == 255:
        return layer.convert("RGB")
    notes.append(TRANSPARENT)
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The picture's colours in sRGB; as they are when they have no profile, or one that cannot be
    used on them (a broken one, or a grey one on a picture that was turned to RGB)."""
    if not profile:
        return image
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        whole = image.convert("RGB") if image.mode in ("P", "1") else image
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(whole, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
