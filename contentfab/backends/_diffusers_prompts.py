"""From an art direction to the prompt of an image model, checked against what its encoders read.

Knows colour names and tokenizers; nothing about pipelines or pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from contentfab.errors import BadOutput
from contentfab.prompts import Prompts
from contentfab.records.work import ArtDirection
from contentfab.rules.colour import delta_e, hex_to_rgb, srgb_to_lab

TEMPLATES = ("image.j2", "image_negative.j2")
NAMED = {
    "black": "#0B0B0B", "charcoal": "#33363B", "grey": "#808080", "silver": "#BDBFC1",
    "white": "#FAFAFA", "ivory": "#F8F3E6", "cream": "#F3E9D2", "beige": "#DCC9A9",
    "sand": "#CBB58C", "tan": "#BF9A6A", "camel": "#A9794B", "brown": "#6F4628",
    "chocolate": "#46291A", "terracotta": "#C0623F", "rust": "#A4471F", "brick red": "#95392F",
    "red": "#D32A2A", "burgundy": "#6A1B2D", "coral": "#F27A63", "salmon": "#F5A08C",
    "peach": "#FBC9A5", "orange": "#F0842B", "amber": "#EDA72C", "mustard": "#CFA02B",
    "gold": "#D8B24A", "yellow": "#F6D83C", "pale yellow": "#F8EDAF", "olive": "#77762F",
    "lime green": "#A5CC3B", "sage green": "#A7B59A", "mint green": "#B4E0C8",
    "green": "#3C9A4B", "forest green": "#21512F", "jade green": "#1F6B57", "teal": "#1E7F82",
    "turquoise": "#45BFBC", "pale blue": "#CBE1F0", "sky blue": "#7FBCE6", "blue": "#2D6BC8",
    "cobalt blue": "#1B46A6", "navy blue": "#172748", "slate blue": "#5F7390",
    "indigo": "#3A3285", "violet": "#7A4CB8", "lavender": "#C3B3E3", "plum": "#5F2A52",
    "magenta": "#C32C86", "pink": "#F09CBB", "blush pink": "#F3D3D1", "rose": "#CF6D83",
}  # fmt: skip
_NAMES = tuple(NAMED)
_LABS = srgb_to_lab(np.array([hex_to_rgb(colour) for colour in NAMED.values()], np.uint8))


class ImagePrompts:
    """Renders prompts from the templates; `digest` names their wording."""

    def __init__(self, templates: str | Path | None) -> None:
        self._prompts = Prompts(TEMPLATES, templates)
        self.digest = self._prompts.digest

    def positive(self, art: ArtDirection) -> str:
        """The prompt on one line."""
        values = {
            "scene": art.scene,
            "subject": art.subject,
            "light": art.light,
            "mood": art.mood,
            "copy_space": art.copy_space,
            "palette": dict(art.palette),
            "colours": {role: colour_name(colour) for role, colour in art.palette.items()},
        }
        return " ".join(self._prompts.render("image.j2", **values).split())

    def negative(self) -> str:
        """What the picture must not show."""
        return " ".join(self._prompts.render("image_negative.j2").split())


def colour_name(colour: str) -> str:
    """The nearest of some fifty colour names: text encoders understand words, not #RRGGBB."""
    lab = srgb_to_lab(np.array(hex_to_rgb(colour), np.uint8))
    return _NAMES[int(delta_e(lab, _LABS).argmin())]


def check_length(prompt: str, pipeline: Any, t5_limit: int) -> None:
    """Raises BadOutput naming the words that no text encoder of the pipeline would read. Where a
    long encoder (T5) stands beside a short one (CLIP), the long one carries the prompt."""
    longest = None
    for name in ("tokenizer", "tokenizer_2", "tokenizer_3"):
        tokenizer = getattr(pipeline, name, None)
        encoder = getattr(pipeline, name.replace("tokenizer", "text_encoder"), None)
        if tokenizer is None or encoder is None:
            continue
        positions = getattr(encoder.config, "max_position_embeddings", None)
        limit = min(tokenizer.model_max_length, positions or t5_limit)
        if longest is None or limit > longest[1]:
            longest = (tokenizer, limit)
    if longest is None:
        return
    tokenizer, limit = longest
    ids = tokenizer(prompt, truncation=False, verbose=False).input_ids
    if len(ids) <= limit:
        return
    cut = tokenizer.decode(ids[limit - 1 :], skip_special_tokens=True).strip()
    raise BadOutput(
        f"the image prompt has {len(ids)} tokens, the model reads {limit}; it would not see: {cut}",
        hint="Shorten scene, light or mood of the brand's imagery, or prompts/image.j2.",
    )
