"""No family lets a text overflow, in any script, at any placement, however long its headline.

Texts are laid out without being drawn, which is quick; a sample is drawn in full and looked at
pixel by pixel. By default every family meets every placement and every script, with headlines of
all lengths; `CONTENTFAB_ALL=1` runs all combinations.
"""

from __future__ import annotations

import itertools
import os
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import poster_cases as cases
import pytest
from script_cases import SCRIPTS

from contentfab.backends import _typst_phrases as phrases
from contentfab.backends._typst_geometry import rect_of
from contentfab.backends._typst_sheet import stand_product
from contentfab.backends._typst_told import read_frame
from contentfab.records.channel import Placement
from contentfab.records.pictures import KeyVisual, PosterRequest
from contentfab.rules.channels import load_channels

EVERYTHING = os.environ.get("CONTENTFAB_ALL") == "1"
ROLES = ("headline", "subline", "cta", "price", "disclaimer", "label")
MAY_GO = {"subline"}
"""What a small banner may leave out."""
COUNTS = (1, 5, 15)


@cache
def placements() -> dict[str, Placement]:
    """One of every size and safe area that a channel has."""
    found: dict[tuple[Any, ...], Placement] = {}
    for channel in load_channels().values():
        for place in channel.placements:
            found.setdefault((place.width, place.height, place.safe), place)
    return {f"{p.width}x{p.height}{'s' if any(p.safe) else ''}": p for p in found.values()}


def chosen(family: int, place: int) -> list[tuple[str, int]]:
    """Scripts and headline lengths that a family meets at a placement."""
    pairs = list(itertools.product(SCRIPTS, COUNTS))
    if EVERYTHING:
        return pairs
    return pairs[(3 * family + 5 * place) % 7 :: 7]


CASES = [
    pytest.param(family, size, chosen(i, j), id=f"{family}-{size}")
    for i, family in enumerate(cases.layout().families)
    for j, size in enumerate(placements())
]


def visual(place: Placement) -> KeyVisual:
    """A drawn picture of the placement's shape."""
    name = min(
        cases.SIZES,
        key=lambda n: abs(
            np.log(cases.SIZES[n][0] / cases.SIZES[n][1] * place.height / place.width)
        ),
    )
    return cases.key_visual(name)


def request(folder: Path, family: str, size: str, script: str, words: int) -> PosterRequest:
    case, place = SCRIPTS[script], placements()[size]
    brand = cases.WARM if words % 2 else cases.LOUD
    product = folder / "product.png"
    if not product.exists():
        cases.draw_product(product)
    return PosterRequest(
        key=f"{family}-{size}-{script}-{words}",
        variant="a",
        layout=family,
        placement=place,
        locale=case.locale,
        text=case.text(words),
        key_visual=visual(place),
        product_image=product,
        brand=brand,
        brand_dir=folder,
    )


def ready(request: PosterRequest) -> tuple[Any, dict[str, Any]]:
    """Fonts and data of the type's phase, with the product at its full size."""
    layout = cases.layout()
    job = layout._job(request)
    frame = read_frame(request.layout, layout._engine.layout(request.layout, job.fonts, job.data))
    product = rect_of(stand_product(request, frame, 1.0))
    return job.fonts, job.data | {"phase": "type", "product": product}


def laid_out(request: PosterRequest) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """The template's data and what it tells of the typeset page, which is not drawn."""
    fonts, data = ready(request)
    return data, cases.layout()._engine.layout(request.layout, fonts, data)


@pytest.mark.parametrize(("family", "size", "pairs"), CASES)
def test_no_text_overflows(
    family: str, size: str, pairs: list[tuple[str, int]], tmp_path: Path
) -> None:
    faults = []
    for script, words in pairs:
        asked = request(tmp_path, family, size, script, words)
        faults += [f"{asked.key}: {fault}" for fault in set_faults(asked, SCRIPTS[script].whole)]
    assert not faults, "\n".join(faults)


def set_faults(request: PosterRequest, whole: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with a poster's type as its template tells it."""
    data, told = laid_out(request)
    places = [place for record in told.get("text", []) for place in tight(data, record)]
    place = request.placement
    top, right, bottom, left = place.safe
    safe = (left * place.width, top * place.height,
            place.width - right * place.width, place.height - bottom * place.height)  # fmt: skip
    content = tuple(data["content"][edge] for edge in ("x0", "y0", "x1", "y1"))
    for role, box in places:
        # A label's plate may stand in the margin, letters may not.
        x0, y0, x1, y1 = safe if role == "label" else content
        over = max(x0 - box[0], y0 - box[1], box[2] - x1, box[3] - y1)
        if over > 1.5:
            yield f"{role} reaches {over:.1f} px out of its area"
    for (one, a), (other, b) in itertools.combinations(places, 2):
        across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        if one != other and across > 1 and down > 1:
            yield f"{one} and {other} share {across:.0f}×{down:.0f} px"
    yield from lost_texts(request, data, told)
    for record in told.get("text", []):
        lines = record.get("strings", ())
        if record["role"] == "headline" and len(lines) > 1:
            yield from bad_lines(lines, request, whole)


def tight(data: dict[str, Any], record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each line of a text from its capitals' top to its descenders' foot; told boxes are wider, so
    that marks and overhang are inside."""
    em, size, role = data["font"]["em"], record["size"], record["role"]
    drop = em["drop"] if role == "headline" else em["descent"]
    last = len(record["boxes"]) - 1
    for i, box in enumerate(record["boxes"]):
        if role == "label":
            yield role, (box["x0"] + 4, box["y0"], box["x1"] - 4, box["y1"])
            continue
        top = box["y0"] + (em["top"] - em["ascent"] if i == 0 else 0.0) * size
        foot = box["y1"] - ((1.6 * em["deep"] - drop) * size if i == last else 0.0)
        yield role, (box["x0"] + 0.1 * size, top, box["x1"] - 0.1 * size, foot)


def lost_texts(request: PosterRequest, data: dict[str, Any], told: Any) -> Iterator[str]:
    records = {record["role"]: record for record in told.get("text", [])}
    small = min(request.placement.width, request.placement.height) < 400
    for role in ROLES:
        wanted = getattr(request.text, role)
        if role not in records:
            if wanted and not (small and role in MAY_GO):
                yield f"{role} is not set"
        else:
            lines = records[role].get("strings")
            if lines and plain("".join(lines)) != plain(wanted):
                yield f"{role} is set as {lines}"
    if data["logo"] is None and "wordmark" not in records:
        yield "the wordmark is not set"
    if "headline" in records:
        size = records["headline"]["size"]
        if not 5 <= size <= 0.45 * min(request.placement.width, request.placement.height):
            yield f"the headline is set at {size:.0f} px"


def plain(text: str) -> str:
    """A text without what line breaking may change: spaces, hyphens, capitals."""
    folded = unicodedata.normalize("NFKC", text.upper()).replace("-", "")
    return "".join(folded.split())


def bad_lines(lines: list[str], request: PosterRequest, whole: tuple[str, ...]) -> Iterator[str]:
    shown = " / ".join(lines)
    for line in lines[1:]:
        if line[0] in phrases.CLOSING:
            yield f"a line starts with {line[0]!r}: {shown}"
    for line in lines[:-1]:
        if line[-1] in phrases.OPENING:
            yield f"a line ends with {line[-1]!r}: {shown}"
    for part in whole:
        if plain(part) in plain(shown) and not any(plain(part) in plain(line) for line in lines):
            yield f"{part!r} is parted: {shown}"
    letters = [c for c in lines[-1] if c.isalnum()]
    stacked = all(" " not in line.strip() for line in lines)
    if len(letters) < 3 and len(plain(request.text.headline)) > 10 and not stacked:
        yield f"the last line is a widow: {shown}"


DRAWN = [
    pytest.param(family, script, id=f"{family}-{script}")
    for family in cases.layout().families
    for script in SCRIPTS
]


@pytest.mark.parametrize(("family", "script"), DRAWN)
def test_no_glyph_is_cut(family: str, script: str, tmp_path: Path) -> None:
    """Ink that runs on outside the box of its text would lose its colour or its end."""
    sizes = list(placements())
    number = DRAWN.index(next(p for p in DRAWN if p.id == f"{family}-{script}"))
    drawn = sizes if EVERYTHING else sizes[number % len(sizes) :: len(sizes)]
    for size, words in itertools.product(drawn, COUNTS if EVERYTHING else (COUNTS[number % 3],)):
        asked = request(tmp_path, family, size, script, words)
        fonts, data = ready(asked)
        layer, told = cases.layout()._engine.draw(family, fonts, data)
        ink = layer[..., 3] > 40
        edge = np.concatenate(
            [ink[:2].ravel(), ink[-2:].ravel(), ink[:, :2].ravel(), ink[:, -2:].ravel()]
        )
        assert not edge.any(), f"{asked.key}: ink at the edge of the page"
        told_ink = np.zeros_like(ink)
        for record in told["text"]:
            # Between lines the renderer moves the border to where no ink is.
            x0 = max(0, round(min(box["x0"] for box in record["boxes"])))
            x1 = round(max(box["x1"] for box in record["boxes"]))
            y0, y1 = record["boxes"][0]["y0"], record["boxes"][-1]["y1"]
            part = np.s_[max(0, round(y0)) : round(y1), x0:x1]
            assert ink[part].any(), f"{asked.key}: {record['role']} has no ink"
            told_ink[part] = True
        around = cv2.dilate(told_ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        cut = np.argwhere(around & ~told_ink & ink)
        assert not len(cut), f"{asked.key}: a glyph is cut at {cut[0][::-1]}"
