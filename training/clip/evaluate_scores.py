"""What the scores of a finished model are worth: how far the wording of the prompts moves them, and
how well they tell spoiled posters from others.

`python training/clip/evaluate_scores.py --model contentfab/models/mini-clip --out figures.json`,
after `background.py`; on posters of the line that the background set does not hold. Knows nothing
of people's taste.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import background
import cv2
import numpy as np
from evaluate import auc

from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.records.score_weights import Scores
from contentfab.resources import data_dir

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

SEED = 70_001
"""Of neither training nor the background set."""
PER_BUCKET = 10
NOUNS = ("picture", "photograph", "image", "photo", "poster")
FRAMES = ("{}", "this is {}", "{}, for an advertisement", "what we see is {}")
TEMPLATE = "score_appeal.j2"
NOUN = re.compile(r"\b(picture|photograph)\b")


def main() -> None:
    """Measures and writes the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--model", type=Path, required=True, help="folder of the model")
    asked.add_argument("--out", type=Path, help="file for the figures as JSON")
    asked.add_argument("--per-bucket", type=int, default=PER_BUCKET)
    given = asked.parse_args()
    cv2.setNumThreads(1)
    figures = measure(given.model, given.per_bucket)
    text = json.dumps(figures, indent=2, sort_keys=True)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    print(text)


def measure(model: Path, per_bucket: int) -> dict[str, Any]:
    """Figures by name; z are robust standard deviations of the background set."""
    drawn = list(background.draw(per_bucket, SEED))
    scorer = _scorer(model)
    vectors = scorer.embed([picture.pixels for picture in drawn])
    buckets = [picture.bucket for picture in drawn]
    with tempfile.TemporaryDirectory() as folder:
        wordings = [
            _scorer(model, _templates(Path(folder) / str(i), noun, frame))
            for i, (noun, frame) in enumerate((n, f) for n in NOUNS for f in FRAMES)
        ]
        zs = np.array([_zs(each, vectors, buckets) for each in wordings])  # wordings × pictures
    apart = zs.std(axis=0, ddof=1)
    own = np.array(_zs(scorer, vectors, buckets))
    spoiled = np.array([bool(picture.spoiled) for picture in drawn])
    return {
        "pictures": len(drawn),
        "wordings": len(zs),
        "wording_sd_z_mean": round(float(apart.mean()), 3),
        "wording_sd_z_95th": round(float(np.quantile(apart, 0.95)), 3),
        "appeal_auc_of_spoiled_posters": round(auc(own[~spoiled], own[spoiled]), 3),
        "spoiled": int(spoiled.sum()),
    }


def _scorer(model: Path, templates: Path | None = None) -> OpenClipScorer:
    return OpenClipScorer(model=str(model), device="cpu", threads=1, templates=templates)


def _zs(scorer: OpenClipScorer, vectors: Vectors, buckets: list[str]) -> list[float]:
    """Appeal's z of pooled vectors (n, d), with the weights of a brand guide that says none."""
    appeal, found = scorer._appeal(Scores()), []
    for vector, bucket in zip(vectors, buckets, strict=True):
        place = appeal.place(vector, bucket)
        if place is None:
            raise SystemExit("the model has no background set that fits it: run background.py")
        found.append(place[0])
    return found


def _templates(folder: Path, noun: str, frame: str) -> Path:
    """A templates folder with the appeal's prompts in other words."""
    own = (data_dir("templates") / "prompts" / TEMPLATE).read_text(encoding="utf-8")
    lines = []
    for line in own.partition("#}")[2].splitlines():
        axis, *prompts = (part.strip() for part in line.split("|"))
        said = [frame.format(NOUN.sub(noun, prompt)) for prompt in prompts]
        lines.append(" | ".join((axis, *said)))
    (folder / "prompts").mkdir(parents=True)
    (folder / "prompts" / TEMPLATE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


if __name__ == "__main__":
    main()
