"""Is this file a picture that a poster can be built from?

Size in pixels is read from the header and checked before anything is decoded, so that a
decompression bomb costs nothing. Knows nothing about campaigns; it does not judge beauty, and it
changes no picture.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import ParseError

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, UnidentifiedImageError

from contentfab.rules.files.safe_files import shorten
from contentfab.rules.product.cutout import VISIBLE

MAX_PIXELS = 50_000_000
MAX_SIDE = 16_000
MIN_SIDE = 400
ORIENTATION = 0x0112
FORMATS = ("PNG", "JPEG", "WEBP")
SAVE_AS = "save it as PNG with a transparent background"
CUT_IT_OUT = (
    "give a PNG or WebP cut-out, or make one: `contentfab cutout FILE` "
    '(pip install "contentfab[rembg]")'
)

Use = Literal["product", "logo", "exemplar"]


@dataclass(frozen=True)
class PictureFault:
    """One thing that is wrong with a picture; `level` is error or warn."""

    rule: str
    message: str
    hint: str
    level: str = "error"


def check_picture(data: bytes, use: Use = "product", *, svg: bool = False) -> list[PictureFault]:
    """Everything wrong with the bytes of a picture, most severe first; [] when all is well.

    `svg` says that the file's name ends so; only a logo may be one. Only a product is asked for
    transparency and a least size."""
    if not data:
        return [PictureFault("picture.empty", "the file is empty (0 bytes)", SAVE_AS)]
    if use == "logo" and svg:
        return _check_svg(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _check_raster(data, use)
    except Image.DecompressionBombError as error:
        pixels = re.search(r"\((\d+) pixels\)", str(error))
        return [_too_large(f"the picture has {int(pixels[1]) if pixels else 0:,} pixels")]
    except UnidentifiedImageError:
        return [_unknown(data)]
    except Exception as error:  # a decoder fed with hostile bytes may raise anything
        reason = str(error).split("\n")[0][:120] or type(error).__name__
        message = f"the picture is broken or cut off: {reason}"
        return [PictureFault("picture.broken", message, "export or download it again")]


def _check_raster(data: bytes, use: Use) -> list[PictureFault]:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
            return [_too_large(f"the picture has {width:,} × {height:,} pixels")]
        if getattr(image, "n_frames", 1) > 1:
            return [PictureFault("picture.animated", "the picture is animated", "save one frame")]
        image.load()
        faults = [] if use == "exemplar" else _look_closer(image, use)
        if image.mode == "CMYK":
            message = "the picture is CMYK; its colours are converted to RGB and may shift"
            faults.append(PictureFault("picture.cmyk", message, "export it as sRGB", "warn"))
        return sorted(faults, key=lambda fault: fault.level)


def _look_closer(image: Image.Image, use: Use) -> list[PictureFault]:
    faults = []
    alpha = _alpha_range(image)
    if alpha[1] < VISIBLE:
        faults.append(PictureFault("picture.invisible", "every pixel is transparent", SAVE_AS))
    if image.getexif().get(ORIENTATION, 1) != 1:
        message = "the camera's rotation is stored beside the pixels and is not applied"
        faults.append(PictureFault("picture.rotated", message, "save it upright", "warn"))
    if use == "logo":
        return faults
    if max(image.size) < MIN_SIDE:
        message = f"only {image.width} × {image.height} pixels; it will look soft on a poster"
        hint = f"give at least {MIN_SIDE} pixels on the longer side"
        faults.append(PictureFault("picture.small", message, hint, "warn"))
    if alpha == (255, 255):
        faults += _look_at_background(image)
    return faults


def _look_at_background(image: Image.Image) -> list[PictureFault]:
    """Whether the product of a picture without transparency can be cut out (as `product/cutout.py`
    will), and what should be looked at when it can."""
    # OpenCV takes a while to load, and most products come as cut-outs.
    from contentfab.rules.product.matte import NotPlain, cut_out

    try:
        matte = cut_out(np.asarray(image.convert("RGB")))
    except NotPlain as reason:
        message = f"it has no transparency, and {reason}; it will stand as a rectangle"
        return [PictureFault("picture.no-alpha", message, CUT_IT_OUT, "warn")]
    if not matte.holes:
        return []
    message = f"{matte.holes} pieces of background inside the product were cut out with the rest"
    hint = "look at the posters; if they belong to the product, give a cut-out"
    return [PictureFault("picture.holes", message, hint, "warn")]


def _alpha_range(image: Image.Image) -> tuple[float, float]:
    """Least and greatest alpha, (255, 255) for a picture without transparency."""
    if "A" not in image.getbands() and "transparency" in image.info:
        image = image.convert("RGBA")
    if "A" not in image.getbands():
        return 255, 255
    lowest, highest = image.getchannel("A").getextrema()
    return float(lowest), float(highest)  # type: ignore[arg-type]


def _check_svg(data: bytes) -> list[PictureFault]:
    try:
        root = fromstring(data)
        if root.tag.rpartition("}")[2] != "svg":
            raise ValueError(f"its root is <{shorten(root.tag)}>")
        for key, value in (item for element in root.iter() for item in element.items()):
            if key.rpartition("}")[2] == "href" and not value.startswith(("#", "data:")):
                raise ValueError(f"it refers to another file, {shorten(value)}")
    except (ParseError, DefusedXmlException, ValueError) as error:
        message = f"the SVG cannot be read: {str(error)[:120] or type(error).__name__}"
        return [PictureFault("picture.broken", message, "export it again as plain SVG, or as PNG")]
    return []


def _unknown(data: bytes) -> PictureFault:
    """A picture format that we do not take, or no picture at all."""
    known = {b"GIF8": "a GIF", b"BM": "a BMP", b"II*\0": "a TIFF", b"MM\0*": "a TIFF"}
    known |= {b"8BPS": "a Photoshop file", b"%PDF": "a PDF", b"<svg": "an SVG"}
    name = next((n for magic, n in known.items() if data.startswith(magic)), "")
    if name:
        message = f"{name} cannot be used; PNG, JPEG and WebP can"
        return PictureFault("picture.format", message, SAVE_AS)
    return PictureFault("picture.no-picture", "this is not a picture", SAVE_AS)


def _too_large(message: str) -> PictureFault:
    limit = f"the limit is {MAX_PIXELS:,} pixels and {MAX_SIDE:,} on a side"
    return PictureFault("picture.too-large", f"{message}; {limit}", "scale it down")
