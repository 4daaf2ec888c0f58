"""How a run ended, for people, for programs, and as CI reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contentfab.errors import Problem, StorageError
from contentfab.pipeline import RunReport
from contentfab.rules import reports
from contentfab.rules.safety.checked import NOT_CHECKED
from contentfab.rules.scoring.summary import Summary, summarise


def run_lines(result: RunReport) -> list[str]:
    """What a person wants to know after a run, the next step last."""
    folder = result.folder
    lines = []
    if result.manifest is None:
        lines.append(
            f"partial run, {result.seconds:.1f} s; no manifest until the whole plan is run"
        )
    else:
        images = [a for a in result.manifest["assets"] if a["kind"] == "image"]
        copies = [a for a in result.manifest["assets"] if a["kind"] == "copy"]
        lines += [
            f"{len(images)} posters and {len(copies)} copies in {result.seconds:.1f} s",
            f"posters   {folder}/assets",
            f"manifest  {folder}/manifest.json",
        ]
        totals = result.manifest["totals"]
        if any(score.get("content") == NOT_CHECKED for a in images for score in a["scores"]):
            lines.append(f"{NOT_CHECKED}: no safety model (--set score.safety=FOLDER)")
        lines += _review_lines(result.manifest["creatives"])
        if totals["failed"]:
            lines.append(f"{totals['failed']} jobs failed: contentfab status {folder}")
        if totals["below_gates"]:
            lines.append(f"{totals['below_gates']} posters are below the gates: see rejects[]")
        summaries = summarise(asset["scores"] for asset in images)
        lines += score_lines(summaries)
        if summaries and not any(summary.uses_clip for summary in summaries):
            lines.append("scores are measured design criteria; no CLIP model was used")
        lines.append(f"next      contentfab verify {folder}")
    return lines


def score_lines(summaries: Sequence[Summary]) -> list[str]:
    """A line per score; the calibration is told where one score has several."""
    names = [summary.name for summary in summaries]
    return [
        f"{summary} under {summary.calibration_id}"
        if names.count(summary.name) > 1
        else str(summary)
        for summary in summaries
    ]


def _review_lines(creatives: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many creatives a person must review, and why, the most frequent reason first."""
    required = [each["review"] for each in creatives if each["review"]["state"] == "required"]
    if not required:
        return []
    topics = Counter(reason.partition(":")[0] for each in required for reason in each["reasons"])
    named = ", ".join(topic for topic, _ in topics.most_common())
    return [f"{len(required)} creatives need a person's review ({named}): see creatives[].review"]


def run_record(result: RunReport) -> dict[str, Any]:
    """`run --json`."""
    return {
        "folder": result.folder.as_posix(),
        "complete": result.manifest is not None,
        "exit_code": result.exit_code,
        "to_do": dict(result.to_do),
        "cached": dict(result.cached),
        "done": dict(result.tally.done),
        "failed": len(result.tally.failures),
        "seconds": round(result.seconds, 3),
        "seconds_per_stage": {k: round(v, 3) for k, v in result.tally.seconds.items()},
        "totals": result.manifest["totals"] if result.manifest else None,
        "warnings": list(result.warnings),
    }


def write_reports(result: RunReport, wanted: Sequence[tuple[str, Path]]) -> None:
    """Rejects and warnings of a finished run as CI reports."""
    problems = findings(result.manifest) if result.manifest else []
    for name, path in wanted:
        try:
            path.write_text(reports.FORMATS[name](problems), encoding="utf-8")
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror}", hint="choose another file") from error


def findings(manifest: Mapping[str, Any]) -> list[Problem]:
    """Every reject as an error and every failed check as a warning, in the manifest's order."""
    found = [
        Problem("manifest.json", 0, r["job"], r["reason"], "", f"run.{r['stage']}")
        for r in manifest["rejects"]
    ]
    for asset in manifest["assets"]:
        for check in asset["checks"]:
            if check["level"] != "pass":
                found.append(
                    Problem(
                        asset["path"], 0, "", check["message"], "", check["rule"], check["level"]
                    )
                )
    return found
