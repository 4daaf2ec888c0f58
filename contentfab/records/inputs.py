"""What users write: campaign file, products, segments, brand guides, channel packs.

These models are the single source of the JSON Schemas in `docs/schemas/`. They check shape and
plain ranges; what needs other files (does the segment exist, is the picture a picture) is checked
by `stages/brief.py`. Text may be plain or per locale; `Localised` helpers pick the right one.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from contentfab.records.base import Record as Record
from contentfab.records.score_weights import Scores

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
HexColour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
LocalText = str | dict[Locale, str]
LocalList = list[LocalText] | dict[Locale, list[str]]
FeedFormat = Literal["auto", "yaml", "json", "csv", "tsv", "xlsx", "google-merchant", "shopify"]
Jurisdiction = Literal["cn", "eu", "us-ny", "default"]
Tone = Literal["warm", "bold", "expert", "playful", "calm", "premium"]


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


class Words(Record):
    """Brand words: `banned` must not occur, `required` must, `spelling` maps wrong to right,
    `terms` maps our word for a thing to the words that we do not use for it, per locale."""

    banned: LocalList = Field(default_factory=list)
    required: LocalList = Field(default_factory=list)
    spelling: dict[str, str] = Field(default_factory=dict)
    terms: dict[Locale, dict[str, str | list[str]]] = Field(default_factory=dict)


class Voice(Record):
    """How the brand speaks."""

    tone: Tone = "warm"
    description: LocalText = ""


class Palette(Record):
    """Brand colours by role. `primary` carries the brand; `background` fills the scene; `text` is
    ink on `background`; `extra` are further colours that count as on-brand."""

    primary: HexColour
    background: HexColour
    text: HexColour
    accent: HexColour
    secondary: HexColour | None = None
    extra: list[HexColour] = Field(default_factory=list)

    def colours(self) -> tuple[str, ...]:
        """Every colour, most important first, without repeats."""
        named = [self.primary, self.background, self.accent, self.secondary, self.text, *self.extra]
        return tuple(dict.fromkeys(c.upper() for c in named if c))


class Fonts(Record):
    """Font families; a file in the brand's `fonts/` folder wins over a pip package. `by_language`
    overrides both roles for a language or locale (`zh-CN: Noto Sans SC`)."""

    heading: str = "Inter"
    body: str = "Inter"
    heading_weight: int = Field(700, ge=100, le=900)
    by_language: dict[str, str] = Field(default_factory=dict)


class Logo(Record):
    """Logo files relative to the brand folder. `clear_space` is in logo heights; `min_width` in
    thousandths of the poster's width. `light_file` is for dark grounds."""

    file: str
    light_file: str | None = None
    clear_space: float = Field(0.5, ge=0, le=3)
    min_width: float = Field(120, ge=20, le=600)


class Imagery(Record):
    """What pictures of this brand look like; `scenes` are names or words for the image model."""

    scenes: list[str] = Field(default_factory=list)
    mood: str = ""
    light: str = ""
    avoid: list[str] = Field(default_factory=list)


class Tokens(Record):
    """Design tokens: what makes a brand look like itself in every layout."""

    corner: float = Field(
        18, ge=0, le=80, description="Corner radius, in thousandths of the shortest side."
    )
    headline_case: Literal["as-is", "upper"] = "as-is"
    spacing: Literal["tight", "normal", "airy"] = Field(
        "normal", description="Margins, gaps and letter spacing."
    )
    scale: Literal["minor-third", "major-third", "fourth", "fifth", "golden"] = Field(
        "fourth",
        description="Type scale: the step between sizes, 1.2 to 1.618. A large step sets a large "
        "headline over small text, a small one keeps them close.",
    )
    tone: Literal["quiet", "normal", "loud"] = Field(
        "normal",
        description="Quiet: smaller headlines, light actions, pale grounds. Loud: larger "
        "headlines, heavy actions, grounds of full brand colour.",
    )
    panel: Literal["flat", "tinted"] = Field(
        "flat", description="Panels in full brand colour, or in a tint of it on the background."
    )
    rule: bool = Field(True, description="Whether layouts may draw hairlines.")


class Brand(Record):
    """A brand guide: `brand_guides/<id>/brand.yaml`, or a folder beside the campaign."""

    id: Slug
    name: LocalText
    tagline: LocalText | None = None
    voice: Voice = Voice()
    words: Words = Words()
    palette: Palette
    fonts: Fonts = Fonts()
    logo: Logo | None = None
    imagery: Imagery = Imagery()
    tokens: Tokens = Tokens()
    exemplars: list[str] = Field(default_factory=list)
    counter_exemplars: list[str] = Field(default_factory=list)
    scores: Scores = Scores()
    disclosures: LocalList = Field(default_factory=list)
    cta: LocalList = Field(default_factory=list, description="Calls to action the brand likes.")
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


class Limit(Record):
    """A further limit of a field, in another metric than its first."""

    metric: str
    max: int
    level: Literal["error", "warn"] = "warn"
    evidence: Literal["A", "B", "C"] = "B"
    source: str


class Form(Record):
    """A form that a field must not have, by its name in `rules/wording/forms.py`."""

    name: str
    level: Literal["error", "warn"] = "warn"
    evidence: Literal["A", "B", "C"] = "B"
    source: str


class FieldRule(Record):
    """One text field of a channel. `metric` names how length is counted (`wording/metrics.py`).
    `level` blocks only with evidence A; `poster_role` says where the field stands on a poster;
    `disclosure`, `opt_out` and `disclaimers` say that the text must carry those of the channel,
    the campaign and the product. Of a list, one entry must be within `one_within` when that is
    set. `prose` is false for names, which are in no language."""

    name: str
    metric: str
    max: int
    min: int = 1
    count_min: int = 1
    count_max: int = 1
    level: Literal["error", "warn"] = "warn"
    evidence: Literal["A", "B", "C"] = "B"
    source: str
    verified_at: str
    emoji: bool = True
    emoji_max: int | None = None
    newline: bool = False
    poster_role: Literal["headline", "subline", "cta"] | None = None
    also: list[Limit] = Field(default_factory=list)
    forbid: list[Form] = Field(default_factory=list)
    one_within: int = 0
    disclosure: bool = False
    opt_out: bool = False
    disclaimers: bool = False
    prose: bool = True


class Placement(Record):
    """A picture slot. `safe` are insets (top, right, bottom, left) as fractions of the size that
    the platform may cover. `max_bytes` 0 means no known limit; `formats` are those that the channel
    takes besides `format`, for a picture that does not fit into it."""

    id: str
    width: int
    height: int
    format: Literal["png", "jpeg", "webp", "avif"] = "png"
    max_bytes: int = 0
    formats: tuple[Literal["png", "jpeg", "webp", "avif"], ...] = ()
    safe: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    source: str = ""
    verified_at: str = ""


class Channel(Record):
    """A channel pack: text fields with limits, picture placements, what must be disclosed."""

    id: str
    name: str
    fields: list[FieldRule]
    placements: list[Placement] = Field(default_factory=list)
    default_placements: list[str] = Field(default_factory=list)
    disclosure: dict[str, str] = Field(default_factory=dict)
    opt_out: dict[str, str] = Field(default_factory=dict)
    notes: str = ""
