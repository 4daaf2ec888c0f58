"""Calls of an OpenAI-compatible images endpoint: one prompt in, the bytes of one picture out.

Retries, back-off and Retry-After are the SDK's own. Says what went wrong in our words, without the
key, and fetches pictures that a server gives as an address. Knows nothing about art direction.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from contentfab.errors import (
    BackendError,
    BackendUnavailable,
    BadOutput,
    InputError,
    MissingDependency,
)
from contentfab.rules.endpoints import host_of, is_loopback

OFFICIAL = "https://api.openai.com/v1"
MAX_BYTES = 64 << 20
_SECRET = re.compile(r"\b(?:sk|pk|key)-[A-Za-z0-9_*-]{6,}|Bearer\s+\S+", re.IGNORECASE)
FOR_ALL = (401, 402, 403, 404)
"""Statuses that every other picture would meet too: wrong key, no credit, unknown model."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What one picture is asked for with. `image` and `mask` are PNG files for /images/edits; the
    mask is transparent where the model paints."""

    prompt: str
    size: str
    image: bytes | None = None
    mask: bytes | None = None
    more: tuple[tuple[str, Any], ...] = ()


class ImagesEndpoint:
    """One endpoint and one model. Usable from several threads."""

    def __init__(
        self, base_url: str, model: str, *, timeout: float, retries: int, offline: bool
    ) -> None:
        try:
            import openai
        except ImportError as error:
            message = f"image.backend=openai needs openai ({error})"
            raise MissingDependency(message, hint="pip install openai") from None
        address = base_url or OFFICIAL
        host = host_of(address, "image.base_url")
        self.place = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
        self._offline = offline
        if offline and not is_loopback(host):
            hint = "Set image.base_url to a server on this machine, or another image.backend."
            raise InputError("--offline: image.base_url is not on this machine", hint=hint)
        self._key = os.environ.get("OPENAI_API_KEY", "").strip()
        if not self._key and host == host_of(OFFICIAL, "image.base_url"):
            raise MissingDependency(
                "no API key for the OpenAI API",
                hint="Set OPENAI_API_KEY, or --set image.base_url=URL for a server of your own.",
            )
        self._model = model
        self._client = openai.OpenAI(
            api_key=self._key or "none", base_url=address, max_retries=retries, timeout=timeout
        )

    def paint(self, ask: Ask) -> bytes:
        """The picture's file. Raises BackendUnavailable when the endpoint is down or refuses us
        altogether, BadOutput when its answer holds no picture, else BackendError."""
        given: dict[str, Any] = {
            "model": self._model, "prompt": ask.prompt, "size": ask.size, "n": 1,
        }  # fmt: skip
        # What other servers understand beside the official fields, such as a seed.
        given["extra_body"] = dict(ask.more)
        import openai

        try:
            if ask.image is None:
                answer = self._client.images.generate(**given)
            else:
                answer = self._client.images.edit(
                    image=("image.png", ask.image, "image/png"),
                    mask=("mask.png", ask.mask or b"", "image/png"),
                    **given,
                )
        except (openai.OpenAIError, ValueError) as error:  # ValueError: an answer that is no JSON
            raise self._translated(error) from None
        return self._bytes(answer)

    def _bytes(self, answer: Any) -> bytes:
        first = next(iter(getattr(answer, "data", None) or ()), None)
        encoded, address = getattr(first, "b64_json", None), getattr(first, "url", None)
        if encoded:
            return self._plain(encoded)
        if address:
            return self._fetched(str(address))
        raise BadOutput(f"{self.place} answered without a picture", retryable=True)

    def _plain(self, encoded: str) -> bytes:
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            message = f"{self.place} answered a picture that is no base64"
            raise BadOutput(message, retryable=True) from None

    def _fetched(self, address: str) -> bytes:
        """A picture by its address. The key is for the endpoint and goes nowhere else."""
        if address.startswith("data:"):
            return self._plain(address.partition(",")[2])
        host = host_of(address, "the address of a picture")
        if self._offline and not is_loopback(host):
            raise BackendError(f"--offline: the picture lies on another machine ({host})")
        import openai

        try:
            with (
                openai.DefaultHttpxClient(timeout=self._client.timeout) as client,
                client.stream("GET", address, follow_redirects=True) as reply,
            ):
                reply.raise_for_status()
                data = b""
                for part in reply.iter_bytes():
                    data += part
                    if len(data) > MAX_BYTES:
                        raise BadOutput(f"{host} sends a picture of over {MAX_BYTES} bytes")
                return data
        except BackendError:
            raise
        except Exception as error:  # whatever its transport raises
            message = f"the picture cannot be fetched from {host}: {type(error).__name__}"
            raise BackendError(message, retryable=True) from None

    def _translated(self, error: Exception) -> Exception:
        """An SDK error in our words; anything else as it is."""
        import openai

        if isinstance(error, openai.APITimeoutError):
            hint = "Raise --set image.timeout=SECONDS."
            return BackendError(f"{self.place}: no answer in time", hint=hint, retryable=True)
        if isinstance(error, openai.APIConnectionError):
            hint = (
                "Start the server, or set --set image.base_url=URL to one that runs. Then run the "
                "same command again: what is done is kept."
            )
            return BackendUnavailable(f"{self.place} does not answer", hint=hint)
        if isinstance(error, openai.APIStatusError):
            return self._refused(error)
        if isinstance(error, openai.OpenAIError | ValueError):
            message = f"{self.place}: unreadable answer: {self._scrubbed(str(error))}"
            return BackendError(message, retryable=True)
        return error

    def _refused(self, error: Any) -> Exception:
        status = int(error.status_code)
        body = error.body if isinstance(error.body, dict) else {}
        said = self._scrubbed(str(body.get("message") or body.get("detail") or error.message))
        message = f"{self.place} answered {status}: {said}"
        if status in FOR_ALL or body.get("code") == "insufficient_quota":
            hint = {
                404: "Check --set image.model=NAME and image.base_url (often ends in /v1).",
                402: "The account has no credit left.",
            }.get(status, "Set OPENAI_API_KEY to a key that this endpoint takes.")
            return BackendUnavailable(message, hint=hint)
        if status in (400, 422):
            hint = "Check image.sizes and image.quality against what the model takes."
            if "moderation" in str(body.get("code")) or "policy" in str(body.get("code")):
                hint = "Change scene, light or mood of the brand's imagery."
            return BadOutput(message, hint=hint)
        return BackendError(message, retryable=status in (408, 409, 425, 429) or status >= 500)

    def _scrubbed(self, text: str) -> str:
        """One line without our key or anything that looks like one."""
        text = text.replace(self._key, "[key]") if self._key else text
        return re.sub(r"\s+", " ", _SECRET.sub("[key]", text))[:300]
