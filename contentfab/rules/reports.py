"""Problems as text, JSON, JUnit XML, SARIF 2.1.0 and GitHub annotations.

Serves `check` before a run and the gates after it. Pure text in, text out; knows neither the
terminal nor where problems come from. No output ever holds an absolute path unless a problem does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from urllib.parse import quote
from xml.etree import ElementTree

from contentfab import __version__
from contentfab.errors import Problem

SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_SARIF_LEVELS = {"error": "error", "warn": "warning", "pass": "none"}
_GITHUB_LEVELS = {"error": "error", "warn": "warning", "pass": "notice"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_text(problems: Sequence[Problem]) -> str:
    """One line per problem, `file:line: field: message (fix)`, and a line that counts them."""
    problems = _encodable(problems)
    lines = [f"{problem.level}: {problem}" for problem in problems]
    errors = sum(problem.level == "error" for problem in problems)
    warnings = sum(problem.level == "warn" for problem in problems)
    if not errors and not warnings:
        return "\n".join([*lines, "no problems found"]) + "\n"
    counted = f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
    return "\n".join([*lines, counted]) + "\n"


def to_json(problems: Sequence[Problem]) -> str:
    """`{"ok": bool, "errors": n, "warnings": n, "problems": [{file, line, field, message, hint,
    rule, level}]}`."""
    problems = _encodable(problems)
    errors = sum(problem.level == "error" for problem in problems)
    report = {
        "ok": not errors,
        "errors": errors,
        "warnings": sum(problem.level == "warn" for problem in problems),
        "problems": [asdict(problem) for problem in problems],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def to_junit(problems: Sequence[Problem], suite: str = "contentfab check") -> str:
    """JUnit XML: a failed test per error, a passed one with output per warning, a skipped one per
    problem of level `skip`; without any problem one passed test, so that a green run is not an
    empty one."""
    errors = sum(problem.level == "error" for problem in problems)
    counts = {"tests": str(len(problems) or 1), "failures": str(errors), "errors": "0"}
    root = ElementTree.Element("testsuites", {"name": "contentfab", **counts})
    skipped = {"skipped": str(sum(problem.level == "skip" for problem in problems))}
    parent = ElementTree.SubElement(root, "testsuite", {"name": suite, **counts, **skipped})
    for problem in problems:
        case = ElementTree.SubElement(parent, "testcase", _case(problem))
        said = _xml(str(problem))
        if problem.level == "error":
            attributes = {"message": _xml(problem.message), "type": problem.rule}
            ElementTree.SubElement(case, "failure", attributes).text = said
        elif problem.level == "skip":
            ElementTree.SubElement(case, "skipped", {"message": _xml(problem.message)})
        else:
            ElementTree.SubElement(case, "system-out").text = said
    if not problems:
        ElementTree.SubElement(parent, "testcase", {"classname": suite, "name": "no problems"})
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _serialised(root)


def to_sarif(problems: Sequence[Problem]) -> str:
    """SARIF 2.1.0 with one rule per `Problem.rule`; lines only where a problem has one."""
    problems = _encodable(problems)
    rules = sorted({problem.rule for problem in problems})
    driver = {
        "name": "contentfab",
        "version": __version__,
        "rules": [{"id": rule, "name": _camel(rule)} for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(problem, rules.index(problem.rule)) for problem in problems],
    }
    report = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def to_github(problems: Sequence[Problem]) -> str:
    """Workflow commands (`::error file=…,line=…::message`) that GitHub shows beside the line."""
    lines = []
    for problem in _encodable(problems):
        properties = {"file": problem.file, "title": problem.rule}
        if problem.line:
            properties["line"] = str(problem.line)
        listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
        text = _data(_sentence(problem))
        lines.append(f"::{_GITHUB_LEVELS.get(problem.level, 'notice')} {listed}::{text}\n")
    return "".join(lines)


FORMATS: Mapping[str, Callable[[Sequence[Problem]], str]] = {
    "text": to_text,
    "json": to_json,
    "junit": to_junit,
    "sarif": to_sarif,
    "github": to_github,
}


def _encodable(problems: Sequence[Problem]) -> list[Problem]:
    """File names may hold bytes that are no text; they must not break a report."""
    return [
        replace(
            problem,
            file=_encodable_text(problem.file),
            field=_encodable_text(problem.field),
            message=_encodable_text(problem.message),
        )
        for problem in problems
    ]


def _encodable_text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _sentence(problem: Problem) -> str:
    """A problem without its place."""
    said = f"{problem.field}: {problem.message}" if problem.field else problem.message
    return f"{said} ({problem.hint})" if problem.hint else said


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _case(problem: Problem) -> dict[str, str]:
    where = f"{problem.file}:{problem.line}" if problem.line else problem.file
    name = f"{problem.field} [{problem.rule}]" if problem.field else f"[{problem.rule}]"
    return {"classname": _xml(where), "name": _xml(name)}


def _serialised(root: ElementTree.Element) -> str:
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _xml(text: str) -> str:
    """`text` without characters that XML 1.0 cannot hold."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _sarif_result(problem: Problem, index: int) -> dict[str, object]:
    place: dict[str, object] = {"artifactLocation": {"uri": quote(problem.file.replace("\\", "/"))}}
    if problem.line > 0:
        place["region"] = {"startLine": problem.line}
    location: dict[str, object] = {"physicalLocation": place}
    if problem.field:
        location["logicalLocations"] = [{"fullyQualifiedName": problem.field}]
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": _SARIF_LEVELS.get(problem.level, "note"),
        "message": {"text": _sentence(problem)},
        "locations": [location],
    }


def _camel(rule: str) -> str:
    return "".join(part.title() for part in re.split(r"[.-]", rule))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
