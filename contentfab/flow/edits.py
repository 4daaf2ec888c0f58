"""Hand-edited copy on its way back: from a spreadsheet to `copy_edits.yaml`, and into a run.

Edited lines go through the same contract as generated ones; what breaks it is told at its cell, and
nothing is imported then. Knows where edits come from and go to, not how copy is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from contentfab.errors import InputError, Problem
from contentfab.records.brief import Brief, EditedLine
from contentfab.records.copy import Author, CopyDraft, CopyOutcome, CopyRequest, Usage, Violation
from contentfab.records.inputs import CopyEdit
from contentfab.records.plan import CopyJob, Plan
from contentfab.rules.edits import FILE, dump_edits
from contentfab.rules.feeds.tables import Row, Table, read_csv
from contentfab.rules.feeds.xlsx import read_xlsx
from contentfab.rules.files.safe_files import FileFault, read_file, shorten
from contentfab.rules.keys import line_id
from contentfab.rules.labels.copy_forms import plain_cell
from contentfab.rules.wording.contract import check, check_variants, rules_for
from contentfab.store import publish_file

SUFFIXES = (".xlsx", ".csv", ".tsv")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed: variant ids, and how many lines of the file were as before."""

    changed: tuple[str, ...]
    unchanged: int


def make(
    jobs: Sequence[CopyJob], *, others: Callable[[Sequence[CopyJob]], Any], to_do: set[str]
) -> Iterator[CopyOutcome]:
    """Outcomes of all jobs: edited lines as they stand, the rest from `others`."""
    rest = []
    for job in jobs:
        for variant, edit in job.edits.items():
            if job.keys.get(variant) in to_do:
                yield _outcome(job, edit)
        asks = tuple(ask for ask in job.request.variants if ask.id not in job.edits)
        if any(job.keys[ask.id] in to_do for ask in asks):
            keys = {ask.id: job.keys[ask.id] for ask in asks}
            rest.append(CopyJob(replace(job.request, variants=asks), keys))
    if rest:
        yield from others(rest)


def faults(brief: Brief, plan: Plan) -> list[Problem]:
    """Edited lines that break the contract, or whose variant the campaign no longer has."""
    jobs = {variant: job for job in plan.copies for variant in job.edits}
    found = []
    for variant, line in brief.edits.items():
        job = jobs.get(variant)
        if job is None:
            message = f"the campaign has no variant {variant} with copy of its own"
            hint = "remove the entry, or bring the product, segment, channel or locale back"
            found.append(_problem(line, "", "edits.stale", message, hint, "warn"))
            continue
        for fault in _violations(_draft(line.edit, job), job.request):
            if fault.level == "error":
                message = f"{variant}: {fault.message}"
                found.append(_problem(line, fault.field, fault.rule, message, "edit the text"))
    return found


def take_back(path: Path, brief: Brief, plan: Plan, rows: Sequence[Mapping[str, Any]]) -> Imported:
    """Import an edited table of `contentfab copy`. `rows` are the lines as they are now. Raises
    InputError, naming sheet, row and column, when any line breaks the contract; then nothing is
    changed."""
    table = _read(path)
    known = {row["id"]: row for row in rows}
    jobs = {line_id(ask.id): job for job in plan.copies for ask in job.request.variants}
    problems = list(table.problems)
    edits: dict[str, CopyEdit] = {}
    seen: dict[str, int] = {}
    unchanged = 0
    for row in table.rows:
        current = _current(table, row, known, problems)
        if current is None or _repeated(table, row, seen, problems):
            continue
        job = jobs[current["id"]]
        fields = _fields(table, row, job.request, current["fields"])
        if fields == current["fields"]:
            unchanged += 1
            continue
        edit = CopyEdit(
            id=current["id"], variant=current["variant"], base=current["backend"],
            ai=bool(current["uses_ai"]), fields=fields,
        )  # fmt: skip
        others = [
            CopyDraft(r["variant"], r["angle"], edits[r["variant"]].fields
                      if r["variant"] in edits else r["fields"])
            for r in rows
            if r["variant"] in job.keys and r["id"] != current["id"]
        ]  # fmt: skip
        for fault in _violations(_draft(edit, job), job.request, others):
            column = fault.field.partition("[")[0]
            place = table.place(row.line, column if column in table.headers else "id")
            hint = "edit the cell and import again"
            problems.append(Problem(*place, fault.message, hint, fault.rule, fault.level))
        edits[edit.variant] = edit
    if any(problem.level == "error" for problem in problems):
        raise InputError(problems=problems, hint="nothing was imported")
    if edits:
        kept = {variant: line.edit for variant, line in brief.edits.items()} | edits
        publish_file(brief.root / FILE, dump_edits(kept.values()))
    return Imported(tuple(sorted(edits)), unchanged)


def _outcome(job: CopyJob, edit: CopyEdit) -> CopyOutcome:
    draft = _draft(edit, job)
    asks = tuple(ask for ask in job.request.variants if ask.id == edit.variant)
    request = replace(job.request, variants=asks)
    warnings = tuple(v for v in _violations(draft, request) if v.level != "error")
    author = Author(edit.base, edit.ai, human_edited=True)
    return CopyOutcome(request, (draft,), warnings, (), {}, False, Usage(), author=author)


def _draft(edit: CopyEdit, job: CopyJob) -> CopyDraft:
    angle = next(ask.angle for ask in job.request.variants if ask.id == edit.variant)
    return CopyDraft(edit.variant, angle, edit.fields)


def _violations(
    draft: CopyDraft, request: CopyRequest, others: Sequence[CopyDraft] = ()
) -> list[Violation]:
    twins = check_variants([*others, draft], request)
    return [*check(draft, request), *(twin for twin in twins if twin.variant == draft.variant)]


def _problem(
    line: EditedLine, field: str, rule: str, message: str, hint: str, level: str = "error"
) -> Problem:
    return Problem(line.file, line.line, field, message, hint, rule, level)


def _read(path: Path) -> Table:
    name = path.name
    try:
        if path.suffix.lower() not in SUFFIXES:
            message, hint = "edits come back as XLSX, CSV or TSV", "contentfab copy --format xlsx"
            raise FileFault("edits.format", message, hint)
        data = read_file(path, name=name)
        if path.suffix.lower() == ".xlsx":
            table = read_xlsx(data, name, path.parent)
        else:
            table = read_csv(data, name, path.parent, tabs=path.suffix.lower() == ".tsv")
        if "id" not in table.headers:
            message, hint = "there is no column `id`", "keep the columns as they were exported"
            raise FileFault("edits.columns", message, hint, 1)
    except FileFault as fault:
        problem = Problem(name, fault.line, "", fault.message, fault.hint, fault.rule)
        raise InputError(problems=[problem], hint="nothing was imported") from None
    return table


def _current(
    table: Table,
    row: Row,
    known: Mapping[str, Mapping[str, Any]],
    problems: list[Problem],
) -> Mapping[str, Any] | None:
    """The line as it is now; None with a problem when the row names none, or two."""
    name = row.text("id")
    current = known.get(name)
    if current is None:
        message = f"there is no line {shorten(name)!r} in this campaign" if name else "no id"
        hint = "keep the ids as `contentfab copy` wrote them"
        place = table.place(row.line, "id")
        problems.append(Problem(*place, message, hint, "edits.unknown-line"))
        return None
    for column in ("variant", "locale"):
        if column in table.headers and row.text(column) != current[column]:
            message = f"the row's id belongs to {current[column]}, not to {row.text(column)!r}"
            hint = "sort and move whole rows; only texts are edited"
            place = table.place(row.line, column)
            problems.append(Problem(*place, message, hint, "edits.mixed-rows"))
            return None
    return current


def _repeated(table: Table, row: Row, seen: dict[str, int], problems: list[Problem]) -> bool:
    first = seen.setdefault(row.text("id"), row.line)
    if first != row.line:
        message, hint = f"this line stands in row {first} already", "keep one row for each line"
        place = table.place(row.line, "id")
        problems.append(Problem(*place, message, hint, "edits.twice"))
    return first != row.line


def _fields(
    table: Table, row: Row, request: CopyRequest, current: Mapping[str, Any]
) -> dict[str, str | list[str]]:
    """The row's texts; a column that is not there leaves its field as it was."""
    fields: dict[str, str | list[str]] = {}
    for rule in rules_for(request.channel):
        if rule.name not in table.headers:
            if rule.name in current:
                fields[rule.name] = current[rule.name]
            continue
        text = plain_cell(row.text(rule.name)).replace("\r\n", "\n")
        if rule.count_max > 1:
            texts = [line.strip() for line in text.split("\n") if line.strip()]
            if texts:
                fields[rule.name] = texts
        elif text:
            fields[rule.name] = text
    return fields
