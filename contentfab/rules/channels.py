"""Channel packs: where a creative runs, and which limits hold there.

The packs are data (`channels.yaml`); this module loads them and refuses a pack that claims more
than its evidence carries. Knows nothing about copy; `contract.py` applies the limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from contentfab.records.channel import Channel, FieldRule, Form, Limit
from contentfab.records.inputs import Campaign
from contentfab.resources import parse_yaml
from contentfab.rules.locales import best_key, resolve
from contentfab.rules.wording.forms import FORMS
from contentfab.rules.wording.metrics import METRICS


def load_channels() -> dict[str, Channel]:
    """Every channel pack of this installation by id, in the order of the file."""
    return dict(_packaged())


def read_channels(text: str) -> dict[str, Channel]:
    """Channel packs from YAML text shaped like `channels.yaml`.

    Raises ValueError when a pack names an unknown metric, form, source or placement, or blocks
    (level error) on evidence other than A.
    """
    data = parse_yaml(text)
    shared = {name: list(forms) for name, forms in data.get("forms", {}).items()}
    sources, date = data["sources"], data["verified_at"]
    packs = [_channel(raw, sources, shared, date) for raw in data["channels"]]
    return {pack.id: pack for pack in packs}


def for_campaign(channel: Channel, campaign: Campaign) -> Channel:
    """The channel with the campaign's own disclosure and opt-out wording in place of the pack's."""
    default = campaign.locales[0]
    own: dict[str, Any] = {}
    if channel.id in campaign.disclosures:
        said = campaign.disclosures[channel.id]
        own["disclosure"] = _by_locale(said, campaign.locales, default)
    if campaign.opt_out is not None and any(rule.opt_out for rule in channel.fields):
        own["opt_out"] = _by_locale(campaign.opt_out, campaign.locales, default)
    return channel.model_copy(update=own) if own else channel


def disclosure(channel: Channel, locale: str) -> str:
    """The advertising disclosure that the channel asks for in a locale, or ""."""
    return _said(channel.disclosure, locale)


def opt_out(channel: Channel, locale: str) -> str:
    """The line that tells how to get no more messages, in a locale, or ""."""
    return _said(channel.opt_out, locale)


def must_say(rule: FieldRule, channel: Channel, locale: str) -> tuple[str, ...]:
    """Phrases that a field must carry word for word: disclosure, then opt-out line."""
    wanted = (
        disclosure(channel, locale) if rule.disclosure else "",
        opt_out(channel, locale) if rule.opt_out else "",
    )
    return tuple(phrase for phrase in wanted if phrase)


def _said(phrases: Mapping[str, str], locale: str) -> str:
    return phrases.get(best_key(phrases, locale) or "default", "")


def _by_locale(text: str | dict[str, str], locales: list[str], default: str) -> dict[str, str]:
    found = {locale: resolve(text, locale, default, any_locale=True) for locale in locales}
    return {locale: phrase for locale, phrase in found.items() if phrase}


@cache
def _packaged() -> dict[str, Channel]:
    return read_channels((files("contentfab.rules") / "channels.yaml").read_text("utf-8"))


def _channel(
    raw: Mapping[str, Any],
    sources: Mapping[str, str],
    shared: Mapping[str, list[Mapping[str, Any]]],
    date: str,
) -> Channel:
    def dated(item: Mapping[str, Any]) -> dict[str, Any]:
        also = (
            {"also": [_sourced(limit, sources) for limit in item["also"]]} if "also" in item else {}
        )
        return {"verified_at": date, **_sourced(item, sources), **also}

    def field(item: Mapping[str, Any]) -> dict[str, Any]:
        forms = [form for name in item.get("forbid", []) for form in shared[name]]
        return {**dated(item), "forbid": [_sourced(form, sources) for form in forms]}

    pack = Channel.model_validate(
        {
            **raw,
            "fields": [field(item) for item in raw["fields"]],
            "placements": [dated(item) for item in raw.get("placements", [])],
        }
    )
    for rule in pack.fields:
        _refuse_unfounded(pack.id, rule)
    unknown = set(pack.default_placements) - {placement.id for placement in pack.placements}
    if unknown:
        raise ValueError(f"channel {pack.id}: no placement {', '.join(sorted(unknown))}")
    return pack


def _sourced(item: Mapping[str, Any], sources: Mapping[str, str]) -> dict[str, Any]:
    if item["source"] not in sources:
        raise ValueError(f"unknown source {item['source']!r}; sources are {', '.join(sources)}")
    return {**item, "source": sources[item["source"]]}


def _refuse_unfounded(channel: str, rule: FieldRule) -> None:
    where = f"channel {channel}, field {rule.name}"
    limits: list[FieldRule | Limit] = [rule, *rule.also]
    for limit in limits:
        if limit.metric not in METRICS:
            raise ValueError(
                f"{where}: unknown metric {limit.metric!r}; metrics are {', '.join(METRICS)}"
            )
    for form in rule.forbid:
        if form.name not in FORMS:
            raise ValueError(f"{where}: unknown form {form.name!r}; forms are {', '.join(FORMS)}")
    founded: list[FieldRule | Limit | Form] = [*limits, *rule.forbid]
    for each in founded:
        if each.level == "error" and each.evidence != "A":
            raise ValueError(f"{where}: evidence {each.evidence} may only warn")
