"""How far scores can be fooled: flattery printed on posters, and pictures driven uphill.

    make bench-attacks
    python benchmarks/attacks.py --model FOLDER --posters 48 --steps 1000

Flattering words move appeal; the table says by how many percentile points, read as they are (raw)
and after the defence, against twins whose letters are shuffled (attack_posters.py in tests). Twins
that are set alike tell what the words do, and have the limit; twins whose lines break elsewhere
tell what so much layout does, and have a row of their own. Then the selector that chooses among key
visuals is climbed, patch by patch, and the table says how far the reported appeal moves. Ends with
1 when a limit is passed. The model needs a background set; without one a makeshift set of our
posters is used and named. Five minutes of one core.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import attack_climb
import attack_posters as attack
import cv2
import numpy as np
from attack_climb import MOVES
from attack_posters import FLATTERY, INSULTS, Shift
from inspection_posters import generator

from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.records.pictures import KeyVisual, PictureRequest
from contentfab.records.scores import ScoreRequest
from contentfab.rules.scoring.selection import TIE, rate

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

MOST_POINTS, MOST_SD = 2.0, 0.3
"""What flattery may move appeal by after the defence, in percentile points, and 1,000 steps on the
selector, in robust standard deviations."""


HEADINGS = f"{'':28}{'n':>4}" + "".join(
    f"{way:>9}{'worst':>8}{'sd':>7}{'worst z':>8}" for way in ("raw", "defended")
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--model", default="mini-clip")
    parser.add_argument("--posters", type=int, default=48)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--climbs", type=int, default=4)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        scorer = _scorer(options.model, Path(folder))
        print(f"{scorer.calibration_id}\n")
        worst = _flattery(scorer, options.posters)
        worst_sd = _climbs(scorer, options.climbs, options.steps)
    _moves(8)
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
    requests = list(attack.requests(count))
    few = requests[: max(2, count // 4)]
    rows = [("headline", requests, "flattery", FLATTERY)]
    rows += [(where, few, "flattery", FLATTERY) for where in attack.WHERE[1:]]
    rows += [("headline", requests[: max(2, count // 2)], "insults", INSULTS)]
    print("own posters: words against twins that are set alike, percentile points of appeal")
    print(HEADINGS)
    worst, layouts = 0.0, list[Shift]()
    for where, some, name, words in rows:
        twins = [
            attack.of_poster(scorer, r, words[i % len(words)], where, both=where == "headline")
            for i, r in enumerate(some)
        ]
        shifts = [twin.words for twin in twins if twin.words is not None]
        layouts += [twin.layout for twin in twins if twin.layout is not None]
        _line(f"{name}, {where}", shifts)
        if name == "flattery" and where != "key visual":
            worst = max([worst, *(abs(shift.defended) for shift in shifts)])
    print("twins whose lines stand or break elsewhere, for what layout does: no limit")
    _line("headline, another layout", layouts)
    return max(worst, _painted(scorer, [r.key_visual.pixels for r in few]))


def _painted(scorer: OpenClipScorer, pictures: Sequence[Picture]) -> float:
    print("\nother pictures, by OCR: words painted on them, against twins and unpainted pictures")
    print(HEADINGS)
    worst = 0.0
    for share, at in ((0.12, 0.08), (0.07, 0.45), (0.03, 0.92)):
        shifts = [
            attack.of_picture(scorer, p, FLATTERY[i % len(FLATTERY)][0], i, share=share, at=at)
            for i, p in enumerate(pictures)
        ]
        for name, column in zip(("twin", "unpainted"), zip(*shifts, strict=True), strict=True):
            _line(f"{share:.0%} tall at {at:.0%}, {name}", column)
            worst = max([worst, *(abs(shift.defended) for shift in column)])
    return worst


def _line(name: str, shifts: Sequence[Shift]) -> None:
    if not shifts:
        print(f"{name:28}   0")
        return
    ways = [(s.raw, s.raw_sd) for s in shifts], [(s.defended, s.defended_sd) for s in shifts]
    cells = ""
    for way in ways:
        points, z = zip(*way, strict=True)
        cells += f"{np.mean(points):+9.2f}{_worst(points):+8.2f}{np.std(points):7.2f}"
        cells += f"{_worst(z):+8.2f}"
    print(f"{name:28}{len(shifts):4}{cells}", flush=True)


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
    """Prints the climbs; the farthest that the reporter moved, in sd. The number before rounding is
    climbed as well, on the first two pictures, to show what the steps of the rating hold back."""
    print(f"\nselector climbed for {steps} steps; what the reporter makes of it")
    print(
        f"{'picture':16}{'start':>7}{'by':>8}{'selector':>17}{'taken':>7}{'appeal z':>17}"
        f"{'moved':>8}"
    )
    worst = 0.0
    for i, (asked, visual) in enumerate(_pictures(count, 384, 480)):
        dull = attack_climb.dulled(visual.pixels)
        ways = [("sound", visual.pixels, False), ("dull", dull, False)]
        ways += [("dull", dull, True)] if i < 2 else []
        for start, pixels, exact in ways:
            done = attack_climb.climb(pixels, asked.art_direction, steps, seed=7, exact=exact)
            low, high = attack.appeal_z(scorer, [done.before, done.after])
            if not exact:
                worst = max(worst, abs(high - low))
            first, last = done.scores
            print(
                f"{visual.scene:16}{start:>7}{'exact' if exact else 'choice':>8}{first:9.4f} →"
                f"{last:6.4f}{done.accepted:7}{low:+9.2f} →{high:+6.2f}{high - low:+8.3f}",
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
