"""mini-sd from nothing: vocabulary and text tower, autoencoder, denoiser, student, folder, figures.

`python -m training.sd.make --out work/sd`, from the repository's root. A stage is skipped when its
figures are there, and goes on from its last checkpoint when it was stopped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from training.sd import convert, data, distil, evaluate, loop, parcel, text, unet, vae
from training.sd.plan import FULL, SEED, TINY, TOY, Plan

Stage = Callable[[Plan, data.World, Path, str], dict[str, Any]]
RUN: dict[str, Stage] = {
    "text": text.school,
    "vae": vae.train,
    "unet": unet.train,
    "distil": distil.train,
    "convert": convert.convert,
    "evaluate": evaluate.evaluate,
}
"""The order in which things are done; `evaluate` is done last."""
PLANS = {"full": FULL, "toy": TOY, "tiny": TINY}


def main() -> int:
    """Runs what is not done yet; 3 when the time given ran out before the end."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, required=True, help="working folder, outside the repo")
    asked.add_argument("--toy", action="store_true", help="rehearse on a CPU in minutes")
    asked.add_argument("--minutes", type=float, help="of training, all stages together")
    asked.add_argument("--until", choices=list(RUN), help="stop after this stage")
    asked.add_argument("--seconds", type=float, default=0, help="stop, to go on later")
    asked.add_argument(
        "--resume", type=Path, help="parcel of an earlier machine, if there is no --out"
    )
    asked.add_argument("--parcel", type=Path, help="folder to send home what there is at the end")
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = asked.parse_args()
    plan = PLANS["toy" if given.toy else "full"]
    if given.minutes:
        plan = replace(plan, minutes=given.minutes, steps=dict.fromkeys(plan.steps, 0))
    if given.resume and given.resume.is_dir() and not given.out.exists():
        parcel.unpack(given.resume, given.out)
    try:
        done = make(plan, given.out, given.device, given.threads, given.until, given.seconds)
    finally:
        if given.parcel:
            parcel.pack(given.out, given.parcel)
    return 0 if done else 3


def make(
    plan: Plan, out: Path, device: str, threads: int = 1, until: str | None = None,
    seconds: float = 0,
) -> bool:  # fmt: skip
    """Whether everything (or everything up to `until`) is done; False when `seconds` ran out."""
    start = time.monotonic()
    loop.stop_at(start + seconds if seconds else None)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = device.startswith("cuda")
    world = None
    for name, stage in RUN.items():
        done = out / f"{name}.json"
        if not done.is_file():
            world = world or data.World(plan, SEED, device)
            print(f"{time.monotonic() - start:7.1f} s  {name}", file=sys.stderr, flush=True)
            try:
                figures = stage(plan, world, out, device)
            except loop.OutOfTime:
                return False
            done.write_text(json.dumps(figures, sort_keys=True) + "\n", encoding="utf-8")
            print(json.dumps({name: figures}), flush=True)
        if name == until:
            break
    return True


if __name__ == "__main__":
    sys.exit(main())
