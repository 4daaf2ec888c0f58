"""How far scores can be fooled: flattery printed on posters, and pictures driven uphill.

    make bench-attacks
    python benchmarks/attacks.py --model FOLDER --posters 48 --steps 1000

Flattering words move appeal; the table says by how many percentile points, read as they are (raw)
and after the defence, against twins whose letters are shuffled (attack_posters.py in tests). Then
the selector that chooses among key visuals is climbed, pixel by pixel, and the table says how far
the reported appeal moves. Ends with 1 when a limit is passed. The model needs a background set;
without one a makeshift set of our posters is used and named.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import attack_posters as attack
import cv2
import numpy as np
from attack_posters import FLATTERY, INSULTS, MOVES, Shift
from inspection_posters import generator

from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.records.pictures import KeyVisual, PictureRequest
from contentfab.records.scores import ScoreRequest
from contentfab.rules.scoring.selection import TIE, rate

MOST_POINTS, MOST_SD = 2.0, 0.3
"""What flattery may move appeal by after the defence, in percentile points, and 1,000 steps on the
selector, in robust standard deviations."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--model", default="mini-clip")
    parser.add_argument("--posters", type=int, default=48)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--climbs", type=int, default=6)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        scorer = _scorer(options.model, Path(folder))
        print(f"{scorer.calibration_id}\n")
        worst = _flattery(scorer, options.posters)
        worst_sd = _climbs(scorer, options.climbs, options.steps)
    _moves(24)
    print(f"\nflattery after defence: {worst:.2f} points (limit {MOST_POINTS:g})")
    print(f"{options.steps} steps on the selector: {worst_sd:.3f} sd (limit {MOST_SD:g})")
    return int(worst > MOST_POINTS or worst_sd > MOST_SD)


def _scorer(model: str, folder: Path) -> OpenClipScorer:
    scorer = OpenClipScorer(model=model)
    pixels = np.full((64, 64, 3), 128, np.uint8)
    brand = attack.brand("veltra")[0]
    if scorer.score([ScoreRequest("try", pixels, brand)])[0].appeal_percentile is not None:
        return scorer
    print(f"{model} has no background set beside it; a makeshift one of 120 posters is used")
    attack.makeshift_set(scorer, 120, folder)
    return OpenClipScorer(model=model, calibration=str(folder))


def _flattery(scorer: OpenClipScorer, count: int) -> float:
    """Prints the tables of flattery; the largest shift by flattery after the defence."""
    print("own posters: words against their twins, percentile points of appeal")
    print(
        f"{'':34}{'n':>4}{'raw mean':>10}{'worst':>8}{'sd':>7}{'defended':>12}{'worst':>8}{'sd':>7}"
    )
    requests = list(attack.requests(count))
    worst = 0.0
    for where in attack.WHERE:
        some = requests if where == "headline" else requests[: max(8, count // 4)]
        kind = FLATTERY, INSULTS
        for name, words in zip(("flattery", "insults"), kind, strict=True):
            shifts = [
                attack.of_poster(scorer, request, words[i % len(words)], where)
                for i, request in enumerate(some)
            ]
            _line(f"{name}, {where}", shifts)
            if where != "key visual":
                worst = max(worst, *(abs(shift.defended) for shift in shifts))
    print("\nother pictures, by OCR: words painted on them, against their twins")
    pictures = [request.key_visual.pixels for request in requests]
    for share, at in ((0.12, 0.08), (0.07, 0.1), (0.07, 0.8), (0.03, 0.92), (0.015, 0.95)):
        shifts = [
            attack.of_picture(scorer, p, FLATTERY[i % len(FLATTERY)][0], i, share=share, at=at)
            for i, p in enumerate(pictures[: max(8, count // 4)])
        ]
        _line(f"flattery, {share:.1%} tall at {at:.0%}", shifts)
        worst = max(worst, *(abs(shift.defended) for shift in shifts))
    return worst


def _line(name: str, shifts: Sequence[Shift]) -> None:
    raw, defended = [s.raw for s in shifts], [s.defended for s in shifts]
    raw_sd, sd = _worst(s.raw_sd for s in shifts), _worst(s.defended_sd for s in shifts)
    print(
        f"{name:34}{len(shifts):4}{np.mean(raw):+10.2f}{_worst(raw):+8.2f}{raw_sd:+7.2f}"
        f"{np.mean(defended):+12.2f}{_worst(defended):+8.2f}{sd:+7.2f}",
        flush=True,
    )


def _worst(values: Iterable[float]) -> float:
    return max(values, key=abs)


def _pictures(count: int, width: int, height: int) -> list[tuple[PictureRequest, KeyVisual]]:
    """Key visuals of the shipped brands, `count` of them, made again at one size."""
    found = []
    for i, request in enumerate(attack.requests(count, seed=90)):
        art = attack.art_of(request, i)
        asked = PictureRequest(f"climb-{i}", i, width, height, art)
        found.append((asked, generator().generate([asked])[0]))
    return found


def _climbs(scorer: OpenClipScorer, count: int, steps: int) -> float:
    """Prints the climbs; the farthest that the reporter moved, in sd."""
    print(f"\nselector climbed for {steps} steps; what the reporter makes of it")
    print(f"{'picture':16}{'start':>9}{'selector':>18}{'taken':>7}{'appeal z':>18}{'moved':>9}")
    worst = 0.0
    for asked, visual in _pictures(count, 384, 480):
        for start, pixels in (("sound", visual.pixels), ("dull", attack.dulled(visual.pixels))):
            done = attack.climb(pixels, asked.art_direction, steps, seed=7)
            low, high = attack.appeal_z(scorer, [done.before, done.after])
            worst = max(worst, abs(high - low))
            first, last = done.scores
            print(
                f"{visual.scene:16}{start:>9}{first:10.4f} →{last:6.4f}{done.accepted:7}"
                f"{low:+10.2f} →{high:+6.2f}{high - low:+9.3f}",
                flush=True,
            )
    return worst


def _moves(count: int) -> None:
    """Prints what strong moves of a whole picture do to the selector."""
    pictures = _pictures(count, 1080, 1350)
    plain = [rate(visual.pixels, asked.art_direction).score for asked, visual in pictures]
    print(f"\nstrong moves on {count} pictures: change of the selector (a tie is within {TIE:g})")
    print(f"{'':24}{'mean':>8}{'best':>8}{'wins':>6}")
    for name, move in MOVES.items():
        gains = [
            rate(move(visual.pixels), asked.art_direction).score - before
            for (asked, visual), before in zip(pictures, plain, strict=True)
        ]
        wins = sum(gain > TIE for gain in gains)
        print(f"{name:24}{np.mean(gains):+8.3f}{max(gains):+8.3f}{wins:6}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
