"""What a training picture shows, and how captions say it. Words only; no pixels.

The attributes of a picture are drawn first and the picture is made from them, so that captions are
true by construction. A caption says some of the attributes; it is true of every picture that has
all that it says, which is what the loss takes for a positive.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from contentfab.rules.pixels.colour_names import NAMED

GOOD = (
    "sharp and well lit",
    "clean professional craft",
    "crisp, detailed, balanced",
    "a flawless studio picture",
    "high quality",
    "a beautiful picture",
    "attractive and polished",
    "a clear, well balanced composition",
    "clean and detailed",
    "harmonious, well matched colours",
)
"""Craft words of a picture with no defect."""
BAD = (
    "flawed",
    "poor quality",
    "careless craft",
    "an amateur picture",
    "spoiled",
    "an ugly picture",
    "unattractive and careless",
)
"""General words of a picture with any defect; its own words stand in `defects.py`."""
SPACES = {"left": "on the left", "right": "on the right", "top": "at the top"}
LIGHTS = {
    "left": ("light from the left", "lit from the left side"),
    "right": ("light from the right", "lit from the right side"),
    "front": ("soft frontal light", "even light from the front"),
}
MOODS = {
    "dark": ("dark and moody", "a low-key night mood"),
    "bright": ("bright and airy", "a light, fresh mood"),
    "loud": ("loud and colourful", "bold saturated colours"),
    "calm": ("calm and muted", "quiet natural colours"),
}
NOUNS = ("picture", "picture", "picture", "photograph", "photo", "image", "shot")
FRAMES = ("here is {}", "{}, for a campaign", "we see {}", "{}, seen at a glance", "an ad: {}")
"""Ways to say the same, so that the wording of a prompt moves little. `evaluate_scores.py` asks in
others."""
ATTRIBUTES = (
    "scene", "wall", "podium", "accent", "light", "space", "mood", "product", "product_colour",
    "poster", "quality", "defect",
)  # fmt: skip
"""What a picture has one value of each, "" where it shows nothing of the kind."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One picture in words: a value for each attribute but the craft's, the colours by name, and
    the scene's own description."""

    values: Mapping[str, str]
    words: str


@dataclass(frozen=True, slots=True)
class Caption:
    """A text and the attributes that it states."""

    text: str
    said: Mapping[str, str]


def mood_of(lightness: float, chroma: float) -> str:
    """The mood that a wall's CIELAB lightness and the palette's mean chroma make."""
    if lightness < 38:
        return "dark"
    if chroma > 48:
        return "loud"
    return "bright" if lightness > 80 else "calm"


def caption(facts: Facts, dice: random.Random, craft: Caption) -> Caption:
    """One of many true captions. Always names the wall's colour; the rest comes and goes, so that
    short prompts mean something too. `craft` comes from `craft_words`."""
    values, said, parts = facts.values, dict(craft.said), []

    def say(attribute: str, share: float, *ways: str) -> None:
        if values[attribute] and dice.random() < share:
            parts.append(dice.choice(ways))
            said[attribute] = values[attribute]

    if values["product"] and dice.random() < 0.8:
        coloured = dice.random() < 0.7
        parts.append(f"a {values['product_colour'] + ' ' if coloured else ''}{values['product']}")
        said["product"] = values["product"]
        if coloured:
            said["product_colour"] = values["product_colour"]
    if facts.words:
        say("scene", 0.75, *_scene_words(facts.words))
    wall, podium, accent = values["wall"], values["podium"], values["accent"]
    say("wall", 1.0, f"a {wall} background", f"a {wall} wall", f"in {wall}")
    say("podium", 0.7, f"{podium} podium", f"{podium} shapes")
    say("accent", 0.7, f"{accent} accents", f"touches of {accent}")
    say("light", 0.45, *LIGHTS.get(values["light"], ("",)))
    say("mood", 0.35, *MOODS.get(values["mood"], ("",)))
    say("space", 0.35, f"space for text {SPACES.get(values['space'], '')}")
    if dice.random() < 0.3:
        dice.shuffle(parts)
    noun = dice.choice(NOUNS)
    article = "an" if noun == "image" else "a"
    lead = dice.choice((f"a studio {noun}", f"a product {noun}", f"{article} {noun}", "", ""))
    if values["poster"]:
        lead = dice.choice(("an advertising poster", "a poster with a headline", ""))
        said |= {"poster": "yes"} if lead else {}
    parts.insert(0 if dice.random() < 0.4 else len(parts), craft.text.replace("picture", noun))
    text = ", ".join(filter(None, [lead, *parts]))
    if dice.random() < 0.25:
        text = dice.choice(FRAMES).format(text)
    return Caption(text, said)


def craft_words(defect: str, own: tuple[str, ...], dice: random.Random, share: float) -> Caption:
    """Words for the craft of a picture, or none. `defect` is "" for a good picture, `own` are the
    defect's words."""
    if dice.random() > share:
        return Caption("", {})
    if not defect:
        return Caption(dice.choice(GOOD), {"quality": "good"})
    if dice.random() < 0.35:
        return Caption(dice.choice(BAD), {"quality": "bad"})
    said = {"quality": "bad", "defect": defect}
    text = dice.choice(own)
    return Caption(f"{text}, {dice.choice(BAD)}" if dice.random() < 0.4 else text, said)


def _scene_words(words: str) -> tuple[str, ...]:
    """Parts of a scene's own words: commas separate what may stand alone."""
    parts = [part.strip() for part in words.split(",") if part.strip()]
    return (parts[0], ", ".join(parts[:2]), ", ".join(parts))


def prompts_for_colour() -> dict[str, str]:
    """A zero-shot prompt for every named colour."""
    return {name: f"a picture, a {name} background" for name in NAMED}
