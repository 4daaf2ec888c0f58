"""The `AIGC` record of GB 45438-2025, Annex E: seven keys, in this order, ASCII values.

On first writing the propagation elements equal the production elements (Annex E, note 1). Label
"1" means: this is generated content. Knows nothing about where the record is stored.
"""

from __future__ import annotations

import json
import re
from typing import Any

from contentfab.errors import LabelError

KEYS = (
    "Label", "ContentProducer", "ProduceID", "ReservedCode1",
    "ContentPropagator", "PropagateID", "ReservedCode2",
)  # fmt: skip
_VALUE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]*")  # Annex E, j): no space, quote or backslash


def aigc_record(producer: str, asset_id: str) -> dict[str, str]:
    """The record for content `asset_id` made by `producer`. LabelError on characters that
    Annex E does not allow."""
    for name, value in (("producer", producer), ("asset id", asset_id)):
        if not value or not _VALUE.fullmatch(value):
            raise LabelError(
                f"the AIGC label's {name} {value!r} is not plain ASCII without spaces",
                hint="set label.producer to your service provider code, such as contentfab",
            )
    return dict(zip(KEYS, ("1", producer, asset_id, "", producer, asset_id, ""), strict=True))


def propagated(record: dict[str, str], producer: str, asset_id: str) -> dict[str, str]:
    """The record of content that `producer` spreads and somebody else made: what the producer
    wrote stays, the propagation elements become ours."""
    ours = aigc_record(producer, asset_id)
    kept = {key: record[key] for key in KEYS[:4]}
    return {**kept, **{key: ours[key] for key in KEYS[4:]}}


def stated_record(text: str) -> dict[str, str] | None:
    """The record in a metadata field of a foreign file, bare or in an `AIGC` object, with missing
    elements empty; None when what must be kept of it (label, producer, number) cannot be read."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict) and isinstance(found.get("AIGC"), dict):
        found = found["AIGC"]
    if not isinstance(found, dict):
        return None
    record = {key: found.get(key, "") for key in KEYS}
    if aigc_fault(record) or not (record["ContentProducer"] and record["ProduceID"]):
        return None
    return record


def aigc_text(record: dict[str, str]) -> str:
    """The record as the JSON string that goes into a metadata field."""
    return json.dumps({key: record[key] for key in KEYS}, separators=(",", ":"))


def aigc_fault(record: Any) -> str:
    """What is wrong with a record that was read, in one sentence; "" when nothing is."""
    if not isinstance(record, dict):
        return "the AIGC label is not a JSON object"
    missing = [key for key in KEYS if key not in record]
    if missing:
        return f"the AIGC label lacks {', '.join(missing)}"
    if not all(isinstance(record[key], str) for key in KEYS):
        return "a value of the AIGC label is not a string"
    if record["Label"] not in ("1", "2", "3"):
        return "the AIGC label's Label is not 1, 2 or 3"
    wrong = [key for key in KEYS if not _VALUE.fullmatch(record[key])]
    return f"the AIGC label's {wrong[0]} holds characters that are not allowed" if wrong else ""
