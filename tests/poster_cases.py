"""Poster requests for tests: a drawn set, a drawn product, two brands, four languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from contentfab.backends.layout_typst import TypstLayout
from contentfab.records.brand import Brand, Fonts, Palette, Tokens
from contentfab.records.channel import Placement
from contentfab.records.pictures import KeyVisual, PosterRequest, PosterText, Provenance, Stand
from contentfab.records.places import Area, Point

if TYPE_CHECKING:
    from contentfab.records.pictures import Picture

SIZES = {
    "1x1": (1080, 1080),
    "4x5": (1080, 1350),
    "3x4": (1080, 1440),
    "9x16": (1080, 1920),
    "1.91x1": (1200, 628),
    "640x800": (640, 800),
    "800x800": (800, 800),
}
STORY = (0.14, 0.06, 0.35, 0.06)

TEXTS = {
    "en-US": PosterText(
        "Slow brew. Bright morning.",
        "Cold-pressed in 18 hours, ready when you are.",
        "Taste the first bottle",
        "$4.50",
        "Contains caffeine. Please recycle the bottle.",
        "AI-generated",
    ),
    "de-DE": PosterText(
        "Geschwindigkeitsrausch für lange Sonntagsläufe am Donaukanal",
        "212 Gramm leicht, 8 Millimeter Sprengung. Für alle, die zwei Schritte voraus sind.",
        "Jetzt entdecken",
        "149,90 €",
        "Gewicht gemessen an Größe EU 42. Preis inkl. MwSt., solange der Vorrat reicht.",
        "KI-generiert",
    ),
    "zh-CN": PosterText(
        "慢萃十八小时，清晨亮起来",
        "低温冷压，开瓶即饮。",
        "尝第一瓶",
        "¥39",
        "含咖啡因，请适量饮用。",
        "AI 生成",
        "广告",
    ),
    "ja-JP": PosterText(
        "雲のあとに、YUNLUの露が残る",
        "朝の肌に、ひとしずくの余白。",
        "使い心地を見る",
        "¥3,900",
        "※使用感には個人差があります。",
        "AI生成",
    ),
}

WARM = Brand(
    id="warm",
    name="Northlight",
    palette=Palette(
        primary="#12343B",
        background="#F6EBDD",
        text="#12343B",
        accent="#C8553D",
        secondary="#E0A458",
    ),
    fonts=Fonts(heading="Source Serif 4", body="Inter", by_language={"zh": "Noto Sans SC"}),
)
LOUD = Brand(
    id="loud",
    name="VELTRA",
    palette=Palette(
        primary="#FF4F2E",
        background="#F4F5F2",
        text="#111418",
        accent="#2B4BF2",
        secondary="#E9F24B",
    ),
    fonts=Fonts(heading="Inter", heading_weight=900),
    tokens=Tokens(corner=6, headline_case="upper", spacing="tight"),
)
BRANDS = {"en-US": WARM, "de-DE": LOUD, "zh-CN": WARM, "ja-JP": WARM}


WARM_TONES = (226, 168, 92), (200, 85, 61), (240, 228, 210)
LOUD_TONES = (236, 237, 233), (43, 75, 242), (233, 242, 75)
"""Wall, disc and podium."""


@cache
def layout() -> TypstLayout:
    return TypstLayout()


def placement(name: str) -> Placement:
    width, height = SIZES[name]
    safe = STORY if name == "9x16" else (0.0, 0.0, 0.0, 0.0)
    return Placement(id=name, width=width, height=height, safe=safe)


@cache
def scene(width: int, height: int, loud: bool = False) -> Picture:
    """A wall with falling light, a floor, a disc and a podium for the product; `loud` in the
    colours of LOUD, else in those of WARM."""
    foot_x, foot_y = _foot(width, height)
    y = np.linspace(0, 1, height)[:, None, None]
    x = np.linspace(0, 1, width)[None, :, None]
    tones = LOUD_TONES if loud else WARM_TONES
    wall = np.array(tones[0]) * (1.04 - 0.12 * y - 0.06 * x)
    picture = np.clip(wall, 0, 255).astype(np.uint8)
    unit = min(width, height)
    centre = (round(foot_x * width), round(foot_y * height))
    disc = (centre[0], centre[1] - round(0.22 * unit))
    cv2.circle(picture, disc, round(0.24 * unit), tones[1], -1, cv2.LINE_AA)
    cv2.ellipse(picture, centre, (round(0.3 * unit), round(0.05 * unit)), 0, 0, 360, tones[2], -1)
    picture.setflags(write=False)
    return picture


def _foot(width: int, height: int) -> Point:
    if width > 1.3 * height:
        return Point(0.72, 0.84)
    return Point(0.5, 0.62 if height > 1.6 * width else 0.815)


def key_visual(name: str, loud: bool = False) -> KeyVisual:
    width, height = SIZES[name]
    foot = _foot(width, height)
    tall = 0.65 if width > 1.3 * height else 0.26 if height > 1.6 * width else 0.42
    quiet = Area(0.04, 0.05, 0.5, 0.9) if foot.x > 0.6 else Area(0.04, 0.05, 0.96, foot.y - tall)
    stand = Stand(foot, 0.42 if foot.x > 0.6 else 0.74, tall, 0.45, (0.31, -0.05))
    made = Provenance("algorithmicMedia", "test", "drawn", "1")
    return KeyVisual("picture", scene(width, height, loud), made, stand, (quiet,))


def draw_product(path: Path, width: int = 300, height: int = 640) -> Path:
    """A bottle with a label, on transparency, with an anti-aliased edge."""
    big = np.zeros((2 * height, 2 * width, 4), np.uint8)
    body = (
        (round(0.1 * 2 * width), round(0.35 * 2 * height)),
        (round(1.8 * width), 2 * height - 8),
    )
    cv2.rectangle(big, *body, (40, 110, 96, 255), -1)
    neck = ((round(0.7 * width), 8), (round(1.3 * width), round(0.7 * height)))
    cv2.rectangle(big, *neck, (196, 160, 90, 255), -1)
    cv2.ellipse(big, (width, round(0.7 * height)), (round(0.8 * width), round(0.2 * height)),
                0, 180, 360, (40, 110, 96, 255), -1)  # fmt: skip
    cv2.rectangle(big, (round(0.2 * width), round(1.1 * height)),
                  (round(1.8 * width), round(1.6 * height)), (238, 236, 230, 255), -1)  # fmt: skip
    Image.fromarray(big).resize((width, height), Image.Resampling.LANCZOS).save(path)
    return path


def request(
    folder: Path,
    *,
    family: str = "hero",
    size: str = "4x5",
    locale: str = "en-US",
    text: PosterText | None = None,
    **changes: Any,
) -> PosterRequest:
    """A request with the drawn product; `folder` is also the (empty) brand folder."""
    product = folder / "product.png"
    if not product.exists():
        draw_product(product)
    fields: dict[str, Any] = {
        "key": f"{family}-{size}-{locale}",
        "variant": "a",
        "layout": family,
        "placement": placement(size),
        "locale": locale,
        "text": text or TEXTS[locale],
        "key_visual": key_visual(size, BRANDS[locale] is LOUD),
        "product_image": product,
        "brand": BRANDS[locale],
        "brand_dir": folder,
    }
    return PosterRequest(**fields | changes)
