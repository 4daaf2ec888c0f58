"""Inspection kills: every kind of spoiled poster is found, five of each, by the rule for it; good
posters are not touched.

The mutants differ in brand, family, size, language, set and product. What cannot be told from the
picture is not asked for: a scene without a clear edge has no sharpness (see docs/inspection.md).
"""

from __future__ import annotations

from functools import cache

import pytest
from inspection_mutants import FILE_MUTANTS, MUTANTS, good_subject
from inspection_posters import Good, good_posters

from contentfab.records.channel import Placement
from contentfab.rules.inspection import inspect, inspect_file

FAMILIES = ("hero", "split", "editorial", "card")
COUNT, STORIES = 14, 4
"""Good posters that mutants are made from, the stories last."""
ROLES = {"headline", "subline", "cta", "price", "label"}
NEEDS_EDGES = ("blurred scene",)


@cache
def goods() -> tuple[Good, ...]:
    others = COUNT - STORIES
    return (
        *good_posters(others, FAMILIES, ("640x800", "640x640")),
        *good_posters(STORIES, FAMILIES, ("720x1280",)),
    )


@cache
def rules_of(number: int) -> dict[str, str]:
    """The rules that spoke of a good poster, each with its worst level."""
    levels: dict[str, str] = {}
    for finding in reversed(inspect(good_subject(goods()[number])).findings):
        levels[finding.rule] = finding.level
    return levels


def fit(kind: str, number: int) -> bool:
    """Whether a good poster has what a mutation changes."""
    good = goods()[number]
    if not {text.role for text in good.poster.texts} >= ROLES:
        return False
    story = good.request.placement.id == "720x1280"
    if story or kind == "text in the safe area":
        return story and kind == "text in the safe area"
    return kind not in NEEDS_EDGES or rules_of(number).get("poster.blurred") == "pass"


def chosen(kind: str) -> list[Good]:
    """Five good posters for a kind, other ones for each kind."""
    fitting = [number for number in range(COUNT) if fit(kind, number)]
    start = sorted(MUTANTS).index(kind)
    return [goods()[fitting[(start + 3 * n) % len(fitting)]] for n in range(5)]


def test_there_are_enough_kinds() -> None:
    assert len(MUTANTS) + len(FILE_MUTANTS) >= 20


@pytest.mark.parametrize("number", range(COUNT))
def test_a_good_poster_has_no_error(number: int) -> None:
    found = inspect(good_subject(goods()[number]))
    assert [(f.rule, f.message) for f in found.findings if f.level == "error"] == []
    assert found.not_checked == {}


@pytest.mark.parametrize("kind", MUTANTS)
def test_every_mutant_is_found_by_its_rule(kind: str) -> None:
    mutate, rule = MUTANTS[kind]
    for number, good in enumerate(chosen(kind)):
        found = inspect(mutate(good, number))
        errors = {finding.rule for finding in found.findings if finding.level == "error"}
        assert rule in errors, (good.name, number, errors)
        assert not found.ok


@pytest.mark.parametrize("kind", FILE_MUTANTS)
def test_every_spoiled_file_is_found_by_its_rule(kind: str) -> None:
    make, rule = FILE_MUTANTS[kind]
    for number in range(5):
        good = goods()[number]
        placement = good.request.placement.model_copy(update={"max_bytes": 100_000})
        found = inspect_file(make(good, number), placement)
        assert rule in {finding.rule for finding in found if finding.level == "error"}, number


def test_a_finding_tells_rule_measure_limit_and_box() -> None:
    mutate, rule = MUTANTS["text too small"]
    found = inspect(mutate(chosen("text too small")[0], 0)).findings
    finding = next(f for f in found if f.rule == rule)
    assert finding.measure is not None and finding.limit is not None
    assert finding.measure < finding.limit
    assert finding.box is not None and finding.box.width > 0


def test_a_light_whole_file_passes() -> None:
    placement = Placement(id="any", width=10, height=10, format="webp", max_bytes=10_000_000)
    data = FILE_MUTANTS["wrong format"][0](goods()[0], 1)
    assert all(finding.level == "pass" for finding in inspect_file(data, placement))
