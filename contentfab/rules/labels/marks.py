"""What every invisible mark asks of its settings, its picture and its payload."""

from __future__ import annotations

import hashlib
import hmac

from contentfab.errors import InputError, LabelError
from contentfab.rules.labels import payload as payloads
from contentfab.rules.labels.project_keys import find_keys

STRENGTHS = (0.3, 3.0)


def checked_strength(strength: float) -> float:
    """`strength`, or InputError when no mark can be that weak or that strong."""
    weakest, strongest = STRENGTHS
    if not weakest <= strength <= strongest:
        raise InputError(
            f"watermark strength {strength:g} is out of range",
            hint=f"use a number from {weakest:g} to {strongest:g}, such as --set"
            " watermark.strength=1",
        )
    return strength


def sealing_key(key: str | bytes | None) -> bytes | None:
    """The key that seals payloads: the one that is given, else the project's, else none."""
    key = key or find_keys().seal
    return key.encode() if isinstance(key, str) else key or None


def key_suffix(key: bytes | None) -> str:
    """What a key adds to the id of its mark; it tells keys apart and gives none away."""
    return f"+key-{hmac.new(key, b'name', hashlib.sha256).hexdigest()[:8]}" if key else ""


def require_embeddable(payload: bytes, width: int, height: int, least: int) -> None:
    """LabelError when the payload has another size than all have, or a side of the picture fewer
    than `least` pixels."""
    if len(payload) != payloads.SIZE:
        raise LabelError(f"a payload has {payloads.SIZE} bytes, not {len(payload)}")
    if min(height, width) < least:
        raise LabelError(
            f"a picture of {width} x {height} pixels is too small for the invisible mark:"
            f" the shortest side must be at least {least}",
            hint="use a larger placement",
        )
