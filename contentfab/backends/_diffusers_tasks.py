"""From a picture request to what a pipeline is given: canvas, start picture, mask, conditions.

Knows where a product stands and how a canvas relates to the picture that was asked for; knows no
pipeline and no prompt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image, ImageOps

from contentfab.backends._diffusers_settings import PRODUCT, Options
from contentfab.errors import InputError
from contentfab.records.places import Box
from contentfab.rules.product import around
from contentfab.rules.product.cutout import load_cutout

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture, PictureRequest

REFERENCE = 224
"""Side in pixels of a reference picture that is drawn here; CLIP encoders see no more."""
ENLARGED = 1.25
SHARPEN = (0.7, 0.8)
"""Width of the unsharp mask in pixels of the canvas, and its amount. Edges of a VAE (sigma 0.8 px)
painted at 512 and shown at 1080 pixels rise 0.36 of their height a pixel without it, 0.50 with it;
what is sharp already gets no halo that shows."""


@dataclass(frozen=True, slots=True)
class Grid:
    """What a model can paint: canvas sides are multiples of `unit`, of which each `cell` pixels
    are one latent; `side` is that of the square it paints best."""

    unit: int
    cell: int
    side: int


@dataclass(frozen=True, slots=True)
class Task:
    """One picture to paint on a `canvas` (width, height). `box` is where the product stands in the
    finished picture, `reference` (with `reference_name`) the IP-Adapter's picture; what is not
    asked for is None. Pictures are RGB, the mask is white where the model paints."""

    prompt: str
    seed: int
    canvas: tuple[int, int]
    box: Box | None = None
    start: Any = None
    mask: Any = None
    control: Any = None
    reference: Any = None
    reference_name: str = ""

    @property
    def bucket(self) -> tuple[tuple[int, int], bool]:
        """Tasks of one bucket are painted together."""
        return self.canvas, self.start is not None


def task_for(
    request: PictureRequest, prompt: str, grid: Grid, options: Options, *, always: bool
) -> Task:
    """The task of a request; `always` says that a model cannot paint without a mask, so that a
    request without a product gets one that is white all over."""
    size = (request.width, request.height)
    canvas = painted_size(*size, grid.side, grid.unit)
    path = request.product_image if options.uses_product else None
    art = request.art_direction
    reference, name = _reference(path, request, options)
    if path is None and not always:
        return Task(prompt, request.seed, canvas, reference=reference, reference_name=name)
    box = around.placed(path, *size, art.copy_space) if path else around.place(1, *size, "top")
    on = around.on_canvas(box, size, canvas)
    ground = around.ground(canvas, on, art.palette)
    start = around.put_back(ground, path, on) if path else ground
    mask = None
    if options.around == "inpaint":
        mask = Image.fromarray(around.paint_mask(path, on, canvas, grid.cell))
    control = _control(path, on, canvas, options) if options.controlnet else None
    return Task(
        prompt, request.seed, canvas, box if path else None, Image.fromarray(start), mask, control,
        reference, name,
    )  # fmt: skip


def painted_size(width: int, height: int, side: int, unit: int) -> tuple[int, int]:
    """Width and height to paint: about `side`² pixels in the asked aspect, multiples of `unit`."""
    scale = side / math.sqrt(width * height)
    across, down = (max(unit, round(edge * scale / unit) * unit) for edge in (width, height))
    return across, down


def finished(pixels: Picture, request: PictureRequest, box: Box | None) -> Picture:
    """The painted canvas at exactly the asked size, the product's own pixels back in its box."""
    size = (request.width, request.height)
    fitted = ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS)
    scale = max(size[0] / pixels.shape[1], size[1] / pixels.shape[0])
    exact = _sharpened(np.asarray(fitted, np.uint8), scale)
    if box is None or request.product_image is None:
        return exact
    return around.put_back(exact, request.product_image, box)


def _sharpened(pixels: Picture, scale: float) -> Picture:
    """Unsharp mask for a picture that was enlarged: beside a sharp product and sharp type, edges
    that are two pixels wide look out of focus."""
    if scale <= ENLARGED:
        return pixels
    soft = cv2.GaussianBlur(pixels, (0, 0), SHARPEN[0] * scale)
    return np.asarray(cv2.addWeighted(pixels, 1 + SHARPEN[1], soft, -SHARPEN[1], 0), np.uint8)


def _control(path: Path | None, box: Box, canvas: tuple[int, int], options: Options) -> Any:
    """What a ControlNet is shown; black, which asks for nothing, where there is no product."""
    if path is None:
        return Image.new("RGB", canvas)
    if options.controlnet_image == "mask":
        return Image.fromarray(around.silhouette(path, box, canvas)).convert("RGB")
    if options.controlnet_image == "depth":
        depth = Path(options.controlnet_depth).expanduser()
        return Image.fromarray(around.depth_picture(depth, box, canvas))
    return Image.fromarray(around.edges(path, box, canvas))


def _reference(path: Path | None, request: PictureRequest, options: Options) -> tuple[Any, str]:
    """The picture whose look an IP-Adapter brings in, and a name for it in a cache. Where there is
    no product to show, the brand's ground stands for it."""
    if not options.ip_adapter:
        return None, ""
    if options.ip_adapter_image != PRODUCT:
        file = Path(options.ip_adapter_image).expanduser()
        try:
            with Image.open(file) as image:
                return image.convert("RGB"), str(file)
        except OSError:
            raise InputError(f"image.ip_adapter_image: {file.name} is no picture") from None
    side = (REFERENCE, REFERENCE)
    palette = request.art_direction.palette
    shape = load_cutout(path).shape[:2] if path else (1, 1)
    scale = 0.8 * REFERENCE / max(shape)
    across, down = max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))
    left, foot = (REFERENCE - across) // 2, round(0.9 * REFERENCE)
    box = Box(left, foot - down, left + across, foot)
    picture = around.ground(side, box, palette)
    if path:
        picture = around.put_back(picture, path, box)
    return Image.fromarray(picture), f"{path}:{sorted(palette.items())}"
