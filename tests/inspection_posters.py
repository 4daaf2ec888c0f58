"""Good posters for tests and measurements of inspection: the shipped brands, sets and products.

Every poster is real work of the line's own backends (plates, typst); which brand, family, size,
language, set and text the n-th one has follows from n alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from contentfab.backends.image_plates import PlatesImageGenerator
from contentfab.backends.layout_typst import TypstLayout
from contentfab.records.brand import Brand
from contentfab.records.brief import ArtDirection
from contentfab.records.channel import Placement
from contentfab.records.pictures import PictureRequest, Poster, PosterRequest, PosterText
from contentfab.resources import data_dir, parse_yaml

ROOT = Path(__file__).resolve().parent.parent
STORY = (0.14, 0.06, 0.35, 0.06)
SIZES = {
    "1x1": (1080, 1080),
    "4x5": (1080, 1350),
    "9x16": (1080, 1920),
    "1.91x1": (1200, 628),
    "3x4": (1080, 1440),
    "16x9": (1280, 720),
    "640x800": (640, 800),
    "640x640": (640, 640),
    "720x1280": (720, 1280),
}
PRODUCTS = {
    "northlight": ("coffee", ("slow-brew", "dawn-blend", "pocket-tin")),
    "veltra": ("running", ("stride-2", "pace-one", "ridge-trail")),
    "yunlu": ("skincare", ("dew-serum", "mist-toner", "calm-cream")),
}
TEXTS: dict[str, dict[str, tuple[PosterText, ...]]] = {
    "northlight": {
        "en-US": (
            PosterText("Slow brew. Bright morning.", "Cold-pressed for 18 hours, no sugar.",
                       "Taste the first bottle", "$4.50", "Contains caffeine.", "AI-generated"),
            PosterText("Coffee", "One farm, one day, one roast.", "See the roast", "$18",
                       "", "AI-generated"),
            PosterText("The roast that waits for you until the kettle is ready and the light is in",
                       "Washed arabica from Huila.", "Order a bag", "$16.90",
                       "Weight 250 g. Keep dry and away from light.", "AI-generated"),
        ),
        "de-DE": (
            PosterText("Langsam gebrüht, hellwach am Morgen", "18 Stunden kalt gezogen.",
                       "Erste Flasche probieren", "4,90 €",
                       "Koffeinhaltig. Preis inkl. MwSt.", "KI-generiert", "Anzeige"),
        ),
        "zh-CN": (
            PosterText("慢萃十八小时，清晨亮起来", "低温冷压，开瓶即饮。", "尝第一瓶", "¥39",
                       "含咖啡因，请适量饮用。", "AI 生成", "广告"),
        ),
    },
    "veltra": {
        "en-US": (
            PosterText("Two steps ahead.", "212 grams. 8 millimetres of drop.", "Run it", "$149",
                       "", "AI-generated"),
            PosterText("Built for the eleventh kilometre", "A plate that gives back what you give.",
                       "Find your size", "$149.90", "Weight measured at size EU 42.",
                       "AI-generated"),
        ),
        "de-DE": (
            PosterText("Geschwindigkeitsrausch für lange Sonntagsläufe am Donaukanal",
                       "212 Gramm leicht, 8 Millimeter Sprengung.", "Jetzt entdecken", "149,90 €",
                       "Gewicht gemessen an Größe EU 42. Preis inkl. MwSt.", "KI-generiert"),
        ),
    },
    "yunlu": {
        "zh-CN": (
            PosterText("一滴露，醒一片云", "清晨的肌肤，留一点余白。", "看看质地", "¥268",
                       "使用感受因人而异。", "AI 生成", "广告"),
        ),
        "ja-JP": (
            PosterText("雲のあとに、YUNLUの露が残る", "朝の肌に、ひとしずくの余白。",
                       "使い心地を見る", "¥3,900", "※使用感には個人差があります。", "AI生成"),
        ),
        "en-US": (
            PosterText("Dew, after the cloud", "A drop of calm for mornings.", "Feel the texture",
                       "$38", "Results vary.", "AI-generated"),
        ),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Good:
    """A poster as the line makes it, with what was asked for."""

    name: str
    request: PosterRequest
    poster: Poster


@cache
def layout() -> TypstLayout:
    return TypstLayout()


@cache
def generator() -> PlatesImageGenerator:
    return PlatesImageGenerator()


@cache
def brand(name: str) -> tuple[Brand, Path]:
    folder = data_dir("brand_guides") / name
    return Brand.model_validate(parse_yaml((folder / "brand.yaml").read_text("utf-8"))), folder


def placement(name: str) -> Placement:
    width, height = SIZES[name]
    return Placement(
        id=name,
        width=width,
        height=height,
        safe=STORY if height > 1.7 * width else (0.0, 0.0, 0.0, 0.0),
    )


def cases(families: Sequence[str], sizes: Sequence[str]) -> list[tuple[str, str, str, str, int]]:
    """Every (brand, locale, family, size, text), in an order that mixes them."""
    every = [
        (name, locale, family, size, index)
        for (name, locales), family, size in itertools.product(TEXTS.items(), families, sizes)
        for locale, texts in locales.items()
        for index in range(len(texts))
    ]
    Random(20).shuffle(every)
    return every


def request_of(case: tuple[str, str, str, str, int], seed: int) -> PosterRequest:
    """The request of a case; the seed chooses set, palette scheme and product."""
    name, locale, family, size, index = case
    guide, folder = brand(name)
    place, colours = placement(size), guide.palette
    second = colours.secondary or colours.primary
    schemes = (
        {"wall": colours.background, "podium": second, "accent": colours.accent},
        {"wall": colours.primary, "podium": colours.background, "accent": colours.accent},
        {"wall": second, "podium": colours.background, "accent": colours.primary},
    )
    art = ArtDirection(
        scene=guide.imagery.scenes[seed % len(guide.imagery.scenes)],
        subject="product",
        palette=schemes[seed % 3],
        light=guide.imagery.light,
        mood=guide.imagery.mood,
        copy_space="left" if place.width > 1.3 * place.height else "top",
    )
    (visual,) = generator().generate(
        [PictureRequest(f"picture-{seed}", seed, place.width, place.height, art)]
    )
    example, products = PRODUCTS[name]
    product = ROOT / "examples" / example / "products" / f"{products[seed % 3]}.png"
    return PosterRequest(
        key="-".join(map(str, (*case, seed))),
        variant="a",
        layout=family,
        placement=place,
        locale=locale,
        text=TEXTS[name][locale][index],
        key_visual=visual,
        product_image=product,
        brand=guide,
        brand_dir=folder,
        seed=seed,
    )


def good_posters(
    count: int, families: Sequence[str] = (), sizes: Sequence[str] = tuple(SIZES)
) -> Iterator[Good]:
    """The first `count` posters of the shuffled cases, one seed each."""
    every = cases(families or layout().families, sizes)
    for number, case in zip(range(count), itertools.cycle(every), strict=False):
        request = request_of(case, number)
        (poster,) = layout().render([request])
        yield Good(request.key, request, poster)
