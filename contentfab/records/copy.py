"""What copywriting hands on: requests, drafts, violations, outcomes. Frozen, in memory.

Text in these records is already resolved to one locale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contentfab.records.brief import BrandView, Cell, ProductView, SegmentView
    from contentfab.records.channel import Channel, FieldRule

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
class Claim:
    """Something that a text claims, and the product's field that says so.

    `kind` is number, percent, price, date, duration, measure, superlative, comparative,
    certification, ingredient or absence; `span` holds the offsets of `text` in code points; `value`
    is the claim in one notation (`1.5 volume`); `source` is empty when nothing supports it."""

    kind: str
    text: str
    span: tuple[int, int]
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class ArtChoices:
    """The closed vocabulary of an art direction that a copywriter is asked for."""

    scenes: tuple[str, ...]
    lights: tuple[str, ...]
    moods: tuple[str, ...]
    props: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """All variants of one cell that need copy. `spares` may be written besides, to stand in for
    variants that break the contract; a copywriter is free to leave them out. With `art` an art
    direction is asked for too. `feedback` and `previous` are set on repair: `previous` holds the
    refused drafts of these variants, and what was accepted for others of the cell. `arms` are all
    variants of the cell, also those that are not asked for now: a writer whose texts lean on each
    other writes the same ones whatever part of the cell is asked for first."""

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
    spares: tuple[VariantAsk, ...] = ()
    art: ArtChoices | None = None
    arms: tuple[VariantAsk, ...] = ()

    @property
    def rules(self) -> list[FieldRule]:
        return self.channel.fields


@dataclass(frozen=True, slots=True)
class CopyDraft:
    """Copy for one variant as the copywriter gave it. A field is a str, or a list when the
    channel takes several (RSA headlines). `cta` and `subline` may be there beside the channel's
    own fields: they feed the poster. `art` is the art direction, where one was asked for: scene,
    light, mood, and props (a list)."""

    variant: str
    angle: str
    fields: Fields
    art: Fields = field(default_factory=dict)


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
    """A draft that was refused, and why. Kept in `rejects/`. `attempt` counts from 1."""

    draft: CopyDraft
    violations: tuple[Violation, ...]
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Unusable:
    """An answer that held no drafts: its text as far as it is known, and what was wrong."""

    reason: str
    answer: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote copy: a backend's id, whether it is a model, whether a person edited the text
    afterwards, and a remark for the manifest's checks."""

    id: str
    uses_ai: bool
    human_edited: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class CopyOutcome:
    """What became of one request: accepted drafts, warnings that go with them, every refused
    draft, and for each variant without copy the reason. `author` is set when it is not the run's
    copywriter. `unusable` are answers that held no drafts; `attempts` is how often was asked."""

    request: CopyRequest
    accepted: tuple[CopyDraft, ...]
    warnings: tuple[Violation, ...]
    rejected: tuple[Rejected, ...]
    failures: Mapping[str, str]
    retryable: bool
    usage: Usage
    recipe: Mapping[str, Any] = field(default_factory=dict)
    author: Author | None = None
    unusable: tuple[Unusable, ...] = ()
    attempts: int = 1
