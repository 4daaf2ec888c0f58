"""The results of inspection as text, JUnit and GitHub annotations, and as a drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from contentfab.delivery.inspection import Inspected
from contentfab.errors import InputError, Problem, StorageError
from contentfab.records.pictures import Finding
from contentfab.rules import reports

COLOURS = {"error": "#d21f3c", "warn": "#d98a00", "pass": "#1a7f4b"}


def text_report(results: Sequence[Inspected], verbose: bool = False) -> str:
    """One line per finding with rule, measure, limit and box; passes only when `verbose`."""
    lines = []
    for result in results:
        shown = [f for f in result.findings if verbose or f.level != "pass"]
        state = "ok" if result.ok else "FAILED"
        lines.append(f"{result.path}: {state}{_counts(result)}")
        lines += [f"  {_line(finding)}" for finding in shown]
        if verbose:
            lines += [f"  not checked {r}: {why}" for r, why in sorted(result.not_checked.items())]
    bad = sum(not result.ok for result in results)
    lines.append(f"{len(results)} pictures, {bad} with errors")
    return "\n".join(lines)


def junit_report(results: Sequence[Inspected]) -> str:
    """JUnit XML: a failed test per error, a skipped one per rule that was not run."""
    return reports.to_junit(_problems(results, skipped=True), "contentfab inspect")


def github_report(results: Sequence[Inspected]) -> str:
    """GitHub annotations, one per error or warning."""
    return reports.to_github(_problems(results, skipped=False))


FORMATS: Mapping[str, Callable[[Sequence[Inspected]], str]] = {
    "text": text_report,
    "junit": junit_report,
    "github": github_report,
}


def annotate(result: Inspected, output: Path) -> None:
    """Draws the boxes of a picture's findings over it, errors red, warnings amber, and writes it as
    PNG. Raises InputError when the picture could not be read, StorageError when `output` cannot be
    written."""
    if result.pixels is None:
        raise InputError(f"{result.path} cannot be drawn on: {result.findings[0].message}")
    image = Image.fromarray(result.pixels).convert("RGB")
    draw = ImageDraw.Draw(image)
    wide = max(2, round(0.004 * min(image.size)))
    for finding in reversed(result.findings):
        if finding.box is not None and finding.level != "pass":
            x0, y0, x1, y1 = finding.box
            edges = (x0 - wide, y0 - wide, max(x0, x1 - 1) + wide, max(y0, y1 - 1) + wide)
            draw.rectangle(edges, outline="#ffffff", width=wide + 1)
            draw.rectangle(edges, outline=COLOURS[finding.level], width=wide)
            _tag(draw, finding, edges, image.size)
    try:
        image.save(output, "PNG")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StorageError(f"{output}: {reason}", hint="choose another file name") from None


def _tag(
    draw: ImageDraw.ImageDraw,
    finding: Finding,
    edges: tuple[int, int, int, int],
    size: tuple[int, int],
) -> None:
    """The rule's name on a plate at the box's corner, inside of the picture."""
    name = finding.rule.partition(".")[2]
    height = max(12, round(0.018 * min(size)))
    left, top, right, _ = draw.textbbox((0, 0), name, font_size=height)
    x = min(max(0, edges[0]), max(0, size[0] - round(right - left) - 8))
    y = min(max(0, edges[1] - height - 6), size[1] - height - 6)
    draw.rectangle((x, y, x + right - left + 8, y + height + 6), fill=COLOURS[finding.level])
    draw.text((x + 4, y + 3 - top / 2), name, fill="#ffffff", font_size=height)


def _line(finding: Finding) -> str:
    parts = [f"{finding.level:5} {finding.rule}: {finding.message}"]
    if finding.measure is not None:
        limit = f", limit {finding.limit:g}" if finding.limit is not None else ""
        parts.append(f"[measure {finding.measure:g}{limit}]")
    if finding.box is not None:
        parts.append("box {},{},{},{}".format(*finding.box))
    return " ".join(parts)


def _counts(result: Inspected) -> str:
    passed = sum(finding.level == "pass" for finding in result.findings)
    missing = len(result.not_checked)
    return f" ({passed} measures passed" + (f", {missing} rules not checked)" if missing else ")")


def _problems(results: Sequence[Inspected], *, skipped: bool) -> list[Problem]:
    found = []
    for result in results:
        for finding in result.findings:
            if finding.level != "pass":
                place = "{},{},{},{}".format(*finding.box) if finding.box else ""
                hint = f"box {place}" if place else ""
                found.append(
                    Problem(result.path, 0, "", finding.message, hint, finding.rule, finding.level)
                )
        if skipped:
            for rule, why in sorted(result.not_checked.items()):
                found.append(Problem(result.path, 0, "", why, "", rule, "skip"))
    return found
