"""Brand words: found in every language's inflections and through disguises, and nowhere else."""

from __future__ import annotations

import pytest
from copy_cases import make_draft, make_request

from contentfab.rules.wording.contract import check
from contentfab.rules.wording.forms import found_form
from contentfab.rules.wording.plain_text import joined, letters, plain, squeezed
from contentfab.rules.wording.texts import says


@pytest.mark.parametrize(
    ("text", "term", "tongue"),
    [
        ("Cheap thrills", "cheap", "en"), ("a brand’s bargains", "bargain", "en"),
        ("c h e a p", "cheap", "en"), ("ch3ap", "cheap", "en"), ("сheap", "cheap", "en"),
        ("ｃｈｅａｐ", "cheap", "en"), ("che\u00adap", "cheap", "en"), ("CHEAP!!", "cheap", "en"),
        ("che⭐ap", "cheap", "en"), ("c.h.e.a.p", "cheap", "en"),
        ("die billigen Bohnen", "billig", "de"), ("ein billiges Glas", "billig", "de"),
        ("des produits chimiques", "chimique", "fr"), ("baratas", "barata", "es"),
        ("baratos", "barato", "pt"), ("便宜", "便宜", "zh-Hans"), ("便·宜", "便宜", "zh-Hans"),
        ("便 ✨宜货", "便宜", "zh-Hans"), ("激安です", "激安", "ja"), ("激・安", "激安", "ja"),
        ("싸구려는", "싸구려", "ko"), ("الرخيص", "رخيص", "ar"), ("والرخيصة", "رخيص", "ar"),
        ("رَخِيص", "رخيص", "ar"), ("рекорд", "рекорд", "ru"),
    ],
)  # fmt: skip
def test_banned_words_are_seen(text: str, term: str, tongue: str) -> None:
    assert says(text, term, tongue)


@pytest.mark.parametrize(
    ("text", "term", "tongue"),
    [
        ("Cheapside", "cheap", "en"), ("Sugary", "sugar", "en"), ("a sofa", "so", "en"),
        ("Sunday", "sun", "en"), ("Billigung", "billig", "de"), ("Gutschein", "gut", "de"),
        ("Goldregen", "gold", "de"), ("solo", "sol", "es"), ("便利", "便宜", "zh-Hans"),
        ("安心", "激安", "ja"), ("مرخصة", "رخيص", "ar"), ("be stronger", "best", "en"),
        ("Москва", "mockery", "ru"),
    ],
)  # fmt: skip
def test_other_words_are_not(text: str, term: str, tongue: str) -> None:
    assert not says(text, term, tongue)


META = {
    "primary_text": "Cold-brewed for 18 hours.", "headline": "Good morning, poured.",
    "subline": "No added sugar.", "cta": "Shop now",
}  # fmt: skip


def rules(subline: str, **guide: object) -> set[str]:
    request = make_request(brand=guide)
    return {v.rule for v in check(make_draft(META | {"subline": subline}), request)}


def test_terms_name_the_brands_word() -> None:
    terms = {"bottle": ("flask", "jar")}
    assert rules("In a jar.", terms=terms) == {"brand.term"}
    assert rules("In f l a s k s.", terms={"bottle": ("flasks",)}) == {"brand.term"}
    assert rules("In a bottle.", terms=terms) == set()
    (violation,) = check(
        make_draft(META | {"subline": "In a flask."}), make_request(brand={"terms": terms})
    )
    assert violation.message == "subline says “flask”; the brand's word for it is “bottle”"
    inside = {"cold brew coffee": ("cold brew",)}
    assert rules("A cold brew coffee.", terms=inside) == set()
    assert rules("A cold brew.", terms=inside) == {"brand.term"}


def test_spelling_minds_case_but_not_disguise() -> None:
    guide = {"spelling": {"NorthLight": "Northlight", "北光咖": "北光咖啡"}}
    assert rules("By Northlight.", **guide) == set()
    assert rules("By NorthLight.", **guide) == {"brand.spelling"}
    assert rules("By North\u200bLight.", **guide) >= {"brand.spelling"}
    assert rules("By ＮｏｒｔｈＬｉｇｈｔ.", **guide) == {"brand.spelling"}


def test_a_required_word_may_stand_in_any_field() -> None:
    assert rules("No added sugar.", required=("Brewed slow",)) == {"brand.required"}
    assert rules("Brewed slow, always.", required=("Brewed slow",)) == set()


def test_the_three_views_of_a_text() -> None:
    assert plain("  Ｂest\u200b “Day” ") == "best “day”"
    assert plain("L’ÉTÉ") == "l'été"
    assert joined("B e s t ⭐ of-all") == "best ofall"
    assert squeezed("最 · 佳，【选】") == "最佳，选" or squeezed("最·佳") == "最佳"
    assert letters("Good morning, poured!") == "goodmorningpoured"
    assert plain("Москва и Ελλάδα") != plain("Mockba")


@pytest.mark.parametrize(
    ("form", "bad", "good"),
    [
        ("exclamation", "Now！", "Now."), ("exclamations", "Hi! Ho!", "Hi!"),
        ("repeated-punctuation", "真的！！", "Wait..."),
        ("repeated-punctuation", "a, , b", "https://a.example//b"),
        ("shouting", "BUY THE NEW ONE", "USB-C and LED"),
        ("shouting", "F.L.O.W.E.R.S", "U.S. made"), ("shouting", "FlOwErS", "iPhone, McDonald"),
        ("phone", "+49 30 1234567", "2026-11-30 to 2026-12-24"),
        ("phone", "1-800-FLOWERS", "1.234.567,89 €"), ("url", "tide.shop/x", "no.5 is fine"),
        ("hashtag", "#ad", "no. 1"), ("mention", "ask @me", "a@b.example"),
        ("braces", "{name}", "(name)"), ("emoji", "Hi ☕️", "Hi © 5"),
        ("halfwidth-katakana", "ｺｰﾋｰ", "コーヒー"), ("bullets", "- one\n- two", "one - two"),
        ("click-here", "点击这里看看", "看看这里"),
    ],
)  # fmt: skip
def test_forms(form: str, bad: str, good: str) -> None:
    assert found_form(form, bad)
    assert not found_form(form, good)


def test_a_brand_in_capitals_does_not_shout() -> None:
    assert found_form("shouting", "VELTRA RUNNING")
    assert not found_form("shouting", "VELTRA running", names=("VELTRA",))
