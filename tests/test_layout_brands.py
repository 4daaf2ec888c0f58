"""Whatever a brand's colours, fonts and tokens are, its posters' texts are all there and read.

Two hundred brands by hypothesis, most of them ugly: clashing, pale, dark or nearly equal colours.
`CONTENTFAB_ALL=1` tries two thousand. Contrast is what inspection measures behind each text on the
finished raster, and the inks that it is told are looked for in the pixels.
"""

from __future__ import annotations

import os
import typing
from functools import cache
from pathlib import Path
from typing import Any

import annotated_types
import cv2
import numpy as np
import poster_cases as cases
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contentfab.records.brand import Brand, Fonts, Palette, Tokens
from contentfab.records.channel import Placement
from contentfab.records.pictures import KeyVisual, Poster, PosterRequest, PosterText, Stand
from contentfab.records.places import Area, Point
from contentfab.rules.pixels.colour import hex_to_rgb
from contentfab.stages.compose import compose

BRANDS = 2000 if os.environ.get("CONTENTFAB_ALL") == "1" else 200
PLACEMENTS = (
    Placement(id="4x5", width=432, height=540),
    Placement(id="1x1", width=420, height=420),
    Placement(id="1.91x1", width=800, height=419),
    Placement(id="9x16", width=540, height=960, safe=cases.STORY),
    Placement(id="300x250", width=300, height=250),
)
FAMILIES = ("Inter", "Source Serif 4", "Noto Sans", "Noto Serif", "JetBrains Mono")
TEXT = PosterText(
    "Slow brew. Bright morning.",
    "Ready when you are.",
    "Taste it",
    "$4.50",
    "Contains caffeine.",
    "AI-generated",
)
SAME_INK = 48
"""Levels by which a text's heaviest pixels may differ from its ink: thin strokes are never full."""

OF_TYPE = (
    "poster.contrast", "poster.text", "poster.safe", "poster.overlap", "poster.label",
    "poster.product-covered", "poster.render", "poster.size", "poster.glyph",
)  # fmt: skip
"""Rules about type; a random palette has no reason to fit the picture."""

colours = st.one_of(
    st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06X}"),
    st.integers(0, 255).map(lambda n: f"#{n:02X}{n:02X}{n:02X}"),
    st.sampled_from(("#FFFFFF", "#000000", "#777777", "#E2A85C", "#C8553D", "#FFFF00")),
)
palettes = st.one_of(
    st.builds(
        Palette,
        primary=colours,
        background=colours,
        text=colours,
        accent=colours,
        secondary=st.none() | colours,
    ),
    colours.map(lambda c: Palette(primary=c, background=c, text=c, accent=c)),
)
fonts = st.builds(
    Fonts,
    heading=st.sampled_from(FAMILIES),
    body=st.sampled_from(FAMILIES),
    heading_weight=st.sampled_from((100, 300, 400, 600, 700, 900)),
)


def any_value(field: Any) -> st.SearchStrategy[Any]:
    """Values that a field of a record takes; its default where nothing tells which."""
    if typing.get_origin(field.annotation) is typing.Literal:
        return st.sampled_from(typing.get_args(field.annotation))
    if field.annotation is bool:
        return st.booleans()
    limits = {type(m): m for m in field.metadata}
    if annotated_types.Ge in limits and annotated_types.Le in limits:
        low, high = limits[annotated_types.Ge].ge, limits[annotated_types.Le].le
        if field.annotation is int:
            return st.integers(low, high)
        return st.floats(low, high).map(lambda n: round(n, 2))
    return st.just(field.get_default(call_default_factory=True))


tokens = st.fixed_dictionaries(
    {name: any_value(field) for name, field in Tokens.model_fields.items()}
).map(lambda values: Tokens(**values))
brands = st.builds(
    Brand,
    id=st.just("random"),
    name=st.sampled_from(("Northlight", "VELTRA", "Åby & Söner")),
    palette=palettes,
    fonts=fonts,
    tokens=tokens,
)


@cache
def ground(kind: str) -> Any:
    """A picture to set type on: calm, in two halves, or restless."""
    y, x = np.mgrid[0:640, 0:640] / 640.0
    if kind == "calm":
        picture = np.stack([226 - 60 * y, 168 - 40 * y, 92 + 30 * x], axis=2)
    elif kind == "halves":
        picture = np.where((x + 0.3 * y < 0.6)[..., None], (28, 30, 38), (236, 232, 226))
    else:
        noise = np.random.default_rng(7).integers(0, 256, (20, 20, 3)).astype(np.uint8)
        picture = cv2.resize(noise, (640, 640), interpolation=cv2.INTER_NEAREST)
    pixels = np.ascontiguousarray(picture.astype(np.uint8))
    pixels.setflags(write=False)
    return pixels


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cases.draw_product(tmp_path_factory.mktemp("brands") / "product.png", 120, 256)


@pytest.mark.parametrize("family", cases.layout().families)
def test_every_text_of_every_brand_reads(family: str, product: Path) -> None:
    share = max(1, BRANDS // len(cases.layout().families))

    @settings(
        max_examples=share,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        brand=brands,
        placement=st.sampled_from(PLACEMENTS),
        kind=st.sampled_from(("calm", "halves", "busy")),
    )
    def reads(brand: Brand, placement: Placement, kind: str) -> None:
        made = made_of(brand, placement, kind, family, product)
        assert type_faults(made) == []
        assert unseen(made) == []

    reads()


def made_of(brand: Brand, placement: Placement, kind: str, family: str, product: Path) -> Poster:
    stand = Stand(Point(0.5, 0.8), 0.5, 0.4, 0.4)
    made_by = cases.key_visual("1x1").provenance
    visual = KeyVisual("picture", ground(kind), made_by, stand, (Area(0.05, 0.05, 0.95, 0.35),))
    request = PosterRequest(
        key="brand",
        variant="a",
        layout=family,
        placement=placement,
        locale="en-US",
        text=TEXT,
        key_visual=visual,
        product_image=product,
        brand=brand,
        brand_dir=product.parent,
    )
    (poster,) = compose([request], cases.layout(), other_families=False)
    return poster


def type_faults(poster: Poster) -> list[str]:
    errors = [finding for finding in poster.findings if finding.level == "error"]
    return [f"{f.rule}: {f.message}" for f in errors if f.rule.startswith(OF_TYPE)]


def unseen(poster: Poster) -> list[str]:
    """Texts whose told ink is not among the pixels of their box."""
    lost = []
    for text in poster.texts:
        box = text.box
        pixels = poster.pixels[box.y0 : box.y1, box.x0 : box.x1].astype(int)
        off = np.abs(pixels - np.array(hex_to_rgb(text.ink))).max(axis=2)
        if off.min() > SAME_INK:
            lost.append(f"{text.role} in {text.ink}: nearest pixel {off.min()} levels off")
    return lost
