"""The copy contract: what a draft must keep before anyone pays for a picture.

`check` applies the channel's fields and limits, the poster's own limits, brand words, the
compliance lexicon and the claims of numbers, and says for each break what to change. Pure: it
never asks a model and never changes a text. Only evidence A, brand and compliance errors block.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from contentfab.records.copy import CopyDraft, CopyRequest, Fields, Violation
from contentfab.records.inputs import Channel, FieldRule, Limit
from contentfab.rules.channels import disclosure
from contentfab.rules.compliance import contains
from contentfab.rules.metrics import METRICS, UNITS, has_emoji
from contentfab.rules.wording import check_claims, check_words, violation

_HOUSE = "contentfab: what the poster layouts hold at a readable size"


def _poster_field(name: Literal["headline", "subline", "cta"], best: int, most: int) -> FieldRule:
    return FieldRule(
        name=name,
        metric="gads_width",
        max=best,
        evidence="C",
        source=_HOUSE,
        verified_at="2026-11-21",
        emoji=False,
        poster_role=name,
        also=[Limit(metric="gads_width", max=most, level="error", evidence="A", source=_HOUSE)],
    )


# Texts that every poster has. A channel with placements asks for those that no field of its own
# stands for. `max` is a warning, the further limit is what the layouts can hold at all.
POSTER_FIELDS: tuple[FieldRule, ...] = (
    _poster_field("headline", 42, 64),
    _poster_field("subline", 80, 120),
    _poster_field("cta", 24, 32),
)
_POSTER = {rule.name: rule for rule in POSTER_FIELDS}
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|\[[A-Z][^\[\]]*\]|<[a-z_ ]+>|\bTODO\b|(?i:\blorem ipsum\b)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ufffd]")
_KEY = re.compile(r"\W+")


def rules_for(channel: Channel) -> list[FieldRule]:
    """The fields that a draft for `channel` has: its own, then the poster's that it lacks."""
    if not channel.placements:
        return list(channel.fields)
    taken = {rule.poster_role for rule in channel.fields} | {rule.name for rule in channel.fields}
    return [*channel.fields, *(rule for rule in POSTER_FIELDS if rule.name not in taken)]


def poster_texts(fields: Fields, channel: Channel) -> dict[str, str]:
    """`headline`, `subline` and `cta` as they stand on the poster; of a list, the first. Empty
    for a channel without placements."""
    if not channel.placements:
        return {}
    found: dict[str, str] = {}
    for rule in rules_for(channel):
        role = rule.poster_role
        texts = _texts(fields.get(rule.name))
        if role and texts:
            found.setdefault(role, texts[0])
    return found


def check(draft: CopyDraft, request: CopyRequest) -> list[Violation]:
    """Every break of the contract in one draft, errors and warnings, in the order of the fields."""
    rules = rules_for(request.channel)
    found: list[Violation] = []
    for rule in rules:
        found += _check_field(draft, rule, request)
    known = {rule.name for rule in rules}
    for name in draft.fields:
        if name not in known:
            hint = f"is no field of {request.channel.id}; its fields are {', '.join(sorted(known))}"
            found.append(violation(draft.variant, name, "copy.unknown-field", hint, level="warn"))
    return found + _check_required(draft, request)


def check_variants(drafts: Sequence[CopyDraft], request: CopyRequest) -> list[Violation]:
    """Variants of one cell that say the same: an experiment between equals measures nothing. The
    later draft of two is the one to rewrite."""
    found: list[Violation] = []
    seen: dict[tuple[str, ...], str] = {}
    for draft in drafts:
        said = tuple(
            _key(text) for name in sorted(draft.fields) for text in _texts(draft.fields[name])
        )
        twin = seen.setdefault(said, draft.variant)
        if twin != draft.variant:
            hint = f"says the same as variant {twin}; write it from its own angle"
            found.append(violation(draft.variant, "", "copy.same-as-other", hint))
    return found


def text_violations(text: str, request: CopyRequest, *, field: str = "") -> list[Violation]:
    """Brand, compliance and claim breaks of one text, whatever field it may end up in."""
    return [*check_words("", field, text, request), *check_claims("", field, text, request)]


def measures(draft: CopyDraft, channel: Channel) -> dict[str, dict[str, Any]]:
    """How long each field is: its metric, value (a list for a list) and limit."""
    found: dict[str, dict[str, Any]] = {}
    for rule in rules_for(channel):
        value = draft.fields.get(rule.name)
        count = METRICS[rule.metric]
        if isinstance(value, str):
            sizes: int | list[int] = count(value)
        elif isinstance(value, list):
            sizes = [count(text) for text in _texts(value)]
        else:
            continue
        found[rule.name] = {"metric": rule.metric, "value": sizes, "max": rule.max}
    return found


def _check_field(draft: CopyDraft, rule: FieldRule, request: CopyRequest) -> list[Violation]:
    value: Any = draft.fields.get(rule.name)
    if not value or not (any(_texts(value)) or _wrong_type(value)):
        if rule.count_min == 0:
            return []
        return [violation(draft.variant, rule.name, "copy.missing", "is missing; write it")]
    if _wrong_type(value) or isinstance(value, list) != (rule.count_max > 1):
        wanted = "a list of texts" if rule.count_max > 1 else "one text"
        return [violation(draft.variant, rule.name, "copy.type", f"must be {wanted}")]
    texts = _texts(value)
    found = _check_list(draft, rule, texts) if rule.count_max > 1 else []
    for index, text in enumerate(texts):
        name = f"{rule.name}[{index}]" if rule.count_max > 1 else rule.name
        found += _check_length(draft, name, text, rule, "copy.length")
        found += _check_form(draft, name, text, rule)
        if request.channel.placements and rule.poster_role and index == 0:
            found += _check_poster(draft, name, text, rule)
        found += check_words(draft.variant, name, text, request)
        found += check_claims(draft.variant, name, text, request)
    needed = disclosure(request.channel, request.cell.locale) if rule.disclosure else ""
    if needed and not any(contains(text, needed) for text in texts):
        found.append(
            violation(draft.variant, rule.name, "copy.disclosure", f"must contain “{needed}”")
        )
    return found


def _check_list(draft: CopyDraft, rule: FieldRule, texts: list[str]) -> list[Violation]:
    found: list[Violation] = []
    if not rule.count_min <= len(texts) <= rule.count_max:
        hint = f"has {len(texts)} entries; give {rule.count_min} to {rule.count_max}"
        limit = rule.count_min if len(texts) < rule.count_min else rule.count_max
        found.append(violation(draft.variant, rule.name, "copy.count", hint, len(texts), limit))
    seen: dict[str, int] = {}
    for index, text in enumerate(texts):
        first = seen.setdefault(_key(text), index)
        if first != index:
            hint = f"repeats entry {first + 1}; write another one"
            found.append(violation(draft.variant, f"{rule.name}[{index}]", "copy.duplicate", hint))
    return found


def _check_length(
    draft: CopyDraft, name: str, text: str, rule: FieldRule, rule_id: str
) -> list[Violation]:
    found: list[Violation] = []
    limits: list[FieldRule | Limit] = [rule, *rule.also]
    for limit in limits:
        size = METRICS[limit.metric](text)
        if size > limit.max:
            hint = (
                f"is {size} {UNITS[limit.metric]} long, {size - limit.max} over the limit of "
                f"{limit.max}; shorten it"
            )
            found.append(
                violation(draft.variant, name, rule_id, hint, size, limit.max, limit.level)
            )
    size = METRICS[rule.metric](text)
    if size < rule.min:
        hint = f"is {size} {UNITS[rule.metric]} long; write at least {rule.min}"
        found.append(violation(draft.variant, name, rule_id, hint, size, rule.min, rule.level))
    return found


def _check_form(draft: CopyDraft, name: str, text: str, rule: FieldRule) -> list[Violation]:
    found: list[Violation] = []
    if not rule.newline and "\n" in text:
        found.append(violation(draft.variant, name, "copy.newline", "must be one line"))
    if not rule.emoji and has_emoji(text):
        found.append(violation(draft.variant, name, "copy.emoji", "must not contain emoji"))
    if _CONTROL.search(text) or text != text.strip():
        hint = "has control characters or blanks at its ends; remove them"
        found.append(violation(draft.variant, name, "copy.characters", hint))
    hit = _PLACEHOLDER.search(text)
    if hit:
        hint = f"contains the placeholder “{hit[0]}”; write the real text"
        found.append(violation(draft.variant, name, "copy.placeholder", hint))
    return found


def _check_poster(draft: CopyDraft, name: str, text: str, rule: FieldRule) -> list[Violation]:
    """A channel's own field that also stands on the poster must fit there too."""
    poster = _POSTER[str(rule.poster_role)]
    if rule is poster:
        return []
    found = _check_length(draft, name, text, poster, "poster.length")
    if rule.emoji and has_emoji(text):
        hint = "stands on the poster, whose fonts have no emoji; remove them"
        found.append(violation(draft.variant, name, "poster.emoji", hint))
    return found


def _check_required(draft: CopyDraft, request: CopyRequest) -> list[Violation]:
    texts = [text for value in draft.fields.values() for text in _texts(value)]
    return [
        violation(draft.variant, "", "brand.required", f"must say “{word}” in one of its fields")
        for word in request.brand.required
        if not any(contains(text, word) for text in texts)
    ]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, Iterable) and not isinstance(value, Mapping | bytes):
        return [text for text in value if isinstance(text, str)]
    return []


def _wrong_type(value: Any) -> bool:
    if isinstance(value, str):
        return False
    return not isinstance(value, list) or any(not isinstance(text, str) for text in value)


def _key(text: str) -> str:
    """What makes two texts the same to a reader: letters and digits, without case."""
    return _KEY.sub("", text).casefold()
