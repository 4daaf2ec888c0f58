"""What inspection leaves behind: how a poster is composed, for the manifest, and rejects.

The record of composition says where texts, logo and product stand, so that a finished file can be
inspected again. A poster that fails goes to `rejects/` as a picture with its findings beside it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

from PIL import Image

from contentfab.flow.results import Failure, rounded
from contentfab.records.pictures import Finding, Poster
from contentfab.records.places import Box


def composition(poster: Poster, label_share: float) -> dict[str, Any]:
    """`composition` of a poster in the manifest; boxes in pixels, sizes in pixels."""
    return {
        "family": poster.layout,
        "placement": poster.placement,
        "texts": [
            {
                "role": text.role,
                "text": text.text,
                "box": list(text.box),
                "rows": [list(row) for row in text.rows],
                "size": rounded(text.size),
                "ink": text.ink,
                "weight": text.weight,
                "lines": text.lines,
            }
            for text in poster.texts
        ],
        "logo_box": _listed(poster.logo_box),
        "product_box": _listed(poster.product_box),
        "frame": _listed(poster.frame),
        "label_share": label_share,
    }


def check_records(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as `checks` of the manifest: what is not known is left out."""
    told = [
        {
            "rule": finding.rule,
            "level": finding.level,
            "message": finding.message,
            "measure": rounded(finding.measure),
            "limit": rounded(finding.limit),
            "box": _listed(finding.box),
        }
        for finding in findings
    ]
    return [{name: value for name, value in check.items() if value is not None} for check in told]


def reject(job: str, poster: Poster) -> Failure:
    """A poster with error findings as a failed job: its picture and its findings are kept."""
    errors = [finding for finding in poster.findings if finding.level == "error"]
    reason = "; ".join(f"{finding.rule}: {finding.message}" for finding in errors)
    findings = check_records([f for f in poster.findings if f.level != "pass"])
    picture, path = f"rejects/{job}.webp", f"rejects/{job}.json"
    document = {
        "job": job,
        "stage": "compose",
        "reason": reason,
        "layout": poster.layout,
        "picture": picture,
        "findings": findings,
    }
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n"
    image = io.BytesIO()
    # As key visuals are kept: lossless WebP at its fastest.
    Image.fromarray(poster.pixels).save(image, "WEBP", lossless=True, quality=0, method=0)
    data = text.encode()
    return Failure(
        reason,
        files={path: data, picture: image.getvalue()},
        kept={"path": path, "bytes": len(data), "picture": picture, "findings": findings},
    )


def _listed(box: Box | None) -> list[int] | None:
    return [int(edge) for edge in box] if box is not None else None
