"""Inspection finds what is wrong with a poster: each rule on a poster with that one fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import poster_cases as cases
import pytest

from contentfab.records.pictures import Poster, PosterRequest
from contentfab.records.places import Box
from contentfab.rules.inspect import inspect
from contentfab.stages.compose import compose


@pytest.fixture
def made(tmp_path: Path) -> tuple[PosterRequest, Poster]:
    request = cases.request(tmp_path)
    return request, cases.layout().render([request])[0]


def errors(request: PosterRequest, poster: Poster) -> set[str]:
    found = inspect(poster, request.placement, request.text, request.product_image)
    return {finding.rule for finding in found if finding.level == "error"}


def moved(poster: Poster, role: str, box: Box) -> Poster:
    texts = tuple(replace(t, box=box) if t.role == role else t for t in poster.texts)
    return replace(poster, texts=texts)


def test_a_good_poster_has_no_error(made: tuple[PosterRequest, Poster]) -> None:
    assert errors(*made) == set()


def test_one_changed_product_pixel_is_found(made: tuple[PosterRequest, Poster]) -> None:
    request, poster = made
    assert poster.product_box is not None
    x = (poster.product_box.x0 + poster.product_box.x1) // 2
    y = (poster.product_box.y0 + poster.product_box.y1) // 2
    pixels = poster.pixels.copy()
    pixels[y, x, 1] += 1
    assert errors(request, replace(poster, pixels=pixels)) == {"poster.product-locked"}


def test_text_in_the_margin_that_the_platform_covers(made: tuple[PosterRequest, Poster]) -> None:
    request, poster = made
    placement = request.placement.model_copy(update={"safe": (0.2, 0.0, 0.0, 0.0)})
    assert errors(replace(request, placement=placement), poster) == {"poster.safe-area"}


def test_text_over_text_and_over_the_product(made: tuple[PosterRequest, Poster]) -> None:
    request, poster = made
    headline = next(t.box for t in poster.texts if t.role == "headline")
    assert "poster.overlap" in errors(request, moved(poster, "subline", headline))
    assert poster.product_box is not None
    assert "poster.product-covered" in errors(request, moved(poster, "ad", poster.product_box)) or (
        "poster.product-covered" in errors(request, moved(poster, "price", poster.product_box))
    )


def test_ink_that_cannot_be_read(made: tuple[PosterRequest, Poster]) -> None:
    request, poster = made
    faint = tuple(replace(t, ink="#E0A458") if t.role == "subline" else t for t in poster.texts)
    assert errors(request, replace(poster, texts=faint)) == {"poster.contrast"}


def test_a_label_that_is_missing_or_too_low(made: tuple[PosterRequest, Poster]) -> None:
    request, poster = made
    without = tuple(t for t in poster.texts if t.role != "label")
    assert "poster.label" in errors(request, replace(poster, texts=without))
    box = next(t.box for t in poster.texts if t.role == "label")
    pixels = poster.pixels.copy()
    assert poster.background is not None
    rows = slice(box.y0, box.y0 + box.height // 2)
    pixels[rows, box.x0 : box.x1] = poster.background[rows, box.x0 : box.x1]
    assert errors(request, replace(poster, pixels=pixels)) == {"poster.label"}


def test_a_blank_ground_a_wrong_size_and_missing_text(
    made: tuple[PosterRequest, Poster],
) -> None:
    request, poster = made
    grey = np.full_like(poster.pixels, 120)
    assert "poster.blank" in errors(request, replace(poster, background=grey))
    small = replace(poster, pixels=poster.pixels[:-1])
    assert "poster.size" in errors(request, small)
    asked = replace(request, text=replace(request.text, ad="Anzeige"))
    assert errors(asked, poster) == {"poster.text-missing"}


class Stubborn:
    """Sets every poster in another family than was asked, except that `good` comes out clean."""

    id = "stubborn"
    families = ("bad", "good", "worse")

    def __init__(self, poster: Poster, good: str) -> None:
        self.poster, self.good, self.asked = poster, good, []  # type: ignore[var-annotated]

    def render(self, requests: Sequence[PosterRequest]) -> list[Poster]:
        self.asked += [request.layout for request in requests]
        return [
            replace(
                self.poster,
                key=request.key,
                layout=request.layout,
                texts=self.poster.texts if request.layout == self.good else (),
            )
            for request in requests
        ]


def test_a_poster_that_fails_is_set_in_the_next_family(
    made: tuple[PosterRequest, Poster],
) -> None:
    request, poster = made
    layout = Stubborn(poster, "worse")
    (mended,) = compose([replace(request, layout="good")], layout)
    assert layout.asked == ["good", "worse"] and mended.layout == "worse"
    assert not any(finding.level == "error" for finding in mended.findings)


def test_a_poster_that_no_family_mends_keeps_its_findings(
    made: tuple[PosterRequest, Poster],
) -> None:
    request, poster = made
    layout = Stubborn(poster, "none")
    (kept,) = compose([replace(request, layout="good")], layout)
    assert layout.asked == ["good", "worse", "bad"] and kept.layout == "good"
    assert "poster.text-missing" in {f.rule for f in kept.findings if f.level == "error"}
