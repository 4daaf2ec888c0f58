"""Image generator that paints key visuals with a diffusers model: SD, SDXL, SD3, FLUX and others.

Paints at the model's own resolution in the asked aspect and brings the result to the exact size.
With `around`, it paints the scene around the product's own picture and puts the product's pixels
back. Weights are loaded when the first picture is asked for: a plan needs only their names. It
does not look at what it painted: the picture stage does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from contentfab.backends._diffusers_files import find
from contentfab.backends._diffusers_load import device_for, scheduler_for
from contentfab.backends._diffusers_paint import Painter
from contentfab.backends._diffusers_settings import STRENGTH, Options
from contentfab.backends._diffusers_tasks import Task, finished, task_for
from contentfab.records.pictures import KeyVisual, PictureRequest, Provenance
from contentfab.rules.image_prompts import ImagePrompts
from contentfab.rules.pixels.quiet_areas import quiet_areas
from contentfab.rules.product.around import beside, fixed_stand
from contentfab.rules.product.cutout import VERSION as CUTOUT_VERSION

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

REVISION = "2"  # of everything that turns a painted canvas into a key visual
AROUND_REVISION = "1"  # of everything that places a product and makes what a model starts from


class DiffusersImageGenerator:
    """Settings: `model` (folder or repository), `revision`, `variant` (such as fp16), `steps` and
    `guidance_scale` (default: the pipeline's own), `scheduler` (class name), `side` (pixels of the
    square that the model paints best; default: the model's own), `batch_size`, `device` (auto, cpu,
    cuda, mps), `dtype` (auto, float32, float16, bfloat16), `templates`.

    Around the product: `around` (none, inpaint, img2img) with `strength` (0 … 1); `controlnet`
    (folder or repository) with `controlnet_image` (canny, mask, or depth with `controlnet_depth`, a
    picture) and `controlnet_scale`. In any case: `ip_adapter` (folder, file or repository) with
    `ip_adapter_image` (product, or a picture file) and `ip_adapter_scale`; `lora` (folder, file or
    repository) with `lora_scale`. Repositories are OWNER/NAME[/FILE][@REVISION].

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
        around: str = "none",
        strength: float | None = None,
        controlnet: str = "",
        controlnet_image: str = "canny",
        controlnet_depth: str = "",
        controlnet_scale: float = 1.0,
        ip_adapter: str = "",
        ip_adapter_image: str = "product",
        ip_adapter_scale: float = 0.6,
        lora: str = "",
        lora_scale: float = 1.0,
        templates: str | Path | None = None,
    ) -> None:
        self._options = Options(
            model, revision, variant, steps, guidance_scale, scheduler, side, batch_size, device,
            dtype, around, strength, controlnet, controlnet_image, controlnet_depth,
            controlnet_scale, ip_adapter, ip_adapter_image, ip_adapter_scale, lora, lora_scale,
        )  # fmt: skip
        self._prompts = ImagePrompts(templates)
        self._files = find(self._options)
        self.around_product = self._options.uses_product
        self.id = self._named()
        self._loaded: Painter | None = None

    @property
    def batch_size(self) -> int:
        """A GPU gains from batches when pictures are small; a CPU does not gain at all."""
        if self._options.batch_size:
            return self._options.batch_size
        if not device_for(self._options.device).startswith("cuda"):
            return 1
        return 8 if self._painter.grid.side <= 512 else 4

    def prepare(self) -> None:
        """Refuses what only the model libraries know: a device that is not usable here, a scheduler
        that does not fit. Loads no weights."""
        device_for(self._options.device)
        scheduler_for(self._files.model.path, self._options.scheduler)

    def generate(self, requests: Sequence[PictureRequest]) -> list[KeyVisual]:
        """Key visuals in the order of the requests. Raises BadOutput when a prompt is longer than
        the text encoders read, BackendError when the device runs out of memory."""
        painter = self._painter
        prompts = [self._prompt(request) for request in requests]
        for prompt in dict.fromkeys(prompts):
            painter.check(prompt)
        tasks = [
            task_for(request, prompt, painter.grid, self._options, always=painter.always_masked)
            for request, prompt in zip(requests, prompts, strict=True)
        ]
        buckets: dict[object, list[int]] = {}
        for i, task in enumerate(tasks):
            buckets.setdefault(task.bucket, []).append(i)
        visuals: dict[int, KeyVisual] = {}
        for members in buckets.values():
            for start in range(0, len(members), self.batch_size):
                chunk = members[start : start + self.batch_size]
                for i, pixels in zip(chunk, painter.paint([tasks[i] for i in chunk]), strict=True):
                    visuals[i] = self._visual(requests[i], tasks[i], pixels)
        return [visuals[i] for i in range(len(requests))]

    @property
    def _painter(self) -> Painter:
        if self._loaded is None:
            self._loaded = Painter(self._files, self._options, self._prompts.negative())
        return self._loaded

    def _prompt(self, request: PictureRequest) -> str:
        around = self.around_product and request.product_image is not None
        return self._prompts.positive(request.art_direction, around=around)

    def _named(self) -> str:
        """The id; what is left to the pipeline follows from the model's revision."""
        options = self._options
        guidance = options.guidance_scale
        parts = [
            f"steps={options.steps or 'own'}",
            f"guidance={'own' if guidance is None else format(guidance, 'g')}",
            f"scheduler={options.scheduler or 'own'}",
            f"side={options.side or 'own'}",
        ]
        if options.uses_product:
            strength = options.strength or STRENGTH[options.around]
            revision = f"{AROUND_REVISION}.{CUTOUT_VERSION}"
            parts.append(f"{options.around}.{revision}*{strength:g}")
        if self._files.variant:
            parts.append(self._files.variant)
        parts += [self._files.described] if self._files.described else []
        parts.append(f"prompts={self._prompts.digest[:12]}")
        return f"diffusers.{REVISION}/{self._files.model}/{','.join(parts)}"

    def _visual(self, request: PictureRequest, task: Task, pixels: Picture) -> KeyVisual:
        exact = finished(pixels, request, task.box)
        path, box = request.product_image, task.box
        stand = fixed_stand(path, box, request.width, request.height) if path and box else None
        quiet = quiet_areas(exact, request.art_direction.copy_space)
        painter = self._painter
        provenance = Provenance(
            # IPTC: what a model adds to a given picture is a composite; see signed_claim.py.
            digital_source_type="compositeWithTrainedAlgorithmicMedia"
            if stand
            else "trainedAlgorithmicMedia",
            engine="diffusers",
            model=self._files.model.name,
            model_revision=self._files.model.revision,
            seed=request.seed,
            steps=painter.steps,
            guidance_scale=painter.guidance,
            scheduler=painter.scheduler,
            prompt=task.prompt,
            uses_ai=True,
            adapters=self._files.names,
        )
        return KeyVisual(
            request.key,
            exact,
            provenance,
            stand=stand,
            quiet=beside(quiet, stand) if stand else quiet,
            scene=request.art_direction.scene,
        )
