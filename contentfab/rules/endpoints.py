"""Addresses of services that a user names: which host, and whether it is this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from contentfab.errors import InputError


def host_of(address: str, what: str) -> str:
    """The host of an http(s) address; `what` names the setting in errors. Raises InputError when it
    is no address, or holds a password (never repeating it)."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        hint = "For example http://127.0.0.1:8000/v1."
        raise InputError(f"{what} is no http(s) address", hint=hint)
    if parts.username or parts.password:
        raise InputError(f"{what} holds a password", hint="Put the key in OPENAI_API_KEY.")
    return parts.hostname


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, which needs no network."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
