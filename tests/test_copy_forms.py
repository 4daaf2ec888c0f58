"""Labelled copy as CSV, Markdown and text: written, read back the same, with nothing invisible."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from contentfab.errors import InputError
from contentfab.rules.labels.aigc import aigc_record
from contentfab.rules.labels.copy_forms import (
    read_csv,
    read_markdown,
    read_text,
    text_digest,
    texts_of,
    write_csv,
    write_markdown,
    write_text,
)
from contentfab.rules.wording.hidden_text import hidden_characters

ASSET = "0123456789abcdef" * 2


def row(label: str = "AI生成 · AI-generated", **fields: Any) -> dict[str, Any]:
    given = {
        "headline": [
            "=SUM(A1)",
            "- dash\n1. one\n## no heading\n---\n> x",
            "'=x",
            "It's *bold* \\",
        ],
        "text": "+1 for <b>coffee</b> & co\n\n  - roasted | ~today~",
    }
    return {
        "id": "cpy-1", "asset": ASSET, "product": "p", "segment": "s", "channel": "meta.feed",
        "locale": "en", "variant": "p--s--a", "angle": "benefit", "backend": "openai/x",
        "fields": fields or given, "measures": {}, "warnings": [], "label": label,
        "AIGC": aigc_record("contentfab", ASSET),
    }  # fmt: skip


def test_csv_reads_back_and_harms_no_spreadsheet() -> None:
    given = [row(), row(text="Kaffee"), row(headline=["@home", "\tx"])]
    written = write_csv(given)
    cells = [cell for line in csv.reader(io.StringIO(written, newline="")) for cell in line]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    for text in (written, "\ufeff" + written):
        back = read_csv(text)
        for one, other in zip(given, back, strict=True):
            assert other["fields"] == texts_of(one)
            assert (other["label"], other["AIGC"]) == (one["label"], one["AIGC"])
            assert other["sha256"] == text_digest(other) == text_digest(one)


def test_markdown_reads_back_and_carries_the_record() -> None:
    written = write_markdown(row())
    front = yaml.safe_load(written.split("---\n")[1])
    assert list(front["AIGC"]) == list(aigc_record("x", "y"))
    assert "\n> AI生成 · AI-generated\n" in written
    one, two = read_markdown(written + write_markdown(row(text="Zwei")))
    assert one["fields"] == row()["fields"]
    assert two["fields"] == {"text": "Zwei"}
    assert one["sha256"] == text_digest(one)
    assert one["AIGC"] == row()["AIGC"]
    assert read_markdown(written.replace("\n", "\r\n"))[0]["sha256"] == text_digest(one)


def test_text_starts_with_the_label() -> None:
    written = write_text(row())
    assert written.startswith("AI生成 · AI-generated\n\n=SUM(A1)\n")
    assert read_text(written)["label"] == "AI生成 · AI-generated"


def test_copy_without_a_label_stays_so() -> None:
    bare = {**row(text="Hand-made"), "label": None, "AIGC": None, "ai_generated": False}
    for back in (read_csv(write_csv([bare]))[0], read_markdown(write_markdown(bare))[0]):
        assert (back["label"], back["AIGC"], back["ai_generated"]) == ("", None, False)
        assert back["sha256"] == text_digest(bare)
    assert write_text(bare) == "Hand-made\n"


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["headline", "text", "cta"]),
        st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n#->*'=+"))
        | st.lists(st.text(st.sampled_from("ab \n-#>='+\\*_1.")), max_size=3),
        min_size=1,
    )
)
def test_any_text_survives(fields: dict[str, Any]) -> None:
    given = row(**fields)
    assert text_digest(read_csv(write_csv([given]))[0]) == text_digest(given)
    assert text_digest(read_markdown(write_markdown(given))[0]) == text_digest(given)


def test_no_form_holds_hidden_characters() -> None:
    for label in ("AI生成 · AI-generated", "تولیدشده با هوش مصنوعی", "AI द्वारा निर्मित"):
        for text in (write_csv([row(label)]), write_markdown(row(label)), write_text(row(label))):
            assert not hidden_characters(text)
            assert not set(text) & set("\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nothing here", ""),
        ("❤️ 1️⃣ 👩‍🍳 🏴\U000e0067\U000e0062\U000e007f", ""),
        ("می‌خواهم क्‍ष 葛\U000e0100城", ""),
        ("a\u200bb", "U+200B"),
        ("plain\ufe01", "U+FE01"),
        ("葛\ufe01\ufe02\ufe03", "U+FE01"),
        ("\u202etxt.exe", "U+202E"),
    ],
)
def test_hidden_characters(text: str, found: str) -> None:
    assert "".join(hidden_characters(text))[: len(found) or None] == found


ODD = [
    "",
    "a,b\r\n1,2\r\n",
    "label,AIGC\r\n1\r\n",
    "label,label,AIGC\r\n",
    '"',
    "x" * 200_000 + ",label",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_tables_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_csv(text)


@pytest.mark.parametrize(
    "text",
    ["", "# hi", "---\n: [\n---\n", "---\n- 1\n---\n", f"---\n{'[' * 5000}\n---\n", "x\n---\na\n"],
)  # fmt: skip
def test_odd_documents_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_markdown(text)
