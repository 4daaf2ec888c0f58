"""What to ask for and in which words: from a copy request to chat messages.

Data goes into the templates as plain dictionaries and comes out as escaped JSON between fences,
so a text of the brief can neither close its fence nor be read as an instruction by accident.
Knows nothing about HTTP.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contentfab.backends._openai_replies import Ask, labels_for
from contentfab.prompts import Prompts
from contentfab.records.copy import CopyRequest, Violation
from contentfab.records.inputs import FieldRule
from contentfab.rules.angles import ANGLES
from contentfab.rules.channels import disclosure
from contentfab.rules.contract import rules_for
from contentfab.rules.metrics import UNITS

TEMPLATES = ("copy_system.j2", "copy_user.j2", "copy_repair.j2")


class Messages:
    """Builds the messages of a request. `digest` names the templates' wording."""

    def __init__(self, templates: str | Path | None) -> None:
        self._prompts = Prompts(TEMPLATES, templates)
        self.digest = self._prompts.digest

    def build(self, request: CopyRequest) -> tuple[Ask, list[dict[str, str]]]:
        """What is asked for, and the chat messages that ask for it, stable parts first."""
        rules = rules_for(request.channel)
        labels = labels_for([variant.id for variant in request.variants])
        system = self._prompts.render(
            "copy_system.j2",
            brand=asdict(request.brand),
            channel=request.channel.name,
            fields=[_describe(rule, request) for rule in rules],
        )
        asks = [
            {"label": labels[v.id], "angle": v.angle, "about": ANGLES.get(v.angle, "")}
            for v in request.variants
        ]
        user = self._prompts.render(
            "copy_user.j2",
            product=asdict(request.product),
            segment=asdict(request.segment),
            locale=request.cell.locale,
            asks=asks,
        )
        faults = faults_by_variant(request)
        if faults:
            drafted = {draft.variant for draft in request.previous}
            if drafted >= set(labels):
                rules = _failing(rules, request.feedback)
                labels = {variant: label for variant, label in labels.items() if variant in faults}
            user = f"{user}\n\n{self._repair(request, rules, labels, faults)}"
        ask = Ask(
            labels=labels,
            single=tuple(rule.name for rule in rules if rule.count_max == 1),
            many=tuple(rule.name for rule in rules if rule.count_max > 1),
            optional=frozenset(rule.name for rule in rules if rule.count_min == 0),
        )
        return ask, [
            {"role": "system", "content": system},
            {"role": "user", "content": user},
        ]

    def _repair(
        self,
        request: CopyRequest,
        rules: list[FieldRule],
        labels: dict[str, str],
        faults: dict[str, list[Violation]],
    ) -> str:
        previous = {draft.variant: draft.fields for draft in request.previous}
        drafts = [
            {
                "label": label,
                "fields": dict(previous.get(variant, {})),
                "faults": [asdict(fault) for fault in faults[variant]],
            }
            for variant, label in labels.items()
            if variant in faults
        ]
        names = [rule.name for rule in rules]
        return self._prompts.render("copy_repair.j2", fields=names, drafts=drafts)


def faults_by_variant(request: CopyRequest) -> dict[str, list[Violation]]:
    """Feedback for each variant that has a previous draft; empty when this is a first request."""
    if not request.previous:
        return {}
    drafted = [draft.variant for draft in request.previous]
    faults = {
        variant: [f for f in request.feedback if f.variant in ("", variant)] for variant in drafted
    }
    return {variant: found for variant, found in faults.items() if found}


def field_name(violation: Violation) -> str:
    """The field of a violation without an index: `headlines[3]` is in `headlines`."""
    return re.split(r"[\[.]", violation.field, maxsplit=1)[0]


def _failing(rules: list[FieldRule], feedback: tuple[Violation, ...]) -> list[FieldRule]:
    """The fields named by feedback; all of them when a fault belongs to none in particular."""
    named = {field_name(violation) for violation in feedback}
    known = {rule.name for rule in rules}
    return rules if named - known else [rule for rule in rules if rule.name in named]


def _describe(rule: FieldRule, request: CopyRequest) -> dict[str, Any]:
    limits = {limit.metric: limit.max for limit in rule.also}
    limits[rule.metric] = min(rule.max, limits.get(rule.metric, rule.max))
    return {
        "name": rule.name,
        "list": rule.count_max > 1,
        "optional": rule.count_min == 0,
        "count_min": rule.count_min,
        "count_max": rule.count_max,
        "limits": [f"{most} {UNITS.get(metric, metric)}" for metric, most in limits.items()],
        "min": rule.min,
        "emoji": rule.emoji,
        "newline": rule.newline,
        "role": rule.poster_role or "",
        "must_say": (disclosure(request.channel, request.cell.locale) if rule.disclosure else ""),
    }
