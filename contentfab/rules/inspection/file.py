"""The finished file: readable, of the asked format and weight, one frame, in sRGB."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image, ImageCms

from contentfab.errors import InputError
from contentfab.records.channel import Placement
from contentfab.records.pictures import Finding
from contentfab.rules.pixels.picture_files import decode, media_type_of, opened


def inspect_file(data: bytes, placement: Placement | None) -> tuple[Finding, ...]:
    """Findings about the bytes of a picture. `placement` is where it runs, None when not known."""
    try:
        decode(data)
    except InputError as error:
        return (Finding("file.readable", "error", str(error)),)
    found: list[Finding] = []
    with opened(data) as image:
        found += _profile(image)
        frames = int(getattr(image, "n_frames", 1))
        if frames > 1 and image.format != "MPO":
            message = f"is an animation of {frames} pictures; a poster is one"
            found.append(Finding("file.animated", "error", message, float(frames), 1.0))
        media_type = media_type_of(image)
    if placement is not None:
        found += _asked(data, media_type, placement)
    return tuple(found)


def _asked(data: bytes, media_type: str, placement: Placement) -> Iterator[Finding]:
    if media_type not in placement.media_types:
        message = f"is {media_type}, {placement.id} takes {' or '.join(placement.media_types)}"
        yield Finding("file.format", "error", message)
    if placement.max_bytes:
        heavy = len(data) > placement.max_bytes
        yield Finding(
            "file.bytes",
            "error" if heavy else "pass",
            f"has {len(data):,} bytes, {placement.id} allows {placement.max_bytes:,}",
            float(len(data)),
            float(placement.max_bytes),
        )


def _profile(image: Image.Image) -> Iterator[Finding]:
    """No profile means sRGB on the web; any other profile is shown wrong by what ignores it."""
    if image.mode in ("CMYK", "YCCK", "LAB"):
        message = f"is in {image.mode}; screens want sRGB"
        yield Finding("file.profile", "error", message)
        return
    raw = image.info.get("icc_profile")
    if not raw:
        return
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(raw))).strip()
    except (ImageCms.PyCMSError, OSError, ValueError):
        yield Finding("file.profile", "error", "has a colour profile that cannot be read")
        return
    if "srgb" not in name.lower() or "linear" in name.lower():
        message = f"has the colour profile {name!r}; convert it to sRGB"
        yield Finding("file.profile", "error", message)
