"""Which files a generator paints with: the model, its LoRA, ControlNet and IP-Adapter.

Finds and names them exactly, and refuses what is missing or cannot work together, without loading
weights or importing a model library: a plan needs no more.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contentfab.backends._diffusers_families import Family, family_of, require
from contentfab.backends._diffusers_settings import PRODUCT, Options
from contentfab.errors import InputError, MissingDependency
from contentfab.rules.models.cards import card_of
from contentfab.rules.models.files import folder_digest
from contentfab.rules.models.sources import Located, locate, missing_weights, weights_file

LORA_FILE = "pytorch_lora_weights.safetensors"
PACKAGES = ("torch", "diffusers", "transformers")
PAINTING = "painting.json"
"""In a model's folder: `{"steps": 8, "guidance_scale": 1.0}`, what it was made to be used with."""


@dataclass(frozen=True, slots=True)
class Files:
    """What is loaded, and from where. `names` are the models beside the first, as provenance names
    them; `described` is what the generator's id says about them; `lora` and `ip_adapter` are files.
    """

    model: Located
    pipeline: str
    family: Family
    variant: str
    lora: Path | None
    controlnet: Located | None
    ip_adapter: Path | None
    names: tuple[str, ...]
    described: str


def find(options: Options) -> Files:
    """Raises MissingDependency for a package or file that is not there, InputError for a model
    that cannot do what is asked."""
    for package in PACKAGES:
        _need(package, "image.backend=diffusers", "pip install 'contentfab[diffusers]'")
    model = locate(options.model, "image.model", revision=options.revision)
    index = _index(model, options.model)
    pipeline = str(index.get("_class_name", ""))
    family = family_of(pipeline)
    wanted = {
        "around": options.around if options.uses_product else "",
        "controlnet": options.controlnet,
        "ip_adapter": options.ip_adapter,
        "lora": options.lora,
    }
    require(family, pipeline, wanted)
    variant = _variant(model, options)
    painting(model.path)  # so that a wrong one is told before a run starts
    names, described = [], []
    lora, controlnet, ip_adapter = None, None, None
    if options.lora:
        _need("peft", "image.lora", "pip install peft")
        lora, name = _weights(options.lora, "image.lora", LORA_FILE)
        names.append(name)
        described.append(f"lora={name}*{options.lora_scale:g}")
    if options.controlnet:
        controlnet = _controlnet(options.controlnet)
        names.append(str(controlnet))
        picture = options.controlnet_image
        if options.controlnet_depth:
            picture += f":{folder_digest(Path(options.controlnet_depth).expanduser())}"
        described.append(f"controlnet={controlnet}({picture})*{options.controlnet_scale:g}")
    if options.ip_adapter:
        ip_adapter, name = _weights(options.ip_adapter, "image.ip_adapter")
        names.append(name)
        if image_encoder_of(ip_adapter) is None and not (index.get("image_encoder") or [None])[0]:
            raise MissingDependency(
                f"image.ip_adapter: {name} has no image_encoder folder beside it",
                hint="Give the folder that holds both the adapter and its image_encoder.",
            )
        picture = options.ip_adapter_image
        if picture != PRODUCT:
            picture = folder_digest(Path(picture).expanduser())
        described.append(f"ip={name}({picture})*{options.ip_adapter_scale:g}")
    return Files(
        model, pipeline, family, variant, lora, controlnet, ip_adapter, tuple(names),
        ",".join(described),
    )  # fmt: skip


def painting(folder: Path) -> dict[str, float]:
    """Steps and guidance that a model brings along; empty for one that leaves them to its pipeline.
    Raises InputError when the file says anything else."""
    path = folder / PAINTING
    if not path.is_file():
        return {}
    try:
        own = json.loads(path.read_text(encoding="utf-8"))
        found = {"steps": int(own["steps"]), "guidance_scale": float(own["guidance_scale"])}
    except (ValueError, KeyError, TypeError):
        found = {}
    if not found or found["steps"] < 1:
        raise InputError(
            f"image.model: {folder.name}/{PAINTING} does not hold steps and guidance_scale",
            hint='Write {"steps": 8, "guidance_scale": 1.0}, or remove the file.',
        )
    return found


def image_encoder_of(adapter: Path) -> Path | None:
    """The picture encoder that belongs to an IP-Adapter file: beside it, or in the next folder
    up, where repositories with several adapters keep it."""
    for folder in (adapter.parent, adapter.parent.parent, adapter.parent.parent / "models"):
        if (folder / "image_encoder" / "config.json").is_file():
            return folder / "image_encoder"
    return None


def _index(model: Located, given: str) -> dict[str, Any]:
    hint = "Give a folder saved with save_pretrained, or a repository name."
    path = model.path / "model_index.json"
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        message = f"image.model: {given} holds no model_index.json"
        raise InputError(message, hint=hint) from None
    except ValueError:
        message = f"image.model: {given}: model_index.json is no JSON"
        raise InputError(message, hint=hint) from None
    return index if isinstance(index, dict) else {}


def _variant(model: Located, options: Options) -> str:
    """The variant asked for; without one, that of a known model of which nothing else is here."""
    gaps = missing_weights(model.path, options.variant)
    card = card_of(model.name)
    usual = card.variant if card and not options.variant else ""
    if gaps and usual and not missing_weights(model.path, usual):
        return usual
    if gaps:
        kind = f"{options.variant} " if options.variant else ""
        raise MissingDependency(
            f"image.model: {model.name} lacks the {kind}safetensors weights of {', '.join(gaps)}",
            hint="The folder must be complete, with safetensors weights (not .bin or .ckpt). "
            "For a repository: contentfab models pull NAME goes on where a download stopped.",
        )
    return options.variant


def _weights(source: str, setting: str, usual: str = "") -> tuple[Path, str]:
    """A weights file, and its name with a digest or commit: a picture's key depends on it."""
    found = locate(source, setting)
    path = weights_file(found, setting, usual)
    if found.path.is_file() or len(found.revision) == 40:
        return path, str(found)
    return path, f"{found.name}@{folder_digest(path)}"


def _controlnet(source: str) -> Located:
    found = locate(source, "image.controlnet")
    config = found.path / "config.json"
    try:
        kind = json.loads(config.read_text(encoding="utf-8")).get("_class_name")
    except (OSError, ValueError):
        kind = None
    if kind != "ControlNetModel":
        hint = "Give a folder or repository of a ControlNetModel, saved with save_pretrained."
        raise InputError(f"image.controlnet: {found.name} is no ControlNet", hint=hint)
    if missing_weights(found.path):
        raise MissingDependency(
            f"image.controlnet: {found.name} lacks its safetensors weights",
            hint="The folder must be complete, with safetensors weights (not .bin).",
        )
    return found


def _need(package: str, what: str, hint: str) -> None:
    if importlib.util.find_spec(package) is None:
        message = f"{what} needs a package that is not there: {package}"
        raise MissingDependency(message, hint=hint)
