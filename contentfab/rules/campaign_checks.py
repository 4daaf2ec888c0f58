"""Checks of a campaign file that its shape alone cannot tell: names that must exist, weights that
must add up, addresses that must be addresses.

Works on the raw value, so that these problems are told together with those of shape; what has the
wrong type is passed over here. Reads no files.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from contentfab.errors import Problem
from contentfab.records.channel import Channel
from contentfab.rules.files.located import Located
from contentfab.rules.files.node_events import FieldPath
from contentfab.rules.files.safe_files import shorten
from contentfab.rules.labels.project_keys import CI, INIT
from contentfab.rules.labels.words import asks_for_signature, jurisdiction_names
from contentfab.rules.suggest import did_you_mean
from contentfab.settings import SECRET_WORDS, SECTIONS

MAX_MDE = 10.0


def check_campaign(
    campaign: Located,
    packs: Mapping[str, Channel],
    layouts: Collection[str] | None,
    profiles: Collection[str] | None,
    can_sign: bool | None = None,
) -> Iterator[Problem]:
    """Every problem of the campaign file itself. None skips a check. `can_sign` says whether the
    project has keys to sign with."""
    value = campaign.value
    for path, name in _texts(value, "channels"):
        if name not in packs:
            yield unknown(campaign, path, "channel", name, packs)
    for key in ("channels", "locales", "layouts"):
        yield from _repeats(campaign, key)
    yield from _check_placements(campaign, packs)
    yield from _check_disclosures(campaign)
    for path, name in _texts(value, "layouts"):
        if layouts is not None and name not in layouts:
            yield unknown(campaign, path, "layout", name, layouts)
    profile = value.get("profile")
    if isinstance(profile, str) and profiles is not None and profile not in profiles:
        yield unknown(campaign, ("profile",), "profile", profile, profiles)
    yield from _check_weights(campaign)
    yield from check_address(campaign, ("landing_url",), value.get("landing_url"))
    yield from _check_secrets(campaign)
    if can_sign is False:
        yield from _check_signed(campaign)


def unknown(
    located: Located, path: FieldPath, kind: str, name: str, valid: Collection[str]
) -> Problem:
    """The problem of a name that nothing has."""
    message = f"unknown {kind} '{shorten(name)}'"
    return located.problem(path, f"brief.unknown-{kind}", message, did_you_mean(name, valid))


def check_address(located: Located, path: FieldPath, value: Any) -> Iterator[Problem]:
    """A web address must be http or https with a host."""
    if not isinstance(value, str):
        return
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or any(c.isspace() for c in value):
        message = f"'{shorten(value)}' is no web address"
        hint = "write it whole, such as https://shop.example/page"
        yield located.problem(path, "brief.no-address", message, hint)


def _texts(value: Mapping[str, Any], key: str) -> Iterator[tuple[FieldPath, str]]:
    entries = value.get(key)
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, str):
            yield (key, index), entry


def _repeats(campaign: Located, key: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for path, name in _texts(campaign.value, key):
        if name.lower() in seen:
            message = f"'{shorten(name)}' stands twice"
            yield campaign.problem(path, "brief.duplicate", message, "remove one of the two")
        seen.add(name.lower())


def _check_placements(campaign: Located, packs: Mapping[str, Channel]) -> Iterator[Problem]:
    placements = campaign.value.get("placements")
    used = [name for _, name in _texts(campaign.value, "channels")]
    for channel, wanted in placements.items() if isinstance(placements, dict) else ():
        path: FieldPath = ("placements", channel)
        if channel not in used:
            message = f"'{shorten(channel)}' is not among the campaign's channels"
            hint = f"{did_you_mean(channel, used)}; or add it to `channels`"
            yield campaign.problem(path, "brief.unknown-channel", message, hint)
            continue
        valid = [p.id for p in packs[channel].placements] if channel in packs else None
        for index, name in enumerate(wanted if isinstance(wanted, list) else ()):
            if isinstance(name, str) and valid is not None and name not in valid:
                yield unknown(campaign, (*path, index), "placement", name, valid)
        if wanted == []:
            hint = "name at least one, or remove the line for the channel's usual ones"
            yield campaign.problem(path, "brief.empty", "no placement is named", hint)


def _check_disclosures(campaign: Located) -> Iterator[Problem]:
    said = campaign.value.get("disclosures")
    used = [name for _, name in _texts(campaign.value, "channels")]
    for channel in said if isinstance(said, dict) else ():
        if channel not in used:
            message = f"'{shorten(channel)}' is not among the campaign's channels"
            hint = f"{did_you_mean(channel, used)}; or add it to `channels`"
            path: FieldPath = ("disclosures", channel)
            yield campaign.problem(path, "brief.unknown-channel", message, hint)


def _check_weights(campaign: Located) -> Iterator[Problem]:
    experiment = campaign.value.get("experiment")
    if not isinstance(experiment, dict):
        return
    yield from _check_effect(campaign, experiment.get("metric"))
    weights = experiment.get("weights")
    if not isinstance(weights, list) or not all(_is_number(w) for w in weights):
        return
    path: FieldPath = ("experiment", "weights")
    variants = campaign.value.get("variants", 2)
    if _is_number(variants) and len(weights) != variants:
        message = f"{len(weights)} weights for {variants} variants"
        hint = "give one weight per variant, or change `variants`"
        yield campaign.problem(path, "brief.weights", message, hint)
    for index, weight in enumerate(weights):
        if weight <= 0:
            message, hint = f"the weight {shorten(weight)} gives no traffic", "use more than 0"
            yield campaign.problem((*path, index), "brief.weights", message, hint)
    total = math.fsum(weights)
    if abs(total - 100) > 0.005:
        message = f"the weights sum to {total:.10g}, not to 100"
        hint = "weights are percentages; 50 and 50, or remove them for equal shares"
        yield campaign.problem(path, "brief.weights", message, hint)


def _check_effect(campaign: Located, metric: Any) -> Iterator[Problem]:
    effect: Any = metric.get("mde_relative") if isinstance(metric, dict) else None
    if _is_number(effect) and effect > MAX_MDE:
        message = f"an effect of {shorten(effect)} times the baseline cannot be planned for"
        hint = "mde_relative is a proportion: 0.2 means 20 % more than the baseline"
        path = ("experiment", "metric", "mde_relative")
        yield campaign.problem(path, "brief.out-of-range", message, hint)


def _check_signed(campaign: Located) -> Iterator[Problem]:
    """Without keys `run` refuses what the law wants signed; that the campaign is right is no less
    true, so it is a warning."""
    label = campaign.value.get("label")
    named = label.get("jurisdictions") if isinstance(label, dict) else None
    if not isinstance(named, list):
        return
    for name in asks_for_signature([n for n in named if n in jurisdiction_names()]):
        path = ("label", "jurisdictions", named.index(name))
        message = f"'{name}' asks for signed metadata, but this project has no keys; run refuses"
        yield campaign.problem(path, "label.no-keys", message, f"{INIT}; {CI}", "warn")


def _check_secrets(campaign: Located) -> Iterator[Problem]:
    for section in SECTIONS:
        options = campaign.value.get(section)
        for key in options if isinstance(options, dict) else ():
            if any(word in key.lower().split("_") for word in SECRET_WORDS):
                message = "a secret does not belong into a file"
                hint = "remove it and set it in the environment, for example OPENAI_API_KEY"
                yield campaign.problem((section, key), "brief.secret", message, hint)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
