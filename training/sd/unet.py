"""The denoiser: v-prediction with zero terminal SNR, trained together with the text tower.

Latents are made as training goes: each step paints and encodes some fresh pictures into a pool and
learns from many of the pool, each time with other noise and another caption, since painting and
encoding a picture costs as much as learning from it. Velocity: Salimans and Ho 2022; zero terminal
SNR: Lin et al. 2023; min-SNR weights: Hang et al. 2023.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from safetensors import safe_open
from torch import nn
from transformers import CLIPTextModel, CLIPTokenizer

from training.sd import captions, loop
from training.sd.data import World
from training.sd.parcel import AVERAGE
from training.sd.plan import SEED, Plan
from training.sd.text import Encoder

if TYPE_CHECKING:
    from torch import Tensor

    from training.sd.captions import Facts

RATE = 6e-4
TEXT_RATE = 0.2  # of the UNet's: the tower has been to school
GAMMA = 5.0
SQUARE = 0.34  # share of steps on square pictures; the other aspects share the rest


def build(plan: Plan) -> UNet2DConditionModel:
    """Random weights. No attention at the finest level, where it would cost most and the words
    have least to say."""
    levels = len(plan.unet_channels)
    return UNet2DConditionModel(
        sample_size=plan.side // 8,
        block_out_channels=plan.unet_channels,
        layers_per_block=1,
        down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * (levels - 1),
        up_block_types=("CrossAttnUpBlock2D",) * (levels - 1) + ("UpBlock2D",),
        cross_attention_dim=plan.text_width,
        attention_head_dim=plan.unet_heads,  # diffusers means the number of heads
        norm_num_groups=plan.unet_groups,
    )


def scheduler() -> DDIMScheduler:
    """The noise schedule of training, and of sampling: it ends in pure noise."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,  # without effect on trailing steps; diffusers warns of 0
    )


class Noiser:
    """Noise added to latents, what the UNet shall say of it, and how much it matters."""

    def __init__(self, device: str) -> None:
        kept = scheduler().alphas_cumprod.to(device)
        self.signal, self.noise = kept.sqrt(), (1 - kept).sqrt()
        snr = kept / (1 - kept)
        # With the 1 that v-prediction needs above as below, or pure noise would weigh nothing.
        self.weight = (snr.clamp(max=GAMMA) + 1) / (snr + 1)

    def add(self, latents: Tensor, noise: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
        """Noisy latents and velocity, B x 4 x h x w; `times` B."""
        a, s = (part[times][:, None, None, None] for part in (self.signal, self.noise))
        return a * latents + s * noise, a * noise - s * latents


class Pool:
    """The last so many latents of every aspect, with what their pictures show. It is filled anew
    when training goes on after a stop."""

    def __init__(self, world: World, vae: AutoencoderKL, room: int) -> None:
        self.world, self._vae, self._room = world, vae, room
        self._latents: dict[int, Tensor] = {}
        self._facts: dict[int, list[Facts]] = {}
        self._next: dict[int, int] = {}
        self.painted = 0

    @torch.no_grad()
    def add(self, bucket: int, count: int, dice: np.random.Generator) -> None:
        """Paint and encode `count` pictures of an aspect."""
        batch = self.world.batch(count, bucket, dice)
        with loop.autocast(self.world.device):
            latents = self._vae.encode(batch.pictures).latent_dist.mode().float()
        latents = latents * self._vae.config.scaling_factor
        if bucket not in self._latents:
            self._latents[bucket] = latents.new_zeros((self._room, *latents.shape[1:]))
            self._facts[bucket], self._next[bucket] = [], 0
        for latent, fact in zip(latents, batch.facts, strict=True):
            place = self._next[bucket]
            self._latents[bucket][place] = latent
            if len(self._facts[bucket]) < self._room:
                self._facts[bucket].append(fact)
            else:
                self._facts[bucket][place] = fact
            self._next[bucket] = (place + 1) % self._room
        self.painted += count

    def take(
        self, bucket: int, count: int, dice: np.random.Generator
    ) -> tuple[Tensor, list[Facts]]:
        """`count` latents of an aspect; as many fresh ones as asked for are among the pool."""
        which = dice.integers(len(self._facts[bucket]), size=count)
        latents = self._latents[bucket][torch.from_numpy(which).to(self.world.device)]
        return latents, [self._facts[bucket][i] for i in which]


class Batch(NamedTuple):
    """What one step learns from: noisy latents, their velocity, times and the captions' tokens."""

    noisy: Tensor
    velocity: Tensor
    times: Tensor
    ids: Tensor


def batch_of(
    stage: str, step: int, size: int, pool: Pool, plan: Plan, encode: Encoder, noiser: Noiser
) -> Batch:
    """The batch of a step, always the same: fresh pictures go into the pool, `size` latents of one
    aspect come out, each with a new caption and new noise."""
    world, device = pool.world, pool.world.device
    dice, generator = loop.dice_for(stage, step), loop.noise_for(stage, step, device)
    bucket = _bucket(world, dice)
    pool.add(bucket, plan.fresh, dice)
    latents, facts = pool.take(bucket, size, dice)
    words = random.Random(int(dice.integers(2**62)))
    ids = encode([captions.caption(fact, words) for fact in facts], device)
    noise = torch.randn(latents.shape, generator=generator, device=device)
    times = _times(len(latents), generator, device)
    return Batch(*noiser.add(latents, noise, times), times, ids)


def _bucket(world: World, dice: np.random.Generator) -> int:
    """The aspect of a step."""
    others = len(world.buckets) - 1
    shares = [SQUARE, *[(1 - SQUARE) / others] * others] if others else [1.0]
    return int(dice.choice(len(world.buckets), p=shares))


def _times(count: int, generator: torch.Generator, device: str) -> Tensor:
    """Times spread evenly over the schedule, one slice a picture."""
    within = torch.rand(count, generator=generator, device=device)
    slots = torch.arange(count, device=device)
    return ((slots + within) / count * 1000).long().clamp(0, 999)


def load(out: Path, device: str) -> tuple[AutoencoderKL, CLIPTextModel, CLIPTokenizer]:
    """What earlier stages have written; the VAE without gradients."""
    vae = AutoencoderKL.from_pretrained(out / "vae").to(device).eval().requires_grad_(False)
    tower = CLIPTextModel.from_pretrained(out / "text_encoder").to(device)
    return vae, tower, CLIPTokenizer.from_pretrained(out / "tokenizer")


def _sent_home(path: Path, course: loop.Course) -> dict[str, Tensor]:
    """Averaged weights of a run on another machine; the course goes on where that one was."""
    with safe_open(path, "pt") as file:
        course.go_on(**json.loads(file.metadata()["course"]))
        return {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118


def train(plan: Plan, world: World, out: Path, device: str) -> dict[str, float]:
    """Writes `unet_teacher/` and `text_trained/`, both the averaged weights."""
    vae, tower, tokenizer = load(out, device)
    torch.manual_seed(SEED)
    both = nn.ModuleDict({"unet": build(plan), "text": tower}).to(device)
    if device.startswith("cuda"):
        both["unet"].to(memory_format=torch.channels_last)
    average, encode, noiser = loop.Average(both), Encoder(tokenizer), Noiser(device)
    optimiser = loop.adam(
        [{"params": list(both["unet"].parameters()), "scale": 1.0},
         {"params": list(both["text"].parameters()), "scale": TEXT_RATE}], device,
    )  # fmt: skip
    course = loop.Course(plan, "unet", out, log_every=25)
    if state := course.resume():
        both.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average.load(state["average"], device)
    elif (out / AVERAGE).is_file():
        average.load(_sent_home(out / AVERAGE, course), device)
        average.into(both)
    pool, learned = Pool(world, vae, plan.pool), 0
    figures: dict[str, Any] = {}
    for step in course:
        batch = batch_of("unet", step, plan.unet_batch, pool, plan, encode, noiser)
        with loop.autocast(device):
            heard = both["text"](batch.ids).last_hidden_state
            said = both["unet"](batch.noisy, batch.times, heard).sample
        off = (said.float() - batch.velocity).pow(2).mean((1, 2, 3))
        loss = (off * noiser.weight[batch.times]).mean()
        optimiser.zero_grad(set_to_none=True)
        rate = loop.set_rate(optimiser, course, RATE, 200)
        loss.backward()
        nn.utils.clip_grad_norm_(both.parameters(), 1.0)
        optimiser.step()
        average.update(both, step)
        learned += len(batch.times)
        late = batch.times >= 800
        figures = {"loss": loss.detach(), "loss_noisy": off[late].mean().detach(), "rate": rate,
                   "learned": learned, "painted": pool.painted}  # fmt: skip
        course.log(**figures)
        if course.due():
            course.save(model=both.state_dict(), optimiser=optimiser.state_dict(),
                        average=average.weights)  # fmt: skip
    average.into(both)
    both["unet"].eval().save_pretrained(out / "unet_teacher")
    both["text"].eval().save_pretrained(out / "text_trained")
    return {name: float(value) for name, value in figures.items()} | {"steps": course.step}
