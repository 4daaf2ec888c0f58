"""From the text of a chat completion to copy drafts, or to a reason why not.

Tolerant of what stands around the JSON (fences, prose, a reasoning block), strict about its
shape. Lengths, words and claims are none of its business: the copy contract checks those.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contentfab.errors import BadOutput
from contentfab.records.copy import CopyDraft, CopyRequest, Fields

ART = "art_"
_REASONING = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)


Entries = tuple[int, ...]
"""Which entries of a list field are written anew, counted from 0; empty for the whole field."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What one request asks for: labels of variants, and the names of single and list fields.
    `choices` are the values that a field may have, where it has a closed vocabulary; `wanted`, in
    a repair, what to take of each variant's answer."""

    labels: Mapping[str, str]
    single: tuple[str, ...]
    many: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    wanted: Mapping[str, Mapping[str, Entries]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return self.single + self.many

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the answer: flat, and the same for every request on a channel, so that a
        server compiles its grammar once. Lengths are left out: not every server knows them."""
        fields: dict[str, Any] = {"variant": {"type": "string"}}
        fields |= {name: self._text(name) for name in self.single}
        fields |= {name: {"type": "array", "items": self._text(name)} for name in self.many}
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

    def _text(self, name: str) -> dict[str, Any]:
        values = self.choices.get(name)
        return {"type": "string", "enum": list(values)} if values else {"type": "string"}


def drafts_of(text: str, ask: Ask, request: CopyRequest) -> tuple[CopyDraft, ...]:
    """Drafts of the request's variants and spares, in its order, that have the shape asked for;
    what was not asked for comes from `request.previous`. A variant that the answer left out or
    misshaped is left out here. Raises BadOutput (retryable) when no variant can be used."""
    items = {_label(item): item for item in _items(extract_json(text), ask)}
    previous = {draft.variant: draft for draft in request.previous}
    drafts = []
    fault = f"the answer has none of the variants {', '.join(ask.labels.values())}"
    for variant in (*request.variants, *request.spares):
        before = previous.get(variant.id, CopyDraft(variant.id, variant.angle, {}))
        if (label := ask.labels.get(variant.id)) is None:
            drafts.append(before)
        elif label in items:
            try:
                drafts.append(_draft(before, items[label], ask, label))
            except BadOutput as error:
                fault = str(error)
    if not drafts:
        raise _bad(fault)
    return tuple(drafts)


def _draft(before: CopyDraft, item: Mapping[str, Any], ask: Ask, label: str) -> CopyDraft:
    """The answer for one variant, laid over its earlier draft."""
    wanted = ask.wanted.get(before.variant) or dict.fromkeys(ask.names, ())
    new = _fields(item, ask, label, tuple(wanted))
    for name, entries in wanted.items():
        if entries and name in new:
            old = {**before.fields, **_prefixed(before.art)}.get(name, [])
            new[name] = _replaced(list(old), entries, list(new[name]), f"variant {label!r}: {name}")
    kept = {name: value for name, value in before.fields.items() if name not in wanted}
    art = {**before.art, **{k.removeprefix(ART): v for k, v in new.items() if k in ask.choices}}
    fields = kept | {name: value for name, value in new.items() if name not in ask.choices}
    return CopyDraft(before.variant, before.angle, fields, art)


def _replaced(old: list[str], entries: Entries, new: list[str], where: str) -> list[str]:
    """`old` with the texts of `new` at `entries`; models that give the whole list are right too."""
    if len(new) == len(entries):
        given = dict(zip(entries, new, strict=True))
        return [given.get(n, text) for n, text in enumerate(old)]
    if len(new) == len(old):
        return new
    raise _bad(f"{where} should have {len(entries)} new texts, got {len(new)}")


def _prefixed(art: Fields) -> Fields:
    return {f"{ART}{name}": value for name, value in art.items()}


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


def _fields(
    item: Mapping[str, Any], ask: Ask, label: str, names: Sequence[str]
) -> dict[str, str | list[str]]:
    fields: dict[str, str | list[str]] = {}
    for name in names:
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
