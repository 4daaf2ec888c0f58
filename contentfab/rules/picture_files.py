"""Pictures to bytes and back: PNG, JPEG, WebP and AVIF, tagged sRGB, with an XMP packet.

Reading takes files from anywhere: wrong, truncated or oversized ones are an InputError. Encoding
is deterministic (the colour profile carries no time, AVIF is encoded in one thread). Knows nothing
about labels.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from contentfab.errors import InputError

if TYPE_CHECKING:
    from contentfab.records.labels import Origin
    from contentfab.records.pictures import Picture

MEDIA_TYPES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/avif": "AVIF"}
MAX_PIXELS = 64_000_000
MAX_JPEG_PACKET = 65_502
"""Bytes of XMP that fit into one segment (XMP specification part 3, 1.1.3)."""
# Best first. Chroma is kept whole down to 84: thin coloured type suffers first.
QUALITIES = (95, 92, 90, 87, 84, 81, 78, 75, 72, 69, 66, 63, 60, 56, 52, 48)
_FULL_CHROMA = 84
PNG_LEVELS = (1, 6, 9)
AVIF_SPEED = 8
"""Of 0 … 10: a tenth of the time of libavif's default, for 3 % more bytes (1080 × 1350 posters)."""


def steps(media_type: str) -> int:
    """How many encodings of a media type there are, from best (0) to smallest. InputError on a
    media type that cannot be written."""
    if media_type not in MEDIA_TYPES:
        raise InputError(
            f"pictures cannot be written as {media_type!r}",
            hint=f"media types are {', '.join(MEDIA_TYPES)}",
        )
    return len(PNG_LEVELS if media_type == "image/png" else QUALITIES)


def encode(
    pixels: Picture, media_type: str, packet: str, step: int = 0, origin: Origin | None = None
) -> bytes:
    """The encoding of that step, with the XMP `packet` inside, and with the EXIF data, colour
    profile and texts that the picture came with. InputError when the packet is too large for a
    JPEG."""
    form = MEDIA_TYPES[media_type]
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    kept: dict[str, Any] = {"exif": origin.exif} if origin and origin.exif else {}
    profile = origin.icc if origin and origin.icc else _srgb_profile()
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        if origin and origin.icc:
            kept["icc_profile"] = origin.icc
        else:
            info.add(b"sRGB", b"\0")
        for name, text in origin.texts if origin else ():
            info.add_itxt(name, text)
        info.add_itxt("XML:com.adobe.xmp", packet)
        image.save(out, form, compress_level=PNG_LEVELS[step], pnginfo=info, **kept)
        return out.getvalue()
    quality = QUALITIES[step]
    kept |= {"quality": quality, "xmp": packet.encode(), "icc_profile": profile}
    if form == "JPEG":
        if len(kept["xmp"]) > MAX_JPEG_PACKET:
            raise InputError(
                "the picture's metadata is too large for a JPEG file", hint="write it as PNG"
            )
        chroma = 0 if quality >= _FULL_CHROMA else 2
        image.save(out, form, subsampling=chroma, optimize=True, progressive=True, **kept)
    elif form == "AVIF":
        kept["subsampling"] = "4:4:4" if quality >= _FULL_CHROMA else "4:2:0"
        image.save(out, form, speed=AVIF_SPEED, max_threads=1, **kept)
    else:
        image.save(out, form, method=4, **kept)
    return out.getvalue()


def decode(data: bytes) -> tuple[Picture, str]:
    """Pixels (RGB, first frame) and media type. InputError when `data` is no such picture, is cut
    off, or has more than MAX_PIXELS."""
    with opened(data) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise InputError(
                f"the picture has {width} x {height} pixels; the limit is {MAX_PIXELS:,}",
                hint="make it smaller",
            )
        media_type = media_type_of(image)
        # A palette with transparency reaches RGB without a warning only by way of RGBA.
        whole = image.convert("RGBA") if image.mode == "P" else image
        return np.asarray(whole.convert("RGB")), media_type


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height as the file's header says. InputError when `data` is no picture."""
    with opened(data) as image:
        return image.size


def media_type_of(image: Image.Image) -> str:
    """Media type of an opened picture; a JPEG of several pictures (MPO) is one of its first."""
    form = "JPEG" if image.format == "MPO" else image.format
    return next(media_type for media_type, name in MEDIA_TYPES.items() if name == form)


@contextmanager
def opened(data: bytes) -> Iterator[Image.Image]:
    """The picture as Pillow has it. InputError for anything that goes wrong while it is open."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(MEDIA_TYPES.values())) as image:
            yield image
    except InputError:
        raise
    except Exception as error:  # Pillow's decoders raise nearly anything on hostile bytes
        reason = (
            "it is no PNG, JPEG, WebP or AVIF" if isinstance(error, OSError) else "it is damaged"
        )
        raise InputError(f"the picture cannot be read: {reason}, or cut off") from None


@cache
def _srgb_profile() -> bytes:
    """The small sRGB profile of LittleCMS, with its creation time set to zero."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)
    return bytes(profile)
