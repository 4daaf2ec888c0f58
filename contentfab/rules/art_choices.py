"""What an art direction may be made of: a closed vocabulary, the brand's own words first.

A copywriter chooses from it per variant, and a choice is checked like any field of copy. What the
brand avoids is not on offer, and nothing that carries text is. Knows no pictures.
"""

from __future__ import annotations

from collections.abc import Iterable

from contentfab.records.brand import Imagery
from contentfab.records.copy import ArtChoices, CopyDraft, CopyRequest, Violation
from contentfab.rules.wording.plain_text import contains

LIGHTS = (
    "soft daylight", "low morning sun", "warm evening light", "hard noon sun", "studio softbox",
    "dim spotlight",
)  # fmt: skip
MOODS = ("calm", "fresh", "cosy", "lively", "elegant", "playful", "focused", "festive")
PROPS = (
    "linen cloth", "smooth stones", "wooden board", "ceramic dish", "glass block", "paper shapes",
    "dry leaves", "green leaves", "water drops", "sand", "ribbon", "fruit",
)  # fmt: skip
MAX_PROPS = 3


def art_choices(imagery: Imagery, scenes: Iterable[str]) -> ArtChoices:
    """What a brand with this imagery may be shown with; `scenes` serve a brand that names none."""

    def allowed(*groups: Iterable[str]) -> tuple[str, ...]:
        words = dict.fromkeys(word for group in groups for word in group if word)
        return tuple(w for w in words if not any(contains(w, no) for no in imagery.avoid))

    return ArtChoices(
        scenes=allowed(imagery.scenes or scenes),
        lights=allowed([imagery.light], LIGHTS),
        moods=allowed([imagery.mood], MOODS),
        props=allowed(PROPS),
    )


def check_art(draft: CopyDraft, request: CopyRequest) -> list[Violation]:
    """Every part of a draft's art direction that is missing or not in the vocabulary."""
    if request.art is None:
        return []
    choices = request.art
    found = []
    single = {"scene": choices.scenes, "light": choices.lights, "mood": choices.moods}
    for name, values in single.items():
        value = draft.art.get(name)
        if not isinstance(value, str) or value not in values:
            found.append(_violation(draft, name, f"must be one of: {', '.join(values)}"))
    props = draft.art.get("props")
    if not isinstance(props, list) or not set(props) <= set(choices.props):
        found.append(_violation(draft, "props", f"must be of these: {', '.join(choices.props)}"))
    elif len(set(props)) != len(props) or len(props) > MAX_PROPS:
        found.append(_violation(draft, "props", f"must be up to {MAX_PROPS}, each once"))
    return found


def _violation(draft: CopyDraft, name: str, hint: str) -> Violation:
    return Violation(draft.variant, f"art_{name}", "art.choice", f"art_{name} {hint}")
