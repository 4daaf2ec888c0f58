"""What passes the contract passes an independent checker, however a draft was damaged."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from copy_cases import PRODUCTS, make_draft, make_request
from copy_oracle import ANY, CHANNELS, COUNTS, Rule, faults
from hypothesis import given
from hypothesis import strategies as st

from contentfab.backends.copywriter_offline import OfflineCopywriter
from contentfab.rules.channels import load_channels
from contentfab.rules.wording.contract import check
from contentfab.rules.wording.metrics import METRICS

BANNED, REQUIRED = ("chaos", "混乱"), ("Northlight",)
GUIDE = {"banned": BANNED, "required": REQUIRED, "name": "Northlight"}


@cache
def written(channel: str, locale: str) -> dict[str, Any]:
    request = make_request(locale, channel, angles=("benefit",), brand=GUIDE)
    (reply,) = OfflineCopywriter().write([request])
    assert not reply.error
    return dict(reply.drafts[0].fields)


def test_it_knows_every_channel() -> None:
    assert set(CHANNELS) == set(load_channels())


@pytest.mark.parametrize("locale", sorted(PRODUCTS))
@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_offline_copy_has_no_fault(channel: str, locale: str) -> None:
    assert faults(written(channel, locale), channel, locale, banned=BANNED, required=REQUIRED) == []


def break_at(draft: dict[str, Any], name: str, text: str) -> dict[str, Any]:
    value = draft.get(name, "")
    return draft | {name: [text, *value[1:]] if isinstance(value, list) else text}


TEXTS = st.one_of(
    st.sampled_from(["", " ", "chaos", "混乱", "C H A O S", "**bold**", "{name}", "a\nb", "☕️ hi",
                     "😀", "x" * 31, "字" * 16, "x" * 91, "字" * 51, "x" * 281, "[Product Name]",
                     "lorem ipsum", "TODO", "```", "~~no~~", "# title", "<product name>"]),
    st.text(alphabet="ab 字ケé!?.☕\u200b#@{}*", max_size=120),
    st.text(max_size=40),
)  # fmt: skip


@given(st.data(), st.sampled_from(sorted(CHANNELS)), st.sampled_from(sorted(PRODUCTS)))
def test_what_passes_the_contract_has_no_fault(
    data: st.DataObject, channel: str, locale: str
) -> None:
    request = make_request(locale, channel, angles=("benefit",), brand=GUIDE)
    draft = dict(written(channel, locale))
    for _ in range(data.draw(st.integers(1, 2))):
        name = data.draw(st.sampled_from(sorted(draft)))
        how = data.draw(st.sampled_from(["replace", "append", "drop", "repeat", "shape"]))
        if how == "drop":
            draft.pop(name)
        elif how == "repeat":
            draft[name] = draft[name] * 9 if isinstance(draft[name], list) else [draft[name]] * 2
        elif how == "shape":
            draft[name] = [draft[name]] if isinstance(draft[name], str) else draft[name][0]
        else:
            old = draft[name][0] if isinstance(draft[name], list) else draft[name]
            text = data.draw(TEXTS)
            draft = break_at(draft, name, f"{old}{text}" if how == "append" else text)
        if not draft:
            return
    if not [v for v in check(make_draft(draft), request) if v.level == "error"]:
        assert faults(draft, channel, locale, banned=BANNED, required=REQUIRED) == []


@pytest.mark.parametrize(
    ("change", "channel"),
    [
        ({"headline": ["One", "Two"]}, "google.rsa"), ({"headline": "One"}, "google.rsa"),
        ({"headline": ["Same", "same!", "Other"]}, "google.rsa"),
        ({"headline": ["x" * 31, "b", "c"]}, "google.rsa"), ({"cta": ""}, "meta.feed"),
        ({"headline": "字" * 33}, "meta.feed"), ({"subline": "**Hi**"}, "meta.feed"),
        ({"subline": "Pure chaos"}, "meta.feed"), ({"headline": "{name}"}, "meta.feed"),
        ({"body": "Ein langer Text ohne Zeichen."}, "xiaohongshu.note"),
        ({"text": "Northlight: hello"}, "sms"), ({"text": "字" * 141}, "x.post"),
        ({"text": "字" * 41}, "wechat.moments"), ({"brand_name": "N"}, "tiktok.feed"),
        ({"text": "短" * 60}, "tiktok.feed"), ({"cta": "Shop 😀"}, "x.post"),
    ],
)  # fmt: skip
def test_it_sees_what_is_wrong(change: dict[str, Any], channel: str) -> None:
    draft = written(channel, "en-US") | change
    assert faults(draft, channel, "en-US", banned=BANNED)


LIMITS = [
    (channel, name, rule)
    for channel, fields in CHANNELS.items()
    for name, rule in fields.items()
    if rule.most < ANY
]


@pytest.mark.parametrize(("channel", "name", "rule"), LIMITS)
def test_both_draw_the_line_at_the_same_place(channel: str, name: str, rule: Rule) -> None:
    request = make_request("en-US", channel, angles=("benefit",), brand=GUIDE)
    for over in (0, 1):
        draft = break_at(written(channel, "en-US"), name, "x" * (rule.most + over))
        told = [
            v
            for v in check(make_draft(draft), request)
            if (v.rule, v.level, v.field.split("[")[0]) == ("copy.length", "error", name)
        ]
        assert len(told) == over
        assert sum(f"of {rule.most}" in fault for fault in faults(draft, channel, "en-US")) == over


def test_another_script_is_a_fault() -> None:
    assert faults(written("meta.feed", "en-US"), "meta.feed", "ko-KR")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_both_count_alike(text: str) -> None:
    assert COUNTS["width"](text) == METRICS["gads_width"](text)
    assert COUNTS["letters"](text) == METRICS["codepoints"](text)


@given(st.text(alphabet="aé字 カ한./:–—“”", max_size=80))
def test_both_weigh_posts_alike(text: str) -> None:
    for whole in (text, f"see https://shop.example/{len(text)} {text}"):
        assert COUNTS["x"](whole) == METRICS["x_weighted"](whole)


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(sorted(set(METRICS))))
def test_a_longer_text_is_never_shorter(one: str, two: str, metric: str) -> None:
    """Monotone: what is appended never makes a text count less (X composes letters first)."""
    if metric not in ("graphemes", "x_weighted"):
        assert METRICS[metric](one + two) >= METRICS[metric](one)
    assert METRICS[metric](one) >= 0
