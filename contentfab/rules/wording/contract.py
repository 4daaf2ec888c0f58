"""The copy contract: what a draft must keep before anyone pays for a picture.

`check` applies the channel's fields and limits, the poster's own limits, brand words, the
compliance lexicon, the claims of numbers and the language, and says for each break what to change.
Pure: it never asks a model and never changes a text. What one field looks like is in
`field_checks.py`. Only evidence A, brand, language and compliance errors block.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contentfab.records.channel import Channel, FieldRule
from contentfab.records.copy import CopyDraft, CopyRequest, Fields, Violation
from contentfab.rules.channels import must_say
from contentfab.rules.wording.diversity import SAME_CELL, cell_repeats
from contentfab.rules.wording.field_checks import (
    POSTER_FIELDS,
    check_entries,
    check_text,
    texts_of,
    wrong_type,
)
from contentfab.rules.wording.leaks import check_leaks
from contentfab.rules.wording.metrics import METRICS
from contentfab.rules.wording.plain_text import contains, letters
from contentfab.rules.wording.texts import (
    check_claims,
    check_language,
    check_words,
    claims_of,
    violation,
)

__all__ = [
    "POSTER_FIELDS", "check", "check_variants", "measures", "poster_texts", "rules_for",
    "text_violations",
]  # fmt: skip


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
        texts = texts_of(fields.get(rule.name))
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
    told = any(each.rule == "copy.language" for each in found)
    whole = _check_whole(draft, rules, request)
    return found + [each for each in whole if not (told and each.rule == "copy.language")]


def check_variants(drafts: Sequence[CopyDraft], request: CopyRequest) -> list[Violation]:
    """Variants of one cell that say the same: an experiment between equals measures nothing. The
    later draft of two is the one to rewrite."""
    found: list[Violation] = []
    for repeat in cell_repeats(drafts, request):
        hint = f"reads like variant {repeat.other}; write it from its own angle, in other words"
        alike = round(repeat.similarity, 3)
        found.append(violation(repeat.variant, "", "copy.same-as-other", hint, alike, SAME_CELL))
    return found


def text_violations(text: str, request: CopyRequest, *, field: str = "") -> list[Violation]:
    """Brand, compliance, claim and language breaks of one text, whatever field it may end up in."""
    return [
        *check_words("", field, text, request),
        *check_claims("", field, text, request),
        *check_leaks("", field, text, request),
        *check_language("", field, text, request),
    ]


def measures(draft: CopyDraft, channel: Channel) -> dict[str, dict[str, Any]]:
    """How long each field is: its metric, value (a list for a list) and limit."""
    found: dict[str, dict[str, Any]] = {}
    for rule in rules_for(channel):
        value = draft.fields.get(rule.name)
        count = METRICS[rule.metric]
        if isinstance(value, str):
            sizes: int | list[int] = count(value)
        elif isinstance(value, list):
            sizes = [count(text) for text in texts_of(value)]
        else:
            continue
        found[rule.name] = {"metric": rule.metric, "value": sizes, "max": rule.max}
    return found


def claim_records(draft: CopyDraft, request: CopyRequest) -> list[dict[str, str]]:
    """What a draft claims, field by field, each with its source: as the manifest keeps it."""
    return [
        {"field": name, "kind": claim.kind, "text": claim.text, "source": claim.source}
        for name, value in draft.fields.items()
        for text in texts_of(value)
        for claim in claims_of(text, request)
    ]


def _check_field(draft: CopyDraft, rule: FieldRule, request: CopyRequest) -> list[Violation]:
    value: Any = draft.fields.get(rule.name)
    if not value or (isinstance(value, str) and not value.strip()):
        if rule.count_min == 0 and not value:
            return []
        return [violation(draft.variant, rule.name, "copy.missing", "is missing; write it")]
    if wrong_type(value) or isinstance(value, list) != (rule.count_max > 1):
        wanted = "a list of texts" if rule.count_max > 1 else "one text"
        return [violation(draft.variant, rule.name, "copy.type", f"must be {wanted}")]
    texts = texts_of(value)
    found = check_entries(draft.variant, rule, texts) if rule.count_max > 1 else []
    for index, text in enumerate(texts):
        name = f"{rule.name}[{index}]" if rule.count_max > 1 else rule.name
        on_poster = bool(request.channel.placements) and index == 0
        found += check_text(draft.variant, name, text, rule, request, on_poster=on_poster)
        found += check_words(draft.variant, name, text, request)
        found += check_claims(draft.variant, name, text, request)
        found += check_leaks(draft.variant, name, text, request)
        if rule.prose:
            found += check_language(draft.variant, name, text, request)
    return found + _check_phrases(draft, rule, texts, request)


def _check_phrases(
    draft: CopyDraft, rule: FieldRule, texts: list[str], request: CopyRequest
) -> list[Violation]:
    """What a field must carry word for word: disclosure, opt-out line, disclaimers."""
    channel, locale = request.channel, request.cell.locale
    found = []
    for phrase in must_say(rule, channel, locale):
        if not any(contains(text, phrase) for text in texts):
            rule_id = "copy.opt-out" if phrase in channel.opt_out.values() else "copy.disclosure"
            hint = f"must contain “{phrase}”"
            found.append(violation(draft.variant, rule.name, rule_id, hint))
    for phrase in request.product.disclaimers if rule.disclaimers else ():
        if not any(letters(phrase) in letters(text) for text in texts):
            hint = f"must contain the product's disclaimer “{phrase}”"
            found.append(violation(draft.variant, rule.name, "copy.disclaimer", hint))
    return found


def _check_whole(draft: CopyDraft, rules: list[FieldRule], request: CopyRequest) -> list[Violation]:
    """What no field shows alone: required words, and the language of short lines together."""
    texts = [text for value in draft.fields.values() for text in texts_of(value)]
    found = [
        violation(draft.variant, "", "brand.required", f"must say “{word}” in one of its fields")
        for word in request.brand.required
        if not any(contains(text, word) for text in texts)
    ]
    prose = [t for rule in rules if rule.prose for t in texts_of(draft.fields.get(rule.name))]
    return found + check_language(draft.variant, "", "\n".join(prose), request)
