"""How large, how long and from which seed: everything about one training run that is a number.

`FULL` is the run on a GPU, `TOY` its rehearsal on a CPU, `TINY` what the tests run. Knows no torch.
"""

from __future__ import annotations

from dataclasses import dataclass

SEED = 21
STAGES = ("text", "vae", "unet", "distil")
"""What is trained, in this order; each reads what those before it have written."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Sides in pixels, lengths in tokens, channels by level from fine to coarse. A stage ends after
    `steps` of it or after its share of `minutes`, whichever comes first; 0 means no limit."""

    side: int
    unit: int
    sets: int  # studio sets to load; 0 means all
    palettes: int
    tokens: int
    merges: int
    text_width: int
    text_layers: int
    vae_channels: tuple[int, ...]
    vae_groups: int
    vae_crop: int
    vae_batch: int
    unet_channels: tuple[int, ...]
    unet_heads: tuple[int, ...]
    unet_groups: int
    unet_batch: int
    fresh: int  # pictures painted per UNet step; the rest of the batch comes from the pool
    pool: int  # latents kept per aspect
    distil_batch: int
    text_batch: int
    steps: dict[str, int]
    shares: dict[str, float]
    minutes: float = 0.0
    sampling_steps: int = 8
    prompts: int = 64

    def seconds(self, stage: str) -> float:
        """Time that a stage may take; 0 means no limit."""
        return 60.0 * self.minutes * self.shares[stage]


_SHARES = {"text": 0.06, "vae": 0.30, "unet": 0.50, "distil": 0.14}
FULL = Plan(
    side=512,
    unit=64,
    sets=0,
    palettes=40_000,
    tokens=128,
    merges=1_200,
    text_width=160,
    text_layers=3,
    vae_channels=(32, 48, 96, 144),
    vae_groups=4,
    vae_crop=128,
    vae_batch=96,
    unet_channels=(96, 144, 216),
    unet_heads=(3, 4, 6),
    unet_groups=8,
    unet_batch=192,
    fresh=64,
    pool=6_000,
    distil_batch=160,
    text_batch=512,
    steps={"text": 0, "vae": 0, "unet": 0, "distil": 0},
    shares=_SHARES,
    minutes=22.0,
)
TOY = Plan(
    side=64,
    unit=16,
    sets=6,
    palettes=2_000,
    tokens=128,
    merges=500,
    text_width=48,
    text_layers=2,
    vae_channels=(8, 16, 32, 48),
    vae_groups=2,
    vae_crop=48,
    vae_batch=6,
    unet_channels=(24, 48, 72),
    unet_heads=(1, 2, 3),
    unet_groups=8,
    unet_batch=12,
    fresh=4,
    pool=400,
    distil_batch=8,
    text_batch=24,
    steps={"text": 100, "vae": 240, "unet": 240, "distil": 16},
    shares=_SHARES,
    prompts=8,
)
TINY = Plan(
    side=32,
    unit=16,
    sets=1,
    palettes=60,
    tokens=96,
    merges=80,
    text_width=16,
    text_layers=1,
    vae_channels=(8, 8, 8, 8),
    vae_groups=2,
    vae_crop=32,
    vae_batch=2,
    unet_channels=(8, 8, 16),
    unet_heads=(1, 1, 2),
    unet_groups=4,
    unet_batch=4,
    fresh=2,
    pool=8,
    distil_batch=2,
    text_batch=4,
    steps={"text": 3, "vae": 4, "unet": 3, "distil": 2},
    shares=_SHARES,
    sampling_steps=2,
    prompts=2,
)
