"""Throughput of the scorer's picture path against a bare open_clip loop, on one core.

    make bench-score
    python benchmarks/score.py --models mini-clip --pictures 64

*Ours* is the scorer's picture path (`OpenClipScorer.embed`: cut the views, normalise, encode, pool)
and the margins to prompts; what `score` adds with palette, type and gates is printed for itself.
*Bare* is what open_clip's README shows: its own transform of a Pillow picture, stacked into
batches, through `encode_image(normalize=True)` in torch, times the same prompts' vectors. Both work
on the same pictures in memory, in batches of the same size, with one thread, and are measured in
CPU time, as the machine may be busy; both are warmed up, then take turns with each other in the
same process, and the best turn of each counts. Weights of other models than mini-clip are random:
time does not depend on them.

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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Row:
    """One comparison: milliseconds of CPU a picture, ours and bare."""

    title: str
    ours: float
    bare: float
    asked: bool = True

    @property
    def ratio(self) -> float:
        """Ours / bare in pictures per second."""
        return self.bare / self.ours

    def __str__(self) -> str:
        return (
            f"  {self.title:38} ours {self.ours:7.1f} ms  bare {self.bare:7.1f} ms  "
            f"ratio {self.ratio:.2f}"
        )


def compare(model: str, count: int, turns: int) -> tuple[list[Row], float]:
    """The three comparisons, and milliseconds of CPU of a whole `score()`."""
    bare = Bare(locate(model, "score.model").path.resolve())
    scorer = OpenClipScorer(model=model, device="cpu", batch_size=BATCH, threads=1)
    prompts = ClipModel(model, "cpu", BATCH, threads=1).texts(PROMPTS)

    def ours(images: list[Pixels]) -> None:
        _ = scorer.embed(images) @ prompts.T

    def whole(images: list[Pixels]) -> None:
        scorer.score([ScoreRequest(str(n), image, BRAND) for n, image in enumerate(images)])

    portraits, squares = pictures(count, PORTRAIT), pictures(count, SQUARE)
    many = len(views(portraits[0], 224, "bicubic"))
    works: list[Callable[[], Any]] = [
        lambda: ours(portraits),
        lambda: bare.score(portraits, many),
        lambda: ours(squares),
        lambda: bare.score(squares, 1),
        lambda: bare.score(portraits, 1),
    ]
    of_views, bare_views, of_squares, bare_squares, bare_crop = (
        each / count * 1000 for each in _cpu(works, turns)
    )
    rows = [
        Row(f"same views ({many} of 1080 × 1350)", of_views, bare_views),
        Row("squares (1 view of 1080 × 1080)", of_squares, bare_squares),
        Row(f"one crop against {many} views", of_views, bare_crop, asked=False),
    ]
    return rows, _cpu([lambda: whole(portraits[:4])], 1)[0] / 4 * 1000


def tower(model: str, runtime: str, turns: int) -> float:
    """Milliseconds of CPU that the image tower alone takes for a view, in batches."""
    clip = ClipModel(model, "cpu", BATCH, runtime, threads=1)
    side = clip.preprocessing["size"]
    batch = [np.full((side, side, 3), 17 * n, np.uint8) for n in range(BATCH)]
    return _cpu([lambda: clip.images(batch)], turns)[0] / BATCH * 1000


def _cpu(works: Sequence[Callable[[], Any]], turns: int) -> list[float]:
    """Seconds of CPU of each, the best of several turns. All are warmed up, then take turns with
    each other, so that a machine that gets busier or slower does so for all of them."""
    for work in works:
        work()
    best = [float("inf")] * len(works)
    for _ in range(turns):
        for at, work in enumerate(works):
            began = time.process_time()
            work()
            best[at] = min(best[at], time.process_time() - began)
    return best


def main() -> int:
    """Prints all figures; 1 when ours is slower than asked."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", nargs="+", default=["mini-clip", "ViT-B-32"])
    parser.add_argument("--pictures", type=int, default=16, help="of mini-clip; others 4")
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    slow, said = [], []
    with tempfile.TemporaryDirectory() as home:
        for name in given.models:
            mini = name == "mini-clip"
            if not mini:
                write_folder(name, Path(home) / name)
            model, count = (name, given.pictures) if mini else (str(Path(home) / name), 4)
            print(f"{name}, {count} pictures, batches of {BATCH}, one thread, CPU time", flush=True)
            rows, whole = compare(model, count, given.turns)
            print(*rows, sep="\n")
            print(
                f"  score(), with palette, gates and the search for type: {whole:.1f} ms a picture"
            )
            slow += [
                f"{name}, {r.title}: {r.ratio:.2f}" for r in rows if r.asked and r.ratio < LEAST
            ]
            first, square = rows[0], rows[1]
            said.append(
                f"{first.ratio:.1f} times as fast with {name} ({first.ours:.3g} against "
                f"{first.bare:.3g} ms of one core; square pictures in one view: {square.ratio:.1f} "
                "times)"
            )
            for runtime in ("onnx", "torch") if mini else ():
                each = tower(model, runtime, given.turns)
                print(f"  tower, {runtime:6} {each:5.2f} ms a view, with normalising", flush=True)
    print(f"\nin words: over the same views of 1080 × 1350, {', '.join(said)}")
    for line in slow:
        print(f"slower than {LEAST} of bare: {line}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
