"""What a user can set about painting, checked before anything is loaded or paid for.

Knows the settings' names, bounds and which of them go together; loads no model library.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contentfab.errors import InputError, MissingDependency

AROUND = ("none", "inpaint", "img2img")
CONTROL = ("canny", "mask", "depth")
DTYPES = ("auto", "float32", "float16", "bfloat16")
DEVICES = ("auto", "cpu", "cuda", "mps")
STRENGTH = {"inpaint": 1.0, "img2img": 0.6}
PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the section `image`, as `DiffusersImageGenerator` describes them."""

    model: str
    revision: str
    variant: str
    steps: int | None
    guidance_scale: float | None
    scheduler: str
    side: int
    batch_size: int
    device: str
    dtype: str
    around: str
    strength: float | None
    controlnet: str
    controlnet_image: str
    controlnet_depth: str
    controlnet_scale: float
    ip_adapter: str
    ip_adapter_image: str
    ip_adapter_scale: float
    lora: str
    lora_scale: float

    def __post_init__(self) -> None:
        if not self.model:
            raise InputError("image.model is not set", hint="Add --set image.model=FOLDER.")
        for name in ("steps", "side", "batch_size"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < (name == "steps")):
                raise InputError(f"image.{name} must be a positive number, not {value!r}")
        for name in ("guidance_scale", "strength", "controlnet_scale", "ip_adapter_scale",
                     "lora_scale"):  # fmt: skip
            value = getattr(self, name)
            if value is not None and (
                isinstance(value, bool) or not isinstance(value, int | float)
            ):
                raise InputError(f"image.{name} must be a number, not {value!r}")
        _one_of("around", self.around, AROUND)
        _one_of("controlnet_image", self.controlnet_image, CONTROL)
        _one_of("dtype", self.dtype, DTYPES)
        device, _, number = self.device.partition(":")
        if device not in DEVICES or (number and not number.isdigit()):
            hint = f"devices are {', '.join(DEVICES)}, or one by its number: cuda:1"
            raise InputError(f"image.device: {self.device!r} is not usable here", hint=hint)
        self._check_around()
        self._check_adapters()

    @property
    def uses_product(self) -> bool:
        """Whether pictures are made from the product's own picture."""
        return self.around != "none"

    def _check_around(self) -> None:
        if self.strength is None:
            return
        if not self.uses_product:
            hint = "Add --set image.around=inpaint or img2img, or leave image.strength out."
            raise InputError("image.strength has no effect without image.around", hint=hint)
        if not 0 < self.strength <= 1:
            hint = "1 paints everything anew, 0.3 changes little."
            raise InputError(f"image.strength must be in 0 … 1, not {self.strength}", hint=hint)
        if self.steps is not None and int(self.steps * self.strength) < 1:
            raise InputError(
                f"image.strength={self.strength} of {self.steps} steps leaves no step to paint",
                hint=f"Set image.strength to at least {1 / self.steps:.2g}, or more image.steps.",
            )

    def _check_adapters(self) -> None:
        if self.controlnet and not self.uses_product:
            raise InputError(
                "image.controlnet is given the product's outline, so it needs image.around",
                hint="Add --set image.around=inpaint (or img2img).",
            )
        if self.controlnet and (self.controlnet_image == "depth") != bool(self.controlnet_depth):
            raise InputError(
                "image.controlnet_image=depth and image.controlnet_depth=FILE go together",
                hint="Give the product's depth picture, or --set image.controlnet_image=canny.",
            )
        if self.controlnet_depth and not Path(self.controlnet_depth).expanduser().is_file():
            raise MissingDependency(
                f"image.controlnet_depth: {self.controlnet_depth} is not there",
                hint="Give a picture of the product's depth: white is near.",
            )
        if not self.ip_adapter:
            return
        if self.ip_adapter_image == PRODUCT and not self.uses_product:
            raise InputError(
                "image.ip_adapter_image=product needs image.around",
                hint="Add --set image.around=inpaint, or --set image.ip_adapter_image=FILE, such "
                "as one of the brand's exemplars.",
            )
        if (
            self.ip_adapter_image != PRODUCT
            and not Path(self.ip_adapter_image).expanduser().is_file()
        ):
            raise MissingDependency(
                f"image.ip_adapter_image: {self.ip_adapter_image} is not there",
                hint="Give a picture whose look is wanted, or product.",
            )


def _one_of(name: str, value: str, valid: tuple[str, ...]) -> None:
    if value not in valid:
        hint = f"image.{name} is one of {', '.join(valid)}"
        raise InputError(f"image.{name}: unknown {value!r}", hint=hint)
