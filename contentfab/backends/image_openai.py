"""Image generator that asks an OpenAI-compatible images endpoint: hosted, or a server on the LAN in
front of Stable Diffusion. For people without a GPU.

Asks for the nearest size that the model makes and brings the result to the exact one. With
`around`, sends the product on the brand's ground to /images/edits, with a mask, and puts the
product's own pixels back. The key comes from OPENAI_API_KEY alone and appears in no id or error.
"""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from contentfab.backends._imageapi_client import Ask, ImagesEndpoint
from contentfab.errors import BackendError, BackendUnavailable, BadOutput, InputError
from contentfab.records.pictures import KeyVisual, PictureRequest, Provenance
from contentfab.records.places import Box
from contentfab.rules.image_prompts import ImagePrompts
from contentfab.rules.pixels.quiet_areas import quiet_areas
from contentfab.rules.product import around as around_rules
from contentfab.rules.product.cutout import VERSION as CUTOUT_VERSION

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

REVISION = "1"  # of everything that turns a request into a call, and an answer into pixels
SIZES = "1024x1024,1536x1024,1024x1536"
AROUND = ("none", "inpaint")
SEED_RANGE = 2**31
MAX_PIXELS = 64_000_000
KEPT = 256


class OpenAIImageGenerator:
    """Settings: `model` as the endpoint names it; `base_url` (default: OPENAI_BASE_URL, then the
    official API); `sizes` that the model makes, as WxH,WxH,…; `quality`, passed on; `seeded`: the
    server takes a `seed` (the official API does not); `around` (none, inpaint); `concurrency`:
    pictures under way at once; `retries` of a call, with the SDK's back-off; `timeout` in seconds;
    `templates`; `offline`: loopback hosts only.

    An endpoint does not say which weights it has, so a changed model behind the same name is not
    seen. Raises InputError for settings at fault, MissingDependency without a key for the official
    API."""

    def __init__(
        self,
        *,
        model: str = "",
        base_url: str = "",
        sizes: str = SIZES,
        quality: str = "",
        seeded: bool = False,
        around: str = "none",
        concurrency: int = 4,
        retries: int = 4,
        timeout: float = 180.0,
        templates: str | Path | None = None,
        offline: bool = False,
    ) -> None:
        if not model:
            raise InputError("image.model is not set", hint="Add --set image.model=NAME.")
        if around not in AROUND:
            hint = f"image.around is one of {', '.join(AROUND)} with this backend"
            raise InputError(f"image.around: unknown {around!r}", hint=hint)
        if not (_whole(concurrency) and concurrency >= 1 and _whole(retries) and retries >= 0):
            raise InputError("image.concurrency counts from 1, image.retries from 0")
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or timeout <= 0:
            raise InputError("image.timeout is in seconds, above 0")
        self._sizes = parse_sizes(str(sizes))
        self._prompts = ImagePrompts(templates)
        self._quality, self._seeded, self._around = quality, bool(seeded), around
        self.around_product = around != "none"
        self.batch_size = concurrency
        address = base_url or os.environ.get("OPENAI_BASE_URL", "")
        self._endpoint = ImagesEndpoint(
            address, model, timeout=float(timeout), retries=retries, offline=offline
        )
        self._model = model.rstrip("/").rsplit("/", 1)[-1] if model[:1] in "/~" else model
        made = ["x".join(map(str, size)) for size in self._sizes]
        parts = [f"sizes={'+'.join(made)}", *([f"quality={quality}"] if quality else [])]
        parts += ["seeded"] if seeded else []
        parts += [f"{around}.{CUTOUT_VERSION}"] if self.around_product else []
        parts.append(f"prompts={self._prompts.digest[:12]}")
        self.id = f"openai-images.{REVISION}/{self._model}/{','.join(parts)}"
        self._kept: dict[str, KeyVisual | BackendError] = {}

    def generate(self, requests: Sequence[PictureRequest]) -> list[KeyVisual]:
        """Key visuals in the order of the requests. Raises BackendUnavailable when the endpoint is
        down or refuses us, BackendError or BadOutput for one picture.

        When one of a batch fails, the others are kept until they are asked for again: a picture is
        not paid for twice, and what was refused is not asked again in the same run."""
        new = [request for request in requests if request.key not in self._kept]
        with ThreadPoolExecutor(max_workers=self.batch_size) as pool:
            answers = list(pool.map(self._tried, new))
        if len(self._kept) > KEPT:
            self._kept.clear()
        self._kept |= {r.key: answer for r, answer in zip(new, answers, strict=True)}
        visuals = []
        for request in requests:
            answer = self._kept[request.key]
            if isinstance(answer, BackendError):
                if len(requests) == 1 or isinstance(answer, BackendUnavailable):
                    del self._kept[request.key]
                raise answer
            visuals.append(answer)
        for request in requests:
            self._kept.pop(request.key, None)
        return visuals

    def _tried(self, request: PictureRequest) -> KeyVisual | BackendError:
        try:
            return self._one(request)
        except BackendError as error:
            return error

    def _one(self, request: PictureRequest) -> KeyVisual:
        size = (request.width, request.height)
        canvas = nearest_size(size, self._sizes)
        art, path = request.art_direction, request.product_image
        box = None
        if self.around_product and path is not None:
            box = around_rules.placed(path, *size, art.copy_space)
        prompt = self._prompts.positive(art, around=box is not None)
        more: list[tuple[str, object]] = []
        if self._quality:
            more.append(("quality", self._quality))
        if self._seeded:
            more.append(("seed", request.seed % SEED_RANGE))
        image = mask = None
        if box is not None and path is not None:
            on = around_rules.on_canvas(box, size, canvas)
            image = _png(around_rules.start_picture(path, art, on, canvas))
            mask = _mask(around_rules.paint_mask(path, on, canvas, 1))
        ask = Ask(prompt, f"{canvas[0]}x{canvas[1]}", image, mask, tuple(more))
        pixels = _decoded(self._endpoint.paint(ask), self._endpoint.place)
        return self._visual(request, prompt, pixels, box)

    def _visual(
        self, request: PictureRequest, prompt: str, pixels: Picture, box: Box | None
    ) -> KeyVisual:
        size = (request.width, request.height)
        fitted = ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS)
        exact, stand = np.asarray(fitted, np.uint8), None
        if box is not None and request.product_image is not None:
            exact = around_rules.put_back(exact, request.product_image, box)
            stand = around_rules.fixed_stand(request.product_image, box, *size)
        quiet = quiet_areas(exact, request.art_direction.copy_space)
        return KeyVisual(
            request.key,
            exact,
            Provenance(
                # IPTC: what a model adds to a given picture is a composite; see signed_claim.py.
                digital_source_type="compositeWithTrainedAlgorithmicMedia"
                if stand
                else "trainedAlgorithmicMedia",
                engine="openai-images",
                model=self._model,
                model_revision="as served",
                seed=request.seed if self._seeded else 0,
                prompt=prompt,
                uses_ai=True,
            ),
            stand=stand,
            quiet=around_rules.beside(quiet, stand) if stand else quiet,
            scene=request.art_direction.scene,
        )


def parse_sizes(text: str) -> tuple[tuple[int, int], ...]:
    """`1024x1024,1536x1024` as widths and heights. Raises InputError for anything else."""
    parts = [part.strip().lower() for part in text.split(",") if part.strip()]
    found = [re.fullmatch(r"(\d{2,5})x(\d{2,5})", part) for part in parts]
    if not found or not all(found):
        hint = f"For example --set image.sizes={SIZES}."
        raise InputError(f"image.sizes: {text!r} is no list of WxH", hint=hint)
    return tuple((int(match[1]), int(match[2])) for match in found if match)


def nearest_size(size: tuple[int, int], sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The size whose aspect is nearest, then the one whose area is."""
    aspect, area = size[0] / size[1], size[0] * size[1]

    def far(other: tuple[int, int]) -> tuple[float, float]:
        width, height = other
        return (
            round(abs(math.log(width / height / aspect)), 3),
            abs(math.log(width * height / area)),
        )

    return min(sizes, key=far)


def _decoded(data: bytes, place: str) -> Picture:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadOutput(f"{place} answered a picture of {image.width}×{image.height}")
            return np.asarray(image.convert("RGB"), np.uint8)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError):
        raise BadOutput(f"{place} answered what is no picture", retryable=True) from None


def _png(pixels: Picture) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _mask(paint: around_rules.Mask) -> bytes:
    """RGBA as /images/edits wants it: transparent where the model paints."""
    rgba = np.zeros((*paint.shape, 4), np.uint8)
    rgba[..., 3] = 255 - paint
    return _png(rgba)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
