"""Which kinds of diffusers model can paint around a product, and with what beside them.

A table by the pipeline class that a model's folder names, so that what cannot be is told before
any weights are loaded. `tests/test_image_around.py` holds it against the installed diffusers.
"""

from __future__ import annotations

from dataclasses import dataclass

from contentfab.errors import InputError


@dataclass(frozen=True, slots=True)
class Family:
    """What one family of models can do. `only_inpaints`: its UNet takes a mask, so that it can do
    nothing else; `encodes`: what `encode_prompt` returns, where that is all the encoders do."""

    name: str
    around: tuple[str, ...] = ()
    controlnet: bool = False
    ip_adapter: bool = False
    lora: bool = False
    only_inpaints: bool = False
    encodes: tuple[str, ...] = ()


BOTH = ("inpaint", "img2img")
SD_ENCODES = ("prompt_embeds", "negative_prompt_embeds")
SDXL_ENCODES = (*SD_ENCODES, "pooled_prompt_embeds", "negative_pooled_prompt_embeds")

FAMILIES = {
    "StableDiffusionPipeline": Family("SD", BOTH, True, True, True, encodes=SD_ENCODES),
    "StableDiffusionXLPipeline": Family("SDXL", BOTH, True, True, True, encodes=SDXL_ENCODES),
    "StableDiffusionInpaintPipeline": Family(
        "SD inpainting", ("inpaint",), True, True, True, only_inpaints=True, encodes=SD_ENCODES
    ),
    "StableDiffusionXLInpaintPipeline": Family(
        "SDXL inpainting", ("inpaint",), True, True, True, only_inpaints=True, encodes=SDXL_ENCODES
    ),
    "StableDiffusion3Pipeline": Family("SD3", BOTH, lora=True),
    "FluxPipeline": Family("FLUX", BOTH, lora=True),
}
OTHER = Family("")


def family_of(pipeline_class: str) -> Family:
    """The family of a pipeline class; of one that is not in the table, a family that can do no
    more than paint from text."""
    return FAMILIES.get(pipeline_class, OTHER)


def require(family: Family, pipeline_class: str, wanted: dict[str, str]) -> None:
    """Raises InputError when a family lacks what the settings in `wanted` ask for; the keys are
    `around`, `controlnet`, `ip_adapter`, `lora`."""
    for setting, value in wanted.items():
        if value and not _can(family, setting, value):
            able = [f.name for f in FAMILIES.values() if _can(f, setting, value)]
            asked = f"image.around={value}" if setting == "around" else f"image.{setting}"
            raise InputError(
                f"{asked}: a {family.name or pipeline_class} model cannot do that",
                hint=f"Models that can: {', '.join(able)}.",
            )
    if family.only_inpaints and wanted.get("around") != "inpaint":
        raise InputError(
            f"a {family.name} model paints around a product only",
            hint="Add --set image.around=inpaint, or give a model that paints from text.",
        )


def _can(family: Family, setting: str, value: str) -> bool:
    if setting == "around":
        return value in family.around
    # Adapters of a family that is not in the table are tried: diffusers itself says no.
    return bool(getattr(family, setting)) or (family is OTHER and setting == "lora")
