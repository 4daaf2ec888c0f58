"""`contentfab calibrate`: agreement with picks, too few of them, and bad files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import contentfab


def asset(number: int, value: float, calibration: str = "judge/1") -> dict[str, Any]:
    name = f"{number:032x}"
    record = {"name": "appeal", "value": value, "calibration_id": calibration}
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


def simulated(folder: Path, count: int) -> tuple[Path, Path]:
    """A run of 40 posters, and picks of a team that follows the score with temperature 0.1."""
    dice = np.random.default_rng(3)
    values = dice.random(40)
    assets = [asset(i, float(value)) for i, value in enumerate(values)]
    rows = []
    for _ in range(count):
        one, other = (int(i) for i in dice.choice(40, 2, replace=False))
        if dice.random() > 1 / (1 + np.exp((values[other] - values[one]) / 0.1)):
            one, other = other, one
        rows.append((assets[one]["id"], assets[other]["path"]))
    return run_folder(folder, assets), picks_file(folder, rows)


def test_agreement_with_its_interval_and_temperature(tmp_path: Path) -> None:
    run, picks = simulated(tmp_path, 600)
    done = contentfab("calibrate", run, "--picks", picks, "--json", cwd=tmp_path)
    facts = json.loads(done.stdout)
    assert facts["better_than_chance"] and facts["interval"][0] < facts["auc"]
    assert facts["pair_temperature"] == pytest.approx(0.1, rel=0.35)
    assert facts["calibration_id"] == "judge/1"


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
    run = run_folder(tmp_path, [asset(1, 0.4), asset(2, 0.6, "judge/2")])
    picks = picks_file(tmp_path, [(asset(1, 0)["id"], asset(2, 0)["id"])])
    done = contentfab("calibrate", run, "--picks", picks, cwd=tmp_path, code=2)
    assert "cannot be compared" in done.stderr


def test_a_score_that_is_not_there(tmp_path: Path) -> None:
    run = run_folder(tmp_path, [asset(1, 0.4)])
    picks = picks_file(tmp_path, [])
    options = ("--picks", picks, "--score", "charm")
    done = contentfab("calibrate", run, *options, cwd=tmp_path, code=2)
    assert "scores are appeal" in done.stderr
