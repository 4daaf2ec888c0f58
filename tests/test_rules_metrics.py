"""Lengths as platforms count them, against published numbers and against each other."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentfab.rules.wording.metrics import METRICS, UNITS, count_emoji, gsm7, has_emoji

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=400)


@pytest.mark.parametrize(
    ("metric", "text", "length"),
    [
        ("codepoints", "👍🏽 sale", 7),
        ("gads_width", "👍🏽 sale", 9),
        ("utf16", "👍🏽 sale", 9),
        ("graphemes", "👍🏽 sale", 6),
        ("graphemes", "👨‍👩‍👧 e\u0301", 3),
        ("graphemes", "🇨🇭🇯🇵", 2),
        ("gads_width", "春茶上新，今日采摘今日发货", 26),
        ("codepoints", "春茶上新，今日采摘今日发货", 13),
        ("gads_width", "ｶﾀｶﾅ", 4),
        ("gads_width", "カタカナ", 8),
        ("gads_width", "ＡＢ", 4),
        ("ocean_half", "ab", 1),
        ("ocean_half", "abc中", 3),
        ("x_weighted", "字" * 140, 280),
        ("x_weighted", "see https://example.com/a/very/long/path?with=query now", 31),
        ("x_weighted", "👨‍👩‍👧", 2),
        ("x_weighted", "e\u0301", 1),
        ("x_weighted", "© 1", 3),
    ],
)
def test_known_lengths(metric: str, text: str, length: int) -> None:
    assert METRICS[metric](text) == length


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("字" * 70, 1),
        ("字" * 71, 2),
        ("字" * 134, 2),
        ("字" * 135, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("it's " + "a" * 155, 1),
        ("it’s " + "a" * 155, 3),
        # An escape pair is never split: 152 + 2 does not fit into 153.
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("字" * 66 + "😀" + "字" * 66, 3),
    ],
)
def test_sms_parts(text: str, parts: int) -> None:
    assert METRICS["sms_segments"](text) == parts


def test_gsm7_holds_only_its_alphabet() -> None:
    assert gsm7("Öl ^{}[]~|€ àèìòù ÇØø")
    assert not any(gsm7(char) for char in "’“”–ê\u00a0ç字")


@pytest.mark.parametrize("text", ["5", "#", "*", "©", "™", "→", "字", "é"])
def test_plain_characters_are_no_emoji(text: str) -> None:
    assert not has_emoji(text)


@pytest.mark.parametrize("text", ["😀", "❤️", "👍🏽", "🇨🇭", "5️⃣", "✨"])
def test_emoji_are_seen(text: str) -> None:
    assert has_emoji(text)


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("☕️ 5 ©", 1), ("👨‍👩‍👧👍🏽", 2), ("🇨🇭🇯🇵 ✨", 3)]
)
def test_a_joined_emoji_is_one(text: str, count: int) -> None:
    assert count_emoji(text) == count


@given(st.text(alphabet="aé字ｱ. \u200d\u2010\u2032☕👍🏽", max_size=40))
def test_a_post_weighs_the_same_with_an_emoji_more_than_without(text: str) -> None:
    """The quick way for texts without emoji agrees with the way by clusters."""
    weigh = METRICS["x_weighted"]
    assert weigh(f"{text}\n✨") == weigh(f"{text}\n") + 2


@given(TEXTS)
def test_metrics_agree_with_each_other(text: str) -> None:
    sizes = {name: metric(text) for name, metric in METRICS.items()}
    assert sizes["graphemes"] <= sizes["codepoints"] <= sizes["utf16"]
    assert sizes["codepoints"] <= sizes["gads_width"] <= 2 * sizes["codepoints"]
    assert sizes["ocean_half"] == -(-sizes["gads_width"] // 2)
    assert (sizes["sms_segments"] == 0) == (text == "")


@given(st.text(alphabet="aZ0 中ｱ", max_size=80))
def test_width_is_the_sum_of_its_characters(text: str) -> None:
    wide = sum(unicodedata.east_asian_width(char) in ("W", "F") for char in text)
    assert METRICS["gads_width"](text) == len(text) + wide


def test_every_metric_has_a_unit_for_messages() -> None:
    assert set(UNITS) == set(METRICS)
