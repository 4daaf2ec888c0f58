"""A small but complete campaign, written into a test's own folder.

Two products × one segment × one channel × two locales, with a brand guide, a logo and product
cut-outs drawn here, so that no test depends on shipped examples. Knows nothing about contentfab's
code: it only writes files as a user would.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw

PRODUCTS: list[dict[str, Any]] = [
    {
        "id": "amber-serum",
        "name": {"en-US": "Amber Night Serum", "zh-CN": "琥珀夜间精华"},
        "category": {"en-US": "Face serum", "zh-CN": "面部精华"},
        "description": {
            "en-US": "A light serum with sea buckthorn oil for dry skin.",
            "zh-CN": "含沙棘油的轻盈精华，适合干性肌肤。",
        },
        "selling_points": [
            {"en-US": "Absorbs in under a minute", "zh-CN": "一分钟内吸收"},
            {"en-US": "Sea buckthorn oil from small farms", "zh-CN": "沙棘油来自小型农场"},
            {"en-US": "Refillable glass bottle", "zh-CN": "玻璃瓶可循环填充"},
        ],
        "facts": {"volume": "30 ml", "vegan": True},
        "price": {
            "en-US": {"amount": "38.00", "currency": "USD"},
            "zh-CN": {"amount": "268", "currency": "CNY"},
        },
        "image": "pictures/amber-serum.png",
        "url": "https://shop.example/amber-serum",
    },
    {
        "id": "clay-mask",
        "name": {"en-US": "Soft Clay Mask", "zh-CN": "柔润泥膜"},
        "selling_points": {
            "en-US": ["Rinses off with warm water", "White clay and oat milk"],
            "zh-CN": ["温水即可洗净", "白泥搭配燕麦奶"],
        },
        "price": {
            "en-US": {"amount": "24.50", "currency": "USD"},
            "zh-CN": {"amount": "168", "currency": "CNY"},
        },
        "image": "pictures/clay-mask.png",
    },
]

SEGMENTS: list[dict[str, Any]] = [
    {
        "id": "busy-parents",
        "name": {"en-US": "Busy parents", "zh-CN": "忙碌的父母"},
        "description": {
            "en-US": "Parents with five minutes for themselves in the evening.",
            "zh-CN": "晚上只有五分钟留给自己的父母。",
        },
        "needs": {"en-US": ["saves time", "gentle"], "zh-CN": ["省时", "温和"]},
        "tone": "warm",
        "condition": {"segment": "busy-parents"},
    }
]

BRAND: dict[str, Any] = {
    "id": "hearth",
    "name": {"en-US": "Hearth & Reed", "zh-CN": "炉苇"},
    "tagline": {"en-US": "Slow care", "zh-CN": "慢护理"},
    "voice": {"tone": "warm", "description": "Plain, kind, never loud."},
    "words": {
        "banned": {"en-US": ["miracle", "anti-aging"], "zh-CN": ["奇迹", "最好"]},
        "spelling": {"Hearth and Reed": "Hearth & Reed"},
    },
    "palette": {
        "primary": "#B5502B",
        "background": "#F3E6D4",
        "text": "#2B1D14",
        "accent": "#6B7A4B",
    },
    "fonts": {"heading": "Inter", "body": "Inter", "by_language": {"zh": "Noto Sans SC"}},
    "logo": {"file": "logo.png", "clear_space": 0.5, "min_width": 120},
    "imagery": {"scenes": ["studio"], "mood": "calm", "light": "soft window light"},
    "cta": {"en-US": ["Shop now"], "zh-CN": ["立即选购"]},
}

CAMPAIGN: dict[str, Any] = {
    "name": "evening-care",
    "title": {"en-US": "Evening care", "zh-CN": "夜间护理"},
    "brand": "hearth",
    "products": "products.yaml",
    "segments": "segments.yaml",
    "channels": ["meta.feed"],
    "locales": ["en-US", "zh-CN"],
    "variants": 2,
    "profile": "mini",
    "landing_url": "https://shop.example/evening",
    "seed": 7,
}


def make_campaign(
    folder: Path,
    *,
    product: Mapping[str, Any] | None = None,
    segment: Mapping[str, Any] | None = None,
    guide: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Path:
    """Write the campaign into `folder` and return the path of its `campaign.yaml`.

    `changes` replace keys of the campaign file; `product` keys of the first product, `segment` of
    the segment, `guide` of the brand guide. The value `...` removes a key.
    """
    brand_dir = folder / "brand_guides" / "hearth"
    for path in (brand_dir, folder / "pictures"):
        path.mkdir(parents=True, exist_ok=True)
    draw_bottle(folder / "pictures" / "amber-serum.png", "#9A5B22")
    draw_bottle(folder / "pictures" / "clay-mask.png", "#8C8F7A", shoulder=0.95)
    draw_logo(brand_dir / "logo.png", "#B5502B")
    write_yaml(brand_dir / "brand.yaml", changed(BRAND, guide))
    write_yaml(folder / "products.yaml", [changed(PRODUCTS[0], product), *PRODUCTS[1:]])
    write_yaml(folder / "segments.yaml", [changed(SEGMENTS[0], segment), *SEGMENTS[1:]])
    return write_yaml(folder / "campaign.yaml", changed(CAMPAIGN, changes))


def changed(base: Mapping[str, Any], changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """`base` with `changes`; the value `...` removes a key."""
    merged = {**base, **(changes or {})}
    return {key: value for key, value in merged.items() if value is not ...}


def write_yaml(path: Path, value: Any) -> Path:
    """Write `value` as readable YAML, keys in the given order."""
    text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=1000)
    path.write_text(text, encoding="utf-8")
    return path


def draw_bottle(path: Path, colour: str, shoulder: float = 0.7) -> Path:
    """A cut-out bottle, 240 × 480 RGBA; `shoulder` is the neck's width per body width."""
    big = Image.new("RGBA", (480, 960), (0, 0, 0, 0))
    draw = ImageDraw.Draw(big)
    half = int(200 * shoulder)
    draw.rounded_rectangle((240 - half, 24, 240 + half, 300), 24, fill="#2B2320")
    draw.rounded_rectangle((40, 240, 440, 940), 70, fill=colour)
    draw.rounded_rectangle((100, 470, 380, 760), 12, fill="#F7EFE2")
    draw.rectangle((140, 560, 340, 576), fill=colour)
    draw.rectangle((140, 610, 290, 620), fill=colour)
    big.resize((240, 480), Image.Resampling.LANCZOS).save(path)
    return path


def draw_logo(path: Path, colour: str) -> Path:
    """A ring and two bars, 360 × 120 RGBA."""
    big = Image.new("RGBA", (720, 240), (0, 0, 0, 0))
    draw = ImageDraw.Draw(big)
    draw.ellipse((20, 20, 220, 220), outline=colour, width=32)
    draw.rounded_rectangle((270, 60, 690, 110), 20, fill=colour)
    draw.rounded_rectangle((270, 140, 560, 180), 20, fill=colour)
    big.resize((360, 120), Image.Resampling.LANCZOS).save(path)
    return path
