"""What users write: campaign file, products and segments. Brand guides are in `brand.py`, channel
packs in `channel.py`.

These models are the single source of the JSON Schemas in `docs/schemas/`. They check shape and
plain ranges; what needs other files (does the segment exist, is the picture a picture) is checked
by `stages/brief.py`. Text may be plain or per locale; `rules/locales.py` picks the right one.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from contentfab.records.base import Locale, LocalList, LocalText, Record, Slug, Tone

Jurisdiction = Literal["cn", "eu", "us-ny", "default"]


class Price(Record):
    """An amount in one currency; `amount` is exact, never a float."""

    amount: Decimal = Field(ge=0)
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Product(Record):
    """One product spec. Plain text is in `locale` (default: the campaign's first locale); a plain
    `name` serves all locales, since names are seldom translated."""

    id: Slug
    name: LocalText
    category: LocalText | None = None
    description: LocalText | None = None
    selling_points: LocalList = Field(default_factory=list)
    facts: dict[str, LocalText | int | float | bool] = Field(default_factory=dict)
    price: Price | dict[Locale, Price] | None = None
    image: str | None = Field(None, description="Cut-out picture, relative to the product file.")
    approved_claims: LocalList = Field(default_factory=list)
    disclaimers: LocalList = Field(default_factory=list)
    url: str | None = None
    locale: Locale | None = None


class Segment(Record):
    """An audience. `condition` is what the experiment platform matches on."""

    id: Slug
    name: LocalText | None = None
    description: LocalText = ""
    needs: LocalList = Field(default_factory=list)
    tone: Tone = "warm"
    condition: dict[str, str | int | float | bool] = Field(default_factory=dict)
    locale: Locale | None = None


class ProductSource(Record):
    """A product file with foreign headers: `columns` maps our field to theirs."""

    file: str
    format: Literal["auto", "yaml", "json", "csv", "tsv", "xlsx", "google-merchant", "shopify"] = (
        "auto"
    )
    columns: dict[str, str] = Field(default_factory=dict)
    sheet: str | None = None


class Metric(Record):
    """What the experiment measures; `baseline` and `mde_relative` are proportions."""

    name: str = "click_through"
    type: Literal["proportion", "mean"] = "proportion"
    baseline: float = Field(0.01, gt=0, lt=1)
    mde_relative: float = Field(0.2, gt=0)


class Experiment(Record):
    """How the variants of a cell are tested against each other. `weights` are percentages that
    sum to 100, one per variant; none means equal shares."""

    hypothesis: str = ""
    factor: Literal["copy", "picture", "layout", "creative"] = "copy"
    metric: Metric = Metric()
    weights: list[float] | None = None
    alpha: float = Field(0.05, gt=0, lt=1)
    power: float = Field(0.8, gt=0, lt=1)


class Gates(Record):
    """What a run must reach to end in exit code 0. Unset gates are not checked."""

    brand_fit: float | None = Field(None, ge=0, le=1)
    appeal: float | None = Field(None, ge=0, le=1)
    label: Literal["required"] = "required"


class LabelPolicy(Record):
    """Which AI labels, under whose law. `producer` is the AIGC ContentProducer code (ASCII);
    `depicts_synthetic_person` says that the pictures show people whom a model made, which New York
    wants disclosed."""

    jurisdictions: list[Jurisdiction] = Field(
        default_factory=lambda: list[Jurisdiction](("default",)), min_length=1
    )
    policy: Literal["always", "when_ai"] = "always"
    producer: Annotated[str, Field(pattern=r"^[\x21\x23-\x5B\x5D-\x7E]{1,64}$")] = "contentfab"
    depicts_synthetic_person: bool = False


class Campaign(Record):
    """The campaign file. Paths are relative to it and must stay inside its folder."""

    name: Slug
    title: LocalText | None = None
    brand: str
    products: str | list[Product] | list[str] | ProductSource
    segments: str | list[Segment] = Field(default_factory=list)
    channels: list[str] = Field(min_length=1)
    placements: dict[str, list[str]] = Field(default_factory=dict)
    locales: list[Locale] = Field(min_length=1)
    variants: int = Field(2, ge=1, le=12)
    profile: str = "mini"
    layouts: list[str] = Field(default_factory=list)
    cta: LocalList = Field(default_factory=list)
    landing_url: str | None = None
    disclosures: dict[str, LocalText] = Field(
        default_factory=dict, description="Own advertising disclosure by channel, such as #ad."
    )
    opt_out: LocalText | None = Field(None, description="Own opt-out line for messages.")
    experiment: Experiment = Experiment()
    gates: Gates = Gates()
    label: LabelPolicy = LabelPolicy()
    budget: float | None = Field(None, ge=0, description="USD; the run stops before passing it.")
    seed: int = Field(0, ge=0, lt=2**32)
    copy_: dict[str, Any] = Field(default_factory=dict, alias="copy")
    image: dict[str, Any] = Field(default_factory=dict)
    layout: dict[str, Any] = Field(default_factory=dict)
    score: dict[str, Any] = Field(default_factory=dict)
    watermark: dict[str, Any] = Field(default_factory=dict)
    signer: dict[str, Any] = Field(default_factory=dict)
    executor: dict[str, Any] = Field(default_factory=dict)


class CopyEdit(Record):
    """A line of copy as a person wrote it, in `copy_edits.yaml` beside the campaign. `id` is the
    line's id, `base` the id of the writer whose text was edited, `ai` whether that is a model."""

    id: str
    variant: str
    base: str
    ai: bool
    fields: dict[str, str | list[str]]
