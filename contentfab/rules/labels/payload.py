"""The 64 bits that the invisible mark carries: version, asset id, seal.

    4 bits   version: 1 = sealed without a key, 2 = sealed with a project key
    40 bits  the first 40 bits of sha256(asset id)
    20 bits  seal: sha256 (version 1) or HMAC-SHA256 under the key (version 2), truncated

A seal of 20 bits tells a mark from chance and from a careless copy; it is no proof against an
attacker who has many marked pictures. Knows nothing about pixels.
"""

from __future__ import annotations

import hashlib
import hmac

SIZE = 8
UNKEYED, KEYED = 1, 2
_DOMAIN = b"contentfab.spread.1"
_SEAL_BITS = 20


def payload_for(asset_id: str, key: bytes | None = None) -> bytes:
    """Eight bytes that name `asset_id`, sealed with `key` when there is one."""
    head = int.from_bytes(hashlib.sha256(asset_id.encode()).digest()[:5], "big")
    return _sealed(head, key)


def reseal(payload: bytes, key: bytes) -> bytes:
    """The same asset bits, sealed with `key`. ValueError when `payload` is not eight bytes."""
    return _sealed(_asset_bits(payload), key)


def version_of(payload: bytes) -> int:
    """The version in the first four bits."""
    return payload[0] >> 4 if payload else 0


def seal_holds(payload: bytes, key: bytes | None = None) -> bool:
    """Whether version and seal are those that `key` (or no key) gives to the same asset bits."""
    return len(payload) == SIZE and hmac.compare_digest(payload, _sealed(_asset_bits(payload), key))


def payload_matches(payload: bytes, asset_id: str) -> bool:
    """Whether the asset bits are those of `asset_id`. The seal is the mark's own business."""
    return len(payload) == SIZE and _asset_bits(payload) == _asset_bits(payload_for(asset_id))


def _asset_bits(payload: bytes) -> int:
    if len(payload) != SIZE:
        raise ValueError(f"a payload has {SIZE} bytes, not {len(payload)}")
    return int.from_bytes(payload, "big") >> _SEAL_BITS & (1 << 40) - 1


def _sealed(asset_bits: int, key: bytes | None) -> bytes:
    head = (KEYED if key else UNKEYED) << 40 | asset_bits
    message = _DOMAIN + head.to_bytes(6, "big")
    digest = (
        hmac.new(key, message, hashlib.sha256).digest() if key else hashlib.sha256(message).digest()
    )
    seal = int.from_bytes(digest[:3], "big") >> 24 - _SEAL_BITS
    return (head << _SEAL_BITS | seal).to_bytes(SIZE, "big")
