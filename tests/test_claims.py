"""The claim ledger: every claim is found in any notation, and traced to what the product says."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from copy_cases import make_draft, make_request
from hypothesis import given
from hypothesis import strategies as st

from contentfab.records.assets import ClaimRecord
from contentfab.records.brief import BrandView, ProductView
from contentfab.records.copy import Claim
from contentfab.rules.claims import Evidence, advice, ledger
from contentfab.rules.wording.contract import check, claim_records

BOTTLE = ProductView(
    "bottle", "Talwind", category="Insulated bottle",
    description="A bottle of stainless steel with a silicone seal. Our support answers 24/7.",
    selling_points=("Keeps tea hot for 12 hours", "SPF 50+ sleeve", "Two farms grow the cork"),
    facts={
        "volume": "1.5 L", "lugs": "5", "vegan": "True", "halal": "False", "screen": "6.1 inch",
        "range": "8–12 hours", "battery_hours": "40", "pack": "6 x 330 ml",
        "edition": "2nd edition",
        "temperature": "20–60 °C", "since": "1998",
    },
    price="$24.50",
    claims=(
        "Over 1,200 reviews", "20% off until 30 November 2026", "Up to 30 days of standby",
        "Half price on Mondays", "ISO 9001 certified", "50% less plastic than before",
        "Our lightest bottle", "No added sugar",
    ),
)  # fmt: skip
BRAND = BrandView("b", "Northlight", tagline="Brewed since 1998")
LOCALES = [
    "en-US",
    "de-DE",
    "es-ES",
    "fr-FR",
    "pt-BR",
    "zh-CN",
    "zh-TW",
    "ja-JP",
    "ko-KR",
    "ar-AE",
    "sv-SE",
]


def claims(text: str, locale: str = "en-US", product: ProductView = BOTTLE) -> tuple[Claim, ...]:
    return ledger(text, locale, Evidence.of(product, BRAND, locale))


def refused(text: str, locale: str = "en-US", product: ProductView = BOTTLE) -> list[str]:
    return [claim.text for claim in claims(text, locale, product) if not claim.source]


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("en-US", ["1.5 L", "1,500 ml", "1½ litres", "1 1/2 L", "one and a half liters",
                   "a litre and a half", "１.５ l", "50.7 fl oz", "1.5-liter"]),
        ("de-DE", ["1,5 l", "1.500 ml", "eineinhalb Liter", "anderthalb Liter", "1,5 Liter"]),
        ("es-ES", ["1,5 l", "litro y medio", "un litro y medio", "1.500 mililitros"]),
        ("fr-FR", ["1,5 l", "un litre et demi", "1 500 ml"]),
        ("pt-BR", ["1,5 litro", "um litro e meio"]),
        ("zh-CN", ["一升半", "1.5升", "1500毫升", "1500ml含茶"]),
        ("zh-TW", ["一公升半", "1.5公升"]),
        ("ja-JP", ["1.5リットル", "1500ml"]),
        ("ko-KR", ["1.5리터"]),
        ("ar-AE", ["1.5 لتر", "١.٥ لتر"]),
    ],
)  # fmt: skip
def test_one_volume_in_every_notation(locale: str, texts: list[str]) -> None:
    for text in texts:
        (claim,) = claims(text, locale)
        assert (claim.kind, claim.source) == ("measure", "facts.volume"), text
        assert claim.value.startswith("1.5 ") or text == "50.7 fl oz"


@pytest.mark.parametrize(
    ("locale", "true", "false"),
    [
        ("en-US", ["half off", "half price", "50 percent off", "20% off", "save 20%",
         "one fifth off"],
         ["30% off", "20% cheaper", "20% faster", "20% more", "half the sugar"]),
        ("de-DE", ["halber Preis", "20 % Rabatt", "20 Prozent reduziert", "minus 20 % Rabatt"],
         ["20 % günstiger", "30 % Rabatt"]),
        ("zh-CN", ["八折", "打8折", "半价", "五折", "立减20%", "20%优惠"], ["八五折", "8%优惠",
         "二折", "2折"]),
        ("es-ES", ["mitad de precio", "20 % de descuento"], ["20 % más barato",
         "25 % de descuento"]),
    ],
)  # fmt: skip
def test_discounts(locale: str, true: list[str], false: list[str]) -> None:
    local = {"de-DE": ("20 % Rabatt", "Halber Preis am Montag"), "zh-CN": ("八折", "周一半价"),
             "es-ES": ("20 % de descuento", "Mitad de precio los lunes")}  # fmt: skip
    product = ProductView("p", "Talwind", claims=local.get(locale, BOTTLE.claims))
    for text in true:
        assert claims(text, locale, product) and not refused(text, locale, product), text
    for text in false:
        assert refused(text, locale, product), text


@pytest.mark.parametrize(
    "text",
    ["12 hours", "twelve hours", "720 minutes", "at least 12 hours", "up to 12 hours",
     "more than 11 hours", "almost 13 hours", "about 12 h", "8 to 12 hours", "at least 8 hours",
     "over 1,000 reviews", "1,200+ reviews", "1200 reviews", "up to 30 days of standby", "$24.50",
     "24.50 USD", "under $25", "nearly $25", "SPF 50+", "SPF 50", "24/7", "round the clock",
     "2nd edition", "second edition", "five lugs", "15.5 cm", '6.1"', "40-hour battery",
     "until Nov 30", "by 30 November 2026", "since 1998", "140 °F",
     "vegan", "ISO 9001 certified", "stainless steel", "our lightest bottle", "no added sugar",
     "50 percent less plastic", "half the plastic", "1.98 liters in one pack", "6 x 330 ml"],
)  # fmt: skip
def test_what_the_product_proves_passes(text: str) -> None:
    assert claims(text)
    assert refused(text) == []


@pytest.mark.parametrize(
    "text",
    ["15 l", "12 minutes", "over 12 hours", "13 hours", "30 days of standby", "over 30 days",
     "over 2,000 reviews", "thousands of reviews", "5 colors", "$2.45", "€24.50", "$24",
     "under $20",
     "3x stronger", "twice as strong", "50% less sugar", "50% less plastic than any other",
     "5 editions",
     "the lightest bottle", "our lightest bottle in the world", "number one", "second to none",
     "halal", "ISO 14001", "sugar-free", "silicone-free", "with retinol", "better than glass",
     "until December 30", "ends Sunday", "since 1989", "use code SAVE20", "a dozen",
     "buy one get one",
     "lifetime guarantee", "CertiPUR certified", "9 out of 10", "①", "100%"],
)  # fmt: skip
def test_what_it_does_not_prove_is_refused(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("en-US", ["One of a kind", "Love at first sip", "For two", "Second nature", "At its best",
                   "One more mile", "Call +49 30 1234567", "www.shop.com/50off #deal2026 @shop24",
                   "Talwind by Northlight", "Better mornings", "Thanks a million³",
                   "The 90s called"]),
        ("de-DE", ["Ein paar Schlucke", "Auf den ersten Blick", "Ein für alle Mal", "Zu zweit",
                   "Leichter als gedacht", "Sorgenfrei"]),
        ("es-ES", ["Una vez más", "A la tercera va la vencida", "Sin prisa", "Mil gracias"]),
        ("zh-CN", ["一下就懂", "十分清爽", "第一口", "三三两两", "万水千山", "一杯刚好", "最近"]),
        ("ja-JP", ["一日の終わりに", "ひと息"]),
        ("ko-KR", ["한 잔의 여유", "이건 비밀"]),
    ],
)  # fmt: skip
def test_idioms_names_and_links_claim_nothing(locale: str, texts: list[str]) -> None:
    for text in texts:
        assert claims(text, locale) == (), text


def test_a_claim_tells_where_it_stands_and_where_it_comes_from() -> None:
    text = "Tea, hot for “１２ hours” — 1½ L for $24.50"
    found = claims(text)
    assert [(c.kind, c.text, c.source) for c in found] == [
        ("duration", "１２ hours", "selling_points[0]"), ("measure", "1½ L", "facts.volume"),
        ("price", "$24.50", "price"),
    ]  # fmt: skip
    assert all(text[slice(*claim.span)] == claim.text for claim in found)
    assert found[0].value == "43200 time"


def test_evidence_of_brand_and_campaign_counts() -> None:
    bare = ProductView("p", "Talwind")
    assert refused("Since 1998", product=ProductView("q", "Talwind")) == []
    assert claims("Since 1998", product=bare)[0].source == "brand.tagline"
    ends = Evidence.of(bare, BRAND, "en-US", {"campaign.ends": "2026-12-24"})
    assert ledger("Until December 24", "en-US", ends)[0].source == "campaign.ends"
    assert Evidence.of(bare, BRAND, "en-US") is Evidence.of(bare, BRAND, "en-US")


def test_the_message_says_what_and_how_to_mend_it() -> None:
    (claim,) = claims("50% faster than tea")
    assert advice(claim) == (
        "says “50% faster”, which is a comparison that no fact or approved claim supports; say it "
        "without the comparison, or add it to approved_claims"
    )


def test_the_contract_refuses_and_the_manifest_records() -> None:
    request = make_request()
    fields = {"headline": "18 hours, 250 ml, $18", "subline": "24 hours of calm"}
    broken = [v for v in check(make_draft(fields), request) if v.rule == "copy.claim"]
    assert [(v.field, v.level) for v in broken] == [("subline", "error")]
    records = [ClaimRecord(**record) for record in claim_records(make_draft(fields), request)]
    assert [(r.field, r.kind, r.text, r.source) for r in records] == [
        ("headline", "duration", "18 hours", "selling_points[0]"),
        ("headline", "measure", "250 ml", "facts.volume"),
        ("headline", "price", "$18", "price"),
        ("subline", "duration", "24 hours", ""),
    ]


PIECES = [
    "12", "1,5", "½", "八", "两", "十二", "twelve", "zwei", "l", "小时", "hours", "%", "折", "€",
    "$", "x",
    "半", "-", " ", "最", "长", "低", "best", "more", "than", "比", "更", "sugar", "-free",
    "不含", "糖", "certified",
    "bis zu", "over", "half", "a", "dozen", "30.11.", "11/30", "月", "日", "年", "斤", "²", '"',
    "\u200b", "٣",
    "보다", "열두 시간", "より", "ونصف", "des", "twice", "y medio", "no. 1", "IP67", "\ue000",
    ".", "，",
]  # fmt: skip


@given(
    st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=9).map("".join),
              st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join)),
    st.sampled_from(LOCALES),
)  # fmt: skip
def test_no_text_can_break_the_ledger(text: str, locale: str) -> None:
    for claim in claims(text, locale):
        assert claim.text and text[slice(*claim.span)] == claim.text
        assert advice(claim)
    noisy = ProductView("p", "Talwind", description=text, facts={"x": text}, claims=(text,))
    claims(text, locale, noisy)


@pytest.mark.parametrize("text", ["12 hours of tea", "half off", "best tea", "vegan, sugar-free"])
def test_what_the_product_itself_says_is_supported(text: str) -> None:
    product = ProductView("p", "Talwind", claims=(text,))
    assert claims(text, product=product)
    assert refused(text, product=product) == []


@pytest.mark.parametrize("part", ["a", "b", "c", "d", "e", "smoke"])
def test_precision_and_recall_on_the_labelled_lines(part: str, benchmark: ModuleType) -> None:
    total = benchmark.score(benchmark.part(part))
    worst = min(benchmark.rates(total.lines) + benchmark.rates(total.claims))
    assert worst >= benchmark.floor(part), "\n".join(total.misses)


def test_the_set_is_large_enough(benchmark: ModuleType) -> None:
    first = benchmark.part("a") + benchmark.part("b")
    assert len(first) >= 400
    assert len({line.locale for line in first}) == 4
    assert len({(line.locale, line.product) for line in first}) >= 20
    smoke = benchmark.part("smoke")
    for locale in ("zh-TW", "ja-JP", "ko-KR", "fr-FR", "pt-BR", "ar-AE"):
        assert sum(line.locale == locale for line in smoke) >= 12


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "benchmarks/claims.py"
    spec = importlib.util.spec_from_file_location("benchmark_claims", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark_claims"] = module
    spec.loader.exec_module(module)
    return module
