"""Gates: what a poster must have before any number about its beauty counts.

Contrast, logo and type come from the layout record and the pixels behind it; a CLIP model is never
asked about them, since it cannot tell a readable line from an unreadable one. A failed gate caps a
score and names itself. What the inspection of the finished poster found wrong counts as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contentfab.records.brand import Brand
from contentfab.records.pictures import Poster
from contentfab.records.places import Box
from contentfab.rules.scoring import criteria

CAP = 0.4
"""Most that a score can be when one of its gates failed."""
SCORES = {
    "contrast": ("appeal", "brand_fit"),
    "type": ("appeal", "brand_fit"),
    "logo": ("brand_fit",),
}
"""Which scores a gate caps."""
LEAST_TEXT_PX = 9.0
"""Font size in pixels under which no text can be read on any screen."""
OUTSIDE = 0.02
"""Share of a text's box that may lie outside the picture: boxes enclose glyphs, which overhang."""
INSPECTED = {"contrast": "contrast", "logo": "logo", "text": "type", "overlap": "type"}
"""Gates by a word in an inspection rule's name."""


@dataclass(frozen=True, slots=True)
class Gate:
    """`name` is contrast, logo or type; `reason` says what was measured, or what is wrong."""

    name: str
    passed: bool
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


def gates(poster: Poster | None, brand: Brand) -> list[Gate]:
    """Every gate that the layout record lets us judge; none for a picture without one."""
    if poster is None:
        return []
    found = list(filter(None, (_contrast(poster), _type(poster), _logo(poster, brand))))
    failed = {gate.name for gate in found if not gate.passed}
    return [*found, *(gate for gate in _inspected(poster) if gate.name not in failed)]


def capped(score: float | None, name: str, judged: Iterable[Gate]) -> float | None:
    """The score `name` (appeal or brand_fit) under its gates."""
    failed = any(not gate.passed and name in SCORES[gate.name] for gate in judged)
    return score if score is None or not failed else min(score, CAP)


def _contrast(poster: Poster) -> Gate | None:
    rated = criteria.contrast(poster)
    if rated is None:
        return None
    criterion, passed = rated
    return Gate("contrast", passed, criterion.explanation)


def _type(poster: Poster) -> Gate | None:
    """All type inside the picture, and of a size that can be read."""
    if not poster.texts:
        return None
    height, width = poster.pixels.shape[:2]
    for text in poster.texts:
        box = text.box
        seen = Box(max(0, box.x0), max(0, box.y0), min(width, box.x1), min(height, box.y1))
        area = max(1, box.width * box.height)
        inside = max(0, seen.width) * max(0, seen.height) / area
        if inside < 1 - OUTSIDE:
            return Gate("type", False, f"{1 - inside:.0%} of {text.role} is outside the picture")
        if text.size < LEAST_TEXT_PX:
            small = f"{text.role} is set in {text.size:.1f} px, {LEAST_TEXT_PX:g} px can be read"
            return Gate("type", False, small)
    return Gate("type", True, f"{len(poster.texts)} texts are inside the picture and large enough")


def _logo(poster: Poster, brand: Brand) -> Gate | None:
    criterion = criteria.logo(poster, brand)
    if criterion is None or criterion.value is None:
        return None
    return Gate("logo", criterion.value >= 1 - OUTSIDE, criterion.explanation)


def _inspected(poster: Poster) -> Iterator[Gate]:
    for finding in poster.findings:
        name = next((gate for word, gate in INSPECTED.items() if word in finding.rule), "")
        if finding.level == "error" and name:
            yield Gate(name, False, finding.message)
