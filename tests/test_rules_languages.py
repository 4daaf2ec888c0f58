"""The language of a line: right ones pass, wrong ones are named, what tells too little passes."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from contentfab.backends._offline_book import book, languages
from contentfab.rules.wording.languages import wrong_language

LINES: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "language_lines.yaml").read_text("utf-8")
)
LOCALE = {
    "en": "en-US", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "pt": "pt-BR", "zh-Hans": "zh-CN",
    "zh-Hant": "zh-TW", "ja": "ja-JP", "ko": "ko-KR", "ar": "ar-SA", "pt-BR": "pt-BR",
}  # fmt: skip
NAMES = ("Slow Tide Cold Brew", "Slow Tide")


def test_the_set_is_large_enough_to_mean_something() -> None:
    assert set(LINES) == {*LOCALE} - {"pt-BR"}
    assert sum(map(len, LINES.values())) >= 250


@pytest.mark.parametrize("tongue", LINES)
def test_no_line_is_blamed_in_its_own_language(tongue: str) -> None:
    blamed = [line for line in LINES[tongue] if wrong_language(line, LOCALE[tongue], NAMES)]
    assert blamed == []


@pytest.mark.parametrize("tongue", languages())
def test_no_frame_of_the_offline_writer_is_blamed(tongue: str) -> None:
    texts = [line.text for lines in book(tongue).lines.values() for line in lines]
    assert [text for text in texts if wrong_language(text, LOCALE[tongue])] == []


def test_most_lines_in_another_language_are_caught_and_named() -> None:
    pairs = [(want, is_in) for want, is_in in product(LINES, LINES) if want != is_in]
    verdicts = [
        (is_in, wrong_language(line, LOCALE[want], NAMES))
        for want, is_in in pairs
        for line in LINES[is_in]
    ]
    caught = [(is_in, told) for is_in, told in verdicts if told]
    assert len(caught) >= 0.85 * len(verdicts)
    assert sum(is_in == told for is_in, told in caught) >= 0.97 * len(caught)


def test_a_draft_of_four_lines_is_always_told() -> None:
    for want, is_in in product(LINES, LINES):
        lines = LINES[is_in][13:25]
        for draft in ("\n".join(lines[i : i + 4]) for i in range(0, 12, 4)):
            assert bool(wrong_language(draft, LOCALE[want], NAMES)) == (want != is_in), draft


@pytest.mark.parametrize(
    ("text", "locale", "found"),
    [
        ("後天見", "zh-CN", "zh-Hant"), ("后天见", "zh-TW", "zh-Hans"), ("台北的面", "zh-TW", ""),
        ("鲜の每日", "zh-CN", ""), ("毎日をもっと", "zh-CN", "ja"), ("毎日売り切れ", "zh-TW", "ja"),
        ("全国送料無料", "ja-JP", ""), ("这杯咖啡值得等", "ja-JP", "zh-Hans"),
        ("這杯咖啡值得你等", "ja-JP", "zh-Hant"), ("커피 한 잔의 여유", "ja-JP", "ko"),
        ("新 메뉴 출시", "ko-KR", ""), ("コーヒーを一杯", "ko-KR", "ja"),
        ("هر روز یک فنجان قهوه تازه برای شما", "ar-SA", "fa"),
        ("صباح الخير", "en-US", "ar"), ("Доброе утро", "en-US", "ru"),
        ("Kaffee, der den ganzen Tag begleitet", "nl-NL", "de"),
        ("Un caffè che vale la pena aspettare", "es-ES", "it"),
        ("Cold Brew to go", "ja-JP", ""), ("New", "de-DE", ""), ("250 ml · 18 h", "ar-SA", ""),
        ("✨✨✨", "ko-KR", ""), ("", "en-US", ""), ("https://shop.example/de/kaffee", "en-US", ""),
    ],
)  # fmt: skip
def test_scripts_neighbours_and_neutral_lines(text: str, locale: str, found: str) -> None:
    assert wrong_language(text, locale) == found


def test_names_and_slogans_are_in_no_language() -> None:
    line = "Die Schöne vom Berg is here"
    assert wrong_language(f"{line} now and for ever", "en-US", ("Die Schöne vom Berg",)) == ""
    assert wrong_language("Just brew it slowly, my friend 咖啡", "zh-CN") != ""
    assert (
        wrong_language(
            "Just brew it slowly, my friend 咖啡", "zh-CN", ("Just brew it slowly, my friend",)
        )
        == ""
    )


@given(st.text(max_size=120), st.sampled_from(sorted(LOCALE.values())))
def test_any_text_has_an_answer(text: str, locale: str) -> None:
    assert isinstance(wrong_language(text, locale), str)
