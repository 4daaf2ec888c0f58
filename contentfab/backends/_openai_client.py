"""The SDK's client, made once per process: key, address, transport, connection pool.

The SDK's default transport looks through every connection for each request, so that it slows down
as concurrency rises; its aiohttp transport does not (`make bench-llm`). Where aiohttp is missing
the default one serves, and the run's facts say so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from contentfab.backends._openai_settings import OFFICIAL_HOST, Options, endpoint_host
from contentfab.errors import MissingDependency

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CONNECT_S = 15.0
KEEP_ALIVE_S = 60.0
SPARE_CONNECTIONS = 8  # for what goes beside the window: probes, lists of models, files


@dataclass(frozen=True, slots=True)
class Connection:
    """An open client. `http` is the library below the SDK (httpx2, or httpx before SDK 3)."""

    client: AsyncOpenAI
    http: Any
    key: str
    official: bool
    transport: str

    @property
    def place(self) -> str:
        """The endpoint as scheme, host and port, without user, path or query."""
        url = self.client.base_url
        port = f":{url.port}" if url.port else ""
        return f"{url.scheme}://{url.host}{port}"


def connect(base_url: str, options: Options) -> Connection:
    """A client whose pool is never smaller than the window, and whose clocks do not run while a
    request waits for its turn. Raises MissingDependency without the SDK or a key."""
    try:
        import openai
    except ImportError as error:
        hint = "pip install 'openai[aiohttp]'"
        raise MissingDependency(f"copy.backend=openai needs openai ({error})", hint=hint) from None
    official = endpoint_host(base_url) == OFFICIAL_HOST
    key = os.environ.get("OPENAI_API_KEY", "").strip()
    if not key and official:
        raise MissingDependency(
            "no API key for the OpenAI API",
            hint="Set OPENAI_API_KEY, or --set copy.base_url=URL for a server of your own.",
        )
    library = openai.DefaultAsyncHttpxClient.__mro__[1].__module__.partition(".")[0]
    http = import_module(library)
    most = options.concurrency + SPARE_CONNECTIONS
    limits = http.Limits(
        max_connections=most, max_keepalive_connections=most, keepalive_expiry=KEEP_ALIVE_S
    )
    timeout = http.Timeout(options.timeout, connect=min(CONNECT_S, options.timeout), pool=None)
    transport = "aiohttp" if find_spec("aiohttp") else library
    make = openai.DefaultAioHttpClient if find_spec("aiohttp") else openai.DefaultAsyncHttpxClient
    try:
        http_client = make(limits=limits, timeout=timeout)
    except RuntimeError:  # SDK 2 needs httpx-aiohttp besides
        transport = library
        http_client = openai.DefaultAsyncHttpxClient(limits=limits, timeout=timeout)
    client = openai.AsyncOpenAI(
        api_key=key or "none",
        base_url=base_url or f"https://{OFFICIAL_HOST}/v1",
        max_retries=0,
        timeout=timeout,
        http_client=http_client,
    )
    return Connection(client, http, key, official, transport)
