"""The student: guidance learned into the weights, so that a step is one pass of the UNet and not
two.

The teacher is asked with and without words; the student learns to say at once what guidance makes
of both (Meng et al. 2023, for one strength). The strength is chosen first, on the teacher: that
whose pictures have the colours and the set that were asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import nn
from transformers import CLIPTextModel

from training.sd import loop
from training.sd.data import World
from training.sd.judge import judge_guidance
from training.sd.plan import Plan
from training.sd.sampling import Pieces, guided
from training.sd.text import Encoder
from training.sd.unet import Noiser, Pool, batch_of, load

RATE = 2e-4
STRENGTHS = (1.0, 1.5, 2.0, 3.0)


def train(plan: Plan, world: World, out: Path, device: str) -> dict[str, float]:
    """Writes `unet/`; figures name the strength that was chosen."""
    vae, _, tokenizer = load(out, device)
    tower = CLIPTextModel.from_pretrained(out / "text_trained").to(device).eval()
    tower.requires_grad_(False)
    teacher = UNet2DConditionModel.from_pretrained(out / "unet_teacher").to(device).eval()
    teacher.requires_grad_(False)
    student = UNet2DConditionModel.from_pretrained(out / "unet_teacher").to(device)
    average, encode, noiser = loop.Average(student), Encoder(tokenizer), Noiser(device)
    optimiser = loop.adam(student.parameters(), device)
    course = loop.Course(plan, "distil", out, log_every=25)
    state = course.resume()
    if state:
        student.load_state_dict(state["student"])
        optimiser.load_state_dict(state["optimiser"])
        average.load(state["average"], device)
        strength = state["strength"]
    else:
        judged = judge_guidance(plan, world, Pieces(vae, teacher, tower, encode), STRENGTHS)
        strength = min(judged, key=judged.__getitem__)
        course.note(strength=strength, **{f"colour_off_{k:g}": v for k, v in judged.items()})
    pool = Pool(world, vae, plan.pool)
    nothing = encode([""], device)
    figures: dict[str, Any] = {}
    for step in course if strength != 1 else ():  # without guidance the teacher is the student
        noisy, _, times, ids = batch_of(
            "distil", step, plan.distil_batch, pool, plan, encode, noiser
        )
        with loop.autocast(device):
            with torch.no_grad():
                state_of = tower(torch.cat([ids, nothing])).last_hidden_state
                said, blank = state_of[:-1], state_of[-1:].expand(len(ids), -1, -1)
                wanted = guided(teacher, noisy, times, said, blank, strength)
            found = student(noisy, times, said).sample
        loss = ((found.float() - wanted).pow(2).mean((1, 2, 3)) * noiser.weight[times]).mean()
        optimiser.zero_grad(set_to_none=True)
        loop.set_rate(optimiser, course, RATE, 50)
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        average.update(student, step)
        figures = {"loss": loss.detach()}
        course.log(**figures)
        if course.due():
            course.save(student=student.state_dict(), optimiser=optimiser.state_dict(),
                        average=average.weights, strength=strength)  # fmt: skip
    average.into(student)
    student.eval().save_pretrained(out / "unet")
    return {k: float(v) for k, v in figures.items()} | {
        "strength": strength, "steps": course.step
    }  # fmt: skip
