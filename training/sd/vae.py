"""The autoencoder: pictures to latents an eighth as wide, four channels deep, and back.

Trained on crops for absolute and gradient differences at several sizes (edges), on eighth-size
means (flat colours, which a small autoencoder misses first), and in the last third against a small
critic of patches, whose work is kept only if it costs less than `WORSE` dB. Knows pictures only.
"""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import nn
from torch.nn import functional as F

from training.sd import loop
from training.sd.data import World
from training.sd.plan import SEED, Plan

if TYPE_CHECKING:
    from torch import Tensor

RATE = 6e-4
CRITIC_RATE = 2e-4
CRITIC_FROM = 0.7  # of the course; before it there is nothing worth judging
CRITIC_WEIGHT = 0.02
WORSE = 1.0  # dB
EXACT_FROM = 0.85  # of the course in full precision: bfloat16 keeps colours to a level at best
CROPS = 4  # from each picture
CHECK_EVERY = 400  # steps
CHECKED = 32  # crops of held-out palettes by which progress is judged
FACTOR = 8
QUIET = -6.0  # logarithm of the variance that latents start with


def build(plan: Plan) -> AutoencoderKL:
    """Random weights. The decoder is the larger half (two blocks a level against one); at full
    size it is narrow, where a picture costs most; attention in the middle would cost more than
    all of a step of the UNet. Groups of the norms are wide: a norm of one channel takes out its
    mean, and with it the colour (seen in the rehearsal: grey pictures)."""
    levels = len(plan.vae_channels)
    model = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=plan.vae_channels,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=plan.vae_groups,
        mid_block_add_attention=False,
        sample_size=plan.side,
    )
    # Latents start nearly without noise. Started at a deviation of one, the decoder learns the mean
    # colour first and hears nothing else for hundreds of steps (seen in the rehearsal).
    with torch.no_grad():
        model.quant_conv.weight[4:].mul_(0.1)
        model.quant_conv.bias[4:].fill_(QUIET)
    return model


class Critic(nn.Sequential):
    """Says of each patch of about 46 pixels whether it is made or real; B x 1 x h x w."""

    def __init__(self) -> None:
        widths = (3, 24, 48, 96)
        layers: list[nn.Module] = []
        for one, other in itertools.pairwise(widths):
            layers += [nn.Conv2d(one, other, 4, 2, 1), nn.LeakyReLU(0.2)]
        super().__init__(*layers, nn.Conv2d(widths[-1], 1, 3, 1, 1))


def train(plan: Plan, world: World, out: Path, device: str) -> dict[str, float]:
    """Writes `vae/`; figures are PSNR in dB on held-out palettes."""
    torch.manual_seed(SEED)
    model, critic = build(plan).to(device), Critic().to(device)
    average = loop.Average(model)
    optimiser = loop.adam(model.parameters(), device)
    judge = torch.optim.Adam(critic.parameters(), CRITIC_RATE, betas=(0.5, 0.9))
    course = loop.Course(plan, "vae", out, log_every=20)
    best: dict[str, Tensor] = {}
    best_psnr = 0.0
    if state := course.resume():
        model.load_state_dict(state["model"])
        critic.load_state_dict(state["critic"])
        optimiser.load_state_dict(state["optimiser"])
        judge.load_state_dict(state["judge"])
        average.load(state["average"], device)
        best, best_psnr = state["best"], state["best_psnr"]
    seen = _held_out(plan, world)
    for step in course:
        real = crops(world, plan, loop.dice_for("vae", step), plan.vae_batch)
        critical = course.fraction >= CRITIC_FROM
        if critical and not best:
            best_psnr, best = _checked(plan, average, seen, device)
            course.note(psnr=best_psnr)
        rate = loop.set_rate(optimiser, course, RATE, 100)
        with loop.autocast(device, exact=course.fraction >= EXACT_FROM):
            posterior = model.encode(real).latent_dist
            noise = loop.noise_for("vae", step, device)
            made = model.decode(posterior.sample(noise)).sample.float()
            loss = difference(made, real) + 1e-6 * posterior.kl().float().mean()
            if critical:
                loss = loss - CRITIC_WEIGHT * critic(made).float().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        average.update(model, step)
        if critical:
            made = made.detach()
            verdict = F.relu(1 - critic(real)).mean() + F.relu(1 + critic(made)).mean()
            judge.zero_grad(set_to_none=True)
            verdict.backward()
            judge.step()
        course.log(loss=loss.detach(), rate=rate)
        if step % CHECK_EVERY == 0 and not critical:
            course.note(psnr=_checked(plan, average, seen, device)[0])
        if course.due():
            course.save(model=model.state_dict(), critic=critic.state_dict(),
                        optimiser=optimiser.state_dict(), judge=judge.state_dict(),
                        average=average.weights, best=best, best_psnr=best_psnr)  # fmt: skip
    psnr, weights = _checked(plan, average, seen, device)
    if best and psnr < best_psnr - WORSE:
        psnr, weights = best_psnr, best
    model.load_state_dict(weights)
    model.register_to_config(scaling_factor=_scale(plan, world, model, device))
    model.eval().save_pretrained(out / "vae")
    figures = {"psnr": psnr, "psnr_before_critic": best_psnr, "steps": course.step}
    course.note(**figures)
    return figures


def difference(made: Tensor, real: Tensor) -> Tensor:
    """Absolute difference, gradients at three sizes, and means over 8 x 8 pixels."""
    loss = (made - real).abs().mean()
    loss = loss + (F.avg_pool2d(made, FACTOR) - F.avg_pool2d(real, FACTOR)).abs().mean()
    for _ in range(3):
        for axis in (2, 3):
            loss = loss + 0.5 * (made.diff(dim=axis) - real.diff(dim=axis)).abs().mean()
        made, real = F.avg_pool2d(made, 2), F.avg_pool2d(real, 2)
    return loss


def crops(world: World, plan: Plan, dice: np.random.Generator, count: int) -> Tensor:
    """`count` crops of `plan.vae_crop` pixels, several from a picture."""
    bucket = int(dice.integers(len(world.buckets)))
    pictures = world.batch(max(1, math.ceil(count / CROPS)), bucket, dice).pictures
    side, (height, width) = plan.vae_crop, pictures.shape[-2:]
    side = min(side, height, width)
    found = []
    for i in range(count):
        y, x = dice.integers(height - side + 1), dice.integers(width - side + 1)
        found.append(pictures[i % len(pictures), :, y : y + side, x : x + side])
    return torch.stack(found)


def psnr(made: Tensor, real: Tensor) -> float:
    """dB, of pictures in -1..1, mean over the batch's error."""
    return float(-10 * torch.log10(((made.clamp(-1, 1) - real) / 2).pow(2).mean()))


def _held_out(plan: Plan, world: World) -> Tensor:
    """Crops whose chance no training step has."""
    return crops(world, plan, np.random.default_rng([SEED, 99]), CHECKED)


@torch.no_grad()
def _checked(
    plan: Plan, average: loop.Average, seen: Tensor, device: str
) -> tuple[float, dict[str, Tensor]]:
    """PSNR of the averaged weights, in full precision, and the weights."""
    model = build(plan).to(device).eval()
    average.into(model)
    made = model.decode(model.encode(seen).latent_dist.mode()).sample
    return psnr(made, seen), {k: v.clone() for k, v in model.state_dict().items()}


@torch.no_grad()
def _scale(plan: Plan, world: World, model: AutoencoderKL, device: str) -> float:
    """What brings latents to a standard deviation of one."""
    dice = np.random.default_rng([SEED, 98])
    found = [
        model.encode(world.batch(8, bucket, dice).pictures).latent_dist.mode().flatten()
        for bucket in range(len(world.buckets))
    ]
    return round(float(1 / torch.cat(found).std()), 5)
