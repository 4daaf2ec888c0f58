"""The copywriting stage with copywriters that answer well, badly, late, in any order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from copy_cases import make_request
from scripted import Scripted, cell, drafts, fields

from contentfab.errors import BackendError, BackendUnavailable
from contentfab.records.copy import CopyDraft, CopyOutcome, CopyReply, CopyRequest, Usage
from contentfab.records.plan import CopyOptions
from contentfab.rules.wording.angles import angles_for
from contentfab.rules.wording.diversity import Seen
from contentfab.stages.copywriting import copywriting


def short(outcome: CopyOutcome) -> tuple[str, list[str], list[str]]:
    texts = [str(draft.fields["headline"]) for draft in outcome.accepted]
    return outcome.request.key, texts, sorted(outcome.failures)


def wrong_number(draft: CopyDraft) -> CopyDraft:
    return replace(draft, fields={**draft.fields, "headline": "Ready in 37 minutes"})


@pytest.mark.parametrize("looks_again", [True, False])
def test_only_what_is_missing_is_asked_again(looks_again: bool) -> None:
    def answer(request: CopyRequest, time: int) -> list[CopyDraft]:
        found = drafts(request, 1, 2) if time == 1 else drafts(request, 4)
        return [*found[:1], wrong_number(found[1])] if time == 1 else found

    writer = Scripted(answer, looks_again=looks_again)
    (outcome,) = copywriting([cell("one")], writer)
    first, second = writer.asked
    assert [ask.id for ask in first.variants] == ["one--a", "one--b"]
    assert [ask.id for ask in second.variants] == ["one--b"]
    assert {v.field for v in second.feedback} == {"headline"}
    before = {draft.variant: draft.fields for draft in second.previous}
    assert before["one--b"]["headline"] == "Ready in 37 minutes"
    assert before["one--a"] == fields(1)  # accepted, so that the rewrite says something else
    assert short(outcome)[1:] == ([fields(1)["headline"], fields(4)["headline"]], [])
    assert (outcome.attempts, outcome.usage) == (2, Usage(2, 20, 10, 1.0))


def test_what_stays_wrong_fails_with_every_attempt() -> None:
    def answer(request: CopyRequest, time: int) -> list[CopyDraft]:
        return [wrong_number(draft) for draft in drafts(request, time, time + 4)]

    writer = Scripted(answer)
    (outcome,) = copywriting([cell("one")], writer, repairs=3)
    assert len(writer.asked) == 4
    assert "37" in outcome.failures["one--a"] and not outcome.accepted
    attempts = [r.attempt for r in outcome.rejected if r.draft.variant == "one--a"]
    assert attempts == [1, 2, 3, 4]
    (once,) = copywriting([cell("one")], Scripted(answer), repairs=0)
    assert not once.accepted and once.attempts == 1


def test_a_spare_stands_in_and_brings_its_angle() -> None:
    def answer(request: CopyRequest, time: int) -> list[CopyDraft]:
        first, second, spare = drafts(request, 1, 2, 3)
        return [first, wrong_number(second), spare]

    writer = Scripted(answer)
    (outcome,) = copywriting([cell("one", spares=1)], writer)
    assert len(writer.asked) == 1
    assert [(d.variant, d.angle) for d in outcome.accepted] == [
        ("one--a", "benefit"),
        ("one--b", "curiosity"),
    ]
    assert outcome.accepted[1].fields == fields(3)


def test_a_spare_that_nobody_needs_is_left_out() -> None:
    writer = Scripted(lambda request, time: drafts(request, 1, 2, 3))
    (outcome,) = copywriting([cell("one", spares=1)], writer)
    assert [d.variant for d in outcome.accepted] == ["one--a", "one--b"]
    assert not outcome.rejected and not outcome.failures


def test_variants_of_a_cell_that_say_the_same_are_asked_again() -> None:
    writer = Scripted(lambda request, time: drafts(request, *((1, 1) if time == 1 else (2,))))
    (outcome,) = copywriting([cell("one")], writer)
    assert [v.rule for v in writer.asked[1].feedback] == ["copy.same-as-other"]
    assert short(outcome)[1:] == ([fields(1)["headline"], fields(2)["headline"]], [])


def test_copy_that_is_there_already_counts_as_said() -> None:
    """A run that is resumed asks for the missing variant only; it must not repeat its mate."""
    mate = CopyDraft("one--a", "benefit", fields(1))
    resumed = replace(cell("one", variants="b"), previous=(mate,))
    writer = Scripted(lambda request, time: drafts(request, time))
    (outcome,) = copywriting([resumed], writer)
    assert short(outcome)[1:] == ([fields(2)["headline"]], [])
    assert not writer.asked[0].feedback


def test_near_duplicates_across_cells_are_asked_again_and_then_kept_with_a_warning() -> None:
    def answer(request: CopyRequest, time: int) -> list[CopyDraft]:
        if request.key == "third":
            return drafts(request, 1)
        return drafts(request, {("first", 1): 1, ("second", 1): 1, ("second", 2): 5}[
            request.key, time
        ])  # fmt: skip

    writer = Scripted(answer)
    cells = [cell(name, variants="a") for name in ("first", "second", "third")]
    first, second, third = copywriting(cells, writer, seen=Seen())
    assert (first.attempts, second.attempts, third.attempts) == (1, 2, 3)
    assert [v.rule for v in second.rejected[0].violations] == ["copy.near-duplicate"]
    assert short(second)[1] == [fields(5)["headline"]]
    assert short(third)[1] == [fields(1)["headline"]]
    (warning,) = [v for v in third.warnings if v.rule == "copy.near-duplicate"]
    assert warning.level == "warn" and warning.measure == 1.0


def test_copy_of_earlier_runs_and_other_languages() -> None:
    writer = Scripted(lambda request, time: drafts(request, 1 if time == 1 else 7))
    seen = Seen()
    seen.add(CopyDraft("old--a", "benefit", fields(1)), cell("old"))
    (outcome,) = copywriting([cell("one", variants="a")], writer, seen=seen)
    assert outcome.attempts == 2


def test_a_writer_that_is_no_model_is_not_asked_for_other_words() -> None:
    writer = Scripted(lambda request, time: drafts(request, 1))
    writer.uses_ai = False  # type: ignore[attr-defined]
    cells = [cell(name, variants="a") for name in ("first", "second")]
    outcomes = list(copywriting(cells, writer, seen=Seen()))
    assert [outcome.attempts for outcome in outcomes] == [1, 1]


def careless(request: CopyRequest, time: int) -> list[CopyDraft]:
    """Answers that depend on cell and time only, often wrong, often like those of other cells."""
    draw = random.Random(f"{request.key}{time}")
    found = drafts(request, *(draw.randrange(-1, 6 + 4 * time) for _ in range(3)))
    return [wrong_number(draft) if draw.random() < 0.3 else draft for draft in found]


def test_the_order_of_arrival_changes_nothing() -> None:
    cells = [cell(f"cell-{n:02}", spares=n % 2) for n in range(90)]

    def run(order: random.Random | None, looks_again: bool = True) -> list[CopyOutcome]:
        writer = Scripted(careless, order=order, looks_again=looks_again)
        return list(copywriting(cells, writer, seen=Seen()))

    expected = run(None)
    assert sum(bool(o.failures) for o in expected) > 3
    assert sum(any(v.rule == "copy.near-duplicate" for v in o.warnings) for o in expected) > 3
    assert sorted(o.request.key for o in expected) == [c.key for c in cells]
    for seed in range(3):
        assert run(random.Random(seed)) == expected
    assert run(random.Random(7), looks_again=False) == expected


def test_a_writer_that_leaves_cells_out_or_answers_twice() -> None:
    class Silent(Scripted):
        def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
            yield from list(super().write(requests[:1]))

    outcomes = list(copywriting([cell("one"), cell("two")], Silent(lambda r, t: drafts(r, 1, 2))))
    assert set(outcomes[1].failures.values()) == {"the copywriter gave no answer"}

    class Twice(Scripted):
        def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
            for reply in super().write(requests):
                yield from (reply, reply)

    with pytest.raises(BackendError, match="was not asked"):
        list(copywriting([cell("one")], Twice(lambda r, t: drafts(r, 1, 2))))


def test_what_was_answered_is_kept_when_the_endpoint_goes_down() -> None:
    """Cells wait for those before them to be compared; they are handed over before the error."""

    class GoesDown(Scripted):
        def write(self, requests: Sequence[CopyRequest]) -> Iterator[CopyReply]:
            for request in reversed(requests[1:]):
                yield from super().write([request])
            raise BackendUnavailable("down")

    cells = [cell("one"), cell("two"), cell("three")]
    numbers = {"one": (1, 2), "two": (3, 4), "three": (5, 6)}
    outcomes = copywriting(cells, GoesDown(lambda r, t: drafts(r, *numbers[r.key])), seen=Seen())
    found = []
    with pytest.raises(BackendUnavailable):
        for outcome in outcomes:
            found.append(outcome.request.key)
    assert found == ["two", "three"]


def test_angles_need_evidence() -> None:
    plain = make_request().product
    rated = replace(plain, facts={"rating": "4.6 of 5", "offer_ends": "2026-12-24"})
    assert {"social-proof", "urgency"} <= {*angles_for(rated, by_model=True)}
    assert not {"social-proof", "urgency"} & {*angles_for(plain, by_model=True)}
    assert not {"social-proof", "urgency"} & {*angles_for(rated)}  # phrase frames have none
    assert CopyOptions(by_model=True).spares(2) == 1
    assert CopyOptions(by_model=True).spares(1) == CopyOptions().spares(3) == 0
