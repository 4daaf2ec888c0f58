"""What a run leaves behind besides assets: manifest, data package, recipes, run.json.

The manifest is written last: its existence means that the run is complete. An unchanged manifest
keeps its `created`, and its bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contentfab import __version__
from contentfab.flow.session import Tally
from contentfab.records.brief import Brief
from contentfab.records.plan import Plan
from contentfab.rules.keys import canonical
from contentfab.settings import Settings
from contentfab.stages.manifest import manifest
from contentfab.store import MANIFEST, Entry, RunStore


def publish(
    brief: Brief, plan: Plan, profile: str, store: RunStore, created: str
) -> dict[str, Any]:
    """Write manifest, data package and recipes; the manifest last. An unchanged manifest keeps
    its `created`, and its bytes."""
    entries = store.entries(plan.keys())
    results = {key: entry.result for key, entry in entries.items() if entry.state == "done"}
    failures = {
        key: (entry.reason, entry.retryable)
        for key, entry in entries.items()
        if entry.state == "failed"
    }
    for key, entry in entries.items():
        if entry.state == "failed" and entry.result.get("path"):
            results[f"reject:{key}"] = entry.result
    record = manifest(brief, plan, results, failures, created, profile)
    document = record.model_dump(mode="json")
    before = read_json(store.folder / MANIFEST)
    if before is not None and {**before, "created": ""} == {**document, "created": ""}:
        return before
    store.publish("recipes.jsonl", _recipes(entries))
    store.publish("datapackage.json", _dump(_data_package(document)))
    store.publish(MANIFEST, _dump(document))
    return document


def _recipes(entries: Mapping[str, Entry]) -> bytes:
    """Prompts and calls by the hash that the manifest gives; they stay in the run folder."""
    lines = set()
    for entry in entries.values():
        prompt = entry.result.get("prompt")
        if prompt:
            digest = hashlib.sha256(prompt.encode()).hexdigest()
            lines.add(canonical({"kind": "picture", "prompt": prompt, "prompt_sha256": digest}))
        if entry.result.get("recipe"):
            lines.add(canonical({"kind": "copy", "job": entry.job, **entry.result["recipe"]}))
    return "".join(f"{line}\n" for line in sorted(lines)).encode()


def _data_package(document: Mapping[str, Any]) -> dict[str, Any]:
    """Frictionless Data Package v2 over every file that the manifest names."""
    resources = [
        {
            "name": f"{kind}-{item['id']}",
            "path": item["path"],
            "bytes": item["bytes"],
            "hash": f"sha256:{item['digest']['sha256']}",
            "mediatype": item.get("media_type", "image/webp"),
        }
        for kind, items in (("asset", document["assets"]), ("key-visual", document["key_visuals"]))
        for item in items
    ]
    resources += [
        {
            "name": f"signature-{asset['id']}",
            "path": asset["sidecar"]["path"],
            "bytes": asset["sidecar"]["bytes"],
            "hash": f"sha256:{asset['sidecar']['digest']['sha256']}",
            "mediatype": "application/c2pa",
        }
        for asset in document["assets"]
        if asset["sidecar"]
    ]
    resources += [
        {
            "name": f"{file['kind']}-{asset['id']}",
            "path": file["path"],
            "bytes": file["bytes"],
            "hash": f"sha256:{file['digest']['sha256']}",
            "mediatype": file["media_type"],
        }
        for asset in document["assets"]
        for file in asset["files"]
    ]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": document["campaign"]["name"],
        "created": document["created"],
        "resources": resources,
    }


def counts(part: Plan, keys: set[str]) -> dict[str, int]:
    copy_keys = [key for job in part.copies for key in job.keys.values()]
    return {
        "copy": sum(key in keys for key in copy_keys),
        "picture": sum(job.key in keys for job in part.pictures),
        "poster": sum(job.key in keys for job in part.posters),
    }


def reached(jobs: Mapping[str, int], until: str) -> dict[str, int]:
    """The jobs that a run which stops after the stage `until` carries out."""
    kinds = {"copywriting": ("copy",), "picture": ("copy", "picture")}.get(until, tuple(jobs))
    return {kind: n for kind, n in jobs.items() if kind in kinds}


def run_facts(settings: Settings, plan: Plan, tally: Tally, seconds: float) -> dict[str, Any]:
    return {
        "generator": f"contentfab {__version__}",
        "profile": settings.profile,
        "settings": {
            name: {key: _public(value) for key, value in options.items()}
            for name, options in settings.sections.items()
        },
        "jobs": counts(plan, plan.keys()),
        "last_run": {
            "finished": now(),
            "seconds": round(seconds, 2),
            "seconds_per_stage": {k: round(v, 2) for k, v in sorted(tally.seconds.items())},
            "done": tally.done,
            "failed": len(tally.failures),
        },
    }


def _public(value: Any) -> Any:
    """A setting without what ties it to one machine or person: absolute folders, credentials."""
    if not isinstance(value, str):
        return value
    if "://" in value:
        return re.sub(r"(?<=://)[^/@]*@", "", value)
    prefix, _, path = value.rpartition(":")
    if Path(path).is_absolute():
        return f"{prefix}:{Path(path).name}" if prefix else Path(path).name
    return value


def read_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _dump(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()


def now() -> str:
    """Wall-clock time in UTC, or SOURCE_DATE_EPOCH where a build asks to be reproducible."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch.isdigit() else datetime.now(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
