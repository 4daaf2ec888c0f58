"""The antonym axes of `score_appeal.j2` as directions in a model's space, and appeal in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contentfab.errors import InputError
from contentfab.records.score_weights import AppealWeights
from contentfab.records.scores import Criterion
from contentfab.rules.safety.people import refuse_people
from contentfab.rules.scoring.appeal import TO_NORMAL, Quality, Reading, axis

if TYPE_CHECKING:
    from contentfab.backends._clip_model import ClipModel

TEMPLATE = "score_appeal.j2"
OWN_AXIS = 0.5
"""Weight of an axis that the template has and the brand guide knows no weight for."""
RESERVED = frozenset(AppealWeights.model_fields) - {"overall", "craft", "composition", "colour"}


@dataclass(frozen=True, slots=True)
class Axis:
    """One quality: `wanted` and `opposite` are prompts, each with its antonym."""

    name: str
    wanted: tuple[str, ...]
    opposite: tuple[str, ...]


def axes(rendered: str) -> tuple[Axis, ...]:
    """Axes of the template: `axis | wanted | opposite` lines, those of one name together."""
    sides: dict[str, tuple[list[str], list[str]]] = {}
    for line in filter(None, map(str.strip, rendered.splitlines())):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not all(parts):
            hint = "Each line is: axis | what is wanted | its opposite."
            raise InputError(f"{TEMPLATE}: {line!r} is no pair of prompts", hint=hint)
        if parts[0] in RESERVED:
            hint = f"These names are taken: {', '.join(sorted(RESERVED))}."
            raise InputError(f"{TEMPLATE}: an axis cannot be called {parts[0]!r}", hint=hint)
        refuse_people(parts, TEMPLATE)
        wanted, opposite = sides.setdefault(parts[0], ([], []))
        wanted.append(parts[1])
        opposite.append(parts[2])
    if not sides:
        raise InputError(f"{TEMPLATE} holds no pair of prompts")
    return tuple(Axis(name, tuple(w), tuple(o)) for name, (w, o) in sides.items())


def quality(of: Axis, clip: ClipModel) -> Quality:
    """The axis as a direction. Raises InputError for a prompt that the model would cut."""
    for prompt in (*of.wanted, *of.opposite):
        if not clip.fits(prompt):
            hint = f"Shorten this line of prompts/{TEMPLATE}."
            raise InputError(f"the model would not read all of “{prompt}”", hint=hint)
    wanted, opposite = clip.texts(of.wanted), clip.texts(of.opposite)
    return axis(of.name, wanted, opposite, OWN_AXIS, f"“{of.wanted[0]}”")


def criteria(reading: Reading) -> list[Criterion]:
    """Each quality of a picture, with what the number means."""
    found = []
    for rating in reading.ratings:
        if rating.percentile is None:
            text = f"margin {rating.raw:+.4f} towards {rating.towards} (uncalibrated)"
        else:
            text = (
                f"{rating.raw:+.4f} towards {rating.towards}, {rating.z:+.1f} sd: beats "
                f"{rating.percentile:.0f} % of {reading.among}"
            )
        found.append(Criterion(rating.name, rating.value, text, rating.raw, rating.percentile))
    return found


def confidence(reading: Reading) -> float | None:
    """1 less the part of the scale that one spread to both sides covers; None where no spread is
    known."""
    if reading.z is None or reading.spread is None:
        return None
    high, low = (_normal(reading.z + side * reading.spread) for side in (1, -1))
    return round(1 - (high - low), 4)


def _normal(z: float) -> float:
    return 1 / (1 + math.exp(-TO_NORMAL * max(-30.0, min(30.0, z))))
