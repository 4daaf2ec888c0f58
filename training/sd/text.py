"""The text tower: a small vocabulary, CLIP's text model, and a first schooling without pictures.

Schooling: read a prompt, say the scene and the colours (CIELAB) of its roles. So the UNet starts
with words that already mean something; afterwards it trains the tower along. Words unknown to the
vocabulary are spelled in bytes, so that any prompt can be read, if not understood.
"""

from __future__ import annotations

import json
import random
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import nn
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from contentfab.backends.image_plates import scene_names
from contentfab.resources import data_dir, parse_yaml
from contentfab.rules.pixels.colour import hex_to_rgb, srgb_to_lab
from training.sd import captions, loop, palettes
from training.sd.captions import Facts
from training.sd.data import World, facts_of
from training.sd.plan import SEED, Plan

if TYPE_CHECKING:
    from torch import Tensor

START, END = "<|startoftext|>", "<|endoftext|>"
_WORD = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
RATE = 1e-3
CORPUS = 4_000
TEXTS = 20_000
"""Captions the vocabulary is learned from; facts that are drawn ahead for the schooling."""


def make_tokenizer(texts: list[str], merges: int, tokens: int, folder: Path) -> CLIPTokenizer:
    """A vocabulary of bytes and `merges` merged pairs, saved as transformers wants it."""
    learner = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    learner.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORD), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=2 * len(letters) + merges,
        initial_alphabet=letters,
        end_of_word_suffix="</w>",
        show_progress=False,
        min_frequency=2,
    )
    learner.train_from_iterator(texts, trainer)
    pairs = [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]][:merges]
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += ["".join(pair) for pair in pairs]
    words = list(dict.fromkeys([*words, START, END]))
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=pairs, model_max_length=tokens)
    tokenizer.save_pretrained(folder)
    return tokenizer


def corpus(facts: list[Facts]) -> list[str]:
    """What the vocabulary is learned from: captions, and the words of the built-in brand guides."""
    dice = random.Random(SEED)
    texts = [captions.caption(dice.choice(facts), dice) for _ in range(CORPUS)]
    texts += 20 * list(captions.every_text())
    texts += [f"{name} {role}" for name in palettes.NAMES for role in ("wall", "podium")] * 20
    for path in sorted(data_dir("brand_guides").glob("*/brand.yaml")):
        imagery = parse_yaml(path.read_text(encoding="utf-8")).get("imagery", {})
        texts += [
            *imagery.get("scenes", []),
            imagery.get("mood", ""),
            imagery.get("light", ""),
        ] * 20
    return texts


class Encoder:
    """Captions to token ids, fast: a word is looked up once."""

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        self._tokenizer = tokenizer
        self.length = int(tokenizer.model_max_length)
        self._word = lru_cache(maxsize=200_000)(self._tokens)

    def __call__(self, texts: list[str], device: str) -> Tensor:
        """B x length ids, cut and padded as the pipeline does."""
        start, end = self._tokenizer.bos_token_id, self._tokenizer.eos_token_id
        pad = self._tokenizer.pad_token_id
        rows = []
        for text in texts:
            ids = [i for word in text.split() for i in self._word(word)][: self.length - 2]
            rows.append([start, *ids, end] + [pad] * (self.length - 2 - len(ids)))
        return torch.tensor(rows).to(device, non_blocking=True)

    def _tokens(self, word: str) -> tuple[int, ...]:
        return tuple(self._tokenizer(word, add_special_tokens=False).input_ids)


def build(plan: Plan, tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """The tower, with random weights."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=plan.text_width,
            intermediate_size=4 * plan.text_width,
            num_hidden_layers=plan.text_layers,
            num_attention_heads=max(1, plan.text_width // 32),
            max_position_embeddings=plan.tokens,
            projection_dim=plan.text_width,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


class _Exam(nn.Module):
    """What the schooling asks for: the scene, and the colours of four roles."""

    def __init__(self, width: int, scenes: int) -> None:
        super().__init__()
        self.scene, self.colours = nn.Linear(width, scenes), nn.Linear(width, 12)

    def forward(self, state: Tensor) -> tuple[Tensor, Tensor]:
        return self.scene(state), self.colours(state).view(-1, 4, 3)


def school(plan: Plan, world: World, out: Path, device: str) -> dict[str, float]:
    """Makes the vocabulary and the tower; writes `tokenizer/` and `text_encoder/`."""
    dice = loop.dice_for("text", 0)
    facts = _facts(world, dice)
    tokenizer = make_tokenizer(corpus(facts), plan.merges, plan.tokens, out / "tokenizer")
    torch.manual_seed(SEED)
    model = build(plan, tokenizer).to(device)
    names = {scene.name: i for i, scene in enumerate(scene_names())}
    exam = _Exam(plan.text_width, len(names)).to(device)
    optimiser = loop.adam([*model.parameters(), *exam.parameters()], device)
    encode, course = Encoder(tokenizer), loop.Course(plan, "text", out, log_every=10)
    figures: dict[str, Any] = {}
    for step in course:
        chosen = [facts[i] for i in loop.dice_for("text", step + 1).integers(
            len(facts), size=plan.text_batch)]  # fmt: skip
        words = random.Random(SEED + step)
        coded = [words.random() < 0.5 for _ in chosen]
        texts = [captions.prompt(f, words, coded=c) for f, c in zip(chosen, coded, strict=True)]
        with loop.autocast(device):
            scene, colours = exam(_read(model, encode(texts, device)))
        target, said = _colours(chosen, texts, device)
        off = (colours.float() - target).pow(2).sum(-1) * said
        labels = torch.tensor([names[f.scene] for f in chosen], device=device)
        loss = F.cross_entropy(scene.float(), labels) + 8 * off.sum() / said.sum()
        optimiser.zero_grad(set_to_none=True)
        loop.set_rate(optimiser, course, RATE, 100)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        code = torch.tensor(coded, device=device)[:, None] * said
        figures = {
            "loss": loss.detach(),
            "scene": (scene.argmax(1) == labels).float().mean(),
            "lab_named": 100 * _root(off.detach(), said - code),
            "lab_coded": 100 * _root(off.detach(), code),
        }
        course.log(**figures)
    model.save_pretrained(out / "text_encoder")
    return {name: float(value) for name, value in figures.items()}


def _facts(world: World, dice: Any) -> list[Facts]:
    """Facts without pictures: any scene in any palette."""
    names = [scene.name for scene in scene_names()]
    rows = dice.integers(len(world.palettes.levels), size=TEXTS)
    sides, spaces = ("left", "right", "front"), ("top", "left", "right")
    return [
        facts_of(
            world.palettes, row, names[dice.integers(len(names))], sides[row % 3], spaces[row % 3]
        )
        for row in rows
    ]


def _read(model: CLIPTextModel, ids: Tensor) -> Tensor:
    """The state at the end of the text, B x width."""
    return model(ids).pooler_output


def _colours(facts: list[Facts], texts: list[str], device: str) -> tuple[Tensor, Tensor]:
    """CIELAB / 100, B x 4 x 3, and which roles the text names, B x 4."""
    levels = [[hex_to_rgb(code) for _, code in fact.colours.values()] for fact in facts]
    target = torch.from_numpy(srgb_to_lab(levels) / 100).float().to(device)
    said = [[1.0, 1.0, 1.0, float(" prop" in text)] for text in texts]
    return target, torch.tensor(said, device=device)


def _root(off: Tensor, which: Tensor) -> Tensor:
    return ((off * which).sum() / which.sum().clamp_min(1)).sqrt()
