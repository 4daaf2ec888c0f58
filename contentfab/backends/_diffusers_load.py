"""Loads a diffusers pipeline and what belongs to it, once, onto one device.

Only safetensors weights, never code from a model repository. Knows files and devices; nothing
about prompts or pictures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contentfab.backends._diffusers_files import Files, image_encoder_of
from contentfab.backends._diffusers_settings import Options
from contentfab.errors import InputError, MissingDependency


@dataclass(frozen=True, slots=True)
class Loaded:
    """Pipelines ready to paint: from text alone, and around a product. They share their weights;
    one that cannot do the other's work is None."""

    from_text: Any
    around: Any
    device: str

    @property
    def main(self) -> Any:
        """The one that the model's folder names."""
        return self.from_text or self.around


def libraries() -> tuple[Any, Any]:
    """torch and diffusers, without progress bars and chatter."""
    try:
        import diffusers
        import torch
        import transformers
    except ImportError as error:
        raise MissingDependency(
            f"image.backend=diffusers needs a package that is not there: {error.name or error}",
            hint="pip install 'contentfab[diffusers]'",
        ) from None
    for library in (diffusers, transformers):
        library.utils.logging.disable_progress_bar()
        library.utils.logging.set_verbosity_error()
    return torch, diffusers


def device_for(wanted: str) -> str:
    """The device that a setting means on this machine. Raises InputError when it is not usable."""
    torch, _ = libraries()
    usable = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": _mps(torch)}
    if wanted == "auto":
        return next(name for name in ("cuda", "mps", "cpu") if usable[name])
    if not usable[wanted.partition(":")[0]]:
        hint = f"usable here: auto, {', '.join(n for n, there in usable.items() if there)}"
        raise InputError(f"image.device: {wanted!r} is not usable here", hint=hint)
    return wanted


def load(files: Files, options: Options) -> Loaded:
    """Raises MissingDependency for files that turn out not to be whole, InputError for a wrong
    setting."""
    torch, diffusers = libraries()
    device = device_for(options.device)
    dtype = _dtype(torch, options.dtype, device)
    only_inpaints = files.family.only_inpaints
    auto = "AutoPipelineForInpainting" if only_inpaints else "AutoPipelineForText2Image"
    pipeline = _pipeline(getattr(diffusers, auto), files, dtype)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.to(device)
    if options.lora and files.lora is not None:
        _fuse_lora(pipeline, files.lora, options.lora_scale)
    if files.ip_adapter is not None:
        _add_ip_adapter(pipeline, files.ip_adapter, options.ip_adapter_scale)
    if device.startswith("cuda"):
        for part in (getattr(pipeline, "unet", None), getattr(pipeline, "vae", None)):
            if part is not None:
                part.to(memory_format=torch.channels_last)
    if kind := scheduler_for(files.model.path, options.scheduler):
        pipeline.scheduler = kind.from_config(pipeline.scheduler.config)
    around = _around(diffusers, pipeline, files, options, dtype, device)
    return Loaded(None if only_inpaints else pipeline, around, device)


def _pipeline(factory: Any, files: Files, dtype: Any) -> Any:
    model = files.model
    try:
        return factory.from_pretrained(
            str(model.path),
            use_safetensors=True,
            local_files_only=True,
            dtype=dtype,
            **({"variant": files.variant} if files.variant else {}),
        )
    except ValueError as error:
        hint = "Give a model that makes pictures from text: SD, SDXL, SD3, FLUX, …"
        raise InputError(f"image.model: {model.name}: {_first_line(error)}", hint=hint) from None
    except (OSError, ImportError, RuntimeError) as error:
        hint = "The folder must be complete, with safetensors weights (not .bin or .ckpt)."
        message = f"image.model: {model.name}: {_first_line(error)}"
        raise MissingDependency(message, hint=hint) from None


def _around(
    diffusers: Any, pipeline: Any, files: Files, options: Options, dtype: Any, device: str
) -> Any:
    """The pipeline that paints around a product, from the components that are loaded."""
    if not options.uses_product:
        return None
    more = {}
    if files.controlnet is not None:
        try:
            net = diffusers.ControlNetModel.from_pretrained(
                str(files.controlnet.path), use_safetensors=True, local_files_only=True, dtype=dtype
            )
        except (OSError, ValueError, RuntimeError) as error:
            hint = "Give a ControlNet with safetensors weights."
            message = f"image.controlnet: {files.controlnet.name}: {_first_line(error)}"
            raise MissingDependency(message, hint=hint) from None
        own = net.config.cross_attention_dim
        if own != pipeline.unet.config.cross_attention_dim:
            hint = "Give one that was trained for this model."
            message = f"image.controlnet: {files.controlnet.name} is for another kind of model"
            raise InputError(message, hint=hint)
        more["controlnet"] = net.to(device)
    auto = {"inpaint": "AutoPipelineForInpainting", "img2img": "AutoPipelineForImage2Image"}
    made = getattr(diffusers, auto[options.around]).from_pipe(pipeline, **more)
    made.set_progress_bar_config(disable=True)
    return made


def _fuse_lora(pipeline: Any, path: Path, scale: float) -> None:
    try:
        pipeline.load_lora_weights(str(path.parent), weight_name=path.name, use_safetensors=True)
        pipeline.fuse_lora(lora_scale=scale)
        pipeline.unload_lora_weights()
    except (ImportError, ValueError) as error:
        if "peft" in str(error).lower() and isinstance(error, ImportError):
            raise MissingDependency("image.lora needs peft", hint="pip install peft") from None
        raise InputError(f"image.lora: {path.name}: {_first_line(error)}") from None
    except (OSError, RuntimeError, KeyError) as error:
        hint = "The LoRA must be made for this model, as safetensors."
        raise InputError(f"image.lora: {path.name}: {_first_line(error)}", hint=hint) from None


def _add_ip_adapter(pipeline: Any, path: Path, scale: float) -> None:
    """The adapter and its CLIP picture encoder. diffusers wants both named from one folder."""
    encoder = image_encoder_of(path)
    root = path.parent
    while encoder is not None and root not in encoder.parents:
        root = root.parent
    folder = path.parent.relative_to(root).as_posix()
    inside = encoder.relative_to(root).as_posix() if encoder else None
    try:
        pipeline.load_ip_adapter(
            str(root),
            subfolder="" if folder == "." else folder,
            weight_name=path.name,
            # A name without a slash is looked for in `subfolder`, one with a slash in the root.
            image_encoder_folder=inside if inside is None or "/" in inside else f"./{inside}",
            local_files_only=True,
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        hint = "The IP-Adapter must be made for this model, with its image_encoder beside it."
        message = f"image.ip_adapter: {path.name}: {_first_line(error)}"
        raise InputError(message, hint=hint) from None
    pipeline.set_ip_adapter_scale(scale)


def scheduler_for(model: Path, name: str) -> Any:
    """The class of a scheduler that the model in a folder can use, None when none is asked for.
    Loads no weights. Raises InputError for one that it cannot use."""
    if not name:
        return None
    _, diffusers = libraries()
    config = json.loads((model / "scheduler" / "scheduler_config.json").read_text(encoding="utf-8"))
    own = getattr(diffusers, config["_class_name"]).from_config(config)
    choices = {kind.__name__: kind for kind in own.compatibles}
    if name not in choices:
        hint = f"schedulers for this model are {', '.join(sorted(choices))}"
        raise InputError(f"image.scheduler: unknown {name!r}", hint=hint)
    return choices[name]


def _mps(torch: Any) -> bool:
    return bool(torch.backends.mps.is_available())


def _dtype(torch: Any, dtype: str, device: str) -> Any:
    if dtype != "auto":
        return getattr(torch, dtype)
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device == "mps" else torch.float32


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]
