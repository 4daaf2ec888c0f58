"""What to ask for and in which words: from a copy request to chat messages.

Data goes into the templates as plain dictionaries and comes out as escaped JSON between fences,
so a text of the brief can neither close its fence nor be read as an instruction by accident. What
changes least stands first (system, brand and channel; product; audience; variants; repair), so
that requests of one brand, channel and locale share a prefix, byte for byte, and those of one
product a longer one. Knows nothing about HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contentfab.backends._openai_replies import Ask, Entries, labels_for
from contentfab.prompts import Prompts
from contentfab.records.channel import FieldRule
from contentfab.records.copy import ArtChoices, CopyDraft, CopyRequest, Violation
from contentfab.rules.channels import must_say
from contentfab.rules.wording.angles import about
from contentfab.rules.wording.contract import POSTER_FIELDS, rules_for
from contentfab.rules.wording.metrics import UNITS

TEMPLATES = ("copy_system.j2", "copy_user.j2", "copy_repair.j2")
# What the poster can hold of a field that stands on it, beside the channel's own limits.
POSTER_LIMITS = {rule.poster_role or "": rule.also for rule in POSTER_FIELDS}
WRONG_LANGUAGE = "copy.language"
_INDEX = re.compile(r"\[(\d+)\]")


class Messages:
    """Builds the messages of a request. `digest` names the templates' wording."""

    def __init__(self, templates: str | Path | None) -> None:
        self._prompts = Prompts(TEMPLATES, templates)
        self.digest = self._prompts.digest

    def build(self, request: CopyRequest) -> tuple[Ask, list[dict[str, str]]]:
        """What is asked for, and the chat messages that ask for it, stable parts first."""
        rules = rules_for(request.channel)
        art = art_fields(request.art)
        asked = (*request.variants, *request.spares)
        labels = labels_for([variant.id for variant in asked])
        system = self._prompts.render(
            "copy_system.j2",
            brand=asdict(request.brand),
            channel=request.channel.name,
            fields=[_describe(rule, request) for rule in rules],
            art=art,
        )
        asks = [{"label": labels[v.id], "angle": v.angle, "about": about(v.angle)} for v in asked]
        user = self._prompts.render(
            "copy_user.j2",
            product=asdict(request.product),
            segment=asdict(request.segment),
            locale=request.cell.locale,
            asks=asks,
        )
        names = [*(rule.name for rule in rules), *art]
        wanted: dict[str, dict[str, Entries]] = {}
        faults = faults_by_variant(request)
        if faults:
            drafted = {draft.variant for draft in request.previous}
            labels = {v: label for v, label in labels.items() if v in faults or v not in drafted}
            wanted = {v: _wanted(faults[v], names) for v in labels if v in faults}
            if wanted.keys() >= labels.keys():
                asked_for = {name for fields in wanted.values() for name in fields}
                names = [name for name in names if name in asked_for]
            user = f"{user}\n\n{self._repair(request, names, labels, faults, wanted)}"
        lists = {rule.name for rule in rules if rule.count_max > 1} | {"art_props"}
        ask = Ask(
            labels=labels,
            single=tuple(name for name in names if name not in lists),
            many=tuple(name for name in names if name in lists),
            optional=frozenset(rule.name for rule in rules if rule.count_min == 0),
            choices={name: art[name] for name in names if name in art},
            wanted=wanted,
        )
        return ask, [
            {"role": "system", "content": system},
            {"role": "user", "content": user},
        ]

    def _repair(
        self,
        request: CopyRequest,
        names: list[str],
        labels: dict[str, str],
        faults: dict[str, list[Violation]],
        wanted: dict[str, dict[str, Entries]],
    ) -> str:
        previous = {draft.variant: draft for draft in request.previous}
        drafts = [
            {
                "label": label,
                "fields": _written(previous[variant]),
                "faults": [asdict(fault) for fault in faults[variant]],
                "wanted": [
                    {"name": name, "entries": [n + 1 for n in entries]}
                    for name, entries in wanted[variant].items()
                ],
            }
            for variant, label in labels.items()
            if variant in wanted
        ]
        own = {variant.id for variant in request.variants}
        return self._prompts.render(
            "copy_repair.j2",
            fields=names,
            drafts=drafts,
            whole=[label for variant, label in labels.items() if variant not in wanted],
            taken=[dict(d.fields) for d in request.previous if d.variant not in own],
        )


def art_fields(art: ArtChoices | None) -> dict[str, tuple[str, ...]]:
    """The art direction as fields of an answer, with the values that each may have."""
    if art is None:
        return {}
    return {
        "art_scene": art.scenes,
        "art_light": art.lights,
        "art_mood": art.moods,
        "art_props": art.props,
    }


def faults_by_variant(request: CopyRequest) -> dict[str, list[Violation]]:
    """Feedback for each variant asked for that has a previous draft; empty when this is a first
    request."""
    own = {variant.id for variant in request.variants}
    drafted = [draft.variant for draft in request.previous if draft.variant in own]
    faults = {
        variant: [f for f in request.feedback if f.variant in ("", variant)] for variant in drafted
    }
    return {variant: found for variant, found in faults.items() if found}


def field_name(violation: Violation) -> str:
    """The field of a violation without an index: `headlines[3]` is in `headlines`."""
    return re.split(r"[\[.]", violation.field, maxsplit=1)[0]


def _wanted(faults: list[Violation], names: list[str]) -> dict[str, Entries]:
    """What to write anew for these faults: of a list only the entries named, the whole field when
    a fault is about all of it, every field when a fault belongs to none in particular. Where one
    text is in a wrong language, so are the others, even those too short to tell."""
    if any(fault.rule == WRONG_LANGUAGE or field_name(fault) not in names for fault in faults):
        return dict.fromkeys(names, ())
    found: dict[str, set[int] | None] = {}
    for fault in faults:
        name, index = field_name(fault), _INDEX.search(fault.field)
        entries = found.setdefault(name, set())
        if index is None:
            found[name] = None
        elif entries is not None:
            entries.add(int(index[1]))
    return {name: tuple(sorted(found[name] or ())) for name in names if name in found}


def _written(draft: CopyDraft) -> dict[str, str | list[str]]:
    return {**draft.fields, **{f"art_{name}": value for name, value in draft.art.items()}}


def _describe(rule: FieldRule, request: CopyRequest) -> Mapping[str, Any]:
    limits = {limit.metric: limit.max for limit in rule.also}
    limits[rule.metric] = min(rule.max, limits.get(rule.metric, rule.max))
    if rule.poster_role and request.channel.placements:
        for limit in POSTER_LIMITS[rule.poster_role]:
            limits[limit.metric] = min(limit.max, limits.get(limit.metric, limit.max))
    return {
        "name": rule.name,
        "list": rule.count_max > 1,
        "optional": rule.count_min == 0,
        "count_min": rule.count_min,
        "count_max": rule.count_max,
        "limits": [f"{most} {UNITS.get(metric, metric)}" for metric, most in limits.items()],
        "min": rule.min,
        "one_within": rule.one_within,
        "emoji": rule.emoji and not (rule.poster_role and request.channel.placements),
        "newline": rule.newline,
        "role": rule.poster_role or "",
        "must_say": must_say(rule, request.channel, request.cell.locale),
        "disclaimers": rule.disclaimers,
    }
