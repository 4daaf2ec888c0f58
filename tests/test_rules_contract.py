"""The copy contract: every kind of break is found, named, and told so that a writer can mend it."""

from __future__ import annotations

from typing import Any

import pytest
from copy_cases import make_draft, make_request
from hypothesis import given
from hypothesis import strategies as st

from contentfab.rules.channels import load_channels
from contentfab.rules.contract import check, check_variants, measures, poster_texts

META = {
    "primary_text": "Cold-brewed for 18 hours. Yours for $18.",
    "headline": "Good morning, poured.",
    "description": "No added sugar",
    "subline": "Beans from two small farms in Huila.",
    "cta": "Shop now",
}
RSA: dict[str, Any] = {
    "headline": ["Good morning, poured.", "Cold-brewed for 18 hours", "Slow Tide Cold Brew"],
    "description": ["No added sugar. Just coffee.", "Beans from two small farms in Huila."],
}
NOTE = {
    "title": "清晨亮起来",
    "body": "【广告】慢潮冷萃，低温慢萃18小时，豆子来自慧兰的两个小农场，不添加糖。",
    "subline": "低温慢萃18小时",
    "cta": "去看看",
}


def broken(fields: dict[str, Any], channel: str = "meta.feed", locale: str = "en-US", **changes):
    request = make_request(locale, channel, **changes)
    return {(v.rule, v.field, v.level) for v in check(make_draft(fields), request)}


@pytest.mark.parametrize(
    ("fields", "channel", "locale"),
    [
        (META, "meta.feed", "en-US"),
        (RSA, "google.rsa", "en-US"),
        (NOTE, "xiaohongshu.note", "zh-CN"),
    ],
)
def test_good_copy_passes(fields: dict[str, Any], channel: str, locale: str) -> None:
    assert broken(fields, channel, locale) == set()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"headline": ""}, ("copy.missing", "headline", "error")),
        ({"headline": ["Two", "of them"]}, ("copy.type", "headline", "error")),
        ({"primary_text": "a " * 70 + "b"}, ("copy.length", "primary_text", "warn")),
        ({"headline": "Good morning\npoured"}, ("copy.newline", "headline", "error")),
        ({"headline": "Good morning ☕️"}, ("poster.emoji", "headline", "error")),
        ({"cta": "Shop ✨"}, ("copy.emoji", "cta", "error")),
        ({"cta": "Shop all of our cold brew coffee bottles"}, ("copy.length", "cta", "error")),
        ({"cta": "Shop our new cold brews now"}, ("copy.length", "cta", "warn")),
        ({"headline": "W" * 40, "primary_text": "{product} is here"},
         ("copy.placeholder", "primary_text", "error")),
        ({"subline": "[Product Name] is here"}, ("copy.placeholder", "subline", "error")),
        ({"subline": " Beans from Huila"}, ("copy.characters", "subline", "error")),
        ({"slogan": "Hi"}, ("copy.unknown-field", "slogan", "warn")),
        ({"headline": "Brewed for 24 hours"}, ("claims.number", "headline", "error")),
        ({"headline": "20% more coffee"}, ("claims.number", "headline", "error")),
        ({"headline": "It’s free"}, ("en.free", "headline", "error")),
        ({"headline": "Only today"}, ("en.false-urgency", "headline", "error")),
        ({"headline": "The best coffee"}, ("en.superlative", "headline", "warn")),
        ({"subline": "“I’ve tried them all”"}, ("us.testimonial.voice", "subline", "error")),
        ({"subline": "★★★★★ 9 out of 10 customers"}, ("us.testimonial", "subline", "error")),
    ],
)  # fmt: skip
def test_each_break_is_named(change: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert found in broken(META | change)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"headline": ["One", "Two"]}, ("copy.count", "headline", "error")),
        ({"headline": [f"Line {'abcdefghijklmnop'[i]}" for i in range(16)]},
         ("copy.count", "headline", "error")),
        ({"headline": ["Morning!", "morning", "Evening"]},
         ("copy.duplicate", "headline[1]", "error")),
        ({"headline": ["Morning", "Evening", "x" * 31]}, ("copy.length", "headline[2]", "error")),
        ({"headline": ["Morning", "Evening", "中" * 16]}, ("copy.length", "headline[2]", "error")),
        ({"description": "Not a list"}, ("copy.type", "description", "error")),
        ({"path1": "x" * 16}, ("copy.length", "path1", "warn")),
    ],
)  # fmt: skip
def test_lists_and_proven_limits(change: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert found in broken(RSA | change, "google.rsa")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("顶级咖啡", "cn.adlaw.9.3"),
        ("顶 ✨级咖啡", "cn.adlaw.9.3"),
        ("顶\u200b级咖啡", "cn.adlaw.9.3"),
        ("国·家·级咖啡", "cn.adlaw.9.3"),
        ("销量第一", "cn.adlaw.9.3.substantiate"),
        ("喝了能治愈失眠", "cn.adlaw.17"),
        ("仅限今日", "cn.false-urgency"),
    ],
)
def test_chinese_lexicon_sees_through_disguise(text: str, rule: str) -> None:
    assert rule in {
        rule for rule, _, _ in broken(NOTE | {"subline": text}, "xiaohongshu.note", "zh-CN")
    }


@pytest.mark.parametrize("text", ["请在最佳食用期内饮用", "第一口就懂", "最近很好喝", "最终的选择"])
def test_exempt_contexts_and_plain_words_pass(text: str) -> None:
    assert broken(NOTE | {"subline": text}, "xiaohongshu.note", "zh-CN") == set()


def test_absolute_terms_of_mainland_law_do_not_bind_other_languages() -> None:
    assert broken(META | {"subline": "最高級"}, locale="ja-JP", brand={"name": "X"}) <= {
        ("ja.superlative", "subline", "warn")
    }


def test_a_claim_or_a_name_excuses_its_words() -> None:
    text = META | {"headline": "The best coffee"}
    assert broken(text, product={"claims": ("Voted the best coffee of Bern",)}) == set()
    assert broken(META | {"headline": "Free Spirit"}, product={"name": "Free Spirit"}) == set()


def test_disclosure_must_stand_in_the_note() -> None:
    fields = NOTE | {"body": NOTE["body"].replace("【广告】", "")}
    assert broken(fields, "xiaohongshu.note", "zh-CN") == {("copy.disclosure", "body", "error")}


def test_brand_words() -> None:
    guide = {
        "banned": ("sugar",),
        "required": ("Brewed slow",),
        "spelling": {"NorthLight": "Northlight"},
    }
    found = broken(META | {"subline": "By NorthLight"}, brand=guide)
    assert found == {
        ("brand.banned", "description", "error"),
        ("brand.spelling", "subline", "error"),
        ("brand.required", "", "error"),
    }
    assert broken(META | {"description": "Sugary"}, brand={"banned": ("sugar",)}) == set()


@pytest.mark.parametrize(
    "text",
    ["18 hours", "１８ hours", "$18.00", "Huila 250 ml", "https://shop.example/99", "18,0 hours"],
)
def test_numbers_of_the_spec_may_be_said_in_any_notation(text: str) -> None:
    assert broken(META | {"subline": text}) == set()


@pytest.mark.parametrize("text", ["180 hours", "1.8 l", "18%", "2x the coffee", "①", "٣ hours"])
def test_invented_numbers_are_found(text: str) -> None:
    assert ("claims.number", "subline", "error") in broken(META | {"subline": text})


def test_messages_say_what_to_do() -> None:
    request = make_request(channel="google.rsa")
    fields = RSA | {"headline": ["Morning", "Evening", "x" * 34]}
    (violation,) = check(make_draft(fields), request)
    assert (violation.measure, violation.limit) == (34, 30)
    assert violation.message.startswith("headline[2] is 34 width units")
    assert violation.message.endswith("4 over the limit of 30; shorten it")


def test_twins_within_a_cell_are_named() -> None:
    request = make_request()
    first, second = make_draft(META), make_draft({k: v.upper() for k, v in META.items()})
    twin = type(second)("cell--b", "story", second.fields)
    (violation,) = check_variants([first, twin], request)
    assert (violation.variant, violation.rule) == ("cell--b", "copy.same-as-other")
    assert check_variants([first], request) == []


def test_measures_and_poster_texts() -> None:
    channel = load_channels()["google.rda"]
    fields = {"headline": ["Morning", "清晨"], "cta": "Shop now", "subline": "No added sugar"}
    sizes = measures(make_draft(fields), channel)
    assert sizes["headline"] == {"metric": "gads_width", "value": [7, 4], "max": 30}
    assert poster_texts(fields, channel) == {
        "headline": "Morning", "cta": "Shop now", "subline": "No added sugar",
    }  # fmt: skip
    assert poster_texts(RSA, load_channels()["google.rsa"]) == {}


VALUES = st.one_of(st.none(), st.integers(), st.text(), st.lists(st.one_of(st.text(), st.none())))
NAMES = st.sampled_from(["headline", "description", "cta", "title", "body", "text", "path1", "x"])


@given(
    st.dictionaries(NAMES, VALUES),
    st.sampled_from(sorted(load_channels())),
    st.sampled_from(["en-US", "zh-CN", "de-DE", "ko-KR"]),
)
def test_no_draft_can_break_the_check(fields: Any, channel: str, locale: str) -> None:
    request = make_request(locale, channel)
    for violation in check(make_draft(fields), request):
        assert violation.level in ("error", "warn")
        assert violation.message
    measures(make_draft(fields), request.channel)
    poster_texts(fields, request.channel)
