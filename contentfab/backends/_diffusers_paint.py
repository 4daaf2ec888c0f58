"""One pipeline call after another: batches of tasks in, painted canvases out.

Noise comes from one seed per task, so that a picture does not depend on its batch (but for
rounding in the kernels). Knows no requests and no settings but those of the call.
"""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any

from contentfab.backends._diffusers_files import Files, painting
from contentfab.backends._diffusers_load import load
from contentfab.backends._diffusers_prompts import PromptCache, check_length
from contentfab.backends._diffusers_settings import STRENGTH, Options
from contentfab.backends._diffusers_tasks import Grid, Task
from contentfab.errors import BackendError

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

CACHED_REFERENCES = 64


class Painter:
    """Loaded weights, and how they are called. `steps`, `guidance` and `scheduler` are what is
    used where the settings leave it to the model's `painting.json` or the pipeline."""

    def __init__(self, files: Files, options: Options, negative: str) -> None:
        loaded = load(files, options)
        self._from_text, self._around, self._device = (
            loaded.from_text, loaded.around, loaded.device,
        )  # fmt: skip
        main = loaded.main
        takes = inspect.signature(main.__call__).parameters
        self._takes = takes
        own = painting(files.model.path)
        self.steps = options.steps or int(own.get("steps", takes["num_inference_steps"].default))
        default = own.get("guidance_scale", getattr(takes.get("guidance_scale"), "default", 0.0))
        given = options.guidance_scale
        self.guidance = float(default if given is None else given)
        self.scheduler = type(main.scheduler).__name__
        self.grid = _grid(main, options.side)
        self._options, self._main = options, main
        self._strength = options.strength or STRENGTH.get(options.around, 1.0)
        self._prompts = PromptCache(
            main, files.family.encodes, negative, guided=self.guidance > 1, device=loaded.device
        )
        self._references: dict[str, Any] = {}

    @property
    def always_masked(self) -> bool:
        """Whether the model cannot paint without a mask."""
        return self._from_text is None

    def check(self, prompt: str) -> None:
        """Raises BadOutput for a prompt longer than the text encoders read."""
        limit = getattr(self._takes.get("max_sequence_length"), "default", 512)
        check_length(prompt, self._main, limit)

    def paint(self, tasks: list[Task]) -> list[Picture]:
        """Canvases of tasks of one bucket, in one call, halved while the device has too little
        memory for it. Raises BackendError when one alone is too much."""
        import torch

        try:
            images = self._call(tasks)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
            if len(tasks) == 1:
                width, height = tasks[0].canvas
                hint = "Lower --set image.side, or use a smaller model or another device."
                message = f"out of memory painting {width}×{height}"
                raise BackendError(message, hint=hint) from None
            half = len(tasks) // 2
            return self.paint(tasks[:half]) + self.paint(tasks[half:])
        levels = (images.float().nan_to_num(0.0).clamp(0, 1) * 255).round().to(torch.uint8)
        return list(levels.permute(0, 2, 3, 1).contiguous().cpu().numpy())

    def _call(self, tasks: list[Task]) -> Any:
        import torch

        around = tasks[0].start is not None
        pipeline = self._around if around else self._from_text
        takes = inspect.signature(pipeline.__call__).parameters
        # Noise is drawn on the CPU, so that a seed means the same noise on every device.
        generators = [torch.Generator("cpu").manual_seed(task.seed % 2**63) for task in tasks]
        given: dict[str, Any] = {
            "num_inference_steps": self.steps,
            "guidance_scale": self.guidance,
            "generator": generators,
            "output_type": "pt",
        }
        if "width" in takes:
            given["width"], given["height"] = tasks[0].canvas
        if around:
            given |= {"image": [task.start for task in tasks], "strength": self._strength}
            if tasks[0].mask is not None:
                given["mask_image"] = [task.mask for task in tasks]
            if tasks[0].control is not None:
                given["control_image"] = [task.control for task in tasks]
                given["controlnet_conditioning_scale"] = float(self._options.controlnet_scale)
        if tasks[0].reference is not None:
            given["ip_adapter_image_embeds"] = [self._seen(pipeline, tasks)]
        given |= self._prompts.conditions([task.prompt for task in tasks], takes)
        return pipeline(**given).images

    def _seen(self, pipeline: Any, tasks: list[Task]) -> Any:
        """What the IP-Adapter sees, (pictures, 1, width of the encoder); with guidance the pictures
        of nothing come first. Given as pictures, diffusers would take a batch for one prompt."""
        import torch

        guided = self.guidance > 1
        if len(self._references) > CACHED_REFERENCES:
            self._references.clear()
        for task in tasks:
            if task.reference_name not in self._references:
                with torch.inference_mode():
                    (embeds,) = pipeline.prepare_ip_adapter_image_embeds(
                        [task.reference], None, self._device, 1, guided
                    )
                self._references[task.reference_name] = embeds
        seen = [self._references[task.reference_name] for task in tasks]
        if not guided:
            return torch.cat(seen)
        halves = [embeds.chunk(2) for embeds in seen]
        return torch.cat([*(none for none, _ in halves), *(some for _, some in halves)])


def _grid(pipeline: Any, side: int) -> Grid:
    factor = int(getattr(pipeline, "vae_scale_factor", 8))
    denoiser = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    latent = getattr(getattr(denoiser, "config", None), "sample_size", None)
    latent = getattr(pipeline, "default_sample_size", None) or latent or 128
    latent = max(latent) if isinstance(latent, list | tuple) else int(latent)
    own = latent * factor
    # Pipelines insist on multiples of 8, and of two latents; 64 is what the large models saw.
    unit = 64 if own >= 512 else math.lcm(8, 2 * factor)
    # Transformers see patches of two by two latents as one.
    cell = factor if getattr(pipeline, "unet", None) is not None else 2 * factor
    return Grid(unit, cell, side or own)
