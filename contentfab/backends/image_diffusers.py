"""Image generator that paints key visuals with a diffusers model: SD, SDXL, SD3, FLUX and others.

Paints at the model's own resolution in the asked aspect and brings the result to the exact size.
One seed per picture, so that a picture does not depend on its batch (but for rounding in the
kernels). It does not look at what it painted: the picture stage does.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image, ImageOps

from contentfab.backends._diffusers_load import load, load_lora, set_scheduler
from contentfab.backends._diffusers_prompts import ImagePrompts, check_length
from contentfab.errors import BackendError, InputError
from contentfab.records.pictures import KeyVisual, PictureRequest, Provenance
from contentfab.records.places import Area

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

EMBEDDINGS = {
    "StableDiffusionPipeline": ("prompt_embeds", "negative_prompt_embeds"),
    "StableDiffusionXLPipeline": (
        "prompt_embeds",
        "negative_prompt_embeds",
        "pooled_prompt_embeds",
        "negative_pooled_prompt_embeds",
    ),
}
"""What `encode_prompt` returns, where it is the text encoders' whole work; other pipelines get
their prompts as text."""

CACHED_PROMPTS = 512
REGIONS = {
    "top": Area(0.0, 0.0, 1.0, 0.42),
    "bottom": Area(0.0, 0.58, 1.0, 1.0),
    "left": Area(0.0, 0.0, 0.45, 1.0),
    "right": Area(0.55, 0.0, 1.0, 1.0),
}


class DiffusersImageGenerator:
    """Settings: `model` (folder or repository), `revision`, `variant` (such as fp16), `steps` and
    `guidance_scale` (default: the pipeline's own), `scheduler` (class name), `side` (pixels of the
    square that the model paints best; default: the model's own), `batch_size`, `device` (auto, cpu,
    cuda, mps), `dtype` (auto, float32, float16, bfloat16), `lora` with `lora_scale`, `templates`.

    `id` names the model, its revision and everything that changes a picture, except device, dtype
    and batch: the same seed gives nearly, not exactly, the same picture on another device."""

    def __init__(
        self,
        *,
        model: str = "",
        revision: str = "",
        variant: str = "",
        steps: int | None = None,
        guidance_scale: float | None = None,
        scheduler: str = "",
        side: int = 0,
        batch_size: int = 0,
        device: str = "auto",
        dtype: str = "auto",
        lora: str = "",
        lora_scale: float = 1.0,
        templates: str | Path | None = None,
        offline: bool = False,
    ) -> None:
        if not model:
            raise InputError("image.model is not set", hint="Add --set image.model=FOLDER.")
        for name, value in {"steps": steps, "side": side, "batch_size": batch_size}.items():
            if value is not None and (not isinstance(value, int) or value < (name == "steps")):
                raise InputError(f"image.{name} must be a positive number, not {value!r}")
        self._prompts = ImagePrompts(templates)
        loaded = load(
            model,
            revision=revision,
            variant=variant,
            device=device,
            dtype=dtype,
            offline=offline,
        )
        self._pipeline, self._device = loaded.pipeline, loaded.device
        added = f",lora={load_lora(self._pipeline, lora, lora_scale)}*{lora_scale}" if lora else ""
        if scheduler:
            set_scheduler(self._pipeline, scheduler)
        self._takes = inspect.signature(self._pipeline.__call__).parameters
        self._steps = steps or int(self._takes["num_inference_steps"].default)
        default = getattr(self._takes.get("guidance_scale"), "default", 0.0)
        self._guidance = float(default if guidance_scale is None else guidance_scale)
        self._unit, own_side = _grid(self._pipeline)
        self._side = side or own_side
        self.batch_size = batch_size or _batch_size(self._device, self._side)
        self._embeddings: dict[str, dict[str, Any]] = {}
        self._name, self._revision = loaded.name, loaded.revision
        self._scheduler = type(self._pipeline.scheduler).__name__
        self.id = (
            f"diffusers/{self._name}@{self._revision}/steps={self._steps},"
            f"guidance={self._guidance:g},{self._scheduler},side={self._side}{added},"
            f"prompts={self._prompts.digest[:12]}"
        )

    def generate(self, requests: Sequence[PictureRequest]) -> list[KeyVisual]:
        """Key visuals in the order of the requests. Raises BadOutput when a prompt is longer than
        the text encoders read, BackendError when the device runs out of memory."""
        prompts = [self._prompts.positive(request.art_direction) for request in requests]
        t5_limit = getattr(self._takes.get("max_sequence_length"), "default", 512)
        for prompt in dict.fromkeys(prompts):
            check_length(prompt, self._pipeline, t5_limit)
        groups: dict[tuple[int, int], list[int]] = {}
        for i, request in enumerate(requests):
            size = painted_size(request.width, request.height, self._side, self._unit)
            groups.setdefault(size, []).append(i)
        visuals: dict[int, KeyVisual] = {}
        for size, members in groups.items():
            for start in range(0, len(members), self.batch_size):
                chunk = members[start : start + self.batch_size]
                seeds = [requests[i].seed for i in chunk]
                pictures = self._paint([prompts[i] for i in chunk], seeds, size)
                for i, pixels in zip(chunk, pictures, strict=True):
                    visuals[i] = self._visual(requests[i], prompts[i], pixels)
        return [visuals[i] for i in range(len(requests))]

    def _paint(self, prompts: list[str], seeds: list[int], size: tuple[int, int]) -> list[Picture]:
        """One pipeline call; halved while the device has too little memory for it."""
        import torch

        # Noise is drawn on the CPU, so that a seed means the same noise on every device.
        generators = [torch.Generator("cpu").manual_seed(seed % 2**63) for seed in seeds]
        options = {
            "width": size[0],
            "height": size[1],
            "num_inference_steps": self._steps,
            "guidance_scale": self._guidance,
            "generator": generators,
            "output_type": "pt",
        } | self._conditions(prompts)
        try:
            images = self._pipeline(**options).images
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            if len(prompts) == 1:
                hint = "Lower --set image.side, or use a smaller model or another device."
                message = f"out of memory painting {size[0]}×{size[1]}"
                raise BackendError(message, hint=hint) from None
            half = len(prompts) // 2
            return self._paint(prompts[:half], seeds[:half], size) + self._paint(
                prompts[half:], seeds[half:], size
            )
        levels = (images.float().nan_to_num(0.0).clamp(0, 1) * 255).round().to(torch.uint8)
        return list(levels.permute(0, 2, 3, 1).contiguous().cpu().numpy())

    def _conditions(self, prompts: list[str]) -> dict[str, Any]:
        """Embeddings where the pipeline takes them, each prompt encoded once; else the texts."""
        names = EMBEDDINGS.get(type(self._pipeline).__name__)
        if names is None:
            texts: dict[str, Any] = {"prompt": prompts}
            if "negative_prompt" in self._takes and "true_cfg_scale" not in self._takes:
                texts["negative_prompt"] = [self._prompts.negative()] * len(prompts)
            return texts
        if len(self._embeddings) > CACHED_PROMPTS:
            self._embeddings.clear()
        for prompt in prompts:
            if prompt not in self._embeddings:
                self._embeddings[prompt] = self._encode(prompt, names)
        import torch

        encoded = [self._embeddings[prompt] for prompt in prompts]
        return {name: torch.cat([e[name] for e in encoded]) for name in encoded[0]}

    def _encode(self, prompt: str, names: tuple[str, ...]) -> dict[str, Any]:
        """One at a time, so that an embedding does not depend on the prompts beside it."""
        import torch

        with torch.inference_mode():
            values = self._pipeline.encode_prompt(
                prompt=prompt,
                device=self._device,
                num_images_per_prompt=1,
                do_classifier_free_guidance=self._guidance > 1,
                negative_prompt=self._prompts.negative(),
            )
        return {name: v for name, v in zip(names, values, strict=True) if v is not None}

    def _visual(self, request: PictureRequest, prompt: str, pixels: Picture) -> KeyVisual:
        size = (request.width, request.height)
        fitted = ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS)
        exact = np.asarray(fitted, np.uint8)
        provenance = Provenance(
            digital_source_type="trainedAlgorithmicMedia",
            engine="diffusers",
            model=self._name,
            model_revision=self._revision,
            seed=request.seed,
            steps=self._steps,
            guidance_scale=self._guidance,
            scheduler=self._scheduler,
            prompt=prompt,
            uses_ai=True,
        )
        quiet = quiet_areas(exact, request.art_direction.copy_space)
        return KeyVisual(
            request.key, exact, provenance, quiet=quiet, scene=request.art_direction.scene
        )


def painted_size(width: int, height: int, side: int, unit: int) -> tuple[int, int]:
    """Width and height to paint: about `side`² pixels in the asked aspect, multiples of `unit`."""
    scale = side / math.sqrt(width * height)
    across, down = (max(unit, round(edge * scale / unit) * unit) for edge in (width, height))
    return across, down


def quiet_areas(pixels: Picture, wanted: str) -> tuple[Area, ...]:
    """The calm ones of four regions, best first; the region that was asked for wins a draw."""
    small = cv2.resize(pixels, (128, 128), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    busy = np.abs(cv2.Laplacian(grey, cv2.CV_32F)) > 12
    rated = []
    for name, area in REGIONS.items():
        rows = slice(round(area.y0 * 128), round(area.y1 * 128))
        share = float(busy[rows, round(area.x0 * 128) : round(area.x1 * 128)].mean())
        rated.append((share - (0.05 if name == wanted else 0.0), name, share))
    return tuple(REGIONS[name] for _, name, share in sorted(rated) if share < 0.2)


def _grid(pipeline: Any) -> tuple[int, int]:
    """Smallest step of a side in pixels, and the side of the square that the model was made for."""
    factor = int(getattr(pipeline, "vae_scale_factor", 8))
    denoiser = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    latent = getattr(getattr(denoiser, "config", None), "sample_size", None)
    latent = getattr(pipeline, "default_sample_size", None) or latent or 128
    latent = max(latent) if isinstance(latent, list | tuple) else int(latent)
    side = latent * factor
    # Pipelines insist on multiples of 8, and of two latents; 64 is what the large models saw.
    return (64 if side >= 512 else math.lcm(8, 2 * factor)), side


def _batch_size(device: str, side: int) -> int:
    """A GPU gains from batches when pictures are small; a CPU does not gain at all."""
    if not device.startswith("cuda"):
        return 1
    return 8 if side <= 512 else 4
