"""A result of `verify` as plain lines, and as JUnit XML with a test per file and layer. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contentfab.delivery._verify_result import LAYERS
from contentfab.errors import Problem
from contentfab.rules.reports import to_junit

MANY_FILES = 30
_LEVELS = {"valid": "pass", "untrusted": "pass", "absent": "pass", "not_checked": "skip"}


def human_report(result: dict[str, Any], verbose: bool = False) -> str:
    """A line per file and one per layer, findings below. Of many files only those with findings
    or notes are listed; layers that are as they should be only if there are few files."""
    lines = []
    many = len(result["files"]) > MANY_FILES and not verbose
    for file in result["files"]:
        if many and file["ok"] and not file["notes"]:
            continue
        lines.append(f"{'ok  ' if file['ok'] else 'FAIL'}  {file['path']}")
        said = set()
        for name, layer in file["layers"].items():
            if not many or layer["state"] not in ("valid", "not_checked"):
                said.add(f"{name}: {layer['detail']}")
                lines.append(f"      {name:9} {layer['state']:11} {layer['detail']}".rstrip())
        lines += [f"      finding: {sentence}" for sentence in file["findings"]]
        lines += [f"      note: {note}" for note in file["notes"] if note not in said]
    run = result["run"]
    if run["checked"]:
        lines.append("ok    the run folder is whole" if run["ok"] else "FAIL  the run folder")
        lines += [f"      {sentence}" for sentence in run["findings"]]
        lines += [f"      note: {sentence}" for sentence in run["notes"]]
    good = sum(file["ok"] for file in result["files"])
    lines.append(f"{good} of {len(result['files'])} files verified")
    if result["skipped"]:
        names = ", ".join(result["skipped"][:3]) + (", …" if len(result["skipped"]) > 3 else "")
        lines.append(
            f"{len(result['skipped'])} text files without any label were not looked at ({names});"
            " name one to have it verified"
        )
    return "\n".join(lines)


def junit_report(result: dict[str, Any]) -> str:
    """JUnit XML: a test per file and layer, one per file for the rest, one for the run folder."""
    return to_junit(list(_cases(result)), suite="contentfab verify")


def _cases(result: dict[str, Any]) -> Iterator[Problem]:
    for file in result["files"]:
        for name in LAYERS:
            layer = file["layers"][name]
            said = [text for text in file["findings"] if text.startswith(f"{name}: ")]
            level = "error" if said else _LEVELS.get(layer["state"], "error")
            text = "; ".join(said) or f"{layer['state']}: {layer['detail']}"
            yield Problem(file["path"], 0, name, text, rule="label.layer", level=level)
        rest = [
            text
            for text in file["findings"]
            if not text.startswith(tuple(f"{n}: " for n in LAYERS))
        ]
        text = "; ".join(rest) or "the layers agree"
        level = "error" if rest else "pass"
        yield Problem(file["path"], 0, "agreement", text, rule="label.agree", level=level)
    run = result["run"]
    if run["checked"]:
        text, level = "; ".join(run["findings"]), "pass" if run["ok"] else "error"
        yield Problem("run folder", 0, "", text or "it is whole", rule="run.whole", level=level)
