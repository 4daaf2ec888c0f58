"""What scores are defended against: words in pictures, words in prompts, edges that nobody sees."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import attack_climb
import attack_posters as attack
import numpy as np
import pytest
from inspection_posters import brand, generator
from PIL import Image, ImageDraw, ImageFont

from contentfab.backends import _clip_type
from contentfab.backends._clip_type import MISSING, without_type
from contentfab.backends.scorer_openclip import OpenClipScorer
from contentfab.prompts import Prompts
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import PictureRequest, Poster
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
    twins = attack.of_poster(scorer(), request, attack.FLATTERY[0], where)
    assert twins.words is not None
    assert abs(twins.words.defended) <= POINTS


def test_a_twin_whose_lines_break_elsewhere_is_told_from_one_that_is_set_alike() -> None:
    (request,) = attack.requests(1)
    lines = [
        attack.composed(request, (headline, "Award-winning"), "headline")
        for headline in ("Best quality", "Bset quality", "Best qua li ty of all the year")
    ]
    assert attack.alike(lines[0], lines[1]) and not attack.alike(lines[0], lines[2])


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
    assert np.abs(pixels.astype(int) - sheet("")).max() <= 3
    again = without_type(pixels)
    assert again is not None and again[1] == ()
    plain = sheet("")
    same = without_type(plain)
    assert same is not None and same[0] is plain and same[1] == ()


@pytest.mark.parametrize("bright", [False, True])
def test_letters_go_and_what_runs_behind_them_stays(bright: bool) -> None:
    """Dark letters on a light wall and the reverse, over an edge of the ground and beside a thing
    that is as thin as they are, but of another colour."""
    pytest.importorskip("rapidocr")
    ground = np.full((600, 900, 3), (226, 214, 196), np.uint8)
    ground[:, 480:] = (150, 120, 200)
    ground = 255 - ground if bright else ground
    thin = np.s_[150:156, 60:400]
    ground[thin] = (200, 30, 40)
    found = without_type(attack.painted(ground, "Best quality", seed=2, share=0.14, at=0.28))
    assert found is not None and found[1]
    off = np.abs(found[0].astype(int) - ground).max(axis=2)
    assert off.mean() < 0.5 and (off > 24).mean() < 0.005
    assert off[thin].max() <= 3


def test_type_whose_letters_cannot_be_told_is_painted_over_whole() -> None:
    """Outlined letters: the strokes leave their outlines, which can still be read."""
    pytest.importorskip("rapidocr")
    image = Image.new("RGB", (900, 600), (120, 140, 150))
    font = ImageFont.truetype(str(attack.font_file("Inter[")), 84)
    draw = ImageDraw.Draw(image)
    draw.text((60, 200), "Best quality", (250, 60, 60), font, stroke_width=6, stroke_fill="white")
    found = without_type(np.asarray(image))
    assert found is not None and len(found[1]) == 1
    again = without_type(found[0])
    assert again is not None and again[1] == ()


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


@cache
def climbed(exact: bool) -> attack_climb.Climb:
    (request,) = attack.requests(1, seed=2)
    art = attack.art_of(request, 2)
    (visual,) = generator().generate([PictureRequest("climb", 2, 192, 240, art)])
    dull = attack_climb.dulled(visual.pixels)
    return attack_climb.climb(dull, art, 80 if exact else 250, seed=7, exact=exact)


def test_a_climb_on_the_selector_leaves_the_reporter_where_it_was() -> None:
    """From a picture with room to climb; a thousand steps on larger ones: make bench-attacks."""
    done = climbed(False)
    assert done.scores[0] < 0.96
    low, high = attack.appeal_z(scorer(), [done.before, done.after])
    assert abs(high - low) <= 0.3
    assert done.accepted <= 2


def test_the_same_climber_would_climb_by_differences_that_mean_nothing() -> None:
    done = climbed(True)
    assert done.accepted >= 10
    assert done.scores[1] > done.scores[0] + 0.01


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
