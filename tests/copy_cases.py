"""Copy requests for tests: one product in ten languages, any channel, tone and angle.

Knows contentfab's records only; texts are like those of a real campaign file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contentfab.records.brief import BrandView, Cell, ProductView, SegmentView
from contentfab.records.copy import CopyDraft, CopyRequest, Fields, VariantAsk
from contentfab.rules.channels import load_channels
from contentfab.rules.wording.angles import ANGLES

TONES = ("warm", "bold", "expert", "playful", "calm", "premium")

PRODUCTS = {
    "en-US": ProductView(
        "cold-brew", "Slow Tide Cold Brew", "Cold brew coffee", "Cold brew in a bottle.",
        ("Cold-brewed for 18 hours", "Beans from two small farms in Huila", "No added sugar"),
        {"volume": "250 ml", "origin": "Huila, Colombia", "vegan": "True"}, "$18",
        ("Roasted to order every Tuesday",), (), "https://shop.example/tide",
    ),
    "zh-CN": ProductView(
        "cold-brew", "慢潮冷萃", "冷萃咖啡", "瓶装冷萃咖啡。",
        ("低温慢萃18小时", "豆子来自慧兰的两个小农场", "不添加糖"),
        {"volume": "250 ml", "产地": "哥伦比亚慧兰"}, "¥128", ("每周二现烘",), (),
        "https://shop.example/tide",
    ),
    "ja-JP": ProductView(
        "cold-brew", "スロータイド", "水出しコーヒー", "",
        ("18時間の低温抽出", "ウイラの小さな二つの農園の豆", "砂糖不使用"),
        {"volume": "250 ml"}, "¥1,280", ("毎週火曜日に焙煎",), (), "https://shop.example/tide",
    ),
    "de-DE": ProductView(
        "cold-brew", "Slow Tide Cold Brew", "Cold-Brew-Kaffee", "",
        ("18 Stunden kalt gebrüht", "Bohnen von zwei kleinen Farmen in Huila", "Ohne Zuckerzusatz"),
        {"volume": "250 ml"}, "18,00\u00a0€", ("Jeden Dienstag frisch geröstet",), (),
        "https://shop.example/tide",
    ),
    "es-ES": ProductView(
        "cold-brew", "Slow Tide Cold Brew", "Café infusionado en frío", "",
        ("18 horas de infusión en frío", "Granos de dos fincas de Huila", "Sin azúcares añadidos"),
        {"volume": "250 ml"}, "18,00\u00a0€", ("Tostado cada martes",), (),
        "https://shop.example/tide",
    ),
    "fr-FR": ProductView(
        "cold-brew", "Slow Tide Cold Brew", "Café infusé à froid", "",
        ("Infusé à froid pendant 18 heures", "Grains de deux fermes de Huila",
         "Sans sucres ajoutés"),
        {"volume": "250 ml"}, "18,00\u00a0€", ("Torréfié chaque mardi",), (),
        "https://shop.example/tide",
    ),
    "zh-TW": ProductView(
        "cold-brew", "慢潮冷萃", "冷萃咖啡", "瓶裝冷萃咖啡。",
        ("低溫慢萃18小時", "豆子來自慧蘭的兩座小農場", "不加糖"),
        {"volume": "250 ml", "產地": "哥倫比亞慧蘭"}, "$590", ("每週二現烘",), (),
        "https://shop.example/tide",
    ),
    "ko-KR": ProductView(
        "cold-brew", "느린물결 콜드브루", "콜드브루 커피", "병에 담은 콜드브루.",
        ("18시간 저온 추출", "우일라의 작은 농장 두 곳의 원두", "설탕 무첨가"),
        {"volume": "250 ml", "원산지": "콜롬비아 우일라"}, "₩18,000", ("매주 화요일 로스팅",), (),
        "https://shop.example/tide",
    ),
    "pt-BR": ProductView(
        "cold-brew", "Slow Tide Cold Brew", "Café extraído a frio", "",
        ("18 horas de extração a frio", "Grãos de duas fazendas de Huila", "Sem açúcar adicionado"),
        {"volume": "250 ml"}, "R$\u00a089,90", ("Torrado toda terça-feira",), (),
        "https://shop.example/tide",
    ),
    "ar-SA": ProductView(
        "cold-brew", "Slow Tide Cold Brew", "قهوة باردة التحضير", "",
        ("تحضير بارد لمدة 18 ساعة", "حبوب من مزرعتين صغيرتين في هويلا", "بلا سكر مضاف"),
        {"volume": "250 مل"}, "68\u00a0ر.س", ("تحميص كل ثلاثاء",), (),
        "https://shop.example/tide",
    ),
}  # fmt: skip


def make_request(
    locale: str = "en-US",
    channel: str = "meta.feed",
    *,
    tone: Any = "warm",
    angles: tuple[str, ...] = ("benefit", "story"),
    seed: int = 1,
    product: dict[str, Any] | None = None,
    brand: dict[str, Any] | None = None,
) -> CopyRequest:
    """A request for one variant per angle; `product` and `brand` replace fields of theirs."""
    name = "北光" if locale.startswith("zh") else "Northlight"
    view = replace(PRODUCTS.get(locale, PRODUCTS["en-US"]), **(product or {}))
    guide = replace(BrandView("northlight", name, tone=tone), **(brand or {}))
    return CopyRequest(
        key="k",
        cell=Cell(f"cell-{channel}", view.id, "early", channel, locale),
        product=view,
        segment=SegmentView("early", "Early risers", tone=tone),
        brand=guide,
        channel=load_channels()[channel],
        variants=tuple(VariantAsk(f"cell--{'abcdefghijkl'[i]}", a) for i, a in enumerate(angles)),
        seed=seed,
    )


def make_draft(fields: Fields) -> CopyDraft:
    """A draft for the first variant of a request."""
    return CopyDraft("cell--a", "benefit", fields)


ALL_ANGLES = tuple(ANGLES)
