"""Inspection of what a layout hands over: the next family, findings, and what is not checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import poster_cases as cases
import pytest

from contentfab.records.brand import Logo
from contentfab.records.pictures import Poster, PosterRequest
from contentfab.records.places import Box
from contentfab.rules.inspection import RULES, Subject, about, inspect
from contentfab.stages.compose import compose, subject


@pytest.fixture
def made(tmp_path: Path) -> tuple[PosterRequest, Poster]:
    request = cases.request(tmp_path, size="640x800")
    return request, cases.layout().render([request])[0]


def errors(request: PosterRequest, poster: Poster) -> set[str]:
    found = inspect(subject(request, poster)).findings
    return {finding.rule for finding in found if finding.level == "error"}


def moved(poster: Poster, role: str, box: Box) -> Poster:
    texts = tuple(replace(t, box=box, rows=(box,)) if t.role == role else t for t in poster.texts)
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


def test_type_over_a_corner_of_the_product_box_that_is_empty_is_no_fault(
    made: tuple[PosterRequest, Poster],
) -> None:
    request, poster = made
    box = poster.product_box
    assert box is not None
    corner = Box(box.x0, box.y0, box.x0 + 6, box.y0 + 6)  # beside the bottle's neck
    assert "poster.product-covered" not in errors(request, moved(poster, "price", corner))
    assert "poster.product-covered" in errors(request, moved(poster, "price", box))


def test_a_brand_with_a_logo_has_it_on_its_posters(made: tuple[PosterRequest, Poster]) -> None:
    request, poster = made
    brand = request.brand.model_copy(update={"logo": Logo(file="logo.png")})
    without = replace(poster, logo_box=None)
    assert "poster.logo-missing" in errors(replace(request, brand=brand), without)


def test_what_was_asked_for_is_on_the_poster(made: tuple[PosterRequest, Poster]) -> None:
    request, poster = made
    asked = replace(request, text=replace(request.text, ad="Anzeige"))
    assert errors(asked, poster) == {"poster.text-missing"}
    other = replace(request, text=replace(request.text, price="$4.00"))
    assert errors(other, poster) == {"poster.text-missing"}


def test_a_subline_that_had_no_room_is_a_warning(made: tuple[PosterRequest, Poster]) -> None:
    request, poster = made
    box = next(t.box for t in poster.texts if t.role == "subline")
    pixels = poster.pixels.copy()
    assert poster.background is not None
    part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
    pixels[part] = poster.background[part]
    texts = tuple(t for t in poster.texts if t.role != "subline")
    without = replace(poster, pixels=pixels, texts=texts)
    found = inspect(subject(request, without)).findings
    assert [f.rule for f in found if f.level == "warn"] == ["poster.text-missing"]
    assert errors(request, without) == set()


def test_the_label_of_a_jurisdiction_that_asks_for_more(
    made: tuple[PosterRequest, Poster],
) -> None:
    request, poster = made
    taller = replace(subject(request, poster), label_share=0.08)
    assert [f.rule for f in inspect(taller).findings if f.level == "error"] == ["poster.label"]


def test_of_a_strangers_picture_only_the_picture_is_judged(
    made: tuple[PosterRequest, Poster],
) -> None:
    report = inspect(Subject(made[1].pixels))
    assert report.ok
    assert {f.rule for f in report.findings} <= {rule.id for rule in RULES}
    unknown = {"poster.contrast", "poster.label", "poster.product-locked", "poster.palette"}
    assert unknown <= report.not_checked.keys()
    assert not {f.rule for f in report.findings} & report.not_checked.keys()
    assert all(about(rule) and reason for rule, reason in report.not_checked.items())


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


def test_an_arm_of_an_experiment_keeps_its_family(made: tuple[PosterRequest, Poster]) -> None:
    request, poster = made
    layout = Stubborn(poster, "worse")
    (kept,) = compose([replace(request, layout="good")], layout, other_families=False)
    assert layout.asked == ["good"] and kept.layout == "good"


def test_a_poster_that_no_family_mends_keeps_its_findings(
    made: tuple[PosterRequest, Poster],
) -> None:
    request, poster = made
    layout = Stubborn(poster, "none")
    (kept,) = compose([replace(request, layout="good")], layout)
    assert layout.asked == ["good", "worse", "bad"] and kept.layout == "good"
    assert "poster.text-missing" in {f.rule for f in kept.findings if f.level == "error"}
    others = [f.message for f in kept.findings if f.rule == "poster.other-layout"]
    assert [message.split()[1] for message in others] == ["worse", "bad"]
