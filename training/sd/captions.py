"""What a training picture is called: the words of contentfab's own prompt, and shorter ones.

The prompt is rendered from `templates/prompts/image.j2`, so that a changed template changes what
is learned. Words only; tokens in the end; no pixels. Scenes are called what `image_plates` would
find them by.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from contentfab.backends._plates_choice import _ALSO as ALSO
from contentfab.backends._plates_choice import SceneWords, best_scene, light_for
from contentfab.backends.image_plates import scene_names
from contentfab.prompts import Prompts
from contentfab.rules.art_choices import LIGHTS, MOODS
from training.clip import world

DROPPED = 0.1
"""Share of captions that say nothing: what guidance is measured against."""
CODED = 0.3
"""Share that gives colours by name and code, such as "teal #1e7f82"."""
SHORT = 0.2
NEUTRAL_LIGHTS = (
    *LIGHTS, "", "", "soft daylight, pale shadows", "low warm sun from one side, long soft shadows",
    "hard noon sun, crisp shadows", "soft window light", "morning light", "even studio light",
)  # fmt: skip
MOOD_WORDS = (
    *MOODS, "", "", "early morning, unhurried", "half a second before the start", "quiet and exact",
    "a room after rain", "warm and generous", "bold and simple", "natural, honest, slow",
    "cool and technical", "a little poetic", "weekend ease", "precise and light", "sunny",
)  # fmt: skip
WARMTH = {1: ("warm light", "golden light"), -1: ("cool light", "cold clear light")}
GRAIN = "film grain"
_MARK = re.compile(r"(Q[A-Z]+Q)")


@dataclass(frozen=True, slots=True)
class Facts:
    """One picture in words. `colours`: role to name and #rrggbb, in the order wall, podium, accent,
    prop; `light` is left, right, front or "" (no telling); `mood` a key of `world.MOODS`; `warmth`
    -1, 0 or 1."""

    scene: str
    colours: Mapping[str, tuple[str, str]]
    light: str
    mood: str
    space: str
    warmth: int = 0
    grain: bool = False


def prompt(facts: Facts, dice: random.Random, *, coded: bool) -> str:
    """As contentfab asks for a key visual. Three colours are named; the prop's comes and goes."""
    roles = tuple(facts.colours)[: 4 if dice.random() < 0.4 else 3]
    light = _light(facts, dice)
    mood = dice.choice((*MOOD_WORDS, *world.MOODS[facts.mood]))
    if facts.grain:
        mood = f"{mood}, {GRAIN}" if mood else GRAIN
    frame = _frame(roles, bool(light), bool(mood), facts.space)
    said = {"QSCENEQ": dice.choice(phrases(facts.scene)), "QLIGHTQ": light, "QMOODQ": mood}
    for i, role in enumerate(roles):
        said[f"QCOLOUR{'ABCD'[i]}Q"] = _colour(facts.colours[role], coded)
    return "".join(said.get(part, part) for part in frame)


def short(facts: Facts, dice: random.Random) -> str:
    """A few words, in any order: prompts that people write by hand."""
    parts = [dice.choice(phrases(facts.scene))] if dice.random() < 0.85 else []
    coded = dice.random() < CODED
    ways = {"wall": ("{} background", "{} wall", "in {}"), "podium": ("{} podium", "{} shapes"),
            "accent": ("{} accents", "touches of {}"), "prop": ("{} props",)}  # fmt: skip
    shares = {"wall": 1.0, "podium": 0.7, "accent": 0.6, "prop": 0.2}
    for role, value in facts.colours.items():
        if dice.random() < shares[role]:
            parts.append(dice.choice(ways[role]).format(_colour(value, coded)))
    if facts.light and dice.random() < 0.5:
        parts.append(dice.choice(world.LIGHTS[facts.light]))
    if dice.random() < 0.3:
        parts.append(dice.choice(world.MOODS[facts.mood]))
    if dice.random() < 0.3:
        parts.append(f"space for text {world.SPACES.get(facts.space, '')}".strip())
    if dice.random() < 0.4:
        dice.shuffle(parts)
    return ", ".join(parts)


def caption(facts: Facts, dice: random.Random) -> str:
    """One of many true captions, or nothing."""
    chance = dice.random()
    if chance < DROPPED:
        return ""
    if chance < DROPPED + SHORT:
        return short(facts, dice)
    return prompt(facts, dice, coded=dice.random() < CODED)


@cache
def phrases(scene: str) -> tuple[str, ...]:
    """Words by which `image_plates` finds a scene: its name, its description, its synonyms."""
    known = _scenes()
    words = known[scene].words
    also = [word for word in ALSO.get(scene, "").split() if word.isascii()]
    parts = [part.strip() for part in words.split(",")]
    tried = dict.fromkeys([scene, words, parts[0], ", ".join(parts[:2]), *also,
                           *(f"{word} {scene}" for word in also)])  # fmt: skip
    every, studio = list(known.values()), [s.name for s in scene_names() if s.kind == "studio"]
    kept = [p for p in tried if all(best_scene(p, "", every, studio, n) == scene for n in (0, 1))]
    return tuple(kept) or (scene,)


def every_text() -> Iterable[str]:
    """Texts that hold every word a caption may hold, for the vocabulary."""
    for scene in _scenes():
        yield from phrases(scene)
    yield from NEUTRAL_LIGHTS
    yield from MOOD_WORDS
    for group in (world.LIGHTS, world.MOODS, WARMTH):
        for ways in group.values():
            yield from ways


def _light(facts: Facts, dice: random.Random) -> str:
    if facts.warmth and dice.random() < 0.7:
        return dice.choice(WARMTH[facts.warmth])
    if facts.light and dice.random() < 0.5:
        return dice.choice(world.LIGHTS[facts.light])
    fitting = "front" if facts.light == "front" else "side"
    return dice.choice([w for w in NEUTRAL_LIGHTS if not w or light_for(w, "", 0)[0] == fitting])


def _colour(value: tuple[str, str], coded: bool) -> str:
    return f"{value[0]} {value[1]}" if coded else value[0]


@cache
def _scenes() -> dict[str, SceneWords]:
    return {scene.name: SceneWords(scene.name, scene.words) for scene in scene_names()}


@cache
def _templates() -> Prompts:
    return Prompts(("image.j2",))


@cache
def _frame(roles: tuple[str, ...], light: bool, mood: bool, space: str) -> tuple[str, ...]:
    """The rendered template, cut where the words of one picture go in."""
    values: dict[str, Any] = {
        "scene": "QSCENEQ",
        "subject": "product",
        "light": "QLIGHTQ" if light else "",
        "mood": "QMOODQ" if mood else "",
        "copy_space": space,
        "palette": {},
        "colours": {role: f"QCOLOUR{'ABCD'[i]}Q" for i, role in enumerate(roles)},
        "around": False,
    }
    text = " ".join(_templates().render("image.j2", **values).split())
    return tuple(part for part in _MARK.split(text) if part)
