"""Copy scores: every criterion moves with what it measures, and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from copy_cases import make_draft, make_request

from contentfab.records.copy import CopyDraft, Fields
from contentfab.records.score_weights import CopyWeights
from contentfab.resources import PACKAGE
from contentfab.rules.scoring.copy_scores import CopyCard, calibration_id, copy_cards, score_records
from contentfab.rules.scoring.cta import call_in

GOOD: dict[str, Any] = {
    "primary_text": "Cold-brewed for 18 hours, then poured over ice. Nothing to add, nothing to "
    "stir, no sugar and no rush at all.",
    "headline": "Eighteen hours. One slow cup.",
    "description": "Beans from two small farms",
    "subline": "Poured over ice in the time it takes to open it.",
    "cta": "Shop now",
}


def card(fields: Fields = GOOD, *others: Fields, locale: str = "en-US", **more: Any) -> CopyCard:
    """The card of the first of some drafts of one cell."""
    request = make_request(locale, more.pop("channel", "meta.feed"), **more)
    drafts = [
        CopyDraft(f"cell--{'abc'[n]}", "benefit", each) for n, each in enumerate((fields, *others))
    ]
    return copy_cards([(request, draft) for draft in drafts])["cell--a"]


def value(found: CopyCard, name: str) -> float | None:
    return next(each.value for each in found.criteria if each.name == name)


def why(found: CopyCard, name: str) -> str:
    return next(each.explanation for each in found.criteria if each.name == name)


def test_a_good_copy_scores_high_and_every_number_is_explained() -> None:
    found = card()
    assert found.value is not None and found.value > 0.9 and not found.failed_gates
    assert all(each.explanation for each in found.criteria)
    assert all(each.value is None or 0 <= each.value <= 1 for each in found.criteria)


def test_length_is_1_inside_60_to_100_percent_falls_below_and_is_0_above() -> None:
    base = value(card(), "length_fit")
    short = card({**GOOD, "primary_text": "Cold-brewed for 18 hours."})
    long = card({**GOOD, "headline": "Eighteen hours and then one more slow cup " * 2})
    assert base == 1.0
    assert (value(short, "length_fit") or 0) < 0.9 and "primary_text 25 of 125" in why(
        short, "length_fit"
    )
    assert value(long, "length_fit") == pytest.approx(0.8) and "headline 84 of 40" in why(
        long, "length_fit"
    )


def test_a_chinese_character_fills_as_much_as_two_letters() -> None:
    line = "低温慢萃十八小时，不添加糖，开瓶就能喝，清早最好的一杯就在这里，慢慢来，别着急。"
    found = card({**GOOD, "primary_text": line}, locale="zh-CN")
    assert "primary_text" not in why(found, "length_fit")


def test_hard_words_read_worse_and_simpler_than_the_band_earns_nothing() -> None:
    hard = "Comprehensively characterised organoleptic sophistication necessitates "
    found = card({**GOOD, "primary_text": f"{hard}uninterrupted refrigeration methodologies."})
    assert (value(found, "readability") or 0) < 0.6
    assert "Flesch reading ease" in why(found, "readability")
    simple = card({**GOOD, "primary_text": "We brew it. You sip it. It is cold. It is good. Yes."})
    assert value(card(), "readability") == value(simple, "readability") == 1.0


def test_the_brands_band_is_the_measure() -> None:
    request, draft = make_request(), make_draft(GOOD)
    strict = CopyWeights(reading_ease=(130, 150))
    found = copy_cards([(request, draft)], strict)["cell--a"]
    assert (value(found, "readability") or 0) < 1 and "130 is wanted" in why(found, "readability")


@pytest.mark.parametrize(
    ("changes", "expected", "words"),
    [
        ({}, 1.0, "one action, “shop” (buy), on the button"),
        ({"cta": "Roast"}, 0.5, "has no word that calls to action"),
        ({"primary_text": "Cold coffee. Sign up for our letter."}, 0.5, "competes with “sign up”"),
        ({"primary_text": "Cold coffee. Order it today."}, 1.0, "one action"),
    ],
)
def test_exactly_one_call_to_action(changes: dict[str, str], expected: float, words: str) -> None:
    found = card({**GOOD, **changes})
    assert value(found, "cta") == expected and words in why(found, "cta")


def test_without_a_button_the_call_is_looked_for_in_the_text() -> None:
    asks = {"text": "Northlight: Cold-brewed for 18 hours. Taste it: https://shop.example/tide"}
    link = {"text": "Northlight: Cold-brewed for 18 hours. https://shop.example/tide"}
    nothing = {"text": "Northlight: Cold-brewed for 18 hours."}
    found = [value(card(each, channel="sms"), "cta") for each in (asks, link, nothing)]
    assert found == [1.0, 0.5, 0.0]


def test_an_opt_out_line_is_no_call_to_action() -> None:
    text = "Northlight: Cold-brewed for 18 hours. Shop now: https://a.example Reply STOP to opt out"
    found = card({"text": text}, channel="sms")
    assert value(found, "cta") == 1.0 and value(found, "wording") == 1.0


@pytest.mark.parametrize("name", ["en", "de", "fr", "es", "pt-BR", "ja", "ko", "ar"])
def test_every_button_of_the_offline_copywriter_is_known(name: str) -> None:
    path = PACKAGE / "backends" / "_offline_frames" / f"{name}.yaml"
    blocks = yaml.safe_load(path.read_text("utf-8"))["ctas"]
    lines = [line for block in blocks for line in block["lines"].splitlines() if line]
    assert lines and [line for line in lines if call_in(line, name) is None] == []


def test_a_number_that_nothing_supports_caps_the_score_and_names_its_span() -> None:
    text = GOOD["primary_text"].replace("18 hours", "36 hours")
    found = card({**GOOD, "primary_text": text})
    assert found.value == 0.4 and "36 hours" in found.failed_gates[0]
    at = text.index("36")
    assert f"(primary_text {at}-" in why(found, "grounding")


def test_twins_are_less_diverse_than_strangers() -> None:
    twin = {**GOOD, "headline": "Eighteen hours. One slow mug."}
    other = {
        "primary_text": "Two farms in Huila grow the beans. We roast on Tuesday, bottle by dawn.",
        "headline": "Your quiet side of the morning",
        "description": "From Huila, by the bottle",
        "subline": "Open, pour, sit down. The day can wait outside.",
        "cta": "Shop now",
    }
    near, far = card(GOOD, twin), card(GOOD, other)
    assert (value(near, "diversity") or 0) < 0.2 < (value(far, "diversity") or 0)
    assert (value(near, "distinct_2") or 0) < (value(far, "distinct_2") or 0)
    assert "cell--b" in why(near, "diversity")
    assert value(card(), "diversity") is None  # alone


def test_a_banned_word_is_a_gate_and_noise_costs() -> None:
    banned = card(brand={"banned": ("rush",)})
    assert banned.value == 0.4 and "“rush”" in banned.failed_gates[0]
    loud = card({**GOOD, "headline": "WAKE UP!!! Eighteen hours!"}, tone="calm")
    assert value(loud, "wording") == 0.5
    assert "4 exclamation marks" in why(loud, "wording") and "WAKE" in why(loud, "wording")
    assert value(card({**GOOD, "headline": "Wake up! Eighteen hours."}), "wording") == 1.0


def test_weights_are_the_brands_and_change_the_calibration_id() -> None:
    request, draft = make_request(), make_draft({**GOOD, "cta": "Roast"})
    usual = copy_cards([(request, draft)])["cell--a"]
    without = copy_cards([(request, draft)], CopyWeights(cta=0))["cell--a"]
    assert without.value is not None and usual.value is not None
    assert without.value > usual.value
    assert without.calibration_id != usual.calibration_id
    assert usual.calibration_id.startswith("copy-rules/1@")


def test_numbers_of_other_languages_and_channels_are_not_comparable() -> None:
    weights = CopyWeights()
    ids = {
        calibration_id(locale, channel, weights)
        for locale in ("en-US", "de-DE")
        for channel in ("meta.feed", "sms")
    }
    assert len(ids) == 4
    assert calibration_id("en-US", "sms", weights) == calibration_id("en-GB", "sms", weights)


def test_cards_do_not_depend_on_the_order_of_drafts() -> None:
    request = make_request()
    drafts = [
        CopyDraft(f"cell--{name}", "benefit", {**GOOD, "headline": headline})
        for name, headline in (("a", "One slow cup"), ("b", "Ice, then quiet"), ("c", "Open it"))
    ]
    entries = [(request, draft) for draft in drafts]
    assert copy_cards(entries) == copy_cards(entries[::-1])


def test_records_begin_with_the_fused_score() -> None:
    found = card()
    records = score_records(found)
    assert [r.name for r in records] == ["copy", *(c.name for c in found.criteria)]
    assert {r.calibration_id for r in records} == {found.calibration_id}
    assert not any(r.uses_clip for r in records) and records[0].explanation


def test_a_language_without_a_lexicon_is_not_measured() -> None:
    request = make_request()
    cell = replace(request.cell, locale="sv-SE")
    found = copy_cards([(replace(request, cell=cell), make_draft(GOOD))])["cell--a"]
    assert value(found, "cta") is None and "sv" in why(found, "cta")
    assert value(found, "readability") is None
