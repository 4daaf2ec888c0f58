"""Channel packs: where a creative runs, and which limits hold there.

The packs are data (`channels.yaml`); this module loads them and refuses a pack that claims more
than its evidence carries. Knows nothing about copy; `contract.py` applies the limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from contentfab.records.inputs import Channel, FieldRule, Limit
from contentfab.rules.metrics import METRICS


def load_channels() -> dict[str, Channel]:
    """Every channel pack of this installation by id, in the order of the file."""
    return dict(_packaged())


def read_channels(text: str) -> dict[str, Channel]:
    """Channel packs from YAML text shaped like `channels.yaml`.

    Raises ValueError when a pack names an unknown metric, source or placement, or blocks (level
    error) on evidence other than A.
    """
    data = yaml.safe_load(text)
    packs = [_channel(raw, data["sources"], data["verified_at"]) for raw in data["channels"]]
    return {pack.id: pack for pack in packs}


def disclosure(channel: Channel, locale: str) -> str:
    """The advertising disclosure that the channel asks for in a locale, or ""."""
    wanted = channel.disclosure
    return wanted.get(locale) or wanted.get(locale.split("-")[0]) or wanted.get("default", "")


@cache
def _packaged() -> dict[str, Channel]:
    return read_channels((files("contentfab.rules") / "channels.yaml").read_text("utf-8"))


def _channel(raw: Mapping[str, Any], sources: Mapping[str, str], date: str) -> Channel:
    def dated(item: Mapping[str, Any]) -> dict[str, Any]:
        also = (
            {"also": [_sourced(limit, sources) for limit in item["also"]]} if "also" in item else {}
        )
        return {"verified_at": date, **_sourced(item, sources), **also}

    pack = Channel.model_validate(
        {
            **raw,
            "fields": [dated(item) for item in raw["fields"]],
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
    limits: list[FieldRule | Limit] = [rule, *rule.also]
    for limit in limits:
        if limit.metric not in METRICS:
            raise ValueError(
                f"channel {channel}, field {rule.name}: unknown metric {limit.metric!r}; "
                f"metrics are {', '.join(METRICS)}"
            )
        if limit.level == "error" and limit.evidence != "A":
            raise ValueError(
                f"channel {channel}, field {rule.name}: evidence {limit.evidence} may only warn"
            )
