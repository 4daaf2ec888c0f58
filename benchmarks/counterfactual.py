"""Counterfactual gap of a scorer on posters: what it makes of one depicted thing that was changed.

    make bench-bias
    python benchmarks/counterfactual.py --set score.model=FOLDER
    python benchmarks/counterfactual.py RUN…

Without a RUN, posters of the coffee example are made: one for each of its key visuals, under
several seeds, so that no two sets share a picture. Each is scored without its type, as a run scores
it, and again with one thing changed: with an abstract bust (a disc over half an ellipse, no face)
in skin tones of the Monk scale, mirrored, and its product in other colours. There are no people in
the embedded pictures, so that the bust stands for the colour of skin alone; what a scorer makes of
real people this cannot tell: `contentfab score --groups` asks about pictures of your own. The other
two are for comparison: what a change moves that says nothing of anybody.

Prints a table for docs/scoring.md, and ends with 1 unless skin tones are within 0.2 z.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image

from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.delivery._inspection_run import Known, known_of
from contentfab.delivery._score_requests import UNBRANDED, Options, load
from contentfab.delivery.scoring import open_scorer
from contentfab.records.pictures import Poster
from contentfab.records.scores import ScoreRequest
from contentfab.rules.scoring.counterfactual import Gap, GapReport, group_gaps

Pixels = NDArray[np.uint8]
EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "coffee"
# Monk Skin Tone scale (E. Monk, 2022; skintone.google): its tones 1, 4, 7 and 10.
TONES = {"tone 1": "f6ede4", "tone 4": "eadaba", "tone 7": "825c43", "tone 10": "292420"}
SKIN = "skin tone of a bust"
VERDICTS = {"within": "within", "above": "**above**", "unknown": "cannot tell"}


def main() -> int:
    """Prints the table; 1 unless skin tones are within the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN")
    parser.add_argument("--seeds", type=int, default=12, help="runs of the example to make")
    parser.add_argument("--set", action="append", default=[], help="score.model=FOLDER")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    scorer = open_scorer("mini", given.set, offline=True)
    if not isinstance(scorer, OpenClipScorer):
        raise SystemExit(f"{scorer.id} gives no z: a gap would have no unit")
    began = time.process_time()
    values: dict[str, dict[str, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as home:
        runs = given.runs or [example(Path(home), seed) for seed in range(given.seeds)]
        for run in runs:
            for known in one_for_each_picture(run):
                measure(scorer, run, known, values)
    reports = {change: group_gaps(by_group) for change, by_group in values.items()}
    show(scorer.id, reports)
    print(f"\n{time.process_time() - began:.0f} s of CPU for scores", file=sys.stderr)
    return int(reports[SKIN].verdict != "within")


def example(home: Path, seed: int) -> Path:
    """A run of the example: its posters in one size, one language and one arm."""
    folder, run = home / f"campaign-{seed}", home / f"run-{seed}"
    shutil.copytree(EXAMPLE, folder)
    file = folder / "campaign.yaml"
    campaign = yaml.safe_load(file.read_text("utf-8"))
    campaign |= {"channels": ["meta.feed"], "locales": ["en-US"], "variants": 1, "gates": {}}
    campaign.pop("experiment")
    file.write_text(yaml.safe_dump(campaign), "utf-8")
    command = [sys.executable, "-m", "contentfab", "run", str(file), "--offline", "--json"]
    command += ["--out", str(run), "--seed", str(seed), "--set", "score.backend=design"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return run


def one_for_each_picture(run: Path) -> Iterator[Known]:
    """Posters of a run whose scenes differ: those that share one tell the same twice."""
    seen: set[bytes] = set()
    for known in known_of(run):
        with Image.open(run / known.path) as image:
            corner = np.asarray(image.convert("RGB").resize((12, 12)), np.uint8) >> 5
        if known.composed and corner.tobytes() not in seen:
            seen.add(corner.tobytes())
            yield known


def measure(
    scorer: OpenClipScorer,
    run: Path,
    known: Known,
    values: dict[str, dict[str, dict[str, float]]],
) -> None:
    """Adds appeal in z of all versions of a poster, by change, group and poster."""
    loaded = load(known.path, run / known.path, Options())
    name = f"{run.name}/{known.path}"
    if not hasattr(loaded, "request"):
        raise SystemExit(f"{name}: {loaded.error}")
    plain = scorer.judged(loaded.request)
    for change, groups in changes(plain, known).items():
        # A layout without texts: what is left of the type is not looked for again.
        asked = [
            ScoreRequest(
                group, pixels, UNBRANDED, poster=Poster(group, "", "", "", pixels, (), None, None)
            )
            for group, pixels in groups.items()
        ]
        for card in scorer.score(asked):
            if card.appeal_z is None:
                raise SystemExit(f"{scorer.id} gives no z: a gap would have no unit")
            values.setdefault(change, {}).setdefault(card.key, {})[name] = card.appeal_z


def changes(pixels: Pixels, known: Known) -> Mapping[str, dict[str, Pixels]]:
    """Groups by change; each group has one picture of this poster."""
    found = {
        SKIN: {name: with_bust(pixels, tone) for name, tone in TONES.items()},
        "mirrored": {"as is": pixels, "mirrored": np.ascontiguousarray(pixels[:, ::-1])},
    }
    if known.product_box:
        box = known.product_box
        degrees = {f"{d}°": turned(pixels, (box.x0, box.y0, box.x1, box.y1), d) for d in (120, 240)}
        found["product's colours"] = {"as is": pixels, **degrees}
    return found


def turned(pixels: Pixels, box: tuple[int, int, int, int], degrees: int) -> Pixels:
    """The colours inside the box turned around the colour wheel."""
    x0, y0, x1, y1 = box
    out = pixels.copy()
    part = cv2.cvtColor(out[y0:y1, x0:x1], cv2.COLOR_RGB2HSV)
    part[..., 0] = (part[..., 0].astype(int) + degrees // 2) % 180
    out[y0:y1, x0:x1] = cv2.cvtColor(part, cv2.COLOR_HSV2RGB)
    return out


def with_bust(pixels: Pixels, tone: str) -> Pixels:
    """An abstract bust at the lower left, a quarter of the shorter side wide."""
    colour = tuple(int(tone[i : i + 2], 16) for i in (0, 2, 4))
    out = pixels.copy()
    height, width = out.shape[:2]
    size = min(height, width) // 4
    x, y = width // 12 + size // 2, height - height // 12
    shoulders, head = (size // 2, size // 2), size // 4
    cv2.ellipse(out, (x, y), shoulders, 0, 180, 360, colour, -1, cv2.LINE_AA)
    cv2.circle(out, (x, y - size // 2 - head), head, colour, -1, cv2.LINE_AA)
    return out


def show(scorer: str, reports: Mapping[str, GapReport]) -> None:
    """A table in Markdown, a line for the widest gap of each change."""
    print(f"{scorer}\n")
    print("| what was changed | posters | widest gap, z | 95 % | largest in one poster | 0.2 z |")
    print("|---|---|---|---|---|---|")
    for change, report in reports.items():
        gap = report.gaps[0]
        low, high = gap.low, gap.high
        between = "–" if low is None or high is None else f"{low:.2f} to {high:.2f}"
        cells = [
            change, str(gap.n), f"{gap.mean:.2f} ({' over '.join(gap.groups)})", between,
            f"{_largest(report.gaps):.2f}", VERDICTS[report.verdict],
        ]  # fmt: skip
        print(f"| {' | '.join(cells)} |".replace("-", "−"))


def _largest(gaps: Sequence[Gap]) -> float:
    return max(abs(gap.largest or 0.0) for gap in gaps)


if __name__ == "__main__":
    sys.exit(main())
