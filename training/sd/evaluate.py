"""The finished folder measured and shown: figures, a sheet of fixed prompts, and each picture
beside the plate that it was asked to be like.

Loads the folder as any user would. Judging whether the pictures are worth showing is for people:
that is what the sheets are for.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from contentfab.backends.image_diffusers import DiffusersImageGenerator
from contentfab.backends.image_plates import PlatesImageGenerator, scene_names
from contentfab.errors import MissingDependency
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import PictureRequest
from contentfab.rules.models.sources import EMBEDDED
from training.sd import judge
from training.sd.convert import PAINTING
from training.sd.data import World
from training.sd.plan import Plan
from training.sd.sampling import Pieces, paint
from training.sd.text import Encoder
from training.sd.vae import psnr

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from training.sd.judge import Case

SEEDS, VARIED = 4, 8  # seeds a prompt, and prompts, by which variety is measured
TIMED = 3
GAP = 6  # pixels between the pictures of a sheet
LOOK = ArtDirection(
    scene="round podium",
    subject="tin",
    palette={"wall": "#F3E9DC", "podium": "#1F4D43", "accent": "#C8553D"},
    light="soft window light",
    mood="calm",
)


def evaluate(plan: Plan, world: World, out: Path, device: str) -> dict[str, Any]:
    """Writes `figures.json`, `sheet.jpg` and `beside.jpg`."""
    folder = out / "mini-sd"
    pieces, sampler, steps = load(folder, device)
    chosen = judge.cases(plan, world, plan.prompts)
    pictures = judge.painted(plan, world, pieces, chosen, steps=steps, sampler=sampler)
    small = judge.small_world(plan, device)
    figures: dict[str, Any] = {"colour_off": _colours(world, chosen, pictures)}
    nearest = [judge.nearest(small, c, p) for c, p in zip(chosen, pictures, strict=True)]
    figures["set_right"] = _mean(
        n[0] == c.facts.scene for n, c in zip(nearest, chosen, strict=True)
    )
    figures["nearest_plate_levels"] = _mean(n[1] for n in nearest)
    plates = [_plate(world, case) for case in chosen]
    figures["edges"] = _mean(map(judge.edges, pictures, plates))
    figures["variety_levels"] = _variety(world, pieces, chosen, steps, sampler)
    figures["vae"] = _round_trip(world, pieces, chosen, plates)
    figures["scene_right_by_mini_clip"] = _by_clip(chosen, pictures, plates)
    figures |= _timed(folder, plan)
    figures["megabytes"] = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6
    text = json.dumps(figures, indent=2, sort_keys=True) + "\n"
    (out / "figures.json").write_text(text, encoding="utf-8")
    save_sheet(pictures, out / "sheet.jpg", across=8)
    beside = [part for pair in zip(pictures, plates, strict=True) for part in pair][:48]
    save_sheet(beside, out / "beside.jpg", across=8)
    return figures


def load(folder: Path, device: str) -> tuple[Pieces, str, int]:
    """The folder's parts by diffusers' own loader, the name of its sampler, and its steps."""
    from diffusers import AutoPipelineForText2Image

    pipeline = AutoPipelineForText2Image.from_pretrained(
        folder, use_safetensors=True, local_files_only=True, dtype=torch.float32
    ).to(device)
    parts = (pipeline.vae.eval(), pipeline.unet.eval(), pipeline.text_encoder.eval())
    steps = json.loads((folder / PAINTING).read_text(encoding="utf-8"))["steps"]
    return Pieces(*parts, Encoder(pipeline.tokenizer)), type(pipeline.scheduler).__name__, steps


def save_sheet(pictures: list[Tensor], path: Path, across: int) -> None:
    """Pictures (3 x h x w in -1..1, of any aspect) in rows, each in a cell of the same height."""
    cells = []
    height = max(picture.shape[1] for picture in pictures)
    for picture in pictures:
        levels = ((picture + 1) * 127.5).round().clamp(0, 255).byte().permute(1, 2, 0).cpu().numpy()
        image = Image.fromarray(levels)
        side = min(height, 288)
        image.thumbnail((side, side))
        cell = Image.new("RGB", (side + GAP, side + GAP), "white")
        cell.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
        cells.append(np.asarray(cell))
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % across)
    rows = [np.concatenate(cells[i : i + across], 1) for i in range(0, len(cells), across)]
    Image.fromarray(np.concatenate(rows)).save(path, quality=88)


def _colours(world: World, chosen: list[Case], pictures: list[Tensor]) -> dict[str, float]:
    """Mean CIEDE2000 by role, by kind of prompt, and by chance (another prompt's picture)."""
    found: dict[str, list[float]] = defaultdict(list)
    for i, (case, picture) in enumerate(zip(chosen, pictures, strict=True)):
        off = judge.colour_off(world, case, picture)
        for role, value in off.items():
            found[role].append(value)
            found["all"].append(value)
            found["coded" if case.coded else "named"].append(value)
        other = pictures[(i + len(world.buckets)) % len(pictures)]
        if other.shape == picture.shape:
            found["chance"] += judge.colour_off(world, case, other).values()
        found["name_to_code"].append(judge.asked_off(case))
    return {name: _mean(values) for name, values in found.items()}


def _variety(world: World, pieces: Pieces, chosen: list[Case], steps: int, sampler: str) -> float:
    found = []
    for case in chosen[:VARIED]:
        kept = world.buckets[case.bucket]
        seeds = list(range(100, 100 + SEEDS))
        many = paint(pieces, [case.prompt] * SEEDS, (kept.width, kept.height), seeds, steps=steps,
                     sampler=sampler)  # fmt: skip
        found.append(judge.spread(many))
    return _mean(found)


@torch.no_grad()
def _round_trip(
    world: World, pieces: Pieces, chosen: list[Case], plates: list[Tensor]
) -> dict[str, float]:
    """What the autoencoder alone does to plates: the best that pictures can be."""
    off, decibel, edge = [], [], []
    for case, plate in zip(chosen, plates, strict=True):
        made = pieces.vae.decode(pieces.vae.encode(plate[None]).latent_dist.mode()).sample[0]
        off += judge.colour_off(world, case, made.clamp(-1, 1)).values()
        decibel.append(psnr(made, plate))
        edge.append(judge.edges(made, plate))
    return {"colour_off": _mean(off), "psnr": _mean(decibel), "edges": _mean(edge)}


def _by_clip(
    chosen: list[Case], pictures: list[Tensor], plates: list[Tensor]
) -> dict[str, float] | None:
    """Share of pictures whose set mini-clip names right among all, and the same of the plates;
    None where mini-clip is not there."""
    if not (EMBEDDED / "mini-clip" / "open_clip_config.json").is_file():
        return None
    try:
        from contentfab.backends._clip_model import ClipModel

        model = ClipModel("mini-clip", "cpu", 32)
    except (ImportError, MissingDependency):  # a bare training machine has no onnxruntime
        return None
    names = {scene.name: scene.words for scene in scene_names() if scene.kind == "studio"}
    words = model.texts([f"a studio picture, {text}" for text in names.values()])
    found = {}
    for kind, some in (("pictures", pictures), ("plates", plates)):
        right = []
        for case, (weights, vectors) in zip(chosen, model.images(_levels(some)), strict=True):
            best = int((words @ (weights @ vectors)).argmax())
            right.append(list(names)[best] == case.facts.scene)
        found[kind] = _mean(right)
    return found


def _timed(folder: Path, plan: Plan) -> dict[str, float]:
    """Seconds a picture on the CPU through `image_diffusers` with as many threads as this process
    may use, the first one aside; and those of the plates backend for the same request."""
    made: dict[str, float] = {"threads": torch.get_num_threads()}
    for name, backend in (
        ("seconds", DiffusersImageGenerator(model=str(folder), device="cpu")),
        ("seconds_of_plates", PlatesImageGenerator()),
    ):
        taken = []
        for seed in range(TIMED + 1):
            start = time.perf_counter()
            backend.generate([PictureRequest("k", seed, plan.side, plan.side, LOOK)])
            taken.append(time.perf_counter() - start)
        made[name] = float(np.median(taken[1:]))
    return made


def _plate(world: World, case: Case) -> Tensor:
    return world.plate(case.bucket, case.index, case.light, case.mirror, case.levels)[0]


def _levels(pictures: list[Tensor]) -> list[NDArray[np.uint8]]:
    return [
        ((p + 1) * 127.5).round().clamp(0, 255).byte().permute(1, 2, 0).cpu().numpy()
        for p in pictures
    ]


def _mean(values: Any) -> float:
    return float(np.mean([float(value) for value in values] or [0.0]))
