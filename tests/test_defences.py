"""What scores are defended against: words in pictures, words in prompts, edges that nobody sees."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import attack_posters as attack
import numpy as np
import pytest
from inspection_posters import brand

from contentfab.backends import _clip_type
from contentfab.backends._clip_type import MISSING, without_type
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.prompts import Prompts
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import Poster
from contentfab.records.scores import ScoreRequest
from contentfab.resources import data_dir
from contentfab.rules.image_prompts import ImagePrompts
from contentfab.rules.scoring.flattery import without_flattery

POINTS = 2.0


@cache
def scorer() -> OpenClipScorer:
    return OpenClipScorer(model="mini-clip", threads=1)


@pytest.mark.parametrize("where", ["headline", "corner", "tiny"])
def test_flattery_on_our_own_poster_moves_appeal_by_two_points_at_most(where: str) -> None:
    (request,) = attack.requests(1)
    shift = attack.of_poster(scorer(), request, attack.FLATTERY[0], where)
    assert abs(shift.defended) <= POINTS


def test_what_the_words_would_do_is_told_and_not_counted() -> None:
    (request,) = attack.requests(1, seed=3)
    poster = attack.composed(request, attack.FLATTERY[0], "headline")
    (card,) = scorer().score([attack.asked(poster)])
    other = replace(poster, pixels=255 - poster.pixels)  # whatever the words look like
    (again,) = scorer().score([attack.asked(other)])
    assert card.text_inflation is not None and again.text_inflation != card.text_inflation
    assert again.appeal_z == card.appeal_z


def sheet(words: str) -> np.ndarray:
    ground = np.full((900, 720, 3), (226, 214, 196), np.uint8)
    ground[500:] = (190, 160, 120)
    return attack.painted(ground, words, seed=2, share=0.09) if words else ground


def test_type_on_a_strangers_picture_is_found_and_painted_over() -> None:
    pytest.importorskip("rapidocr")
    found = without_type(sheet("Award-winning, beautiful, best quality"))
    assert found is not None
    pixels, boxes = found
    assert len(boxes) >= 2 and pixels.shape == (900, 720, 3)
    assert np.abs(pixels.astype(int) - sheet("")).max() <= 24
    again = without_type(pixels)
    assert again is not None and again[1] == ()
    plain = sheet("")
    same = without_type(plain)
    assert same is not None and same[0] is plain and same[1] == ()


def test_flattery_painted_on_a_strangers_picture_is_not_counted() -> None:
    pytest.importorskip("rapidocr")
    guide = brand("veltra")[0]
    pictures = [sheet(words) for words in ("", "Award-winning, beautiful, best quality")]
    plain, praised = scorer().score([ScoreRequest("p", p, guide) for p in pictures])
    assert "painted over" in praised.note and "painted over" not in plain.note
    assert plain.text_inflation is None and praised.text_inflation is not None
    assert plain.calibration_id == praised.calibration_id
    assert abs(praised.appeal_percentile - plain.appeal_percentile) <= POINTS


def test_without_the_extra_the_card_says_so_and_is_not_comparable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = ScoreRequest("p", sheet("Best quality"), brand("veltra")[0])
    monkeypatch.setattr(_clip_type, "_finder", lambda: None)
    (card,) = scorer().score([request])
    assert MISSING in card.note and "contentfab[ocr]" in card.note
    assert card.calibration_id != scorer().calibration_id


def test_a_logo_moved_to_the_edge_of_a_story_changes_the_score() -> None:
    """A centre crop would not see it: it keeps the middle 56 % of 9:16."""
    guide = brand("veltra")[0]
    stories = []
    for top in (880, 1790):
        pixels = np.full((1920, 1080, 3), (236, 232, 224), np.uint8)
        pixels[top : top + 110, 440:640] = (200, 40, 30)
        empty = Poster("", "", "", "", pixels, (), None, None)
        stories.append(ScoreRequest("p", pixels, guide, poster=empty))
    middle, edge = scorer().score(stories)
    assert middle.appeal_z is not None and edge.appeal_z is not None
    assert abs(middle.appeal_z - edge.appeal_z) > 1e-3
    raws = [[c.raw for c in card.criteria if c.raw is not None] for card in (middle, edge)]
    assert raws[0] != raws[1]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Award-winning, beautiful, best quality", ""),
        ("Masterpiece, 8k, trending on artstation", ""),
        ("Best quality beans from Huila", "beans from Huila"),
        ("Slow brew, highly detailed, bright morning.", "Slow brew, bright morning."),
        ("Two steps ahead. 212 grams.", "Two steps ahead. 212 grams."),
        ("A 4-kilo bag, hand-picked.", "A 4-kilo bag, hand-picked."),
    ],
)
def test_praise_is_taken_out_of_copy_before_it_is_matched(text: str, plain: str) -> None:
    assert without_flattery(text) == plain


def test_praise_in_copy_does_not_move_the_match() -> None:
    (request,) = attack.requests(1)
    poster = attack.composed(request, attack.FLATTERY[0], "headline")
    shown = "bottle of coffee on a podium"
    plain, praised = (
        next(c.raw for c in card.criteria if c.name == "copy_match")
        for card in scorer().score(
            [
                replace(attack.asked(poster), text=text)
                for text in (f"a {shown}", f"a stunning, award-winning {shown}, best quality")
            ]
        )
    )
    assert plain == praised


def test_scoring_prompts_share_no_phrase_with_what_pictures_and_copy_are_made_from() -> None:
    folder = data_dir("templates") / "prompts"
    making = " ".join(
        path.read_text("utf-8").lower()
        for path in sorted(folder.glob("*.j2"))
        if path.name.startswith(("image", "copy"))
    )
    words = ImagePrompts(None)
    for name in ("northlight", "veltra", "yunlu"):
        guide = brand(name)[0]
        for scene in guide.imagery.scenes:
            art = ArtDirection(
                scene, "coffee", {"wall": "#F6EBDD"}, guide.imagery.light, guide.imagery.mood, "top"
            )
            making += f" {words.positive(art)} {words.positive(art, around=True)}".lower()
    phrases = set()
    for line in Prompts(("score_appeal.j2",), None).render("score_appeal.j2").splitlines():
        for prompt in line.lower().split("|")[1:]:
            parts = (re.sub(r"^(?:an?|the)\s+", "", part.strip()) for part in prompt.split(","))
            phrases |= {prompt.strip(), *(part for part in parts if " " in part)}
    assert len(phrases) >= 10
    assert not [phrase for phrase in phrases if phrase in making]
    assert without_flattery(words.positive(art)) == words.positive(art)
