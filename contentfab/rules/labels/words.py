"""What the visible AI label says, how tall it must be and where it stands, by jurisdiction.

The packs (`labels.yaml`) give every rule its source, date and how sure we are of it; the words are
in `label_words.yaml`. Several jurisdictions are met by the union of their rules. This is data
about law, not legal advice. The advertising disclosure (`广告`) is another mark, a channel's,
and is not made here. Knows nothing about pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from contentfab.errors import InputError
from contentfab.resources import parse_yaml

CORNERS = ("top-left", "top-right", "bottom-left", "bottom-right")
TRADITIONAL = frozenset(("TW", "HK", "MO"))
"""Regions that write Chinese in the traditional script."""


def label_text(
    locale: str, jurisdictions: Iterable[str] = ("default",), *, person: bool = False
) -> str:
    """The visible label in the language of `locale`; where a jurisdiction asks for certain words
    (China: AI and 生成) that this language lacks, those words come first. `person` says that the
    picture shows a synthetic person: where that must be disclosed, the words for it come last."""
    packs = _packs(jurisdictions)
    local = _word("label", locale)
    needed = [
        str(pack["wording"]["value"]) for pack in packs if missing_elements(local, _elements(pack))
    ]
    parts = [*needed, local]
    if person and any(_asks_for_person(pack) for pack in packs):
        parts.append(_word("person", locale))
    return " · ".join(dict.fromkeys(parts))


def min_height_fraction(jurisdictions: Iterable[str] = ("default",)) -> float:
    """Least height of the label's glyphs, as a fraction of the picture's shortest side."""
    return max(float(pack["height"]["value"]) for pack in _packs(jurisdictions))


def min_contrast(jurisdictions: Iterable[str] = ("default",)) -> float:
    """Least contrast of the label's ink and its ground (WCAG 2.2 ratio)."""
    return max(float(pack["contrast"]["value"]) for pack in _packs(jurisdictions))


def corner(jurisdictions: Iterable[str] = ("default",)) -> str:
    """The corner that is best in all of `jurisdictions` together, such as `top-right`."""
    return corners(jurisdictions)[0]


def corners(jurisdictions: Iterable[str] = ("default",)) -> tuple[str, ...]:
    """Corners that every one of `jurisdictions` allows, best first. Where one of them departs from
    the usual corner, it has a reason, and leads."""
    orders = [list(pack["corner"]["value"]) for pack in _packs(jurisdictions)]
    usual = _packs(["default"])[0]["corner"]["value"][0]
    leading = next((order for order in orders if order[0] != usual), orders[0])
    return tuple(name for name in leading if all(name in order for order in orders))


def wording_faults(
    text: str, jurisdictions: Iterable[str] = ("default",), *, person: bool = False
) -> list[str]:
    """One sentence for every element that a jurisdiction asks for and `text` lacks; with `person`
    also for words about the synthetic person in the picture."""
    faults = []
    for name in jurisdictions:
        pack = _packs([name])[0]
        faults += [
            f"{name}: the label {text!r} needs one of {', '.join(choice)}"
            for choice in missing_elements(text, _elements(pack))
        ]
        told = any(words in text for words in _data("label_words.yaml")["person"].values())
        if person and _asks_for_person(pack) and not told:
            faults.append(
                f"{name}: the label {text!r} does not say that the person in it is AI-generated"
            )
    return faults


def asks_for_person(jurisdictions: Iterable[str] = ("default",)) -> list[str]:
    """Those of `jurisdictions` in which a synthetic person must be disclosed."""
    return [name for name in jurisdictions if _asks_for_person(_packs([name])[0])]


def has_person_words(locale: str) -> bool:
    """Whether the disclosure of a synthetic person exists in the language of `locale`."""
    return any(tag in _data("label_words.yaml")["person"] for tag in _tags(locale))


def metadata_needed(jurisdictions: Iterable[str] = ("default",)) -> list[str]:
    """What the metadata of a labelled file must hold, such as `aigc`."""
    return sorted(
        {str(name) for pack in _packs(jurisdictions) for name in pack["metadata"]["value"]}
    )


def asks_for_signature(jurisdictions: Iterable[str] = ("default",)) -> list[str]:
    """Those of `jurisdictions` in which the metadata must be digitally signed."""
    return [n for n in jurisdictions if _packs([n])[0].get("signed", {}).get("value")]


def least_marked_side() -> int:
    """Pixels of the shortest side from which a picture must carry the invisible mark."""
    return int(_data("labels.yaml")["mark"]["least_side"]["value"])


def too_small_for_mark(width: int, height: int) -> str:
    """Why a picture of that size may go without the invisible mark; "" when it may not."""
    least = least_marked_side()
    if min(width, height) >= least:
        return ""
    return f"too small for the invisible mark ({width} x {height}, it needs {least} px a side)"


def rule_records(name: str) -> list[dict[str, Any]]:
    """Every rule of one jurisdiction with value, evidence, note, source (an address) and the date
    on which that was read, for reports and docs."""
    data = _data("labels.yaml")
    (pack,) = _packs([name])
    return [
        {
            "rule": rule,
            "note": "",
            "verified_at": data["verified_at"],
            **given,
            "source": data["sources"][given["source"]],
        }
        for rule, given in pack.items()
    ]


def is_label(text: str) -> bool:
    """Whether `text` is made of our words alone, in any language: nobody has put others there."""
    words = _data("label_words.yaml")
    known = {str(word) for kind in ("label", "person") for word in words[kind].values()}
    packs = _data("labels.yaml")["jurisdictions"].values()
    known |= {str(pack["wording"]["value"]) for pack in packs if "wording" in pack}
    return all(part in known for part in text.split(" · "))


def missing_elements(text: str, elements: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The elements of which `text` holds no alternative."""
    return [choice for choice in elements if not any(word in text for word in choice)]


def jurisdiction_names() -> list[str]:
    """Every jurisdiction that `labels.yaml` knows."""
    return sorted(_data("labels.yaml")["jurisdictions"])


def _elements(pack: dict[str, Any]) -> list[list[str]]:
    return list(pack["elements"]["value"]) if "elements" in pack else []


def _asks_for_person(pack: dict[str, Any]) -> bool:
    return bool("person" in pack and pack["person"]["value"])


def _word(kind: str, locale: str) -> str:
    words = _data("label_words.yaml")[kind]
    return str(next((words[tag] for tag in _tags(locale) if tag in words), words["en"]))


def _tags(locale: str) -> list[str]:
    """Names under which words for a locale may stand, narrowest first."""
    language, *rest = locale.split("-")
    script = next((part for part in rest if len(part) == 4), "")
    if language == "zh" and not script and TRADITIONAL & {part.upper() for part in rest}:
        script = "Hant"
    return [f"{language.lower()}-{script.title()}", language.lower()]


def _packs(jurisdictions: Iterable[str]) -> list[dict[str, Any]]:
    known = _data("labels.yaml")["jurisdictions"]
    packs = []
    for name in jurisdictions:
        if name not in known:
            raise InputError(
                f"unknown jurisdiction {name!r}",
                hint=f"jurisdictions are {', '.join(jurisdiction_names())}",
            )
        packs.append(known[name])
    return packs or [known["default"]]


@cache
def _data(name: str) -> dict[str, Any]:
    loaded = parse_yaml(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return dict(loaded)
