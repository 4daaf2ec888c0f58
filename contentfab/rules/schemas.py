"""JSON Schemas (2020-12) of what users write and of the manifest, made from the records.

`docs/schemas/` holds them as files; `write_schemas` makes those, and a test fails when they drift.
What needs other files (does a channel exist) is not in a schema; `contentfab check` tells it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from contentfab.records.brand import Brand
from contentfab.records.channel import Channel
from contentfab.records.inputs import Campaign, Product, Segment
from contentfab.records.manifest import Manifest

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VERSION = 1

_RECORDS: dict[str, type[BaseModel]] = {
    "campaign": Campaign,
    "product": Product,
    "segment": Segment,
    "brand": Brand,
    "channel": Channel,
    "manifest": Manifest,
}


def schemas() -> dict[str, dict[str, Any]]:
    """Schema by name: campaign, product, segment, brand, channel, manifest."""
    return {name: _schema(name, record) for name, record in _RECORDS.items()}


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as it is written to files: two spaces, LF at the end."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema as `<name>.schema.json` into `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, schema in schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_text(schema_text(schema), encoding="utf-8")
        paths.append(path)
    return paths


def _schema(name: str, record: type[BaseModel]) -> dict[str, Any]:
    made = record.model_json_schema(by_alias=True, mode="validation")
    head = {"$schema": DIALECT, "$id": f"urn:contentfab:schema:{name}:{VERSION}"}
    return {**head, **made}
