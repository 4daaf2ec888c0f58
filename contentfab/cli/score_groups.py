"""`contentfab score --groups`: how far appeal differs between pictures that differ in one thing.

One line for every two groups, the largest gap first, and one sentence that says whether a release
may have it. Measures nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from contentfab.rules.scoring.counterfactual import LEAST

if TYPE_CHECKING:
    from contentfab.delivery.counterfactual import Groups
    from contentfab.delivery.scoring import Scored
    from contentfab.rules.scoring.counterfactual import Gap, GapReport

DIGITS = 4


def document(groups: Groups, report: GapReport, scored: Sequence[Scored]) -> dict[str, Any]:
    """`score --groups --json`."""
    card = scored[0].card
    assert card is not None
    return {
        "ok": report.verdict == "within",
        "score": "appeal",
        "unit": "z",
        "limit": report.limit,
        "verdict": report.verdict,
        "summary": sentence(report),
        "sets": groups.sets or None,
        "pictures": len(scored),
        "groups": [
            {"name": name, "pictures": report.n[name], "mean": round(mean, DIGITS)}
            for name, mean in report.means.items()
        ],
        "gaps": [_gap_json(gap) for gap in report.gaps],
        "calibration_id": card.calibration_id,
        "model": card.model,
    }


def show_gaps(groups: Groups, report: GapReport, scored: Sequence[Scored], *, colour: bool) -> None:
    """Print the report."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, no_color=not colour)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    counts = {gap.n for gap in report.gaps}
    table.add_column("higher − lower", overflow="fold")
    table.add_column("gap in z", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    if len(counts) > 1:
        table.add_column("sets" if report.in_sets else "pictures", justify="right", no_wrap=True)
    if report.in_sets:
        table.add_column("largest, in set", overflow="fold")
    table.add_column(f"limit {report.limit:g}", no_wrap=True)
    for gap in report.gaps:
        row = [Text(" − ".join(gap.groups)), Text(f"{gap.mean:.2f}"), Text(_interval(gap))]
        if len(counts) > 1:
            row.append(Text(str(gap.n)))
        if gap.largest is not None:
            row.append(Text(f"{_signed(gap.largest)}, {gap.largest_set}"))
        words, style = VERDICTS[gap.verdict]
        table.add_row(*row, Text(words, style=style))
    console.print(table)
    card = scored[0].card
    lines = [sentence(report)]
    if any(gap.verdict == "unknown" and gap.shows_none for gap in report.gaps):
        lines.append("an interval that contains 0 is no evidence that there is no gap")
    if not report.in_sets:
        lines.append("no column set: groups are compared as wholes, which takes many times more")
    sets = f" in {groups.sets} sets" if report.in_sets else ""
    together = "; the intervals hold for all pairs together" if len(report.gaps) > 1 else ""
    lines.append(f"appeal of {len(scored)} pictures{sets}{together}")
    lines.append(f"calibration {card.calibration_id if card else ''}")
    for number, line in enumerate(lines):
        console.print(line, style="dim" if number else "bold", markup=False, soft_wrap=True)


def sentence(report: GapReport) -> str:
    """What to make of all gaps, in a sentence."""
    gap, limit = report.deciding, report.limit
    first, second = gap.groups
    if report.verdict == "within":
        return f"passes: every gap is within {limit:g} z, with its interval"
    if report.verdict == "above":
        return (
            f"does not pass: {first} scores {gap.mean:.2f} z above {second}, and the whole "
            f"interval ({_interval(gap)}) lies above {limit:g} z"
        )
    what = "sets" if report.in_sets else "pictures of each group"
    wanted = "" if gap.needed is None else f", about {gap.needed} would tell"
    if gap.n < LEAST:
        return f"not enough data: {gap.n} {what}, {LEAST} needed before anything can be said"
    if gap.needed is None:
        wanted = ", and the gap may lie at the limit itself"
    return (
        f"not enough data: {gap.n} {what} cannot tell whether {first} − {second} "
        f"({_interval(gap)}) is within {limit:g} z{wanted}"
    )


VERDICTS = {
    "within": ("within", "green"),
    "above": ("above", "red"),
    "unknown": ("cannot tell", "yellow"),
}


def _interval(gap: Gap) -> str:
    if gap.low is None or gap.high is None:
        return "–"
    return f"{_signed(gap.low)} to {_signed(gap.high)}"


def _signed(value: float) -> str:
    text = f"{value:.2f}"
    return text.replace("-", "−") if float(text) else "0.00"


def _gap_json(gap: Gap) -> dict[str, Any]:
    largest = None
    if gap.largest is not None:
        largest = {"set": gap.largest_set, "gap": round(gap.largest, DIGITS)}
    return {
        "groups": list(gap.groups),
        "n": gap.n,
        "mean": round(gap.mean, DIGITS),
        "interval": [None if end is None else round(end, DIGITS) for end in (gap.low, gap.high)],
        "largest": largest,
        "verdict": gap.verdict,
        "needed": gap.needed,
    }
