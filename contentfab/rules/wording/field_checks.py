"""What one text of a field looks like: length, characters, forms, and whether the poster holds it.

Part of the copy contract (`contract.py`); knows fields and limits, no words of a brand or a law.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import regex

from contentfab.records.channel import FieldRule, Limit
from contentfab.records.copy import CopyRequest, Violation
from contentfab.rules.wording.diversity import SAME_LIST, text_similarity
from contentfab.rules.wording.forms import form_hint, found_form
from contentfab.rules.wording.metrics import METRICS, UNITS, count_emoji, has_emoji
from contentfab.rules.wording.plain_text import letters
from contentfab.rules.wording.texts import violation

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
_PLACEHOLDER = regex.compile(r"\{[^{}]*\}|\[[A-Z][^\[\]]*\]|<[a-z_ ]+>|\bTODO\b|(?i:lorem ipsum)")
# Markup of chat answers: emphasis, headings, code, links. A lone asterisk or hash is none.
_MARKDOWN = regex.compile(
    r"\*\*|(?<!\w)__\S.*?\S__(?!\w)|(?m:^#{1,6}\s)|`[^`]+`|```|\[[^\]]+\]\([^)]+\)|~~"
)
_CONTROL = regex.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffd\ufeff\p{Cs}\p{Co}\u2028\u2029]")
# Invisible characters hide words and break searches; emoji and Arabic need joiners, and marks of
# direction are part of right-to-left text.
_HIDDEN = regex.compile(r"[\u200b\u2060\u00ad\u180e\u3164\u034f]")


def check_text(
    variant: str,
    name: str,
    text: str,
    rule: FieldRule,
    request: CopyRequest,
    *,
    on_poster: bool,
) -> list[Violation]:
    """Breaks of length and form in one text. `on_poster` says that it stands on one, if its field
    has a role there."""
    found = _check_length(variant, name, text, rule, "copy.length")
    found += _check_characters(variant, name, text, rule)
    product, brand = request.product, request.brand
    names = (product.name, brand.name, brand.tagline, *brand.required, *product.facts.values())
    for form in rule.forbid:
        hit = found_form(form.name, text, names)
        if hit:
            hint = form_hint(form.name, hit)
            found.append(violation(variant, name, f"copy.{form.name}", hint, level=form.level))
    if on_poster and rule.poster_role and rule is not _POSTER[rule.poster_role]:
        poster = _POSTER[rule.poster_role]
        found += _check_length(variant, name, text, poster, "poster.length")
        if rule.emoji and has_emoji(text):
            hint = "stands on the poster, whose fonts have no emoji; remove them"
            found.append(violation(variant, name, "poster.emoji", hint))
    return found


def check_entries(variant: str, rule: FieldRule, texts: list[str]) -> list[Violation]:
    """Breaks of a list: how many entries, entries that repeat each other, none short enough."""
    found: list[Violation] = []
    if not rule.count_min <= len(texts) <= rule.count_max:
        hint = f"has {len(texts)} entries; give {rule.count_min} to {rule.count_max}"
        limit = rule.count_min if len(texts) < rule.count_min else rule.count_max
        found.append(violation(variant, rule.name, "copy.count", hint, len(texts), limit))
    for index, text in enumerate(texts):
        if not text.strip():
            hint = "is empty; write it, or leave the entry out"
            found.append(violation(variant, f"{rule.name}[{index}]", "copy.missing", hint))
            continue
        for earlier, other in enumerate(texts[:index]):
            same = letters(text) == letters(other)
            if same or text_similarity(text, other) >= SAME_LIST:
                verb = "repeats" if same else "says nearly the same as"
                hint = f"{verb} entry {earlier + 1}; write another one"
                found.append(violation(variant, f"{rule.name}[{index}]", "copy.duplicate", hint))
                break
    sizes = [METRICS[rule.metric](text) for text in texts]
    if rule.one_within and sizes and min(sizes) > rule.one_within:
        hint = f"needs one entry of at most {rule.one_within} {UNITS[rule.metric]}; shorten one"
        found.append(
            violation(
                variant, rule.name, "copy.one-short", hint, min(sizes), rule.one_within, rule.level
            )
        )
    return found


def texts_of(value: Any) -> list[str]:
    """The texts of a field's value, whatever it is."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, Iterable) and not isinstance(value, Mapping | bytes):
        return [text for text in value if isinstance(text, str)]
    return []


def wrong_type(value: Any) -> bool:
    """True for what is neither a text nor a list of texts."""
    if isinstance(value, str):
        return False
    return not isinstance(value, list) or any(not isinstance(text, str) for text in value)


def _check_length(
    variant: str, name: str, text: str, rule: FieldRule, rule_id: str
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
            found.append(violation(variant, name, rule_id, hint, size, limit.max, limit.level))
    size = METRICS[rule.metric](text)
    if size < rule.min:
        hint = f"is {size} {UNITS[rule.metric]} long; write at least {rule.min}"
        found.append(violation(variant, name, rule_id, hint, size, rule.min, rule.level))
    return found


def _check_characters(variant: str, name: str, text: str, rule: FieldRule) -> list[Violation]:
    found: list[Violation] = []
    if not rule.newline and "\n" in text:
        found.append(violation(variant, name, "copy.newline", "must be one line"))
    if not rule.emoji and has_emoji(text):
        found.append(violation(variant, name, "copy.emoji", "must not contain emoji"))
    if rule.emoji_max is not None and (emoji := count_emoji(text)) > rule.emoji_max:
        hint = f"has {emoji} emoji; keep {rule.emoji_max} at most"
        found.append(
            violation(variant, name, "copy.emoji", hint, emoji, rule.emoji_max, level="warn")
        )
    if _CONTROL.search(text) or text != text.strip():
        hint = "has control characters or blanks at its ends; remove them"
        found.append(violation(variant, name, "copy.characters", hint))
    if _HIDDEN.search(text):
        hint = "has invisible characters; remove them"
        found.append(violation(variant, name, "copy.invisible", hint))
    hit = _PLACEHOLDER.search(text)
    if hit:
        hint = f"contains the placeholder “{hit[0]}”; write the real text"
        found.append(violation(variant, name, "copy.placeholder", hint))
    if _MARKDOWN.search(text):
        found.append(violation(variant, name, "copy.markdown", "has markup; write plain text"))
    return found
