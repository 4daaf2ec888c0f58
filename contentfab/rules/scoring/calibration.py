"""Under what a number may be compared with another: its calibration id.

Two scores of different models, preprocessing, prompts, background sets or formulas are different
scales, however alike they look. Knows no model and no formula, only what identifies them.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any


def calibration_id(scorer: str, model: str, *fixed: Any) -> str:
    """scorer/model@revision/digest, the digest over all that fixes the scale: preprocessing, views,
    prompts, background set, formula. `model` is name@revision. No part may hold a path."""
    text = json.dumps(fixed, sort_keys=True, default=str)
    return f"{scorer}/{model}/{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def narrowed(calibration: str, *fixed: Any) -> str:
    """The id of a number that depends on more besides: a brand's words and pictures, a prompt."""
    text = json.dumps(fixed, sort_keys=True, default=str)
    return f"{calibration}+{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def comparable(one: str, other: str) -> bool:
    """Whether two numbers with these ids are on one scale. A number without an id is on no scale
    that anybody knows."""
    return bool(one) and one == other
