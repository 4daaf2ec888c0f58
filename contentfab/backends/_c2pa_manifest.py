"""What a signed file says of itself, as a C2PA manifest definition (C2PA 2.4).

Takes the claim that the label stage makes. Provenance only: no prompt, no path, no secret. Knows
nothing about keys or files.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from contentfab import __version__
from contentfab.rules.labels.xmp import SOURCE_TYPE_BASE

ACTIONS, SOFT_BINDING, DISCLOSURE = "c2pa.actions.v2", "c2pa.soft-binding", "c2pa.ai-disclosure"
INSTANCE = "contentfab:"  # before the asset's id
PARENT = "parent"
_WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

# The signer itself vouches for these assertions (C2PA 2.4, 10.3.2: created_assertions).
VOUCHED = [ACTIONS, "c2pa.actions", SOFT_BINDING, DISCLOSURE]


def definition(claim: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest definition for a claim (see `protocols.Signer`)."""
    assertions: list[dict[str, Any]] = [{"label": ACTIONS, "data": {"actions": _actions(claim)}}]
    if claim.get("watermark"):
        value = base64.b64encode(bytes.fromhex(claim["watermark"])).decode()
        binding = {"alg": claim["watermark_alg"], "blocks": [{"scope": {}, "value": value}]}
        assertions.append({"label": SOFT_BINDING, "data": binding})
    for model in claim.get("models", ()):
        assertions.append({"label": DISCLOSURE, "data": _disclosure(model)})
    return {
        "claim_generator_info": [_contentfab()],
        "title": claim["asset_id"],
        "instance_id": INSTANCE + claim["asset_id"],
        "assertions": assertions,
    }


def parent_ingredient() -> dict[str, str]:
    """The definition of the picture that a file was made from."""
    return {"title": "source picture", "relationship": "parentOf", "label": PARENT}


def _actions(claim: Mapping[str, Any]) -> list[dict[str, Any]]:
    source = SOURCE_TYPE_BASE + claim["digital_source_type"]
    agent = {"name": claim["engine"] or "unknown", "version": claim["engine_version"]}
    agent = {key: value for key, value in agent.items() if value}
    if claim.get("parent"):
        # What came before is in the parent's own manifest; only what was done here is told.
        opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}
        edit = "AI label put on"
        actions = [opened, _edited(edit) | {"digitalSourceType": source}]
    else:
        created = {"action": "c2pa.created", "digitalSourceType": source, "softwareAgent": agent}
        actions = [created]
        if claim.get("edits"):
            actions.append(_edited(claim["edits"]))
    if claim.get("watermark"):
        actions.append({"action": "c2pa.watermarked.bound", "softwareAgent": _contentfab()})
    when = str(claim.get("created", ""))
    return [{**action, "when": when} for action in actions] if _WHEN.fullmatch(when) else actions


def _edited(what: str) -> dict[str, Any]:
    return {"action": "c2pa.edited", "description": what, "softwareAgent": _contentfab()}


def _disclosure(model: str) -> dict[str, Any]:
    """A person wrote the brief, the model answered it; what a person changed later is not signed
    away here."""
    return {
        "modelType": "c2pa.types.model",
        "modelName": model,
        "contentProfile": {"humanOversightLevel": "prompt_guided"},
    }


def _contentfab() -> dict[str, str]:
    return {"name": "contentfab", "version": __version__}
