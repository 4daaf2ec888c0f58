"""What a training machine sends home: the work so far as pieces of a tar file, small enough to be
copied, and back again.

The device tool copies at most 8 files of 16 MiB. A parcel of an unfinished run holds the averaged
weights in half precision instead of the checkpoint, which would be ten times as large: training
goes on from them with a fresh optimiser.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import torch
from safetensors.torch import save_file

PIECE = 15 * 2**20
AVERAGE = "unet_average.safetensors"
_PARTS = ("tokenizer", "text_encoder", "text_trained", "vae", "unet_teacher", "unet")
_PICTURES = (".jpg", ".jsonl", "figures.json")


def pack(out: Path, target: Path) -> list[Path]:
    """Writes `parcel-0.bin` … to `target`, and what people look at beside them as it is."""
    target.mkdir(parents=True, exist_ok=True)
    finished = (out / "mini-sd").is_dir()
    names = ["mini-sd"] if finished else [name for name in _PARTS if (out / name).is_dir()]
    if not finished and (out / "unet.pt").is_file() and not (out / "unet_teacher").is_dir():
        names.append(_average(out))
    names += [path.name for path in sorted(out.iterdir()) if path.suffix in (".json", ".jsonl")]
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as tar:
        for name in names:
            tar.add(out / name, arcname=name)
    data = whole.getvalue()
    written = []
    for number, start in enumerate(range(0, len(data), PIECE)):
        path = target / f"parcel-{number}.bin"
        path.write_bytes(data[start : start + PIECE])
        written.append(path)
    for path in sorted(out.iterdir()):
        if path.name.endswith(_PICTURES):
            (target / path.name).write_bytes(path.read_bytes())
            written.append(target / path.name)
    return written


def unpack(source: Path, out: Path) -> None:
    """The parcel in `source`, laid out as the run that packed it was."""
    pieces = sorted(source.glob("parcel-*.bin"), key=lambda path: int(path.stem.split("-")[1]))
    if not pieces:
        raise FileNotFoundError(f"{source} holds no parcel-*.bin")
    out.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(b"".join(p.read_bytes() for p in pieces))) as tar:
        tar.extractall(out, filter="data")


def _average(out: Path) -> str:
    """The averaged weights of a checkpoint in half precision, with how far it was."""
    state = torch.load(out / "unet.pt", map_location="cpu", weights_only=True)
    weights = {
        name: value.half().contiguous() if value.is_floating_point() else value
        for name, value in state["average"].items()
    }
    far = {"step": state["step"], "elapsed": state["elapsed"]}
    save_file(weights, out / AVERAGE, {"course": json.dumps(far)})
    return AVERAGE
