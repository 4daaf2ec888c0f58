"""mini-clip from nothing: draw data, learn a vocabulary, train, measure, write the model's folder.

`python training/clip/make.py --out work/clip`; every step is skipped when its result is there, and
training goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import anchors
import background
import data
import defects
import evaluate
import export
import open_clip
import torch
import train
import vocabulary
import world
from open_clip.tokenizer import SimpleTokenizer
from safetensors.torch import save_file

SEED = 20
PLAN = {"pictures": 48_000, "held_out": 2_000, "steps": 2_400, "batch": 256, "rate": 2e-3}
TOY = {"pictures": 1_500, "held_out": 400, "steps": 60, "batch": 64, "rate": 2e-3}
MERGES = 2_000


def main() -> None:
    """Runs what is not done yet."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, required=True, help="working folder, outside the repo")
    asked.add_argument("--toy", action="store_true", help="rehearse in minutes")
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--workers", type=int, default=2, help="processes that draw the data")
    asked.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    for name in PLAN:
        asked.add_argument(f"--{name.replace('_', '-')}", type=float)
    given = asked.parse_args()
    plan = {
        name: given.__dict__[name] if given.__dict__[name] is not None else value
        for name, value in (TOY if given.toy else PLAN).items()
    }
    torch.set_num_threads(given.threads)
    torch.manual_seed(SEED)
    out = given.out
    workers = given.workers
    data.draw(out / "train", int(plan["pictures"]), SEED, kept_out=False, workers=workers)
    data.draw(out / "held_out", int(plan["held_out"]), SEED + 1, kept_out=True, workers=workers)
    model_folder = out / "mini-clip"
    model_folder.mkdir(exist_ok=True)
    tokenizer = _tokenizer(out / "train", model_folder)
    config = train.config(tokenizer.vocab_size)
    text = json.dumps(config, indent=2, sort_keys=True) + "\n"
    (model_folder / "open_clip_config.json").write_text(text, encoding="utf-8")
    model = open_clip.CLIP(**config["model_cfg"])
    batches = train.Batches(out / "train", tokenizer, int(plan["batch"]), SEED)
    train.train(
        model, batches, out, steps=int(plan["steps"]), rate=plan["rate"], device=given.device
    )
    model = model.cpu().eval()
    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in model.state_dict().items()
    }
    save_file(weights, model_folder / "open_clip_model.safetensors")
    export.export(model_folder)
    export.check(model_folder)
    figures = evaluate.evaluate(model, tokenizer, out / "held_out")
    figures |= {"plan": plan, "craft_auc_of": anchors.make(model_folder, out)}
    evaluate.report(figures, out / "figures.json")
    background.make(model_folder, 12 if given.toy else background.PER_BUCKET).save(model_folder)
    print(json.dumps(figures, indent=2))


def _tokenizer(folder: Path, model_folder: Path) -> SimpleTokenizer:
    path = model_folder / "vocabulary.txt.gz"
    if not path.is_file():
        dice = random.Random(SEED)
        _, facts = data.load(folder)
        kinds = ["", *defects.LEARNED]
        texts = []
        for item in facts[:20_000]:
            kind = dice.choice(kinds)
            own = defects.LEARNED[kind][1] if kind else ()
            craft = world.craft_words(kind, own, dice, 0.8)
            texts.append(world.caption(item, dice, craft).text)
        vocabulary.write(vocabulary.learn(texts, MERGES), path)
    return SimpleTokenizer(bpe_path=str(path), context_length=train.CONTEXT)


if __name__ == "__main__":
    main()
