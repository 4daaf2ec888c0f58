"""From an art direction to the prompt of an image model, checked against what its encoders read.

Knows tokenizers; nothing about pipelines or pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contentfab.errors import BadOutput
from contentfab.prompts import Prompts
from contentfab.records.brief import ArtDirection
from contentfab.rules.colour_names import colour_name

TEMPLATES = ("image.j2", "image_negative.j2")


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
