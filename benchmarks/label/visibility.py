"""A sheet to judge the mark by eye: plain grounds and posters, before, after, and the difference.

Each row is one picture: a crop of the original at 200 %, the same crop marked, and their difference
times 16 around middle grey. Look at it at full size; the default strength was chosen on it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import corpus
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.rules.labels.payload import payload_for

CROP, SCALE, GAIN, GAP, HEAD = 220, 2, 16, 16, 34
GROUNDS = ("white", "skin gradient", "dark blue")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--posters", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path("out/bench-label"))
    options = parser.parse_args()
    shown = [(name, p) for name, p in corpus.grounds() if name in GROUNDS]
    found = corpus.posters(options.work) if options.posters else []
    step = max(1, len(found) // max(1, options.posters))
    for path in found[::step][: options.posters]:
        shown.append((path.stem[:8], np.asarray(Image.open(path).convert("RGB"))))
    sheet(shown, SpreadWatermark(strength=options.strength)).save(options.output)
    return 0


def sheet(shown: list[tuple[str, corpus.Picture]], mark: SpreadWatermark) -> Image.Image:
    """One row per picture: original, marked, difference × GAIN."""
    side = CROP * SCALE
    width, height = 3 * side + 4 * GAP, len(shown) * (side + HEAD) + GAP
    page = Image.new("RGB", (width, height), (250, 250, 250))
    draw = ImageDraw.Draw(page)
    for row, (name, pixels) in enumerate(shown):
        marked = mark.embed(pixels, payload_for(name))
        delta = marked.astype(np.int16) - pixels.astype(np.int16)
        grey = np.clip(128 + GAIN * delta, 0, 255).astype(np.uint8)
        psnr = 10 * np.log10(255**2 / max(float(np.mean(delta.astype(np.float32) ** 2)), 1e-9))
        top = row * (side + HEAD) + GAP
        words = f"{name}: original, marked ({psnr:.1f} dB), difference x {GAIN}; at {SCALE}00 %"
        draw.text((GAP, top), words, font=ImageFont.load_default(20), fill=(20, 20, 20))
        for column, picture in enumerate((pixels, marked, grey)):
            crop = Image.fromarray(_middle(picture))
            at = (GAP + column * (side + GAP), top + HEAD - GAP // 2)
            page.paste(crop.resize((side, side), Image.Resampling.NEAREST), at)
    return page


def _middle(pixels: corpus.Picture) -> corpus.Picture:
    """A crop where a poster has type and ground side by side: a third from the top."""
    top, left = (max(0, extent // 3 - CROP // 2) for extent in pixels.shape[:2])
    return np.ascontiguousarray(pixels[top : top + CROP, left : left + CROP])


if __name__ == "__main__":
    sys.exit(main())
