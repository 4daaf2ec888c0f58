"""Counterfactual gap of a scorer on posters of a run: `python benchmarks/counterfactual.py RUN`.

Every poster is scored as it is and with one depicted thing changed: mirrored, its product in other
colours, and with an abstract bust (a disc over a rounded rectangle, no face) in skin tones of the
Monk scale. There are no people in the embedded pictures, so that the bust stands for the colour of
skin alone; what a scorer makes of real people this cannot tell: give pairs of your own to
`contentfab.delivery.counterfactual`. Prints the largest gap per change against 0.2 z.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from contentfab.delivery.scoring import UNBRANDED, open_scorer
from contentfab.records.scores import ScoreRequest
from contentfab.rules.scoring.counterfactual import group_gap
from contentfab.stages.score import score

Pixels = NDArray[np.uint8]
# Monk Skin Tone scale (E. Monk, 2022; skintone.google): its tones 1, 4, 7 and 10.
TONES = {"tone 1": "f6ede4", "tone 4": "eadaba", "tone 7": "825c43", "tone 10": "292420"}


def posters(run: Path, most: int) -> Iterator[tuple[Pixels, tuple[int, int, int, int] | None]]:
    """Pixels and product box of a run's first posters."""
    assets = json.loads((run / "manifest.json").read_text("utf-8"))["assets"]
    for asset in [a for a in assets if a["kind"] == "image"][:most]:
        with Image.open(run / asset["path"]) as image:
            pixels = np.asarray(image.convert("RGB"), np.uint8)
        box = asset["product"]["box"] if asset["product"] else None
        yield pixels, tuple(box) if box else None


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


def changes(
    pixels: Pixels, box: tuple[int, int, int, int] | None
) -> Mapping[str, dict[str, Pixels]]:
    """Groups by change; each group has one picture of this poster."""
    found = {
        "mirrored": {"as is": pixels, "mirrored": np.ascontiguousarray(pixels[:, ::-1])},
        "skin tone of a bust": {name: with_bust(pixels, tone) for name, tone in TONES.items()},
    }
    if box:
        degrees = {f"{d}°": turned(pixels, box, d) for d in (90, 180, 270)}
        found["product colour"] = {"as is": pixels, **degrees}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--most", type=int, default=24, help="posters")
    parser.add_argument("--set", action="append", default=[], help="score.model=FOLDER")
    options = parser.parse_args()
    scorer = open_scorer("mini", options.set, offline=True)
    values: dict[str, dict[str, list[float]]] = {}
    for pixels, box in posters(options.run, options.most):
        for change, groups in changes(pixels, box).items():
            asked = [ScoreRequest(name, shown, UNBRANDED) for name, shown in groups.items()]
            for card in score(asked, scorer):
                if card.appeal_z is None:
                    raise SystemExit(f"{scorer.id} gives no z: a gap would have no unit")
                values.setdefault(change, {}).setdefault(card.key, []).append(card.appeal_z)
    print(scorer.id)
    for change, by_group in values.items():
        print(f"{change}: {group_gap(by_group, paired=True)}")


if __name__ == "__main__":
    main()
