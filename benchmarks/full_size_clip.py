"""Full-size CLIP models through `score.model=local-dir:FOLDER`, proven without their weights.

    python benchmarks/full_size_clip.py                       # ViT-B-32, ViT-H-14, SigLIP2
    python benchmarks/full_size_clip.py --models ViT-B-32

For each it writes a folder as the published ones are: open_clip's own configuration, preprocessing
of the published weights, and weights of every shape that the architecture has, but random. The
scorer then loads that folder as it would a downloaded one and scores an example poster. The numbers
mean nothing; that they come out says that those of the real weights would. Seconds are of CPU, on
as many cores as there are. ViT-H-14 takes 2 GB of disk and
some 6 GB of memory for a while. SigLIP2's tokenizer (Gemma's) cannot be had offline: a small one of
the same kind stands in for it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
from PIL import Image

PUBLISHED = {
    "ViT-B-32": "laion2b_s34b_b79k",
    "ViT-H-14": "laion2b_s32b_b79k",
    "ViT-B-16-SigLIP2": "webli",
}
"""open_clip's names of architecture and weights."""

ROOT = Path(__file__).resolve().parent.parent
POSTER = ROOT / "docs" / "images" / "northlight.jpg"


def write_folder(architecture: str, folder: Path, seed: int = 0) -> int:
    """An open_clip folder with random float16 weights; the number of parameters."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    config = open_clip.get_model_config(architecture)
    weights = open_clip.get_pretrained_cfg(architecture, PUBLISHED[architecture])
    names = ("mean", "std", "interpolation", "resize_mode")
    preprocess = {name: weights[name] for name in names}
    text = json.dumps({"model_cfg": config, "preprocess_cfg": preprocess}, indent=2)
    (folder / "open_clip_config.json").write_text(text + "\n", encoding="utf-8")
    torch.manual_seed(seed)
    model = open_clip.create_model(architecture, load_weights=False)
    count = sum(parameter.numel() for parameter in model.parameters())
    halves = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in model.half().state_dict().items()
    }
    save_file(halves, folder / "open_clip_model.safetensors")
    if "hf_tokenizer_name" in config["text_cfg"]:
        _write_tokenizer(folder, int(config["text_cfg"]["context_length"]))
    return count


def _write_tokenizer(folder: Path, room: int) -> None:
    """Byte-pair merges with byte fallback and Gemma's special tokens, learned from our README."""
    from tokenizers import Tokenizer, decoders, models, normalizers, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=[*special, *byte_tokens])
    words = (ROOT / "README.md").read_text(encoding="utf-8").lower().split()
    tokenizer.train_from_iterator(words, trainer)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<eos>",
        bos_token="<bos>",
        unk_token="<unk>",
        model_max_length=room,
    ).save_pretrained(folder)


def score(folder: Path, pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> dict[str, Any]:
    """What the scorer says about one picture, as `--set score.model=local-dir:FOLDER` has it."""
    from contentfab import registry
    from contentfab.backends._clip_model import ClipModel
    from contentfab.records.brand import Brand, Palette
    from contentfab.records.scores import ScoreRequest

    brand = Brand(
        id="northlight",
        name="Northlight",
        palette=Palette(primary="#1F4D43", background="#F3E9DC", text="#1B1B1B", accent="#C8553D"),
    )
    began = time.process_time()
    options = {"backend": "openclip", "model": f"local-dir:{folder}", "device": "cpu"}
    scorer = registry.build("score", options)
    (card,) = scorer.score([ScoreRequest("first", pixels, brand)])
    loaded = time.process_time()
    (again,) = scorer.score([ScoreRequest("second", pixels, brand)])
    done = time.process_time()
    if again.appeal != card.appeal or not all(0 <= c.value <= 1 for c in card.criteria):
        raise SystemExit(f"{folder.name}: the same picture scored {card.appeal}, {again.appeal}")
    return {
        "load and first": loaded - began,
        "a picture": done - loaded,
        "preprocessing": ClipModel(options["model"], "cpu", 1).preprocessing,
        "card": card,
    }


def main() -> int:
    """Writes, loads and scores each model in turn; every folder is removed again."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", nargs="+", choices=list(PUBLISHED), default=list(PUBLISHED))
    parser.add_argument("--image", type=Path, default=POSTER)
    parser.add_argument("--keep", type=Path, help="leave the folders here")
    given = parser.parse_args()
    with Image.open(given.image) as image:
        pixels = np.asarray(image.convert("RGB"), np.uint8)
    print(f"picture: {given.image.name}, {pixels.shape[1]} × {pixels.shape[0]}")
    home = given.keep or Path(tempfile.mkdtemp())
    try:
        for name in given.models:
            folder = home / name
            parameters = write_folder(name, folder)
            size = (folder / "open_clip_model.safetensors").stat().st_size
            print(f"\n{name}: {parameters / 1e6:.0f} M parameters, {size / 1e9:.2f} GB as float16")
            found = score(folder, pixels)
            card = found["card"]
            print(f"  {json.dumps(found['preprocessing'])}")
            print(f"  CPU: load and first picture {found['load and first']:.1f} s, ", end="")
            print(f"each further one {found['a picture']:.1f} s")
            print(
                f"  appeal {card.appeal:.4f}, {len(card.criteria)} criteria, {card.calibration_id}"
            )
            if given.keep is None:
                shutil.rmtree(folder)
    finally:
        if given.keep is None:
            shutil.rmtree(home, ignore_errors=True)
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
