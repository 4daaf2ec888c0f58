"""Safety of copy and of scoring itself: unsafe words, prompts about people."""

from __future__ import annotations

import pytest
from copy_cases import make_draft, make_request

from contentfab.backends import _clip_axes
from contentfab.errors import InputError
from contentfab.prompts import Prompts
from contentfab.rules.safety.people import about_people
from contentfab.rules.wording.compliance import matches, rules
from contentfab.rules.wording.contract import check

UNSAFE = [
    ("en-US", "Wake the f.u.c.k up", "safety.profanity.en", "error"),
    ("en-US", "No bullshit, just coffee", "safety.profanity.en", "error"),
    ("en-US", "Run like a girl", "safety.stereotype.en", "warn"),
    ("de-DE", "Der Kaffee ist scheiße gut", "safety.profanity.de", "error"),
    ("fr-FR", "Putain, quel café", "safety.profanity.fr", "error"),
    ("es-ES", "Café para hombres de verdad", "safety.stereotype.es", "warn"),
    ("pt-BR", "Caralho, que café", "safety.profanity.pt", "error"),
    ("zh-CN", "他 妈 的好喝", "safety.profanity.zh-Hans", "error"),
    ("zh-TW", "真男人的咖啡", "safety.stereotype.zh-Hant", "warn"),
    ("ja-JP", "女のくせに走る", "safety.stereotype.ja", "warn"),
    ("ko-KR", "존나 맛있다", "safety.profanity.ko", "error"),
    ("ar-SA", "هدية إلى الجنس الضعيف", "safety.stereotype.ar", "warn"),
]

SAFE = [
    ("en-US", "Assess the class of Essex grass, a cocktail of Scunthorpe shitake"),
    ("en-US", "A chink of light through the blinds"),
    ("en-US", "Flame retardant and retro"),
    ("en-US", "A one-man tent, up in the hills"),
    ("zh-CN", "妈妈的味道，粘土的颜色"),
    ("ja-JP", "粘土人形とかたわらの花、めくられるページ"),
    ("ko-KR", "씨 발아부터 지켜본 커피, 분야 동향"),
    ("pt-BR", "Sapato grande, sapatão confortável"),
    ("fr-FR", "Une tapette à mouches et un bitter"),
]


@pytest.mark.parametrize(("locale", "text", "rule", "level"), UNSAFE)
def test_an_unsafe_word_is_found_in_any_disguise(
    locale: str, text: str, rule: str, level: str
) -> None:
    assert (rule, level) in {(m.rule.id, m.rule.level) for m in matches(text, locale)}


@pytest.mark.parametrize(("locale", "text"), SAFE)
def test_an_innocent_line_passes(locale: str, text: str) -> None:
    assert [m for m in matches(text, locale) if m.rule.id.startswith("safety.")] == []


def test_ten_languages_have_all_kinds() -> None:
    kinds: dict[str, set[str]] = {}
    for rule in rules():
        if rule.id.startswith("safety."):
            _, kind, tongue = rule.id.split(".")
            kinds.setdefault(tongue, set()).add(kind)
    assert set(kinds) == {"en", "de", "fr", "es", "pt", "zh-Hans", "zh-Hant", "ja", "ko", "ar"}
    for tongue, found in kinds.items():
        assert found >= {"profanity", "slur", "sexual", "stereotype"}, tongue


def test_every_unsafe_term_is_found_in_its_language() -> None:
    for rule in rules():
        if rule.id.startswith("safety."):
            for term in rule.terms:
                found = {m.rule.id for m in matches(term, rule.locales[0])}
                assert rule.id in found, term


def test_an_unsafe_draft_goes_back_and_a_product_may_be_called_so() -> None:
    fields = {"text": "Northlight: no bullshit, just coffee. https://shop.example/tide"}
    request = make_request(channel="sms")
    broken = [v for v in check(make_draft(fields), request) if v.rule == "safety.profanity.en"]
    assert [v.level for v in broken] == ["error"] and "“bullshit”" in broken[0].message
    named = make_request(channel="sms", product={"name": "No Bullshit Roast"})
    fields = {"text": "Northlight: No Bullshit Roast is here. https://shop.example/tide"}
    assert not [v for v in check(make_draft(fields), named) if v.rule.startswith("safety.")]


def test_no_prompt_of_ours_scores_people() -> None:
    rendered = Prompts((_clip_axes.TEMPLATE,), None).render(_clip_axes.TEMPLATE)
    for axis in _clip_axes.axes(rendered):
        for prompt in (axis.name, *axis.wanted, *axis.opposite):
            assert about_people(prompt) == "", prompt


@pytest.mark.parametrize(
    "line",
    [
        "beauty | an attractive person | a plain person",
        "faces | a beautiful face | an ugly face",
        "model | a gorgeous woman with a product | a product",
    ],
)
def test_an_axis_about_people_is_refused(line: str) -> None:
    with pytest.raises(InputError, match="would score people"):
        _clip_axes.axes(line)
