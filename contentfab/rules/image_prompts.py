"""From an art direction to the words that an image model is given.

Knows the templates `prompts/image.j2` and `prompts/image_negative.j2`; no model and no tokenizer.
"""

from __future__ import annotations

from pathlib import Path

from contentfab.prompts import Prompts
from contentfab.records.brief import ArtDirection
from contentfab.rules.pixels.colour_names import colour_name

TEMPLATES = ("image.j2", "image_negative.j2")


class ImagePrompts:
    """Renders prompts from the templates; `digest` names their wording."""

    def __init__(self, templates: str | Path | None) -> None:
        self._prompts = Prompts(TEMPLATES, templates)
        self.digest = self._prompts.digest

    def positive(self, art: ArtDirection, *, around: bool = False) -> str:
        """The prompt on one line; `around` says that the product already stands in the picture."""
        values = {
            "scene": art.scene,
            "subject": art.subject,
            "light": art.light,
            "mood": art.mood,
            "copy_space": art.copy_space,
            "palette": dict(art.palette),
            "colours": {role: colour_name(colour) for role, colour in art.palette.items()},
            "around": around,
        }
        return " ".join(self._prompts.render("image.j2", **values).split())

    def negative(self) -> str:
        """What the picture must not show."""
        return " ".join(self._prompts.render("image_negative.j2").split())
