"""From the text of a chat completion to copy drafts, or to a reason why not.

Tolerant of what stands around the JSON (fences, prose, a reasoning block), strict about its
shape. Lengths, words and claims are none of its business: the copy contract checks those.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contentfab.errors import BadOutput
from contentfab.records.copy import CopyDraft, CopyRequest, Fields

_REASONING = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ask:
    """What one request asks for: labels of variants, and the names of single and list fields."""

    labels: Mapping[str, str]
    single: tuple[str, ...]
    many: tuple[str, ...]
    optional: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        return self.single + self.many

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the answer: flat, and the same for every request on a channel, so that a
        server compiles its grammar once. Lengths are left out: not every server knows them."""
        text = {"type": "string"}
        fields: dict[str, Any] = dict.fromkeys(("variant", *self.single), text)
        fields |= {name: {"type": "array", "items": text} for name in self.many}
        item = {
            "type": "object",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        }
        return {
            "type": "object",
            "properties": {"variants": {"type": "array", "items": item}},
            "required": ["variants"],
            "additionalProperties": False,
        }


def drafts_of(text: str, ask: Ask, request: CopyRequest) -> tuple[CopyDraft, ...]:
    """Drafts of the request's variants, in its order, that have the shape asked for; fields that
    were not asked for come from `request.previous`. A variant that the answer left out or
    misshaped is left out here. Raises BadOutput (retryable) when no variant can be used."""
    items = {_label(item): item for item in _items(extract_json(text), ask)}
    previous = {draft.variant: draft.fields for draft in request.previous}
    drafts = []
    fault = f"the answer has none of the variants {', '.join(ask.labels.values())}"
    for variant in request.variants:
        kept = dict(previous.get(variant.id, {}))
        if (label := ask.labels.get(variant.id)) is None:
            drafts.append(CopyDraft(variant.id, variant.angle, kept))
        elif label in items:
            try:
                fields = _fields(items[label], ask, label)
            except BadOutput as error:
                fault = str(error)
                continue
            kept = {name: value for name, value in kept.items() if name not in ask.names}
            drafts.append(CopyDraft(variant.id, variant.angle, kept | dict(fields)))
    if not drafts:
        raise _bad(fault)
    return tuple(drafts)


def extract_json(text: str) -> Any:
    """The largest JSON object or array in a text, whatever stands around it."""
    text = _REASONING.sub("", text).lstrip("\ufeff").strip()
    decoder = json.JSONDecoder()
    best: tuple[int, Any] = (0, None)
    at = 0
    while (found := re.compile(r"[{\[]").search(text, at)) is not None:
        try:
            value, end = decoder.raw_decode(text, found.start())
        except (json.JSONDecodeError, RecursionError):
            at = found.start() + 1
            continue
        if end - found.start() > best[0]:
            best = (end - found.start(), value)
        at = end
    if best[0] == 0:
        raise _bad(f"the answer holds no JSON: {_shorten(text)!r}")
    return best[1]


def _items(value: Any, ask: Ask) -> list[dict[str, Any]]:
    if isinstance(value, dict) and "variants" in value:
        value = value["variants"]
    if (
        isinstance(value, dict)
        and len(ask.labels) == 1
        and set(ask.names) - ask.optional <= set(value)
    ):
        value = [{"variant": next(iter(ask.labels.values())), **value}]
    if isinstance(value, dict):
        value = [
            {"variant": key, **item} if isinstance(item, dict) else item
            for key, item in value.items()
        ]
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _bad("the answer is JSON but holds no list of variants")
    return value


def _label(item: Mapping[str, Any]) -> str:
    return str(item.get("variant", item.get("id", ""))).strip()


def _fields(item: Mapping[str, Any], ask: Ask, label: str) -> Fields:
    fields: dict[str, str | list[str]] = {}
    for name in ask.names:
        value = item.get(name)
        if not value and name in ask.optional:
            continue
        if name in ask.single and isinstance(value, list) and len(value) == 1:
            value = value[0]
        if name in ask.single and isinstance(value, str):
            fields[name] = _clean(value)
        elif name in ask.many and isinstance(value, list) and _is_texts(value):
            fields[name] = [_clean(text) for text in value]
        else:
            expected = "a text" if name in ask.single else "a list of texts"
            raise _bad(f"variant {label!r}: {name} should be {expected}, got {_shorten(value)!r}")
    return fields


def _is_texts(value: list[Any]) -> bool:
    return all(isinstance(text, str) for text in value)


def _clean(text: str) -> str:
    """Trims, and drops what cannot be encoded (half of a surrogate pair)."""
    return text.encode("utf-8", "ignore").decode().strip()


def _shorten(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:79] + "…"


def _bad(message: str) -> BadOutput:
    return BadOutput(message, retryable=True)


def labels_for(variants: Sequence[str]) -> dict[str, str]:
    """Short labels v1, v2, … for variant ids: stable text for prefix caches, few tokens."""
    return {variant: f"v{n}" for n, variant in enumerate(variants, 1)}
