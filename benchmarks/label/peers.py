"""Our mark beside `invisible-watermark` and `blind-watermark`, on the same pictures, in one run.

Every library puts the same 64 bits into the same pictures with its default settings; then each
attack of `contentfab bench-label` is tried. A cell is the number of pictures from which all 64 bits
came back. Seconds are CPU seconds per megapixel on one core. The two libraries need the picture's
old size to read a mark from a resized or cropped one; they are read blind here, as a detector has
to. `make bench-label` runs it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import corpus
import cv2
import numpy as np
from PIL import Image

from contentfab.backends.watermark_spread import SpreadWatermark
from contentfab.delivery._attacks import ATTACKS

Picture = corpus.Picture
Bits = bytes


class Ours:
    """The built-in mark."""

    name = "contentfab"

    def __init__(self) -> None:
        self._mark = SpreadWatermark()

    def embed(self, pixels: Picture, payload: Bits) -> Picture:
        return self._mark.embed(pixels, payload)

    def read(self, pixels: Picture) -> Bits:
        return bytes.fromhex(self._mark.detect(pixels).id or "")


class InvisibleWatermark:
    """ShieldMnt/invisible-watermark 0.2.0; `method` is dwtDct or dwtDctSvd."""

    def __init__(self, method: str) -> None:
        from imwatermark import WatermarkDecoder, WatermarkEncoder

        self.name, self._method = method, method
        self._encoder: Any = WatermarkEncoder()
        self._decoder: Any = WatermarkDecoder("bytes", 64)

    def embed(self, pixels: Picture, payload: Bits) -> Picture:
        self._encoder.set_watermark("bytes", payload)
        return np.asarray(self._encoder.encode(pixels[..., ::-1].copy(), self._method))[..., ::-1]

    def read(self, pixels: Picture) -> Bits:
        return bytes(self._decoder.decode(pixels[..., ::-1].copy(), self._method))


class BlindWatermark:
    """guofei9987/blind-watermark 0.4.4, bit mode."""

    name = "blind-watermark"

    def embed(self, pixels: Picture, payload: Bits) -> Picture:
        mark = self._new()
        mark.read_img(img=pixels[..., ::-1].astype(np.float32))
        mark.read_wm([bool(b) for b in np.unpackbits(np.frombuffer(payload, np.uint8))], mode="bit")
        marked = np.clip(np.rint(np.asarray(mark.embed())), 0, 255).astype(np.uint8)
        return np.ascontiguousarray(marked[..., ::-1])

    def read(self, pixels: Picture) -> Bits:
        mark = self._new()
        soft = mark.extract(embed_img=pixels[..., ::-1].astype(np.float32), wm_shape=64, mode="bit")
        return bytes(np.packbits((np.asarray(soft) > 0.5).astype(np.uint8)))

    def _new(self) -> Any:
        # It chooses a start method when it is imported; a worker process has one already.
        with patch("multiprocessing.set_start_method"):
            import blind_watermark

        blind_watermark.bw_notes.close()
        return blind_watermark.WaterMark(password_img=1, password_wm=1, processes=1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=12, help="posters, beside the grounds")
    parser.add_argument("--work", type=Path, default=Path("out/bench-label"))
    parser.add_argument("--markdown", type=Path, help="write the table to this file")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    found = corpus.posters(options.work)
    step = max(1, len(found) // options.pictures)
    chosen = [np.asarray(Image.open(path).convert("RGB")) for path in found[::step]]
    chosen = chosen[: options.pictures]
    chosen += [picture for name, picture in corpus.grounds() if name in ("grey", "white")]
    libraries: list[Any] = [
        Ours(), InvisibleWatermark("dwtDct"), InvisibleWatermark("dwtDctSvd"), BlindWatermark(),
    ]  # fmt: skip
    columns = [_column(library, chosen) for library in libraries]
    page = _table([library.name for library in libraries], columns, len(chosen))
    print(page)
    if options.markdown:
        options.markdown.write_text(page, encoding="utf-8")
    return 0


def _column(library: Any, pictures: list[Picture]) -> dict[str, str]:
    right = dict.fromkeys(ATTACKS, 0)
    noise: list[float] = []
    spent = {"embed": 0.0, "read": 0.0}
    megapixels = sum(p.shape[0] * p.shape[1] for p in pictures) / 1e6
    for number, pixels in enumerate(pictures):
        payload = _payload(library, number)
        marked = _timed(spent, "embed", lambda p=pixels, m=payload: library.embed(p, m))
        wanted = payload if library.name != "contentfab" else library.read(marked)
        noise.append(_psnr(pixels, marked))
        for name, attack in ATTACKS.items():
            attacked = attack(marked)
            clock = "read" if name == "none" else "other"
            right[name] += bool(wanted) and _read(library, attacked, spent, clock) == wanted
        print(f"{library.name}: {number + 1} of {len(pictures)}", file=sys.stderr)
    column = {name: f"{count}" for name, count in right.items()}
    column["PSNR, least / mean dB"] = f"{min(noise):.1f} / {sum(noise) / len(noise):.1f}"
    for what in ("embed", "read"):
        column[f"{what}, CPU s/MP"] = f"{spent[what] / megapixels:.2f}"
    return column


def _payload(library: Any, number: int) -> Bits:
    from contentfab.rules.labels.payload import payload_for

    return payload_for(hashlib.sha256(str(number).encode()).hexdigest()[:32])


def _read(library: Any, pixels: Picture, spent: dict[str, float], clock: str) -> Bits:
    try:
        return _timed(spent, clock, lambda: library.read(pixels))
    except (IndexError, ValueError, RuntimeError, AssertionError, cv2.error):
        return b""  # a library that cannot read a picture of this size has not read the mark


def _timed(spent: dict[str, float], clock: str, work: Callable[[], Any]) -> Any:
    began = time.process_time()
    try:
        return work()
    finally:
        spent[clock] = spent.get(clock, 0.0) + time.process_time() - began


def _psnr(before: Picture, after: Picture) -> float:
    error = float(np.mean((before.astype(np.float32) - after.astype(np.float32)) ** 2))
    return 10 * float(np.log10(255**2 / max(error, 1e-9)))


def _table(names: list[str], columns: list[dict[str, str]], count: int) -> str:
    lines = [
        f"All 64 bits back, of {count} pictures:",
        "",
        "| attack | " + " | ".join(names) + " |",
        "|---|" + "---:|" * len(names),
    ]
    for row in columns[0]:
        lines.append(f"| {row} | " + " | ".join(column[row] for column in columns) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
