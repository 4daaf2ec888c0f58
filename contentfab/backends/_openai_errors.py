"""Errors of the SDK in our words: one sentence and its fix, without the key.

Knows what a status means for one request; what it means for all others is pace and breaker's.
"""

from __future__ import annotations

import email.utils
import os
import re
import time
from collections.abc import Iterator
from typing import Any

from contentfab.backends._openai_client import Connection
from contentfab.errors import BackendError, BackendUnavailable

MAX_RETRY_AFTER_S = 120.0
RETRYABLE_STATUS = frozenset({408, 409, 425, 429})
CONGESTION = frozenset({429, 503})
_SECRET = re.compile(r"\b(?:sk|pk|key)-[A-Za-z0-9_*-]{6,}|Bearer\s+\S+", re.IGNORECASE)


class Refused(BackendError):
    """The endpoint will refuse every further request too: wrong key, unknown model, no credit."""


def translate(error: Exception, connection: Connection, timeout: float) -> BackendError:
    """An SDK error in our words. Raises `error` itself when it is none of the SDK's."""
    import openai

    if _is_timeout(error):
        message = f"no answer within {timeout:g} s"
        return BackendError(message, hint="Raise --set copy.timeout=SECONDS.", retryable=True)
    if isinstance(error, openai.APIStatusError):
        return _status_error(error, connection)
    if isinstance(error, openai.APIConnectionError):
        reason = scrub(_reason(error), connection.key)
        message = f"{connection.place} does not answer: {reason}"
        hint = (
            "Start the server, or set --set copy.base_url=URL to one that runs. "
            "Then run the same command again: what is done is kept."
        )
        return BackendUnavailable(message, hint=hint)
    if isinstance(error, openai.OpenAIError | ValueError):
        message = f"unreadable answer: {scrub(str(error), connection.key)}"
        return BackendError(message, retryable=True)
    raise error


def _status_error(error: Any, connection: Connection) -> BackendError:
    status = int(error.status_code)
    message = f"{connection.place} answered {status}: {scrub(detail(error), connection.key)}"
    if status in (401, 403):
        return Refused(message, hint="Set OPENAI_API_KEY to a key that this endpoint takes.")
    if status == 404:
        hint = "Check --set copy.model=NAME and --set copy.base_url=URL (often ends in /v1)."
        return Refused(message, hint=hint)
    if status == 402 or getattr(error, "code", None) == "insufficient_quota":
        return Refused(message, hint="The account has no credit left; top it up, run again.")
    if status not in RETRYABLE_STATUS and status < 500:
        return BackendError(message)
    wait = retry_after(error.response.headers)
    if wait > MAX_RETRY_AFTER_S:
        return BackendError(f"{message} (asks to wait {wait:.0f} s)")
    return BackendError(message, retryable=True)


def congests(error: Exception) -> bool:
    """Whether an error says that too much is under way: 429, 503, or no answer in time."""
    return getattr(error, "status_code", None) in CONGESTION or _is_timeout(error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what caused it, down to the first."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def _is_timeout(error: Exception) -> bool:
    """The SDK's aiohttp transport calls a refused or a cut connection a timeout too; a real one
    has Python's own TimeoutError below it."""
    return any(isinstance(link, TimeoutError) for link in _chain(error))


def _reason(error: Exception) -> str:
    """Why a connection failed, in the system's words where there are any."""
    causes = list(_chain(error))
    for link in causes:
        if isinstance(link, OSError) and link.errno:
            return os.strerror(link.errno)
    return str(causes[-1]) or "connection closed"


def detail(error: Any) -> str:
    """What the server wrote about an error status, on one line."""
    body = error.body if isinstance(error.body, dict) else {}
    text = body.get("message") or body.get("detail") or error.message
    return re.sub(r"\s+", " ", str(text))[:300]


def retry_after(headers: Any) -> float:
    """Seconds to wait as the server says it (milliseconds, seconds or a date), else 0."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)
        except (KeyError, ValueError):
            continue
    try:
        when = email.utils.parsedate_to_datetime(headers["retry-after"])
    except (KeyError, ValueError, TypeError):
        return 0.0
    return max(0.0, when.timestamp() - time.time())


def scrub(text: str, key: str) -> str:
    """Text without our key or anything that looks like one."""
    text = text.replace(key, "[key]") if key else text
    return _SECRET.sub("[key]", text)
