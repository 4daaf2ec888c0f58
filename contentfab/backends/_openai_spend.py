"""What requests cost, and a budget that is never passed: each request holds back the most that it
can cost while it is under way, and gives back what it did not use.

An upper bound needs no tokenizer: a byte-level one (BPE, or SentencePiece with byte fallback)
makes at most one token of a byte, so the UTF-8 length of what is sent bounds its tokens; what a
chat template adds is bounded by TEMPLATE_TOKENS a message. Answers are bounded by `max_tokens`.
"""

from __future__ import annotations

import asyncio

from contentfab.errors import BackendError

TEMPLATE_TOKENS = 16
TYPICAL_BYTES = 4  # of English a token; used for estimates, never for the budget


class OverBudget(BackendError):
    """The request was not sent: it could have passed the budget."""


class Purse:
    """Prices, and what may still be spent. `price` is USD per million tokens in and out, None when
    unknown; `share` is what of it is charged (a half in batch mode)."""

    def __init__(self, price: tuple[float, float] | None, share: float = 1.0) -> None:
        self.price, self.share = price, share
        self._limit: float | None = None
        self._allowed = 0.0
        self._spent = self._held = 0.0
        self._changed = asyncio.Event()

    def allow(self, usd: float | None) -> None:
        """From now on spend at most `usd` more; None is no limit."""
        self._limit, self._allowed = usd, usd or 0.0
        self._spent = self._held = 0.0

    @property
    def limited(self) -> bool:
        return self._limit is not None

    def cost(self, input_tokens: float, output_tokens: float) -> float | None:
        """USD for an answer; None when the price is unknown."""
        if self.price is None:
            return None
        spent = input_tokens * self.price[0] + output_tokens * self.price[1]
        return spent / 1e6 * self.share

    def most(self, sent_bytes: int, messages: int, max_tokens: int) -> float:
        """The most that a request can cost; 0 when the price is unknown."""
        return self.cost(sent_bytes + TEMPLATE_TOKENS * messages, max_tokens) or 0.0

    async def hold(self, amount: float) -> None:
        """Hold `amount` back. Waits while requests under way may give some back; raises OverBudget
        when the budget does not suffice even if they cost nothing."""
        while self._limit is not None and self._spent + self._held + amount > self._limit:
            if self._spent + amount > self._limit or not self._held:
                raise self.over()
            self._changed.clear()
            await self._changed.wait()
        self._held += amount

    def hold_now(self, amount: float) -> None:
        """Hold `amount` back or raise OverBudget, without waiting."""
        if self._limit is not None and self._spent + self._held + amount > self._limit:
            raise self.over()
        self._held += amount

    def commit(self, amount: float) -> None:
        """Hold `amount` back for what was asked in an earlier run and will be charged."""
        self._held += amount

    def settle(self, held: float, spent: float) -> None:
        """A request ended: give back what was held, and count what it cost."""
        self._held = max(0.0, self._held - held)
        self._spent += spent
        self._changed.set()

    def over(self) -> OverBudget:
        return OverBudget(
            f"not asked: it could pass the budget ({self._spent:.4f} of {self._allowed:.4g} USD "
            "spent in this run)",
            hint="Run again with a larger --budget to go on.",
            retryable=True,
        )
