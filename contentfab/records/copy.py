"""What copywriting hands on: requests, drafts, violations, outcomes. Frozen, in memory.

Text in these records is already resolved to one locale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contentfab.records.brief import BrandView, Cell, ProductView, SegmentView
    from contentfab.records.inputs import Channel, FieldRule

Fields = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class VariantAsk:
    """One variant that the copywriter is asked for."""

    id: str
    angle: str


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule in one field, in words a writer (human or model) can act on.

    `measure` and `limit` are in the rule's metric; `level` is error or warn."""

    variant: str
    field: str
    rule: str
    message: str
    measure: float | None = None
    limit: float | None = None
    level: str = "error"


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """All variants of one cell that need copy. `feedback` and `previous` are set on repair."""

    key: str
    cell: Cell
    product: ProductView
    segment: SegmentView
    brand: BrandView
    channel: Channel
    variants: tuple[VariantAsk, ...]
    seed: int
    feedback: tuple[Violation, ...] = ()
    previous: tuple[CopyDraft, ...] = ()

    @property
    def rules(self) -> list[FieldRule]:
        return self.channel.fields


@dataclass(frozen=True, slots=True)
class CopyDraft:
    """Copy for one variant as the copywriter gave it. A field is a str, or a list when the
    channel takes several (RSA headlines). `cta` and `subline` may be there beside the channel's
    own fields: they feed the poster."""

    variant: str
    angle: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call cost. `cost_usd` None means the price is unknown, not nothing."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0


@dataclass(frozen=True, slots=True)
class CopyReply:
    """The copywriter's answer to one request. `error` is set instead of drafts when it failed;
    `recipe` holds what reproduces the call (model, prompt) and stays in the run folder."""

    key: str
    drafts: tuple[CopyDraft, ...] = ()
    usage: Usage = Usage()
    error: str = ""
    retryable: bool = False
    recipe: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A draft that was refused, and why. Kept in `rejects/`."""

    draft: CopyDraft
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class CopyOutcome:
    """What became of one request: accepted drafts, warnings that go with them, every refused
    draft, and for each variant without copy the reason."""

    request: CopyRequest
    accepted: tuple[CopyDraft, ...]
    warnings: tuple[Violation, ...]
    rejected: tuple[Rejected, ...]
    failures: Mapping[str, str]
    retryable: bool
    usage: Usage
    recipe: Mapping[str, Any] = field(default_factory=dict)
