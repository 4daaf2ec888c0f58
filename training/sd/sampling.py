"""Pictures from prompts by the parts of a model in training: what the pipeline does, without one.

Knows no measures and no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, UNet2DConditionModel
from transformers import CLIPTextModel

from training.sd import loop
from training.sd.text import Encoder
from training.sd.unet import scheduler

if TYPE_CHECKING:
    from torch import Tensor

AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Pieces:
    """The parts of a model, on one device."""

    vae: AutoencoderKL
    unet: UNet2DConditionModel
    tower: CLIPTextModel
    encode: Encoder

    @property
    def device(self) -> str:
        return str(next(self.unet.parameters()).device)


def solver() -> DPMSolverMultistepScheduler:
    """DPM-Solver++ of second order (Lu et al. 2022) on the schedule of training."""
    made: DPMSolverMultistepScheduler = DPMSolverMultistepScheduler.from_config(
        scheduler().config, algorithm_type="dpmsolver++", solver_order=2, euler_at_final=True
    )
    return made


SAMPLERS = {"DDIMScheduler": scheduler, "DPMSolverMultistepScheduler": solver}


def guided(
    unet: UNet2DConditionModel, noisy: Tensor, times: Tensor, said: Tensor, blank: Tensor,
    strength: float,
) -> Tensor:  # fmt: skip
    """The velocity with guidance of `strength`; 1 is none."""
    if strength == 1:
        return unet(noisy, times, said).sample.float()
    both = unet(torch.cat([noisy] * 2), torch.cat([times] * 2), torch.cat([said, blank])).sample
    with_words, without = both.float().chunk(2)
    return without + strength * (with_words - without)


@torch.no_grad()
def paint(
    pieces: Pieces,
    prompts: Sequence[str],
    size: tuple[int, int],
    seeds: Sequence[int],
    *,
    steps: int,
    strength: float = 1.0,
    sampler: str = "DDIMScheduler",
) -> Tensor:
    """N x 3 x height x width in -1..1; `size` is width and height. Noise comes from one seed a
    picture, drawn on the CPU as `image_diffusers` draws it."""
    found = []
    for start in range(0, len(prompts), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        found.append(_some(pieces, prompts[part], size, seeds[part], steps, strength, sampler))
    return torch.cat(found)


def _some(
    pieces: Pieces, prompts: Sequence[str], size: tuple[int, int], seeds: Sequence[int],
    steps: int, strength: float, sampler: str,
) -> Tensor:  # fmt: skip
    device, kind = pieces.device, SAMPLERS[sampler]()
    shape = (1, 4, size[1] // 8, size[0] // 8)
    noise = [torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    latents: Any = torch.cat(noise).to(device)
    kind.set_timesteps(steps, device=device)
    with loop.autocast(device):
        states = pieces.tower(pieces.encode([*prompts, ""], device)).last_hidden_state
        said, blank = states[:-1], states[-1:].expand(len(prompts), -1, -1)
        for time in kind.timesteps:
            times = time.expand(len(latents))
            velocity = guided(pieces.unet, latents, times, said, blank, strength)
            latents = kind.step(velocity, time, latents).prev_sample
    pictures: Tensor = pieces.vae.decode(latents / pieces.vae.config.scaling_factor).sample
    return pictures.float().clamp(-1, 1)
