"""Where lines may break: phrases, numbers with their units, hyphens, capitals by locale."""

from __future__ import annotations

import pytest

from contentfab.backends._typst_text import entry, phrases, upper_case


def words(text: str, locale: str) -> list[str]:
    return [word["text"] for word in phrases(text, locale)]


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("慢萃十八小时，清晨亮起来", "zh-CN"),
        ("慢萃十八小時，清晨亮起來", "zh-TW"),
        ("雲のあとに、YUNLUの露が残る。", "ja-JP"),
        ("Für alle, die zwei Schritte voraus sind", "de-DE"),
        ("ทดสอบภาษาไทยวันนี้", "th-TH"),
        ("Geschwindigkeitsrausch am Morgen", "de-DE"),
    ],
)
def test_the_phrases_are_the_text(text: str, locale: str) -> None:
    whole = "".join((" " if word["space"] else "") + word["text"] for word in phrases(text, locale))
    assert whole == text


def test_chinese_breaks_between_phrases_only() -> None:
    assert words("慢萃十八小时，清晨亮起来", "zh-CN") == ["慢萃十八小时，", "清晨", "亮起来"]


def test_a_long_japanese_phrase_may_end_where_the_script_changes() -> None:
    assert words("保湿成分スクワラン6%", "ja-JP") == ["保湿成分", "スクワラン6%"]


def test_no_phrase_starts_with_closing_or_ends_with_opening_marks() -> None:
    for text in ("「朝の光」、そして露。", "“慢萃”（十八小时）！", "カフェーで、ゆっくり。"):
        for word in words(text, "ja-JP"):
            assert word[0] not in "」）。、！”ーっゃ" and word[-1] not in "「（“"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Nur 212 g leicht", "212 g"),
        ("Only 149,90 € today", "149,90 €"),
        ("保湿 12 小时", "12 小时"),
        ("Bis zu 30 % mehr", "30 %"),
    ],
)
def test_numbers_stay_with_their_units(text: str, kept: str) -> None:
    locale = "zh-CN" if "小时" in text else "de-DE"
    assert kept in words(text, locale)


def test_a_line_had_better_not_end_in_an_article() -> None:
    penalty = {word["text"]: word["penalty"] for word in phrases("Start the day, slowly", "en-US")}
    assert penalty["the"] > 0.5 > penalty["Start"]
    assert penalty["day,"] < 0


def test_only_long_words_are_hyphenated_and_never_into_stumps() -> None:
    parts = phrases("Donaudampfschifffahrtsgesellschaft heute", "de-DE")
    soft = [word for word in parts if word["soft"]]
    assert soft and parts[-1] == {"text": "heute", "space": True, "penalty": 0.0, "soft": False}
    assert parts[0]["text"] == "Donau" and len(parts[-2]["text"]) >= 4
    assert not any(word["soft"] for word in phrases("Slow morning brew", "en-US"))


def test_capitals_follow_the_locale() -> None:
    assert upper_case("istanbul", "tr-TR") == "İSTANBUL"
    assert upper_case("straße", "de-DE") == "STRASSE"


def test_an_empty_text_is_none_and_space_is_tidied() -> None:
    assert entry("  ", "en-US") is None
    tidy = entry(" Slow \n brew ", "en-US")
    assert tidy is not None and tidy["raw"] == "Slow brew"


def test_scripts_that_cannot_be_cut_are_left_to_the_paragraph() -> None:
    khmer = entry("កាហ្វេពេលព្រឹក", "km-KH")
    assert khmer is not None and not khmer["phrased"]
