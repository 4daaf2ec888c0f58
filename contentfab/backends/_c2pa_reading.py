"""A C2PA manifest, read by c2pa's own reader, as a LayerReading in plain words.

Tells three things apart that readers like to show as one: the file was changed, the certificate is
no longer good, and the signer is merely unknown. Never raises on hostile bytes, never fetches.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from contentfab.backends import _c2pa_manifest as manifests
from contentfab.records.labels import LayerReading

UNKNOWN_SIGNER = "valid; signer not on a public trust list"
_ASSET = re.compile(re.escape(manifests.INSTANCE) + r"([0-9a-f]{32})")
_MARKER = b"jumdc2pa"  # every C2PA manifest store starts with this JUMBF description box

# Validation codes (C2PA 2.4, 15.2) and what they mean, gravest first.
_REASONS = (
    ("assertion.dataHash.", "the file was changed after it was signed"),
    ("assertion.bmffHash.", "the file was changed after it was signed"),
    ("assertion.boxesHash.", "the file was changed after it was signed"),
    ("assertion.hashedURI.", "the signed manifest was changed after it was signed"),
    ("claimSignature.mismatch", "the signature does not fit the manifest that it stands in"),
    ("assertion.", "the manifest breaks the rules of C2PA"),
    ("claim.", "the manifest breaks the rules of C2PA"),
    ("ingredient.", "the record of the picture that this one was made from is broken"),
    ("signingCredential.expired", "the signer's certificate has expired, and no time stamp proves"
     " that it was good when it signed; the file is unchanged"),
    ("claimSignature.outsideValidity", "the signer's certificate was not valid at the time of"
     " signing; the file is unchanged"),
    ("signingCredential.revoked", "the signer's certificate was revoked; the file is unchanged"),
    ("signingCredential.invalid", "the signer's certificate is not allowed to sign C2PA; the file"
     " is unchanged"),
    ("timeStamp.", "the time stamp does not hold; the file is unchanged"),
)  # fmt: skip
_UNTRUSTED = "signingCredential.untrusted"


def from_report(report: str, state: str | None) -> LayerReading:
    """The reading of a manifest. `report` is the reader's JSON, `state` its verdict."""
    document = json.loads(report)
    manifest = document.get("manifests", {}).get(document.get("active_manifest"), {})
    values, asset = _values(manifest), ""
    if found := _ASSET.fullmatch(str(manifest.get("instance_id", ""))):
        asset = found[1]
    codes = _failures(document)
    if state == "Trusted":
        detail = f"signed by {values['signer']}, which your keys trust; unchanged since"
        return LayerReading("c2pa", "valid", detail, asset, values)
    if state == "Valid" and codes <= {_UNTRUSTED}:
        detail = f"{UNKNOWN_SIGNER}: {values['signer']}; unchanged since"
        return LayerReading("c2pa", "untrusted", detail, asset, values)
    return LayerReading(
        "c2pa", "invalid", _reason(codes), asset, {**values, "codes": sorted(codes)}
    )


def from_error(message: str, data: bytes, *, beside: bool) -> LayerReading:
    """The reading of a file in which the reader found no manifest, or only pieces of one;
    `beside` says that a sidecar was given."""
    if beside:
        return LayerReading("c2pa", "invalid", "the C2PA sidecar is damaged, or is none")
    if message.startswith("Remote"):
        detail = "the signature is kept on the network, where contentfab does not look"
        return LayerReading("c2pa", "absent", detail)
    if message.startswith("ManifestNotFound") or _MARKER not in data:
        return LayerReading("c2pa", "absent", "the file has no C2PA signature")
    return LayerReading("c2pa", "invalid", "the file or its C2PA signature is damaged or cut off")


def _reason(codes: set[str]) -> str:
    for prefix, words in _REASONS:
        if any(code.startswith(prefix) for code in codes):
            return words
    known = ", ".join(sorted(codes - {_UNTRUSTED})) or "no reason given"
    return f"the C2PA signature does not hold ({known})"


def _failures(document: Mapping[str, Any]) -> set[str]:
    """Failure codes of the file's own manifest; what was wrong with the pictures that it was made
    from is told by their own validation."""
    results = document.get("validation_results") or {}
    failures = (results.get("activeManifest") or {}).get("failure") or []
    listed = failures or document.get("validation_status") or []
    return {str(item.get("code", "")) for item in listed}


def _values(manifest: Mapping[str, Any]) -> dict[str, Any]:
    signature = manifest.get("signature_info") or {}
    actions = list(_actions(manifest))
    source = next((a["digitalSourceType"] for a in actions if a.get("digitalSourceType")), "")
    binding = next(_data(manifest, manifests.SOFT_BINDING), {})
    made_from = manifest.get("ingredients") or []
    return {
        "digital_source_type": str(source),
        "soft_binding": _soft_binding(binding),
        "soft_binding_alg": str(binding.get("alg", "")),
        "signer": _short(signature.get("common_name") or signature.get("issuer") or "nobody named"),
        "time_stamp": signature.get("time") or None,
        "actions": [_short(action.get("action", "")) for action in actions],
        "models": [_short(d.get("modelName", "")) for d in _data(manifest, manifests.DISCLOSURE)],
        "parents": sum(item.get("relationship") == "parentOf" for item in made_from),
    }


def _data(manifest: Mapping[str, Any], label: str) -> Iterator[dict[str, Any]]:
    """Contents of every assertion of a label, of which some readers number the repeated ones."""
    for assertion in manifest.get("assertions") or []:
        name, data = str(assertion.get("label", "")), assertion.get("data")
        if name.partition("__")[0] == label and isinstance(data, dict):
            yield data


def _actions(manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for label in (manifests.ACTIONS, "c2pa.actions"):
        for data in _data(manifest, label):
            listed = data.get("actions")
            yield from (a for a in listed or [] if isinstance(a, dict))


def _soft_binding(binding: Mapping[str, Any]) -> str:
    """The bound mark's payload in hex; "" when there is none, or it is no base64."""
    blocks = binding.get("blocks")
    first = blocks[0] if isinstance(blocks, list) and blocks else {}
    value = first.get("value", "") if isinstance(first, dict) else ""
    try:
        return base64.b64decode(value, validate=True).hex()[:256]
    except (TypeError, ValueError, binascii.Error):
        return ""


def _short(text: object) -> str:
    """Foreign text in one printable line."""
    return "".join(c for c in str(text) if c.isprintable())[:120]
