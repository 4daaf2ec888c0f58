"""`contentfab score` on a terminal: one table per calibration id, the best pictures first.

What the scorer cannot tell apart shares a rank (`2=`). Numbers of two calibration ids never stand
in one table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from contentfab.delivery._score_records import Scored, telling
from contentfab.rules.scoring.background import UNLIKE
from contentfab.rules.scoring.summary import place_words

if TYPE_CHECKING:
    from rich.console import Console

    from contentfab.records.scores import Criterion, ScoreCard

WEAK, STRONG = 0.4, 0.6
"""Values of a criterion below and above which it is marked as pulling down or up."""


def show_scores(scored: Sequence[Scored], *, verbose: bool, colour: bool) -> None:
    """Print what could be scored; `verbose` shows all criteria and every note."""
    from rich.console import Console

    console = Console(highlight=False, no_color=not colour)
    groups: dict[str, list[Scored]] = {}
    for one in scored:
        if one.card is not None:
            groups.setdefault(one.card.calibration_id, []).append(one)
    for calibration, group in groups.items():
        console.print(_table(group, verbose))
        _foot(console, calibration, group, verbose, len(groups) > 1)


def appeal_words(card: ScoreCard) -> str:
    """Appeal as people read it: a percentile where it is calibrated, else the bare number."""
    if card.appeal is None:
        return "–"
    if card.appeal_percentile is None:
        return f"{card.appeal:.2f}"
    return place_words(card.appeal_percentile)


def _table(group: Sequence[Scored], verbose: bool) -> Any:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    ranked = any(one.rank for one in group)
    branded = any(one.brand for one in group)
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
    if ranked:
        table.add_column("", width=_rank_width(group), justify="right")
    table.add_column("appeal", width=6, justify="right")
    if branded:
        table.add_column("brand fit", width=9, justify="right")
    table.add_column("picture, and what says most about it", ratio=1, overflow="fold")
    for number, one in enumerate(sorted(group, key=_order)):
        card = one.card
        assert card is not None
        if number:
            table.add_section()
        row = [Text(_rank(one), style="dim")] if ranked else []
        row.append(Text(appeal_words(card), style="bold red" if one.below else "bold"))
        if branded:
            row.append(Text("–" if card.brand_fit is None else f"{card.brand_fit:.2f}"))
        shown = card.criteria if verbose else telling(card)
        table.add_row(*row, _reasons(one, shown, verbose))
    return table


def _reasons(one: Scored, criteria: Sequence[Criterion], verbose: bool) -> Any:
    """The picture's cell: its path, then a line for each thing to know, wrapped behind its mark."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    card = one.card
    assert card is not None
    lines = Table.grid(padding=(0, 1))
    lines.add_column(width=1)
    lines.add_column(overflow="fold")
    for sentence in one.below:
        lines.add_row("", Text(f"below the gate: {sentence}", style="red"))
    for gate in card.failed_gates:
        lines.add_row("", Text(f"gate failed, and caps the score: {gate}", style="red"))
    for criterion in criteria:
        mark, style = _mark(criterion)
        value = "–" if criterion.value is None else f"{criterion.value:.2f}"
        said = Text(f"{criterion.name} {value}", style=style)
        lines.add_row(Text(mark, style=style), said.append(f"  {criterion.explanation}", "dim"))
    for reason in card.review:
        lines.add_row("", Text(f"a person must look: {reason}", style="yellow"))
    for note in _notes(one, verbose):
        lines.add_row("", Text(note, style="yellow"))
    path = Text(one.path, style="bold", overflow="fold")
    return Group(path, lines) if lines.row_count else path


def _notes(one: Scored, verbose: bool) -> list[str]:
    """What a reader must know of this picture; `verbose` says all of it."""
    note = one.card.note if one.card else ""
    if verbose:
        return [note] if note else []
    return [*one.unseen, *([UNLIKE] if UNLIKE in note else [])]


def _mark(criterion: Criterion) -> tuple[str, str]:
    if criterion.value is None or not criterion.informative:
        return "·", "dim"
    if criterion.value < WEAK:
        return "−", "red"
    return ("+", "green") if criterion.value > STRONG else ("·", "")


def _foot(
    console: Console, calibration: str, group: Sequence[Scored], verbose: bool, several: bool
) -> None:
    """What a reader must know of all these numbers."""
    lines = []
    if any(one.tied for one in group):
        lines.append("= cannot be told apart: they differ less than their views do")
    elif len(group) > 1 and not any(one.rank for one in group):
        lines.append("no ranks: this scorer does not say how sure it is")
    if any(one.card and one.card.appeal_percentile is not None for one in group):
        lines.append("appeal is a percentile among the pictures of the background set")
    if not verbose:
        lines += _foot_notes(group)
    if not any(one.brand for one in group):
        lines.append("no brand fit: add --brand NAME")
    lines += dict.fromkeys(one.card.content for one in group if one.card and one.card.content)
    lines.append(f"calibration {calibration}")
    if several:
        lines.append("numbers of another calibration are another scale: do not compare them")
    for line in lines:
        console.print(line, style="dim", markup=False, soft_wrap=True)


def _foot_notes(group: Sequence[Scored]) -> list[str]:
    """What all pictures share of their notes, beyond what stands beside them; else where to find
    those of each."""
    notes = set()
    for one in group:
        note = one.card.note if one.card else ""
        for told in _notes(one, False):
            note = note.replace(told, "").strip()
        notes.add(note)
    if len(notes) == 1:
        return [note for note in notes if note]
    return ["what was done to each picture, and left out of it: -v"]


def _order(one: Scored) -> tuple[float, str]:
    card = one.card
    assert card is not None
    value = card.appeal_z if card.appeal_z is not None else card.appeal
    return (-value if value is not None else float("inf"), one.path)


def _rank(one: Scored) -> str:
    return "" if one.rank is None else f"{one.rank}{'=' if one.tied else ''}"


def _rank_width(group: Sequence[Scored]) -> int:
    return max(len(_rank(one)) for one in group)
