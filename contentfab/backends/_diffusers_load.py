"""Loads a text-to-image pipeline from a folder or the Hugging Face cache, and names it exactly.

Only safetensors weights, never code from a model repository. Says what is missing and how to get
it. Knows nothing about prompts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contentfab.errors import InputError, MissingDependency
from contentfab.rules.model_files import folder_digest

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pipeline ready to paint. `revision` is a commit for a repository, for a folder a digest of
    its files (large ones by sample); `name` holds no path of this machine."""

    pipeline: Any
    name: str
    revision: str
    device: str


def load(
    model: str,
    *,
    revision: str = "",
    variant: str = "",
    device: str = "auto",
    dtype: str = "auto",
    offline: bool = False,
) -> Loaded:
    """Raises MissingDependency for a missing package or model, InputError for a wrong setting."""
    torch, diffusers = _packages()
    device = _device(torch, device)
    folder = Path(model).expanduser()
    local = folder.is_dir()
    if local and not (folder / "model_index.json").is_file():
        hint = "Give a folder saved with save_pretrained, or a repository name."
        raise InputError(f"image.model: {model} holds no model_index.json", hint=hint)
    if not local:
        folder = _from_hub(diffusers, model, revision, variant, offline)
    try:
        pipeline = diffusers.AutoPipelineForText2Image.from_pretrained(
            str(folder),
            use_safetensors=True,
            local_files_only=True,
            dtype=_dtype(torch, dtype, device),
            **({"variant": variant} if variant else {}),
        )
    except ValueError as error:
        hint = "Give a model that makes pictures from text: SD, SDXL, SD3, FLUX, …"
        raise InputError(f"image.model: {model}: {error}", hint=hint) from None
    except (OSError, ImportError) as error:
        hint = "The folder must be complete, with safetensors weights (not .bin or .ckpt)."
        raise MissingDependency(f"image.model: {model}: {_first_line(error)}", hint=hint) from None
    pipeline.set_progress_bar_config(disable=True)
    pipeline.to(device)
    if device.startswith("cuda"):
        for part in (getattr(pipeline, "unet", None), getattr(pipeline, "vae", None)):
            if part is not None:
                part.to(memory_format=torch.channels_last)
    name = folder.resolve().name if local else model
    return Loaded(pipeline, name, folder_digest(folder) if local else folder.name, device)


def load_lora(pipeline: Any, lora: str, scale: float) -> str:
    """Fuses a LoRA folder or file into the pipeline; its digest, for the id."""
    path = Path(lora).expanduser()
    if not path.exists():
        raise MissingDependency(f"image.lora: {lora} is not there", hint="Give a folder or file.")
    try:
        pipeline.load_lora_weights(str(path))
        pipeline.fuse_lora(lora_scale=scale)
        pipeline.unload_lora_weights()
    except (ImportError, ValueError) as error:
        if "peft" in str(error).lower():
            raise MissingDependency("image.lora needs peft", hint="pip install peft") from None
        raise InputError(f"image.lora: {lora}: {_first_line(error)}") from None
    except (OSError, RuntimeError, KeyError) as error:
        hint = "The LoRA must be made for this model, as safetensors."
        raise InputError(f"image.lora: {lora}: {_first_line(error)}", hint=hint) from None
    return folder_digest(path)


def set_scheduler(pipeline: Any, name: str) -> None:
    """Replaces the scheduler by a compatible one, named as diffusers names it."""
    choices = {cls.__name__: cls for cls in pipeline.scheduler.compatibles}
    if name not in choices:
        hint = f"schedulers for this model are {', '.join(sorted(choices))}"
        raise InputError(f"image.scheduler: unknown {name!r}", hint=hint)
    pipeline.scheduler = choices[name].from_config(pipeline.scheduler.config)


def _packages() -> tuple[Any, Any]:
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


def _device(torch: Any, device: str) -> str:
    if device != "auto":
        usable = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": _mps(torch)}
        if not usable.get(device.partition(":")[0], False):
            hint = f"usable here: auto, {', '.join(n for n, there in usable.items() if there)}"
            raise InputError(f"image.device: {device!r} is not usable here", hint=hint)
        return device
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if _mps(torch) else "cpu"


def _mps(torch: Any) -> bool:
    return bool(torch.backends.mps.is_available())


def _dtype(torch: Any, dtype: str, device: str) -> Any:
    choices = {
        "float32": torch.float32,
        "float16": torch.float16,
        "bfloat16": torch.bfloat16,
    }
    if dtype in choices:
        return choices[dtype]
    if dtype != "auto":
        hint = f"dtypes are auto, {', '.join(choices)}"
        raise InputError(f"image.dtype: unknown {dtype!r}", hint=hint)
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device == "mps" else torch.float32


def _from_hub(diffusers: Any, model: str, revision: str, variant: str, offline: bool) -> Path:
    if not _REPOSITORY.fullmatch(model):
        hint = "Give a folder that exists, or a repository such as stabilityai/sd-turbo."
        raise MissingDependency(f"image.model: {model} is not there", hint=hint)
    options = {"revision": revision, "variant": variant}
    try:
        folder = diffusers.DiffusionPipeline.download(
            model,
            use_safetensors=True,
            local_files_only=offline,
            **{name: value for name, value in options.items() if value},
        )
    except (OSError, ValueError) as error:  # every error of the hub is one of these
        at = f" at revision {revision}" if revision else ""
        hint = (
            f"Once, with network: hf download {model} (for a gated model accept its licence and "
            "set HF_TOKEN), or --set image.model=FOLDER."
        )
        message = f"image.model: {model}{at} is not on this machine: {_first_line(error)}"
        raise MissingDependency(message, hint=hint) from None
    return Path(folder)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]
