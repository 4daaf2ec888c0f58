"""The model-free scorer: every criterion moves the right way when its one thing gets worse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from contentfab.backends.scorer_design import DesignScorer
from contentfab.errors import BadOutput
from contentfab.records.brand import Brand, Logo, Palette
from contentfab.records.pictures import Poster, TextBox
from contentfab.records.places import Box
from contentfab.records.scores import Criterion, ScoreCard, ScoreRequest
from contentfab.rules.scoring.gates import CAP
from contentfab.stages.score import score

JADE, CREAM, INK, CORAL = "#1F4D43", "#F3E9DC", "#1B1B1B", "#C8553D"
BRAND = Brand(
    id="aurea",
    name="Aurea",
    palette=Palette(primary=JADE, background=CREAM, text=INK, accent=CORAL),
    logo=Logo(file="logo.png"),
)


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def studio(wall: str = CREAM, floor: str = JADE) -> np.ndarray:
    """A lit wall over a floor, 720 × 900: the scene without product or type."""
    picture = np.empty((900, 720, 3), np.float64)
    picture[:640], picture[640:] = rgb(wall), rgb(floor)
    light = np.linspace(1.0, 0.8, 720)[None, :, None]
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def text(role: str, box: Box, size: float, ink: str = INK, weight: int = 400) -> TextBox:
    return TextBox(role, role, box, size, ink, weight)


def poster(**changes: Any) -> Poster:
    """A sound poster: type above, product in the middle, logo in a corner."""
    background = changes.pop("background", studio())
    pixels = background.copy()
    product = changes.get("product_box", Box(250, 330, 470, 760))
    if product is not None:
        cv2.rectangle(pixels, product[:2], product[2:], rgb(CORAL), -1)
    made = Poster(
        key="k",
        variant="v",
        placement="4x5",
        layout="hero",
        pixels=pixels,
        texts=(
            text("headline", Box(60, 60, 560, 120), 52, weight=700),
            text("subline", Box(60, 140, 500, 170), 26),
            text("cta", Box(60, 820, 220, 850), 24, ink="#FFFFFF"),
        ),
        product_box=product,
        logo_box=Box(560, 820, 680, 850),
        background=background,
    )
    return replace(made, **changes)


def card_of(made: Poster, brand: Brand = BRAND) -> ScoreCard:
    (card,) = score([ScoreRequest("k", made.pixels, brand, poster=made)], DesignScorer())
    return card


def criterion(card: ScoreCard, name: str) -> Criterion:
    return next(c for c in card.criteria if c.name == name)


def test_a_sound_poster_scores_high_and_says_that_no_clip_was_used() -> None:
    card = card_of(poster())
    assert card.appeal is not None and card.appeal > 0.85
    assert card.brand_fit is not None and card.brand_fit > 0.9
    assert (card.uses_clip, card.model) == (False, "design-criteria/2")
    assert "no CLIP model" in card.note
    assert [c.name for c in card.criteria] == [
        "palette", "logo", "contrast", "calm", "text_fit", "hierarchy", "product",
        "sharpness", "balance",
    ]  # fmt: skip
    assert all(c.explanation for c in card.criteria)


def test_scores_do_not_depend_on_the_batch() -> None:
    requests = [
        ScoreRequest(str(n), made.pixels, BRAND, poster=made)
        for n, made in enumerate([poster(), poster(background=studio("#8A2BE2"))])
    ]
    both = DesignScorer().score(requests)
    assert both == [DesignScorer().score([request])[0] for request in requests]


def test_palette_names_the_colour_that_is_off_and_by_how_much() -> None:
    off = criterion(card_of(poster(background=studio(wall="#8A2BE2"))), "palette")
    on = criterion(card_of(poster()), "palette")
    assert off.value < 0.5 < 0.9 < on.value
    assert "ΔE" in off.explanation and "nearest brand colour" in off.explanation


def test_palette_looks_at_the_scene_and_never_at_the_product() -> None:
    scene = studio()
    purple = scene.copy()
    product = Box(250, 330, 470, 760)
    cv2.rectangle(purple, product[:2], product[2:], (138, 43, 226), -1)
    assert criterion(card_of(poster(background=purple)), "palette").value == pytest.approx(
        criterion(card_of(poster(background=scene)), "palette").value, abs=0.05
    )


def test_unreadable_type_caps_appeal() -> None:
    pale = text("headline", Box(60, 60, 560, 120), 52, ink="#E0D5C5", weight=700)
    card = card_of(poster(texts=(pale, *poster().texts[1:])))
    found = criterion(card, "contrast")
    assert found.value < 0.3
    assert "headline" in found.explanation and "needs 3:1" in found.explanation
    assert card.appeal is not None and card.appeal <= CAP


def test_contrast_is_taken_on_the_ground_behind_each_text() -> None:
    """White on the dark floor is fine; the same white on the pale wall is not."""
    white = text("cta", Box(60, 300, 220, 330), 24, ink="#FFFFFF")
    assert criterion(card_of(poster()), "contrast").value > 0.9
    assert criterion(card_of(poster(texts=(*poster().texts[:2], white))), "contrast").value < 0.3


def test_small_text_needs_more_contrast_than_large() -> None:
    grey = {"ink": "#666666", "box": Box(60, 60, 560, 120)}
    large = criterion(card_of(poster(texts=(text("subline", size=30, **grey),))), "contrast")
    small = criterion(card_of(poster(texts=(text("subline", size=20, **grey),))), "contrast")
    assert large.value >= 0.55 > small.value


def test_a_busy_ground_behind_type_is_not_calm() -> None:
    noisy = studio()
    noise = np.random.default_rng(1).integers(0, 255, (120, 600, 3), np.uint8)
    noisy[50:170, 40:640] = noise
    found = criterion(card_of(poster(background=noisy)), "calm")
    assert found.value < 0.4
    assert criterion(card_of(poster()), "calm").value > 0.95


def test_blur_is_seen_but_noise_free_calm_is_not_punished() -> None:
    blurred = cv2.GaussianBlur(studio(), (0, 0), 6)
    assert criterion(card_of(poster(background=blurred)), "sharpness").value < 0.3
    assert criterion(card_of(poster()), "sharpness").value > 0.9


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ((text("headline", Box(500, 60, 900, 120), 52),), "outside"),
        ((text("headline", Box(60, 60, 160, 70), 9),), "headline is 1.2%"),
        (
            (
                text("headline", Box(60, 60, 560, 120), 52),
                text("subline", Box(60, 80, 500, 130), 26),
            ),
            "overlap",
        ),
        ((text("headline", Box(0, 0, 720, 800), 300),), "covers"),
    ],
)
def test_type_that_does_not_fit_is_named(texts: tuple[TextBox, ...], says: str) -> None:
    found = criterion(card_of(poster(texts=texts)), "text_fit")
    assert found.value < 0.6
    assert says in found.explanation


def test_type_of_which_no_text_leads_scores_lower() -> None:
    level = text("subline", Box(60, 140, 500, 190), 50)
    found = criterion(card_of(poster(texts=(poster().texts[0], level))), "hierarchy")
    assert found.value < 0.3 and "1.0 ×" in found.explanation
    assert criterion(card_of(poster()), "hierarchy").value > 0.8
    assert "hierarchy" not in [c.name for c in card_of(poster(texts=(level,))).criteria]


def test_a_tiny_or_covered_product_scores_lower() -> None:
    tiny = criterion(card_of(poster(product_box=Box(350, 500, 370, 540))), "product")
    covering = text("headline", Box(250, 400, 470, 600), 52)
    covered = criterion(card_of(poster(texts=(covering,))), "product")
    sound = criterion(card_of(poster()), "product")
    assert tiny.value < 0.4 and covered.value < 0.4 < 0.9 < sound.value
    assert "type covers" in covered.explanation


def test_no_product_is_no_criterion() -> None:
    names = [c.name for c in card_of(poster(product_box=None)).criteria]
    assert "product" not in names


def test_a_missing_logo_costs_brand_fit() -> None:
    card = card_of(poster(logo_box=None))
    assert criterion(card, "logo").value == 0
    assert card.brand_fit is not None and card.brand_fit < 0.5
    without = BRAND.model_copy(update={"logo": None})
    assert "logo" not in [c.name for c in card_of(poster(logo_box=None), without).criteria]


def test_type_in_the_logos_clear_space_is_named() -> None:
    near = text("disclaimer", Box(400, 825, 555, 845), 16)
    found = criterion(card_of(poster(texts=(*poster().texts, near))), "logo")
    assert "disclaimer" in found.explanation and found.value <= 0.5


def test_a_lopsided_picture_is_less_balanced() -> None:
    made = poster(product_box=Box(10, 330, 130, 760), background=studio(CREAM, CREAM))
    centred = poster(background=studio(CREAM, CREAM))
    assert (
        criterion(card_of(made), "balance").value
        < criterion(card_of(centred), "balance").value - 0.2
    )


def test_any_picture_can_be_scored_without_a_poster() -> None:
    (card,) = DesignScorer().score([ScoreRequest("k", studio(), BRAND)])
    assert [c.name for c in card.criteria] == ["palette", "calm", "sharpness", "balance"]
    assert card.appeal is not None and card.brand_fit is not None


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 400, 3), (2000, 40, 3)])
@pytest.mark.parametrize("level", [0, 255])
def test_odd_pictures_score_without_failing(shape: tuple[int, ...], level: int) -> None:
    pixels = np.full(shape, level, np.uint8)
    (card,) = score([ScoreRequest("k", pixels, BRAND)], DesignScorer())
    assert card.appeal is not None and 0 <= card.appeal <= 1


class _Broken:
    id = "broken/1"

    def __init__(self, cards: list[ScoreCard]) -> None:
        self.cards = cards

    def score(self, requests: Any) -> list[ScoreCard]:
        return self.cards


def test_the_stage_refuses_a_scorer_that_breaks_its_contract() -> None:
    request = ScoreRequest("k", studio(), BRAND)
    (card,) = DesignScorer().score([request])
    for cards in ([], [replace(card, key="x")], [replace(card, appeal=float("nan"))],
                  [replace(card, brand_fit=1.2)]):  # fmt: skip
        with pytest.raises(BadOutput, match="broken/1"):
            score([request], _Broken(cards))
    assert score([], _Broken([])) == []
