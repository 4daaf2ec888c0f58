"""Problems in the formats that people, CI systems and editors read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree

from contentfab.errors import Problem
from contentfab.rules.reports import (
    FORMATS,
    to_github,
    to_json,
    to_junit,
    to_sarif,
    to_text,
)
from contentfab.rules.schemas import schema_text, schemas

ERROR = Problem(
    "spring/campaign.yaml", 3, "channels[0]", "unknown channel 'a,b'\n100%", "did you mean 'a'?",
    "brief.unknown-channel",
)  # fmt: skip
WARNING = Problem("a b.csv", 0, "", "琥珀 <tag> \x01", "", "brief.no-image", "warn")
BOTH = (ERROR, WARNING)


def test_text_counts_what_it_lists() -> None:
    text = to_text(BOTH)
    assert text.startswith("error: spring/campaign.yaml:3: channels[0]: unknown channel")
    assert text.endswith("1 error, 1 warning\n")
    assert to_text(()) == "no problems found\n"


def test_json_keeps_every_part() -> None:
    report = json.loads(to_json(BOTH))
    assert (report["ok"], report["errors"], report["warnings"]) == (False, 1, 1)
    assert report["problems"][0] == {
        "file": "spring/campaign.yaml",
        "line": 3,
        "field": "channels[0]",
        "message": "unknown channel 'a,b'\n100%",
        "hint": "did you mean 'a'?",
        "rule": "brief.unknown-channel",
        "level": "error",
    }
    assert json.loads(to_json((WARNING,)))["ok"] is True


def test_junit_fails_errors_only() -> None:
    root = ElementTree.fromstring(to_junit(BOTH).encode())
    suite = root.find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    failed, passed = suite.findall("testcase")
    assert failed.get("classname") == "spring/campaign.yaml:3"
    assert failed.find("failure").get("type") == "brief.unknown-channel"
    assert passed.find("failure") is None
    assert "琥珀 <tag> \ufffd" in passed.find("system-out").text
    assert ElementTree.fromstring(to_junit(()).encode()).get("tests") == "1"


def test_sarif_names_rules_places_and_levels() -> None:
    report: dict[str, Any] = json.loads(to_sarif(BOTH))
    assert report["version"] == "2.1.0"
    (run,) = report["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    error, warning = run["results"]
    assert rules[error["ruleIndex"]] == error["ruleId"] == "brief.unknown-channel"
    place = error["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "spring/campaign.yaml"},
        "region": {"startLine": 3},
    }
    assert (error["level"], warning["level"]) == ("error", "warning")
    no_line = warning["locations"][0]["physicalLocation"]
    assert no_line == {"artifactLocation": {"uri": "a%20b.csv"}}
    assert json.loads(to_sarif(()))["runs"][0]["results"] == []


def test_github_annotations_escape_what_would_end_them() -> None:
    first, second = to_github(BOTH).splitlines()
    assert first == (
        "::error file=spring/campaign.yaml,title=brief.unknown-channel,line=3::"
        "channels[0]: unknown channel 'a,b'%0A100%25 (did you mean 'a'?)"
    )
    assert second.startswith("::warning file=a b.csv,title=brief.no-image::")
    assert to_github(()) == ""


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_anything(name: str) -> None:
    odd = Problem("\x00\ud800", -1, "\x1b[31m", "]]>\ufffe", "\n\r", "", "odd")
    assert FORMATS[name]((odd,)).encode()


@pytest.mark.parametrize("name", schemas())
def test_schemas_in_docs_are_those_of_the_code(name: str) -> None:
    path = Path(__file__).parent.parent / f"docs/schemas/{name}.schema.json"
    written = path.read_text("utf-8")
    assert written == schema_text(schemas()[name]), "run `contentfab schema --output docs/schemas`"
