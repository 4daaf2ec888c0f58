"""Jurisdiction packs: every rule has its source, several are met together, people are disclosed."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaigns import make_campaign

from contentfab.errors import InputError, Problem
from contentfab.rules.labels import words as labels
from contentfab.stages.brief import check_brief

LOCALES = ("en-US", "zh-CN", "zh-TW", "ja-JP", "ko-KR", "de-DE", "fr-FR", "es-MX", "it-IT", "pt-BR",
           "ar-EG")  # fmt: skip


@pytest.mark.parametrize("name", labels.jurisdiction_names())
def test_every_rule_has_evidence_source_and_date(name: str) -> None:
    records = labels.rule_records(name)
    assert {"height", "contrast", "corner", "metadata", "icon"} <= {r["rule"] for r in records}
    for record in records:
        assert record["evidence"] in "ABC"
        assert record["source"]
        assert record["verified_at"] == "2026-11-21"
        if record["evidence"] == "A":
            assert record["source"].startswith("https://")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_words_are_in_the_language_of_the_locale(locale: str) -> None:
    own = labels.label_text(locale)
    if not locale.startswith("en"):
        assert own != labels.label_text("en-US")
    chinese = labels.label_text(locale, ["cn"])
    assert labels.wording_faults(chinese, ["cn"]) == []
    assert own in chinese
    assert labels.has_person_words(locale)
    person = labels.label_text(locale, ["us-ny"], person=True)
    assert person.startswith(own + " · ")
    assert labels.wording_faults(person, ["us-ny"], person=True) == []


def test_what_china_asks_of_the_words() -> None:
    assert labels.label_text("en", ["cn"]) == "AI生成 · AI-generated"
    assert labels.label_text("zh-Hant-HK", ["cn", "eu"]) == "AI生成"
    for bad in ("AI", "生成", "AI-generated", "广告"):
        assert labels.wording_faults(bad, ["cn"])
    for good in ("人工智能生成", "由AI合成", "AI 生成"):
        assert labels.wording_faults(good, ["cn"]) == []


def test_a_person_is_disclosed_where_that_is_asked_for() -> None:
    assert labels.label_text("en", ["cn", "eu"], person=True) == "AI生成 · AI-generated"
    text = labels.label_text("zh-CN", ["cn", "us-ny"], person=True)
    assert text == "AI生成 · 人物由AI合成"
    faults = labels.wording_faults("AI-generated", ["eu", "us-ny"], person=True)
    assert [fault.split(":")[0] for fault in faults] == ["us-ny"]
    assert labels.asks_for_person(["cn", "us-ny"]) == ["us-ny"]


def test_several_jurisdictions_are_met_by_the_union_of_their_rules() -> None:
    every = labels.jurisdiction_names()
    assert labels.min_height_fraction(every) == 0.05
    assert labels.min_contrast(every) == 4.5
    assert labels.metadata_needed(["default"]) == ["digital_source_type"]
    assert labels.metadata_needed(["eu", "cn"]) == ["aigc", "digital_source_type"]
    assert labels.corner(every) == "top-right"
    assert labels.corners(["cn", "us-ny"])[0] == "bottom-right"
    assert set(labels.corners(every)) == set(labels.CORNERS)
    with pytest.raises(InputError, match="atlantis"):
        labels.corners(["atlantis"])


def warnings(folder: Path, scenes: list[str], **label: object) -> list[Problem]:
    campaign = make_campaign(
        folder,
        guide={"imagery": {"scenes": scenes}},
        label={"jurisdictions": ["us-ny"], **label},
    )
    brief, problems = check_brief(campaign)
    assert brief is not None, problems
    return [problem for problem in problems if problem.rule.startswith("brief.label-")]


@pytest.mark.parametrize("scene", ["a woman at a window", "茶室里的人物", "Models on a roof"])
def test_imagery_with_people_needs_a_word_about_them(scene: str, tmp_path: Path) -> None:
    (problem,) = warnings(tmp_path, ["stone shelf", scene])
    assert (problem.rule, problem.level, problem.field) == ("brief.label-person", "warn", "label")
    assert "depicts_synthetic_person" in problem.hint


def test_no_warning_without_people_or_with_a_declaration(tmp_path: Path) -> None:
    assert warnings(tmp_path / "a", ["a street without people", "womanly curves", "没有人物"]) == []
    assert warnings(tmp_path / "b", ["a woman"], depicts_synthetic_person=False) == []
    assert warnings(tmp_path / "c", ["a woman"], depicts_synthetic_person=True) == []
    assert warnings(tmp_path / "d", ["a woman"], jurisdictions=["cn"]) == []
