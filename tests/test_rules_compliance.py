"""Compliance lexicon: each rule finds its words through any disguise, and spares exempt ones."""

from __future__ import annotations

import pytest
import regex

from contentfab.rules.wording.compliance import LexiconRule, matches, rules
from contentfab.rules.wording.plain_text import CJK, contains

LOCALES = {
    "en": "en-US", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "pt": "pt-BR", "zh-Hans": "zh-CN",
    "zh-Hant": "zh-TW", "ja": "ja-JP", "ko": "ko-KR", "ar": "ar-SA", "*": "en-US",
}  # fmt: skip
BOLD = {ord("a") + i: chr(0x1D41A + i) for i in range(26)}
WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
GREEK = str.maketrans("aoeyxc", "аοеухс")  # Cyrillic and Greek letters
# How a Latin word is hidden from a search; each keeps it readable.
LATIN = {
    "capitals": str.upper,
    "full width": lambda t: t.translate(WIDE),
    "bold letters": lambda t: t.lower().translate(BOLD),
    "letters of another script": lambda t: t.translate(GREEK),
    "zero-width space": lambda t: "\u200b".join(t),
    "soft hyphen": lambda t: t[:2] + "\u00ad" + t[2:],
    "word joiner": lambda t: t[:3] + "\u2060" + t[3:],
    "struck through": lambda t: "".join(c + "\u0336" if c.isalpha() else c for c in t),
    "emoji around": lambda t: t.replace(" ", " ⭐ ") + "✨",
    "dot inside": lambda t: regex.sub(r"(?<=\p{L})(?=\p{L}{2}\b)", ".", t, count=1),
}
# These split single words; a text of several words would lose its blanks to them.
LATIN_WORD = {
    "spaced": " ".join,
    "dotted": ".".join,
    "hyphened": "-".join,
    "starred": "*".join,
    "emoji inside": lambda t: t[:2] + "🔥" + t[2:],
}
EAST_ASIAN = {
    "spaced": " ".join,
    "wide blank": "\u3000".join,
    "middle dot": "·".join,
    "zero-width space": "\u200b".join,
    "word joiner": "\u2060".join,
    "emoji inside": lambda t: t[0] + "✨" + t[1:],
    "brackets": lambda t: t[0] + "【" + t[1:] + "】",
    "full stop": lambda t: t[0] + "." + t[1:],
    "star": "★".join,
    "full width": lambda t: t.translate(WIDE),
}
ARABIC = {
    "stretched": lambda t: t[0] + "ـ" + t[1:] if t[0] not in "ادذرزوأإآ" else t + "",
    "vowel signs": lambda t: "".join(c + "\u064e" if c.isalpha() else c for c in t),
    "zero-width space": "\u200b".join,
    "direction marks": lambda t: "\u200f" + t + "\u200e",
    "emoji around": lambda t: f"🔥{t}🔥",
    "word joiner": "\u2060".join,
    "punctuated": lambda t: f"«{t}»!",
    "doubled blank": lambda t: t.replace(" ", "  "),
}


def found(text: str, locale: str, **spec: tuple[str, ...]) -> set[str]:
    return {match.rule.id for match in matches(text, locale, **spec)}


def locale_of(rule: LexiconRule) -> str:
    return LOCALES[rule.locales[0]]


RULES = [rule for rule in rules() if rule.terms]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_term_is_found_in_a_sentence(rule: LexiconRule) -> None:
    missed = []
    for term in rule.terms:
        text = f"我{term}吧" if CJK.search(term) else f"A {term} B."
        if rule.id not in found(text, locale_of(rule)):
            missed.append(term)
    assert missed == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_disguise_hides_a_term(rule: LexiconRule) -> None:
    term = max(rule.terms, key=lambda t: (" " not in t, not regex.search(r"\W|\d", t), len(t)))
    tricks = dict(LATIN)
    if CJK.search(term):
        tricks = dict(EAST_ASIAN)
    elif regex.search(r"\p{Arabic}", term):
        tricks = dict(ARABIC)
    elif regex.fullmatch(r"\p{L}+", term):
        tricks |= LATIN_WORD
    assert len(tricks) >= 8
    missed = [
        name for name, hide in tricks.items() if rule.id not in found(hide(term), locale_of(rule))
    ]
    assert missed == []


@pytest.mark.parametrize(
    ("rule", "text", "locale"),
    [
        ("us.testimonial", "★★★★★", "ar-SA"),
        ("us.testimonial", "⭐⭐⭐⭐", "ko-KR"),
        ("us.testimonial", "9 out of 10 customers", "en-GB"),
        ("us.testimonial", "9 von 10 Kundinnen", "de-DE"),
        ("us.testimonial", "10人中9人が満足", "ja-JP"),
        ("us.testimonial", "10명 중 9명", "ko-KR"),
        ("us.testimonial", "9 de cada 10 clientes", "es-ES"),
        ("us.testimonial", "9 من كل 10", "ar-SA"),
        ("us.testimonial", "4.8/5 stars", "en-US"),
        ("us.testimonial.voice", "I’ve tried them all", "en-US"),
        ("us.testimonial.voice", "It changed my life", "en-US"),
        ("us.testimonial.voice", "My skin loves it", "en-US"),
        ("de.testimonial.voice", "Ich liebe diesen Kaffee", "de-DE"),
        ("fr.testimonial.voice", "J’adore ce café", "fr-FR"),
        ("es.testimonial.voice", "Me encanta este café", "es-ES"),
        ("pt.testimonial.voice", "Eu amei este café", "pt-BR"),
        ("en.free", "It is free", "en-US"),
    ],
)
def test_patterns_find_their_forms(rule: str, text: str, locale: str) -> None:
    assert rule in found(text, locale)


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("最佳食用期内饮用", "zh-CN"), ("第一口就懂", "zh-CN"), ("最近，最终，最后", "zh-CN"),
        ("第一时间", "zh-CN"), ("最佳賞味期內享用", "zh-TW"), ("最近最愛這一杯", "zh-TW"),
        ("Sugar free, free of perfume, free from nuts", "en-US"), ("Feel free", "en-US"),
        ("Freedom and carefree mornings", "en-GB"),
        ("Best before June", "en-GB"),
        ("The best part of the day", "en-US"), ("Secure shoes", "en-GB"),
        ("Kein Wunder", "de-DE"), ("Nicht umsonst früh wach", "de-DE"),
        ("Die Besteckschublade", "de-DE"), ("Garantiezeit beachten", "de-DE"),
        ("Le meilleur de soi", "fr-FR"), ("Curaduría de café", "es-ES"),
        ("O melhor momento do dia", "pt-BR"), ("Corrida na praia", "pt-BR"),
        ("今日だから飲みたい", "ja-JP"), ("우리의 유일한 시간", "ko-KR"),
        ("무늬가 좋아요", "ko-KR"),
        ("مكان جميل", "ar-SA"), ("جميل فعلًا", "ar-SA"),
    ],
)  # fmt: skip
def test_exempt_contexts_and_near_misses_pass(text: str, locale: str) -> None:
    assert found(text, locale) == set()


def test_a_name_a_claim_or_a_fact_excuses_its_words() -> None:
    assert found("Free Spirit", "en-US", names=("Free Spirit",)) == set()
    assert found("Voted the best coffee", "en-US", claims=("Voted the best coffee of Bern",)) == (
        set()
    )
    assert found("Klinisch getestet", "de-DE", product=("Klinisch getestet 2025",)) == set()
    assert found("Klinisch getestet", "de-DE", product=("Getestet",)) == {"de.substantiate"}


@pytest.mark.parametrize(
    ("text", "locale", "day"),
    [
        ("Last chance", "en-US", "until 30 November"), ("Last chance", "en-US", "Nov 30"),
        ("Letzte Chance", "de-DE", "bis 30.11."), ("Dernière chance", "fr-FR", "le 1er décembre"),
        ("Última oportunidad", "es-ES", "hasta el 30 de noviembre"),
        ("Última chance", "pt-BR", "até 30/11/2026"), ("最后机会", "zh-CN", "11月30日截止"),
        ("最後機會", "zh-TW", "11月30日為止"), ("残りわずか", "ja-JP", "11月30日まで"),
        ("마지막 기회", "ko-KR", "11월 30일까지"), ("فرصة أخيرة", "ar-SA", "حتى 30 نوفمبر"),
    ],
)  # fmt: skip
def test_urgency_needs_a_stated_end(text: str, locale: str, day: str) -> None:
    assert {rule.split(".")[1] for rule in found(text, locale)} == {"false-urgency"}
    assert found(text, locale, product=("18 hours", "$18.50")) == found(text, locale)
    assert found(text, locale, product=(day,)) == set()


def test_every_locale_has_the_universal_rules() -> None:
    for tongue in [key for key in LOCALES if key != "*"]:
        own = {rule.id for rule in rules() if tongue in rule.locales}
        for part in ("testimonial.voice", "free", "urgency"):
            assert any(part in name for name in own), (tongue, part)
        assert any("superlative" in name or "adlaw.9" in name for name in own), tongue


def test_only_what_was_read_may_block() -> None:
    for rule in rules():
        assert rule.source
        assert rule.message
        assert not (rule.level == "error" and rule.evidence == "C")


def test_a_word_beside_chinese_or_korean_needs_no_blank() -> None:
    assert contains("今天SALE开始", "sale")
    assert contains("오늘 SALE은", "sale")
    assert not contains("wholesaler", "sale")
