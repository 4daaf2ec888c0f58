"""What is known about models: pinned revision, licence, what to download (`models/cards.yaml`), and
what a model's own card says where it lies on this machine.

Data about licences, not legal advice. Knows nothing about settings, and downloads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contentfab.resources import parse_yaml

COMMERCIAL = ("yes", "conditional", "no", "unknown")


@dataclass(frozen=True, slots=True)
class Card:
    """A model as we know it. `commercial` is one of COMMERCIAL, `condition` says more about it;
    `revision` is "" where none is pinned; `size` is in bytes, 0 where unknown."""

    name: str
    kind: str
    licence: str = ""
    commercial: str = "unknown"
    condition: str = ""
    revision: str = ""
    evidence: str = ""
    size: int = 0
    files: tuple[str, ...] = ()
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence, what it says about commercial use (one of COMMERCIAL), and how we know."""

    name: str
    commercial: str
    source: str
    condition: str = ""


def cards() -> Mapping[str, Card]:
    """Every model in `models/cards.yaml`, by name."""
    return _data()[0]


def card_of(name: str) -> Card | None:
    """The card of a repository such as `stabilityai/sd-turbo`, with or without `hf-hub:`."""
    return cards().get(name.removeprefix("hf-hub:"))


def licence_of(name: str, path: Path | None) -> Licence:
    """The licence of a model: our card's, else that of the model card (README.md) in its folder,
    else unknown."""
    card = card_of(name)
    if card is not None:
        return Licence(card.licence, card.commercial, "models/cards.yaml", card.condition)
    stated = _stated(path) if path is not None else ""
    if not stated:
        return Licence("", "unknown", "no model card states one")
    commercial = _data()[1].get(stated.lower(), "unknown")
    return Licence(stated, commercial, "the model's own card (README.md)")


def _stated(path: Path) -> str:
    """`license_name`, else `license`, of a model card's YAML front-matter (the Hub's format)."""
    readme = (path if path.is_dir() else path.parent) / "README.md"
    try:
        text = readme.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    if not text.startswith("---"):
        return ""
    import yaml

    try:
        front = yaml.safe_load(text[3:].partition("\n---")[0])
    except yaml.YAMLError:
        return ""
    if not isinstance(front, dict):
        return ""
    named, plain = front.get("license_name"), front.get("license")
    return str(named or plain or "")


@cache
def _data() -> tuple[dict[str, Card], dict[str, str]]:
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = parse_yaml(text)
    known = {
        name: Card(name, **{**fields, "files": tuple(fields["files"])})
        for name, fields in data["models"].items()
    }
    return known, data["licences"]
