"""Regulated topics: found in ten languages, quiet on innocent products, and in the review queue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from campaigns import make_campaign
from command import contentfab, run_json

from contentfab.records.assets import Asset, Score
from contentfab.records.inputs import Product, Segment
from contentfab.records.manifest import Review
from contentfab.rules.safety.reviews import with_scorers
from contentfab.rules.safety.topics import (
    lexicon,
    of_copy,
    of_product,
    of_segment,
    review_reasons,
    topics_in,
    unread,
)

TEN = {"en", "de", "fr", "es", "pt", "zh-Hans", "zh-Hant", "ja", "ko", "ar"}

INNOCENT = [
    ("en-US", "Wine-red running shoes"),
    ("en-US", "A scarf in deep wine red"),
    ("en-US", "Ginger beer with fresh lime"),
    ("en-US", "Root beer float candle"),
    ("en-US", "Bourbon vanilla ice cream"),
    ("en-US", "Apple cider vinegar shampoo"),
    ("en-US", "A cocktail dress with pockets"),
    ("en-US", "Champagne gold headphones"),
    ("en-US", "Alcohol-free toner with cetyl alcohol"),
    ("en-US", "Credit where credit is due"),
    ("en-US", "Give your feet some credit"),
    ("en-US", "Kid leather gloves, kid gloves not included"),
    ("en-US", "Baby blue sneakers, baby-soft inside"),
    ("en-US", "Baby spinach and baby carrots"),
    ("en-US", "Health food for busy days"),
    ("en-US", "A healthy breakfast, naturally"),
    ("en-US", "Just the medicine ball for your gym"),
    ("en-US", "Cigarette pants with a high waist"),
    ("en-US", "Keep out of reach of children"),
    ("en-US", "Two-year warranty, lasts 3 to 5 years"),
    ("en-US", "Cheese aged 12 months"),
    ("en-US", "Launching Apr 5"),
    ("en-US", "Put your best foot forward, you bet"),
    ("en-US", "Keep a poker face in our poker-faced tee"),
    ("en-US", "Toy poodle grooming kit and dog toys"),
    ("en-US", "For the sake of comfort, in high spirits"),
    ("en-US", "Ginseng and engine oil, begin again"),
    ("en-US", "The port on the left, USB-C"),
    ("en-US", "While stocks last"),
    ("de-DE", "Kinderleicht zu reinigen, außer Reichweite von Kindern aufbewahren"),
    ("de-DE", "Die Sohle lässt sich abnehmen"),
    ("de-DE", "Schweinsleder in Babyblau"),
    ("fr-FR", "Un jeu d'enfant, couleur lie-de-vin"),
    ("fr-FR", "Pantalon cigarette en coton"),
    ("es-ES", "Zapatos color vino, un juego de niños"),
    ("pt-BR", "Sabonete espumante de três parcelas da fazenda"),
    ("zh-CN", "酒红色连衣裙"),
    ("zh-CN", "酒店同款拖鞋"),
    ("zh-CN", "请放在儿童接触不到的地方"),
    ("zh-TW", "酒紅色洋裝，香檳金配件"),
    ("ja-JP", "ワインレッドのスカート、クローン病ではない"),
    ("ja-JP", "シャンパンゴールドの時計"),
    ("ko-KR", "와인색 스커트"),
    ("ar-SA", "حذاء بلون أحمر نبيذي"),
]

REGULATED = [
    ("en-US", "A crisp white wine from the coast", "alcohol", "wine"),
    ("en-US", "Craft beers, brewed slowly", "alcohol", "beers"),
    ("en-US", "Two whiskies in one box", "alcohol", "whiskies"),
    ("en-US", "Buy now, pay later", "credit", "buy now, pay later"),
    ("en-US", "19% APR representative", "credit", "% apr"),
    ("en-US", "Dietary supplements with zinc", "health", "supplements"),
    ("en-US", "Loved by kids and toddlers", "minors", "kids"),
    ("en-US", "For ages 8-12", "minors", "ages 8-12"),
    ("en-US", "Under 18s welcome to play", "minors", "under 18s"),
    ("en-US", "Our online casino opens", "gambling", "casino"),
    ("en-US", "Vapes in ten flavours", "tobacco", "vapes"),
    ("de-DE", "Rotweine aus Baden", "alcohol", "rotweine"),
    ("de-DE", "Ratenzahlung möglich", "credit", "ratenzahlung"),
    ("de-DE", "Nahrungsergänzungsmittel mit Zink", "health", "nahrungsergänzungsmittel"),
    ("de-DE", "Für Kinder im Alter von 6 bis 12", "minors", "kinder"),
    ("fr-FR", "Un vin rouge de garrigue", "alcohol", "vin rouge"),
    ("fr-FR", "Compléments alimentaires", "health", "compléments alimentaires"),
    ("es-ES", "Préstamos en diez minutos", "credit", "préstamos"),
    ("pt-BR", "Cervejas artesanais", "alcohol", "cervejas"),
    ("zh-CN", "一瓶好红酒", "alcohol", "红酒"),
    ("zh-CN", "免息分期，信用卡支付", "credit", "免息分期"),
    ("zh-TW", "給孩子的第一雙鞋", "minors", "孩子"),
    ("ja-JP", "子ども用のスニーカー", "minors", "子ども"),
    ("ja-JP", "クラフトビール", "alcohol", "ビール"),
    ("ko-KR", "건강기능식품입니다", "health", "건강기능식품"),
    ("ar-SA", "أحذية للأطفال", "minors", "للأطفال"),
]


@pytest.mark.parametrize(("locale", "text"), INNOCENT)
def test_an_innocent_line_is_left_alone(locale: str, text: str) -> None:
    assert topics_in(text, locale, "copy") == ()


@pytest.mark.parametrize(("locale", "text", "topic", "words"), REGULATED)
def test_a_regulated_line_is_told_with_its_words(
    locale: str, text: str, topic: str, words: str
) -> None:
    assert (topic, words) in {(each.topic, each.found) for each in topics_in(text, locale, "copy")}


def test_every_topic_has_the_ten_languages_and_a_reason() -> None:
    for topic, entry in lexicon().items():
        assert set(entry) == TEN | {"review"}, topic
        for tongue in TEN:
            words = entry[tongue]
            assert isinstance(words, dict) and len(words["terms"]) >= 6, (topic, tongue)


def test_every_term_of_the_lexicon_is_found_in_its_own_language() -> None:
    """A term that no text can have (wrong quotes, wrong script) would be dead."""
    for topic, entry in lexicon().items():
        for tongue in TEN:
            words = entry[tongue]
            assert isinstance(words, dict)
            for term in words["terms"]:
                text = str(term).rstrip("*")
                assert topic in {e.topic for e in topics_in(text, tongue, "")}, (tongue, term)


def test_every_exempt_context_hides_its_words() -> None:
    for topic, entry in lexicon().items():
        for tongue in TEN:
            words = entry[tongue]
            assert isinstance(words, dict)
            for context in words["exempt"]:
                assert topic not in {e.topic for e in topics_in(str(context), tongue, "")}, context


def test_facts_and_ages_tell_what_words_do_not() -> None:
    def product(**facts: str | int | float | bool) -> Product:
        return Product(id="thing", name="Thing", facts=dict(facts))

    assert of_product(product(abv="5 %"), ["en-US"])[0].topic == "alcohol"
    assert of_product(product(alcohol="none"), ["en-US"]) == ()
    assert of_product(product(recommended_age="3+"), ["en-US"])[0].topic == "minors"
    assert of_product(product(recommended_age="18+"), ["en-US"]) == ()


@pytest.mark.parametrize(
    ("condition", "minors"),
    [
        ({"age": 16}, True),
        ({"age_range": "13-17"}, True),
        ({"user.age": "<18"}, True),
        ({"age": "18-24"}, False),
        ({"page": 3}, False),
        ({"segment": "teachers"}, False),
    ],
)
def test_an_audience_under_18_is_told(condition: dict[str, str | int], minors: bool) -> None:
    segment = Segment(id="them", description="People who like shoes.", condition=dict(condition))
    assert bool(of_segment(segment, ["en-US"])) == minors


def test_parents_are_adults_and_their_children_are_not() -> None:
    parents = Segment(id="busy", description="Parents with five minutes for themselves.")
    assert of_segment(parents, ["en-US"]) == ()
    theirs = Segment(id="busy", description="Parents of toddlers.")
    assert of_segment(theirs, ["en-US"])[0].found == "toddlers"


def test_a_disclaimer_that_copy_must_carry_is_no_evidence() -> None:
    fields = {"text": "A calm evening. Not for pregnant women or children under 3 years."}
    disclaimer = "Not for pregnant women or children under 3 years."
    assert of_copy(fields, "en-US", [disclaimer]) == ()
    assert of_copy(fields, "en-US")[0].topic == "minors"


def test_a_language_without_a_lexicon_is_told() -> None:
    assert unread(["en-US", "it-IT", "zh-TW"]) == ("it",)
    assert topics_in("Vino rosso", "it-IT", "copy") == ()


def test_reasons_name_topic_words_and_place_once_per_topic() -> None:
    house = Product(id="house", name="House", category="Red wine", description="A dry wine.")
    (reason,) = review_reasons(of_product(house, ["en-US"]))
    assert reason.startswith("alcohol: product house, category says “wine”; alcohol advertising")


def test_what_a_scorer_wants_seen_joins_the_review() -> None:
    seen = Score(
        name="appeal", value=0.5, calibration_id="x/1", model="x", uses_clip=False, review=["blood"]
    )
    asset = Asset.model_construct(scores=[seen])
    before = {"a": Review(state="required", reasons=["alcohol: …"])}
    found = with_scorers(before, [("a", asset), ("b", asset), ("a", asset)])
    assert found["a"].reasons == ["alcohol: …", "picture: blood"]
    assert found["b"] == Review(state="required", reasons=["picture: blood"])


def test_a_run_of_a_regulated_product_starts_in_review(tmp_path: Path) -> None:
    path = make_campaign(
        tmp_path, product={"category": {"en-US": "Red wine", "zh-CN": "红酒"}}, locales=["en-US"]
    )
    problems = run_json("check", path, cwd=tmp_path)["problems"]
    (told,) = [p for p in problems if p["rule"] == "safety.alcohol"]
    assert told["level"] == "warn" and "wine" in told["message"]

    done = contentfab("run", path, "--out", "run", cwd=tmp_path)
    assert "2 creatives need a person's review (alcohol)" in done.stderr
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text("utf-8"))
    states = {c["product"]: c["review"]["state"] for c in manifest["creatives"]}
    assert states == {"amber-serum": "required", "clay-mask": "draft"}
    for creative in manifest["creatives"]:
        assets = {creative["assets"]["text"], *creative["assets"]["images"].values()}
        for asset in manifest["assets"]:
            if asset["id"] in assets:
                rules = {check["rule"] for check in asset["checks"]}
                assert ("review.required" in rules) == (creative["product"] == "amber-serum")
    before = (tmp_path / "run" / "manifest.json").read_bytes()
    contentfab("run", path, "--out", "run", cwd=tmp_path)
    assert (tmp_path / "run" / "manifest.json").read_bytes() == before
