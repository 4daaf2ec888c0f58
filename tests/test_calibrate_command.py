"""`contentfab calibrate --picks`: agreement with picks, too few of them, and bad files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import contentfab, run_json

from contentfab.rules.scoring.background import Background, Encoding

MADE_BY = Encoding("judge", "1", {"size": 8}, "squash 1")
JUDGE = "test/judge@1/abc"


def asset(number: int, value: float, calibration: str = JUDGE, **more: float) -> dict[str, Any]:
    name = f"{number:032x}"
    record = {"name": "appeal", "value": value, "calibration_id": calibration, **more}
    return {"id": name, "path": f"assets/{name[:2]}/{name}.png", "scores": [record]}


def run_folder(folder: Path, assets: list[dict[str, Any]]) -> Path:
    (folder / "run").mkdir()
    text = json.dumps({"assets": assets})
    (folder / "run" / "manifest.json").write_text(text, encoding="utf-8")
    return folder / "run"


def picks_file(folder: Path, rows: list[tuple[str, str]]) -> Path:
    path = folder / "picks.csv"
    lines = ["picked,other", *(f"{one},{other}" for one, other in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def simulated(
    folder: Path, count: int, spread: float | None = None, signal: bool = True
) -> tuple[Path, Path]:
    """A run of 40 posters, and picks of a team that follows the score with temperature 0.1, or not
    at all. With `spread` the team follows the z of the scores, with temperature 1."""
    dice = np.random.default_rng(3)
    values = dice.random(40)
    zs = 10 * values - 5
    known = [{} if spread is None else {"z": float(z), "spread": spread} for z in zs]
    assets = [asset(i, float(v), **k) for i, (v, k) in enumerate(zip(values, known, strict=True))]
    rows = []
    for _ in range(count):
        one, other = (int(i) for i in dice.choice(40, 2, replace=False))
        chance = 1 / (1 + np.exp((values[other] - values[one]) / 0.1)) if signal else 0.5
        if dice.random() > chance:
            one, other = other, one
        rows.append((assets[one]["id"], assets[other]["path"]))
    return run_folder(folder, assets), picks_file(folder, rows)


def own_set(folder: Path) -> Path:
    """A calibration folder of the judge."""
    vectors = np.random.default_rng(1).normal(0, 1, (120, 4)).astype(np.float32)
    Background("ours", vectors, ("square",) * 120, MADE_BY).save(folder / "ours")
    return folder / "ours"


def test_agreement_with_its_interval_and_temperature(tmp_path: Path) -> None:
    run, picks = simulated(tmp_path, 600)
    facts = run_json("calibrate", run, "--picks", picks, cwd=tmp_path)
    assert facts["better_than_chance"] and facts["interval"][0] < facts["auc"]
    assert facts["pair_temperature"] == pytest.approx(0.1, rel=0.35)
    assert (facts["calibration_id"], facts["unit"], facts["ties"]) == (JUDGE, "value", None)


def test_where_the_spread_is_known_picks_are_weighed_in_z_and_ties_are_told(tmp_path: Path) -> None:
    run, picks = simulated(tmp_path, 600, spread=0.8)
    done = contentfab("calibrate", run, "--picks", picks, cwd=tmp_path)
    assert "of the picks are ties" in done.stdout
    facts = run_json("calibrate", run, "--picks", picks, cwd=tmp_path)
    assert facts["unit"] == "z" and facts["pair_temperature"] == pytest.approx(1.0, rel=0.35)
    # 1.64 * sqrt(2) * 0.8 = 1.86 of a range of 10: a third of random pairs are nearer.
    assert 0.25 < facts["ties"] < 0.45


def test_the_temperature_is_kept_beside_the_set_under_the_id_of_its_scores(tmp_path: Path) -> None:
    run, picks = simulated(tmp_path, 600, spread=0.8)
    ours = own_set(tmp_path)
    before = Background.load(ours)
    done = contentfab("calibrate", run, "--picks", picks, "--out", ours, cwd=tmp_path)
    assert f"kept in {ours}" in done.stdout
    found = Background.load(ours)
    assert before is not None and found is not None and found.id == before.id
    assert found.temperature("appeal", JUDGE, "z") == pytest.approx(1.0, rel=0.35)
    assert found.temperature("appeal", "test/judge@2/abc", "z") is None


def test_nothing_is_kept_of_a_score_that_is_no_better_than_a_coin(tmp_path: Path) -> None:
    run, picks = simulated(tmp_path, 300, signal=False)
    ours = own_set(tmp_path)
    done = contentfab("calibrate", run, "--picks", picks, "--out", ours, cwd=tmp_path, code=1)
    assert "no better than a coin" in done.stdout and "nothing was kept" in done.stdout
    found = Background.load(ours)
    assert found is not None and not found.pair_temperatures


def test_a_set_of_another_model_keeps_no_temperature(tmp_path: Path) -> None:
    run, picks = simulated(tmp_path, 600)
    command = ("calibrate", run, "--picks", picks, "--out", tmp_path / "new")
    done = contentfab(*command, "--model", own_set(tmp_path), cwd=tmp_path)
    assert "kept in" in done.stdout
    other = own_set(tmp_path / "other")
    (other / "calibration.json").write_text(
        (other / "calibration.json").read_text(encoding="utf-8").replace('n": "1"', 'n": "2"'),
        encoding="utf-8",
    )
    done = contentfab(*command[:-1], other, cwd=tmp_path, code=2)
    assert JUDGE in done.stderr and "judge@2/" in done.stderr


def test_too_few_picks_say_how_many_are_needed(tmp_path: Path) -> None:
    run, picks = simulated(tmp_path, 61)
    done = contentfab("calibrate", run, "--picks", picks, cwd=tmp_path, code=1)
    assert "not enough data: 61 picks, 194 needed" in done.stdout


def test_every_unknown_poster_is_named_with_its_line(tmp_path: Path) -> None:
    run = run_folder(tmp_path, [asset(1, 0.4), asset(2, 0.6)])
    picks = picks_file(tmp_path, [(asset(1, 0)["id"], "nowhere"), ("what", asset(2, 0)["id"])])
    done = contentfab("calibrate", run, "--picks", picks, cwd=tmp_path, code=2)
    assert "picks.csv:2: other" in done.stderr and "picks.csv:3: picked" in done.stderr


def test_scores_of_two_judges_are_not_compared(tmp_path: Path) -> None:
    run = run_folder(tmp_path, [asset(1, 0.4), asset(2, 0.6, "test/judge@2/abc")])
    picks = picks_file(tmp_path, [(asset(1, 0)["id"], asset(2, 0)["id"])])
    done = contentfab("calibrate", run, "--picks", picks, cwd=tmp_path, code=2)
    assert "cannot be compared" in done.stderr


def test_a_score_that_is_not_there(tmp_path: Path) -> None:
    run = run_folder(tmp_path, [asset(1, 0.4)])
    picks = picks_file(tmp_path, [])
    options = ("--picks", picks, "--score", "charm")
    done = contentfab("calibrate", run, *options, cwd=tmp_path, code=2)
    assert "scores are appeal" in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "nothing to calibrate by"),
        (("run",), "nothing to calibrate by"),
        (("run", "--picks", "p.csv", "--background", "d"), "two things to do"),
        (("run", "--background", "d"), "no run folder besides"),
        (("--picks", "p.csv"), "needs the run folder"),
    ],
)
def test_what_to_calibrate_by_must_be_clear(
    tmp_path: Path, given: tuple[str, ...], said: str
) -> None:
    done = contentfab("calibrate", *given, cwd=tmp_path, code=2)
    assert said in done.stderr and "contentfab calibrate" in done.stderr
