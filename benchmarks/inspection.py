"""False alarms of inspection: good posters of the shipped brands, every one of which must pass.

    make bench-inspect          # 200 posters, and their finished files

Posters come from the line's own backends over brands, families, sizes, languages, texts, sets and
products. Each is inspected as the line does, then marked, encoded (PNG, JPEG 92, 80) and inspected
as a file. Errors are listed; whether one is a false alarm or a fault of the layout is for eyes:
`--keep DIR` writes those posters with their findings drawn on them.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import cv2
import numpy as np
from inspection_mutants import good_subject
from inspection_posters import SIZES, Good, good_posters, layout
from PIL import Image

from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.delivery.inspection import Inspected
from contentfab.delivery.inspection_report import annotate
from contentfab.rules.inspection import Report, Subject, inspect
from contentfab.rules.labels.payload import payload_for
from contentfab.rules.labels.words import too_small_for_mark

QUALITIES = (0, 92, 80)
"""JPEG qualities; 0 is PNG."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posters", type=int, default=200)
    parser.add_argument("--families", default="", help="comma-separated; default all")
    parser.add_argument("--keep", type=Path, help="folder for posters with errors")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    families = tuple(filter(None, options.families.split(","))) or layout().families
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter()
    seconds, rules = 0.0, Counter[str]()
    for number, good in enumerate(good_posters(options.posters, families, tuple(SIZES))):
        subject = good_subject(good)
        began = time.process_time()
        fresh = inspect(subject)
        seconds += time.process_time() - began
        file = inspect(finished(subject, QUALITIES[number % len(QUALITIES)]))
        for kind, report in (("fresh", fresh), ("file", file)):
            counts[kind] += not report.ok
            rules.update(f.rule for f in report.findings if f.level == "error")
            tell(good, kind, report)
        if options.keep and not fresh.ok:
            drawn = Inspected(good.name, fresh.findings, {}, "", good.poster.pixels)
            annotate(drawn, options.keep / f"{good.name}.png")
    total = options.posters
    print(f"{total} posters of {len(families)} families at {len(SIZES)} sizes")
    print(f"with errors: {counts['fresh']} as composed, {counts['file']} as files")
    print(f"inspection: {1000 * seconds / total:.0f} ms a poster (CPU, one thread)")
    for rule, count in rules.most_common():
        print(f"  {count:3} {rule}")
    return 0 if counts["fresh"] <= 0.01 * total else 1


def finished(subject: Subject, quality: int) -> Subject:
    """The poster as its file shows it: marked, encoded, without the picture under its type."""
    pixels = subject.pixels
    height, width = pixels.shape[:2]
    if not too_small_for_mark(width, height):
        pixels = SpreadWatermark().embed(pixels, payload_for("ab" * 16))
    if quality:
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "JPEG", quality=quality, subsampling=0)
        pixels = np.asarray(Image.open(out))
    return replace(subject, pixels=pixels, background=None, marked=True)


def tell(good: Good, kind: str, report: Report) -> None:
    for finding in report.findings:
        if finding.level == "error":
            print(f"{good.name} ({kind}): {finding.rule}: {finding.message}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
