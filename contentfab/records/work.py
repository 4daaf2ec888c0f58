"""What stages hand to each other while a campaign is made. Frozen, in memory, never on disk.

Coordinates: `Box` is in pixels of the picture it belongs to; `Area` and `Point` are fractions of
width and height, so they survive a resize. Pictures are uint8 RGB arrays of shape (height, width,
3). Text in these records is already resolved to one locale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from contentfab.records.inputs import (
        Brand,
        Campaign,
        Channel,
        FieldRule,
        Placement,
        Product,
        Segment,
        Tone,
    )

    Picture = NDArray[np.uint8]

Fields = Mapping[str, str | list[str]]


class Point(NamedTuple):
    """A place in a picture, as fractions of its width and height, from the top left."""

    x: float
    y: float


class Area(NamedTuple):
    """A rectangle in fractions of width and height."""

    x0: float
    y0: float
    x1: float
    y1: float


class Box(NamedTuple):
    """A rectangle in pixels, right and bottom exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Brief:
    """A campaign file with everything it names, loaded and valid. `digests` maps every file that
    was read, relative to `root`, to its sha256."""

    campaign: Campaign
    brand: Brand
    brand_dir: Path
    products: tuple[Product, ...]
    segments: tuple[Segment, ...]
    channels: tuple[Channel, ...]
    root: Path
    product_images: Mapping[str, Path]
    digests: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """product × segment × channel × locale. `id` joins the four ids with `--`, in lower case."""

    id: str
    product: str
    segment: str
    channel: str
    locale: str


@dataclass(frozen=True, slots=True)
class ArtDirection:
    """A structured picture request. `scene` is a scene name or words; `palette` maps the roles
    wall, podium, accent (and more) to #RRGGBB; `copy_space` is where text will stand: top, bottom,
    left or right."""

    scene: str
    subject: str
    palette: Mapping[str, str]
    light: str = ""
    mood: str = ""
    copy_space: str = "top"


@dataclass(frozen=True, slots=True)
class Variant:
    """One arm of a cell as planned. `id` is `<cell id>--<letter>`; `a` is the control."""

    id: str
    cell: Cell
    letter: str
    angle: str
    art_direction: ArtDirection
    layout: str
    weight_bp: int
    copy_key: str
    shares_copy_of: str = ""

    @property
    def control(self) -> bool:
        return self.letter == "a"


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product in one locale. `price` is formatted for the locale ("" when unset)."""

    id: str
    name: str
    category: str = ""
    description: str = ""
    selling_points: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    price: str = ""
    claims: tuple[str, ...] = ()
    disclaimers: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A segment in one locale."""

    id: str
    name: str
    description: str = ""
    needs: tuple[str, ...] = ()
    tone: Tone = "warm"


@dataclass(frozen=True, slots=True)
class BrandView:
    """The brand's words in one locale. `cta` are the calls to action that it likes."""

    id: str
    name: str
    tagline: str = ""
    tone: Tone = "warm"
    voice: str = ""
    banned: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    spelling: Mapping[str, str] = field(default_factory=dict)
    cta: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """A key visual of `width` × `height` pixels, text-free."""

    key: str
    seed: int
    width: int
    height: int
    art_direction: ArtDirection


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a product stands in a key visual. `foot` is the middle of its base; `max_width`,
    `max_height` and `foot_width` are fractions of the picture; `shadow` is the cast shadow's
    direction per unit of product height, in picture units, x to the right, y down."""

    foot: Point
    max_width: float
    max_height: float
    foot_width: float
    shadow: tuple[float, float] = (0.35, -0.08)
    floats: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """How an asset was made, as the manifest tells it. `digital_source_type` is the last part of
    the IPTC NewsCodes URI, such as `algorithmicMedia`."""

    digital_source_type: str
    engine: str
    model: str
    model_revision: str
    seed: int = 0
    steps: int = 0
    guidance_scale: float = 0.0
    scheduler: str = ""
    prompt: str = ""
    uses_ai: bool = False


@dataclass(frozen=True, slots=True)
class KeyVisual:
    """The text-free picture. `stand` is None when the backend does not know one; `quiet` are
    calm areas for text, best first."""

    key: str
    pixels: Picture
    provenance: Provenance
    stand: Stand | None = None
    quiet: tuple[Area, ...] = ()
    scene: str = ""


@dataclass(frozen=True, slots=True)
class PosterText:
    """What is written on a poster, in the order it is read. `label` is the visible AI label, `ad`
    the advertising disclosure some channels ask for."""

    headline: str
    subline: str = ""
    cta: str = ""
    price: str = ""
    disclaimer: str = ""
    label: str = ""
    ad: str = ""


@dataclass(frozen=True, slots=True)
class PosterRequest:
    """One poster to lay out. `product_image` is an RGBA cut-out or None; `layout` names a family
    (`hero`, `split`, …)."""

    key: str
    variant: str
    layout: str
    placement: Placement
    locale: str
    text: PosterText
    key_visual: KeyVisual
    product_image: Path | None
    brand: Brand
    brand_dir: Path
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where a text stands on the finished poster. `ink` is its #RRGGBB, `size` its font size in
    pixels; `box` encloses the glyphs."""

    role: str
    text: str
    box: Box
    size: float
    ink: str
    weight: int = 400
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of inspecting a finished poster. `level` is pass, warn or error."""

    rule: str
    level: str
    message: str
    measure: float | None = None
    limit: float | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Poster:
    """A composed poster before labelling: pixels with the visible label already in the layout.
    `background` is the same picture before any text was set; contrast is measured on it."""

    key: str
    variant: str
    placement: str
    layout: str
    pixels: Picture
    texts: tuple[TextBox, ...]
    product_box: Box | None
    logo_box: Box | None
    findings: tuple[Finding, ...] = ()
    background: Picture | None = None


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """A picture to score for a brand. `poster` brings geometry when the picture is our own;
    `exemplars` and `counter_exemplars` are picture files of the brand."""

    key: str
    pixels: Picture
    brand: Brand
    text: str = ""
    poster: Poster | None = None
    exemplars: tuple[Path, ...] = ()
    counter_exemplars: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One part of a score, in [0, 1], with a sentence that explains the number."""

    name: str
    value: float
    explanation: str


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """Scores of one picture, in [0, 1]; None when the scorer cannot say. `calibration_id` names
    model, preprocessing and prompts: numbers with different ids must not be compared; `note` is
    what a reader must know first."""

    key: str
    appeal: float | None
    brand_fit: float | None
    criteria: tuple[Criterion, ...]
    calibration_id: str
    model: str
    uses_clip: bool
    appeal_percentile: float | None = None
    appeal_confidence: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A finished picture to label and encode. `asset_id` is hex; `created` (ISO 8601) goes into the
    XMP packet; `visible` is the text already drawn (with `visible_box`), which must be at least
    `visible_min_height` of the shortest side tall."""

    key: str
    asset_id: str
    pixels: Picture
    media_type: str
    max_bytes: int
    provenance: Provenance
    producer: str
    created: str
    visible: str = ""
    visible_box: Box | None = None
    visible_min_height: float = 0.0


@dataclass(frozen=True, slots=True)
class LayerReading:
    """What one label layer says when read back. `state` is one of valid, untrusted, absent,
    invalid, not_checked."""

    layer: str
    state: str
    detail: str = ""
    id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """Final bytes of a poster, with every layer read back from those bytes."""

    key: str
    asset_id: str
    data: bytes
    media_type: str
    width: int
    height: int
    layers: tuple[LayerReading, ...]
