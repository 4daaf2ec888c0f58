"""What the scores of a run are worth against a team's own choices between its posters.

A picks file is CSV with the columns `picked` and `other`: ids or paths of posters of the run.
Scores of different calibration ids are never compared.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contentfab.errors import InputError, Problem
from contentfab.rules.scoring.picks import Agreement, agreement, pairs_needed
from contentfab.store import MANIFEST

COLUMNS = ("picked", "other")
Scores = Mapping[str, tuple[float, str]]
"""Value and calibration id by everything that names a poster: its id, its path, its file name."""


def weigh(run: Path, picks: Path, score: str) -> tuple[Agreement | None, dict[str, Any]]:
    """Agreement of the score named `score` with the picks, None with fewer than are needed; and
    the same as plain data. Raises InputError with every bad line."""
    scores = _scores(run, score)
    picked, other = _pairs(picks, scores)
    needed = pairs_needed()
    found = agreement(picked, other) if len(picked) >= needed else None
    facts: dict[str, Any] = {"score": score, "picks": len(picked), "needed": needed}
    facts["calibration_id"] = next(iter({calibration for _, calibration in scores.values()}))
    if found is not None:
        facts |= {
            "auc": round(found.auc, 4),
            "interval": [round(found.low, 4), round(found.high, 4)],
            "better_than_chance": found.tells,
            "pair_temperature": round(found.temperature, 6) if found.tells else None,
            "calibration_error": round(found.calibration_error, 4),
        }
    return found, facts


def _scores(run: Path, score: str) -> Scores:
    try:
        manifest = json.loads((run / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        hint = "give the folder of a complete run"
        raise InputError(f"{run} holds no readable {MANIFEST}", hint=hint) from None
    found: dict[str, tuple[float, str]] = {}
    names: set[str] = set()
    for asset in manifest["assets"]:
        for record in asset.get("scores") or ():
            names.add(record["name"])
            if record["name"] == score and record["value"] is not None:
                value = (float(record["value"]), str(record["calibration_id"]))
                path = asset["path"]
                found |= dict.fromkeys((asset["id"], path, Path(path).name), value)
    if not found:
        raise InputError(
            f"no poster of {run} has a score {score!r}",
            hint=f"scores are {', '.join(sorted(names)) or 'none'}",
        )
    if len({calibration for _, calibration in found.values()}) > 1:
        raise InputError(
            f"{run} holds {score} of several calibration ids, which cannot be compared",
            hint="run the campaign again with one scorer, then prune",
        )
    return found


def _pairs(path: Path, scores: Scores) -> tuple[list[float], list[float]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} cannot be read: {error}", hint="give a CSV file") from None
    problems, picked, other = [], [], []
    if rows and not set(COLUMNS) <= set(rows[0]):
        raise InputError(f"{path.name}:1: columns are {', '.join(COLUMNS)}", hint="name them so")
    for line, row in enumerate(rows, 2):
        values = [scores.get((row.get(name) or "").strip()) for name in COLUMNS]
        for name, value in zip(COLUMNS, values, strict=True):
            if value is None:
                message = f"{row.get(name)!r} is no scored poster of the run"
                hint = "give a poster's id or path as the manifest has it"
                problems.append(Problem(path.name, line, name, message, hint, "picks.unknown"))
        if values[0] is not None and values[1] is not None:
            picked.append(values[0][0])
            other.append(values[1][0])
    if problems:
        raise InputError(problems=problems)
    return picked, other
