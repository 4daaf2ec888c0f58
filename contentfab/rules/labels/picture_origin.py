"""A picture from elsewhere, ready to be labelled: upright RGB pixels, and what it brought along.

EXIF data, colour profile, XMP packet and texts are kept for the labelled file; orientation is
applied and reset, an embedded thumbnail (which would show the picture without its label) is left
out. What could not be kept whole is refused with the reason: transparency, more than one frame,
broken or extended metadata. An AIGC record in another place (GB 45438-2025, Annex B) moves into
the packet, of which a file may have only one.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin

from contentfab.errors import InputError
from contentfab.records.labels import Origin
from contentfab.rules.labels.aigc import stated_record
from contentfab.rules.labels.xmp_files import packets
from contentfab.rules.pixels.picture_files import MAX_PIXELS, media_type_of, opened

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

C2PA_MARKS = (b"jumbc2pa", b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71")
"""Bytes that every C2PA manifest store has: its type in the JUMBF description box."""
_EXIF_IFD, _USER_COMMENT = ExifTags.IFD.Exif, ExifTags.Base.UserComment
_AIGC_TEXT = "AIGC"
_KEPT_MODES = ("RGB", "L", "P", "RGBA", "LA", "CMYK", "YCbCr", "1", "PA")
_XMP_TEXTS = ("XML:com.adobe.xmp", "Raw profile type xmp", "xmp")


@dataclass(frozen=True, slots=True)
class Foreign:
    """Upright pixels, the media type of the file, and what is to be kept."""

    pixels: Picture
    media_type: str
    origin: Origin


def read_foreign(data: bytes) -> Foreign:
    """The picture in `data`. InputError when it is no picture, or one that cannot be kept."""
    with opened(data) as image:
        if image.size[0] * image.size[1] > MAX_PIXELS:
            raise InputError(f"the picture has more than {MAX_PIXELS:,} pixels")
        _refuse(image)
        media_type = media_type_of(image)
        rgb, icc = _rgb(ImageOps.exif_transpose(image))
        exif, aigc = _exif(image)
        texts, aigc = _texts(image, aigc)
        return Foreign(
            pixels=np.asarray(rgb),
            media_type=media_type,
            origin=Origin(exif, icc, _packet(data), aigc, texts, data if is_signed(data) else b""),
        )


def is_signed(data: bytes) -> bool:
    """Whether the file seems to hold a C2PA manifest; its signer has the last word."""
    return any(mark in data for mark in C2PA_MARKS)


def _refuse(image: Image.Image) -> None:
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise InputError(
            "the picture is animated", hint="label a still picture; videos are not labelled here"
        )
    if image.mode not in _KEPT_MODES:
        raise InputError(
            f"pictures of mode {image.mode} are not labelled", hint="convert it to 8-bit RGB"
        )
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    if alpha is not None and np.asarray(alpha).min() < 255:
        raise InputError(
            "the picture is transparent in places, where a label could not be kept",
            hint="flatten it onto its background first",
        )


def _packet(data: bytes) -> bytes:
    found = packets(data)
    if len(found) > 1:
        what = "an extended XMP packet" if found[1].extension else f"{len(found)} XMP packets"
        raise InputError(
            f"the picture has {what}, which cannot be kept whole",
            hint="write its metadata anew with a metadata editor, or give the picture without it",
        )
    if found and found[0].fault:
        raise InputError(found[0].fault, hint="give the picture without that metadata")
    return found[0].data if found else b""


def _exif(image: Image.Image) -> tuple[bytes, str]:
    exif = image.getexif()
    if not exif:
        return b"", ""
    details = exif.get_ifd(_EXIF_IFD)
    comment = details.get(_USER_COMMENT, b"")
    words = comment[8:] if isinstance(comment, bytes) else str(comment).encode()
    aigc = _record(words.decode("utf-8", "replace"))
    if aigc:
        del details[_USER_COMMENT]
    if ExifTags.Base.Orientation in exif:
        exif[ExifTags.Base.Orientation] = 1
    return exif.tobytes(), aigc


def _texts(image: Image.Image, aigc: str) -> tuple[tuple[tuple[str, str], ...], str]:
    found: dict[str, str] = {}
    if isinstance(image, PngImagePlugin.PngImageFile):
        found = {name: str(text) for name, text in image.text.items() if name not in _XMP_TEXTS}
    other = _record(found.get(_AIGC_TEXT, ""))
    if other:
        del found[_AIGC_TEXT]
    return tuple(found.items()), aigc or other


def _record(text: str) -> str:
    """The AIGC record in a text, as the XMP property would hold it; "" when there is none."""
    record = stated_record(text.strip("\0 ")) if "ContentProducer" in text else None
    return json.dumps(record, separators=(",", ":")) if record else ""


def _rgb(image: Image.Image) -> tuple[Image.Image, bytes]:
    """The picture in RGB, and its profile if that is one for RGB; else its colours go to sRGB."""
    profile = image.info.get("icc_profile") or b""
    plain = image.convert("RGBA").convert("RGB") if image.mode in ("P", "PA") else None
    if not profile:
        return plain or image.convert("RGB"), b""
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space == "RGB":
            return plain or image.convert("RGB"), profile
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image, b""
    except (ImageCms.PyCMSError, OSError, ValueError):
        return plain or image.convert("RGB"), b""
