"""Throughput of the scorer's picture path against a bare open_clip loop, on one core.

    make bench-score
    python benchmarks/score.py --models mini-clip --pictures 64

*Ours* is the scorer's picture path (`OpenClipScorer.embed`: cut the views, normalise, encode, pool)
and the margins to prompts; what `score` adds with palette, type and gates is printed for itself.
*Bare* is what open_clip's README shows: its own transform of a Pillow picture, stacked into
batches, through `encode_image(normalize=True)` in torch, times the same prompts' vectors. Both work
on the same pictures in memory, in batches of the same size, with one thread, and are measured in
CPU time, as the machine may be busy; each is warmed up, then the best of several turns counts.

Three comparisons, each as ours / bare in pictures per second:
- same views: bare transforms and encodes each picture as many times as ours has views of it;
- squares: square pictures, which ours sees in one view, as bare does;
- one crop: bare sees the usual centre crop of each picture, ours all its views. No like for like:
  it shows what seeing the whole picture costs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import numpy as np
from full_size_clip import write_folder
from numpy.typing import NDArray
from PIL import Image

from contentfab.backends._clip_model import ClipModel
from contentfab.backends._clip_views import views
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.records.brand import Brand, Palette
from contentfab.records.scores import ScoreRequest
from contentfab.rules.models.sources import locate

Pixels = NDArray[np.uint8]
BATCH = 16
PORTRAIT, SQUARE = (1350, 1080), (1080, 1080)
LEAST = 0.9
"""What is asked of the first two comparisons."""

BRAND = Brand(
    id="bench",
    name="Bench",
    palette=Palette(primary="#1F4D43", background="#F3E9DC", text="#1B1B1B", accent="#C8553D"),
)
PROMPTS = ["a good picture", "a bad picture", "a sharp picture", "a blurred picture"]


def pictures(count: int, shape: tuple[int, int]) -> list[Pixels]:
    """Smooth pictures with grain, as posters are: (height, width, 3)."""
    height, width = shape
    found = []
    for seed in range(count):
        rng = np.random.default_rng(seed)
        small = Image.fromarray(rng.integers(0, 256, (9, 7, 3), np.uint8))
        smooth = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), np.int16)
        grain = rng.integers(-6, 7, (height, width, 1), np.int16)
        found.append(np.clip(smooth + grain, 0, 255).astype(np.uint8))
    return found


class Bare:
    """The loop of open_clip's README."""

    def __init__(self, folder: Path) -> None:
        import open_clip
        import torch

        torch.set_num_threads(1)
        self._torch = torch
        self._model, self._transform = open_clip.create_model_from_pretrained(f"local-dir:{folder}")
        self._model.eval()
        merges = folder / "vocabulary.txt.gz"
        room = int(self._model.context_length)
        tokenizer = (
            open_clip.SimpleTokenizer(bpe_path=str(merges), context_length=room)
            if merges.is_file()
            else open_clip.get_tokenizer(f"local-dir:{folder}")
        )
        with torch.inference_mode():
            self._prompts = self._model.encode_text(tokenizer(PROMPTS), normalize=True)

    def score(self, images: list[Pixels], times: int) -> None:
        """Transforms and encodes every picture `times` times."""
        todo = [image for image in images for _ in range(times)]
        with self._torch.inference_mode():
            for start in range(0, len(todo), BATCH):
                chunk = [Image.fromarray(pixels) for pixels in todo[start : start + BATCH]]
                batch = self._torch.stack([self._transform(image) for image in chunk])
                found = self._model.encode_image(batch, normalize=True)
                (found @ self._prompts.T).numpy()


def compare(model: str, count: int, turns: int) -> list[tuple[str, float, float, float]]:
    """Rows of name, ours and bare in milliseconds of CPU a picture, and their ratio."""
    bare = Bare(locate(model, "score.model").path.resolve())
    scorer = OpenClipScorer(model=model, device="cpu", batch_size=BATCH, threads=1)

    prompts = ClipModel(model, "cpu", BATCH, threads=1).texts(PROMPTS)

    def ours(images: list[Pixels]) -> None:
        _ = scorer.embed(images) @ prompts.T

    def whole(images: list[Pixels]) -> None:
        scorer.score([ScoreRequest(str(n), image, BRAND) for n, image in enumerate(images)])

    portraits, squares = pictures(count, PORTRAIT), pictures(count, SQUARE)
    per_picture = len(views(portraits[0], 224, "bicubic"))
    of_portraits = _cpu(lambda: ours(portraits), turns) / count
    rows = []
    for name, mine, theirs in (
        (
            f"same views ({per_picture} of 1080 × 1350)",
            of_portraits,
            _cpu(lambda: bare.score(portraits, per_picture), turns) / count,
        ),
        (
            "squares (1 view of 1080 × 1080)",
            _cpu(lambda: ours(squares), turns) / count,
            _cpu(lambda: bare.score(squares, 1), turns) / count,
        ),
        (
            f"one crop against {per_picture} views",
            of_portraits,
            _cpu(lambda: bare.score(portraits, 1), turns) / count,
        ),
    ):
        rows.append((name, mine * 1000, theirs * 1000, theirs / mine))
    each = _cpu(lambda: whole(portraits[:4]), 1) / 4 * 1000
    print(f"  score(), with palette, gates and what is read of type: {each:.1f} ms a picture")
    return rows


def tower(model: str, runtime: str, turns: int) -> float:
    """Milliseconds of CPU that the image tower alone takes for a view, in batches."""
    clip = ClipModel(model, "cpu", BATCH, runtime, threads=1)
    side = clip.preprocessing["size"]
    batch = [np.full((side, side, 3), 17 * n, np.uint8) for n in range(BATCH)]
    return _cpu(lambda: clip.images(batch), turns) / BATCH * 1000


def _cpu(work: Callable[[], Any], turns: int) -> float:
    work()
    best = float("inf")
    for _ in range(turns):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def main() -> int:
    """Prints all figures; 1 when ours is slower than asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", nargs="+", default=["mini-clip", "ViT-B-32"])
    parser.add_argument("--pictures", type=int, default=24, help="of mini-clip; others 4")
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    slow = []
    with tempfile.TemporaryDirectory() as home:
        for name in given.models:
            mini = name == "mini-clip"
            if not mini:
                write_folder(name, Path(home) / name)
            model, count = (name, given.pictures) if mini else (str(Path(home) / name), 4)
            print(f"{name}, {count} pictures, batches of {BATCH}, one thread, CPU time")
            for title, mine, theirs, ratio in compare(model, count, given.turns):
                print(f"  {title:38} ours {mine:7.1f} ms  bare {theirs:7.1f} ms  ratio {ratio:.2f}")
                if ratio < LEAST and "against" not in title:
                    slow.append(f"{name}, {title}: {ratio:.2f}")
            if mini:
                for runtime in ("onnx", "torch"):
                    each = tower(model, runtime, given.turns)
                    print(f"  tower, {runtime:6} {each:5.2f} ms a view, with normalising")
    for line in slow:
        print(f"slower than {LEAST} of bare: {line}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
