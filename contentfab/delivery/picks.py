"""What the scores of a run are worth against a team's own choices between its posters.

A picks file is CSV with the columns `picked` and `other`: ids or paths of posters of the run.
Scores of different calibration ids are never compared. Where the manifest has a score's robust z
with its spread, picks are weighed by that: percentiles crowd at both ends.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from contentfab.errors import InputError, Problem
from contentfab.rules.models.sources import locate
from contentfab.rules.scoring.background import Background
from contentfab.rules.scoring.picks import Agreement, agreement, pairs_needed
from contentfab.rules.scoring.ties import Measured, preferred
from contentfab.store import MANIFEST

COLUMNS = ("picked", "other")
DIGITS = 6
Scores = Mapping[str, Measured]
"""By everything that names a poster: its id, its path, its file name."""


def weigh(run: Path, picks: Path, score: str) -> tuple[Agreement | None, dict[str, Any]]:
    """Agreement of the score named `score` with the picks, None with fewer than are needed; and
    the same as plain data. Raises InputError with every bad line."""
    scores, unit = _scores(run, score)
    pairs = _pairs(picks, scores)
    needed = pairs_needed()
    found = None
    if len(pairs) >= needed:
        found = agreement([one.value for one, _ in pairs], [other.value for _, other in pairs])
    facts: dict[str, Any] = {"score": score, "picks": len(pairs), "needed": needed, "unit": unit}
    facts["calibration_id"] = next(iter({one.calibration_id for one in scores.values()}))
    facts["ties"] = _ties(pairs)
    if found is not None:
        facts |= {
            "auc": round(found.auc, 4),
            "interval": [round(found.low, 4), round(found.high, 4)],
            "better_than_chance": found.tells,
            "pair_temperature": round(found.temperature, DIGITS) if found.tells else None,
            "calibration_error": round(found.calibration_error, 4),
        }
    return found, facts


def store(facts: Mapping[str, Any], folder: Path, model: str) -> Background:
    """Keeps the pair temperature of `facts` in the calibration folder, for `score.calibration`. A
    folder without a background set gets a copy of the one beside `model`. Raises InputError when
    there is none, or when it was made by another model than the scores."""
    found = Background.load(folder)
    background = found or Background.load(locate(model, "--model").path)
    if background is None:
        raise InputError(
            f"neither {folder} nor the model {model} has a background set",
            hint="contentfab calibrate --background DIR --out FOLDER makes one",
        )
    revision, scored_by = background.encoding.revision, str(facts["calibration_id"])
    if f"@{revision}/" not in scored_by:
        raise InputError(
            f"the run was scored by {scored_by}, the set {background.name} was made by "
            f"{background.encoding.id}",
            hint="name the model of the run with --model, or the folder of its set with --out",
        )
    kept = {
        "temperature": facts["pair_temperature"],
        "unit": facts["unit"],
        "calibration_id": scored_by,
        "pairs": facts["picks"],
        "auc": facts["auc"],
        "interval": facts["interval"],
    }
    temperatures = {**background.pair_temperatures, str(facts["score"]): kept}
    background = replace(background, pair_temperatures=temperatures)
    background.save(folder)
    return background


def _scores(run: Path, score: str) -> tuple[Scores, str]:
    """Scores of the run's posters, and their unit: "z" or "value"."""
    try:
        manifest = json.loads((run / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        hint = "give the folder of a complete run"
        raise InputError(f"{run} holds no readable {MANIFEST}", hint=hint) from None
    scored: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    names: set[str] = set()
    for asset in manifest["assets"]:
        for record in asset.get("scores") or ():
            names.add(record["name"])
            if record["name"] == score and record["value"] is not None:
                scored.append((asset, record))
    if not scored:
        raise InputError(
            f"no poster of {run} has a score {score!r}",
            hint=f"scores are {', '.join(sorted(names)) or 'none'}",
        )
    if len({str(record["calibration_id"]) for _, record in scored}) > 1:
        raise InputError(
            f"{run} holds {score} of several calibration ids, which cannot be compared",
            hint="run the campaign again with one scorer, then prune",
        )
    unit = "z" if all(record.get("z") is not None for _, record in scored) else "value"
    found: dict[str, Measured] = {}
    for asset, record in scored:
        spread = record.get("spread") if unit == "z" else None
        value = Measured(float(record[unit]), spread, str(record["calibration_id"]))
        path = asset["path"]
        found |= dict.fromkeys((asset["id"], path, Path(path).name), value)
    return found, unit


def _ties(pairs: Sequence[tuple[Measured, Measured]]) -> float | None:
    """Share of the picks that the score calls ties; None where the spread is not known."""
    if not pairs or any(one.spread is None for pair in pairs for one in pair):
        return None
    return round(sum(preferred(*pair).tie for pair in pairs) / len(pairs), 4)


def _pairs(path: Path, scores: Scores) -> list[tuple[Measured, Measured]]:
    """Scores of (picked, other), a pair for each line."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} cannot be read: {error}", hint="give a CSV file") from None
    problems, pairs = [], []
    if rows and not set(COLUMNS) <= set(rows[0]):
        raise InputError(f"{path.name}:1: columns are {', '.join(COLUMNS)}", hint="name them so")
    for line, row in enumerate(rows, 2):
        values = [scores.get((row.get(name) or "").strip()) for name in COLUMNS]
        for name, value in zip(COLUMNS, values, strict=True):
            if value is None:
                message = f"{row.get(name)!r} is no scored poster of the run"
                hint = "give a poster's id or path as the manifest has it"
                problems.append(Problem(path.name, line, name, message, hint, "picks.unknown"))
        picked, other = values
        if picked is not None and other is not None:
            pairs.append((picked, other))
    if problems:
        raise InputError(problems=problems)
    return pairs
