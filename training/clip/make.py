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
import batches
import craft
import data
import defects
import evaluate
import export
import open_clip
import torch
import train
import twins
import vocabulary
import world
from open_clip.tokenizer import SimpleTokenizer
from safetensors.torch import load_file, save_file

SEED = 20
PLAN = {
    "pictures": 48_000, "twins": 5_000, "held_out": 2_000, "batch": 256,
    "steps": 2_400, "rate": 2e-3, "craft_steps": 3_300, "craft_rate": 1e-3,
}  # fmt: skip
TOY = {
    "pictures": 1_500, "twins": 100, "held_out": 400, "batch": 64,
    "steps": 60, "rate": 2e-3, "craft_steps": 20, "craft_rate": 1e-3,
}  # fmt: skip
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
    twins.draw(out / "twins", int(plan["twins"]), SEED, kept_out=False, workers=workers)
    few = int(plan["held_out"]) // 5
    twins.draw(out / "twins_held_out", few, SEED + 1, kept_out=True, workers=workers)
    model_folder = out / "mini-clip"
    model_folder.mkdir(exist_ok=True)
    tokenizer = _tokenizer(out / "train", model_folder)
    config = train.config(tokenizer.vocab_size)
    text = json.dumps(config, indent=2, sort_keys=True) + "\n"
    (model_folder / "open_clip_config.json").write_text(text, encoding="utf-8")
    model = open_clip.CLIP(**config["model_cfg"])
    _train(model, tokenizer, out, plan, given.device)
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


def _train(
    model: open_clip.CLIP,
    tokenizer: SimpleTokenizer,
    out: Path,
    plan: dict[str, float],
    device: str,
) -> None:
    """Both stages; what the first one learned is kept, so that the second can be run again."""
    size, learned = int(plan["batch"]), out / "learned.safetensors"
    if not learned.is_file():
        drawn = batches.Batches(out / "train", tokenizer, size, SEED)
        steps = int(plan["steps"])
        train.train(model, drawn, out, steps=steps, rate=plan["rate"], device=device)
        save_file({k: v.contiguous() for k, v in model.state_dict().items()}, learned)
    before = load_file(learned)
    model.load_state_dict(before)
    groups = craft.Groups(out / "train", out / "twins", tokenizer, size, SEED + 2)
    steps = int(plan["craft_steps"])
    craft.refine(model, groups, out, steps=steps, rate=plan["craft_rate"], device=device)
    model.cpu()
    settling = craft.Groups(out / "train", out / "twins", tokenizer, size, SEED + 3)
    craft.mix(model, before, settling)


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
