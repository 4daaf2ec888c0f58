"""A loaded campaign, its cells and variants, and its texts in one locale. Frozen, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contentfab.records.base import Tone
    from contentfab.records.brand import Brand
    from contentfab.records.channel import Channel
    from contentfab.records.inputs import Campaign, CopyEdit, Product, Segment
    from contentfab.records.pictures import ProductShape


@dataclass(frozen=True, slots=True)
class EditedLine:
    """Copy that a person edited, and the line of the file where it stands."""

    edit: CopyEdit
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Brief:
    """A campaign file with everything it names, loaded and valid. `digests` maps every file that
    was read, relative to `root`, to its sha256; `edits` maps variant ids to hand-edited copy;
    `product_shapes` has what a key visual must know of each product that has a picture."""

    campaign: Campaign
    brand: Brand
    brand_dir: Path
    products: tuple[Product, ...]
    segments: tuple[Segment, ...]
    channels: tuple[Channel, ...]
    root: Path
    product_images: Mapping[str, Path]
    digests: Mapping[str, str]
    edits: Mapping[str, EditedLine] = field(default_factory=dict)
    product_shapes: Mapping[str, ProductShape] = field(default_factory=dict)


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
    """The brand's words in one locale. `cta` are the calls to action that it likes; `terms` maps
    its word for a thing to the words that it does not use."""

    id: str
    name: str
    tagline: str = ""
    tone: Tone = "warm"
    voice: str = ""
    banned: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    spelling: Mapping[str, str] = field(default_factory=dict)
    cta: tuple[str, ...] = ()
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
