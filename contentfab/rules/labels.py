"""What the visible AI label says, how tall it must be and where it stands, by jurisdiction.

The figures, their sources and how sure we are of them are in `labels.yaml`, the words in
`label_words.yaml`. This is data about law, not legal advice. Knows nothing about pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from contentfab.errors import InputError


def label_text(locale: str, jurisdictions: Iterable[str] = ("default",)) -> str:
    """The visible label in the language of `locale`; where a jurisdiction asks for certain words
    (China: AI and 生成) that this language lacks, those words come first."""
    words = _data("label_words.yaml")
    local = str(words.get(locale.partition("-")[0].lower(), words["en"]))
    needed = [
        str(pack["wording"])
        for pack in _packs(jurisdictions)
        if missing_elements(local, pack["elements"])
    ]
    return " · ".join(dict.fromkeys([*needed, local]))


def min_height_fraction(jurisdictions: Iterable[str] = ("default",)) -> float:
    """Least height of the label's glyphs, as a fraction of the picture's shortest side."""
    return max(float(pack["height"]["value"]) for pack in _packs(jurisdictions))


def corner(jurisdictions: Iterable[str] = ("default",)) -> str:
    """`top-right` or `bottom-right`: the corner that all of `jurisdictions` accept."""
    corners = {str(pack["corner"]["value"]) for pack in _packs(jurisdictions)}
    return "top-right" if "top-right" in corners else "bottom-right"


def wording_faults(text: str, jurisdictions: Iterable[str] = ("default",)) -> list[str]:
    """One sentence for every element that a jurisdiction asks for and `text` lacks."""
    return [
        f"{name}: the label {text!r} needs one of {', '.join(choice)}"
        for name in jurisdictions
        for choice in missing_elements(text, _packs([name])[0]["elements"])
    ]


def metadata_needed(jurisdictions: Iterable[str] = ("default",)) -> list[str]:
    """Metadata that a labelled file must hold beside the digital source type, such as `aigc`."""
    return sorted({str(name) for pack in _packs(jurisdictions) for name in pack["metadata"]})


def missing_elements(text: str, elements: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The elements of which `text` holds no alternative."""
    return [choice for choice in elements if not any(word in text for word in choice)]


def jurisdiction_names() -> list[str]:
    """Every jurisdiction that `labels.yaml` knows."""
    return sorted(_data("labels.yaml"))


def _packs(jurisdictions: Iterable[str]) -> list[dict[str, Any]]:
    data = _data("labels.yaml")
    packs = []
    for name in jurisdictions:
        if name not in data:
            raise InputError(
                f"unknown jurisdiction {name!r}",
                hint=f"jurisdictions are {', '.join(jurisdiction_names())}",
            )
        packs.append(data[name])
    return packs or [data["default"]]


@cache
def _data(name: str) -> dict[str, Any]:
    loaded = yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return dict(loaded)
