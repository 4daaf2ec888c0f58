"""Best of N key visuals: the choice, its guard-rails, and its record in a run."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from attack_climb import MOVES
from campaigns import make_campaign
from command import contentfab, run_json

from contentfab.backends.image_plates import PlatesImageGenerator
from contentfab.errors import BackendError, BadOutput, InputError
from contentfab.flow.candidates import chosen
from contentfab.records.brief import ArtDirection
from contentfab.records.pictures import KeyVisual, PictureRequest
from contentfab.records.plan import PictureJob
from contentfab.rules.scoring import selection
from contentfab.rules.scoring.selection import choose, rate

SMALL = {"channels": ["wechat.moments", "sms"], "placements": {"wechat.moments": ["4x5"]}}
CLIP = ("--set", "score.backend=openclip", "--set", "score.model=mini-clip")
PALETTE = {"wall": "#F6EBDD", "podium": "#E0A458", "accent": "#C8553D"}


def art(scene: str = "podium") -> ArtDirection:
    return ArtDirection(scene, "coffee", PALETTE, "soft morning light", "calm", "top")


@pytest.fixture(scope="module")
def visual() -> KeyVisual:
    request = PictureRequest("one", 3, 480, 600, art())
    return PlatesImageGenerator().generate([request])[0]


class Spoiling:
    """The plates, every picture of an even seed spoiled, or failed where `fails` says so."""

    id, batch_size = "spoiling/1", 2

    def __init__(self, fails: frozenset[int] = frozenset()) -> None:
        self._plates, self._fails, self.batches = PlatesImageGenerator(), fails, list[int]()

    def generate(self, requests: list[PictureRequest]) -> list[KeyVisual]:
        self.batches.append(len(requests))
        if any(request.seed in self._fails for request in requests):
            raise BadOutput("no picture")
        made = self._plates.generate(requests)
        return [
            replace(visual, pixels=MOVES["JPEG at 8"](visual.pixels))
            if request.seed % 2 == 0
            else visual
            for request, visual in zip(requests, made, strict=True)
        ]


def job(candidates: int, seed: int = 40) -> PictureJob:
    return PictureJob(PictureRequest("k", seed, 320, 400, art()), candidates)


def test_the_best_goes_on_and_what_is_nearly_as_good_is_a_tie_for_the_first() -> None:
    assert choose([0.4, 0.9, 0.7]) == 1
    assert choose([0.895, 0.9, 0.885, 0.91]) == 0
    assert choose([None, 0.3, 0.9]) == 2
    with pytest.raises(ValueError, match="nothing to choose"):
        choose([None, None])


def test_a_spoiled_candidate_loses_and_all_are_recorded() -> None:
    generator = Spoiling()
    (choice,) = chosen([job(4)], generator)
    record = choice.selection
    assert record is not None and record["selector"] == selection.SELECTOR
    assert [c["seed"] for c in record["candidates"]] == [40, 41, 42, 43]
    assert record["chosen"] in (1, 3)
    scores = [c["score"] for c in record["candidates"]]
    assert min(scores[1], scores[3]) > max(scores[0], scores[2]) + 0.2
    assert len({c["id"] for c in record["candidates"]}) == 4
    assert isinstance(choice.visual, KeyVisual) and choice.visual.key == "k"
    assert choice.visual.provenance.seed == 40 + record["chosen"]
    assert max(generator.batches) <= generator.batch_size


def test_one_candidate_is_made_as_ever_and_needs_no_record() -> None:
    generator = Spoiling()
    choices = chosen([job(1), replace(job(1), request=replace(job(1).request, key="l"))], generator)
    assert [choice.selection for choice in choices] == [None, None]
    assert generator.batches == [2]


def test_failed_candidates_are_recorded_and_the_others_chosen_from() -> None:
    (choice,) = chosen([job(3, seed=41)], Spoiling(frozenset({41})))
    assert choice.selection is not None and choice.selection["chosen"] == 2
    assert choice.selection["candidates"][0] == {"id": "", "seed": 41, "score": None}
    (none,) = chosen([job(2)], Spoiling(frozenset({40, 41})))
    assert isinstance(none.visual, BackendError) and none.selection is None


@pytest.mark.parametrize("name", [name for name in MOVES if "50 %" not in name])
def test_a_driven_picture_never_beats_the_sound_one(name: str, visual: KeyVisual) -> None:
    plain = rate(visual.pixels, art()).score
    assert rate(MOVES[name](visual.pixels), art()).score <= plain + selection.TIE


@pytest.mark.parametrize(
    ("name", "rail"),
    [
        ("sharpened 300 %, 3 px", "halo"),
        ("saturation × 3", "burnt"),
        ("JPEG at 8", "blocks"),
        ("posterised", "bands"),
        ("blurred 2 px", "blur"),
    ],
)
def test_each_rail_sees_its_fault(name: str, rail: str) -> None:
    request = PictureRequest("one", 3, 1080, 1350, art("steps"))
    pixels = PlatesImageGenerator().generate([request])[0].pixels
    assert rate(pixels, art()).parts[rail] == 1.0
    assert rate(MOVES[name](pixels), art()).parts[rail] < 0.95


def test_noise_and_clipping_have_rails_too(visual: KeyVisual) -> None:
    noisy = visual.pixels + np.random.default_rng(1).normal(0, 8, visual.pixels.shape)
    levels = np.clip(noisy, 0, 255).astype(np.uint8)
    assert rate(levels, art()).parts["noise"] < 0.7
    blown = visual.pixels.copy()
    blown[:200] = 255
    assert rate(blown, art()).parts["clipped"] < 0.7
    white = replace(art(), palette={**PALETTE, "wall": "#FFFFFF"})
    assert rate(blown, white).parts["clipped"] == 1.0


def test_a_scorer_that_reports_the_selector_is_refused(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    done = contentfab(
        "plan", "campaign.yaml", "--set", "image.candidates=4", "--set", "score.backend=design",
        cwd=tmp_path, code=2,
    )  # fmt: skip
    assert "image.candidates=4" in done.stderr and "score.backend=openclip" in done.stderr


@pytest.mark.parametrize("value", [0, 17, "many", True, 2.5])
def test_how_many_candidates_there_may_be(value: object) -> None:
    with pytest.raises(InputError, match=r"image\.candidates"):
        selection.count(value)
    assert selection.count(16) == 16


def test_a_run_chooses_records_and_resumes(tmp_path: Path) -> None:
    make_campaign(tmp_path, **SMALL)
    several = (*CLIP, "--set", "image.candidates=3", "--offline", "--out", "run")
    before = run_json("plan", "campaign.yaml", *several, cwd=tmp_path)
    assert before["generations"] == 3 * before["jobs"]["picture"]
    contentfab("run", "campaign.yaml", *several, "--until", "picture", cwd=tmp_path)
    rows = pictures(tmp_path / "run")
    assert len(rows) == before["jobs"]["picture"]
    for result in rows.values():
        record = result["selection"]
        chosen = record["candidates"][record["chosen"]]
        assert len(record["candidates"]) == 3
        assert chosen["id"] == result["id"] and chosen["seed"] == result["provenance"]["seed"]
    after = run_json("plan", "campaign.yaml", *several, cwd=tmp_path)
    assert after["generations"] == 0 and after["cached"]["picture"] == len(rows)
    one = run_json("plan", "campaign.yaml", *CLIP, "--offline", "--out", "run", cwd=tmp_path)
    assert one["cached"]["picture"] == 0 and one["generations"] == one["jobs"]["picture"]


def pictures(run: Path) -> dict[str, dict]:
    with sqlite3.connect(run / "ledger.sqlite") as db:
        found = db.execute("SELECT key, result FROM jobs WHERE stage = 'picture'")
        return {key: json.loads(result) for key, result in found}
