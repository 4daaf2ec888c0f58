"""What tests of bad input share: load a campaign that must be refused, look at what was told."""

from __future__ import annotations

from pathlib import Path

import pytest

from contentfab.errors import InputError, Problem
from contentfab.stages.brief import Known, load_brief

KNOWN = Known(
    layouts=["hero", "split"], profiles=["mini", "studio"], fonts=["Inter", "Noto Sans SC"]
)
CAMPAIGN, PRODUCTS_FILE, BRAND_FILE = (
    "campaign.yaml",
    "products.yaml",
    "brand_guides/hearth/brand.yaml",
)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def problems_of(campaign: Path) -> tuple[Problem, ...]:
    """All problems of a campaign that must be refused; its folder must not change meanwhile."""
    before = contents(campaign.parent)
    with pytest.raises(InputError) as caught:
        load_brief(campaign, known=KNOWN)
    assert contents(campaign.parent) == before
    assert str(campaign.parent) not in str(caught.value), "no absolute path may be shown"
    return caught.value.problems


def only_problem(campaign: Path) -> Problem:
    found = [p for p in problems_of(campaign) if p.level == "error"]
    assert len(found) == 1, [str(p) for p in found]
    return found[0]


def line_of(file: Path, needle: str) -> int:
    """The only line of `file` that holds `needle`."""
    lines = [n for n, text in enumerate(file.read_text("utf-8").split("\n"), 1) if needle in text]
    assert len(lines) == 1, (needle, lines)
    return lines[0]


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
