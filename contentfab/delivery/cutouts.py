"""Cut-outs of product photos as files to look at: PNG with transparency, one beside each photo.

The background is taken away as a run would do it (`rules/product/matte.py`); where that cannot be,
a segmentation model does, when one was asked for. Never over the input. Knows no campaign.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps

from contentfab.errors import ContentfabError, InputError
from contentfab.rules.files.safe_files import FileFault, read_file
from contentfab.rules.pixels.pictures import FORMATS, check_picture
from contentfab.rules.product.matte import Matte, NotPlain, cut_out
from contentfab.store import publish_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    By = Callable[[NDArray[np.uint8]], Matte]

SUFFIX = ".cutout.png"


@dataclass(frozen=True, slots=True)
class Cut:
    """One photo's outcome. `by` is `plain background` or the model's id; `covers` the share of the
    photo that is product."""

    path: str
    out: str = ""
    by: str = ""
    covers: float = 0.0
    holes: int = 0
    error: str = ""
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        """As printed with --json."""
        return {name: getattr(self, name) for name in self.__slots__} | {"ok": not self.error}


def cut_file(
    path: Path, out: Path | None, *, model: By | None = None, by: str = "", force: bool = False
) -> Cut:
    """Writes the cut-out of one photo into `out`, or beside it. `model` is used instead of the
    plain background's rule."""
    target = (out or path.parent) / f"{path.stem}{SUFFIX}"
    if target.exists() and not force:
        hint = "give another --out, or --force"
        return Cut(path.as_posix(), error=f"{target.name} is already there", hint=hint)
    try:
        matte = (model or cut_out)(_photo(path))
        data = _png(matte)
        publish_file(target, data)
    except ContentfabError as error:
        return Cut(path.as_posix(), error=str(error), hint=error.hint)
    except NotPlain as reason:
        hint = 'cut it out by hand, or with --model u2net (pip install "contentfab[rembg]")'
        return Cut(path.as_posix(), error=str(reason), hint="cut it out by hand" if model else hint)
    covers = round(float((matte.rgba[..., 3] > 127).mean()), 4)
    name = by if model else "plain background"
    return Cut(path.as_posix(), target.as_posix(), name, covers, matte.holes)


def _photo(path: Path) -> NDArray[np.uint8]:
    try:
        data = read_file(path)
    except FileFault as fault:
        raise InputError(fault.message, hint=fault.hint) from fault
    for fault_ in check_picture(data, "exemplar"):
        if fault_.level == "error":
            raise InputError(fault_.message, hint=fault_.hint)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if "A" in image.getbands() and np.asarray(image.getchannel("A")).min() < 255:
                raise InputError("it has transparency already", hint="use it as it is")
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))


def _png(matte: Matte) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(matte.rgba).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
