"""What a user can set about the endpoint, checked before anything is asked or paid for.

Knows the settings' names and bounds; opens no connection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contentfab.errors import InputError
from contentfab.rules.endpoints import host_of

OFFICIAL_HOST = "api.openai.com"
MODES = ("live", "batch")

Price = Mapping[str, float] | Sequence[float] | str | None


@dataclass(frozen=True, slots=True)
class Options:
    """How to ask, the same for every request. `timeout`, `backoff` and `batch_wait` are in
    seconds, `rate` in requests a second (0: as the endpoint allows)."""

    model: str
    temperature: float
    max_tokens: int
    timeout: float
    retries: int
    concurrency: int
    backoff: float
    rate: float = 0.0
    batch_wait: float = 0.0

    def __post_init__(self) -> None:
        if not self.model:
            raise InputError("copy.model is not set", hint="Add --set copy.model=NAME.")
        for name in self.__slots__[1:]:
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(
                    f"copy.{name} must be a number, not {value!r}",
                    hint=f"For example --set copy.{name}=8.",
                )
        low = {"concurrency": self.concurrency, "max_tokens": self.max_tokens}
        zero = {
            "retries": self.retries,
            "backoff": self.backoff,
            "rate": self.rate,
            "batch_wait": self.batch_wait,
        }
        if min(low.values()) < 1 or min(zero.values()) < 0 or self.timeout <= 0:
            hint = f"{', '.join(low)} from 1; {', '.join(zero)} from 0; timeout above 0."
            raise InputError("a copy setting is out of range", hint=hint)


def check_mode(mode: str) -> str:
    """`live` or `batch`. Raises InputError for anything else."""
    if mode not in MODES:
        hint = f"Give --llm-mode {' or '.join(MODES)}."
        raise InputError(f"copy.mode {mode!r} is unknown", hint=hint)
    return mode


def endpoint_host(base_url: str) -> str:
    """The host that is asked. Raises InputError when it is none, or holds a password."""
    return host_of(base_url, "copy.base_url") if base_url else OFFICIAL_HOST


def public_name(model: str) -> str:
    """A model name without the path of the machine that serves it."""
    return model.rstrip("/").rsplit("/", 1)[-1] if model.startswith(("/", "~")) else model


def price_of(price: Price) -> tuple[float, float] | None:
    """USD per million input and output tokens; None when nobody said."""
    if price is None:
        return None
    try:
        if isinstance(price, Mapping):
            pair = [float(price["input"]), float(price["output"])]
        else:
            parts = price.split(",") if isinstance(price, str) else price
            pair = [float(part) for part in parts]
        per_input, per_output = pair
    except (KeyError, TypeError, ValueError):
        per_input = per_output = -1.0
    if not (0 <= per_input < float("inf") and 0 <= per_output < float("inf")):
        hint = "Give USD per million tokens: --set copy.price=0.15,0.60 (input, output)."
        raise InputError("copy.price is not two prices", hint=hint)
    return per_input, per_output
