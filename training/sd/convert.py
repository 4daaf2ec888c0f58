"""From trained parts to a folder that diffusers loads: half precision, shards under 16 MB.

Chooses the sampler that comes nearest to a long run of sampling in the steps that a picture may
take, and writes steps and guidance beside the model, where `image_diffusers` reads them.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from contentfab.resources import data_dir
from training.sd.data import World
from training.sd.judge import cases, painted
from training.sd.plan import Plan
from training.sd.sampling import SAMPLERS, Pieces
from training.sd.text import Encoder

SHARD = "14MB"
PAINTING = "painting.json"
LONG = 40  # steps that stand for "as good as it gets"
CASES = 8
_NAMED, _CODED = "{{ name }} {{ role }}", "{{ name }} {{ palette[role] | lower }} {{ role }}"


def convert(plan: Plan, world: World, out: Path, device: str) -> dict[str, float]:
    """Writes `mini-sd/`; figures are each sampler's distance to the long run, in levels, and the
    millions of parameters."""
    vae = AutoencoderKL.from_pretrained(out / "vae").to(device).eval()
    unet = UNet2DConditionModel.from_pretrained(out / "unet").to(device).eval()
    tower = CLIPTextModel.from_pretrained(out / "text_trained").to(device).eval()
    tokenizer = CLIPTokenizer.from_pretrained(out / "tokenizer")
    pieces = Pieces(vae, unet, tower, Encoder(tokenizer))
    judged = judge_samplers(plan, world, pieces)
    chosen = min(judged, key=judged.__getitem__)
    count = sum(p.numel() for part in (vae, unet, tower) for p in part.parameters())
    for part in (vae, unet, tower):
        part.half().cpu()
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=tower,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=SAMPLERS[chosen](),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    folder = out / "mini-sd"
    pipeline.save_pretrained(folder, safe_serialization=True, max_shard_size=SHARD)
    painting = {"guidance_scale": 1.0, "steps": plan.sampling_steps}
    (folder / PAINTING).write_text(json.dumps(painting) + "\n", encoding="utf-8")
    _write_prompts(folder)
    return {f"off_{name}": off for name, off in judged.items()} | {"parameters_m": count / 1e6}


def judge_samplers(plan: Plan, world: World, pieces: Pieces) -> dict[str, float]:
    """Distance in levels (root of mean square) to the long run from the same noise."""
    chosen = cases(plan, world, min(CASES, plan.prompts))
    long = painted(plan, world, pieces, chosen, steps=max(LONG, 2 * plan.sampling_steps)
                   if plan.sampling_steps > 2 else 4)  # fmt: skip
    judged = {}
    for name in SAMPLERS:
        found = painted(plan, world, pieces, chosen, sampler=name)
        off = [(a - b).pow(2).mean().sqrt() * 127.5 for a, b in zip(found, long, strict=True)]
        judged[name] = float(torch.stack(off).mean())
    return judged


def _write_prompts(folder: Path) -> None:
    """The package's prompt with each colour's code behind its name, which this model reads: a
    folder for `--templates`."""
    own = (data_dir("templates") / "prompts" / "image.j2").read_text(encoding="utf-8")
    if own.count(_NAMED) != 1:
        raise ValueError(f"templates/prompts/image.j2 no longer says {_NAMED} once")
    (folder / "prompts").mkdir(exist_ok=True)
    (folder / "prompts" / "image.j2").write_text(own.replace(_NAMED, _CODED), encoding="utf-8")
