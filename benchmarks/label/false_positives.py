"""Counts marks where none is, and foreign marks that read as valid.

1. Unmarked pictures: plates in random palettes, photographic textures, posters of the examples and
   crops of them, and pictures marked by other libraries. The detector must say `absent` of each.
2. Pictures marked under another project's key: the detector, holding its own key, must never call
   one of them valid.

The counts bound the rate by the rule of three: with none in n, under 3/n at 95 % confidence. The
derived bound is in docs/watermark.md.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import corpus
import cv2
import numpy as np
from PIL import Image

from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.rules.labels.payload import payload_for

Picture = corpus.Picture
SIDE = 640
CHUNK = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--unmarked", type=int, default=5000)
    parser.add_argument("--foreign", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--work", type=Path, default=Path("out/bench-label"))
    options = parser.parse_args()
    posters = [str(path) for path in corpus.posters(options.work)]
    jobs = [*_jobs(options.unmarked, posters), *_foreign_jobs(options.foreign)]
    tally: Counter[tuple[str, str]] = Counter()
    highest = 0.0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.workers, mp_context=context) as pool:
        for done, (counts, best) in enumerate(pool.map(_count, jobs), 1):
            tally.update(counts)
            highest = max(highest, best)
            print(f"{done} of {len(jobs)} portions", file=sys.stderr)
    for (kind, state), count in sorted(tally.items()):
        print(f"{kind:28} {state:10} {count}")
    print(f"highest z of an unmarked picture: {highest:.2f}")
    wrong = sum(n for (kind, state), n in tally.items() if _is_wrong(kind, state))
    looked = sum(tally.values())
    print(f"{wrong} wrong of {looked}")
    return 1 if wrong else 0


def _is_wrong(kind: str, state: str) -> bool:
    return state == "valid" if kind == "other project's key" else state != "absent"


def _jobs(count: int, posters: list[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Portions of CHUNK pictures, in turn of every kind."""
    kinds = itertools.cycle(("plates", "textures", "plates", "textures", "posters", "peers"))
    for number, kind in zip(range(count // CHUNK), kinds, strict=False):
        yield kind, number, posters


def _foreign_jobs(count: int) -> Iterator[tuple[str, int, list[str]]]:
    return (("other project's key", number, []) for number in range(count // CHUNK))


def _count(job: tuple[str, int, list[str]]) -> tuple[Counter[tuple[str, str]], float]:
    kind, number, posters = job
    cv2.setNumThreads(1)
    mark = SpreadWatermark(key=f"project {number}" if kind == "other project's key" else None)
    counts: Counter[tuple[str, str]] = Counter()
    best = 0.0
    for name, pixels in _pictures(kind, number, posters):
        reading = mark.detect(pixels)
        counts[name, reading.state] += 1
        if kind != "other project's key":
            best = max(best, float(reading.values.get("z", 0.0)))
    return counts, best


def _pictures(kind: str, number: int, posters: list[str]) -> Iterator[tuple[str, Picture]]:
    if kind == "plates":
        yield from (("plates", p) for p in corpus.plates(CHUNK, SIDE, seed=number))
    elif kind == "textures":
        yield from (("textures", p) for p in corpus.textures(CHUNK, SIDE, seed=number))
    elif kind == "posters":
        yield from (("posters, crops of them", p) for p in _crops(posters, number))
    elif kind == "peers":
        yield from _peers(posters, number)
    else:
        for index, pixels in enumerate(corpus.plates(CHUNK, SIDE, seed=number)):
            other = SpreadWatermark(key=f"other {number} {index}")
            yield kind, other.embed(pixels, payload_for(f"{number:016x}{index:016x}"))


def _crops(posters: list[str], number: int) -> Iterator[Picture]:
    rng = np.random.default_rng(number)
    for _ in range(CHUNK):
        pixels = np.asarray(Image.open(posters[int(rng.integers(len(posters)))]).convert("RGB"))
        top, left = (int(rng.integers(0, max(1, extent - SIDE))) for extent in pixels.shape[:2])
        yield np.ascontiguousarray(pixels[top : top + SIDE, left : left + SIDE])


def _peers(posters: list[str], number: int) -> Iterator[tuple[str, Picture]]:
    from peers import BlindWatermark, InvisibleWatermark

    libraries = (InvisibleWatermark("dwtDct"), InvisibleWatermark("dwtDctSvd"), BlindWatermark())
    for index, pixels in enumerate(_crops(posters, number)):
        library = libraries[index % len(libraries)]
        even = np.ascontiguousarray(pixels[: pixels.shape[0] // 4 * 4, : pixels.shape[1] // 4 * 4])
        marked = library.embed(even, payload_for(f"{index:032x}"))
        yield f"marked by {library.name}", np.ascontiguousarray(marked)


if __name__ == "__main__":
    sys.exit(main())
