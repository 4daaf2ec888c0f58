"""Pictures to bytes and back: PNG, JPEG, WebP and AVIF, tagged sRGB, with an XMP packet.

Reading takes files from anywhere: wrong, truncated or oversized ones are an InputError. Encoding
is deterministic (the colour profile carries no time, AVIF is encoded in one thread). Knows nothing
about labels.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
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
BEST, FLOOR = 95, 48
"""Quality of lossy files: the best, and the least that is still fit to be seen."""
_FULL_CHROMA = 66
"""Quality from which chroma is kept whole: thin coloured type suffers from its loss first."""
_PNG_HEADER = 33
"""Bytes of a PNG's signature and its header chunk."""
PNG_LEVELS = (1, 6, 9)
"""Of zlib. Level 1 goes with one filter and run lengths: half the time of adaptive filters at the
same level, and 9 % fewer bytes (1080 × 1350 posters); level 9 takes seventy times as long."""
AVIF_SPEED = 8
"""Of 0 … 10: a tenth of the time of libavif's default, for 3 % more bytes (1080 × 1350 posters)."""


def settings_of(media_type: str) -> tuple[int, ...]:
    """What a media type can be written with, best or fastest first: zlib levels for PNG, else
    qualities. Sizes fall along it. InputError on a media type that cannot be written."""
    if media_type not in MEDIA_TYPES:
        raise InputError(
            f"pictures cannot be written as {media_type!r}",
            hint=f"media types are {', '.join(MEDIA_TYPES)}",
        )
    return PNG_LEVELS if media_type == "image/png" else tuple(range(BEST, FLOOR - 1, -1))


def encode(
    pixels: Picture,
    media_type: str,
    packet: str,
    setting: int | None = None,
    origin: Origin | None = None,
) -> bytes:
    """The picture with the XMP `packet` inside, tagged sRGB, and with the EXIF data, colour profile
    and texts that it came with. `setting` is one of `settings_of`, the first when None. InputError
    when the packet is too large for a JPEG."""
    setting = settings_of(media_type)[0] if setting is None else setting
    if media_type == "image/png":
        return _png(pixels, packet, setting, origin)
    out, form = io.BytesIO(), MEDIA_TYPES[media_type]
    image = Image.fromarray(pixels)
    kept: dict[str, Any] = {"exif": origin.exif} if origin and origin.exif else {}
    profile = origin.icc if origin and origin.icc else _srgb_profile()
    kept |= {"quality": setting, "xmp": packet.encode(), "icc_profile": profile}
    if form == "JPEG":
        if len(kept["xmp"]) > MAX_JPEG_PACKET:
            raise InputError(
                "the picture's metadata is too large for a JPEG file", hint="write it as PNG"
            )
        chroma = 0 if setting >= _FULL_CHROMA else 2
        image.save(out, form, subsampling=chroma, optimize=True, progressive=True, **kept)
    elif form == "AVIF":
        kept["subsampling"] = "4:4:4" if setting >= _FULL_CHROMA else "4:2:0"
        image.save(out, form, speed=AVIF_SPEED, max_threads=1, **kept)
    else:
        image.save(out, form, method=4, **kept)
    return out.getvalue()


def _png(pixels: Picture, packet: str, level: int, origin: Origin | None) -> bytes:
    """Pixels by OpenCV, since Pillow cannot choose filters; the chunks that say the rest go in
    behind the header, before the pixels as the standard asks."""
    fast = level == PNG_LEVELS[0]
    options = [
        cv2.IMWRITE_PNG_COMPRESSION, level,
        cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP if fast else cv2.IMWRITE_PNG_ALL_FILTERS,
        cv2.IMWRITE_PNG_STRATEGY,
        cv2.IMWRITE_PNG_STRATEGY_RLE if fast else cv2.IMWRITE_PNG_STRATEGY_FILTERED,
    ]  # fmt: skip
    _, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)
    info = PngImagePlugin.PngInfo()
    if origin and origin.icc:
        info.add(b"iCCP", b"ICC Profile\0\0" + zlib.compress(origin.icc))
    else:
        info.add(b"sRGB", b"\0")
    if origin and origin.exif:
        info.add(b"eXIf", origin.exif.removeprefix(b"Exif\0\0"))
    for name, text in origin.texts if origin else ():
        info.add_itxt(name, text)
    info.add_itxt("XML:com.adobe.xmp", packet)
    chunks = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body, *_ in info.chunks
    )
    data = encoded.tobytes()
    return data[:_PNG_HEADER] + chunks + data[_PNG_HEADER:]


def decode(data: bytes) -> tuple[Picture, str]:
    """Pixels (RGB, first frame) and media type. InputError when `data` is no such picture, is cut
    off, or has more than MAX_PIXELS."""
    with opened(data) as image:
        check_size(image)
        media_type = media_type_of(image)
        # A palette with transparency reaches RGB without a warning only by way of RGBA.
        whole = image.convert("RGBA") if image.mode == "P" else eight_bit(image)
        return np.asarray(whole.convert("RGB")), media_type


def check_size(image: Image.Image) -> None:
    """InputError for a picture of more than MAX_PIXELS."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InputError(
            f"the picture has {width} x {height} pixels; the limit is {MAX_PIXELS:,}",
            hint="make it smaller",
        )


def eight_bit(image: Image.Image) -> Image.Image:
    """The picture; one of 16-bit greys in 8 bits, which Pillow would clip to white."""
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.asarray(image, np.uint32) >> 8).astype(np.uint8))


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
