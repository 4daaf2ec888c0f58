"""Scores are for pictures, never for people: prompts about persons are refused.

An axis such as "attractive person against plain person" would rate whoever is depicted. Words for
people in a prompt about appeal are enough to refuse it. Words of a brand guide about its imagery
say what a scene is like, not how good it is, and are no matter of this.
"""

from __future__ import annotations

from collections.abc import Iterable

import regex

from contentfab.errors import InputError

_PEOPLE = regex.compile(
    r"(?<!\p{L})(?:person|persons|people|human|humans|man|men|woman|women|girl|girls|boy|boys|lady|"
    r"ladies|gentleman|gentlemen|guy|guys|child|children|kid|kids|baby|babies|teen|teens|teenagers?|"
    r"supermodels?|actors?|actress|actresses|celebrity|celebrities|face|faces|facial|skin "
    r"tones?|body|bodies|figure of a|complexion|smile|smiling|sexy|gorgeous|handsome|pretty|cute|"
    r"youthful|elderly|ethnic|ethnicity|gender|he|she|his|her|someone|anyone|customer|"
    r"customers|athletes?|couple|couples|family|families|mother|father|portrait of)(?!\p{L})"
)


def about_people(prompt: str) -> str:
    """The words of a prompt that speak of people, or ""."""
    hit = _PEOPLE.search(prompt.casefold())
    return hit[0] if hit else ""


def refuse_people(prompts: Iterable[str], file: str) -> None:
    """Raises InputError for a scoring prompt about people."""
    for prompt in prompts:
        if words := about_people(prompt):
            raise InputError(
                f"{file}: “{prompt}” would score people (“{words}”), which contentfab never does",
                hint="describe the picture: its light, sharpness, colours, composition",
            )
