"""Near-duplicates: exact likeness, strict within a cell, looser across cells, names masked."""

from __future__ import annotations

from dataclasses import replace

from copy_cases import make_request
from hypothesis import given
from hypothesis import strategies as st

from contentfab.backends.copywriter_offline import OfflineCopywriter
from contentfab.records.copy import CopyDraft, CopyRequest
from contentfab.rules.wording.diversity import (
    OTHER_CELL,
    SAME_CELL,
    Seen,
    cell_repeats,
    distances,
    grams_of,
    similarity,
    text_similarity,
)

FRAME = "{} is on the shelf. Light, cold and made with patience. Take one home tonight."
OTHER = "A quiet cup before the first meeting. Nothing loud, nothing rushed, only good beans."


def cell(name: str, product: str, locale: str = "en-US") -> CopyRequest:
    request = make_request(locale, product={"id": name, "name": product, "price": ""})
    return replace(request, key=name, cell=replace(request.cell, id=name, product=name))


def draft(name: str, text: str, headline: str = "Good morning") -> CopyDraft:
    return CopyDraft(name, "benefit", {"primary_text": text, "headline": headline, "cta": "Shop"})


def test_copy_that_differs_in_the_name_alone_is_the_same() -> None:
    one, two = cell("tide", "Slow Tide"), cell("dune", "Golden Dune")
    seen = Seen()
    assert seen.nearest(draft("tide--a", FRAME.format("Slow Tide")), one) is None
    seen.add(draft("tide--a", FRAME.format("Slow Tide")), one)
    near = seen.nearest(draft("dune--a", FRAME.format("Golden Dune")), two)
    assert near is not None
    assert (near.variant, near.similarity) == ("tide--a", 1.0)
    far = seen.nearest(draft("dune--a", OTHER, "Look closer"), two)
    assert far is not None
    assert far.similarity < 0.3


def test_the_own_cell_and_other_locales_are_not_compared_but_other_audiences_are() -> None:
    one = cell("tide", "Slow Tide")
    seen = Seen()
    seen.add(draft("tide--a", FRAME), one)
    assert seen.nearest(draft("tide--b", FRAME), one) is None
    german = cell("dune", "Golden Dune", "de-DE")
    assert seen.nearest(draft("dune--a", FRAME), german) is None
    office = replace(one, cell=replace(one.cell, id="x", segment="office"))
    near = seen.nearest(draft("tide-office--a", FRAME), office)
    assert near is not None and near.variant == "tide--a"


def test_the_first_of_equals_is_named_whatever_came_between() -> None:
    seen = Seen()
    for name in ("a", "b", "c"):
        seen.add(draft(f"{name}--a", FRAME.format("It")), cell(name, "Slow Tide"))
    near = seen.nearest(draft("d--a", FRAME.format("It")), cell("d", "Slow Tide"))
    assert near is not None
    assert near.variant == "a--a"


def test_a_cell_keeps_the_earlier_of_two_and_compares_with_what_it_keeps() -> None:
    request = cell("tide", "Slow Tide")
    drafts = [
        draft("a", FRAME), draft("b", FRAME + " Yes."), draft("c", OTHER, "Look closer"),
        draft("d", FRAME.replace("patience", "much patience")),
    ]  # fmt: skip
    found = cell_repeats(drafts, request)
    assert [(r.variant, r.other) for r in found] == [("b", "a"), ("d", "a")]
    assert all(r.similarity >= SAME_CELL for r in found)
    assert SAME_CELL < OTHER_CELL


def test_lines_of_a_list() -> None:
    assert text_similarity("Fresh coffee beans", "Fresh coffee bean") >= 0.8
    assert text_similarity("清晨的第一杯咖啡", "清晨的第一杯咖啡。") == 1.0
    assert text_similarity("Good morning, poured.", "Good evening, poured.") < 0.8


def test_every_variant_is_told_its_nearest() -> None:
    requests = [cell(name, f"Brew {name.upper()}") for name in "abcde"]
    entries = [
        (request, made)
        for request in requests
        for made in next(OfflineCopywriter().write([request])).drafts
    ]
    entries = [
        (request, replace(made, variant=f"{request.key}{made.variant}"))
        for request, made in entries
    ]
    found = distances(entries)
    assert set(found) == {made.variant for _, made in entries}
    for request, made in entries:
        best = max(
            similarity(grams_of(made, request), grams_of(other, theirs))
            for theirs, other in entries
            if other is not made
        )
        assert abs(found[made.variant].similarity - best) < 1e-9
    assert distances(entries[:1]) == {}


TEXTS = st.text(alphabet="ab cdéß咖啡 한가ن", max_size=60)


@given(TEXTS, TEXTS)
def test_likeness_is_symmetric_and_between_nought_and_one(one: str, two: str) -> None:
    assert text_similarity(one, two) == text_similarity(two, one)
    assert 0 <= text_similarity(one, two) <= 1
    assert text_similarity(one, one) in (0.0, 1.0)


@given(st.lists(TEXTS, min_size=1, max_size=12))
def test_the_index_agrees_with_comparing_all(texts: list[str]) -> None:
    seen = Seen()
    for n, text in enumerate(texts):
        request, made = cell(f"p{n}", "Slow Tide"), draft(f"v{n}", text, "")
        others = [
            (cell(f"p{i}", "Slow Tide"), draft(f"v{i}", t, "")) for i, t in enumerate(texts[:n])
        ]
        near = seen.nearest(made, request)
        wanted = [similarity(grams_of(made, request), grams_of(d, r)) for r, d in others]
        assert (near is None) == (not wanted)
        if near is not None:
            assert abs(near.similarity - max(wanted)) < 1e-9
        seen.add(made, request)
