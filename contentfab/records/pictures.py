"""Key visuals and posters. Frozen, in memory.

Pictures are uint8 RGB arrays of shape (height, width, 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from contentfab.records.brand import Brand
    from contentfab.records.brief import ArtDirection
    from contentfab.records.channel import Placement
    from contentfab.records.places import Area, Box, Point

    Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ProductShape:
    """What a picture must know of the product that will stand in it: its silhouette (`tall`,
    `square` or `wide`) and the side that its own light comes from (`left`, `right`, or `front`
    when neither side is brighter)."""

    silhouette: str
    light: str


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """A key visual of `width` × `height` pixels, text-free. `product_image` is given to models
    that make the picture around the product itself."""

    key: str
    seed: int
    width: int
    height: int
    art_direction: ArtDirection
    product: ProductShape | None = None
    product_image: Path | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a product stands in a key visual. `foot` is the middle of its base; `max_width`,
    `max_height` and `foot_width` are fractions of the picture; `shadow` is the cast shadow's
    direction per unit of product height, in picture units, x to the right, y down. `fixed` is where
    the product's visible pixels must lie, when the picture was made around them; such a picture
    has its own shadows."""

    foot: Point
    max_width: float
    max_height: float
    foot_width: float
    shadow: tuple[float, float] = (0.35, -0.08)
    floats: bool = False
    fixed: Area | None = None


@dataclass(frozen=True, slots=True)
class SceneGeometry:
    """Which part of which studio plate a picture shows, so that its depth can be looked up:
    `plate` is the plate's name in the package data, `part` its visible rectangle before mirroring,
    `to_sun` the unit vector to the light (x to the right, y up, z to the eye)."""

    plate: str
    part: Area
    mirrored: bool
    to_sun: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Provenance:
    """How an asset was made, as the manifest tells it. `digital_source_type` is the last part of
    the IPTC NewsCodes URI, such as `algorithmicMedia`; `adapters` are models that took part beside
    the first (a LoRA, a ControlNet, …), as name@revision."""

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
    adapters: tuple[str, ...] = ()


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
    geometry: SceneGeometry | None = None


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
    (`hero`, `split`, …); `label_corners` are the corners that the law allows for the AI label, the
    most wanted first, none when it is not known."""

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
    label_corners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaptionRequest:
    """A finished picture that needs the AI label `text`, in one of `corners` (`bottom-right`, …),
    the most wanted first."""

    pixels: Picture
    text: str
    locale: str
    corners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Caption:
    """The picture with its label: `box` encloses the glyphs, `plate` what they stand on; `busy` is
    how much was going on where the plate is, 0 … 1."""

    pixels: Picture
    box: Box
    plate: Box
    corner: str
    busy: float


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where a text stands on the finished poster. `ink` is its #RRGGBB, `size` its font size in
    pixels; `box` encloses the glyphs, `rows` those of each line."""

    role: str
    text: str
    box: Box
    size: float
    ink: str
    weight: int = 400
    lines: int = 1
    rows: tuple[Box, ...] = ()


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
    `background` is the same picture before any text was set; contrast is measured on it. `frame` is
    the part of the page that shows the key visual. `neutral` is the same poster with glyphs that
    nobody can read in place of its letters, so that scores see type but no words."""

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
    frame: Box | None = None
    neutral: Picture | None = None
